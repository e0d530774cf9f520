"""Figures beyond tables and lines: grids of colour, surfaces, scatters, areas, steps, states, and forms.

Kept beside ``engine.page``, which names them all in ``Figure``. Arrays are numpy's; NaN is a blank.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np

    from engine.page import ColumnKind, Series


@dataclass(frozen=True, slots=True)
class Heatmap:
    """A grid of values told by colour and by number. ``values`` float64 (len(rows), len(columns))."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: np.ndarray
    kind: ColumnKind = "number"
    decimals: int = 2
    unit: str = ""
    scale: Literal["diverging", "sequential"] = "diverging"
    center: float = 0.0  # where a diverging scale has no colour
    low: float | None = None  # ends of the scale; of the values where None
    high: float | None = None
    row_title: str = ""
    column_title: str = ""
    formula: str = ""
    commands: tuple[str, ...] = ()  # what choosing a row runs; one a row, or none


@dataclass(frozen=True, slots=True)
class SurfacePoint:
    """A quote that a surface was fitted to."""

    x: float
    y: float
    value: float
    label: str
    used: bool = True


@dataclass(frozen=True, slots=True)
class Surface:
    """A value over two numbers. ``x`` (n,), ``y`` (m,) ascend; ``values`` float64 (m, n)."""

    x: np.ndarray
    y: np.ndarray
    values: np.ndarray
    x_title: str
    y_title: str
    x_labels: tuple[str, ...] = ()
    y_labels: tuple[str, ...] = ()
    kind: ColumnKind = "percent"
    decimals: int = 1
    unit: str = ""
    formula: str = ""
    points: tuple[SurfacePoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """One point of a scatter; choosing it runs ``command``."""

    x: float
    y: float
    label: str = ""
    group: str = ""
    size: float = 1.0
    command: str = ""


@dataclass(frozen=True, slots=True)
class ScatterLine:
    """A line through a scatter, in words what it is. ``x`` and ``y`` (n,), ``x`` ascends."""

    name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Scatter:
    """Points over two numbers, with lines (a regression, an efficient frontier) where given."""

    marks: tuple[Mark, ...]
    x_title: str
    y_title: str
    lines: tuple[ScatterLine, ...] = ()
    x_kind: ColumnKind = "number"
    y_kind: ColumnKind = "number"
    x_decimals: int = 2
    y_decimals: int = 2
    x_unit: str = ""
    y_unit: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One area of a treemap: ``size`` (positive) is its area, ``value`` its colour (None: no colour)."""

    label: str
    size: float
    value: float | None = None
    group: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class Treemap:
    """Areas that add up to a whole, coloured by a second value around ``center``."""

    tiles: tuple[Tile, ...]
    size_title: str
    value_title: str = ""
    size_kind: ColumnKind = "percent"
    value_kind: ColumnKind = "percent"
    size_decimals: int = 1
    value_decimals: int = 1
    unit: str = ""
    center: float = 0.0
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a waterfall: a total stands on the axis, a change on the step before it."""

    label: str
    value: float
    total: bool = False
    formula: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Waterfall:
    """From one number to another by what adds and what takes away."""

    steps: tuple[Step, ...]
    kind: ColumnKind = "number"
    decimals: int = 2
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """States over dates, each with its probability.

    ``dates`` datetime64[D] (n,) ascending; ``states`` int64 (n,), an index into ``names``, -1 where none;
    ``probabilities`` float64 (n, len(names)) or None; ``line`` is drawn above (a price). ``tones`` says of each
    state how it is coloured; the name is always written too.
    """

    dates: np.ndarray
    names: tuple[str, ...]
    states: np.ndarray
    probabilities: np.ndarray | None = None
    line: Series | None = None
    line_scale: Literal["linear", "log"] = "log"
    tones: tuple[Literal["good", "calm", "warn", "bad"], ...] = ()
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One assumption of a page: an argument of its command, which the reader may change on the screen.

    ``text`` is what one would type (``NAME=text`` makes the page anew with it), ``shown`` how it reads.
    """

    name: str
    label: str
    text: str
    shown: str
    unit: str = ""
    help: str = ""
    given: bool = False  # typed by the reader; otherwise ``basis`` says where the value comes from
    basis: str = ""
    group: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A page's assumptions. Editing one runs the page's command again with that argument changed."""

    fields: tuple[Field, ...]

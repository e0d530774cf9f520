"""The answer of a function: a page of panels, each holding one figure.

Front ends (terminal widgets, headless encoders, HTML renderers) know figures and never functions.
Everything here is a plain frozen dataclass over polars frames or numpy arrays; nothing heavy is
imported, so that the way to the first paint may import it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, TypeAlias

from engine.figures import Form, Heatmap, Scatter, Surface, Timeline, Treemap, Waterfall

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from store.reads import Read

ColumnKind: TypeAlias = Literal[
    "text",  # outside or inside text, shown as it is, never as markup
    "integer",
    "number",
    "price",
    "percent",  # a fraction, 0.05 shown as 5.00%
    "change",  # a fraction told with sign and arrow
    "ratio",
    "date",
    "instant",  # UTC instant
    "mark",  # DIFF's restated / revised / newly known
]


class Blank(StrEnum):
    """The three kinds of blank, told apart on every front end."""

    NOT_YET_KNOWN = "not yet known"
    NEVER_EXISTED = "never existed"
    FAILED = "failed to load"


BLANK_GLYPHS: Mapping[Blank, str] = {
    Blank.NOT_YET_KNOWN: "…",
    Blank.NEVER_EXISTED: "—",
    Blank.FAILED: "✗",
}


@dataclass(frozen=True, slots=True)
class CellSource:
    """Where the cells of a column come from, so that WHY can fetch their rows again.

    ``keys`` maps the source table's key columns to the columns of the figure's frame that hold
    their values; ``constants`` gives those that are the same for every row. Where rows come from several
    tables, ``table_from`` names the frame's column that says which; ``table`` is then empty, ``column`` is a
    price's name, and a frame column "basis" says which series of closes.
    """

    table: str
    column: str
    keys: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)
    table_from: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: how it is named, formatted, and explained."""

    name: str
    label: str
    kind: ColumnKind = "text"
    decimals: int | None = None
    unit: str = ""
    formula: str = ""
    source: CellSource | None = None
    blank: str | None = None  # name of a frame column of Blank values, for cells that are null
    default_blank: Blank = Blank.NEVER_EXISTED  # what a null cell means where ``blank`` is not given
    width: int | None = None  # at most this many cells wide
    least: int | None = None  # of a text: cells that it keeps before columns further right are shown
    formula_from: str = ""  # name of a frame column with each cell's own formula, where cells differ
    decimals_from: str = ""  # name of a frame column with each cell's own decimals, where cells differ

    def places(self, row: Mapping[str, object]) -> int | None:
        """Decimals of the cell in ``row`` of the figure's frame."""
        own = row.get(self.decimals_from)
        return own if isinstance(own, int) else self.decimals


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a frame; columns of the frame that ``columns`` does not name are not shown."""

    frame: pl.DataFrame
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()  # frame columns that identify a row across clocks (ASOF DIFF)
    command: str | None = None  # frame column holding the command that choosing a row runs
    emphasis: str | None = None  # frame column holding "", "up", "down", "strong", "muted" a row
    empty: str = "Nothing to show."  # what stands there when the frame has no rows, and what to do next
    pinned: str = ""  # the column that stays when a window is scrolled right; the first where none is named


@dataclass(frozen=True, slots=True)
class Metric:
    """One labelled value. ``value`` None is a blank of kind ``blank``."""

    label: str
    value: str | int | float | date | datetime | None
    kind: ColumnKind = "text"
    decimals: int | None = None
    unit: str = ""
    formula: str = ""
    source: CellSource | None = None
    note: str = ""
    blank: Blank = Blank.NEVER_EXISTED
    factor: float | None = None  # value / factor is what the source's row says, where that is known


@dataclass(frozen=True, slots=True)
class Metrics:
    """Labelled values, laid out in as many columns as the panel is wide."""

    items: tuple[Metric, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One line over dates. ``dates`` datetime64[D], ``values`` float64, both shape (n,), NaN is a gap.

    ``factors``, where known, has the same shape: values / factors are what the source's rows say.
    """

    name: str
    dates: np.ndarray
    values: np.ndarray
    unit: str = ""
    formula: str = ""
    source: CellSource | None = None  # keys may name "session_date", filled from ``dates``
    factors: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A dated mark on a time axis (split, dividend, delisting); with a ``level``, in the plot too, at it."""

    date: date
    kind: str
    label: str
    level: float | None = None


@dataclass(frozen=True, slots=True)
class Candles:
    """Open, high, low, close over sessions, with volume below and lines above.

    ``frame`` has session_date (Date, ascending, unique), open, high, low, close (Float64) and
    volume (Float64 or Int64, may be null). Sessions follow one another without gaps for weekends.
    Bars of several sessions also say which of them made what (``engine.quant.resample.resample_frame``).

    Bars within sessions: ``zone`` is the exchange's time zone, and the frame also has start_at (UTC instants at
    which the bars begin, ascending, unique), local_time (the same on the exchange's clocks, no zone) and may have
    phase (text: the part of the trading day). Of session_date there are then many alike.
    """

    frame: pl.DataFrame
    name: str
    unit: str = ""
    decimals: int = 2
    scale: Literal["linear", "log"] = "linear"
    overlays: tuple[Series, ...] = ()
    events: tuple[Event, ...] = ()
    source: CellSource | None = None  # column "close" stands for all of open, high, low, close, volume
    formula: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """One or more lines over a shared time axis."""

    series: tuple[Series, ...]
    unit: str = ""
    decimals: int = 2
    scale: Literal["linear", "log"] = "linear"
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Bars:
    """A small bar chart: one value a label (dividends a year).

    ``errors``, where known, has a value's length each: it reaches from ``value - error`` to ``value + error``
    (NaN: not known), and ``error`` says in words what that is.
    """

    labels: tuple[str, ...]
    values: tuple[float, ...]
    unit: str = ""
    decimals: int = 2
    errors: tuple[float, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class CurveSeries:
    """One curve. ``x``, ``labels`` and ``values`` have one length, ``x`` ascends, NaN is a gap.

    ``source``'s keys may name "label", filled from ``labels``.
    """

    name: str
    x: tuple[float, ...]
    labels: tuple[str, ...]
    values: tuple[float, ...]
    formula: str = ""
    source: CellSource | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """Values over a number that is no date: yields over tenors. Fractions where ``kind`` is percent."""

    series: tuple[CurveSeries, ...]
    x_unit: str = ""
    unit: str = ""
    kind: ColumnKind = "number"
    decimals: int = 2
    scale: Literal["linear", "log"] = "linear"  # of x


@dataclass(frozen=True, slots=True)
class Text:
    """Plain paragraphs. A line that starts with "# " is a heading; nothing else is interpreted."""

    lines: tuple[str, ...]


Figure: TypeAlias = (
    Table | Metrics | Candles | Lines | Bars | Curve | Text
    | Heatmap | Surface | Scatter | Treemap | Waterfall | Timeline | Form
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Panel:
    """A titled place on the page. ``weight`` shares the height (or width) out among panels."""

    name: str  # stable within the function: "price", "actions"; names what EXPORT and DIFF address
    title: str
    figure: Figure
    weight: int = 1
    side: bool = False  # may stand beside the panel before it where the window is wide enough


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence the reader must see: staleness, a basis, a warning, an error.

    ``passing``: about the line that was run (a file saved, how a word was taken), not about the page; it is
    shown once and is no part of the page's content.
    """

    text: str
    level: Literal["info", "warning", "error"] = "info"
    passing: bool = False


@dataclass(frozen=True, slots=True)
class SecurityRef:
    """A security as it was called at the page's clock."""

    security_id: int
    ticker: str
    market: str  # the market word that qualifies it: "US EQUITY", "INDEX", "CURNCY" ...
    name: str
    asset_class: str
    currency: str = ""
    exchange: str = ""

    @property
    def label(self) -> str:
        return f"{self.ticker} {self.market}"


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a page was made from; with it the page can be made again."""

    asof: datetime  # UTC; the instant of the run where the clock stood at NOW
    live: bool  # the clock stood at NOW
    snapshot: int  # newest commit of the store that the page could see
    snapshot_id: str  # what OPEN takes
    command: str  # canonical, with every default written out
    version: str
    user: str = ""
    recorded: datetime | None = None  # "as recorded on", where REC was set
    reads: tuple[Read, ...] = ()
    sources: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def figure_reads(self) -> tuple[Read, ...]:
        """The reads behind the figures: without those that only told what securities are called."""
        return tuple(read for read in self.reads if read.table != "securities") or self.reads


@dataclass(frozen=True, slots=True)
class Page:
    """What a function answers."""

    title: str
    panels: tuple[Panel, ...]
    function: str = ""
    security: SecurityRef | None = None
    notes: tuple[Note, ...] = ()
    live: str = ""  # of a page that changes by itself (a job that runs): the line that shows it as it is then
    # set by the desk, never by a function
    securities: tuple[SecurityRef, ...] = ()  # all that the command was about, first the one above
    lineage: Lineage | None = None

    def panel(self, name: str) -> Panel | None:
        return next((panel for panel in self.panels if panel.name == name), None)


def text_page(title: str, lines: Sequence[str], *, function: str = "", notes: Sequence[Note] = ()) -> Page:
    """A page of one text panel."""
    return Page(title, (Panel("text", title, Text(tuple(lines))),), function=function, notes=tuple(notes))

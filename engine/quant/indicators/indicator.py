"""What the catalogue says of an indicator: what it takes, what it answers, how it is drawn, where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Value: TypeAlias = int | float | str
Kind: TypeAlias = Literal["integer", "number", "average", "date"]
Style: TypeAlias = Literal["line", "dashed", "histogram", "mark", "aside"]
Maths: TypeAlias = Callable[..., Mapping[str, NDArray[np.float64]]]

AVERAGES: Mapping[str, int] = {
    "SMA": 0, "EMA": 1, "WMA": 2, "DEMA": 3, "TEMA": 4, "TRIMA": 5, "KAMA": 6, "MAMA": 7, "T3": 8, "HMA": 9,
    "NONE": 10, "DEFAULT": 11, "ZLEMA": 12, "RMA": 13,
}  # fmt: skip
_WORDS: Mapping[Kind, str] = {
    "integer": "a whole number", "number": "a number", "average": "a kind of moving average", "date": "a date",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """One setting of an indicator. Bounds are inclusive; those of an average or a date say nothing."""

    name: str
    default: Value
    kind: Kind = "integer"
    minimum: float = 0.0
    maximum: float = 100_000.0

    @property
    def takes(self) -> str:
        """What it takes, in words."""
        if self.kind == "average":
            return f"{_WORDS[self.kind]}: {', '.join(AVERAGES)}"
        if self.kind == "date":
            return _WORDS[self.kind]
        if abs(self.minimum) >= 1e30 or self.maximum >= 1e30:
            return f"{_WORDS[self.kind]}" + (f" of {self.minimum:g} or more" if self.minimum > -1e30 else "")
        return f"{_WORDS[self.kind]} from {self.minimum:g} to {self.maximum:g}"

    def check(self, value: object, of: str) -> Value:
        """``value`` as the maths takes it (an average as its word). Raises ValueError naming the bounds."""
        wrong = ValueError(f"{of} takes {self.name} as {self.takes}; {value!r} is none.")
        if self.kind == "date":
            return str(value)
        if self.kind == "average":
            if isinstance(value, str) and value.upper() in AVERAGES:
                return value.upper()
            named = {number: word for word, number in AVERAGES.items()}
            if isinstance(value, int) and value in named:
                return named[value]
            raise wrong
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong
        if not self.minimum <= value <= self.maximum or (self.kind == "integer" and value != int(value)):
            raise wrong
        return int(value) if self.kind == "integer" else float(value)


@dataclass(frozen=True, slots=True)
class Output:
    """One line of an indicator, and how it is drawn. Marks stand at single bars (patterns, turns); what is aside has
    another unit than the rest, and is told and not drawn."""

    name: str
    style: Style = "line"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One entry of the catalogue.

    ``over_price``: drawn over the bars, in the price's unit; otherwise in a pane of its own. ``low`` and ``high``
    bound what it can be; ``levels`` are lines that readers compare it with. ``maths`` is None where TA-Lib computes
    it. ``seeded``: values depend on where the history starts (see ``compute``).
    """

    name: str
    title: str
    group: str
    inputs: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    outputs: tuple[Output, ...]
    formula: str
    source: str
    over_price: bool = False
    unit: str = ""
    low: float | None = None
    high: float | None = None
    levels: tuple[float, ...] = ()
    seeded: bool = False
    aliases: tuple[str, ...] = ()
    maths: Maths | None = field(default=None, compare=False)
    wait: Callable[[Mapping[str, Value]], int] | None = field(default=None, compare=False)

    @property
    def defaults(self) -> dict[str, Value]:
        return {each.name: each.default for each in self.parameters}

    def settings(self, params: Mapping[str, object]) -> dict[str, Value]:
        """Every parameter's value: those given, checked, and the others' defaults.

        Raises
        ------
        ValueError
            A parameter that it has not, or a value out of bounds.
        """
        known = {each.name: each for each in self.parameters}
        unknown = [name for name in params if name not in known]
        if unknown:
            takes = ", ".join(known) or "no parameters"
            raise ValueError(f"{self.name} has no parameter {unknown[0]}: it takes {takes}.")
        given = {name: known[name].check(value, self.name) for name, value in params.items()}
        return self.defaults | given

    def warm_up(self, **params: object) -> int:
        """Bars before the first value: the value of bar number ``warm_up`` (from 0) is the first known."""
        settings = self.settings(params)
        if self.wait is not None:
            return self.wait(settings)
        from engine.quant.indicators.kernel import lookback

        return lookback(self.name, tuple(settings.items()))

"""A column of values with what is needed to write them, whatever figure they are of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.page import Blank, ColumnKind, Series

__all__ = ["GridColumn", "aligned"]


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One column of values with what is needed to write them. ``blanks`` has a kind a row, or is empty."""

    name: str
    label: str
    kind: ColumnKind
    values: Sequence[object]
    decimals: int | None = None
    unit: str = ""
    blanks: tuple[Blank, ...] = ()
    default_blank: Blank = Blank.NEVER_EXISTED
    width: int | None = None
    own_decimals: tuple[int | None, ...] = ()  # one a row, or empty

    def places(self, row: int) -> int | None:
        own = self.own_decimals[row] if self.own_decimals else None
        return self.decimals if own is None else own

    def blank(self, row: int) -> Blank:
        return self.blanks[row] if self.blanks else self.default_blank


def aligned(series: Series, dates: list[date], decimals: int | None, unit: str) -> GridColumn:
    """The values of ``series`` on ``dates``; a day it has no value for is blank."""
    known = dict(zip(series.dates.tolist(), series.values.tolist(), strict=True))
    values = [known.get(day) for day in dates]
    return GridColumn(series.name, series.name, "price", values, decimals, series.unit or unit)

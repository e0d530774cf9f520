"""Values, series and sources as JSON knows them: what the writers of all figures share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from math import isfinite
from typing import Any

from engine.encode.csv import instant
from engine.page import CellSource, Series
from engine.sanitize import clean

__all__ = ["cell_source", "plain", "plain_values", "series_object"]


def series_object(series: Series) -> dict[str, Any]:
    """A line as columns of equal length."""
    return {
        "name": plain(series.name),
        "unit": plain(series.unit),
        "dates": plain_values(series.dates.tolist()),
        "values": plain_values(series.values.tolist()),
        "formula": plain(series.formula),
        "source": cell_source(series.source),
    }


def cell_source(source: CellSource | None) -> dict[str, Any] | None:
    """Where cells come from: table, column, and the row's key."""
    if source is None:
        return None
    constants = {name: plain(value) for name, value in source.constants.items()}
    table = {"table": source.table} | ({"table_from": source.table_from} if source.table_from else {})
    return {**table, "column": source.column, "keys": dict(source.keys), "constants": constants}


def plain_values(values: Iterable[object]) -> list[Any]:
    """Every value as JSON knows it."""
    return [plain(value) for value in values]


def plain(value: object) -> Any:
    """``value`` as JSON knows it: text cleaned, NaN and infinities null, dates ISO, instants UTC."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value + 0.0 if isfinite(value) else None  # -0.0 and 0.0 are one number
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return clean(value, newlines=True)
    if hasattr(value, "item"):  # a numpy scalar
        return plain(value.item())
    return clean(str(value), newlines=True)

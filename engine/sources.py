"""Which row of which table a cell came from, and what it was multiplied by on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.page import CellSource

BARS = ("open", "high", "low", "close", "volume")


def traced(
    source: CellSource | None, values: Mapping[str, Any]
) -> tuple[CellSource | None, dict[str, object]]:
    """The source of one row's cell with its table settled, and the key of the row it came from.

    ``values`` are the figure's row. Where its table stands in a column of its own (``table_from``), the key
    is fitted to that table: closes have a basis, observations a period and a value.
    """
    if source is None or any(column not in values for column in source.keys.values()):
        return None, {}  # a bar of several contracts has no one row
    key = dict(source.constants) | {name: values[column] for name, column in source.keys.items()}
    if not source.table_from:
        return source, key
    name = values.get(source.table_from)
    if not name:
        return None, {}
    from store.schema import table

    column = {"observations": "value", "closes": "close"}.get(name, source.column)
    held = {**values, **key, "period_date": key.get("period_date", key.get("session_date"))}
    return replace(source, table=name, column=column, table_from=""), {
        part: held.get(part) for part in table(name).key
    }


def made_in(candle: Mapping[str, Any], column: str) -> Any:
    """The session whose row gives a bar's ``column``: the bar's own, or of a week's high the day it was made."""
    return candle.get(f"{column}_date") or candle["session_date"]


def factor_of(row: Mapping[str, Any], column: str) -> float | None:
    """What the source's value was multiplied by to give ``column`` of a figure's row, where the row says."""
    if (own := row.get(f"{column}_factor")) is not None and column in BARS:
        return float(own)
    split, dividend = row.get("split_factor"), row.get("dividend_factor")
    if split is None or dividend is None:
        return None
    return 1.0 / float(split) if column == "volume" else float(split) * float(dividend)

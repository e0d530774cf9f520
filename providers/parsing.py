"""Small steps that sources share on the way from an answer to a frame: numbers, instants, days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from polars.datatypes import DataType, DataTypeClass

    from store.batch import Quarantined

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
INTERVALS = {
    "1m": timedelta(minutes=1),
    "5m": timedelta(minutes=5),
    "15m": timedelta(minutes=15),
    "30m": timedelta(minutes=30),
    "1h": timedelta(hours=1),
}


def number(value: Any) -> float | None:
    """A number out of JSON or text; None where it is none, so that the check of the row can say so."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def whole(value: Any) -> int | None:
    """A whole number, rounded; None where it is none, or not finite."""
    found = number(value)
    return round(found) if found is not None and abs(found) < 2**63 else None


def from_millis(value: Any) -> datetime | None:
    """An instant out of milliseconds since 1970; None where it is none, or beyond the calendar."""
    found = whole(value)
    try:
        return None if found is None else EPOCH + timedelta(milliseconds=found)
    except OverflowError:
        return None


def to_millis(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(milliseconds=1)


def midnight(day: date) -> datetime:
    """The first instant of a UTC day."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def frame_of(
    rows: Sequence[Mapping[str, Any]], schema: Mapping[str, DataType | DataTypeClass]
) -> pl.DataFrame:
    """Rows as a frame with each of them once; an answer that repeats a row on two pages says it once.

    Rows of one key that contradict one another both stay: the checks set the second aside.
    """
    import polars as pl

    return pl.DataFrame(rows, schema=dict(schema), orient="row").unique(maintain_order=True)


def set_aside(table: str, reason: str, rows: Sequence[Any]) -> tuple[Quarantined, ...]:
    """Pieces of an answer that cannot be mapped to rows, as they came."""
    import json

    import polars as pl

    from store.batch import Quarantined

    if not rows:
        return ()
    texts = [json.dumps(row, default=str)[:500] for row in rows]
    return (Quarantined(table, reason, pl.DataFrame({"answered": texts})),)

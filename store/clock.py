"""Instants and dates as the integers the catalog keeps: microseconds and days since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from store.errors import StoreError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_EPOCH_DAY = date(1970, 1, 1).toordinal()

FOREVER = 253_402_300_799_000_000  # 9999-12-31 23:59:59 UTC: ``known_to`` of a row not yet superseded


def utc_now() -> datetime:
    return datetime.now(UTC)


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970. A naive datetime is refused: its zone would be a guess."""
    if instant.tzinfo is None:
        raise StoreError(f"the instant {instant} names no time zone; give it one (UTC)")
    return (instant - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)


def to_days(day: date) -> int:
    return day.toordinal() - _EPOCH_DAY


def from_days(days: int) -> date:
    return date.fromordinal(days + _EPOCH_DAY)

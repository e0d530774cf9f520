"""When the world could know a row: each rule yields ``known_at`` and names itself in ``known_basis``."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import polars as pl

NEW_YORK = "America/New_York"
FRANKFURT = "Europe/Berlin"
EXACT = "exact"

OFF_CALENDAR = "estimated: no session of the calendar that day; 16:00 New York taken"
IN_USE = "estimated: 09:30 New York of the day it holds from; it was in use, or announced, before that day"
SAID_THAT_DAY = "estimated: end of the day in New York on which it was announced"
SAID_BY = "estimated: an hour of the day of its announcement by which it had surely been made"
IN_FORCE = "estimated: end of the day in Frankfurt on which it came into force"
END_OF_VINTAGE_DAY = "estimated: end of the vintage's day in New York, its hour is not in the source"


class Calendars(Protocol):
    """Opening and closing instants of a calendar's sessions."""

    def sessions(self, calendar: str, start: date, end: date) -> pl.DataFrame:
        """Columns session_date, open_at, close_at (UTC), one row per session from start to end."""


def local_instant(day: str, hour: int, minute: int, zone: str) -> pl.Expr:
    """The instant, in UTC, at which clocks in ``zone`` show the hour on the date in column ``day``."""
    import polars as pl

    return _instant(pl.col(day).dt.combine(time(hour, minute), time_unit="us"), zone)


def end_of_day(day: str, zone: str) -> pl.Expr:
    """The last microsecond of the date in column ``day``, as clocks in ``zone`` show it."""
    import polars as pl

    return _instant(pl.col(day).dt.combine(time(23, 59, 59, 999999), time_unit="us"), zone)


def _instant(local: pl.Expr, zone: str) -> pl.Expr:
    """A local time in UTC. Where clocks show it twice the later instant is meant, and where they leap over it the
    hour after the leap: both err late. Some zones change their clocks at midnight."""
    import polars as pl

    def placed(at: pl.Expr) -> pl.Expr:
        return at.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null").dt.convert_time_zone(
            "UTC"
        )

    return pl.coalesce(placed(local), placed(local + pl.duration(hours=1)))


def known_at_close(frame: pl.DataFrame, calendars: Calendars, calendar: str = "XNYS") -> pl.DataFrame:
    """Known at the close of its session (early closes included); off the calendar, at 16:00 of the day."""
    import polars as pl

    return _at_session(frame, "session_date", "close_at", calendars, calendar).with_columns(
        known_at=pl.coalesce("known_at", local_instant("session_date", 16, 0, NEW_YORK)),
        known_basis=pl.when(pl.col("known_at").is_null()).then(pl.lit(OFF_CALENDAR)).otherwise(pl.lit(EXACT)),
    )


def known_at_open(
    frame: pl.DataFrame, day: str, basis: str, calendars: Calendars, calendar: str = "XNYS"
) -> pl.DataFrame:
    """Known at the open of the session on the date in column ``day``, for a reason that ``basis`` gives."""
    import polars as pl

    return _at_session(frame, day, "open_at", calendars, calendar).with_columns(
        known_at=pl.coalesce("known_at", local_instant(day, 9, 30, NEW_YORK)), known_basis=pl.lit(basis)
    )


def _at_session(
    frame: pl.DataFrame, day: str, instant: str, calendars: Calendars, calendar: str
) -> pl.DataFrame:
    """``frame`` with ``known_at`` from the calendar, null where the day is no session of it."""
    import polars as pl

    if frame.is_empty():
        return frame.with_columns(known_at=pl.lit(None, pl.Datetime("us", "UTC")))
    first, last = frame.select(first=pl.col(day).min(), last=pl.col(day).max()).row(0)
    sessions = calendars.sessions(calendar, first, last).select(
        pl.col("session_date").alias(day), pl.col(instant).cast(pl.Datetime("us", "UTC")).alias("known_at")
    )
    return frame.join(sessions, on=day, how="left", maintain_order="left")

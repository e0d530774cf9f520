"""How the clock reads on the banner and in footers."""

from __future__ import annotations

from datetime import date, datetime, tzinfo


def tell(instant: datetime, zone: tzinfo) -> str:
    """An instant on the desk's clock: 2008-09-15 23:59 New York."""
    return f"{tell_minute(instant, zone)} {tell_place(zone)}"


def tell_minute(instant: datetime, zone: tzinfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def tell_place(zone: tzinfo) -> str:
    """The city of a time zone: New York."""
    return str(getattr(zone, "key", zone)).rpartition("/")[2].replace("_", " ")


def tell_days(first: date, last: date) -> str:
    """The days between two dates, counted and rounded as the engine's notes on stale data do."""
    days = (last - first).days
    if days <= 0:
        return "the clock's own day"
    counted = f"{days / 365.25:.1f} years" if days >= 730 else f"{days:,} day{'s' if days != 1 else ''}"
    return f"{counted} before the clock"

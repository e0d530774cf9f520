"""The desk's clock: what "as of 2008-09-15" means as an instant, and how it is told."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.period import parse_date

FIRST_YEAR, LAST_YEAR = 1700, 2200  # within what 64-bit nanoseconds of other libraries can hold
_TIME = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?$")


def utc_now() -> datetime:
    return datetime.now(UTC)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last microsecond of ``day`` in ``zone``: as of a date is as of that evening."""
    following = day + timedelta(days=1) if day < date.max else day
    return datetime.combine(following, time(), zone).astimezone(UTC) - timedelta(microseconds=1)


def parse_instant(text: str, zone: ZoneInfo) -> datetime | None:
    """A date (its end in ``zone``), a date and a time in ``zone``, or an ISO instant with an offset or Z.

    None where the text has no such shape; ValueError with a sentence where the day or hour does not exist.
    """
    day_text, gap, hour_text = text.strip().replace("T", " ", 1).partition(" ")
    day = parse_date(day_text)
    if day is None:
        return None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{day}: years from {FIRST_YEAR} to {LAST_YEAR} only")
    if not gap:
        return end_of_day(day, zone)
    if found := _TIME.match(hour_text.strip()):
        hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
        if hour > 23 or minute > 59 or second > 59:
            raise ValueError(f"{hour_text}: there is no such time of day")
        return datetime.combine(day, time(hour, minute, second), zone).astimezone(UTC)
    try:
        instant = datetime.fromisoformat(f"{day.isoformat()}T{hour_text.strip().upper()}")
    except ValueError:
        return None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone)
    return instant.astimezone(UTC)


def is_end_of_day(instant: datetime, zone: ZoneInfo) -> bool:
    local = instant.astimezone(zone)
    return local.time() == time(23, 59, 59, 999999)


def show_instant(instant: datetime, zone: ZoneInfo) -> str:
    """``2008-09-15 23:59 New York``: with the city, since an evening differs around the world."""
    city = str(zone.key).rsplit("/", maxsplit=1)[-1].replace("_", " ")
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M} {city}"


def write_instant(instant: datetime, zone: ZoneInfo) -> str:
    """The shortest word that ``parse_instant`` reads back as the same instant."""
    if is_end_of_day(instant, zone):
        return instant.astimezone(zone).date().isoformat()
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")

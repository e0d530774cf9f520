"""How the clock reads on the banner and in footers."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo


def tell(instant: datetime, zone: tzinfo) -> str:
    """An instant on the desk's clock: 2008-09-15 23:59 New York."""
    local = instant.astimezone(zone)
    place = str(getattr(zone, "key", zone)).rpartition("/")[2].replace("_", " ")
    return f"{local:%Y-%m-%d %H:%M} {place}"


def tell_age(instant: datetime, now: datetime) -> str:
    """How long ago an instant was, in the largest unit that says it: "3 days", "12 years"."""
    age = max(now - instant, timedelta())
    for size, word in ((365.25, "year"), (30.44, "month"), (1, "day")):
        count = int(age / timedelta(days=size))
        if count >= 1 and not (word == "month" and count < 2):
            return f"{count} {word}{'s' if count != 1 else ''}"
    hours = int(age / timedelta(hours=1))
    return f"{hours} h" if hours else "minutes"

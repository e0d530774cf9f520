"""Ranges of dates as analysts type them: 1M 6M YTD 5Y MAX, or two dates."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Unit = Literal["D", "W", "M", "Y", "MTD", "YTD", "MAX", "DATES"]

_COUNTED = re.compile(r"^(\d{1,4})([DWMY])$")
# a longer reach than any market's record; also keeps the arithmetic inside datetime.date
_LIMITS = {"D": 9999, "W": 9999, "M": 2400, "Y": 200}


@dataclass(frozen=True, slots=True)
class Period:
    """A range that is settled only against the last session known at the clock."""

    unit: Unit
    count: int = 1
    start: date | None = None
    end: date | None = None

    def __str__(self) -> str:
        if self.unit == "DATES":
            return f"{self.start or ''}..{self.end or ''}"
        return f"{self.count}{self.unit}" if self.unit in _LIMITS else self.unit

    def bounds(self, last: date) -> tuple[date | None, date]:
        """First and last date, both inclusive, counted back from ``last``; None: from the beginning.

        A month counts to the same day of the month, or to its last day where it is shorter.
        """
        match self.unit:
            case "MAX":
                return None, last
            case "DATES":
                return self.start, self.end or last
            case "YTD":
                return date(last.year, 1, 1), last
            case "MTD":
                return date(last.year, last.month, 1), last
            case "D" | "W":
                days = self.count * (7 if self.unit == "W" else 1)
                return _clamp(last.toordinal() - days), last
            case _:
                return months_before(last, self.count * (12 if self.unit == "Y" else 1)), last


def _clamp(ordinal: int) -> date:
    return date.fromordinal(max(1, ordinal))


def months_before(day: date, months: int) -> date:
    """The same day ``months`` earlier, or the last day of that month where it is shorter."""
    index = day.year * 12 + day.month - 1 - months
    if index < 12:
        return date.min
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def parse_period(word: str) -> Period | None:
    """The period that ``word`` names, or None where it names none.

    Raises ValueError with a sentence for a count out of bounds or an interval that runs backwards.
    """
    text = word.upper()
    if text in ("MAX", "ALL"):
        return Period("MAX")
    if text == "YTD":
        return Period("YTD")
    if text == "MTD":
        return Period("MTD")
    if found := _COUNTED.match(text):
        count, unit = int(found[1]), found[2]
        if not 1 <= count <= _LIMITS[unit]:
            raise ValueError(f"{word}: the count must lie between 1 and {_LIMITS[unit]}")
        return Period(unit, count)  # type: ignore[arg-type]
    if ".." in text:
        left, _, right = text.partition("..")
        start = parse_date(left) if left else None
        end = parse_date(right) if right else None
        if (left and start is None) or (right and end is None) or not (left or right):
            return None
        return dates_period(start, end)
    return None


def dates_period(start: date | None, end: date | None) -> Period:
    """A period between two dates; raises ValueError where they stand in the wrong order."""
    if start and end and start > end:
        raise ValueError(f"the range runs backwards: {start} is after {end}")
    return Period("DATES", 1, start, end)


_MONTHS = {name.upper(): number for number, name in enumerate(calendar.month_abbr) if name}
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_NAMED = re.compile(r"^(\d{1,2})-?([A-Z]{3})-?(\d{4})$")


def parse_date(word: str, today: date | None = None) -> date | None:
    """2020-03-16, 20200316, 16MAR2020; TODAY and YESTERDAY where ``today`` is given; None for another shape.

    Raises ValueError where the shape is a date's but no such day exists.
    """
    text = word.upper()
    if today is not None and text in ("TODAY", "YESTERDAY"):
        return today - timedelta(days=text == "YESTERDAY")
    if found := _ISO.match(text) or _COMPACT.match(text):
        year, month, day = (int(part) for part in found.groups())
    elif (found := _NAMED.match(text)) and found[2] in _MONTHS:
        year, month, day = int(found[3]), _MONTHS[found[2]], int(found[1])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError as fault:
        raise ValueError(f"{word}: there is no such day") from fault

"""Fiscal periods told apart by their length, and what they are called.

Periods are found by their dates alone: EDGAR's fiscal_year and fiscal_period are those of the filing, not of the
fact. A quarter has 13 weeks (14 once in five or six years), a year 52 or 53, calendar quarters 90 to 92 days.
Anything else (the months between two fiscal year ends) is no quarter and no year, and is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

QUARTER = (80, 100)  # days, both included
YEAR = (350, 380)
_SAME_LENGTH = 10  # days by which a year-to-date period and that of a year before may differ


def days(start: date, end: date) -> int:
    return (end - start).days + 1


def is_year(start: date, end: date) -> bool:
    return YEAR[0] <= days(start, end) <= YEAR[1]


def alike(start: date, other: tuple[date, date]) -> tuple[date, date]:
    """Between which days a period ends that begins on ``start`` and is as long as another but for a 53rd week."""
    length = days(*other) - 1
    return start + timedelta(days=length - _SAME_LENGTH), start + timedelta(days=length + _SAME_LENGTH)


def before(day: date) -> date:
    return day - timedelta(days=1)


def after(day: date) -> date:
    return day + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A column of a statement: ``name`` stays the same from clock to clock."""

    name: str  # FY2023, 2024Q1
    end: date
    kind: str  # "year", "quarter" or "trailing"

    @property
    def label(self) -> str:
        if self.kind == "trailing":
            return f"to {self.end:%b %y}"
        return self.name if self.kind == "year" else f"{self.name[4:]} FY{self.name[2:4]}"


@dataclass(frozen=True, slots=True)
class Fiscal:
    """How a company counts its years: ``ends`` of the years told, ``offset`` from the calendar year of a year's
    middle to the number that the company gives it (1 where the year to January 2024 is 2024)."""

    ends: tuple[date, ...]
    offset: int = 0

    @classmethod
    def of(cls, ends: Iterable[date], numbered: Iterable[tuple[date, int]]) -> Fiscal:
        offsets = Counter(number - _middle(end) for end, number in numbered)
        return cls(tuple(sorted(set(ends))), offsets.most_common(1)[0][0] if offsets else 0)

    def year(self, end: date, kind: str = "year") -> Period:
        return Period(f"FY{_middle(end) + self.offset}", end, kind)

    def quarter(self, end: date, kind: str = "quarter") -> Period:
        """By the last year's end at or before it; counted back from the first where it is earlier."""
        earlier = [day for day in self.ends if day < end - timedelta(days=20)]
        if earlier:
            nth = round((end - earlier[-1]).days / 91.31)
            base = earlier[-1]
        else:
            later = [day for day in self.ends if day >= end - timedelta(days=20)]
            if not later:
                return Period(f"{end.year}Q{(end.month + 2) // 3}", end, kind)
            base = later[0]
            nth = -round((base - end).days / 91.31)
        years, of = divmod(nth - 1, 4)
        return Period(f"{_middle(base) + self.offset + years + 1}Q{of + 1}", end, kind)


def _middle(end: date) -> int:
    """The calendar year of a fiscal year's middle: the same for years that end in the last days of December and in
    the first of January."""
    return (end - timedelta(days=182)).year

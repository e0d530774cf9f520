"""Shares and amounts a share in one basis: that of the clock.

A filing speaks of the shares of its own day: splits effective before it is issued are given effect in all periods
that it shows (SEC Staff Accounting Bulletin Topic 4.C), later ones are not. With the splits effective at the clock,

    shares of the clock = shares told x product of ratio(e)     over splits with ex-date e after the filing's day
    amount a share      = amount told / the same product
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

NEW_YORK = "America/New_York"
_ZONE = ZoneInfo(NEW_YORK)


def new_york_day(instant: datetime) -> date:
    """The day in New York: that of a filing."""
    return instant.astimezone(_ZONE).date()


def in_shares(value: float, unit: str, factor: float) -> float:
    """A number of shares, or of money a share, told when ``factor`` of today's shares were one."""
    if unit == "shares":
        return value * factor
    return value / factor if unit.endswith("/shares") else value


@dataclass(frozen=True, slots=True)
class Splits:
    """Ex-date and new shares per old one, of splits that are known and effective at the clock."""

    events: tuple[tuple[date, float], ...] = ()

    @classmethod
    def of(cls, pairs: Iterable[tuple[date, float]]) -> Splits:
        return cls(tuple(sorted(pairs)))

    def after(self, day: date) -> float:
        """Shares now for one share on that day."""
        product = 1.0
        for ex_date, ratio in self.events:
            if ex_date > day:
                product *= ratio
        return product

    def rebased(self, value: float, unit: str, known_at: datetime) -> float:
        """A number of shares, or of money a share, told then, in the shares of the clock."""
        return in_shares(value, unit, self.after(new_york_day(known_at)))

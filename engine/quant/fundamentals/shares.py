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

_ZONE = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True)
class Splits:
    """Ex-date and new shares per old one, of splits that are known and effective at the clock."""

    events: tuple[tuple[date, float], ...] = ()

    @classmethod
    def of(cls, pairs: Iterable[tuple[date, float]]) -> Splits:
        return cls(tuple(sorted(pairs)))

    def since(self, known_at: datetime) -> float:
        """Shares now for one share on the day of ``known_at``."""
        day, product = known_at.astimezone(_ZONE).date(), 1.0
        for ex_date, ratio in self.events:
            if ex_date > day:
                product *= ratio
        return product

    def rebased(self, value: float, unit: str, known_at: datetime) -> float:
        """A number of shares, or of money a share, told then, in the shares of the clock."""
        if unit == "shares":
            return value * self.since(known_at)
        return value / self.since(known_at) if unit.endswith("/shares") else value

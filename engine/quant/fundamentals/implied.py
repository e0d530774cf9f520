"""Splits that filings show and the actions known do not hold.

After a split a filing tells the weighted shares of earlier periods again, in new shares. Where the same periods are
told anew as a whole multiple (or fraction) of what was told before and no known split explains it, the filing itself
says that there was one, at the latest on its own day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from engine.quant.fundamentals.lines import LINES
from engine.quant.fundamentals.shares import Splits, new_york_day

if TYPE_CHECKING:
    import polars as pl

_RATIOS = (1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
WEIGHTED = frozenset(c for name in ("shares_basic", "shares_diluted") for c in LINES[name].concepts)
_LEAST = 2  # periods that must say so alike: one may be a mistake put right


@dataclass(frozen=True, slots=True)
class Implied:
    """A split that a filing shows: in force by the filing's day."""

    day: date
    ratio: float
    accession: str


Told: TypeAlias = tuple[
    float, date, str
]  # weighted shares of a period, the day they were told, in which filing


def implied_splits(facts: pl.DataFrame, splits: Splits) -> tuple[Implied, ...]:
    """Splits shown by ``facts`` (as ``read_books`` takes them) and not among ``splits``, oldest first."""
    import polars as pl

    rows = facts.filter(
        pl.col("concept").is_in(WEIGHTED) & (pl.col("unit") == "shares") & (pl.col("value") > 0)
    )
    periods: dict[tuple[object, ...], list[Told]] = {}
    for row in rows.sort("known_at", "accession").iter_rows(named=True):
        key = (row["concept"], row["period_start"], row["period_end"])
        told = (float(row["value"]), new_york_day(row["known_at"]), str(row["accession"]))
        periods.setdefault(key, []).append(told)
    return agreed(each for told in periods.values() for each in shown(told, splits))


def shown(told: list[Told], splits: Splits) -> list[Implied]:
    """Splits that one period's number, told again and again, would show."""
    found = []
    for (earlier, at, _), (value, day, accession) in pairwise(told):
        explained = splits.after(at) / splits.after(day)
        if (ratio := _whole(value / earlier / explained)) is not None:
            found.append(Implied(day, ratio, accession))
    return found


def agreed(each: Iterable[Implied]) -> tuple[Implied, ...]:
    """Splits that several periods show alike, each once, oldest first."""
    seen = Counter(each)
    return _once(
        sorted(
            (one for one, count in seen.items() if count >= _LEAST),
            key=lambda one: (one.day, one.accession, one.ratio),
        )
    )


def _whole(ratio: float) -> float | None:
    """The split's ratio that this is, within half a percent (dilution is counted anew now and then)."""
    for whole in _RATIOS:
        for candidate in (whole, 1 / whole):
            if abs(ratio / candidate - 1) < 0.005:
                return candidate
    return None


def _once(found: list[Implied]) -> tuple[Implied, ...]:
    """Each split by the first filing that shows it: the next ones tell other periods anew by the same ratio."""
    kept: list[Implied] = []
    for each in found:
        recent = [one for one in kept if one.ratio == each.ratio and (each.day - one.day).days < 400]
        if not recent:
            kept.append(each)
    return tuple(kept)

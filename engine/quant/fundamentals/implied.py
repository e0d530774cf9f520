"""Splits that filings show and the actions known do not hold.

After a split a filing tells the weighted shares of earlier periods again, in new shares. Where the same periods are
told anew as a whole multiple (or fraction) of what was told before and no known split explains it, the filing itself
says that there was one, at the latest on its own day.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.quant.fundamentals.lines import LINES
from engine.quant.fundamentals.shares import Splits

if TYPE_CHECKING:
    import polars as pl

_RATIOS = (1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0)
_ZONE = ZoneInfo("America/New_York")
_LEAST = 2  # periods that must say so alike: one may be a mistake put right


@dataclass(frozen=True, slots=True)
class Implied:
    """A split that a filing shows: in force by the filing's day."""

    day: date
    ratio: float
    accession: str


def implied_splits(facts: pl.DataFrame, splits: Splits) -> tuple[Implied, ...]:
    """Splits shown by ``facts`` (as ``read_books`` takes them) and not among ``splits``, oldest first."""
    import polars as pl

    concepts = [c for name in ("shares_basic", "shares_diluted") for c in LINES[name].concepts]
    rows = facts.filter(
        pl.col("concept").is_in(concepts) & (pl.col("unit") == "shares") & (pl.col("value") > 0)
    )
    before: dict[tuple[object, ...], tuple[float, datetime]] = {}
    seen: dict[tuple[str, date, float], int] = defaultdict(int)
    for row in rows.sort("known_at", "accession").iter_rows(named=True):
        key = (row["concept"], row["period_start"], row["period_end"])
        value, known_at = float(row["value"]), row["known_at"]
        if key in before:
            earlier, at = before[key]
            explained = splits.since(at) / splits.since(known_at)
            if (ratio := _whole(value / earlier / explained)) is not None:
                seen[row["accession"], known_at.astimezone(_ZONE).date(), ratio] += 1
        before[key] = (value, known_at)
    found = [Implied(day, ratio, name) for (name, day, ratio), count in seen.items() if count >= _LEAST]
    return _once(sorted(found, key=lambda each: each.day))


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

"""What a function needs from outside before it reads the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from engine.page import SecurityRef

if TYPE_CHECKING:
    from engine.context import Context
    from engine.period import Period


@dataclass(frozen=True, slots=True)
class Need:
    """A data set about a security over a range of days (None: as far as there is).

    ``max_age_seconds``: how old an answer may be where the range is not what makes it stale (a chain, news);
    None where only missing sessions matter.
    """

    dataset: str
    security: SecurityRef
    start: date | None = None
    end: date | None = None
    detail: str = ""
    max_age_seconds: float | None = None


def price_need(context: Context, ref: SecurityRef, period: Period, before: int = 0) -> tuple[Need, ...]:
    """A security's prices over a range counted back from the clock's day, and ``before`` days ahead of it (for
    averages, and for the close that a change is measured from)."""
    from providers.subjects import NATURAL

    if ref.asset_class == "channel":
        return ()
    dataset = NATURAL.get(ref.asset_class, "bars")
    start, end = period.bounds(context.today)
    if start is not None:
        start = date.fromordinal(
            max(1, (start - timedelta(days=min(before, start.toordinal() - 1))).toordinal())
        )
    return (Need(dataset, ref, start, min(end, context.today)),)

"""A day's sentiment out of what a vendor makes of each headline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from providers.clocks import NEW_YORK
from providers.source import Request
from providers.vendor_values import Row

DAY_OVER = "estimated: end of the day in New York whose headlines it sums up; when the vendor judged them is not told"
_NEUTRAL = 0.15  # nearer to zero than this a headline is neither good nor bad news


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a vendor makes of one headline, from -1 to 1."""

    published_at: datetime
    score: float


def sentiment_rows(opinions: Sequence[Opinion], request: Request, channel: str) -> list[Row]:
    """A row a day in New York: the mean score, known when the day is over."""
    zone = ZoneInfo(NEW_YORK)
    days: dict[date, list[float]] = {}
    for opinion in opinions:
        days.setdefault(opinion.published_at.astimezone(zone).date(), []).append(opinion.score)
    return [
        {
            "identity": request.subject.identity, "session_date": day, "channel": channel,
            "mentions": len(scores), "positive": sum(score >= _NEUTRAL for score in scores),
            "negative": sum(score <= -_NEUTRAL for score in scores), "score": sum(scores) / len(scores),
            "known_at": datetime.combine(day, time(23, 59, 59, 999999), zone), "known_basis": DAY_OVER,
        }
        for day, scores in sorted(days.items())
    ]  # fmt: skip

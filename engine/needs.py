"""What a function needs from outside before it reads the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.page import SecurityRef


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

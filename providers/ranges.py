"""Ranges of days: what of an asked range is missing, and up to when a series can be complete."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from store.batch import FetchedRecord

Range: TypeAlias = tuple[date, date]  # both days included

DAY = timedelta(days=1)
# Sources publish a session's rows within days: one so recent without a row may still come.
SETTLES = timedelta(days=5)
# How old an answer about no range of sessions (facts, observations, a profile) may be where nobody says.
MAX_AGE = 86_400.0


@dataclass(frozen=True, slots=True)
class Held:
    """What is settled of one series: by sources' answers, and by rows that no source was asked for."""

    records: tuple[FetchedRecord, ...] = ()
    spans: tuple[Range, ...] = ()

    @property
    def ranges(self) -> list[Range]:
        return [(record.start, record.end) for record in self.records] + list(self.spans)


def without(asked: Iterable[Range], settled: Iterable[Range]) -> list[Range]:
    """The parts of ``asked`` that ``settled`` leaves open, in order, touching ones as one."""
    parts = list(asked)
    for low, high in settled:
        left: list[Range] = []
        for start, end in parts:
            if high < start or low > end:
                left.append((start, end))
                continue
            if start < low:
                left.append((start, low - DAY))
            if end > high:
                left.append((high + DAY, end))
        parts = left
    return together(parts)


def together(parts: Iterable[Range]) -> list[Range]:
    """Ranges in order, those that touch or overlap as one."""
    joined: list[Range] = []
    for start, end in sorted(part for part in parts if part[0] <= part[1]):
        if joined and start <= joined[-1][1] + DAY:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def recent_enough(
    records: Iterable[FetchedRecord], start: date | None, end: date | None, now: datetime, max_age: float
) -> bool:
    """Whether an answer about no range of sessions is there: as far back, and either young enough or given after
    the end of what is asked."""
    return any(
        record.start <= (start or date.min)
        and (
            (now - record.fetched_at).total_seconds() <= max_age
            or (end is not None and record.fetched_at.date() > end)
        )
        for record in records
    )


def settled_by(piece: Range, last_row: date | None, now: datetime) -> Range | None:
    """What an answer settles of the range asked: all of it, but not the last days before now without a row."""
    start, end = piece
    open_from = (now - SETTLES).date()
    if end >= open_from and (last_row is None or last_row < end):
        end = max(open_from - DAY, last_row) if last_row is not None else open_from - DAY
    return (start, end) if start <= end else None


def last_session(frame: object, table: str) -> date | None:
    """The newest session of an answer's frame."""
    from store.schema import TABLES

    session = TABLES[table].session
    if frame is None or frame.is_empty():  # type: ignore[attr-defined]
        return None
    last = frame[session].max()  # type: ignore[index]
    return last if isinstance(last, date) else None

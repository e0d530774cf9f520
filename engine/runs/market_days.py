"""Sessions of a run and the instants that decide what was known: each session's close, by calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from store.reader import AsOfReader

Days = NDArray[np.datetime64]
Instants = NDArray[np.int64]
GRACE = timedelta(hours=1)  # vendors tell a bar minutes after the close; nothing opens within the hour
RULE = (
    "a decision is made after the close of a session, on bars known by an hour after it (by midnight UTC where there "
    "is no exchange calendar), and on filings, members and actions known by the close; it fills at the next session"
)
_COVERED = 0.9
_DAY = 86_400_000_000
_GRACE = int(GRACE.total_seconds() * 1e6)


@dataclass(frozen=True, slots=True)
class Axis:
    """Sessions (n,) of a run, and of each of its columns the calendar: ``group`` (k,) into ``calendars``.

    ``closes`` and ``deadlines`` (calendars, n), microseconds since 1970 UTC: when a session closed there, and by when
    a bar of it must have been known for the decision after it.
    """

    dates: Days
    calendars: tuple[str, ...]
    group: NDArray[np.int64]
    closes: Instants
    deadlines: Instants

    @classmethod
    def of(cls, reader: AsOfReader, dates: Days, calendars: list[str]) -> Axis:
        """``calendars``: one a column, "" where there is none."""
        names = tuple(sorted(set(calendars)))
        places = {name: at for at, name in enumerate(names)}
        parts = [_instants(reader, dates, name) for name in names]
        group = np.array([places[name] for name in calendars], dtype=np.int64)
        return cls(
            dates, names, group, np.array([each[0] for each in parts]), np.array([each[1] for each in parts])
        )

    def closed(self, column: int) -> Instants:
        """When each session closed for a column (n,)."""
        found: Instants = self.closes[self.group[column]]
        return found

    def until(self, column: int) -> Instants:
        """By when a bar of each session must have been known (n,)."""
        found: Instants = self.deadlines[self.group[column]]
        return found

    @property
    def first_close(self) -> Instants:
        """The earliest close of each session among the calendars (n,)."""
        found: Instants = self.closes.min(axis=0)
        return found


def _instants(reader: AsOfReader, dates: Days, calendar: str) -> tuple[Instants, Instants]:
    """Closes and deadlines; a day that is no session of the calendar ends at the midnight after it, in UTC."""
    midnight: Instants = (dates.astype(np.int64) + 1) * _DAY
    if not calendar:
        return midnight, midnight
    sessions = reader.calendars.get(calendar)
    place = np.minimum(np.searchsorted(sessions.days, dates), len(sessions.days) - 1)
    there = sessions.days[place] == dates
    closes: Instants = np.where(there, sessions.closes[place], midnight)
    return closes, np.where(there, closes + _GRACE, midnight)


def sessions(reader: AsOfReader, dates: Days, calendars: set[str]) -> Days:
    """``dates`` with the sessions of their exchanges on which nobody has a bar: markets were open, and a bar that is
    told or withdrawn later moves no window of sessions. Only where bars stand on most sessions (weekly ones do not).
    """
    found = dates
    for name in sorted(calendars - {""}):
        held = reader.calendars.get(name).between(dates[0].item(), dates[-1].item())
        if np.array_equal(held, found):
            continue
        if len(held) and np.isin(held, dates).mean() >= _COVERED:
            found = np.union1d(found, held)
    return found


def apart(reader: AsOfReader, axis: Axis) -> bool:
    """Whether every session opens, on whatever exchange, after the last close of the day before: else a decision
    after the day's closes would come too late for it."""
    opens = np.full(axis.closes.shape, np.iinfo(np.int64).max)
    closes = np.zeros_like(axis.closes)
    for at, name in enumerate(axis.calendars):
        if not name:
            opens[at], closes[at] = axis.dates.astype(np.int64) * _DAY, axis.closes[at]
            continue
        held = reader.calendars.get(name)
        place = np.minimum(np.searchsorted(held.days, axis.dates), len(held.days) - 1)
        there = held.days[place] == axis.dates
        opens[at, there], closes[at, there] = held.opens[place[there]], held.closes[place[there]]
    return bool((opens.min(axis=0)[1:] >= closes.max(axis=0)[:-1]).all())


def row_of(instants: Instants, known: Instants) -> NDArray[np.int64]:
    """The first row whose instant is no earlier than each ``known``; the number of rows where none is."""
    return np.searchsorted(instants, known, side="left").astype(np.int64)

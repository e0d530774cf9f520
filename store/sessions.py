"""Exchange sessions as arrays: made once from exchange_calendars, kept under ``cache``.

exchange_calendars pulls in pandas (372 ms); with the arrays kept, only the first use of a calendar pays.
"""

from __future__ import annotations

import contextlib
import io
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zipfile import BadZipFile

from store.clock import to_micros
from store.errors import StoreError
from store.paths import replace_atomically

if TYPE_CHECKING:
    import numpy as np

FIRST_DAY = date(1950, 1, 1)
_AHEAD = timedelta(days=60)  # a kept calendar is made again when it ends sooner than this


@dataclass(frozen=True)
class Sessions:
    """Sessions of one calendar, ascending. Days since 1970; opens and closes in UTC microseconds."""

    name: str
    days: np.ndarray  # datetime64[D]
    opens: np.ndarray  # int64
    closes: np.ndarray  # int64

    @cached_property
    def by_day(self) -> dict[date, int]:
        """Position of each session."""
        return {day: place for place, day in enumerate(self.days.tolist())}

    def between(self, start: date, end: date) -> np.ndarray:
        """Sessions from ``start`` to ``end``, both included."""
        import numpy as np

        low = np.searchsorted(self.days, np.datetime64(start, "D"), side="left")
        high = np.searchsorted(self.days, np.datetime64(end, "D"), side="right")
        part: np.ndarray = self.days[low:high]
        return part

    def last_closed(self, instant: datetime) -> date:
        """The last session that was over at an instant."""
        import numpy as np

        place = int(np.searchsorted(self.closes, to_micros(instant), side="right")) - 1
        if place < 0:
            raise StoreError(f"the calendar {self.name} has no session that closed before {instant:%Y-%m-%d}")
        day: date = self.days[place].item()
        return day


class Calendars:
    """Calendars by name, read from the cache folder or made; each is held once a process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, Sessions] = {}
        self._lock = threading.Lock()

    def get(self, name: str) -> Sessions:
        held = self._held.get(name)
        if held is not None:
            return held
        with self._lock:
            if name not in self._held:
                self._held[name] = self._kept(name) or self._made(name)
            return self._held[name]

    def _path(self, name: str) -> Path:
        return self._folder / f"sessions-{quote(name, safe='')}.npz"

    def _kept(self, name: str) -> Sessions | None:
        import numpy as np

        path = self._path(name)
        try:
            with path.open("rb") as handle, np.load(handle, allow_pickle=False) as arrays:
                sessions = Sessions(name, arrays["days"], arrays["opens"], arrays["closes"])
        except (FileNotFoundError, PermissionError, KeyError, ValueError, EOFError, BadZipFile):
            return None  # not there, or not whole: it is made again
        ahead = np.datetime64((datetime.now(UTC) + _AHEAD).date(), "D")
        return sessions if len(sessions.days) and sessions.days[-1] >= ahead else None

    def _made(self, name: str) -> Sessions:
        import numpy as np

        schedule = _schedule(name)
        days = schedule.index.values.astype("datetime64[D]")
        opens = schedule["open"].dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype("i8")
        closes = schedule["close"].dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype("i8")
        content = io.BytesIO()
        np.savez_compressed(content, days=days, opens=opens, closes=closes)
        with contextlib.suppress(OSError):  # a store that may only be read: made again next time
            replace_atomically(self._path(name), content.getvalue())
        return Sessions(name, days, opens, closes)


def _schedule(name: str) -> Any:
    """The schedule from 1950, or from as early as the calendar is known, to a year ahead."""
    import exchange_calendars

    if name not in exchange_calendars.get_calendar_names(include_aliases=True):
        raise StoreError(f"there is no exchange calendar {name!r}")
    first = FIRST_DAY
    bound = exchange_calendars.calendar_utils.global_calendar_dispatcher
    factory = bound._calendar_factories[bound.resolve_alias(name)]
    earliest = factory.bound_min()
    if earliest is not None:
        first = max(first, earliest.date())
    return exchange_calendars.get_calendar(name, start=first.isoformat()).schedule

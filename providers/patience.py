"""When another try can help, after how long, and how long anybody waits for it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from providers.errors import Kind, SourceError

AGAIN = frozenset({429, 500, 502, 503, 504})  # statuses that may pass by themselves
_LOOK = 0.05  # seconds between two looks at whether the user wants to stop

Progress = Callable[[int, int, str], None]


def quiet(done: int, total: int, label: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long a client tries.

    Waits between tries are drawn evenly from zero to ``backoff_seconds`` x 2^tries ("full jitter": clients
    that failed together do not come back together), never beyond ``longest_wait``.
    """

    tries: int = 4  # of a question answered with 429 or 5xx, or cut short
    refused_tries: int = 3  # connection refused
    timeout_tries: int = 2
    backoff_seconds: float = 0.5
    longest_wait: float = 60.0  # a longer Retry-After is told, not slept

    def backoff(self, tried: int, draw: Callable[[], float] = random.random) -> float:
        """Seconds to wait after the ``tried``-th try failed."""
        return draw() * min(self.longest_wait, self.backoff_seconds * 2.0**tried)

    def tries_for(self, kind: Kind, *, sent: bool) -> int:
        """How many tries a failure of ``kind`` allows; a request that may have been carried out only one."""
        if sent:
            return 1
        return {Kind.UNREACHABLE: self.refused_tries, Kind.TIMEOUT: self.timeout_tries}.get(kind, self.tries)


def retry_after(headers: Mapping[str, str], now: Callable[[], float] = time.time) -> float | None:
    """Seconds that the source asks to wait, from ``Retry-After`` in seconds or as a date.

    A date is measured against the answer's own ``Date``, so that a wrong clock here makes no wrong wait.
    """
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        return max(0.0, float(text)) if float(text) < float("inf") else None
    except ValueError:
        pass
    until = _instant(text)
    if until is None:
        return None
    told = _instant(headers.get("date", ""))
    return max(0.0, until - (now() if told is None else told))


def _instant(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def wait(seconds: float, cancelled: Callable[[], bool], progress: Progress, why: str) -> None:
    """Wait, telling so; raises SourceError (cancelled) within a tenth of a second of being asked to stop."""
    end = time.monotonic() + seconds
    told = -1
    while (left := end - time.monotonic()) > 0:
        if cancelled():
            raise SourceError(Kind.CANCELLED, "cancelled")
        if left >= 1 and told != int(left):
            told = int(left)
            progress(0, 0, f"waiting {left:,.0f} s {why}")
        time.sleep(min(left, _LOOK))
    if cancelled():
        raise SourceError(Kind.CANCELLED, "cancelled")

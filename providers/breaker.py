"""A source that failed is left alone for a while, so that a page does not wait for it again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from providers.errors import Kind, SourceError

_SECONDS = {
    Kind.UNREACHABLE: 300.0,
    Kind.TIMEOUT: 120.0,
    Kind.NEEDS_KEY: 300.0,  # one is set, and was refused
    Kind.RATE_LIMIT: 60.0,
    Kind.SERVER: 30.0,
}
_LONGEST = 900.0


class Breaker:
    """Which sources are left alone in this process, until when, and why."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, longest: float = _LONGEST) -> None:
        self._clock, self._longest = clock, longest
        self._open: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def failed(self, source: str, fault: SourceError) -> None:
        seconds = fault.retry_after if fault.retry_after is not None else _SECONDS.get(fault.kind, 0.0)
        if seconds > 0 and fault.kind in _SECONDS:
            with self._lock:
                self._open[source] = (self._clock() + min(seconds, self._longest), str(fault))

    def answered(self, source: str) -> None:
        with self._lock:
            self._open.pop(source, None)

    def why_not(self, source: str) -> str:
        """Why it is left alone now; empty where it may be asked."""
        with self._lock:
            until, why = self._open.get(source, (0.0, ""))
            if self._clock() >= until:
                self._open.pop(source, None)
                return ""
        return f"{why}; it is asked again in {max(1, round(until - self._clock()))} seconds"

"""Sockets that can be stopped: reads in short slices, between which deadline and cancel are looked at.

httpx's own timeouts start again with every byte, so that an answer trickling in, header or body, would never
end; and a blocked read hears no Esc. Reading in slices ends both within a tenth of a second, without threads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from providers.errors import Kind, SourceError

SLICE = 0.05  # seconds between two looks


class Watch:
    """When one exchange has to be over, and whether the user wants it to stop."""

    __slots__ = ("_cancelled", "_deadline", "_seconds", "_shown")

    def __init__(self, seconds: float, cancelled: Callable[[], bool], shown: str) -> None:
        self._deadline = time.monotonic() + seconds
        self._cancelled, self._seconds, self._shown = cancelled, seconds, shown

    def check(self) -> None:
        """Raises SourceError where the exchange must not go on."""
        if self._cancelled():
            raise SourceError(Kind.CANCELLED, "cancelled")
        if time.monotonic() > self._deadline:
            raise SourceError(
                Kind.TIMEOUT, f"{self._shown} did not answer in whole within {self._seconds:,.0f} s"
            )


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """What this thread reads meanwhile is read under ``watch``."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


class SlicedStream:
    """A connection of httpcore's, read in slices."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        import httpcore

        watch = _watch.get()
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            if watch is not None:
                watch.check()
            left = SLICE if end is None else min(SLICE, end - time.monotonic())
            try:
                content: bytes = self._inner.read(max_bytes, timeout=max(left, 0.001))
                return content
            except httpcore.ReadTimeout:
                if end is not None and time.monotonic() >= end:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(self, *args: Any, **named: Any) -> SlicedStream:
        return SlicedStream(self._inner.start_tls(*args, **named))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class SlicedBackend:
    """Makes connections whose reads are sliced. Connecting itself is bounded by its own timeout."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def connect_tcp(self, *args: Any, **named: Any) -> SlicedStream:
        return SlicedStream(self._inner.connect_tcp(*args, **named))

    def connect_unix_socket(self, *args: Any, **named: Any) -> SlicedStream:
        return SlicedStream(self._inner.connect_unix_socket(*args, **named))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)

"""Progress of long work on stderr: a line that rewrites itself on a screen, one plain line elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

from terminal.eta import Eta, bar

PATIENCE = 0.7  # seconds before work that may be short says anything
INTERVAL = 0.1
WIDTH = 78


class Meter:
    """Called as ``meter(done, total, what)``. ``always`` announces the work even where nobody watches."""

    def __init__(
        self, title: str, *, always: bool = False, stream: TextIO | None = None, interval: float = INTERVAL
    ) -> None:
        from engine.sanitize import clean

        self._title = clean(title)
        self._stream = stream or sys.stderr
        self._interval = interval
        self._screen = self._stream.isatty()
        self._marks = "█░" if "utf" in (getattr(self._stream, "encoding", "") or "").lower() else "#."
        self._always = always
        self._started = self._shown_at = time.monotonic()
        self._shown = False
        self._eta = Eta()

    def __enter__(self) -> Meter:
        if self._always:
            self._stream.write(f"asof: {self._title}\n")
            self._stream.flush()
        return self

    def __call__(self, done: int, total: int, what: str) -> None:
        now = time.monotonic()
        left = self._eta.told(done, total)
        patience = 0.0 if self._always else PATIENCE
        if not self._screen or now - self._started < patience or now - self._shown_at < self._interval:
            return
        from engine.sanitize import clean

        drawn = bar(done, total, marks=self._marks)
        self._write(f"{drawn} {clean(what)}{', ' if left else ''}{left}".lstrip())
        self._shown, self._shown_at = True, now

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._write("")
            self._stream.write("\r")
            self._stream.flush()

    def _write(self, text: str) -> None:
        self._stream.write("\r" + text[:WIDTH].ljust(WIDTH))
        self._stream.flush()

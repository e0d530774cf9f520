"""SIGHUP and SIGTERM end the program within a second: workspace saved, terminal restored.

Plain handlers, not the loop's: they run between two byte codes of the main thread even while it waits for a lock,
and a watchdog ends the process should the loop not come round.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

_PATIENCE = 0.6  # seconds the app has to end by itself
RESTORE = b"\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1002l\x1b[?1006l\x1b[?1004l\x1b[<u\x1b[?1049l\x1b[?25h"


class Ending:
    """Installs the handlers, remembers which signal came, and sees to it that the program ends."""

    def __init__(self, screen_fd: int) -> None:
        self.received: int | None = None
        self._screen_fd = screen_fd
        self._exit: Callable[[], object] = lambda: None
        self._save: Callable[[], object] = lambda: None
        try:
            self._attributes: list[Any] | None = termios.tcgetattr(screen_fd)
        except termios.error:
            self._attributes = None

    def install(self, leave: Callable[[], object], save: Callable[[], object]) -> None:
        """From now on SIGHUP and SIGTERM call ``leave`` on the main thread; SIGINT does nothing."""
        self._exit, self._save = leave, save
        for number in (signal.SIGHUP, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=self._await_hangup, name="asof-hangup", daemon=True).start()

    def _await_hangup(self) -> None:
        """A line that drops is told by signal to the session's leader alone: under ``make`` or a script, which
        live on, nobody tells us. The descriptor does."""
        line = select.poll()
        line.register(self._screen_fd, 0)  # a hang-up is told without being asked for
        for _descriptor, event in line.poll():
            if event & (select.POLLHUP | select.POLLERR):
                self._on_signal(signal.SIGHUP, None)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self.received is not None:
            return
        self.received = number
        threading.Thread(target=self._watch, name="asof-ending", daemon=True).start()
        self._exit()

    def _watch(self) -> None:
        """Save at once; end the process the hard way where the app does not end by itself."""
        try:
            self._save()
        finally:
            threading.Event().wait(_PATIENCE)
            self.restore()
            os._exit(128 + (self.received or 0))

    def restore(self) -> None:
        """Give the terminal back as it was found. A terminal that is gone is no fault."""
        try:
            os.set_blocking(self._screen_fd, False)
            os.write(self._screen_fd, RESTORE)
        except OSError:
            pass
        try:
            if self._attributes is not None:
                termios.tcsetattr(self._screen_fd, termios.TCSANOW, self._attributes)
        except (termios.error, OSError):
            pass


def screen_descriptor() -> int:
    """The descriptor of the terminal to draw on: standard output, or standard error where that is redirected."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None and stream.isatty():
            return stream.fileno()
    return 1

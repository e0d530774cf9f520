"""Textual's Linux driver, made to survive a terminal that goes away. Written against textual 8.2.8.

Workarounds, each with its reason:

- a write to a closed terminal kills Textual's writer thread, after which its bounded queue blocks the UI for ever:
  writes to a dead writer are dropped;
- a closed terminal reads as end of file, over which Textual's input thread spins or panics: it tells the app once;
- ``?1003h`` reports every movement of the mouse, which over SSH is traffic for nothing: ``?1002h`` reports drags.
"""

from __future__ import annotations

import os
import select
import signal
import threading

from textual.drivers.linux_driver import LinuxDriver


class Terminal(LinuxDriver):
    """The driver of the app on a real terminal."""

    def write(self, data: str) -> None:
        writer = self._writer_thread
        if writer is not None and writer.is_alive():
            super().write(data)

    def flush(self) -> None:
        """Writing is the writer thread's; there is nothing to flush here."""

    def _enable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1000h\x1b[?1002h\x1b[?1006h")

    def _disable_mouse_support(self) -> None:
        if self._mouse:
            self.write("\x1b[?1000l\x1b[?1002l\x1b[?1006l")

    def run_input_thread(self) -> None:
        try:
            if not self._gone():
                super().run_input_thread()
        except OSError:
            pass
        if not self.exit_event.is_set() or self._gone():
            self._app.call_later(self._app.exit, 128 + signal.SIGHUP)

    def _gone(self) -> bool:
        """True where the terminal was closed."""
        try:
            return bool(select.select([self.fileno], [], [], 0)[0]) and not os.isatty(self.fileno)
        except (OSError, ValueError):
            return True

    def close(self) -> None:
        writer = self._writer_thread
        if writer is not None and writer.is_alive():
            stopper = threading.Thread(target=super().close, daemon=True)
            stopper.start()
            stopper.join(0.5)

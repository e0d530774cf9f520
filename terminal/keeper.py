"""Saves the workspace as it changes, off the screen's thread, and says so where it cannot."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from terminal.workspace import KIND, NAME, Workspace, merged

if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.seams import StateLike

_CALM = 0.3  # seconds without a change before it is written
_AGAIN = 5.0  # seconds until what could not be written is tried again


class Keeper(threading.Thread):
    """Writes the newest workspace once changes calm down, and at once when asked to flush.

    ``tell`` is called when saving begins to fail, or fails for another reason, and with None once it works again.
    """

    def __init__(self, state: StateLike, tell: Callable[[Exception | None], object]) -> None:
        super().__init__(name="asof-keeper", daemon=True)
        self._state = state
        self._tell = tell
        self._wake = threading.Condition()
        self._writing = threading.Lock()
        self._newest: Workspace | None = None
        self._written: Workspace | None = None
        self.error: Exception | None = None

    def keep(self, workspace: Workspace) -> None:
        """Note a change; it is on disk within a moment."""
        with self._wake:
            if workspace == self._newest:
                return
            self._newest = workspace
            self._wake.notify()
        if not self.is_alive() and not self.ident:
            self.start()

    def run(self) -> None:
        while True:
            with self._wake:
                while self._newest is self._written:
                    self._wake.wait()
                if self.error is not None:
                    self._wake.wait(_AGAIN)
                while self._wake.wait(_CALM):
                    pass
            self.flush()

    def flush(self) -> None:
        """Write what is newest, now, on the caller's thread."""
        with self._writing:
            newest = self._newest
            if newest is None or newest is self._written:
                return
            try:
                self._state.update(KIND, NAME, lambda held: merged(held, newest))
            except Exception as error:  # a full disk or a lost mount: told on the status line, never a crash
                self._note(error)
            else:
                self._written = newest
                self._note(None)

    def _note(self, error: Exception | None) -> None:
        before, self.error = self.error, error
        if repr(before) != repr(error):
            self._tell(error)

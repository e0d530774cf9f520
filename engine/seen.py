"""Every page's id is recorded beside the work, so that OPEN finds any id that a screen showed."""

from __future__ import annotations

import atexit
import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store import Store
    from store.pages import PageRecord

_KEPT_WAITING = 256  # ids a store that cannot be written keeps waiting, before the oldest are let go


class SeenPages:
    """Writes records in a thread of its own: a commit to the catalog takes milliseconds of disk time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: deque[PageRecord] = deque(maxlen=_KEPT_WAITING)
        self._wake = threading.Condition()
        self._busy = False
        self._thread: threading.Thread | None = None

    def add(self, record: PageRecord) -> None:
        """Queue a record and return at once."""
        with self._wake:
            self._waiting.append(record)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="asof-seen", daemon=True)
                self._thread.start()
                atexit.register(self.drain)
            self._wake.notify_all()

    def drain(self, seconds: float = 2.0) -> None:
        """Wait until what is queued is written, at most so long."""
        with self._wake:
            self._wake.wait_for(lambda: not (self._waiting or self._busy), seconds)

    def _work(self) -> None:
        while True:
            with self._wake:
                self._busy = False
                self._wake.notify_all()
                self._wake.wait_for(lambda: bool(self._waiting))
                record = self._waiting.popleft()
                self._busy = True
            self._write(record)

    def _write(self, record: PageRecord) -> None:
        from engine.log import log
        from store.errors import StoreError

        try:
            self._store.keep_page(record)
        except (StoreError, OSError) as fault:
            log(
                self._store.home, record.user, "page id not recorded", "warning", id=record.id, why=str(fault)
            )

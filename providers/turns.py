"""Turns at one security: threads and processes that want the same fetched ask once."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from providers.errors import Kind, SourceError
from store.locks import only_one

SLOTS = 1024  # lock files at most; two securities that share one wait for each other, no more
_EVERY = 0.05


@contextmanager
def turn(home: Path, identity: str, cancelled: Callable[[], bool]) -> Iterator[None]:
    """The block runs in one thread of one process at a time; whoever is killed in it lets go by that."""
    path = home / "locks" / f"fetch-{zlib.crc32(identity.encode()) % SLOTS:04}.lock"
    while True:
        with only_one(path) as mine:
            if mine:
                yield
                return
        if cancelled():
            raise SourceError(Kind.CANCELLED, "cancelled while another program was fetching the same")
        time.sleep(_EVERY)

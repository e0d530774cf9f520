"""Locks between processes that a killed holder lets go by itself."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.paths import make_empty_file


@contextmanager
def only_one(path: Path) -> Iterator[bool]:
    """True within the block for one process (or thread) at a time, False at once for the others."""
    make_empty_file(path)
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(descriptor)

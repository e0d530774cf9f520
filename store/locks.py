"""Locks between processes that a killed holder lets go by itself."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from store.errors import Busy
from store.paths import make_empty_file

WAIT_SECONDS = 30.0


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


@contextmanager
def in_turn(path: Path, *, shared: bool = False) -> Iterator[None]:
    """One holder at a time, all processes and threads together; ``shared`` holders stand side by side.

    Raises Busy where another keeps it for longer than we wait (a stopped process).
    """
    make_empty_file(path)
    descriptor = os.open(path, (os.O_RDONLY if shared else os.O_RDWR) | os.O_CLOEXEC)
    try:
        _wait(descriptor, path, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _wait(descriptor: int, path: Path, kind: int) -> None:
    until, pause = time.monotonic() + WAIT_SECONDS, 0.0002
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                raise Busy(f"{path} stayed locked for {WAIT_SECONDS:.0f} s by another process") from None
        time.sleep(pause)
        pause = min(pause * 1.5, 0.005)

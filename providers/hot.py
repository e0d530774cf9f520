"""Frames kept in memory for the next question: the same rows of the same store as of the same clock.

A frame is named by what decides it: snapshot, clock, what was recorded by when, table, securities, range and
columns. Commits make a new snapshot and so new names: what is kept is never wrong, only no longer asked for.
Clocks after the last thing known to a snapshot see the same, and share frames: a desk at NOW moves every moment.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeAlias

from store.clock import from_micros
from store.vintages import newest_known, note_read

if TYPE_CHECKING:
    import polars as pl

    from store.reader import AsOfReader
    from store.reads import Read

MOST_BYTES = 256 << 20
Name: TypeAlias = tuple[object, ...]


class HotCache:
    """The frames used last, up to so many bytes. Safe to share between threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._held: OrderedDict[Name, tuple[pl.DataFrame, Read, int]] = OrderedDict()
        self._bytes = 0
        self._ends: dict[tuple[int, str], datetime | None] = {}
        self._lock = threading.Lock()

    def rows(
        self,
        reader: AsOfReader,
        table: str,
        ids: Sequence[int],
        start: date | None = None,
        end: date | None = None,
        *,
        columns: Sequence[str] | None = None,
    ) -> pl.DataFrame:
        """``reader.rows``; a read answered from memory is on the reader's record like any other."""
        picked = None if columns is None else tuple(columns)
        at = self._clock(reader, table)
        name: Name = (reader.layout.home, reader.snapshot, at, table, tuple(sorted(ids)), start, end, picked)
        with self._lock:
            held = self._held.get(name)
            if held is not None:
                self._held.move_to_end(name)
        if held is not None:
            note_read(reader, replace(held[1], asof=reader.asof, seconds=0.0))
            return held[0]
        frame = reader.rows(table, list(ids), start, end, columns=columns)
        self._keep(name, frame, reader.reads[-1])
        return frame

    @property
    def bytes(self) -> int:
        return self._bytes

    def __len__(self) -> int:
        return len(self._held)

    def _clock(self, reader: AsOfReader, table: str) -> datetime | None:
        """The reader's clock, or None where it lies after all that the table knows in its snapshot."""
        key = (reader.snapshot, table)
        if key not in self._ends:
            if len(self._ends) > 1000:
                self._ends.clear()
            newest = newest_known(reader, table)
            self._ends[key] = None if newest is None else from_micros(newest)
        end = self._ends[key]
        return None if end is None or reader.asof >= end else reader.asof

    def _keep(self, name: Name, frame: pl.DataFrame, read: Read) -> None:
        size = int(frame.estimated_size()) + 1024
        if size > self._most // 4:
            return  # one frame is not worth all the others
        with self._lock:
            if name in self._held:
                return
            self._held[name] = (frame, read, size)
            self._bytes += size
            while self._bytes > self._most:
                _, (_, _, gone) = self._held.popitem(last=False)
                self._bytes -= gone

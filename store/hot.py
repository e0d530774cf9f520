"""Answers kept in memory for the next question: the same rows of the same store as of the same clock.

An answer is named by what decides it: the store's home, the snapshot (what was recorded by a day is a snapshot
too), the clock, and what was asked. Commits make a new snapshot and so new names: what is kept is never wrong,
only no longer asked for. Clocks after the last thing that a snapshot knows see the same and share answers: a
desk at NOW moves every moment.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from store.clock import to_micros

if TYPE_CHECKING:
    import polars as pl

    from store.reader import AsOfReader
    from store.reads import Read

MOST_BYTES = 256 << 20
_SHARE = 8  # an answer larger than this part of all is not worth the others
_OVERHEAD = 2048  # what an entry takes beside its rows
_ENDS = 1000

Name: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A frame, and the records of the reads that made it."""

    frame: pl.DataFrame
    reads: tuple[Read, ...]
    bytes: int


class HotCache:
    """The answers used last, up to so many bytes. Safe to share between threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._held: OrderedDict[Name, Held] = OrderedDict()
        self._bytes = 0
        self._ends: dict[Name, int] = {}
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        return self._bytes

    def __len__(self) -> int:
        return len(self._held)

    def name(self, reader: AsOfReader, tables: tuple[str, ...], question: Name) -> Name:
        """What an answer of ``tables`` is kept under."""
        return (reader.layout.home, reader.snapshot, self._clock(reader, tables), tables, *question)

    def find(self, name: Name) -> Held | None:
        with self._lock:
            held = self._held.get(name)
            if held is not None:
                self._held.move_to_end(name)
            return held

    def keep(self, name: Name, frame: pl.DataFrame, reads: Sequence[Read]) -> None:
        size = int(frame.estimated_size()) + _OVERHEAD
        if size > self._most // _SHARE:
            return
        with self._lock:
            if name in self._held:
                return
            self._held[name] = Held(frame.clone(), tuple(reads), size)
            self._bytes += size
            while self._bytes > self._most:
                _, gone = self._held.popitem(last=False)
                self._bytes -= gone.bytes

    def end(self, reader: AsOfReader, tables: tuple[str, ...]) -> int:
        """``newest_known``, asked of the catalog once a snapshot."""
        key = (reader.layout.home, reader.snapshot, tables)
        found = self._ends.get(key)
        if found is None:
            if len(self._ends) >= _ENDS:
                self._ends.clear()
            found = self._ends[key] = newest_known(reader, tables)
        return found

    def _clock(self, reader: AsOfReader, tables: tuple[str, ...]) -> int | None:
        """The reader's clock, or None where it lies after all that the tables know in its snapshot."""
        end = self.end(reader, tables)
        now = to_micros(reader.asof)
        return None if now >= end else now


def remembered(
    reader: AsOfReader, tables: tuple[str, ...], question: Name, make: Callable[[AsOfReader], pl.DataFrame]
) -> pl.DataFrame:
    """What ``make`` answers, or answered when the same was asked before; on the reader's record either way.

    Its frame may be shared: callers get one of their own over the same rows, which nothing they do to it changes.
    """
    hot = reader.hot
    if hot is None:
        return make(reader)
    name = hot.name(reader, tables, question)
    held = hot.find(name)
    if held is None:
        twin = replace(reader, _reads=[])  # threads may share a reader: these reads are this answer's own
        frame = make(twin)
        hot.keep(name, frame, twin.reads)
        for read in twin.reads:
            reader.enter(read)
        return frame
    for read in held.reads:
        reader.enter(replace(read, asof=reader.asof, seconds=0.0))
    return held.frame.clone()


def state_of(reader: AsOfReader) -> tuple[str, int, int]:
    """Which rows a snapshot holds, wherever it lies: the store's id, the snapshot, and when its newest commit was
    recorded (microseconds), which tells apart a store made anew at the same place, one that was put back from a copy,
    and copies that went their own ways."""
    with reader.catalog.read() as connection:
        found = connection.execute(
            "select (select value from meta where key = 'id'), "
            "(select recorded_at from commits where seq <= ? order by seq desc limit 1)",
            (reader.snapshot,),
        ).fetchone()
    return str(found[0] or ""), reader.snapshot, int(found[1] or 0)


def newest_known(reader: AsOfReader, tables: Sequence[str]) -> int:
    """An instant, in microseconds, at or after every known_at of the tables in the reader's snapshot.

    Taken from the live files that hold rows of the snapshot. A compacted one may hold later rows too: then it is
    later than need be, never earlier.
    """
    marks = ",".join("?" * len(tables))
    query = (
        f"select max(max_known) from files where table_name in ({marks}) "  # noqa: S608 - marks only
        "and removed_seq is null and min_seq <= ?"
    )
    with reader.catalog.read() as connection:
        found = connection.execute(query, (*tables, reader.snapshot)).fetchone()[0]
    return int(found or 0)

"""The directory of securities at a clock, kept while it serves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.securities import Directory

if TYPE_CHECKING:
    from store import Store
    from store.reader import AsOfReader
    from store.reads import Read


@dataclass(frozen=True, slots=True)
class _Kept:
    """A directory, what it was read at, and the reads that made it (LEAK shows them)."""

    directory: Directory
    asof: datetime
    snapshot: int
    recorded: datetime | None
    reads: tuple[Read, ...]

    def serves(self, reader: AsOfReader) -> bool:
        same = self.snapshot == reader.snapshot and self.recorded == reader.recorded
        return same and timedelta(0) <= reader.asof - self.asof < timedelta(minutes=1)


class Directories:
    """Builds directories from a store, and keeps the last one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: _Kept | None = None

    @property
    def newest(self) -> Directory | None:
        """The directory built last, for completion, which does not wait for another."""
        return self._kept.directory if self._kept else None

    def at(self, reader: AsOfReader, zone: ZoneInfo) -> Directory:
        """The directory at a reader's clock.

        One built up to a minute before the clock serves it too (NOW moves on, names seldom do): an older
        one can lack a name, never show one too early.
        """
        if self._kept is not None and self._kept.serves(reader):
            return self._kept.directory
        fresh = self._store.reader(reader.asof, snapshot=reader.snapshot, recorded=reader.recorded)
        rows = fresh.securities().iter_rows(named=True)
        built = Directory(rows, reader.asof.astimezone(zone).date())
        self._kept = _Kept(built, reader.asof, reader.snapshot, reader.recorded, fresh.reads)
        return built

    def reads_for(self, reader: AsOfReader) -> tuple[Read, ...]:
        """The reads behind the directory that serves ``reader``."""
        return self._kept.reads if self._kept is not None and self._kept.serves(reader) else ()

"""How a reader's question is answered: from memory or the live files, and put on the record."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, SupportsIndex, TypeAlias

from store import files as listing
from store import lineage
from store.canonical import content_hash
from store.catalog import Catalog
from store.choose import cheaper
from store.clock import to_days, to_micros
from store.errors import Damaged
from store.files import LiveFile
from store.hot import remembered
from store.paths import Layout
from store.reads import Digest, Read
from store.scan import Request
from store.schema import table
from store.versions import every_version, visible, withdrawals

if TYPE_CHECKING:
    import polars as pl

    from store.reader import AsOfReader

Ids: TypeAlias = Sequence[int] | int

_HELD = 100_000  # rows of an answer that are held for its hash


@dataclass(frozen=True, slots=True)
class Disk:
    """The live files of one store."""

    catalog: Catalog
    layout: Layout

    def read(
        self, request: Request, how: Callable[[list[LiveFile]], pl.DataFrame]
    ) -> tuple[pl.DataFrame, list[LiveFile]]:
        """Read from the live files. Where one has just been vacuumed after a compaction, list them again."""
        files = self.files(request)
        try:
            return how(files), files
        except Damaged:
            again = self.files(request)
            if again == files:
                raise
            return how(again), again

    def files(self, request: Request) -> list[LiveFile]:
        """The files that answer a request cheapest."""
        return cheaper(self.live(request), request.ids, request.start, request.end)

    def live(self, request: Request) -> list[LiveFile]:
        """Every file that may hold rows of a request: of both copies, and fragments."""
        low = -(2**31) if request.start is None else to_days(request.start)
        high = 2**31 if request.end is None else to_days(request.end)
        ids = request.ids
        if ids == ():
            return []
        with self.catalog.read() as connection:
            return listing.live(
                connection,
                request.spec.name,
                request.snapshot,
                to_micros(request.asof),
                None if ids is None else (ids[0], ids[-1]),
                None if request.start is None and request.end is None else (low, high),
            )


def rows(
    reader: AsOfReader,
    name: str,
    ids: Ids | None,
    start: date | None,
    end: date | None,
    extra: tuple[str, ...] = (),
    *,
    only: tuple[str, ...] | None = None,
    keys_only: bool = False,
    seq: bool = False,
) -> pl.DataFrame:
    """Rows as of T with known_at, recorded as one read. ``seq`` and known_basis come along where they are needed
    to say where the rows are from."""
    spec, wanted = table(name), one_or_more(ids)
    payload = () if keys_only else spec.payload if only is None else only
    question = ("rows", wanted, start, end, payload, extra, seq)
    disk = Disk(reader.catalog, reader.layout)

    def make(reader: AsOfReader) -> pl.DataFrame:
        started = time.perf_counter()
        request = Request(spec, wanted, start, end, reader.asof, reader.snapshot)
        read = reading(disk.layout, request, payload, extra, seq=seq)
        frame, files = disk.read(request, read)
        sources = lineage.sources(disk.catalog, frame, files)
        again = None if frame.height <= _HELD else lambda: disk.read(request, read)[0]
        reader.enter(recorded(request, frame, files, started, spec.key, sources, again))
        return frame

    return remembered(reader, (spec.name,), question, make)


def reading(
    layout: Layout, request: Request, payload: Sequence[str], extra: Sequence[str] = (), *, seq: bool = False
) -> Callable[[list[LiveFile]], pl.DataFrame]:
    """How files answer rows as of T: with what is needed to say where they are from."""

    def read(files: list[LiveFile]) -> pl.DataFrame:
        columns = [*payload, "known_at", *extra]
        if len({base for file in files for base in file.bases}) > 1:
            columns.append("known_basis")
        if seq or len({source for file in files for source in file.sources}) > 1:
            columns.append("seq")
        return visible(layout, files, request, list(dict.fromkeys(columns)))

    return read


def read_again(disk: Disk, request: Request, payload: tuple[str, ...]) -> Digest:
    """The hash of rows that came another way, worked out from the files when it is asked for."""
    spec, read = request.spec, reading(disk.layout, request, payload)
    columns = [name for name in (*spec.names, "known_at") if name in (*spec.key, *payload, "known_at")]
    return Digest(lambda: content_hash(disk.read(request, read)[0].select(columns), spec.key))


def versions(
    reader: AsOfReader,
    name: str,
    ids: Ids,
    start: date | None,
    end: date | None,
    others: Mapping[str, object] | None = None,
) -> pl.DataFrame:
    """Every version known at T with the commits that brought it, recorded as one read; of the rows whose other
    columns of the key are ``others``."""
    spec, wanted, rest = table(name), one_or_more(ids), others or {}
    question = ("versions", wanted, start, end, tuple(sorted(rest.items())))
    disk = Disk(reader.catalog, reader.layout)

    def make(reader: AsOfReader) -> pl.DataFrame:
        import polars as pl

        started = time.perf_counter()
        request = Request(spec, wanted, start, end, reader.asof, reader.snapshot)
        frame, files = disk.read(request, lambda files: every_version(disk.layout, files, request))
        if rest:
            frame = frame.filter([pl.col(column) == value for column, value in rest.items()])
        full = lineage.with_commits(disk.catalog, frame)
        sources = tuple(sorted(set(full["source"].to_list())))
        key = (*spec.key, "known_at", "seq")
        reader.enter(recorded(request, frame, files, started, key, sources, None))
        return full

    return remembered(reader, (spec.name,), question, make)


def withdrawn(
    reader: AsOfReader, name: str, ids: Ids | None, start: date | None, end: date | None
) -> pl.DataFrame:
    """Keys withdrawn by T with when that was known, recorded as one read."""
    spec, wanted = table(name), one_or_more(ids)
    disk = Disk(reader.catalog, reader.layout)

    def make(reader: AsOfReader) -> pl.DataFrame:
        started = time.perf_counter()
        request = Request(spec, wanted, start, end, reader.asof, reader.snapshot)
        frame, files = disk.read(request, lambda files: withdrawals(disk.layout, files, request))
        reader.enter(recorded(request, frame, files, started, (*spec.key, "known_at"), (), None))
        return frame

    return remembered(reader, (spec.name,), ("withdrawn", wanted, start, end), make)


def recorded(
    request: Request,
    frame: pl.DataFrame,
    files: Sequence[LiveFile],
    started: float,
    key: tuple[str, ...],
    sources: tuple[str, ...],
    again: Callable[[], pl.DataFrame] | None,
) -> Read:
    """The record of a read. Its hash is worked out when asked for: a small answer is held until then, a large
    one is read ``again``, which pinned as it is answers the same."""
    columns = [name for name in (*request.spec.names, "known_at") if name in frame.columns]
    hash_key = tuple(name for name in key if name in columns)
    newest = frame["known_at"].max() if frame.height else None
    return Read(
        table=request.spec.name,
        ids=request.ids or (),
        start=request.start,
        end=request.end,
        columns=tuple(columns),
        rows=frame.height,
        asof=request.asof,
        newest_known_at=newest if isinstance(newest, datetime) else None,
        bases=lineage.bases(frame, files),
        sources=sources,
        files=len(files),
        seconds=time.perf_counter() - started,
        digest=_digest(frame, columns, hash_key, again),
    )


def _digest(
    frame: pl.DataFrame, columns: list[str], key: tuple[str, ...], again: Callable[[], pl.DataFrame] | None
) -> Digest:
    if again is not None:
        return Digest(lambda: content_hash(again().select(columns), key))
    held = frame.select(columns)
    return Digest(lambda: content_hash(held, key))


def one_or_more(ids: Ids | None) -> tuple[int, ...] | None:
    if ids is None:
        return None
    if isinstance(ids, SupportsIndex):  # one id, also as numpy gives it
        return (int(ids),)
    return tuple(sorted({int(each) for each in ids}))

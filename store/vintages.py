"""Every version of many keys at once: what a new telling is laid beside before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from store import answers, registers
from store.catalog import known_identities
from store.hot import remembered
from store.lineage import with_sources
from store.scan import Request
from store.schema import table
from store.versions import every_version

if TYPE_CHECKING:
    import polars as pl

    from store.batch import FetchedRecord
    from store.core import Store
    from store.reader import AsOfReader


def versions_of(
    reader: AsOfReader,
    name: str,
    ids: Sequence[int],
    start: date | None = None,
    end: date | None = None,
) -> pl.DataFrame:
    """All versions known at the reader's clock, tombstones too, oldest first, with their commits' ``seq``.

    For writers: functions read through the reader, which records what it is asked.
    """
    spec = table(name)
    request = Request(spec, tuple(sorted(set(ids))), start, end, reader.asof, reader.snapshot)
    disk = answers.Disk(reader.catalog, reader.layout)

    def make(_reader: AsOfReader) -> pl.DataFrame:
        return disk.read(request, lambda files: every_version(disk.layout, files, request))[0]

    return remembered(reader, (spec.name,), ("every version", request.ids, start, end), make)


def spans_of(reader: AsOfReader, name: str, security_id: int) -> list[tuple[str, date, date, int]]:
    """Which sources one security's rows come from, in order of their first sessions: source, first, last, rows.

    The read is on the reader's record.
    """
    import polars as pl

    spec = table(name)
    rows = answers.rows(reader, spec.name, security_id, None, None, (), keys_only=True, seq=True)
    spans = (
        with_sources(reader.catalog, rows)
        .group_by("source")
        .agg(
            pl.col(spec.session).min().alias("first"),
            pl.col(spec.session).max().alias("last"),
            pl.len().alias("rows"),
        )
        .sort("first", "source")
    )
    return [(source, first, last, count) for source, first, last, count in spans.iter_rows()]


def known_ids(store: Store, identities: Sequence[str]) -> dict[str, int]:
    """Permanent ids of those identities that have one: none is allotted."""
    with store._catalog.read() as connection:
        return known_identities(connection, list(identities))


def identity_of(store: Store, security_id: int) -> str | None:
    """The identity that a permanent id was allotted for."""
    with store._catalog.read() as connection:
        row = connection.execute(
            "select identity from identities where security_id = ?", (security_id,)
        ).fetchone()
    return None if row is None else str(row[0])


def fragments(store: Store) -> int:
    """How many fragments the table with most of them has."""
    with store._catalog.read() as connection:
        row = connection.execute(
            "select count(*) from files where removed_seq is null and layout = 'fragment' "
            "group by table_name order by 1 desc limit 1"
        ).fetchone()
    return 0 if row is None else int(row[0])


def all_fetched(store: Store) -> list[FetchedRecord]:
    """What sources have answered, of every data set and security, oldest first."""
    with store._catalog.read() as connection:
        return registers.fetched(connection, None, None, None, None)

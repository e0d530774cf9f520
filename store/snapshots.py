"""Snapshots: data sets by an id from which the identical rows come back, or an error that says what was
tampered with.

A snapshot holds no rows. It says what was read, at which T and S, and what the rows hashed to; files are
immutable, so that the same question has the same answer for ever. Its id is a hash over all of that.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from store import catalog as catalogs
from store.audit import Audit, anchor
from store.audit_lines import Fact
from store.catalog import Catalog
from store.clock import from_micros, to_micros
from store.errors import Damaged, StoreError
from store.paths import Layout
from store.reads import Read
from store.schema import table
from store.snapshot_form import (
    Selection,
    SnapshotBody,
    SnapshotRead,
    commit_hash,
    hash_parts,
    id_of,
    parse_body,
)
from store.who import user_name

if TYPE_CHECKING:
    import polars as pl

    from store.snapshot_rows import Rereader

_COMMIT = "seq, kind, source, dataset, answer_hash, basis, note, user, recorded_at, rows"


@dataclass(frozen=True, slots=True)
class SnapshotRecord:
    """A snapshot as the catalog lists it."""

    id: str
    name: str
    note: str
    user: str
    made_at: datetime
    snapshot: int
    recorded: datetime | None
    reads: tuple[SnapshotRead, ...]

    @property
    def rows(self) -> int:
        return sum(read.rows for read in self.reads)

    @property
    def asof(self) -> datetime | None:
        """The latest T of its reads."""
        return max((read.asof for read in self.reads), default=None)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot whose rows were read again and found to be the same: a frame for each of its reads, with
    the key, the columns, known_at, known_basis and seq, the commit that brought the row."""

    record: SnapshotRecord
    frames: tuple[pl.DataFrame, ...]


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The snapshots of one store."""

    catalog: Catalog
    layout: Layout
    clock: Callable[[], datetime]
    audit: Audit

    def save(
        self,
        name: str,
        selections: Sequence[Selection | Read],
        asof: datetime,
        snapshot: int,
        recorded: datetime | None,
        note: str,
        user: str | None,
    ) -> SnapshotRecord:
        """Read what is selected and keep what identifies it. The same data kept again has the same id."""
        reads: dict[SnapshotRead, None] = {}
        for chosen in dict.fromkeys(_selection(each) for each in selections):
            reads[self._reader(snapshot).read(chosen, chosen.asof or asof)[0]] = None
        if not reads:
            raise StoreError("a snapshot is of something: name a table at least")
        with self.catalog.read() as connection:
            seqs = {seq for read in reads for seq, _ in read.commits} | ({snapshot} if snapshot else set())
            commits = _commit_hashes(connection, seqs)
        body = SnapshotBody(snapshot, recorded, tuple(reads), tuple(sorted(commits.items()))).text()
        return self._keep(id_of(body), name, note, user or user_name(), body)

    def _keep(self, id_: str, name: str, note: str, user: str, body: str) -> SnapshotRecord:
        head = self.audit.head()
        with self.catalog.write() as connection:
            held = _row(connection, id_)
            if held is not None and name in ("", held[1]) and note in ("", held[2]):
                return _record(held)
            made = to_micros(self.clock()) if held is None else held[4]
            user = user if held is None else held[3]
            if held is not None:
                name, note = name or held[1], note or held[2]
            seal = _seal(id_, name, note, user, made, body)
            connection.execute(
                "insert or replace into snapshots values (?, ?, ?, ?, ?, ?, ?)",
                (id_, name, note, user, made, body, seal),
            )
            anchor(connection, head, catalogs.snapshot(connection))
        record = _record((id_, name, note, user, made, body, seal))
        facts: dict[str, Fact] = {
            "id": id_,
            "name": name,
            "rows": record.rows,
            "reads": len(record.reads),
            "seal": seal,
        }
        self.audit.record_all([("snapshot", {**facts, "snapshot": record.snapshot})], durable=True)
        return record

    def load(self, id_or_name: str) -> Snapshot:
        """The identical rows; Damaged, with what was tampered with, where they cannot be had."""
        record, body = self._verified_record(id_or_name)
        self._check_commits(body)
        frames = []
        for read in body.reads:
            chosen = Selection(read.table, read.ids, read.start, read.end, read.columns)
            found, frame = self._reader(body.snapshot).read(chosen, read.asof)
            if found != read:
                raise Damaged(
                    f"snapshot {record.id[:12]} cannot be had again: {self._difference(read, found)}"
                )
            frames.append(frame)
        return Snapshot(record, tuple(frames))

    def find(self, id_or_name: str) -> SnapshotRecord | None:
        """The snapshot with an id, the only one whose id starts so, or the newest of a name."""
        with self.catalog.read() as connection:
            row = _find(connection, id_or_name)
        return None if row is None else _record(row)

    def newest(self, limit: int, user: str | None) -> list[SnapshotRecord]:
        with self.catalog.read() as connection:
            rows = connection.execute(
                "select * from snapshots where ?1 is null or user = ?1 order by made_at desc, id limit ?2",
                (user, limit),
            ).fetchall()
        return [_record(row) for row in rows]

    def _reader(self, snapshot: int) -> Rereader:
        from store.snapshot_rows import Rereader

        return Rereader(self.catalog, replace(self.layout, verified=set()), snapshot)

    def _verified_record(self, id_or_name: str) -> tuple[SnapshotRecord, SnapshotBody]:
        with self.catalog.read() as connection:
            row = _find(connection, id_or_name)
        if row is None:
            raise StoreError(f"no snapshot is kept under {id_or_name!r}")
        id_, body, seal = row[0], row[5], row[6]
        if not body.isascii() or id_of(body) != id_:
            raise Damaged(
                f"the catalog's entry of snapshot {id_[:12]} was changed: what it says was read "
                "does not hash to its id"
            )
        if _seal(*row[:6]) != seal:
            raise Damaged(
                f"the catalog's entry of snapshot {id_[:12]} was changed: its name, note, user or time "
                "is not what was written"
            )
        return _record(row), parse_body(body)

    def _check_commits(self, body: SnapshotBody) -> None:
        with self.catalog.read() as connection:
            found = _commit_hashes(connection, {seq for seq, _ in body.commits})
        for seq, digest in body.commits:
            if seq not in found:
                raise Damaged(f"the catalog's list of commits was changed: commit {seq} is gone")
            if found[seq] != digest:
                raise Damaged(
                    f"the catalog's list of commits was changed: commit {seq} is not what it was when the "
                    "snapshot was made"
                )

    def _difference(self, wanted: SnapshotRead, found: SnapshotRead) -> str:
        """In words, what is not as it was."""
        before, after = dict(wanted.commits), dict(found.commits)
        other = [seq for seq in sorted(before.keys() | after.keys()) if before.get(seq) != after.get(seq)]
        if other:
            seq = min(other, key=lambda seq: after.get(seq, 0) >= before.get(seq, 0))  # what is missing first
            return (
                f"the catalog's list of files of {wanted.table} was changed: it brings {after.get(seq, 0):,} "
                f"rows of commit {seq}, there were {before.get(seq, 0):,}"
            )
        return f"rows of {wanted.table} are not what they were (their content hash differs)"


def _selection(given: Selection | Read) -> Selection:
    """What a read selected. A read of nobody's rows (no ids at all) stays one of nobody's."""
    if isinstance(given, Selection):
        return given if given.ids is None else replace(given, ids=tuple(sorted({int(i) for i in given.ids})))
    ids = given.ids or (() if not given.rows and not given.files else None)
    columns = tuple(
        name for name in given.columns if name not in table(given.table).key and name != "known_at"
    )
    return Selection(given.table, ids, given.start, given.end, columns, given.asof)


def _commit_hashes(connection: sqlite3.Connection, seqs: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for seq in sorted(seqs):
        row = connection.execute(f"select {_COMMIT} from commits where seq = ?", (seq,)).fetchone()  # noqa: S608
        if row is not None:
            found[seq] = commit_hash(row)
    return found


_Row = tuple[str, str, str, str, int, str, str]


def _row(connection: sqlite3.Connection, id_: str) -> _Row | None:
    row: _Row | None = connection.execute("select * from snapshots where id = ?", (id_,)).fetchone()
    return row


def _find(connection: sqlite3.Connection, word: str) -> _Row | None:
    if not word:
        return None
    rows: list[_Row] = connection.execute(
        "select * from snapshots where substr(id, 1, ?) = ? order by id limit 2", (len(word), word.lower())
    ).fetchall()
    if not rows:
        rows = connection.execute(
            "select * from snapshots where name = ? order by made_at desc limit 1", (word,)
        ).fetchall()
    if len(rows) > 1 and rows[0][0] != word.lower():
        raise StoreError(f"more than one snapshot starts with {word!r}: give more of its id")
    return rows[0] if rows else None


def _seal(id_: str, name: str, note: str, user: str, made_at: int, body: str) -> str:
    """Over the whole entry: the id speaks of the data alone."""
    return hash_parts("asof snapshot entry 1", (id_, name, note, user, str(made_at), body))


def _record(row: _Row) -> SnapshotRecord:
    try:
        body = parse_body(row[5])
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(f"the catalog's entry of snapshot {row[0][:12]} cannot be read: {error}") from error
    return SnapshotRecord(
        row[0], row[1], row[2], row[3], from_micros(row[4]), body.snapshot, body.recorded, body.reads
    )

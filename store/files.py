"""Data files: written under a temporary name, listed in the catalog with statistics."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from store import sorted_file
from store.clock import FOREVER, to_days, to_micros
from store.errors import StoreError
from store.paths import Layout, file_mode, make_folder
from store.schema import TableSpec, table
from store.ticks import Form, form_of, in_units

if TYPE_CHECKING:
    import polars as pl

LayoutWord: TypeAlias = Literal["fragment", "by_security", "by_year"]

ROW_GROUP = sorted_file.ROW_GROUP


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the catalog knows of a file, so that reads can pass it by. Days and microseconds since 1970."""

    rows: int
    min_security: int
    max_security: int
    min_session: int
    max_session: int
    min_known: int
    max_known: int
    one_version: bool
    bases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Staged:
    """A file written under its temporary name."""

    table: str
    layout: LayoutWord
    part: int
    temporary: Path
    bytes: int
    sha256: str
    statistics: Statistics
    seqs: tuple[int, int] | None = None  # of its rows, where a compaction knows them already
    sources: tuple[str, ...] | None = None
    form: Form = ""

    def with_origin(self, seqs: tuple[int, int], sources: tuple[str, ...]) -> Staged:
        return replace(self, seqs=seqs, sources=sources)

    def relative(self, seq: int) -> str:
        """Its path from the store's home once it is committed as ``seq``."""
        mark = {"fragment": "f", "by_security": "a", "by_year": "b"}[self.layout]
        token = self.temporary.name.split(".")[0]
        form = f".{self.form}" if self.form else ""
        return f"data/{self.table}/{seq:09d}-{mark}{self.part}-{token}{form}.parquet"


def statistics(spec: TableSpec, frame: pl.DataFrame, *, one_version: bool) -> Statistics:
    import polars as pl

    row = frame.select(
        pl.col("security_id").min().alias("a"),
        pl.col("security_id").max().alias("b"),
        pl.col(spec.session).min().alias("c"),
        pl.col(spec.session).max().alias("d"),
        pl.col("known_at").min().alias("e"),
        pl.col("known_at").max().alias("f"),
    ).row(0)
    return Statistics(
        rows=frame.height,
        min_security=row[0],
        max_security=row[1],
        min_session=to_days(row[2]),
        max_session=to_days(row[3]),
        min_known=to_micros(row[4]),
        max_known=to_micros(row[5]),
        one_version=one_version,
        bases=tuple(sorted(frame["known_basis"].unique().to_list())),
    )


def stage(
    layout: Layout, kind: LayoutWord, part: int, spec: TableSpec, frame: pl.DataFrame, found: Statistics
) -> Staged:
    """Write a frame beside the live files, flushed to disk, as open as its folder."""
    folder = layout.table(spec.name)
    if not folder.is_dir():
        make_folder(folder)  # of a table that is younger than the store
    temporary = folder / f"{uuid.uuid4().hex}.parquet.tmp"
    form: Form = ""
    try:
        if kind == "fragment":
            frame.write_parquet(temporary, compression="lz4", row_group_size=ROW_GROUP, statistics=True)
        else:
            kept, form = in_units(spec, frame)
            sorted_file.write(temporary, spec, kept, by_security=kind == "by_security")
        with temporary.open("r+b") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
            os.fchmod(handle.fileno(), file_mode(folder))
            os.fsync(handle.fileno())
            size = os.fstat(handle.fileno()).st_size
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StoreError(f"a file in {folder} cannot be written: {error.strerror or error}") from error
    return Staged(spec.name, kind, part, temporary, size, digest, found, form=form)


def insert(connection: sqlite3.Connection, file: Staged, seq: int, source: str) -> None:
    """List a renamed file under its commit."""
    found = file.statistics
    low, high = file.seqs or (seq, seq)
    connection.execute(
        """insert into files (table_name, path, layout, part, added_seq, rows, bytes, sha256,
               min_security, max_security, min_session, max_session, min_known, max_known,
               min_seq, max_seq, one_version, bases, sources)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            file.table,
            file.relative(seq),
            file.layout,
            file.part,
            seq,
            found.rows,
            file.bytes,
            file.sha256,
            found.min_security,
            found.max_security,
            found.min_session,
            found.max_session,
            found.min_known,
            found.max_known,
            low,
            high,
            int(found.one_version),
            json.dumps(found.bases),
            json.dumps(file.sources if file.sources is not None else (source,)),
        ),
    )


@dataclass(frozen=True, slots=True)
class LiveFile:
    """A live file as a read sees it."""

    path: str
    layout: LayoutWord
    part: int
    rows: int
    bytes: int
    added_seq: int
    max_seq: int
    min_security: int
    max_security: int
    min_session: int
    max_session: int
    max_known: int
    sha256: str
    one_version: bool
    bases: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def form(self) -> Form:
        """How its prices are kept."""
        return form_of(self.path)


def live(
    connection: sqlite3.Connection,
    name: str,
    snapshot: int,
    known: int = FOREVER,
    securities: tuple[int, int] | None = None,
    sessions: tuple[int, int] | None = None,
) -> list[LiveFile]:
    """Live files that may hold rows of a read, oldest commit first."""
    spec = table(name)
    where = ["table_name = ?", "removed_seq is null", "min_seq <= ?", "min_known <= ?"]
    values: list[object] = [spec.name, snapshot, known]
    if securities is not None:
        where += ["max_security >= ?", "min_security <= ?"]
        values += securities
    if sessions is not None:
        where += ["max_session >= ?", "min_session <= ?"]
        values += sessions
    rows = connection.execute(
        """select path, layout, part, rows, bytes, added_seq, max_seq, min_security, max_security, min_session,
                  max_session, max_known, sha256, one_version, bases, sources from files where """  # noqa: S608 - fixed words
        + " and ".join(where)
        + " order by added_seq, min_security, min_session",
        values,
    )
    return [
        LiveFile(*(*row[:13], bool(row[13]), tuple(json.loads(row[14])), tuple(json.loads(row[15]))))
        for row in rows.fetchall()
    ]

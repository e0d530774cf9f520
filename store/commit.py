"""The commit protocol: files first, then one catalog transaction that makes them visible together.

A writer killed anywhere leaves files that no reader sees and ``vacuum`` removes. ``fault`` is called at
each step by tests that kill the writer there.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from store import catalog as catalogs
from store import registers
from store.audit import Audit, anchor
from store.batch import Batch, CommitResult, Quarantined
from store.catalog import Catalog
from store.clock import from_micros
from store.errors import BadBatch, Interrupted
from store.files import Staged, insert, stage, statistics
from store.frames import fitted, one_version
from store.paths import Layout, file_mode, fsync_folder
from store.schema import table
from store.who import user_name

if TYPE_CHECKING:
    import polars as pl

Fault: TypeAlias = Callable[[str], None]
Progress: TypeAlias = Callable[[int, int, str], None]


def no_fault(_point: str) -> None:
    """Nothing is injected outside tests."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch whose frames passed their checks, and the files written for it so far."""

    batch: Batch
    frames: dict[str, pl.DataFrame]
    staged: list[Staged] = field(default_factory=list)
    aside: list[tuple[Quarantined, Path | None]] = field(default_factory=list)

    @property
    def temporaries(self) -> list[Path]:
        return [file.temporary for file in self.staged] + [path for _, path in self.aside if path]


@dataclass(frozen=True, slots=True)
class Commit:
    """One append under way."""

    catalog: Catalog
    layout: Layout
    clock: Callable[[], datetime]
    fault: Fault = no_fault

    def run(
        self,
        batch: Batch,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> CommitResult:
        return self.run_all((batch,), progress, cancelled)[0]

    def run_all(
        self,
        batches: Sequence[Batch],
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> tuple[CommitResult, ...]:
        """Several batches in one transaction: seen together or not at all. Each is a commit of its own, so
        that a row can say who brought it; those that are there already are left alone."""
        for batch in batches:
            if not (batch.source and batch.dataset and batch.answer_hash):
                raise BadBatch("a batch names its source, its dataset and the hash of the answer")
        if len({batch.ingest_key for batch in batches}) < len(batches):
            raise BadBatch("one batch is given twice")
        with self.catalog.read() as connection:
            known = {batch.ingest_key: earlier(connection, batch.ingest_key) for batch in batches}
        if all(known.values()):
            return tuple(result for result in known.values() if result is not None)
        now = self.clock()
        # All frames are checked before the first file is written.
        written = [
            Prepared(
                batch, {name: fitted(name, frame, batch.basis, now) for name, frame in batch.frames.items()}
            )
            for batch in batches
            if known[batch.ingest_key] is None
        ]
        try:
            self._write_files(written, progress, cancelled)
            self.fault("temporary written")
            made = self._acknowledge(written)
        finally:
            for path in [path for one in written for path in one.temporaries]:
                path.unlink(missing_ok=True)  # gone already where the rename was reached
        results = {key: result for key, result in known.items() if result is not None} | made
        return tuple(results[batch.ingest_key] for batch in batches)

    def _write_files(
        self,
        written: Sequence[Prepared],
        progress: Progress | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        filled = [(one, name, frame) for one in written for name, frame in one.frames.items() if frame.height]
        for done, (one, name, frame) in enumerate(filled):
            if cancelled is not None and cancelled():
                raise Interrupted("cancelled; nothing was written")
            if progress is not None:
                progress(done, len(filled), f"writing {name}, {frame.height:,} rows")
            spec = table(name)
            found = statistics(spec, frame, one_version=one_version(spec, frame))
            one.staged.append(stage(self.layout, "fragment", 0, spec, frame, found))
        for one in written:
            one.aside.extend((item, self._set_aside(item)) for item in one.batch.quarantined)
        if progress is not None:
            progress(len(filled), len(filled), "committing")

    def _set_aside(self, item: Quarantined) -> Path | None:
        """Quarantined rows as lines of JSON, for a person to read."""
        import uuid

        if item.rows is None or item.rows.height == 0:
            return None
        path = self.layout.quarantine / f"{uuid.uuid4().hex}.ndjson.tmp"
        item.rows.write_ndjson(path)
        path.chmod(file_mode(path.parent))
        return path

    def _acknowledge(self, written: Sequence[Prepared]) -> dict[str, CommitResult]:
        made: dict[str, CommitResult] = {}
        head = Audit(self.layout, self.clock).head()
        with self.catalog.write() as connection:
            for one in written:
                known = earlier(connection, one.batch.ingest_key)
                made[one.batch.ingest_key] = known or self._enter(connection, one)
            anchor(connection, head, catalogs.snapshot(connection))
            self.fault("before commit")
        self.fault("after commit")
        return made

    def _enter(self, connection: sqlite3.Connection, one: Prepared) -> CommitResult:
        """Give a batch its number, its files their names, and list them."""
        seq, recorded = catalogs.next_commit(connection, self.clock())
        rows = {name: frame.height for name, frame in one.frames.items()}
        rename(self.layout, one.staged, seq)
        self.fault("renamed")
        insert_commit(connection, seq, recorded, one.batch, rows)
        for file in one.staged:
            insert(connection, file, seq, one.batch.source)
        self._list_quarantine(connection, seq, one.aside)
        registers.enter_fetched(connection, seq, recorded, one.batch.source, one.batch.fetched)
        return CommitResult(seq, False, rows, from_micros(recorded))

    def _list_quarantine(
        self, connection: sqlite3.Connection, seq: int, aside: list[tuple[Quarantined, Path | None]]
    ) -> None:
        for item, temporary in aside:
            relative = None
            if temporary is not None:
                final = temporary.with_suffix("")
                temporary.rename(final)
                relative = f"quarantine/{final.name}"
            connection.execute(
                "insert into quarantine (seq, table_name, reason, rows, path) values (?, ?, ?, ?, ?)",
                (seq, item.table, item.reason, 0 if item.rows is None else item.rows.height, relative),
            )


def rename(layout: Layout, staged: list[Staged], seq: int) -> None:
    """Give staged files their names, for good. Within a write transaction, before they are listed."""
    for file in staged:
        file.temporary.rename(layout.file(file.relative(seq)))
    for folder in {layout.table(file.table) for file in staged}:
        fsync_folder(folder)


def insert_commit(
    connection: sqlite3.Connection, seq: int, recorded: int, batch: Batch, rows: dict[str, int]
) -> None:
    connection.execute(
        "insert into commits values (?, 'append', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            seq,
            batch.ingest_key,
            batch.source,
            batch.dataset,
            batch.answer_hash,
            batch.basis,
            batch.note,
            user_name(),
            recorded,
            json.dumps(rows),
        ),
    )


def earlier(connection: sqlite3.Connection, ingest_key: str) -> CommitResult | None:
    """The commit that this batch made before, if any."""
    row = connection.execute(
        "select seq, rows, recorded_at from commits where ingest_key = ?", (ingest_key,)
    ).fetchone()
    return None if row is None else CommitResult(row[0], True, json.loads(row[1]), from_micros(row[2]))

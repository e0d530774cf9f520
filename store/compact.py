"""Compaction: many fragments into two sorted copies, one by security and one by year.

Every version stays, with the ``seq`` of its commit, and ``known_to`` says when the next version of its
key became known: as of T, in any snapshot that has all the file's commits, the rows that hold are those
with ``known_at <= T < known_to``. Only the parts that fragments touch are written again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from store import block
from store import catalog as catalogs
from store import files as listing
from store.audit import Audit, anchor
from store.catalog import Catalog
from store.clock import FOREVER
from store.commit import Fault, Progress, no_fault, rename
from store.errors import StoreError
from store.files import LayoutWord, LiveFile, Staged, insert, stage, statistics
from store.lineage import commit_sources
from store.locks import only_one
from store.paths import Layout
from store.scan import check_files, collect, scan_versions
from store.schema import TableSpec
from store.who import user_name

if TYPE_CHECKING:
    import polars as pl

FRAGMENTS = 20  # from this many on, reading one security has tripled in time
BUCKET = 100  # securities in a file of the copy by security
WHOLE = -1  # the part of a copy that is one file
SMALL = 200_000  # rows: below this a copy is one file
_IN_MEMORY = 4_000_000  # rows of fragments that are read once rather than once a part


@dataclass(frozen=True, slots=True)
class CompactResult:
    """What one compaction did to one table."""

    table: str
    seq: int
    fragments: int
    files: int
    rows: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Compaction:
    """Compaction of one table under its lock."""

    catalog: Catalog
    layout: Layout
    clock: Callable[[], datetime]
    spec: TableSpec
    fault: Fault = no_fault
    bucket: int = BUCKET
    small: int = SMALL

    def run(self, minimum: int, progress: Progress | None = None) -> CompactResult | None:
        """Compact where there are ``minimum`` fragments; None where there are not, or another one runs."""
        with only_one(self.layout.locks / f"compact-{self.spec.name}.lock") as mine:
            if not mine:
                return None
            with self.catalog.read() as connection:
                files = listing.live(connection, self.spec.name, catalogs.snapshot(connection))
            fragments = [file for file in files if file.layout == "fragment"]
            if not fragments or len(fragments) < minimum:
                return None
            return self._compact(files, fragments, progress)

    def _compact(
        self, files: list[LiveFile], fragments: list[LiveFile], progress: Progress | None
    ) -> CompactResult:
        started = time.perf_counter()
        check_files(self.layout, files)
        staged: list[Staged] = []
        consumed = {file.path for file in fragments}
        try:
            for copy in ("by_security", "by_year"):
                consumed |= self._write_copy(copy, files, fragments, staged, progress)
            self.fault("temporary written")
            seq = self._acknowledge(staged, consumed)
        finally:
            for file in staged:
                file.temporary.unlink(missing_ok=True)
        rows = sum(file.rows for file in fragments)
        seconds = time.perf_counter() - started
        return CompactResult(self.spec.name, seq, len(fragments), len(staged), rows, seconds)

    def _write_copy(
        self,
        copy: LayoutWord,
        files: list[LiveFile],
        fragments: list[LiveFile],
        staged: list[Staged],
        progress: Progress | None,
    ) -> set[str]:
        """Write the parts of one copy that change; answers the files they replace."""
        import polars as pl

        mine = [file for file in files if file.layout == copy]
        parts = {file.part: file for file in mine if file.part != WHOLE}
        loose = fragments + [file for file in mine if file.part == WHOLE]
        rows = sum(file.rows for file in loose)
        source = scan_versions(self.layout, self.spec, loose)
        if not parts and rows <= self.small:
            self._write_part(copy, WHOLE, source, loose, staged)
            return {file.path for file in loose}
        if rows <= _IN_MEMORY:
            source = self._read(source, loose).lazy()
        part_of = self._part_of(copy)
        touched = self._read(source.select(part_of.unique()), loose).to_series().sort().to_list()
        for done, part in enumerate(touched):
            if progress is not None:
                progress(done, len(touched), f"{self.spec.name}, {copy.replace('_', ' ')}")
            together = source.filter(self._within(copy, part))
            if part in parts:
                together = pl.concat([together, scan_versions(self.layout, self.spec, [parts[part]])])
            self._write_part(copy, part, together, [*loose, *parts.values()], staged)
        return {file.path for file in loose} | {parts[part].path for part in touched if part in parts}

    def _write_part(
        self,
        copy: LayoutWord,
        part: int,
        source: pl.LazyFrame,
        files: Sequence[LiveFile],
        staged: list[Staged],
    ) -> None:
        import polars as pl

        frame = with_known_to(self.spec, self._read(source, files))
        if copy == "by_year":
            first = (self.spec.session, "security_id")
            others = tuple(name for name in self.spec.order if name not in first)
            frame = frame.sort(*first, *others, "known_at", "seq")
        found = statistics(self.spec, frame, one_version=False)
        seqs = frame.select(pl.col("seq").min().alias("low"), pl.col("seq").max().alias("high")).row(0)
        sources = commit_sources(self.catalog, frame["seq"].unique().to_list())
        file = stage(self.layout, copy, part, self.spec, frame, found)
        staged.append(file.with_origin((seqs[0], seqs[1]), tuple(sorted(set(sources.values())))))
        if copy == "by_security" and self.spec.name == "bars":
            block.keep(self.layout, file.sha256, frame, sources)

    def _part_of(self, copy: LayoutWord) -> pl.Expr:
        import polars as pl

        if copy == "by_security":
            return (pl.col("security_id") // self.bucket).cast(pl.Int64)
        return pl.col(self.spec.session).dt.year().cast(pl.Int64)

    def _within(self, copy: LayoutWord, part: int) -> pl.Expr:
        import polars as pl

        if copy == "by_security":
            low = part * self.bucket
            return pl.col("security_id").is_between(low, low + self.bucket - 1)
        return pl.col(self.spec.session).is_between(date(part, 1, 1), date(part, 12, 31))

    def _read(self, source: pl.LazyFrame, files: Sequence[LiveFile]) -> pl.DataFrame:
        return collect(self.layout, files, source)

    def _acknowledge(self, staged: list[Staged], consumed: set[str]) -> int:
        head = Audit(self.layout, self.clock).head()
        with self.catalog.write() as connection:
            seq, recorded = catalogs.next_commit(connection, self.clock())
            rename(self.layout, staged, seq)
            self.fault("renamed")
            rows = json.dumps({self.spec.name: sum(file.statistics.rows for file in staged)})
            connection.execute(
                "insert into commits values (?, 'compact', null, 'store', ?, '', '', '', ?, ?, ?)",
                (seq, self.spec.name, user_name(), recorded, rows),
            )
            for file in staged:
                insert(connection, file, seq, "store")
            removed = 0
            for path in sorted(consumed):
                removed += connection.execute(
                    "update files set removed_seq = ?, removed_at = ? where path = ? and removed_seq is null",
                    (seq, recorded, path),
                ).rowcount
            if removed != len(consumed):
                raise StoreError(f"{self.spec.name}: files changed during the compaction; nothing was done")
            anchor(connection, head, seq)
            self.fault("before commit")
        self.fault("after commit")
        return seq


def with_known_to(spec: TableSpec, frame: pl.DataFrame) -> pl.DataFrame:
    """All versions sorted, each with the instant from which a later one holds."""
    import polars as pl

    frame = frame.sort(*spec.order, "known_at", "seq")
    followed = pl.all_horizontal(pl.col(name) == pl.col(name).shift(-1) for name in spec.key)
    instant = pl.Datetime("us", "UTC")
    known_to = pl.when(followed.fill_null(value=False)).then(pl.col("known_at").shift(-1))
    return frame.with_columns(known_to.otherwise(pl.lit(FOREVER).cast(instant)).alias("known_to"))

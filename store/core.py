"""The store: one object through which everything else appends and reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from store import catalog as catalogs
from store import pages, registers
from store import schema as tables
from store.audit import Audit
from store.audit_events import tell_commits, tell_compaction, tell_untold
from store.batch import (
    Answered,
    Batch,
    BatchInfo,
    CommitResult,
    FetchedRecord,
    QuarantineRecord,
    TableSize,
    ingest_key,
)
from store.catalog import Catalog
from store.clock import from_micros, to_micros
from store.commit import Commit, Fault, Progress
from store.errors import StoreError, read_only
from store.hot import HotCache
from store.jobs import Jobs
from store.pages import PageRecord
from store.paths import Layout
from store.schema import TABLES
from store.snapshot_form import Selection
from store.snapshots import Snapshot, SnapshotRecord, Snapshots
from store.state import UserState

if TYPE_CHECKING:
    import polars as pl

    from store.answers import Ids
    from store.compact import CompactResult
    from store.objects.publish import Published
    from store.reader import Adjust, AsOfReader
    from store.reads import Read
    from store.sessions import Calendars
    from store.vacuum import VacuumResult


class Store:
    """Safe to share between threads; many processes may hold one on the same home."""

    def __init__(
        self,
        layout: Layout,
        catalog: Catalog,
        identity: str,
        clock: Callable[[], datetime],
        fault: Fault,
        *,
        own: Catalog | None = None,
        address: str = "",
    ) -> None:
        """``own``: where users' documents, pages and jobs are kept, if not in the catalog of the data, which at an
        ``address`` is only read."""
        self.home = layout.home
        self.id = identity
        self.address = address
        self._layout = layout
        self._catalog = catalog
        self._clock = clock
        self._own = own or catalog
        self._fault = fault
        self._held_calendars: Calendars | None = None
        self.hot = HotCache()
        self.audit = Audit(layout, clock)
        self.jobs = Jobs(self._own, clock)
        self._snapshots = Snapshots(catalog, layout, clock, self.audit)

    @property
    def place(self) -> str:
        """What opens this store again: its address, or its folder."""
        return self.address or str(self.home)

    # -- writing

    def identify(self, keys: Sequence[str]) -> dict[str, int]:
        """Permanent ids for identity keys, allotted once for all processes."""
        wanted = list(dict.fromkeys(keys))
        with self._catalog.read() as connection:
            found = catalogs.known_identities(connection, wanted)
        missing = [key for key in wanted if key not in found]
        if missing:
            with self._catalog.write() as connection:
                found.update(catalogs.identify(connection, missing, self._clock()))
        return {key: found[key] for key in wanted}

    def append(
        self,
        batch: Batch,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> CommitResult:
        """Write all tables of a batch in one commit, or none of them."""
        return self.append_all((batch,), progress, cancelled)[0]

    def append_all(
        self,
        batches: Sequence[Batch],
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> tuple[CommitResult, ...]:
        """Write several batches in one transaction: all become visible together, or none of them."""
        self._writable()
        commit = Commit(self._catalog, self._layout, self._clock, self._fault)
        results = commit.run_all(batches, progress, cancelled)
        tell_commits(self.audit, batches, results)
        return results

    def has_ingest(self, source: str, dataset: str, answer_hash: str | None = None) -> bool:
        """Whether this answer (or any answer to this question) was committed."""
        with self._catalog.read() as connection:
            if answer_hash is None:
                return registers.has_dataset(connection, source, dataset)
            return registers.has_key(connection, ingest_key(source, dataset, answer_hash))

    # -- reading

    def snapshot(self) -> int:
        """Sequence number of the newest acknowledged commit, 0 where there is none."""
        with self._catalog.read() as connection:
            return catalogs.snapshot(connection)

    def reader(
        self,
        asof: datetime,
        *,
        snapshot: int | None = None,
        recorded: datetime | None = None,
        hot: HotCache | None = None,
    ) -> AsOfReader:
        """A reader pinned at ``asof`` and at ``snapshot`` (the newest), or at what was recorded by then.

        ``hot`` is for those who ask the same again (the store's own is ``Store.hot``): writers do not.
        """
        from store.reader import AsOfReader

        asof = from_micros(to_micros(asof))  # in UTC, whatever its zone; refuses an instant without one
        with self._catalog.read() as connection:
            newest = catalogs.snapshot(connection)
            pinned = newest if snapshot is None else snapshot
            if pinned > newest or pinned < 0:
                raise StoreError(f"the store has no snapshot {pinned}; its newest is {newest}")
            if recorded is not None:
                pinned = min(pinned, catalogs.snapshot_at(connection, to_micros(recorded)))
        return AsOfReader(self._catalog, self._layout, self._calendars(), asof, pinned, recorded, hot)

    def bars(
        self,
        ids: Ids | None,
        start: date | None = None,
        end: date | None = None,
        *,
        asof: datetime,
        recorded: datetime | None = None,
        adjust: Adjust = "splits",
    ) -> pl.DataFrame:
        return self.reader(asof, recorded=recorded).bars(ids, start, end, adjust=adjust)

    def closes(
        self,
        ids: Ids | None,
        start: date | None = None,
        end: date | None = None,
        *,
        asof: datetime,
        recorded: datetime | None = None,
        basis: str | None = None,
    ) -> pl.DataFrame:
        return self.reader(asof, recorded=recorded).closes(ids, start, end, basis=basis)

    def actions(
        self,
        ids: Ids | None,
        start: date | None = None,
        end: date | None = None,
        *,
        asof: datetime,
        recorded: datetime | None = None,
        kinds: Sequence[str] | None = None,
        upcoming: bool = True,
    ) -> pl.DataFrame:
        reader = self.reader(asof, recorded=recorded)
        return reader.actions(ids, start, end, kinds=kinds, upcoming=upcoming)

    def observations(
        self,
        ids: Ids | None,
        start: date | None = None,
        end: date | None = None,
        *,
        asof: datetime,
        recorded: datetime | None = None,
    ) -> pl.DataFrame:
        return self.reader(asof, recorded=recorded).observations(ids, start, end)

    def securities(
        self, ids: Ids | None = None, *, asof: datetime, recorded: datetime | None = None
    ) -> pl.DataFrame:
        return self.reader(asof, recorded=recorded).securities(ids)

    def _calendars(self) -> Calendars:
        from store.sessions import Calendars

        if self._held_calendars is None:
            self._held_calendars = Calendars(self._layout.cache)
        return self._held_calendars

    # -- upkeep

    def compact(
        self, table: str | None = None, *, force: bool = False, progress: Progress | None = None
    ) -> list[CompactResult]:
        """Sort the fragments of a table (of every table) into the two copies that reads are fast on.

        Tables with few fragments are left alone unless forced. Safe beside readers and writers.
        """
        from store.compact import FRAGMENTS, Compaction

        self._writable()
        names = list(TABLES) if table is None else [tables.table(table).name]
        done: list[CompactResult] = []
        for name in names:
            job = Compaction(self._catalog, self._layout, self._clock, TABLES[name], self._fault)
            result = job.run(1 if force else FRAGMENTS, progress)
            if result is not None:
                done.append(result)
                tell_compaction(self.audit, result)
        return done

    def due_for_compaction(self) -> list[str]:
        """Tables with so many fragments that reads have become slow; a look at the catalog, no more."""
        from store.compact import FRAGMENTS

        if self.address:
            return []
        with self._catalog.read() as connection:
            return registers.fragmented(connection, FRAGMENTS)

    def vacuum(
        self, grace_seconds: float | None = None, *, removed_grace_seconds: float | None = None
    ) -> VacuumResult:
        """Delete what killed writers left, and files that compactions replaced long ago; tell the audit of commits
        whose writers were killed before they could."""
        from store import vacuum

        self._writable()
        tell_untold(self.audit, self._catalog)

        grace = vacuum.GRACE if grace_seconds is None else grace_seconds
        removed = vacuum.REMOVED_GRACE if removed_grace_seconds is None else removed_grace_seconds
        return vacuum.vacuum(self._catalog, self._layout, self._clock(), grace, removed)

    def publish(
        self,
        address: str,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Published:
        """Put the newest snapshot where workers and readers of other machines open it, s3://bucket/prefix: only what
        is not there yet, and nothing visible before all of it is there."""
        from store.objects.address import read_address
        from store.objects.bucket import Bucket
        from store.objects.publish import publish

        self._writable()
        done = publish(
            self._catalog, self._layout, self.id, Bucket(read_address(address)), progress, cancelled
        )
        self.audit.record(
            "publish", snapshot=done.seq, address=done.address, files=done.sent, bytes=done.sent_bytes
        )
        return done

    def check(self, progress: Progress | None = None) -> list[str]:
        """Problems of the catalog and of the live files, as sentences; none where all is well."""
        from store.objects.verify import check_published
        from store.vacuum import check

        if self.address:
            return check_published(self._catalog, self.address, progress)
        return check(self._catalog, self._layout, progress)

    def verify_audit(self, progress: Progress | None = None) -> list[str]:
        """What was changed, removed, moved or cut in the audit, as sentences; none where nothing was."""
        from store.audit_check import verify

        if self.address:
            raise StoreError(
                f"the audit stays in the folder that {self.address} is published from: verify it there"
            )
        return verify(self.audit, self._catalog, progress)

    # -- snapshots

    def save_snapshot(
        self,
        name: str,
        reads: Sequence[Selection | Read],
        asof: datetime,
        snapshot: int | None = None,
        recorded: datetime | None = None,
        note: str = "",
        user: str | None = None,
    ) -> SnapshotRecord:
        """Keep what identifies the rows of ``reads`` as of ``asof``, in a snapshot or as recorded by then."""
        self._writable()
        reader = self.reader(asof, snapshot=snapshot, recorded=recorded)
        return self._snapshots.save(name, reads, reader.asof, reader.snapshot, recorded, note, user)

    def load_snapshot(self, id_or_name: str) -> Snapshot:
        """The identical rows of a snapshot, verified; an error that says what was tampered with."""
        return self._snapshots.load(id_or_name)

    def find_snapshot(self, id_or_name: str) -> SnapshotRecord | None:
        """The snapshot with an id (or the start of one) or a name; its rows are not looked at."""
        return self._snapshots.find(id_or_name)

    def snapshots(self, user: str | None = None, limit: int = 100) -> list[SnapshotRecord]:
        """Kept snapshots, newest first."""
        return self._snapshots.newest(limit, user)

    # -- what the store knows of itself

    def fetched(
        self, dataset: str, security_id: int | None = None, *, detail: str = "", snapshot: int | None = None
    ) -> list[FetchedRecord]:
        """What sources were asked for and have answered, oldest first."""
        with self._catalog.read() as connection:
            return registers.fetched(connection, dataset, security_id, detail, snapshot)

    def fetched_about(self, security_id: int, snapshot: int) -> list[FetchedRecord]:
        """What sources have answered about one security by a snapshot, of every data set, oldest first."""
        with self._catalog.read() as connection:
            return registers.fetched(connection, None, security_id, None, snapshot)

    def batches(self) -> list[BatchInfo]:
        """Every commit, newest first."""
        with self._catalog.read() as connection:
            return registers.batches(connection)

    def sizes(self, snapshot: int) -> list[TableSize]:
        """What the tables of a snapshot take on disk."""
        with self._catalog.read() as connection:
            return registers.sizes(connection, snapshot)

    def answered(self, snapshot: int) -> list[Answered]:
        """What sources were asked for and have answered by a snapshot, by source and data set."""
        with self._catalog.read() as connection:
            return registers.answered(connection, snapshot)

    def quarantine(self) -> list[QuarantineRecord]:
        """Rows set aside by their checks, newest first."""
        with self._catalog.read() as connection:
            return registers.quarantine(connection)

    # -- users

    def state(self, user: str) -> UserState:
        return UserState(self._own, user, self._clock)

    def keep_page(self, record: PageRecord) -> None:
        with self._own.write() as connection:
            pages.keep(connection, record)

    def find_page(self, id_or_prefix: str) -> PageRecord | None:
        with self._own.read() as connection:
            return pages.find(connection, id_or_prefix)

    def pages(self, user: str | None = None, limit: int = 100) -> list[PageRecord]:
        """Kept pages, newest first."""
        with self._own.read() as connection:
            return pages.newest(connection, user, limit)

    def close(self) -> None:
        """Close idle connections; the store may be used again."""
        self._catalog.close()
        self._own.close()

    def _writable(self) -> None:
        if self.address:
            raise read_only(self.address)

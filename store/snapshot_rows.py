"""The rows of a snapshot, read again from files of which nothing is taken on trust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store import files as listing
from store.canonical import content_hash
from store.catalog import Catalog
from store.choose import cheaper
from store.clock import from_days, to_days, to_micros
from store.errors import Damaged, StoreError
from store.files import LiveFile, statistics
from store.paths import Layout
from store.scan import Request, collect, scan
from store.schema import TableSpec, table
from store.snapshot_form import Selection, SnapshotRead
from store.versions import visible

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl


@dataclass(frozen=True, slots=True)
class Rereader:
    """Reads rows with the commits that brought them, pinned at S. Every file is read whole and compared
    with its hash, also where this process has done so before; its entry is compared with what it holds."""

    catalog: Catalog
    layout: Layout  # of its own: what others found in order is looked at again
    snapshot: int

    def read(self, chosen: Selection, asof: datetime) -> tuple[SnapshotRead, pl.DataFrame]:
        """The read and its rows: the key, the columns, known_at, known_basis and seq."""
        spec, columns = table(chosen.table), _columns(chosen)
        ids = None if chosen.ids is None else tuple(sorted(set(chosen.ids)))
        request = Request(spec, ids, chosen.start, chosen.end, asof, self.snapshot)
        frame = self._rows(request, [*columns, "known_at", "known_basis", "seq"])
        frame = frame.select(*dict.fromkeys((*spec.key, *columns)), "known_at", "known_basis", "seq")
        counted = frame["seq"].value_counts(sort=False).sort("seq").rows()
        read = SnapshotRead(
            spec.name, ids, chosen.start, chosen.end, columns, asof, frame.height,
            tuple((int(seq), int(rows)) for seq, rows in counted), content_hash(frame, spec.key),
        )  # fmt: skip
        return read, frame

    def _rows(self, request: Request, columns: Sequence[str]) -> pl.DataFrame:
        files = self._files(request)
        try:
            return self._checked(request, files, columns)
        except Damaged:
            again = self._files(request)
            if again == files:
                raise
            return self._checked(request, again, columns)  # replaced by a compaction meanwhile

    def _checked(self, request: Request, files: list[LiveFile], columns: Sequence[str]) -> pl.DataFrame:
        rows = visible(self.layout, files, request, columns)
        for file in files:
            check_entry(self.layout, request.spec, file)
        return rows

    def _files(self, request: Request) -> list[LiveFile]:
        if request.ids == ():
            return []
        span = None
        if request.start is not None or request.end is not None:
            low = -(2**31) if request.start is None else to_days(request.start)
            span = (low, 2**31 if request.end is None else to_days(request.end))
        ids = request.ids
        with self.catalog.read() as connection:
            files = listing.live(
                connection, request.spec.name, self.snapshot, to_micros(request.asof),
                None if ids is None else (ids[0], ids[-1]), span,
            )  # fmt: skip
        return cheaper(files, ids, request.start, request.end)


def check_entry(layout: Layout, spec: TableSpec, file: LiveFile) -> None:
    """What the catalog says of a file is what the file says of itself: a wrong entry would hide rows."""
    compacted = file.layout != "fragment"
    names = ["security_id", spec.session, "known_at", "known_basis", *(("seq",) if compacted else ())]
    frame = collect(layout, [file], scan(layout, [file]).select(names))
    found = statistics(spec, frame, one_version=file.one_version)
    newest = frame["seq"].max() if compacted else file.added_seq
    pairs = {
        "rows": (file.rows, found.rows),
        "securities from": (file.min_security, found.min_security),
        "securities to": (file.max_security, found.max_security),
        "sessions from": (from_days(file.min_session), from_days(found.min_session)),
        "sessions to": (from_days(file.max_session), from_days(found.max_session)),
        "known until": (file.max_known, found.max_known),
        "commits to": (file.max_seq, newest),
        "bases": (file.bases, found.bases),
    }
    for what, (listed, held) in pairs.items():
        if listed != held:
            raise Damaged(
                f"the catalog's list of files was changed: of {file.path} it says {what} {listed}, "
                f"the file says {held}"
            )


def _columns(chosen: Selection) -> tuple[str, ...]:
    spec = table(chosen.table)
    if chosen.columns is None:
        return spec.payload
    unknown = set(chosen.columns) - set(spec.names)
    if unknown:
        raise StoreError(f"{spec.name}: no such column: {', '.join(sorted(unknown))}")
    return tuple(name for name in dict.fromkeys(chosen.columns) if name not in spec.key)

"""A kept data set as a page: what was read, that it is the same, and the first rows of each read."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from engine.frames import frame_of
from engine.page import CellSource, Column, ColumnKind, Lineage, Metric, Metrics, Note, Page, Panel, Table
from engine.version import VERSION

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context
    from store import Read, Snapshot, SnapshotRead, SnapshotRecord

SHOWN = 20  # rows of each read


def dataset_page(context: Context, held: Snapshot, function: str) -> Page:
    """The page of a snapshot whose rows were just verified; it stands at the snapshot's own clock."""
    record = held.record
    asof = record.asof or context.asof
    then = context.desk.context(asof, record.snapshot, record.recorded, live=False)
    told = (
        f"{record.id[:12]} of {record.user}, kept {context.show(record.made_at)}: every row is what it was."
    )
    notes = [Note(told, passing=True), *([Note(record.note, passing=True)] if record.note else [])]
    panels = [Panel("snapshot", "data set", Metrics(_summary(record)))]
    panels.append(Panel("reads", "what was read, each verified", _reads(then, record.reads)))
    for number, (read, frame) in enumerate(zip(record.reads, held.frames, strict=True), 1):
        cut = f"the first {SHOWN} of {read.rows:,} rows" if read.rows > SHOWN else f"all {read.rows:,} rows"
        panels.append(Panel(f"rows{number}", f"{number}. {read.table}: {cut}", _rows(read, frame)))
    lineage = Lineage(
        asof=asof,
        live=False,
        snapshot=record.snapshot,
        snapshot_id=record.id[:12],
        command=f"OPEN {record.id}",
        version=VERSION,
        user=context.user,
        recorded=record.recorded,
        reads=tuple(
            _lineage_read(read, frame) for read, frame in zip(record.reads, held.frames, strict=True)
        ),
    )
    title = f"Data set {record.name or record.id[:12]}"
    return Page(title, tuple(panels), function=function, notes=tuple(notes), lineage=lineage)


def _summary(record: SnapshotRecord) -> tuple[Metric, ...]:
    named = (Metric("name", record.name),) if record.name else ()
    narrowed = (Metric("as recorded by", record.recorded, "instant"),) if record.recorded else ()
    return (
        Metric("id", record.id),
        *named,
        Metric("as of", record.asof, "instant"),
        Metric("snapshot of the store", record.snapshot, "text", note="commits that it could see"),
        *narrowed,
        Metric("rows", record.rows, "integer"),
        Metric("kept by", record.user),
        Metric("kept at", record.made_at, "instant"),
    )


def _reads(context: Context, reads: tuple[SnapshotRead, ...]) -> Table:
    rows = [
        {
            "table": read.table,
            "securities": _tickers(context, read.ids),
            "start": read.start,
            "end": read.end,
            "rows": read.rows,
            "commits": len(read.commits),
            "hash": read.hash[:16],
        }
        for read in reads
    ]
    frame = frame_of(
        rows,
        table="text",
        securities="text",
        start="date",
        end="date",
        rows="integer",
        commits="integer",
        hash="text",
    )
    columns = (
        Column("table", "table"),
        Column("securities", "securities", width=32),
        Column("start", "from", "date"),
        Column("end", "to", "date"),
        Column("rows", "rows", "integer"),
        Column("commits", "commits", "integer"),
        Column("hash", "content hash"),
    )
    return Table(frame, columns)


def _tickers(context: Context, ids: tuple[int, ...] | None) -> str:
    if ids is None:
        return "all"
    known = [context.directory.by_id(each) for each in ids[:6]]
    names = [
        security.ref.ticker if security else str(each) for security, each in zip(known, ids, strict=False)
    ]
    return ", ".join(names) + (f" and {len(ids) - 6} more" if len(ids) > 6 else "")


def _rows(read: SnapshotRead, frame: pl.DataFrame) -> Table:
    import polars as pl

    from store.schema import table

    key = table(read.table).key
    keys = {name: name for name in key}
    kinds: dict[type, ColumnKind] = {
        pl.Date: "date", pl.Datetime: "instant", pl.Float64: "number", pl.Int64: "integer",
    }  # fmt: skip
    as_text = [
        name for name, kind in frame.schema.items() if kind == pl.Boolean or name in ("security_id", "seq")
    ]
    shown = frame.head(SHOWN).with_columns(pl.col(as_text).cast(pl.String))
    columns = tuple(
        Column(
            name,
            {"seq": "commit", "security_id": "id"}.get(name, name.replace("_", " ")),
            kinds.get(kind.base_type(), "text"),
            4 if kind == pl.Float64 else None,
            source=CellSource(read.table, name, keys) if name in read.columns else None,
            width=40 if kind == pl.String else None,
        )
        for name, kind in shown.schema.items()
    )
    return Table(shown, columns, key=key, empty="No row of it was known at that clock.")


def _lineage_read(read: SnapshotRead, frame: pl.DataFrame) -> Read:
    from store.reads import Digest, Read

    newest = frame["known_at"].max() if frame.height else None
    return Read(
        table=read.table,
        ids=read.ids or (),
        start=read.start,
        end=read.end,
        columns=tuple(frame.columns),
        rows=read.rows,
        asof=read.asof,
        newest_known_at=newest if isinstance(newest, datetime) else None,
        bases=tuple(sorted(frame["known_basis"].unique().to_list())),
        sources=(),
        files=0,
        seconds=0.0,
        digest=Digest(lambda: read.hash),
    )

"""Tables of DATA about the store's own work: what was asked, committed, set aside, and what it takes on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.frames import frame_of
from engine.page import Column, Panel, Table, Text

if TYPE_CHECKING:
    from engine.context import Context
    from store.batch import BatchInfo, QuarantineRecord

OWN = "the store's own recording, not market knowledge"


def panels(context: Context) -> list[Panel]:
    """What the store recorded of its own work, up to the page's snapshot.

    None of it was known to the market, and a data set's name may tell of later days: at an earlier clock it
    is left out.
    """
    if not context.live:
        told = (
            "Which batches this store recorded, and which rows it set aside, is its own history and no "
            "knowledge of this clock's day.",
            "ASOF NOW shows it.",
        )
        return [Panel("batches", "what was recorded: not shown at an earlier clock", Text(told), 1)]
    store, snapshot = context.desk.store, context.reader.snapshot
    found = []
    answered = _answered(context)
    if answered.frame.height:
        found.append(Panel("answered", "what sources have answered, and when last", answered))
    found.append(Panel("sizes", "what the tables take on disk, all versions", _sizes(context)))
    aside = [q for q in store.quarantine() if q.seq <= snapshot]
    if aside:
        rows = sum(q.rows for q in aside)
        title = f"set aside: {rows:,} rows that failed a check, never read. A number shows the rows"
        found.append(Panel("aside", title, quarantined(aside)))
    batches = [b for b in store.batches() if b.seq <= snapshot]
    found.append(Panel("batches", f"what was recorded, newest first: {OWN}", _batches(batches), 2))
    return found


def _answered(context: Context) -> Table:
    rows = [
        {
            "source": one.source, "dataset": one.dataset, "securities": one.securities,
            "start": one.start, "end": one.end, "last_at": one.last_at,
        }
        for one in context.desk.store.answered(context.reader.snapshot)
    ]  # fmt: skip
    frame = frame_of(
        rows, source="text", dataset="text", securities="integer", start="date", end="date", last_at="instant"
    )
    columns = (
        Column("source", "source"),
        Column("dataset", "data set"),
        Column("securities", "securities", "integer"),
        Column("start", "from", "date"),
        Column("end", "to", "date"),
        Column("last_at", "last answered at", "instant"),
    )
    return Table(frame, columns, ("source", "dataset"))


def _sizes(context: Context) -> Table:
    rows = [
        {
            "table": one.table, "rows": one.rows, "files": one.files, "fragments": one.fragments,
            "megabytes": one.bytes / 1e6, "bytes_a_row": one.bytes / one.rows if one.rows else None,
        }
        for one in context.desk.store.sizes(context.reader.snapshot)
    ]  # fmt: skip
    frame = frame_of(
        rows, table="text", rows="integer", files="integer", fragments="integer", megabytes="number",
        bytes_a_row="number",
    )  # fmt: skip
    columns = (
        Column("table", "table"),
        Column("rows", "rows", "integer"),
        Column("files", "files", "integer"),
        Column(
            "fragments",
            "fragments",
            "integer",
            formula="files as fetched; from 20 on they are compacted by themselves",
        ),
        Column("megabytes", "MB", "number", 1),
        Column("bytes_a_row", "bytes a row", "number", 1, formula="both sorted copies counted"),
    )
    return Table(frame, columns, ("table",), empty="Nothing is stored yet.")


def _batches(batches: list[BatchInfo]) -> Table:
    rows = [
        {
            "seq": str(b.seq), "recorded_at": b.recorded_at, "source": b.source, "dataset": b.dataset,
            "rows": sum(b.rows.values()), "user": b.user, "note": b.note,
        }
        for b in sorted(batches, key=lambda b: -b.seq)[:500]
    ]  # fmt: skip
    columns = (
        Column("seq", "commit"),
        Column("recorded_at", "recorded at", "instant"),
        Column("source", "source"),
        Column("dataset", "dataset"),
        Column("rows", "rows", "integer"),
        Column("user", "by"),
        Column("note", "note"),
    )
    frame = frame_of(
        rows, seq="text", recorded_at="instant", source="text", dataset="text", rows="integer", user="text",
        note="text",
    )  # fmt: skip
    return Table(frame, columns, key=("seq",), empty="Nothing was recorded yet.")


def quarantined(records: list[QuarantineRecord]) -> Table:
    """Groups of rows set aside, with the command that shows the rows of one."""
    names = ("id", "table", "rows", "reason", "source", "dataset", "recorded_at", "path")
    rows = [
        {name: getattr(record, name) for name in names} | {"command": f"DATA ASIDE={record.id}"}
        for record in records
    ]
    frame = frame_of(
        rows, id="integer", table="text", rows="integer", reason="text", source="text", dataset="text",
        recorded_at="instant", path="text", command="text",
    )  # fmt: skip
    columns = (
        Column("table", "table"),
        Column("rows", "rows", "integer"),
        Column("reason", "reason", width=60),
        Column("source", "source"),
        Column("dataset", "dataset", width=40),
        Column("recorded_at", "set aside at", "instant"),
    )
    return Table(frame, columns, ("id",), command="command")

"""DATA: what the store holds, how fresh it is, and what was set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.frames import frame_of
from engine.function import Args, Function
from engine.page import Column, Metric, Metrics, Page, Panel, Table, Text

if TYPE_CHECKING:
    from engine.context import Context
    from store.batch import BatchInfo, QuarantineRecord

_TABLES = ("securities", "bars", "closes", "actions", "observations")


def run(context: Context, args: Args) -> Page:
    import polars as pl

    frames = []
    for at, table in enumerate(_TABLES):
        context.check_cancelled()
        context.progress(at, len(_TABLES), table)
        held = context.reader.coverage(table)
        frames.append(
            held.group_by("source")
            .agg(
                pl.col("security_id").n_unique().cast(pl.Int64).alias("securities"),
                pl.col("rows").sum().cast(pl.Int64),
                pl.col("first").min(),
                pl.col("last").max(),
                pl.col("newest_known_at").max(),
            )
            .select(pl.lit(table).alias("table"), pl.all())
            .sort("source")
        )
    held = pl.concat(frames).with_columns(
        age=(pl.lit(context.today) - pl.col("last")).dt.total_days().cast(pl.Int64)
    )
    newest = max((d for d in held["newest_known_at"] if d is not None), default=None)
    # nothing here may differ between the users who open one kept page: not the home, not a time zone
    summary = (
        Metric("snapshot", context.reader.snapshot, "text", note="commits that the page could see"),
        Metric("as of", "NOW") if context.live else Metric("as of", context.asof, "instant"),
        Metric("rows known", int(held["rows"].sum()), "integer"),
        Metric("securities known", len(context.directory), "integer"),
        Metric("newest row known at", newest, "instant"),
    )
    columns = (
        Column("table", "table"),
        Column("source", "source"),
        Column("securities", "securities", "integer"),
        Column("rows", "rows", "integer"),
        Column("first", "first", "date"),
        Column("last", "last", "date"),
        Column("age", "days old", "integer", formula="the clock's date - last"),
        Column("newest_known_at", "newest known at", "instant"),
    )
    empty = "Nothing is known at this clock. ASOF NOW shows all that the store holds."
    panels = [
        Panel("summary", "store", Metrics(summary)),
        Panel(
            "held",
            "what is held, by table and source",
            Table(held, columns, ("table", "source"), empty=empty),
            2,
        ),
        *_registers(context),
    ]
    return Page("Data in the store", tuple(panels))


def _registers(context: Context) -> list[Panel]:
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
    batches = [b for b in store.batches() if b.seq <= snapshot]
    aside = [q for q in store.quarantine() if q.seq <= snapshot]
    own = "the store's own recording, not market knowledge"
    panels = [Panel("batches", f"what was recorded, newest first: {own}", _batches(batches), 2)]
    if aside:
        rows = sum(q.rows for q in aside)
        panels.append(
            Panel("aside", f"set aside: {rows:,} rows that failed a check, never read", _aside(aside))
        )
    return panels


def _batches(batches: list[BatchInfo]) -> Table:
    rows = [
        {
            "seq": str(b.seq),
            "recorded_at": b.recorded_at,
            "source": b.source,
            "dataset": b.dataset,
            "rows": sum(b.rows.values()),
            "user": b.user,
            "note": b.note,
        }
        for b in sorted(batches, key=lambda b: -b.seq)[:500]
    ]
    columns = (
        Column("seq", "commit"),
        Column("recorded_at", "recorded at", "instant"),
        Column("source", "source"),
        Column("dataset", "dataset"),
        Column("rows", "rows", "integer"),
        Column("user", "by"),
        Column("note", "note"),
    )
    return Table(
        frame_of(
            rows,
            seq="text",
            recorded_at="instant",
            source="text",
            dataset="text",
            rows="integer",
            user="text",
            note="text",
        ),
        columns,
        key=("seq",),
        empty="Nothing was recorded yet.",
    )


def _aside(records: list[QuarantineRecord]) -> Table:
    names = ("table", "rows", "reason", "source", "dataset", "path")
    rows = [{name: getattr(record, name) for name in names} for record in records]
    frame = frame_of(
        rows, table="text", rows="integer", reason="text", source="text", dataset="text", path="text"
    )
    columns = tuple(Column(n, n, "integer" if n == "rows" else "text") for n in names)
    return Table(frame, columns)


FUNCTIONS = (
    Function(
        "DATA",
        "what the store holds, how fresh it is, what was set aside",
        run,
        examples=(("DATA", "all tables by source"),),
        about=(
            "Rows known at the clock, by table and source, with the newest session and the newest moment of "
            "knowledge. Rows that failed a check on their way in are set aside with the reason, not dropped and "
            "not stored. What this store recorded and when is shown at NOW alone: at an earlier clock it would tell "
            "of later days. `asof store where` says where the store lies."
        ),
        order=80,
    ),
)

"""DATA: what the store holds, how fresh it is, and what was set aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import CommandError, DataError
from engine.function import Args, Argument, Function, Kind
from engine.functions import _data_registers, _data_security
from engine.page import Column, Metric, Metrics, Page, Panel, Table

if TYPE_CHECKING:
    from engine.context import Context

_SHOWN = 1_000  # rows set aside that a page shows


def run(context: Context, args: Args) -> Page:
    if args["aside"] is not None:
        return _aside(context, args["aside"])
    if context.securities:
        if len(context.securities) > 1:
            raise CommandError("DATA shows one security at a time, or with none the whole store.")
        return _data_security.page(context, context.securities[0])
    return _whole(context)


def _whole(context: Context) -> Page:
    import polars as pl

    from store.schema import TABLES

    frames = []
    for at, table in enumerate(TABLES):
        context.check_cancelled()
        context.progress(at, len(TABLES), table)
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
        *_data_registers.panels(context),
    ]
    return Page("Data in the store", tuple(panels))


def _aside(context: Context, number: int) -> Page:
    """The rows of one group that was set aside, as they came."""
    import polars as pl

    record = next((q for q in context.desk.store.quarantine() if q.id == number), None)
    if record is None or record.seq > context.reader.snapshot or not context.live:
        raise CommandError(
            "No rows were set aside under this number: DATA lists them at NOW.", argument="aside"
        )
    told = (
        Metric("table", record.table),
        Metric("reason", record.reason),
        Metric("source", record.source),
        Metric("data set", record.dataset),
        Metric("set aside at", record.recorded_at, "instant"),
        Metric("rows", record.rows, "integer"),
    )
    panels = [Panel("why", "why they are not read", Metrics(told))]
    if record.path is not None:
        try:
            rows = pl.read_ndjson(context.desk.store.home / record.path, infer_schema_length=None)
        except OSError as fault:
            raise DataError(f"The rows set aside cannot be read: {fault.strerror}.") from fault
        frame = rows.head(_SHOWN).select(pl.all().cast(pl.String))
        shown = Table(frame, tuple(Column(name, name) for name in frame.columns))
        panels.append(Panel("rows", f"the rows as they came, first {min(record.rows, _SHOWN):,}", shown, 2))
    return Page(f"Set aside: {record.table}, {record.reason}", tuple(panels))


FUNCTIONS = (
    Function(
        "DATA",
        "what the store holds, how fresh it is, what was set aside",
        run,
        arguments=(
            Argument(
                "security",
                Kind.SECURITY,
                "one security: what is held of it, which sessions are missing",
                (),
                many=True,
            ),
            Argument(
                "aside",
                Kind.INTEGER,
                "rows that were set aside, by the number in DATA's list",
                minimum=1,
                named_only=True,
            ),
        ),
        examples=(
            ("DATA", "all tables by source"),
            ("DATA AAPL", "what is held of Apple, and which sessions are missing"),
        ),
        about=(
            "Rows known at the clock, by table and source, with the newest session and the newest moment of "
            "knowledge. Rows that failed a check on their way in are set aside with the reason, not dropped and "
            "not stored. What this store recorded and when is shown at NOW alone: at an earlier clock it would tell "
            "of later days. Missing sessions are those of the security's exchange between the first and the last "
            "row. Tables of many fragments are compacted by themselves; `asof store compact` does it at once. "
            "`asof store where` says where the store lies."
        ),
        order=80,
    ),
)

"""DATA of one security: what each table holds, which sessions are missing, what sources were asked."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from engine.frames import frame_of
from engine.page import Column, Page, Panel, SecurityRef, Table, Text

if TYPE_CHECKING:
    import numpy as np

    from engine.context import Context

_DAILY = ("bars", "closes")


def page(context: Context, ref: SecurityRef) -> Page:
    """Coverage of ``ref`` as of the clock."""
    import polars as pl

    from store.schema import TABLES

    frames = []
    for at, table in enumerate(TABLES):
        context.check_cancelled()
        context.progress(at, len(TABLES), table)
        held = context.reader.coverage(table, [ref.security_id])
        frames.append(held.select(pl.lit(table).alias("table"), pl.exclude("security_id")))
    held = pl.concat(frames).with_columns(
        age=(pl.lit(context.today) - pl.col("last")).dt.total_days().cast(pl.Int64)
    )
    columns = (
        Column("table", "table"),
        Column("rows", "rows", "integer"),
        Column("first", "first", "date"),
        Column("last", "last", "date"),
        Column("age", "days old", "integer", formula="the clock's date - last"),
        Column("newest_known_at", "newest known at", "instant"),
        Column("source", "sources"),
    )
    empty = (
        f"Nothing about {ref.label} is known at this clock. BACKFILL {ref.ticker} asks the sources for it."
    )
    panels = [Panel("held", "what is held", Table(held, columns, ("table",), empty=empty))]
    daily = held.filter(pl.col("table").is_in(_DAILY))
    panels += [
        _missing(context, ref, row["table"], row["first"], row["last"]) for row in daily.iter_rows(named=True)
    ]
    if context.live:
        panels.append(
            Panel("answered", "what sources were asked for and have answered", _answered(context, ref))
        )
    return Page(f"Data of {ref.label}", tuple(panels))


def _missing(context: Context, ref: SecurityRef, table: str, first: date, last: date) -> Panel:
    """Runs of sessions of its exchange without a row, between the first and the last that has one."""
    security = context.directory.by_id(ref.security_id)
    calendar = security.current.calendar if security is not None else ""
    name, title = f"missing_{table}", f"sessions without a row of {table}"
    if not calendar:
        return Panel(name, title, Text(("It has no exchange calendar: what is missing cannot be told.",)))
    held = context.reader.rows(table, ref.security_id, columns=())["session_date"].unique().to_numpy()
    runs = missing_runs(context.reader.sessions(first, last, calendar), held)
    frame = frame_of(
        [{"start": a, "end": b, "sessions": n} for a, b, n in runs],
        start="date",
        end="date",
        sessions="integer",
    )
    columns = (
        Column("start", "from", "date"),
        Column("end", "to", "date"),
        Column("sessions", "sessions", "integer"),
    )
    total = sum(n for _, _, n in runs)
    told = (
        f"{total:,} {title}, by the calendar {calendar}"
        if total
        else f"{title}: none, by the calendar {calendar}"
    )
    empty = f"Every session of {calendar} from {first} to {last} has a row."
    return Panel(name, told, Table(frame, columns, ("start",), empty=empty))


def missing_runs(sessions: np.ndarray, held: np.ndarray) -> list[tuple[date, date, int]]:
    """Runs of successive sessions that are not held: first, last and how many. Both arrays are days."""
    import numpy as np

    absent = ~np.isin(sessions, held.astype("datetime64[D]"))
    edges = np.flatnonzero(np.diff(np.concatenate(([False], absent, [False])).astype(np.int8)))
    return [
        (sessions[start].item(), sessions[end - 1].item(), int(end - start))
        for start, end in zip(edges[::2], edges[1::2], strict=True)
    ]


def _answered(context: Context, ref: SecurityRef) -> Table:
    rows = [
        {
            "dataset": record.dataset + (f" {record.detail}" if record.detail else ""),
            "source": record.source, "start": record.start, "end": record.end, "fetched_at": record.fetched_at,
            "seq": str(record.seq),
        }
        for record in context.desk.store.fetched_about(ref.security_id, context.reader.snapshot)
    ]  # fmt: skip
    frame = frame_of(
        rows, dataset="text", source="text", start="date", end="date", fetched_at="instant", seq="text"
    )
    columns = (
        Column("dataset", "data set"),
        Column("source", "source"),
        Column("start", "from", "date"),
        Column("end", "to", "date"),
        Column("fetched_at", "answered at", "instant"),
        Column("seq", "commit"),
    )
    empty = (
        f"No source was asked yet. BACKFILL {ref.ticker} asks those that are set up; KEYS shows which are."
    )
    return Table(frame, columns, empty=empty)

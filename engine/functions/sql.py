"""SQL: a read-only console over as-of views of every table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.errors import Cancelled, CommandError
from engine.frames import frame_of
from engine.function import Args, Argument, Function, Kind
from engine.page import Column, ColumnKind, Note, Page, Panel, Table

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context

ABOUT = (
    "One SELECT, in DuckDB's dialect, over views that hold what was known at the clock: every table of the store "
    "with the ticker of the day on each row, and bars_split_adjusted and bars_adjusted (splits; splits and "
    "dividends). SQL alone lists the views and their columns.\n"
    "Nothing can be written, and no file, address, setting or other program is reached. The wall's clock and chance "
    "are left out, since a page must be the same when it is opened again: asof_instant() is the page's clock, "
    "asof_date() its day. A query may take 30 s and 2 GB and answers at most 100,000 rows; Esc stops it. EXPORT CSV "
    "saves the answer."
)


def run(context: Context, args: Args) -> Page:
    query = args["query"]
    return _views() if not query else _answer(context, query)


def _answer(context: Context, query: str) -> Page:
    from engine.sql import views
    from engine.sql.check import QueryError, check
    from engine.sql.run import MOST_ROWS
    from engine.sql.run import run as run_query
    from engine.sql.worker import connect

    connection = connect()
    try:
        checked = check(connection, query, frozenset(views.names()))
        frames = {}
        for at, name in enumerate(checked.views):
            context.check_cancelled()
            context.progress(at, len(checked.views) + 1, f"reading {name}")
            frames[name] = views.frame(context, name)
        context.progress(len(frames), len(frames) + 1, "running the query")
        result = run_query(
            checked.text, frames,
            asof=context.asof, day=context.today, cancelled=context.cancelled,
        )  # fmt: skip
    except QueryError as fault:
        if context.cancelled():
            raise Cancelled("Cancelled.") from fault
        raise CommandError(str(fault), argument="query") from fault
    finally:
        connection.close()
    if not result.whole:
        context.notes.append(
            Note(f"Only the first {MOST_ROWS:,} rows are shown: there are more. Narrow the query.", "warning")
        )
    shown = _table(result.frame, f"as the query has it: {checked.text}")
    rows = f"{result.frame.height:,} row{'' if result.frame.height == 1 else 's'}"
    return Page(f"SQL: {query}", (Panel("rows", rows, shown),))


def _table(frame: pl.DataFrame, formula: str) -> Table:
    columns = tuple(
        Column(name, name, _kind(name, kind), formula=formula) for name, kind in frame.schema.items()
    )
    return Table(frame, columns, empty="The query has no rows at this clock. ASOF NOW sees all.")


def _kind(name: str, kind: pl.DataType) -> ColumnKind:
    import polars as pl

    if kind == pl.Date:
        return "date"
    if isinstance(kind, pl.Datetime):
        return "instant"
    if kind.is_integer():
        # numbers that name something are not grouped by thousands
        return "text" if name.endswith(("_id", "_year")) else "integer"
    return "number" if kind.is_numeric() else "text"


_ADJUSTED_COLUMNS = ", ".join(
    [
        "ticker",
        "security_id",
        "session_date",
        "open",
        "high",
        "low",
        "close",
        "volume",
        "split_factor",
        "dividend_factor",
        "known_at",
    ]
)


def _first_rows(view: str) -> str:
    return f"SQL select * from {view} limit 100"  # noqa: S608 - a name of ours


def _views() -> Page:
    from engine.sql.views import ADJUSTED
    from store.schema import CLOCKS, TABLES

    rows = []
    for name, spec in TABLES.items():
        listed = [column.name for column in spec.columns if column.name != "security_id"]
        ticker = [] if "ticker" in listed else ["ticker"]
        clocks = [column.name for column in CLOCKS if column.name != "deleted"]
        rows.append(
            {
                "view": name,
                "columns": ", ".join([*ticker, "security_id", *listed, *clocks]),
                "command": _first_rows(name),
            }
        )
    for name in ADJUSTED:
        columns = (
            "ticker, security_id, session_date, open, high, low, close, volume, split_factor, dividend_factor"
        )
        rows.append({"view": name, "columns": columns, "command": _first_rows(name)})
    shown = (Column("view", "view"), Column("columns", "columns"))
    table = Table(
        frame_of(rows, view="text", columns="text", command="text"), shown, key=("view",), command="command"
    )
    title = "type a number to see the first rows, or SQL and a query"
    return Page("SQL: the views", (Panel("views", title, table),))


FUNCTIONS = (
    Function(
        "SQL",
        "ask the store in SQL, as of the clock, read-only",
        run,
        arguments=(Argument("query", Kind.TEXT, "one SELECT over the views"),),
        raw="query",
        examples=(
            ("SQL", "the views and their columns"),
            ("SQL select ticker, max(close) from bars group by ticker", "highest close by ticker"),
            (
                "SQL select ticker, last_day(session_date) as month, last(close order by session_date) as close "
                "from bars_adjusted where ticker in ('AAPL', 'MSFT') group by all order by month desc, ticker",
                "month-end adjusted closes",
            ),
        ),
        about=ABOUT,
        order=82,
    ),
)

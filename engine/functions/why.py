"""WHY: where a cell comes from: formula, adjustment, and every version of its source row known by then."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from engine.function import Args, Argument, Function, Kind
from engine.page import CellSource, Column, Metric, Metrics, Page, Panel, Table
from engine.provenance import Cell, find_cell

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context


def run(context: Context, args: Args) -> Page:
    page = _asked_of(context)
    where = args["date"] if args["date"] is not None else args["row"]
    cell = find_cell(page, where, args["column"], args["panel"])
    panels = [Panel("cell", "cell", Metrics(_about(page, cell)))]
    if cell.source is None:
        if not cell.formula:
            context.note("This cell is not read from a table; it is the page's own text.")
        return Page(f"Why {cell.label}", tuple(panels))
    summed = _summed(cell)
    versions = (
        _of_all_sessions(context, cell) if summed else context.reader.versions(cell.source.table, cell.key)
    )
    panels.append(Panel("versions", f"source rows in {cell.source.table}, newest knowledge first", _versions(
        versions, cell.source.column, summed), 2))  # fmt: skip
    if cell.sessions is not None:
        panels.append(_sessions(context, cell))
    if cell.source.table == "bars" and "session_date" in cell.key:
        panels.append(_adjustments(context, cell))
    return Page(f"Why {cell.label}", tuple(panels))


def _asked_of(context: Context) -> Page:
    """The page on screen; after a WHY, the page that it asked about, and not its answer."""
    page = context.page
    if page is not None and page.function == "WHY":
        page = context.desk.subject() or page
    assert page is not None  # noqa: S101 - the desk runs on_page functions only with a page
    return page


def _summed(cell: Cell) -> bool:
    """Whether every session of a bar went into the cell."""
    return cell.sessions is not None and cell.source is not None and cell.source.column == "volume"


def _bars_of(context: Context, cell: Cell) -> pl.DataFrame:
    assert cell.sessions is not None  # noqa: S101 - asked of bars of several sessions only
    return context.reader.bars([cell.key["security_id"]], *cell.sessions, adjust="none")  # type: ignore[list-item]


def _of_all_sessions(context: Context, cell: Cell) -> pl.DataFrame:
    """Every version of every session's row behind a sum."""
    import polars as pl

    days = _bars_of(context, cell)["session_date"].to_list()
    return pl.concat([context.reader.versions("bars", {**cell.key, "session_date": day}) for day in days])


def _sessions(context: Context, cell: Cell) -> Panel:
    """The bars, as traded, that were made into one."""
    import polars as pl

    bars, made = _bars_of(context, cell), cell.key["session_date"]
    assert cell.source is not None  # noqa: S101 - asked of cells with a source only
    if cell.source.column != "volume":
        bars = bars.with_columns(
            tone=pl.when(pl.col("session_date") == made).then(pl.lit("strong")).otherwise(pl.lit("")),
            made=pl.when(pl.col("session_date") == made).then(pl.lit(cell.source.column)),
        )
    else:
        bars = bars.with_columns(tone=pl.lit(""), made=pl.lit("volume"))
    columns = (
        Column("session_date", "session", "date"),
        *(
            Column(name, name, "price", 2, source=_bar_source(name))
            for name in ("open", "high", "low", "close")
        ),
        Column("volume", "volume", "integer", source=_bar_source("volume")),
        Column("made", "gives the bar's"),
        Column("known_at", "known at", "instant"),
    )
    title = f"the {bars.height} sessions of this bar, as traded"
    return Panel("sessions", title, Table(bars, columns, key=("session_date",), emphasis="tone"))


def _bar_source(column: str) -> CellSource:
    keys = {name: name for name in ("security_id", "session_date")}
    return CellSource("bars", column, keys)


def _about(page: Page, cell: Cell) -> tuple[Metric, ...]:
    items = [
        Metric("page", page.title),
        Metric("cell", cell.label),
        Metric("value shown", cell.value, cell.kind, cell.decimals, cell.unit),
        Metric("formula", cell.formula or ("as the source has it" if cell.source else "none is told")),
    ]
    if cell.factor is not None and cell.source is not None and cell.value is not None:
        read = cell.value / cell.factor if isinstance(cell.value, int | float) and cell.factor else None
        items.append(
            Metric("factor", cell.factor, "number", 6, formula="value shown / value in the source row")
        )
        items.append(Metric("value / factor", read, "number", 4))
    if cell.source is not None:
        items.append(Metric("table", f"{cell.source.table}.{cell.source.column}"))
        key = dict(cell.key)
        if _summed(cell) and cell.sessions is not None:
            key["session_date"] = " to ".join(map(str, cell.sessions))
        items += [Metric(f"key {name}", _plain(value)) for name, value in key.items()]
    return tuple(items)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _versions(frame: pl.DataFrame, column: str, many: bool) -> Table:
    import polars as pl

    shown = frame.sort(["known_at", "seq"], descending=True)
    keys = [name for name in ("session_date",) if many]
    nth = pl.int_range(pl.len()).over(keys) if keys else pl.int_range(pl.len())
    shown = shown.with_columns(nth=nth).with_columns(
        state=pl.when(pl.col("nth") > 0).then(pl.lit("superseded"))
        .when(pl.col("deleted")).then(pl.lit("withdrawn")).otherwise(pl.lit("in force"))
    )  # fmt: skip
    kind: Any = "number" if shown.schema[column].is_numeric() else "text"
    columns = (
        Column("state", "state"),
        *(Column(name, "session", "date") for name in keys),
        Column(column, column, kind, 6 if kind == "number" else None),
        Column("known_at", "known at", "instant"),
        Column("known_basis", "basis of known at", width=44),
        Column("recorded_at", "recorded at", "instant"),
        Column("source", "source"),
        Column("dataset", "dataset"),
        Column("seq", "commit", "text"),
        Column("answer_hash", "answer hash", width=14),
        Column("batch_note", "note", width=60),
    )
    return Table(
        shown, columns, key=(*keys, "seq"), empty="No row with this key is known at the page's clock."
    )


def _adjustments(context: Context, cell: Cell) -> Panel:
    """The actions after the session that were known and effective at the clock."""
    import polars as pl

    from engine.shares import describe_action

    day = cell.sessions[0] if cell.sessions is not None and _summed(cell) else cell.key["session_date"]
    assert isinstance(day, date)  # noqa: S101 - the bars table's key
    actions = context.reader.actions([cell.key["security_id"]], upcoming=False)  # type: ignore[list-item]
    after = actions.filter(pl.col("ex_date") > day).sort("ex_date")
    described = [describe_action(row) for row in after.iter_rows(named=True)]
    factors = [1 / row["ratio"] if row["kind"] == "split" else None for row in after.iter_rows(named=True)]
    after = after.with_columns(
        what=pl.Series(described, dtype=pl.String), price_factor=pl.Series(factors, dtype=pl.Float64)
    )
    columns = (
        Column("ex_date", "ex-date", "date"),
        Column("what", "action"),
        Column("price_factor", "factor on earlier prices", "number", 6, formula="1 / ratio"),
        Column("known_at", "known at", "instant"),
        Column("note", "note", width=60),
    )
    empty = "No split or dividend after this session was known and effective at the clock."
    return Panel(
        "actions", "actions after the session, known by the clock", Table(after, columns, empty=empty)
    )


FUNCTIONS = (
    Function(
        "WHY",
        "where a cell comes from: formula, adjustment, source rows, when known, when recorded",
        run,
        arguments=(
            Argument("row", Kind.INTEGER, "row of the table on screen", minimum=1, maximum=10_000_000),
            Argument("date", Kind.DATE, "a session of the chart or table"),
            Argument("column", Kind.WORD, "column, or the metric's label in quotes"),
            Argument("panel", Kind.WORD, "panel, where several have rows: PANEL=prices", named_only=True),
        ),
        on_page=True,
        examples=(
            ("WHY 3 close", "third row's close, on HP"),
            ("WHY 2000-06-20 close", "a candle's close, on GP"),
            ('WHY "52-week high"', "a labelled value, on DES"),
            ("WHY 3 COLUMN=XOM", "row 3 of a grid under XOM, on CORR"),
        ),
        about=(
            "Shows every version of the source row that was known at the page's clock: the one in force and those "
            "it superseded, with the provider, the fetch, when the world could know it and when this store recorded "
            "it. On a table or a chart, press w on the cell."
        ),
        order=57,
    ),
)

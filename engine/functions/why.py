"""WHY: where a cell comes from: formula, adjustment, and every version of its source row known by then."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from engine.function import Args, Argument, Function, Kind
from engine.page import Column, Metric, Metrics, Page, Panel, Table
from engine.provenance import Cell, find_cell

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context


def run(context: Context, args: Args) -> Page:
    page = context.page
    assert page is not None  # noqa: S101 - the desk runs on_page functions only with a page
    where = args["date"] if args["date"] is not None else args["row"]
    cell = find_cell(page, where, args["column"], args["panel"])
    panels = [Panel("cell", "cell", Metrics(_about(page, cell)))]
    if cell.source is None:
        if not cell.formula:
            context.note("This cell is not read from a table; it is the page's own text.")
        return Page(f"Why {cell.label}", tuple(panels))
    versions = context.reader.versions(cell.source.table, cell.key)
    panels.append(Panel("versions", f"source rows in {cell.source.table}, newest knowledge first", _versions(
        versions, cell.source.column), 2))  # fmt: skip
    if cell.source.table == "bars" and "session_date" in cell.key:
        panels.append(_adjustments(context, cell))
    return Page(f"Why {cell.label}", tuple(panels))


def _about(page: Page, cell: Cell) -> tuple[Metric, ...]:
    items = [
        Metric("page", page.title),
        Metric("cell", cell.label),
        Metric("value shown", cell.value, cell.kind, cell.decimals, cell.unit),
        Metric("formula", cell.formula or "as the source has it"),
    ]
    if cell.source is not None:
        items.append(Metric("table", f"{cell.source.table}.{cell.source.column}"))
        items += [Metric(f"key {name}", _plain(value)) for name, value in cell.key.items()]
    return tuple(items)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _versions(frame: pl.DataFrame, column: str) -> Table:
    import polars as pl

    shown = frame.sort(["known_at", "seq"], descending=True).with_row_index("nth")
    shown = shown.with_columns(
        state=pl.when(pl.col("nth") > 0).then(pl.lit("superseded"))
        .when(pl.col("deleted")).then(pl.lit("withdrawn")).otherwise(pl.lit("in force"))
    )  # fmt: skip
    kind: Any = "number" if shown.schema[column].is_numeric() else "text"
    columns = (
        Column("state", "state"),
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
    return Table(shown, columns, key=("seq",), empty="No row with this key is known at the page's clock.")


def _adjustments(context: Context, cell: Cell) -> Panel:
    """The actions after the session that were known and effective at the clock."""
    import polars as pl

    from engine.shares import describe_action

    day = cell.key["session_date"]
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
        ),
        about=(
            "Shows every version of the source row that was known at the page's clock: the one in force and those "
            "it superseded, with the provider, the fetch, when the world could know it and when this store recorded "
            "it. On a table or a chart, press w on the cell."
        ),
        order=2,
    ),
)

"""CACS and DVD: splits and dividends, as announced and as known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.function import Args, Function
from engine.history import FRESH_DAYS
from engine.page import Bars, CellSource, Column, Metric, Metrics, Page, Panel, Table
from engine.shares import describe_action

if TYPE_CHECKING:
    import polars as pl

    from engine.context import Context

_KEY = {"security_id": "security_id", "kind": "kind", "ex_date": "ex_date"}
_NO_CLASS = frozenset({"equity", "fund"})
_EMPTY = "No {what} of {label} is known at this clock. The sources loaded may carry none: DATA shows them."


def _source(column: str) -> CellSource:
    return CellSource("actions", column, _KEY)


def corporate_actions(context: Context, args: Args) -> Page:
    import polars as pl

    ref = context.security
    actions = context.reader.actions([ref.security_id]).sort("ex_date", descending=True)
    described = [describe_action(row) for row in actions.iter_rows(named=True)]
    actions = actions.with_columns(
        what=pl.Series(described, dtype=pl.String),
        state=pl.when(pl.col("ex_date") > context.today)
        .then(pl.lit("announced"))
        .otherwise(pl.lit("effective")),
    )
    columns = (
        Column("ex_date", "ex-date", "date"),
        Column("what", "action", formula="as the source reports it", source=_source("ratio")),
        Column("state", "state"),
        Column("announced_date", "announced", "date", source=_source("announced_date")),
        Column("pay_date", "pays", "date", source=_source("pay_date")),
        Column("known_at", "known at", "instant"),
        Column("known_basis", "basis of known at"),
        Column("note", "note", source=_source("note")),
    )
    table = Table(
        actions,
        columns,
        key=("kind", "ex_date"),
        empty=_EMPTY.format(what="split or dividend", label=ref.label),
    )
    splits = int((actions["kind"] == "split").sum())
    title = f"{splits} splits, {actions.height - splits} dividends, newest first"
    return Page(f"{ref.label}  {ref.name}  corporate actions", (Panel("actions", title, table),))


def dividends(context: Context, args: Args) -> Page:
    import polars as pl

    ref = context.security
    paid = context.reader.actions([ref.security_id], kinds=["dividend"]).sort("ex_date", descending=True)
    columns = (
        Column("ex_date", "ex-date", "date"),
        Column("amount", "amount", "price", 4, formula="per share, as paid", source=_source("amount")),
        Column("currency", "currency", source=_source("currency")),
        Column("record_date", "record", "date", source=_source("record_date")),
        Column("pay_date", "pays", "date", source=_source("pay_date")),
        Column("known_at", "known at", "instant"),
        Column("note", "note", source=_source("note")),
    )
    empty = _EMPTY.format(what="dividend", label=ref.label)
    panels = [
        Panel(
            "dividends", "per share as paid, newest first", Table(paid, columns, ("ex_date",), empty=empty), 3
        )
    ]
    if paid.height:
        panels.insert(0, Panel("summary", "at this clock", Metrics(_summary(context, paid)), 1))
        years = (
            paid.group_by(pl.col("ex_date").dt.year().alias("year")).agg(pl.col("amount").sum()).sort("year")
        )
        figure = Bars(tuple(map(str, years["year"])), tuple(map(float, years["amount"])), _currency(paid))
        panels.append(Panel("years", "by calendar year of the ex-date, as paid", figure, 2, side=True))
    return Page(f"{ref.label}  {ref.name}  dividends", tuple(panels))


def _currency(paid: pl.DataFrame) -> str:
    return str(paid["currency"][0] or "")


def _summary(context: Context, paid: pl.DataFrame) -> tuple[Metric, ...]:
    import polars as pl

    from engine.period import months_before

    ref, today = context.security, context.today
    bars = context.reader.bars([ref.security_id], adjust="none")
    if bars.height and (today - bars["session_date"][-1]).days > FRESH_DAYS:
        today = bars["session_date"][-1]
        context.note(
            f"{ref.ticker}: the last session in the store is {today}: dividends after it may be missing, and the "
            "trailing figures are of that day.",
            "warning",
        )
    effective = paid.filter(pl.col("ex_date") <= today)
    trailing = effective.filter(pl.col("ex_date") > months_before(today, 12))
    splits = context.reader.actions([ref.security_id], months_before(today, 12), today, kinds=["split"])
    if splits.height:
        context.note(
            "A split lies within the last twelve months: amounts are as paid, before and after it.", "warning"
        )
    total = float(trailing["amount"].sum()) if trailing.height else None
    last = float(bars["close"][-1]) if bars.height else None
    return (
        Metric("last dividend", float(effective["amount"][0]) if effective.height else None, "price", 4,
               _currency(paid)),
        Metric("last ex-date", effective["ex_date"][0] if effective.height else None, "date"),
        Metric("trailing 12 months", total, "price", 4, _currency(paid),
               "sum of amounts with ex-date in the twelve months to the clock, or to the last session in the store"),
        Metric("trailing yield", total / last if total and last else None, "percent",
               formula="trailing 12 months / last close as traded"),
        Metric("dividends known", paid.height, "integer"),
        Metric("first ex-date", paid["ex_date"][-1], "date"),
    )  # fmt: skip


FUNCTIONS = (
    Function(
        "CACS",
        "corporate actions: splits and dividends",
        corporate_actions,
        aliases=("ACTIONS",),
        security="required",
        asset_classes=_NO_CLASS,
        examples=(("AAPL CACS", "every split and dividend known at the clock"),),
        about=(
            "The latest version of each action known at the clock, cancelled ones left out. An action announced "
            "but not yet ex is listed and does not adjust a price. Where a source does not say when an action was "
            "announced, it counts as known from the open of its ex-date, and says so."
        ),
        order=40,
    ),
    Function(
        "DVD",
        "dividends",
        dividends,
        aliases=("DIVIDENDS",),
        security="required",
        asset_classes=_NO_CLASS,
        examples=(("IBM DVD", "dividends per share, by year, with the trailing yield"),),
        order=41,
    ),
)

"""CACS and DVD: splits and dividends, as announced and as known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.function import Args, Function
from engine.functions._merger_terms import panel as merger_panel
from engine.functions._trailing import SPECIAL_RULE, currency, summary, with_specials
from engine.page import Bars, CellSource, Column, Metrics, Page, Panel, Table
from engine.shares import describe_action

if TYPE_CHECKING:
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
    merged = merger_panel(context, ref.security_id)
    panels = (*(() if merged is None else (merged,)), Panel("actions", title, table, 3))
    return Page(f"{ref.label}  {ref.name}  corporate actions", panels)


def dividends(context: Context, args: Args) -> Page:
    import polars as pl

    ref = context.security
    actions = context.reader.actions([ref.security_id]).sort("ex_date", descending=True)
    paid = with_specials(actions)
    columns = (
        Column("ex_date", "ex-date", "date"),
        Column("amount", "amount", "price", 4, formula="per share, as paid", source=_source("amount")),
        Column("currency", "currency", source=_source("currency")),
        Column("remark", "remark", formula=SPECIAL_RULE),
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
        panels.insert(0, Panel("summary", "at this clock", Metrics(summary(context, paid, actions)), 1))
        years = (
            paid.group_by(pl.col("ex_date").dt.year().alias("year")).agg(pl.col("amount").sum()).sort("year")
        )
        figure = Bars(tuple(map(str, years["year"])), tuple(map(float, years["amount"])), currency(paid))
        panels.append(Panel("years", "by calendar year of the ex-date, as paid", figure, 2, side=True))
    return Page(f"{ref.label}  {ref.name}  dividends", tuple(panels))


FUNCTIONS = (
    Function(
        "CACS",
        "corporate actions: splits, dividends, mergers",
        corporate_actions,
        aliases=("ACTIONS",),
        security="required",
        asset_classes=_NO_CLASS,
        examples=(("AAPL CACS", "every split and dividend known at the clock"),),
        about=(
            "The latest version of each action known at the clock, cancelled ones left out. An action announced "
            "but not yet ex is listed and does not adjust a price. Where a source does not say when an action was "
            "announced, it counts as known from the open of its ex-date, and says so. A merger tells what each share "
            "becomes on its effective date: a backtest that holds it is paid just that."
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
        about=(
            "Amounts are as paid, per share as held on the ex-date. The trailing figures speak of the shares of "
            "their own day: amounts before a split are divided by its ratio. No source says which dividends were "
            "special: one many times its neighbours is remarked upon, and the trailing figures are given with and "
            "without it."
        ),
        order=41,
    ),
)

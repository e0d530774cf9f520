"""HP: the prices behind the chart, a row a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.function import Args, Function
from engine.functions._arguments import ADJUST, PERIOD, SERIES
from engine.history import Adjust, History, read_history
from engine.needs import Need, price_need
from engine.page import Column, Page, Panel, Table

if TYPE_CHECKING:
    from engine.context import Context


def run(context: Context, args: Args) -> Page:
    import polars as pl

    adjust = cast("Adjust", args["adjust"].lower())
    history = read_history(context, context.security, adjust, args["series"])
    # the change of the range's first row needs the value before it
    frame = history.frame.with_columns(change=history.moves())
    kept = history.within(args["period"])["session_date"]
    if kept.is_empty():
        raise history.nothing_in(args["period"])
    frame = frame.filter(pl.col("session_date").is_in(kept.implode())).reverse()
    frame = frame.with_columns(
        tone=pl.when(pl.col("change") > 0).then(pl.lit("up")).when(pl.col("change") < 0).then(pl.lit("down"))
        .otherwise(pl.lit(""))
    )  # fmt: skip
    table = Table(frame, _columns(history), key=("session_date",), emphasis="tone")
    often = "" if history.frequency == "daily" else f"{history.frequency}, "
    title = f"{frame.height:,} {history.counted}, {often}newest first, {history.told}"
    what = "values" if history.shape == "observations" else "prices"
    return Page(f"{history.ref.label}  {history.ref.name}  {what}", (Panel("prices", title, table),))


def _columns(history: History) -> tuple[Column, ...]:
    decimals, unit = history.decimals, history.unit
    published = history.shape == "observations"
    day = Column("session_date", "period" if published else "date", "date")
    before = "value of the period before" if published else "close of the session before"
    what = "value" if published else "close"
    if history.rate:
        change = Column("change", "change", "number", decimals, history.difference_unit, f"{what} - {before}")
    else:
        change = Column("change", "change", "change", formula=f"{what} / {before} - 1")
    close = Column("close", what, "price", decimals, unit, history.formula, history.source("close"))
    if history.shape != "bars":
        return (day, close, change)
    prices = tuple(
        Column(name, name, "price", decimals, unit, history.formula, history.source(name))
        for name in ("open", "high", "low")
    )
    rolling = history.rolling is not None
    volume = Column(
        "volume", "volume", "integer", unit="contracts" if rolling else "shares",
        formula="volume of the contract held" if rolling else "volume as traded / split factor",
        source=history.source("volume"),
    )  # fmt: skip
    if rolling:
        return (day, Column("contract", "contract"), *prices, close, change, volume)
    return (day, *prices, close, change, volume)


def needs(context: Context, args: Args) -> tuple[Need, ...]:
    return price_need(context, context.security, args["period"], before=31)


FUNCTIONS = (
    Function(
        "HP",
        "table of prices",
        run,
        arguments=(PERIOD, ADJUST, SERIES),
        aliases=("HISTORY",),
        security="required",
        examples=(
            ("AAPL HP 1M", "the last month known at the clock, newest first"),
            ("HP MSFT 2003-02-01 2003-03-01 RAW", "as traded around the split"),
        ),
        about=(
            "Every cell can say where it comes from: choose it and press w, or type WHY 3 close. "
            "The change is of the prices shown, so an adjusted table has no jump at a split; of rates and factors "
            "it is a difference."
        ),
        order=20,
        needs=needs,
    ),
)

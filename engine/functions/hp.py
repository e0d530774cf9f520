"""HP: the prices behind the chart, a row a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from engine.function import Args, Function
from engine.functions._arguments import ADJUST, PERIOD, SERIES
from engine.history import Adjust, History, read_history
from engine.page import Column, Page, Panel, Table

if TYPE_CHECKING:
    from engine.context import Context


def run(context: Context, args: Args) -> Page:
    import polars as pl

    adjust = cast("Adjust", args["adjust"].lower())
    history = read_history(context, context.security, adjust, args["series"])
    # the change of the range's first row needs the close before it
    frame = history.frame.with_columns(change=pl.col("close") / pl.col("close").shift(1) - 1)
    kept = history.within(args["period"])["session_date"]
    frame = frame.filter(pl.col("session_date").is_in(kept.implode())).reverse()
    frame = frame.with_columns(
        tone=pl.when(pl.col("change") > 0).then(pl.lit("up")).when(pl.col("change") < 0).then(pl.lit("down"))
        .otherwise(pl.lit(""))
    )  # fmt: skip
    table = Table(
        frame,
        _columns(history),
        key=("session_date",),
        emphasis="tone",
        empty=f"No session lies within {args['period']}. The store holds {history.first} to {history.last}.",
    )
    title = f"{frame.height:,} sessions, newest first, {history.told}"
    return Page(f"{history.ref.label}  {history.ref.name}  prices", (Panel("prices", title, table),))


def _columns(history: History) -> tuple[Column, ...]:
    decimals, unit = history.decimals, history.unit
    day = Column("session_date", "date", "date")
    change = Column("change", "change", "change", formula="close / close of the session before - 1")
    close = Column("close", "close", "price", decimals, unit, history.formula, history.source("close"))
    if history.shape != "bars":
        return (day, close, change)
    prices = tuple(
        Column(name, name, "price", decimals, unit, history.formula, history.source(name))
        for name in ("open", "high", "low")
    )
    volume = Column(
        "volume", "volume", "integer", unit="shares", formula="volume as traded / split factor",
        source=history.source("volume"),
    )  # fmt: skip
    return (day, *prices, close, change, volume)


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
            "The change is of the prices shown, so an adjusted table has no jump at a split."
        ),
        order=20,
    ),
)

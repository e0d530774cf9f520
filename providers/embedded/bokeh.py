"""bokeh-sampledata: AAPL, FB, GOOG, IBM and MSFT, daily, as traded, with an adjusted close of a later fetch."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from providers.actions import factor_steps
from providers.base import Part, Shelf, SourceFile, answer_hash
from providers.clocks import Calendars, known_at_close, known_at_open
from providers.embedded.version import rules
from providers.validate import check_jumps
from store.batch import Quarantined

if TYPE_CHECKING:
    import polars as pl

STOCKS = SourceFile("bokeh-sampledata", "bokeh_sampledata", "_data/stocks.csv.gz")

NOTE = (
    "Daily open, high, low, close and volume as traded, 2000-03-01 to 2013-03-01 (FB from 2012-05-18, GOOG, "
    "class A, from 2004-08-19). Quandl WIKI prices, public domain; package BSD-3-Clause. Splits and "
    "dividends are derived from the steps of the file's Adj Close column, which knows actions after the last "
    "session: a split where the traded price jumps with it, a dividend of close x (1 / step - 1)."
)
ACTION_BASIS = "estimated: open of the ex-date; it was announced earlier, on a day that is not in the source"


def read(shelf: Shelf, calendars: Calendars) -> list[Part]:
    """The one part: bars as traded, and the actions that the adjusted close betrays."""
    import polars as pl

    content = shelf.read(STOCKS)
    rows = pl.read_csv(io.BytesIO(content), schema_overrides={"Ticker": pl.String, "Date": pl.Date}).select(
        identity=pl.format("us-equity:{}", "Ticker"),
        session_date="Date",
        open="Open",
        high="High",
        low="Low",
        close="Close",
        volume="Volume",
        adjusted_close="Adj Close",
    )
    actions, unexplained = _actions(rows, calendars)
    bars = known_at_close(rows.drop("adjusted_close"), calendars)
    kept, splits = check_jumps(bars, actions.filter(pl.col("kind") == "split"))
    dividends = actions.filter(pl.col("kind") != "split")
    return [
        Part(
            source=f"{STOCKS.distribution} {shelf.version(STOCKS.distribution)}",
            dataset="US stocks, daily as traded 2000-2013",
            answer_hash=answer_hash(rules(), content),
            frames={"bars": kept.good, "actions": pl.concat([splits.good, dividends])},
            note=NOTE,
            quarantined=(*kept.quarantined, *splits.quarantined, *unexplained),
        )
    ]


def _actions(rows: pl.DataFrame, calendars: Calendars) -> tuple[pl.DataFrame, tuple[Quarantined, ...]]:
    """Rows of ``actions``, and the steps of the factor that are neither a split nor a dividend."""
    import polars as pl

    steps = factor_steps(rows)
    unexplained = steps.filter(pl.col("kind") == "unexplained")
    named = steps.filter(pl.col("kind") != "unexplained").select(
        "identity",
        "kind",
        "ex_date",
        "ratio",
        "amount",
        currency=pl.when(pl.col("kind") == "dividend").then(pl.lit("USD")),
    )
    aside = (
        (Quarantined("actions", "a step of Adj Close that is neither split nor dividend", unexplained),)
        if unexplained.height
        else ()
    )
    return known_at_open(named, "ex_date", ACTION_BASIS, calendars), aside

"""Option quotes of the store as decisions knew them, as a chain on the sessions of their underlying."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.backtest.options import CASH_AM, CASH_PM, PHYSICAL, ChainMarket, chain_of, label
from engine.runs.market_days import Axis, Days
from engine.runs.market_told import Telling

if TYPE_CHECKING:
    import polars as pl

    from engine.runs.listed import Named
    from store.reader import AsOfReader

# Index options that settle on the open of their last day; their weekly and end-of-month series (SPXW, NDXP) do not.
_AM_ROOTS = ("SPX", "NDX", "RUT", "DJX", "VIX", "MXEA", "MXEF")
_OCC = r"\d{6}[CP]\d{8}$"  # what follows the root in a contract's symbol
_SIDES = ["bid", "ask"]


def read_chain(
    reader: AsOfReader, security_id: int, named: Named, dates: Days, telling: Telling
) -> ChainMarket:
    """Each session's last quote of each contract that was known when decisions after it were made.

    A quote that became known, or was corrected, later than an hour after its session's close is what nobody
    could trade on: the version known by then counts, or none. Adjusted contracts (their root ends in a digit)
    deliver something else than their multiplier says and are left out.
    """
    import polars as pl

    axis = Axis.of(reader, dates, [named.calendar])
    before = len(reader.reads)
    parts = []
    years = sorted({int(str(day)[:4]) for day in dates})
    for done, year in enumerate(years):
        telling.step(done, len(years), f"option quotes of {year}")
        rows = reader.vintages("option_quotes", security_id, date(year, 1, 1), date(year, 12, 31))
        parts.append(_in_time(rows, dates, axis, telling))
    quotes = pl.concat(parts)
    telling.table("option_quotes", reader.reads[before:], 0)
    ordinary = quotes.filter(~pl.col("contract").str.replace(_OCC, "").str.contains(r"\d$"))
    if quotes.height > ordinary.height:
        telling.fact("option_quotes: of adjusted contracts, left out", quotes.height - ordinary.height)
    telling.fact("option_quotes: sessions with quotes", ordinary["row"].n_unique())
    return _chain(ordinary, named, dates)


def _in_time(rows: pl.DataFrame, dates: Days, axis: Axis, telling: Telling) -> pl.DataFrame:
    """The version of each quote known by its session's deadline, the last quote of a contract a session."""
    import polars as pl

    limits = pl.DataFrame(
        {
            "session_date": dates.astype("datetime64[D]"),
            "row": np.arange(len(dates)),
            "deadline": axis.until(0).astype("datetime64[us]"),
        }
    ).with_columns(pl.col("session_date").cast(pl.Date), pl.col("deadline").dt.replace_time_zone("UTC"))
    joined = rows.join(limits, on="session_date", how="inner")
    known = joined.filter(pl.col("known_at") <= pl.col("deadline"))
    if joined.height > known.height:
        telling.fact(
            "option_quotes: known too late for their session's decision", joined.height - known.height
        )
    latest = (
        known.sort("known_at", "seq")
        .unique(["session_date", "quoted_at", "contract"], keep="last", maintain_order=True)
        .filter(~pl.col("deleted"))
        .sort("quoted_at")
        .unique(["row", "contract"], keep="last", maintain_order=True)
    )
    return latest.select(
        "row", "contract", "expiry", "strike", "right", "multiplier", "exercise", *_SIDES
    ).filter(pl.col("expiry") >= pl.lit(dates[0].item()))


def _chain(quotes: pl.DataFrame, named: Named, dates: Days) -> ChainMarket:
    """Contracts in the order of their expiry, strike and right, and their quotes by session."""
    import polars as pl

    terms = (
        quotes.group_by("contract")
        .agg(
            pl.col("expiry", "strike", "right").last(),
            pl.col("multiplier", "exercise").drop_nulls().last(),
        )
        .sort("expiry", "strike", "right", "contract")
        .with_row_index("place")
    )
    quotes = quotes.join(terms.select("contract", "place"), on="contract", how="left")
    index = named.asset_class == "index"
    kind = np.where((terms["right"] == "call").to_numpy(), 1, -1).astype(np.int64)
    strike = terms["strike"].to_numpy().astype(np.float64)
    expiry = terms["expiry"].to_numpy().astype("datetime64[D]")
    style = terms["exercise"].fill_null("european" if index else "american")
    columns: dict[str, NDArray[np.generic]] = {
        "kind": kind, "strike": strike, "expiry": expiry,
        "multiplier": terms["multiplier"].fill_null(100.0).round().cast(pl.Int64).to_numpy(),
        "american": (style == "american").to_numpy(), "settlement": _settlements(terms, index),
    }  # fmt: skip
    symbols = _symbols(named.ticker, terms, kind, strike, expiry)
    prices = [quotes[side].cast(pl.Float64).fill_null(float("nan")).to_numpy() for side in _SIDES]
    return chain_of(
        dates, symbols, columns, quotes["row"].to_numpy().astype(np.int64),
        quotes["place"].to_numpy().astype(np.int64), prices[0], prices[1],
    )  # fmt: skip


def _settlements(terms: pl.DataFrame, index: bool) -> NDArray[np.int64]:
    """Shares of a stock or fund change hands; an index settles in cash, its monthly series on the open."""
    if not index:
        return np.full(terms.height, PHYSICAL, dtype=np.int64)
    opens = terms["contract"].str.replace(_OCC, "").str.strip_chars().is_in(_AM_ROOTS)
    return np.where(opens.to_numpy(), CASH_AM, CASH_PM).astype(np.int64)


def _symbols(
    ticker: str, terms: pl.DataFrame, kind: NDArray[np.int64], strike: NDArray[np.float64], expiry: Days
) -> tuple[str, ...]:
    """What contracts are called on screen; where two have the same terms, their own symbols tell them apart."""
    named = [label(ticker, int(k), float(s), e) for k, s, e in zip(kind, strike, expiry, strict=True)]
    twice = {each for each, count in Counter(named).items() if count > 1}
    return tuple(
        f"{each} ({contract})" if each in twice else each
        for each, contract in zip(named, terms["contract"].to_list(), strict=True)
    )

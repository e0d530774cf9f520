"""Chains for the tests: contracts and quotes written out by hand, or priced by a closed form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.backtest.market import Market
from engine.backtest.options import ChainMarket, chain_of, label
from tests.backtest.sim.markets import market

Terms = tuple[int, float, str]  # kind, strike, expiry
Quote = tuple[float, float] | None  # bid and ask


def underlying(close: Sequence[float], **given: Any) -> Market:
    """One symbol, A, from Monday 2024-01-01 on."""
    return market(len(close), close=list(close), **given)


def chain(
    bars: Market, quotes: Mapping[Terms, Sequence[Quote]], *, american: bool = True, settlement: int = 0,
    multiplier: int = 100,
) -> ChainMarket:  # fmt: skip
    """A chain from each contract's quotes by session, None where it has none."""
    terms = list(quotes)
    found = [
        (row, contract, *quote)
        for contract, each in enumerate(quotes.values())
        for row, quote in enumerate(each)
        if quote is not None
    ]
    rows = np.array([one[:2] for one in found], dtype=np.int64).reshape(-1, 2)
    prices = np.array([one[2:] for one in found], dtype=np.float64).reshape(-1, 2)
    return made(
        bars, terms, rows[:, 0], rows[:, 1], prices[:, 0], prices[:, 1], american, settlement, multiplier
    )


def made(
    bars: Market, terms: Sequence[Terms], row: Any, contract: Any, bid: Any, ask: Any, american: bool = True,
    settlement: int = 0, multiplier: int = 100,
) -> ChainMarket:  # fmt: skip
    expiries = np.array([each[2] for each in terms], dtype="datetime64[D]")
    count = len(terms)
    columns: dict[str, Any] = {
        "kind": np.array([each[0] for each in terms], dtype=np.int64),
        "strike": np.array([each[1] for each in terms], dtype=np.float64),
        "expiry": expiries,
        "multiplier": np.full(count, multiplier),
        "american": np.full(count, american),
        "settlement": np.full(count, settlement),
    }
    symbols = tuple(
        label("A", kind, strike, day) for (kind, strike, _), day in zip(terms, expiries, strict=True)
    )
    return chain_of(bars.dates, symbols, columns, row, contract, bid, ask)


def priced(
    bars: Market, strikes: Sequence[float], expiries: Sequence[str], volatility: float = 0.25, rate: float = 0.0,
    half: float = 0.0, american: bool = False, year: float = 365.0,
) -> ChainMarket:  # fmt: skip
    """Calls and puts at Black and Scholes's price of each close, ``half`` a spread around it."""
    from engine.quant.options import bsm

    terms: list[Terms] = [(kind, strike, day) for day in expiries for strike in strikes for kind in (1, -1)]
    n, m = len(bars.dates), len(terms)
    kind = np.array([each[0] for each in terms], dtype=float)
    strike = np.array([each[1] for each in terms])
    expiry = np.array([each[2] for each in terms], dtype="datetime64[D]")
    days = (expiry[None, :] - bars.dates.astype("datetime64[D]")[:, None]) / np.timedelta64(1, "D")
    listed = days >= 0
    price = np.asarray(bsm(kind, bars.close, strike, np.maximum(days, 1e-9) / year, rate, 0.0, volatility))
    row, contract = np.nonzero(listed)
    value = price.reshape(n, m)[row, contract]
    return made(bars, terms, row, contract, np.maximum(value - half, 0.0), value + half, american)

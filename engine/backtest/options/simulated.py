"""Chains that no market quoted: Black and Scholes's prices at realised volatility, made only where rules ask
for them.

Each third Friday of the months ahead has calls and puts; strikes lie in steps of the price when they were first
listed and are kept, and split, until they expire. A session's prices know nothing after its close.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats, Market
from engine.backtest.options.book import Simulated
from engine.backtest.options.chain import CASH_PM, PHYSICAL, ChainMarket, chain_of, labels

YEAR, SESSIONS = 365.0, 252.0
AHEAD = 190  # days before its expiry that a contract is listed
_REACH = 3.0  # standard deviations to either side of the price within which strikes are listed
_STEPS = 80
_LEAST, _MOST = 0.05, 3.0  # volatilities that prices are made at
_TICK = 0.01
_MOMENT = 1e-6  # days: at the close of its last one an option is worth what exercising brings

Dates = NDArray[np.datetime64]


def realised(market: Market, window: int) -> Floats:
    """Volatility a year (n,) of the last ``window`` daily log returns up to each close; NaN until there are as
    many.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        moves = np.diff(np.log(market.close[:, 0] * market.forward_factor()[:, 0]))
    found = np.full(len(market.dates), np.nan)
    if len(moves) >= window:
        windows = np.lib.stride_tricks.sliding_window_view(moves, window)
        found[window:] = windows.std(axis=1, ddof=1) * np.sqrt(SESSIONS)
    return np.where(found > 0, np.clip(found, _LEAST, _MOST), np.nan)


def third_fridays(first: np.datetime64, last: np.datetime64) -> Dates:
    """The third Friday of each month between two dates."""
    months = np.arange(first.astype("datetime64[M]"), last.astype("datetime64[M]") + 1)
    found = np.busday_offset(months.astype("datetime64[D]"), 2, roll="forward", weekmask="Fri")
    return np.asarray(found[(found > first) & (found <= last)])


def simulated_chain(
    market: Market,
    made: Simulated,
    rates: Floats | float = 0.0,
    cash_settled: bool = False,
    told: Callable[[int, int], None] | None = None,
    listed: Market | None = None,
) -> ChainMarket:
    """A chain of one underlying, European, on its sessions.

    ``price = bsm(close, strike, days / 365, rate, 0, realised(window))``; bid and ask lie ``spread / 2`` of it
    to either side, a cent at the least; what is worth less than a cent has no bid. ``listed``: the market by whose
    prices strikes are listed, where that is not the one they are priced by: two chains of one listing then have
    the same contracts.
    """
    volatility = realised(market, made.window)
    by, moved = (market, volatility) if listed is None else (listed, realised(listed, made.window))
    known = np.isfinite(moved) & np.isfinite(by.close[:, 0])
    yearly = np.broadcast_to(np.asarray(rates, dtype=np.float64), (len(market.dates),))
    days = market.dates.astype("datetime64[D]")
    terms: list[tuple[float, np.datetime64]] = []
    parts: list[tuple[Floats, Floats, Floats]] = []  # session, contract (call, then put), price
    if len(days):
        expiries = third_fridays(days[0], days[-1] + np.timedelta64(AHEAD, "D"))
        for done, expiry in enumerate(expiries):
            if told is not None:
                told(done, len(expiries))
            there = np.flatnonzero(known & (days <= expiry) & (days >= expiry - np.timedelta64(AHEAD, "D")))
            for rows, strikes in _listed(by, there, moved, expiry):
                parts.append(_priced(market, rows, strikes, expiry, volatility, yearly, 2 * len(terms)))
                terms += [(float(strike), expiry) for strike in strikes]
    return _chain(market, terms, parts, made.spread, cash_settled)


def _listed(
    market: Market, rows: NDArray[np.intp], volatility: Floats, expiry: np.datetime64
) -> list[tuple[NDArray[np.intp], Floats]]:
    """Sessions of an expiry between splits, with the strikes of each: those from before the split, and new ones."""
    if not len(rows):
        return []
    cuts = np.flatnonzero(market.split[rows[1:], 0] != 1.0) + 1
    found: list[tuple[NDArray[np.intp], Floats]] = []
    kept: Floats = np.array([])
    for part in np.split(rows, cuts):
        ratio = float(market.split[part[0], 0]) if found else 1.0
        spot = float(market.close[part[0], 0])
        years = float((expiry - market.dates[part[0]]) / np.timedelta64(1, "D")) / YEAR
        wide = min(_REACH * float(volatility[part[0]]) * np.sqrt(years), 1.5)
        step = _step(spot * (np.exp(wide) - np.exp(-wide)) / _STEPS)
        grid = (
            np.arange(max(np.floor(spot * np.exp(-wide) / step), 1), np.ceil(spot * np.exp(wide) / step) + 1)
            * step
        )
        kept = np.unique(np.round(np.concatenate([kept / ratio, grid]), 2))
        found.append((part, kept))
    return found


def _step(width: float) -> float:
    """The next of 1, 2.5, 5 or 10 times a power of ten, half a unit at the least where prices allow."""
    power = 10.0 ** np.floor(np.log10(max(width, 0.01)))
    return float(
        next(each for each in (power, 2.5 * power, 5 * power, 10 * power) if each >= width * (1 - 1e-12))
    )


def _priced(
    market: Market, rows: NDArray[np.intp], strikes: Floats, expiry: np.datetime64, volatility: Floats, rates: Floats,
    before: int,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Calls and puts of one expiry over its sessions, flat; contracts are numbered from ``before`` on."""
    from engine.quant.options import bsm

    kinds = np.tile([1.0, -1.0], len(strikes))
    days = (expiry - market.dates[rows].astype("datetime64[D]")).astype(np.float64)
    years = np.maximum(days, _MOMENT) / YEAR
    price = bsm(
        kinds, market.close[rows, 0][:, None], np.repeat(strikes, 2), years[:, None], rates[rows][:, None], 0.0,
        volatility[rows][:, None],
    )  # fmt: skip
    contract = np.broadcast_to(before + np.arange(len(kinds)), price.shape)
    return (
        np.repeat(rows, len(kinds)).astype(float),
        contract.ravel().astype(float),
        np.asarray(price).ravel(),
    )


def _chain(
    market: Market, terms: list[tuple[float, np.datetime64]], parts: list[tuple[Floats, Floats, Floats]],
    spread: float, cash_settled: bool,
) -> ChainMarket:  # fmt: skip
    row, contract, price = (
        np.concatenate([part[at] for part in parts]) if parts else np.array([]) for at in range(3)
    )
    half = np.maximum(price * spread / 2, _TICK / 2)
    bid = np.where(price - half < _TICK, 0.0, price - half)
    strikes = np.repeat(np.array([strike for strike, _ in terms], dtype=np.float64), 2)
    expiries = np.repeat(np.array([expiry for _, expiry in terms], dtype="datetime64[D]"), 2)
    kinds = np.tile([1, -1], len(terms)).astype(np.int64)
    count = len(kinds)
    columns: dict[str, NDArray[np.generic]] = {
        "kind": kinds, "strike": strikes, "expiry": expiries, "multiplier": np.full(count, 100),
        "american": np.zeros(count, dtype=bool), "settlement": np.full(count, CASH_PM if cash_settled else PHYSICAL),
    }  # fmt: skip
    symbols = labels(market.symbols[0], kinds, strikes, expiries)
    return chain_of(
        market.dates,
        symbols,
        columns,
        row.astype(np.int64),
        contract.astype(np.int64),
        bid,
        price + half,
        "simulated",
    )

"""Characteristics that prices tell, of every session and symbol: what rankings compare.

Each is the screener's field of the same name (``engine.quant.screener.FIELDS`` has the formulas), on every row.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats, Market
from engine.quant.factors import low_volatility, momentum
from engine.quant.indicators import compute

FRESH = 5  # sessions for which a price still stands
# bars before the first value
WARM_UP: Mapping[str, int] = {
    "ret_1d": 1, "ret_1w": 5, "ret_1m": 21, "ret_3m": 63, "ret_6m": 126, "ret_1y": 252, "mom_12_1": 252,
    "mom_6_1": 126, "vol_3m": 50, "vol_1y": 200, "high_52w_pct": 251, "low_52w_pct": 251, "sma_50_dist": 49,
    "sma_200_dist": 199, "adv_20": 9,
}  # fmt: skip


def characteristic(name: str, market: Market) -> Floats:
    """A characteristic of ``WARM_UP``, (n, k); row t uses rows up to t.

    Raises
    ------
    KeyError
        Prices do not tell it.
    """
    if name not in WARM_UP:
        raise KeyError(name)
    if name == "adv_20":
        return _traded(market)
    if name.startswith(("sma_", "high_", "low_")):
        closes = standing(market.signal_prices()["close"])
        return _distance(closes, WARM_UP[name] + 1) if name[0] == "s" else _extreme(closes, name)
    totals = standing(market.signal_prices(dividends=True)["close"])
    if name.startswith("vol_"):
        return volatility(totals, 63 if name == "vol_3m" else 252, WARM_UP[name])
    return momentum(totals, long=WARM_UP[name], skip=21 if name.startswith("mom_") else 0)


def standing(levels: Floats) -> Floats:
    """Each level carried on over at most ``FRESH`` - 1 rows without one."""
    own = np.isfinite(levels) & (levels > 0)
    rows = np.arange(len(levels))[:, None]
    last = np.maximum.accumulate(np.where(own, rows, -1), axis=0)
    fresh = (last >= 0) & (rows - last < FRESH)
    return np.where(fresh, np.take_along_axis(levels, np.maximum(last, 0), axis=0), np.nan)


def volatility(levels: Floats, sessions: int, least: int) -> Floats:
    """Annualised deviation (n - 1, 252 sessions a year) of the last ``sessions`` returns, ``least`` of them known."""
    returns = np.full(levels.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        returns[1:] = levels[1:] / levels[:-1] - 1.0
    found = -low_volatility(returns, window=sessions, least=least)
    return np.where(np.isfinite(levels), found, np.nan)


def _distance(closes: Floats, sessions: int) -> Floats:
    """close / the mean of so many - 1; NaN where one of them is unknown."""
    count, total = _sums(np.isfinite(closes).astype(np.float64), sessions), _sums(_zeroed(closes), sessions)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(count == sessions, closes / (total / sessions) - 1.0, np.nan)


def _extreme(closes: Floats, name: str) -> Floats:
    """close / the highest or lowest of 252 - 1; NaN where the first of them is unknown."""
    call, blank = ("MAX", -np.inf) if name.startswith("high") else ("MIN", np.inf)
    held = np.where(np.isfinite(closes), closes, 1e300 if blank > 0 else -1e300)
    (line,) = compute(call, {"close": held}, timeperiod=252).values()
    first = np.full(closes.shape, np.nan)
    first[251:] = closes[: max(len(closes) - 251, 0)]
    return np.where(np.isfinite(first), closes / line - 1.0, np.nan)


def _traded(market: Market) -> Floats:
    """Mean of price x volume as traded over 20 sessions, at least 10 of them known."""
    amounts = market.close * market.volume
    known: NDArray[np.bool_] = np.isfinite(amounts)
    count, total = _sums(known.astype(np.float64), 20), _sums(_zeroed(amounts), 20)
    return np.where(count >= 10, total / np.maximum(count, 1.0), np.nan)


def _zeroed(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, 0.0)


def _sums(values: Floats, sessions: int) -> Floats:
    """Sums of the last ``sessions`` rows, fewer at the start."""
    whole = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    found: Floats = whole[1:].copy()
    found[sessions:] -= whole[1 : max(len(whole) - sessions, 1)]
    return found

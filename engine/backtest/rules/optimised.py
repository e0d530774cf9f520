"""Weights by an optimiser, of the names wanted on a rebalance day, from returns up to it.

Each side is optimised by itself over the names that it wants after that session: those that its ranking selects, or
whose condition holds. The covariance is that of the last sessions' total returns, shrunk (Ledoit & Wolf 2004) so
that more names than sessions can be weighed. A name with too few returns is left out. Where an optimiser finds no
weights (maximum_sharpe, where no mean return is above nothing) nothing is opened or resized.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats, Market
from engine.backtest.rules.characteristics import standing
from engine.quant.portfolio import (
    Constraints,
    hierarchical_risk_parity,
    maximum_diversification,
    maximum_sharpe,
    minimum_variance,
    risk_parity,
)
from engine.quant.risk import ledoit_wolf_covariance

Bools = NDArray[np.bool_]
OPTIMISERS = (
    "minimum_variance",
    "risk_parity",
    "hierarchical_risk_parity",
    "maximum_diversification",
    "maximum_sharpe",
)
BOUNDED = ("minimum_variance", "maximum_diversification", "maximum_sharpe")  # that take a largest weight
_KNOWN = 0.8  # of a window's returns
_TRADING_DAYS = 252


def optimised(
    kind: str, window: int, most: float, market: Market, sides: Sequence[Bools], days: Bools
) -> Floats:
    """Share of the equity of each name (n, k) from each rebalance day on, NaN of names that it did not weigh.

    Parameters
    ----------
    kind : of ``OPTIMISERS``
    window : sessions of returns
    most : the largest weight of a name within its side; of those that take bounds
    sides : (n, k) names that each side wants after a session; a side takes an equal part of the equity
    days : (n,) rebalance days
    """
    closes = standing(market.signal_prices(dividends=True)["close"])
    returns = np.full(closes.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        returns[1:] = closes[1:] / closes[:-1] - 1.0
    found = np.full(closes.shape, np.nan)
    rows = np.flatnonzero(days)
    for row, after in zip(rows.tolist(), [*rows[1:].tolist(), len(days)], strict=True):
        held = np.full(closes.shape[1], np.nan)
        for side in sides:
            names = _weighable(returns, row, window, side[row])
            if len(names):
                held[names] = _weights(kind, returns[row + 1 - window : row + 1, names], most) / len(sides)
        found[row:after] = held
    return found


def _weighable(returns: Floats, row: int, window: int, wanted: Bools) -> NDArray[np.int64]:
    """Columns of a side with enough returns, that moved."""
    if row + 1 < window:
        return np.empty(0, dtype=np.int64)
    columns = np.flatnonzero(wanted)
    known = returns[row + 1 - window : row + 1, columns]
    there = np.isfinite(known).sum(axis=0) >= _KNOWN * window
    moved = np.nanmax(np.abs(np.where(np.isfinite(known), known, 0.0)), axis=0, initial=0.0) > 0
    kept: NDArray[np.int64] = columns[there & moved]
    return kept


def _weights(kind: str, returns: Floats, most: float) -> Floats:
    """Weights that add up to one; NaN where the optimiser finds none (no mean above nothing: no largest ratio)."""
    count = returns.shape[1]
    if count == 1:
        return np.ones(1)
    means = np.nanmean(returns, axis=0)
    filled = np.where(np.isfinite(returns), returns, means)
    covariance = ledoit_wolf_covariance(filled).matrix * _TRADING_DAYS
    bounds = Constraints(low=0.0, high=max(most, 1.0 / count))
    solve: dict[str, Callable[[], Floats]] = {
        "minimum_variance": lambda: minimum_variance(covariance, bounds),
        "risk_parity": lambda: risk_parity(covariance),
        "hierarchical_risk_parity": lambda: hierarchical_risk_parity(covariance),
        "maximum_diversification": lambda: maximum_diversification(covariance, bounds),
        "maximum_sharpe": lambda: maximum_sharpe(means * _TRADING_DAYS, covariance, 0.0, bounds),
    }
    try:
        return np.asarray(solve[kind](), dtype=np.float64)
    except ValueError:
        return np.full(count, np.nan)

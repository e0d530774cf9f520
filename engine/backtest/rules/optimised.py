"""Weights by an optimiser, of the names wanted on a rebalance day, from returns up to it.

Each side is optimised by itself over the names that it wants after that session: those that its ranking selects, or
whose condition holds; a short side earns what its names lose. The covariance is that of the last sessions' total
returns, shrunk (Ledoit & Wolf 2004) so that more names than sessions can be weighed; expected returns are their
means. A name with too few returns is left out. Where an optimiser finds no weights (maximum_sharpe where no mean
return is above nothing, a return or a volatility that cannot be reached) nothing is opened or resized.

Aims are those of OPT that need nothing but returns: views (Black and Litterman), caps of sectors and a limit to
turnover need more than a line of rules says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats, Market
from engine.backtest.rules.book import Size
from engine.backtest.rules.characteristics import standing
from engine.quant import portfolio as q
from engine.quant.risk import ledoit_wolf_covariance

Bools: TypeAlias = NDArray[np.bool_]
_LINKAGES = ("average", "complete", "ward")  # beside single, which is hierarchical_risk_parity itself


@dataclass(frozen=True, slots=True)
class Aim:
    """What an optimiser takes in parentheses: a ``goal`` first (a risk aversion, a return, a volatility), sessions
    of returns, and where it is ``bounded`` the largest weight of a name within its side and the least one."""

    goal: bool = False
    bounded: bool = False


AIMS: Mapping[str, Aim] = {
    "minimum_variance": Aim(bounded=True),
    "risk_parity": Aim(),
    "hierarchical_risk_parity": Aim(),
    "maximum_diversification": Aim(bounded=True),
    "maximum_sharpe": Aim(bounded=True),
    "minimum_shortfall": Aim(bounded=True),
    "inverse_volatility": Aim(),
    "mean_variance": Aim(goal=True, bounded=True),
    "mean_variance_return": Aim(goal=True, bounded=True),
    "mean_variance_volatility": Aim(goal=True, bounded=True),
    **{f"hierarchical_risk_parity_{each}": Aim() for each in _LINKAGES},
}
OPTIMISERS = tuple(AIMS)
# the words of OPT's AIM=
OF_OPT: Mapping[str, str] = {
    "minvar": "minimum_variance", "sharpe": "maximum_sharpe", "parity": "risk_parity", "cvar": "minimum_shortfall",
    "diversify": "maximum_diversification", "hrp": "hierarchical_risk_parity", "return": "mean_variance_return",
    "volatility": "mean_variance_volatility",
}  # fmt: skip
WINDOW, LEVEL = 252, 0.95  # sessions of returns where none are said; of the shortfall, as OPT's
_KNOWN = 0.8  # of a window's returns
_TRADING_DAYS = 252


def window_of(size: Size) -> int:
    """Sessions of returns that an optimiser's size takes; 0 of other sizes."""
    aim = AIMS.get(size.kind)
    return 0 if aim is None else int(size.values[aim.goal])


def bounds_of(size: Size) -> tuple[float, float]:
    """The least and the largest weight of a name within its side."""
    most, *least = size.values[1 + AIMS[size.kind].goal :]
    return least[0] if least else 0.0, most


def optimised(size: Size, market: Market, sides: Sequence[tuple[Bools, int]], days: Bools) -> Floats:
    """Share of the equity of each name (n, k) from each rebalance day on, NaN of names that it did not weigh.

    Parameters
    ----------
    size : of a kind of ``AIMS``
    sides : (n, k) names that each side wants after a session, with 1 of the long and -1 of the short one; a side
        takes an equal part of the equity
    days : (n,) rebalance days
    """
    closes = standing(market.signal_prices(dividends=True)["close"])
    returns = np.full(closes.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        returns[1:] = closes[1:] / closes[:-1] - 1.0
    found, window = np.full(closes.shape, np.nan), window_of(size)
    rows = np.flatnonzero(days)
    for row, after in zip(rows.tolist(), [*rows[1:].tolist(), len(days)], strict=True):
        held = np.full(closes.shape[1], np.nan)
        for wanted, sign in sides:
            names = _weighable(returns, row, window, wanted[row])
            if len(names):
                held[names] = _weights(size, sign * returns[row + 1 - window : row + 1, names]) / len(sides)
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


def _weights(size: Size, returns: Floats) -> Floats:
    """Weights that add up to one; NaN where the optimiser finds none (no mean above nothing: no largest ratio)."""
    count = returns.shape[1]
    if count == 1:
        return np.ones(1)
    means = np.nanmean(returns, axis=0)
    filled = np.where(np.isfinite(returns), returns, means)
    try:
        return np.asarray(_solved(size, filled), dtype=np.float64)
    except ValueError:
        return np.full(count, np.nan)


def _solved(size: Size, returns: Floats) -> Floats:
    """The weights of an aim over complete returns (sessions, names)."""
    kind, count = size.kind, returns.shape[1]
    if kind == "inverse_volatility":
        apart = 1.0 / returns.std(axis=0, ddof=1)
        return np.asarray(apart / apart.sum(), dtype=np.float64)
    bounds = q.Constraints()
    if AIMS[kind].bounded:
        least, most = bounds_of(size)
        bounds = q.Constraints(low=min(least, 1.0 / count), high=max(most, 1.0 / count))
    if kind == "minimum_shortfall":
        return q.minimum_shortfall(returns, LEVEL, bounds)
    covariance = ledoit_wolf_covariance(returns).matrix * _TRADING_DAYS
    means = returns.mean(axis=0) * _TRADING_DAYS
    match kind:
        case "minimum_variance":
            return q.minimum_variance(covariance, bounds)
        case "maximum_diversification":
            return q.maximum_diversification(covariance, bounds)
        case "maximum_sharpe":
            return q.maximum_sharpe(means, covariance, 0.0, bounds)
        case "mean_variance":
            return q.mean_variance(means, covariance, bounds, risk_aversion=size.values[0])
        case "mean_variance_return":
            return q.mean_variance(means, covariance, bounds, target_return=size.values[0])
        case "mean_variance_volatility":
            return q.mean_variance(means, covariance, bounds, target_volatility=size.values[0])
        case "risk_parity":
            return q.risk_parity(covariance)
    linkage = kind.removeprefix("hierarchical_risk_parity").strip("_") or "single"
    return q.hierarchical_risk_parity(covariance, linkage=linkage)

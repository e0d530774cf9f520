"""Intervals around a backtest's headline figures by block bootstrap: growth, volatility, drawdown, and their ratios.

Missing returns are no observations and are left out before blocks are drawn, as the measures themselves do; blocks
then run over the gaps. A replication in which a figure is not finite (a Calmar ratio without a drawdown) is left out
of that figure's interval, and counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from engine.backtest.honesty.resampling import (
    Seed,
    block_length,
    circular_rows,
    stationary_rows,
)
from engine.quant.performance import (
    Frequency,
    cagr,
    max_drawdown,
    realized_volatility,
    sharpe_ratio,
    sortino_ratio,
    total_return,
)

Floats: TypeAlias = NDArray[np.float64]
HEADLINES = (
    "cagr", "realized_volatility", "sharpe_ratio", "max_drawdown", "calmar_ratio", "total_return", "sortino_ratio",
)  # fmt: skip
_CELLS = 1_000_000  # resampled returns held at a time
_GROUPS = 500  # of the jackknife, at most


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the range in which it lies with the stated chance; ``undefined`` replications had none."""

    estimate: float
    low: float
    high: float
    standard_error: float
    undefined: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class HeadlineIntervals:
    """Each headline figure's interval, and the replications (replications,) it is made of."""

    intervals: Mapping[str, Interval]
    samples: Mapping[str, Floats]
    method: str
    level: float
    block: float
    bootstrap: str
    replications: int


def headline_intervals(
    returns: ArrayLike,
    periods: Frequency | float = "daily",
    *,
    level: float = 0.95,
    method: Literal["percentile", "bca"] = "bca",
    bootstrap: Literal["stationary", "circular"] = "stationary",
    block: float | None = None,
    replications: int = 2000,
    seed: Seed = 0,
) -> HeadlineIntervals:
    """Intervals on growth, volatility, maximum drawdown, and Sharpe, Calmar and Sortino ratio of one history.

    "percentile": the replications' quantiles (1 - level) / 2 and (1 + level) / 2 (Efron 1979). "bca": quantiles moved
    by the bias z0 = Phi^-1(share below the estimate) and the acceleration a of the jackknife, to
    Phi(z0 + (z0 + z) / (1 - a (z0 + z))) (Efron 1987). The jackknife leaves out successive groups of a block's
    length, at most 500 of them: one row at a time would not feel the dependence.

    Parameters
    ----------
    returns : (n,), simple, a period's, net of the risk-free rate where Sharpe and Sortino ratio are to be of excess
        returns; at least 20 that are not missing
    periods : periods in a year
    level : chance, between 0 and 1
    block : mean length (stationary) or length (circular) in rows; Politis & White's choice for the returns where None
    replications : histories drawn, 2 or more
    seed : the same one answers the same

    Returns
    -------
    A maximum drawdown of shuffled blocks knows nothing of regimes longer than a block: read it as "had the same
    months come in another order".

    Raises
    ------
    ValueError
        A panel, too few returns, a return of -1 or below (the path ends there), or a level outside 0..1.
    """
    values = _checked(returns, level, replications)
    if method not in ("percentile", "bca"):
        raise ValueError(f"{method!r} is no method of intervals: take 'percentile' or 'bca'.")
    if bootstrap not in ("stationary", "circular"):
        raise ValueError(f"{bootstrap!r} is no bootstrap: take 'stationary' or 'circular'.")
    choice = block_length(values)
    chosen = float((choice.stationary if bootstrap == "stationary" else np.ceil(choice.circular))[0])
    length = chosen if block is None else float(block)
    samples = _replicated(values, periods, bootstrap, length, replications, np.random.default_rng(seed))
    estimates = {name: float(each[0]) for name, each in headline_figures(values[:, None], periods).items()}
    moved = _accelerations(values, periods, length) if method == "bca" else {}
    intervals = {
        name: _interval(estimates[name], samples[name], level, moved.get(name)) for name in HEADLINES
    }
    return HeadlineIntervals(intervals, samples, method, level, length, bootstrap, replications)


def headline_figures(paths: Floats, periods: Frequency | float = "daily") -> dict[str, Floats]:
    """The figures of each column of returns (n, r); each (r,)."""
    growth = np.atleast_1d(np.asarray(cagr(paths, periods)))
    spread = np.atleast_1d(np.asarray(realized_volatility(paths, periods)))
    sharpe = np.atleast_1d(np.asarray(sharpe_ratio(paths, periods=periods)))
    fall = np.atleast_1d(np.asarray(max_drawdown(paths)))
    with np.errstate(divide="ignore", invalid="ignore"):
        calmar = np.where(fall < 0, growth / -fall, np.nan)
    whole = np.atleast_1d(np.asarray(total_return(paths)))
    sortino = np.atleast_1d(np.asarray(sortino_ratio(paths, periods=periods)))
    return dict(zip(HEADLINES, (growth, spread, sharpe, fall, calmar, whole, sortino), strict=True))


def _checked(returns: ArrayLike, level: float, replications: int) -> Floats:
    values = np.asarray(returns, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError("Intervals are of one history of returns, (n,): give a column at a time.")
    values = values[np.isfinite(values)]
    if len(values) < 20:
        raise ValueError(f"{len(values)} returns are too few to resample: 20 are the least.")
    if (values <= -1).any():
        raise ValueError("A return loses everything: a path that ended cannot be put in another order.")
    if not 0 < level < 1 or replications < 2:
        raise ValueError("A level lies between 0 and 1, and two replications are the least.")
    return values


def _replicated(
    values: Floats,
    periods: Frequency | float,
    bootstrap: str,
    length: float,
    replications: int,
    rng: np.random.Generator,
) -> dict[str, Floats]:
    size = max(1, _CELLS // len(values))
    found: list[dict[str, Floats]] = []
    for done in range(0, replications, size):
        count = min(size, replications - done)
        if bootstrap == "stationary":
            rows = stationary_rows(len(values), length, count, rng)
        else:
            rows = circular_rows(len(values), length, count, rng)
        found.append(headline_figures(np.ascontiguousarray(values[rows].T), periods))
    return {name: np.concatenate([each[name] for each in found]) for name in HEADLINES}


def _accelerations(values: Floats, periods: Frequency | float, length: float) -> dict[str, float]:
    """Of the jackknife over groups: sum (m - t)**3 / (6 (sum (m - t)**2)**1.5); 0 where a figure never moves."""
    n = len(values)
    groups = int(np.clip(round(n / length), min(n, 20), _GROUPS))
    group = np.arange(n) * groups // n
    size = max(1, _CELLS // n)
    left = [
        headline_figures(  # a missing return is no observation to any figure: the same as left out
            np.where(group[:, None] == np.arange(start, min(start + size, groups)), np.nan, values[:, None]),
            periods,
        )
        for start in range(0, groups, size)
    ]
    return {name: _skewed(np.concatenate([each[name] for each in left])) for name in HEADLINES}


def _skewed(left: Floats) -> float:
    left = left[np.isfinite(left)]
    if len(left) < 2:
        return 0.0
    away = left.mean() - left
    squares = float((away**2).sum())
    return float((away**3).sum()) / (6 * squares**1.5) if squares > 0 else 0.0


def _interval(estimate: float, sample: Floats, level: float, acceleration: float | None) -> Interval:
    there = sample[np.isfinite(sample)]
    undefined = len(sample) - len(there)
    if len(there) < 2 or not np.isfinite(estimate):
        return Interval(estimate, float("nan"), float("nan"), float("nan"), undefined)
    ends = np.array([(1 - level) / 2, (1 + level) / 2])
    if acceleration is not None:
        ends = bca_levels(estimate, there, ends, acceleration)
    low, high = np.quantile(there, ends)
    return Interval(estimate, float(low), float(high), float(there.std(ddof=1)), undefined)


def bca_levels(estimate: float, sample: Floats, levels: Floats, acceleration: float) -> Floats:
    """The levels at which a sample's quantiles are read, moved for bias and acceleration (Efron 1987)."""
    share = float((sample < estimate).mean() + (sample == estimate).mean() / 2)
    bias = ndtri(np.clip(share, 0.5 / len(sample), 1 - 0.5 / len(sample)))
    moved = bias + ndtri(levels)
    return np.asarray(ndtr(bias + moved / (1 - acceleration * moved)))

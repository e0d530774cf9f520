"""Rolling measures: the value at a row is that of the ``window`` rows that end there.

Returns (n,) or (n, k), the answer of the same shape; NaN in the first window - 1 rows. Missing returns are left out;
a window with fewer than ``least`` observations (all of them, where None) is NaN. Stable and O(n): see
``engine.quant.performance.windows``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.performance._panels import (
    Floats,
    Frequency,
    beside,
    compounded,
    panel,
    periods_per_year,
    ratio,
    series,
)
from engine.quant.performance.windows import (
    Blocks,
    WindowMoments,
    check_window,
    window_drawdowns,
    window_moments,
    window_products,
)


def rolling_return(returns: ArrayLike, window: int, least: int | None = None) -> Floats:
    """prod(1 + r) - 1 of each window, by sums of log(1 + r). NaN where a return of the window is -1 or less."""
    columns, single = panel(returns)
    least = check_window(window, least)
    logs = np.log1p(np.where(columns > -1.0, columns, np.nan))
    cut = Blocks(logs, window)
    total = np.expm1(cut.sums(np.nan_to_num(cut.blocks), np.nan_to_num(cut.blocks)))
    ruined = Blocks(np.where(columns <= -1.0, 1.0, 0.0), window)
    lost = ruined.sums(np.nan_to_num(ruined.blocks), np.nan_to_num(ruined.blocks))
    return series(cut.spread_out(total, (cut.counts >= least) & (lost == 0)), single)


def rolling_mean(returns: ArrayLike, window: int, least: int | None = None) -> Floats:
    """Arithmetic mean a period of each window."""
    columns, single = panel(returns)
    return series(window_moments(columns, window, check_window(window, least), 1).mean, single)


def rolling_volatility(
    returns: ArrayLike,
    window: int,
    periods: Frequency | float = "daily",
    ddof: int = 1,
    least: int | None = None,
) -> Floats:
    """Standard deviation a year of each window."""
    columns, single = panel(returns)
    found = window_moments(columns, window, check_window(window, least, 2), 2)
    return series(_spread(found, ddof) * np.sqrt(periods_per_year(periods)), single)


def rolling_sharpe(
    returns: ArrayLike,
    window: int,
    risk_free: ArrayLike | float = 0.0,
    periods: Frequency | float = "daily",
    ddof: int = 1,
    least: int | None = None,
) -> Floats:
    """``sharpe_ratio`` of each window."""
    columns, single = panel(returns)
    excess = columns - beside(risk_free, columns, "risk_free")
    found = window_moments(excess, window, check_window(window, least, 2), 2)
    return series(ratio(found.mean, _spread(found, ddof)) * np.sqrt(periods_per_year(periods)), single)


def rolling_sortino(
    returns: ArrayLike,
    window: int,
    required: ArrayLike | float = 0.0,
    periods: Frequency | float = "daily",
    least: int | None = None,
) -> Floats:
    """``sortino_ratio`` of each window."""
    columns, single = panel(returns)
    excess = columns - beside(required, columns, "required")
    least = check_window(window, least, 2)
    below = window_moments(np.minimum(excess, 0.0) ** 2, window, least, 1).mean
    mean = window_moments(excess, window, least, 1).mean
    return series(ratio(mean, np.sqrt(np.maximum(below, 0.0))) * np.sqrt(periods_per_year(periods)), single)


def rolling_skewness(returns: ArrayLike, window: int, least: int | None = None) -> Floats:
    """``skewness`` (moments over n) of each window."""
    columns, single = panel(returns)
    found = window_moments(columns, window, check_window(window, least, 3), 3)
    return series(ratio(found.cubes / found.count, (found.squares / found.count) ** 1.5), single)


def rolling_kurtosis(returns: ArrayLike, window: int, least: int | None = None) -> Floats:
    """``kurtosis`` (raw, moments over n) of each window."""
    columns, single = panel(returns)
    found = window_moments(columns, window, check_window(window, least, 4), 4)
    return series(ratio(found.fourths / found.count, (found.squares / found.count) ** 2), single)


def rolling_max_drawdown(returns: ArrayLike, window: int, least: int | None = None) -> Floats:
    """``max_drawdown`` of each window, its path starting at 1 before the window's first return."""
    columns, single = panel(returns)
    least = check_window(window, least)
    whole = np.concatenate([np.ones((1, columns.shape[1])), compounded(columns)])
    deepest = window_drawdowns(whole, window + 1)[1:]
    counts = window_moments(columns, window, least, 1).count
    return series(np.where(np.isfinite(counts), deepest, np.nan), single)


def rolling_hit_rate(returns: ArrayLike, window: int, least: int | None = None) -> Floats:
    """``hit_rate`` of each window."""
    columns, single = panel(returns)
    won = np.where(np.isfinite(columns), (columns > 0).astype(np.float64), np.nan)
    return series(window_moments(won, window, check_window(window, least), 1).mean, single)


def rolling_beta(
    returns: ArrayLike,
    benchmark: ArrayLike,
    window: int,
    risk_free: ArrayLike | float = 0.0,
    least: int | None = None,
) -> Floats:
    """``beta`` of each window; NaN where the benchmark does not move."""
    columns, other, single = _pair(returns, benchmark, risk_free)
    found = window_moments(other, window, check_window(window, least, 2), 2)
    slope = ratio(window_products(columns, other, window), found.squares)
    return series(np.where(found.squares > 0, slope, np.nan), single)


def rolling_alpha(
    returns: ArrayLike,
    benchmark: ArrayLike,
    window: int,
    risk_free: ArrayLike | float = 0.0,
    periods: Frequency | float = "daily",
    least: int | None = None,
) -> Floats:
    """``market_model``'s alpha of each window, compounded to a year."""
    columns, other, single = _pair(returns, benchmark, risk_free)
    least = check_window(window, least, 2)
    mean = window_moments(columns, window, least, 1).mean
    before = window_moments(other, window, least, 2)
    slope = ratio(window_products(columns, other, window), before.squares)
    alpha = np.where(before.squares > 0, mean - slope * before.mean, np.nan)
    return series((1.0 + alpha) ** periods_per_year(periods) - 1.0, single)


def rolling_correlation(
    returns: ArrayLike, benchmark: ArrayLike, window: int, least: int | None = None
) -> Floats:
    """``correlation`` of each window."""
    columns, other, single = _pair(returns, benchmark, 0.0)
    least = check_window(window, least, 2)
    own = window_moments(columns, window, least, 2).squares
    theirs = window_moments(other, window, least, 2).squares
    found = ratio(window_products(columns, other, window), np.sqrt(own * theirs))
    return series(np.clip(found, -1.0, 1.0), single)


def rolling_tracking_error(
    returns: ArrayLike,
    benchmark: ArrayLike,
    window: int,
    periods: Frequency | float = "daily",
    least: int | None = None,
) -> Floats:
    """``tracking_error`` of each window."""
    columns, other, single = _pair(returns, benchmark, 0.0)
    return series(rolling_volatility(columns - other, window, periods, 1, least), single)


def rolling_information_ratio(
    returns: ArrayLike,
    benchmark: ArrayLike,
    window: int,
    periods: Frequency | float = "daily",
    least: int | None = None,
) -> Floats:
    """``information_ratio`` of each window."""
    columns, other, single = _pair(returns, benchmark, 0.0)
    return series(rolling_sharpe(columns - other, window, 0.0, periods, 1, least), single)


def _spread(found: WindowMoments, ddof: int) -> Floats:
    free = np.where(found.count > ddof, found.count - ddof, np.nan)
    return np.sqrt(found.squares / free)


def _pair(
    returns: ArrayLike, benchmark: ArrayLike, risk_free: ArrayLike | float
) -> tuple[Floats, Floats, bool]:
    """Excess returns of both, NaN wherever either has none."""
    columns, single = panel(returns)
    free = beside(risk_free, columns, "risk_free")
    other = np.broadcast_to(beside(benchmark, columns, "benchmark") - free, columns.shape)
    columns = columns - free
    kept = np.isfinite(columns) & np.isfinite(other)
    return np.where(kept, columns, np.nan), np.where(kept, other, np.nan), single

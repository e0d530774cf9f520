"""Against a benchmark: regression on it, tracking error, information ratio, capture, correlation.

Returns (n,) or (n, k), the benchmark (n,) or (n, k), both simple and a period's. A row counts for a column where
both have a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.performance._panels import (
    Floats,
    Frequency,
    answer,
    beside,
    deviation,
    moments,
    panel,
    periods_per_year,
    ratio,
)
from engine.quant.performance.growth import cagr

Side = Literal["all", "up", "down"]


@dataclass(frozen=True, slots=True)
class MarketModel:
    """r - rf = alpha + beta (b - rf) + e by least squares. Each a number or (k,).

    ``alpha`` is a period's; ``alpha_annual`` compounds it. Standard errors are those of homoskedastic, serially
    uncorrelated residuals (n - 2); ``engine.quant.factors`` has Newey-West's.
    """

    alpha: Floats | float
    beta: Floats | float
    alpha_se: Floats | float
    beta_se: Floats | float
    r_squared: Floats | float
    alpha_annual: Floats | float
    observations: Floats | float


def market_model(
    returns: ArrayLike,
    benchmark: ArrayLike,
    risk_free: ArrayLike | float = 0.0,
    periods: Frequency | float = "daily",
    side: Side = "all",
) -> MarketModel:
    """Jensen's alpha (1968) and beta with standard errors.

    Parameters
    ----------
    side : only periods in which the benchmark's excess return was above zero ("up") or below it ("down")

    Returns
    -------
    NaN where fewer than two rows are common or the benchmark does not move; standard errors need three.
    """
    columns, other, single = _both(returns, benchmark, risk_free, side)
    n, mean_x, (sxx,) = moments(other)
    _, mean_y, (syy,) = moments(columns)
    sxy = np.nansum((other - mean_x) * (columns - mean_y), axis=0)
    beta = np.where((n > 1) & (sxx > 0), ratio(sxy, sxx), np.nan)
    alpha = mean_y - beta * mean_x
    free = np.where(n > 2, n - 2, np.nan)
    left = np.maximum(syy - beta * sxy, 0.0) / free
    beta_se = np.sqrt(ratio(left, sxx))
    alpha_se = np.sqrt(left * (1.0 / np.where(n > 0, n, np.nan) + ratio(mean_x**2, sxx)))
    fit = ratio(sxy**2, sxx * syy)
    yearly = (1.0 + alpha) ** periods_per_year(periods) - 1.0
    found = (alpha, beta, alpha_se, beta_se, fit, yearly, n)
    return MarketModel(*(answer(each, single) for each in found))


def _both(
    returns: ArrayLike, benchmark: ArrayLike, risk_free: ArrayLike | float, side: Side
) -> tuple[Floats, Floats, bool]:
    """Excess returns of both, NaN wherever either has none or the period is not of the side asked for."""
    columns, single = panel(returns)
    free = beside(risk_free, columns, "risk_free")
    other = np.broadcast_to(beside(benchmark, columns, "benchmark") - free, columns.shape)
    columns = columns - free
    kept = np.isfinite(columns) & np.isfinite(other)
    if side != "all":
        kept &= other > 0 if side == "up" else other < 0
    return np.where(kept, columns, np.nan), np.where(kept, other, np.nan), single


def beta(
    returns: ArrayLike, benchmark: ArrayLike, risk_free: ArrayLike | float = 0.0, side: Side = "all"
) -> Floats | float:
    """cov(r, b) / var(b) of excess returns; see ``market_model`` for its standard error."""
    return market_model(returns, benchmark, risk_free, 1.0, side).beta


def correlation(returns: ArrayLike, benchmark: ArrayLike) -> Floats | float:
    """Pearson's correlation; NaN where either does not move."""
    columns, other, single = _both(returns, benchmark, 0.0, "all")
    _, mean_x, (sxx,) = moments(other)
    _, mean_y, (syy,) = moments(columns)
    sxy = np.nansum((other - mean_x) * (columns - mean_y), axis=0)
    return answer(np.clip(ratio(sxy, np.sqrt(sxx * syy)), -1.0, 1.0), single)


def tracking_error(
    returns: ArrayLike, benchmark: ArrayLike, periods: Frequency | float = "daily", ddof: int = 1
) -> Floats | float:
    """Standard deviation a year of r - b."""
    columns, other, single = _both(returns, benchmark, 0.0, "all")
    return answer(deviation(columns - other, ddof)[2] * np.sqrt(periods_per_year(periods)), single)


def information_ratio(
    returns: ArrayLike,
    benchmark: ArrayLike,
    periods: Frequency | float = "daily",
    ddof: int = 1,
    geometric: bool = False,
) -> Floats | float:
    """mean(r - b) / sd(r - b) x sqrt(periods) (Grinold & Kahn 2000).

    ``geometric`` takes the difference of compound annual growth over the tracking error (Bacon 2008).
    """
    columns, other, single = _both(returns, benchmark, 0.0, "all")
    yearly = periods_per_year(periods)
    _, mean, spread = deviation(columns - other, ddof)
    if geometric:
        premium = np.asarray(cagr(columns, yearly)) - np.asarray(cagr(other, yearly))
        return answer(ratio(premium, spread * np.sqrt(yearly)), single)
    return answer(ratio(mean, spread) * np.sqrt(yearly), single)


def capture_ratio(
    returns: ArrayLike, benchmark: ArrayLike, periods: Frequency | float = "daily", side: Side = "all"
) -> Floats | float:
    """Compound annual growth over the benchmark's, in periods when the benchmark rose ("up") or fell ("down").

    Growth is that of the periods of the side put end to end (Morningstar's up- and downside capture).
    """
    columns, other, single = _both(returns, benchmark, 0.0, side)
    return answer(ratio(np.asarray(cagr(columns, periods)), np.asarray(cagr(other, periods))), single)


def treynor_ratio(
    returns: ArrayLike,
    benchmark: ArrayLike,
    risk_free: ArrayLike | float = 0.0,
    periods: Frequency | float = "daily",
) -> Floats | float:
    """Compound annual growth of the excess return over beta (Treynor 1965)."""
    columns, other, single = _both(returns, benchmark, risk_free, "all")
    found = np.asarray(market_model(columns, other, 0.0, periods).beta)
    return answer(ratio(np.asarray(cagr(columns, periods)), found), single)

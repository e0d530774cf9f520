"""Return against risk: volatility, Sharpe, Sortino, Calmar, Omega, and what they are made of.

Returns are simple, a fraction a period, (n,) or (n, k); answers are a number or (k,). Missing values are no
observations. ``risk_free`` and ``required`` are a period's, a number or aligned with the returns.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.performance._panels import (
    Floats,
    Frequency,
    answer,
    beside,
    count,
    deviation,
    panel,
    periods_per_year,
    ratio,
)
from engine.quant.performance.drawdowns import max_drawdown, ulcer_index
from engine.quant.performance.growth import cagr


def realized_volatility(
    returns: ArrayLike, periods: Frequency | float = "daily", ddof: int = 1
) -> Floats | float:
    """Standard deviation a year: sd(r) x sqrt(periods). ``ddof`` 1 divides by n - 1.

    NaN with fewer than ``ddof`` + 1 observations.
    """
    columns, single = panel(returns)
    return answer(deviation(columns, ddof)[2] * np.sqrt(periods_per_year(periods)), single)


def sharpe_ratio(
    returns: ArrayLike,
    risk_free: ArrayLike | float = 0.0,
    periods: Frequency | float = "daily",
    ddof: int = 1,
    geometric: bool = False,
) -> Floats | float:
    """Sharpe (1994): mean(r - rf) / sd(r - rf) x sqrt(periods).

    ``periods=1`` gives the ratio a period, which inference takes (``probabilistic_sharpe_ratio``).
    ``geometric`` divides the compound annual growth of the excess returns by their volatility instead.
    Without dispersion the ratio is infinite, or NaN where the mean is zero too.
    """
    columns, single = panel(returns)
    excess, yearly = columns - beside(risk_free, columns, "risk_free"), periods_per_year(periods)
    _, mean, spread = deviation(excess, ddof)
    if geometric:
        return answer(ratio(np.asarray(cagr(excess, yearly)), spread * np.sqrt(yearly)), single)
    return answer(ratio(mean, spread) * np.sqrt(yearly), single)


def partial_moment(
    returns: ArrayLike,
    threshold: ArrayLike | float = 0.0,
    order: float = 2.0,
    side: Literal["lower", "upper"] = "lower",
) -> Floats | float:
    """mean(max(+-(r - threshold), 0) ** order) over all observations (Bawa 1975; Bacon 2008, ch. 4).

    Order 0 is the share of periods beyond the threshold, 1 the mean shortfall (downside potential),
    2 the semivariance about the threshold.
    """
    columns, single = panel(returns)
    gap = columns - beside(threshold, columns, "threshold")
    gap = gap if side == "upper" else -gap
    there = np.isfinite(gap)
    beyond = there & (gap > 0)
    terms = np.where(beyond, np.abs(np.nan_to_num(gap)) ** order, 0.0) if order else beyond.astype(np.float64)
    return answer(ratio(terms.sum(axis=0), there.sum(axis=0).astype(np.float64)), single)


def downside_deviation(
    returns: ArrayLike, required: ArrayLike | float = 0.0, periods: Frequency | float = "daily"
) -> Floats | float:
    """Sortino's target semideviation a year: sqrt(mean(min(r - required, 0) ** 2) x periods).

    The mean is over all observations, not only over those below (Sortino & Price 1994).
    """
    columns, single = panel(returns)
    return answer(np.sqrt(np.asarray(partial_moment(columns, required)) * periods_per_year(periods)), single)


def sortino_ratio(
    returns: ArrayLike, required: ArrayLike | float = 0.0, periods: Frequency | float = "daily"
) -> Floats | float:
    """mean(r - required) / downside deviation, a year (Sortino & Price 1994); NaN below two observations.

    Infinite where nothing fell short.
    """
    columns, single = panel(returns)
    excess = columns - beside(required, columns, "required")
    counts, mean, _ = deviation(excess, 0)
    yearly = periods_per_year(periods)
    found = ratio(mean * yearly, np.asarray(downside_deviation(excess, 0.0, yearly)))
    return answer(np.where(counts > 1, found, np.nan), single)


def kappa_ratio(returns: ArrayLike, required: float = 0.0, order: float = 2.0) -> Floats | float:
    """mean(r - required) / lower partial moment ** (1 / order), a period (Kaplan & Knowles 2004).

    Order 2 is Sortino's ratio a period; order 1 is the Omega ratio less one.
    """
    columns, single = panel(returns)
    lower = np.asarray(partial_moment(columns, required, order))
    return answer(ratio(deviation(columns - required, 0)[1], lower ** (1.0 / order)), single)


def omega_ratio(returns: ArrayLike, threshold: ArrayLike | float = 0.0) -> Floats | float:
    """Gains above ``threshold`` over losses below it, sums (Keating & Shadwick 2002).

    NaN where nothing lies below: the ratio has no bound then; and below two observations.
    """
    columns, single = panel(returns)
    gains = np.asarray(partial_moment(columns, threshold, 1.0, "upper"))
    losses = np.asarray(partial_moment(columns, threshold, 1.0, "lower"))
    known = (losses > 0) & (count(columns) > 1)
    return answer(np.where(known, ratio(gains, losses), np.nan), single)


def calmar_ratio(returns: ArrayLike, periods: Frequency | float = "daily") -> Floats | float:
    """Compound annual growth over the size of the largest drawdown (Young 1991, over the whole sample).

    NaN where there was no drawdown.
    """
    columns, single = panel(returns)
    depth = -np.asarray(max_drawdown(columns))
    grown = np.asarray(cagr(columns, periods))
    return answer(np.where(depth > 0, ratio(grown, depth), np.nan), single)


def martin_ratio(returns: ArrayLike, periods: Frequency | float = "daily") -> Floats | float:
    """Compound annual growth over the ulcer index (Martin & McCann 1989). NaN where there was no drawdown."""
    columns, single = panel(returns)
    ulcer = np.asarray(ulcer_index(columns))
    grown = np.asarray(cagr(columns, periods))
    return answer(np.where(ulcer > 0, ratio(grown, ulcer), np.nan), single)

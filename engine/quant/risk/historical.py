"""Value at risk from the past's own returns: as they came, weighted by age, or scaled to today's volatility."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import Floats, Seed, level_of, series_of
from engine.quant.risk.tails import TailRisk, bootstrap_tail, order_interval, sample_tail, weighted_tail
from engine.quant.risk.volatility import ewma_variances


def historical_risk(
    returns: ArrayLike, level: float = 0.99, *, confidence: float = 0.95, draws: int = 1000, seed: Seed = 0
) -> TailRisk:
    """Every past return is as likely tomorrow as any other.

    Parameters
    ----------
    returns : (n,) simple returns, fractions.
    level : 0.99 asks for the worst hundredth.
    confidence, draws, seed : of the intervals: order statistics for the value at risk, percentile bootstrap
        for the expected shortfall. Both take returns for independent; clustering makes them too narrow.
    """
    level = level_of(level)
    losses = -series_of(returns)
    var, shortfall = sample_tail(losses, level)
    _, around_es = bootstrap_tail(losses, level, confidence, draws, seed)
    return TailRisk(
        "historical", level, float(var), float(shortfall), order_interval(losses, level, confidence), around_es,
        confidence, "order statistics (VaR), percentile bootstrap (ES)", len(losses),
    )  # fmt: skip


def age_weights(count: int, decay: float) -> Floats:
    """``decay^age (1 - decay) / (1 - decay^n)``, oldest first, summing to 1 (Boudoukh, Richardson and Whitelaw
    1998, equation 1)."""
    if not 0 < decay < 1:
        raise ValueError(f"a decay lies between 0 and 1, not {decay}")
    raw = decay ** np.arange(count - 1, -1, -1, dtype=np.float64)
    return np.asarray(raw / raw.sum(), dtype=np.float64)


def age_weighted_risk(
    returns: ArrayLike, level: float = 0.99, *, decay: float = 0.995, confidence: float = 0.95,
    draws: int = 1000, seed: Seed = 0,
) -> TailRisk:  # fmt: skip
    """Recent returns are likelier than old ones, by ``decay`` a day (Boudoukh, Richardson and Whitelaw 1998)."""
    level = level_of(level)
    losses = -series_of(returns)
    weights = age_weights(len(losses), decay)
    var, shortfall = weighted_tail(losses, weights, level)
    around_var, around_es = bootstrap_tail(losses, level, confidence, draws, seed, weights)
    worth = 1 / float(weights @ weights)
    return TailRisk(
        "age-weighted historical", level, float(var), float(shortfall), around_var, around_es, confidence,
        "percentile bootstrap by weight", len(losses), (f"worth {worth:.0f} equal observations",),
    )  # fmt: skip


def volatility_scaled_risk(
    returns: ArrayLike, level: float = 0.99, *, decay: float = 0.94, burn: int = 20, confidence: float = 0.95,
    draws: int = 1000, seed: Seed = 0,
) -> TailRisk:  # fmt: skip
    """Each return times tomorrow's volatility over its own day's (Hull and White 1998, equation 1).

    Volatility is RiskMetrics' exponentially weighted one; the first ``burn`` returns only start it.
    """
    level = level_of(level)
    values = series_of(returns, burn + 2)
    losses = -rescaled(values, decay, burn)
    var, shortfall = sample_tail(losses, level)
    _, around_es = bootstrap_tail(losses, level, confidence, draws, seed)
    return TailRisk(
        "volatility-scaled historical", level, float(var), float(shortfall),
        order_interval(losses, level, confidence), around_es, confidence,
        "order statistics (VaR), percentile bootstrap (ES), volatilities taken as known", len(losses),
    )  # fmt: skip


def rescaled(returns: Floats, decay: float, burn: int) -> Floats:
    """Returns (n - burn,) in tomorrow's volatility. A day without any volatility before it stays as it was."""
    variances = ewma_variances(returns, decay)
    own = variances[burn:-1]
    ratio = np.sqrt(np.divide(variances[-1], own, out=np.ones_like(own), where=own > 0))
    return np.asarray(returns[burn:] * ratio, dtype=np.float64)

"""What a value at risk is here: its result, its quantile convention, and intervals around it.

Losses are positive: a value at risk of 0.023 is a loss of 2.3%. Over ``n`` equally likely losses

- value at risk at ``level`` is the sample quantile of Hyndman and Fan's type 7 (linear interpolation at
  ``(n - 1) * level``), as in R's and numpy's default;
- expected shortfall is the mean of the worst ``(1 - level) n`` losses, the last of them counted in part where
  that is no whole number (Acerbi and Tasche 2002, definition 2.6): it is subadditive, and never below the
  value at risk.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.quant.risk._inputs import Floats, Seed, generator, level_of, series_of

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class TailRisk:
    """A value at risk and an expected shortfall, each with an interval; fractions, losses positive."""

    method: str
    level: float
    value_at_risk: float
    expected_shortfall: float
    var_interval: Interval
    es_interval: Interval
    confidence: float  # of the intervals
    interval: str  # how they were made
    observations: int
    notes: tuple[str, ...] = ()


def scaled(risk: TailRisk, horizon: int) -> TailRisk:
    """A one-day risk over ``horizon`` days by the square root of time: right for independent returns of one
    finite variance and no drift, an approximation otherwise (Danielsson and Zigrand 2006)."""
    if horizon < 1:
        raise ValueError(f"a horizon is at least one day, not {horizon}")
    if horizon == 1:
        return risk
    root = float(np.sqrt(horizon))
    return replace(
        risk,
        value_at_risk=risk.value_at_risk * root,
        expected_shortfall=risk.expected_shortfall * root,
        var_interval=(risk.var_interval[0] * root, risk.var_interval[1] * root),
        es_interval=(risk.es_interval[0] * root, risk.es_interval[1] * root),
        notes=(*risk.notes, f"one day x square root of {horizon}"),
    )


def sample_tail(losses: Floats, level: float) -> tuple[Floats, Floats]:
    """Value at risk and expected shortfall of equally likely losses (..., n), over the last axis."""
    n = losses.shape[-1]
    tail = (1 - level) * n
    kept = min(n, int(np.ceil(tail)) + 2)
    worst = -np.sort(np.partition(-losses, kept - 1, axis=-1)[..., :kept], axis=-1)
    at = (n - 1) * (1 - level)
    low = int(np.floor(at))
    high = min(low + 1, n - 1)
    var = worst[..., low] + (at - low) * (worst[..., high] - worst[..., low])
    whole = int(np.floor(tail))
    if whole == 0:
        return var, worst[..., 0]
    part = tail - whole
    total = worst[..., :whole].sum(axis=-1) + (part * worst[..., whole] if whole < kept else 0.0)
    return var, np.maximum(total / tail, var)  # the last bit only: rounding


def weighted_tail(losses: Floats, weights: Floats, level: float) -> tuple[Floats, Floats]:
    """The same of losses (..., n) with probabilities ``weights`` (n,). Value at risk is the smallest loss that is
    exceeded with a probability of at most ``1 - level``: nothing is interpolated between unequal weights."""
    order = np.argsort(-losses, axis=-1, kind="stable")
    worst = np.take_along_axis(losses, order, axis=-1)
    share = (weights / weights.sum())[order]
    mass, tail = np.cumsum(share, axis=-1), 1 - level
    at = np.minimum((mass <= tail).sum(axis=-1, keepdims=True), worst.shape[-1] - 1)
    var = np.take_along_axis(worst, at, axis=-1)[..., 0]
    inside = np.clip(tail - (mass - share), 0.0, share)
    return var, np.maximum((inside * worst).sum(axis=-1) / inside.sum(axis=-1), var)


def shortfall_beyond(returns: Floats, level: float) -> float:
    """Mean loss strictly beyond the value at risk (PerformanceAnalytics' historical ES): not coherent, kept to
    compare with tools that use it.

    Raises
    ------
    ValueError
        No loss lies beyond the value at risk.
    """
    losses = -series_of(returns)
    beyond = losses[losses > float(sample_tail(losses, level_of(level))[0])]
    if not len(beyond):
        raise ValueError("no loss lies beyond the value at risk")
    return float(beyond.mean())


def order_interval(losses: Floats, level: float, confidence: float, worth: int | None = None) -> Interval:
    """An interval for a quantile from the sample alone: order statistics whose ranks bracket the quantile with a
    binomial probability of at least ``confidence`` (Conover 1999, section 3.2). Where the sample is too short
    for that, an end is the sample's own extreme.

    ``worth``: how many observations stand behind simulated ``losses``; ranks are those of so many, and are looked
    up in the simulation as shares.
    """
    from scipy.special import bdtr

    ordered, n = np.sort(losses), len(losses) if worth is None else worth
    below = bdtr(np.arange(n), n, level)  # of rank j (from 0): P(at most j losses lie below the quantile)
    outside = (1 - confidence) / 2
    low = int(np.searchsorted(below, outside, side="right"))
    high = int(np.searchsorted(below, 1 - outside, side="left"))
    ranks = np.array([max(low - 1, 0), min(high, n - 1)])
    if worth is not None:
        ranks = np.rint(ranks / max(n - 1, 1) * (len(ordered) - 1)).astype(np.int64)
    return float(ordered[ranks[0]]), float(ordered[ranks[1]])


def bootstrap_tail(
    losses: Floats, level: float, confidence: float, draws: int, seed: Seed, weights: Floats | None = None,
    worth: int | None = None,
) -> tuple[Interval, Interval]:  # fmt: skip
    """Percentile bootstrap of both (Efron and Tibshirani 1993, chapter 13). Weighted losses are drawn by their
    weights, as many as they are worth: ``1 / sum(weights^2)`` (Kish); simulated ones, as many as the observations
    that stand behind them (``worth``)."""
    rng, n = generator(seed), len(losses)
    if weights is None:
        at = rng.integers(0, n, (draws, worth or n))
    else:
        share = weights / weights.sum()
        size = max(2, round(1 / float(share @ share)))
        at = np.searchsorted(np.cumsum(share)[:-1], rng.random((draws, size)), side="right")
    var, shortfall = sample_tail(losses[at], level)
    return percentiles(var, confidence), percentiles(shortfall, confidence)


def percentiles(values: Floats, confidence: float) -> Interval:
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def around(value: float, deviation: float, confidence: float) -> Interval:
    """A normal interval around an estimate with this standard error."""
    from scipy.special import ndtri

    half = float(ndtri((1 + confidence) / 2)) * deviation
    return value - half, value + half

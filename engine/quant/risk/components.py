"""Whose risk it is: Euler's decomposition of value at risk and expected shortfall, and what each asset adds.

Both measures grow in proportion to the portfolio, so that by Euler's theorem the components
``w[i] * d risk / d w[i]`` add up to the whole (Litterman 1996; Tasche 1999).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import (
    Floats,
    level_of,
    normal_density,
    normal_quantile,
    panel_of,
    square_of,
    weights_of,
)  # fmt: skip
from engine.quant.risk.tails import sample_tail

Measure = Literal["value_at_risk", "expected_shortfall"]


@dataclass(frozen=True, slots=True)
class RiskComponents:
    """A measure of a portfolio taken apart. All of shape (k,) but ``total``; fractions, losses positive."""

    measure: Measure
    level: float
    total: float
    marginal: Floats  # change of the total for one more unit of weight
    component: Floats  # marginal x weight: these add up to the total
    share: Floats  # component / total; NaN where the total is 0
    incremental: Floats  # the total less that of the portfolio whose holding was turned into cash


def normal_components(
    mean: ArrayLike, covariance: ArrayLike, weights: ArrayLike, level: float = 0.99,
    measure: Measure = "value_at_risk",
) -> RiskComponents:  # fmt: skip
    """Of jointly normal returns: ``-w'mean + k sqrt(w'Sw)``, with k the normal quantile or its tail mean;
    marginal ``-mean + k S w / sqrt(w'Sw)``.

    Parameters
    ----------
    mean : (k,). covariance : (k, k). weights : (k,).
    """
    matrix = square_of(covariance)
    held, drift = weights_of(weights, len(matrix)), weights_of(mean, len(matrix))
    z = normal_quantile(level_of(level))
    factor = z if measure == "value_at_risk" else normal_density(z) / (1 - level)

    def risk(w: Floats) -> float:
        return float(-w @ drift + factor * np.sqrt(max(float(w @ matrix @ w), 0.0)))

    deviation = np.sqrt(max(float(held @ matrix @ held), 0.0))
    slope = matrix @ held / deviation if deviation > 0 else np.zeros_like(held)
    return _parts(measure, level, held, -drift + factor * slope, risk)


def historical_components(
    returns: ArrayLike, weights: ArrayLike, level: float = 0.99, measure: Measure = "value_at_risk",
    *, bandwidth: float | None = None,
) -> RiskComponents:  # fmt: skip
    """Of past or simulated joint returns (n, k), equally likely.

    Expected shortfall: each asset's mean loss in the portfolio's worst cases, the last counted in part: exact.
    Value at risk: each asset's expected loss given that the portfolio loses just its value at risk, a mean
    weighted by a normal kernel of width ``bandwidth`` (Silverman's rule where not given) around it
    (Epperlein and Smillie 2006), scaled so that the parts add up to the sample quantile.
    """
    values = panel_of(returns)
    held = weights_of(weights, values.shape[1])
    losses = -values @ held
    var = float(sample_tail(losses, level_of(level))[0])
    if measure == "expected_shortfall":
        marginal = -_worst(losses, level) @ values
    else:
        marginal = -_kernel(losses, var, bandwidth) @ values
        sum_ = float(marginal @ held)
        if abs(sum_) > 1e-300:
            marginal = marginal * (var / sum_)

    def risk(w: Floats) -> float:
        return float(sample_tail(-values @ w, level)[0 if measure == "value_at_risk" else 1])

    return _parts(measure, level, held, marginal, risk)


def _parts(
    measure: Measure, level: float, held: Floats, marginal: Floats, risk: Callable[[Floats], float]
) -> RiskComponents:
    total = risk(held)
    component = marginal * held
    without = np.array([risk(np.where(np.arange(len(held)) == i, 0.0, held)) for i in range(len(held))])
    share = component / total if total else np.full_like(component, np.nan)
    return RiskComponents(measure, level, total, marginal, component, share, total - without)


def _worst(losses: Floats, level: float) -> Floats:
    """Weights (n,) of the worst cases, summing to 1."""
    tail = (1 - level) * len(losses)
    found = np.zeros(len(losses))
    order = np.argsort(-losses, kind="stable")
    whole = int(np.floor(tail))
    found[order[:whole]] = 1.0
    if whole < len(losses):
        found[order[whole]] = tail - whole if whole else 1.0
    return np.asarray(found / found.sum(), dtype=np.float64)


def _kernel(losses: Floats, at: float, bandwidth: float | None) -> Floats:
    spread = float(losses.std())
    if spread == 0:
        return np.full(len(losses), 1 / len(losses))
    width = bandwidth or 1.06 * spread * len(losses) ** -0.2 / 2
    near = -0.5 * ((losses - at) / width) ** 2
    found = np.exp(near - near.max())
    return np.asarray(found / found.sum(), dtype=np.float64)

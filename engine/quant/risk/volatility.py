"""Conditional variance: RiskMetrics' exponential weights and GARCH(1,1), as filters that only look back."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import Floats


def ewma_step(variance: float, shock: float, decay: float) -> float:
    """Tomorrow's variance ``decay v + (1 - decay) u^2`` (RiskMetrics 1996, equation 5.3)."""
    return decay * variance + (1 - decay) * shock * shock


def ewma_effective_days(decay: float, tolerance: float) -> float:
    """Days that hold all but ``tolerance`` of the weight, ``ln(tolerance) / ln(decay)`` (RiskMetrics 1996,
    equation 5.13): 74 at 0.94 and 1%."""
    return math.log(tolerance) / math.log(decay)


def ewma_variances(returns: ArrayLike, decay: float = 0.94) -> Floats:
    """Variance (n + 1, ...) of each day known the evening before, and of the day after the last.

    The first is 0: nothing was known. Weights of what there is sum to 1, so that no starting value is
    guessed. Means are taken as 0, as RiskMetrics does.
    """
    from scipy.signal import lfilter

    values = np.asarray(returns, dtype=np.float64)
    squares = values**2
    count = np.arange(1, len(values) + 1, dtype=np.float64).reshape(-1, *([1] * (values.ndim - 1)))
    summed = lfilter([1 - decay], [1.0, -decay], squares, axis=0)
    known = summed / (1 - decay**count)
    return np.concatenate([np.zeros((1, *values.shape[1:])), known])


def garch_step(variance: float, shock: float, omega: float, alpha: float, beta: float) -> float:
    """Tomorrow's variance ``omega + alpha u^2 + beta v`` (Bollerslev 1986, equation 2)."""
    return omega + alpha * shock * shock + beta * variance


def garch_long_run(omega: float, alpha: float, beta: float) -> float:
    """The variance it returns to, ``omega / (1 - alpha - beta)``.

    Raises
    ------
    ValueError
        ``alpha + beta`` is 1 or more: it returns to none.
    """
    if alpha + beta >= 1:
        raise ValueError(f"alpha + beta = {alpha + beta:.4f}: a variance that never settles has no long run")
    return omega / (1 - alpha - beta)


def garch_variances(residuals: ArrayLike, omega: float, alpha: float, beta: float, start: float) -> Floats:
    """Variance (n + 1,) of each day known the evening before, and of the day after the last:
    ``h[t] = omega + alpha e[t-1]^2 + beta h[t-1]``, with ``e^2 = h = start`` before the first."""
    from scipy.signal import lfilter

    squares = np.asarray(residuals, dtype=np.float64) ** 2
    driven = np.concatenate([[omega + (alpha + beta) * start], omega + alpha * squares])
    return np.asarray(lfilter([1.0], [1.0, -beta], driven), dtype=np.float64)

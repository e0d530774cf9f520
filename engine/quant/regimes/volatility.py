"""Regimes by exponentially weighted volatility against its own past. No model, no fit, causal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.quant.regimes.chain import Floats


@dataclass(frozen=True, slots=True)
class VolatilityRegimes:
    """``volatility`` (n,), annualised; ``states`` (n,), 0 the calmest, -1 before there is enough past; ``bounds``
    (n, k - 1), the volatilities between the states as of each day."""

    volatility: Floats
    states: NDArray[np.int64]
    bounds: Floats
    names: tuple[str, ...]


def ewma_volatility(returns: Floats, decay: float = 0.94, periods_per_year: float = 252.0) -> Floats:
    """Annualised volatility sqrt(v_t), v_t = decay v_(t-1) + (1 - decay) r_t^2, mean zero (RiskMetrics 1996).

    It starts from the first return's square weighted as an infinite past of it; NaN returns leave it as it was. The
    value of a day uses that day's return: for the next day's risk it is the forecast.
    """
    data = np.asarray(returns, dtype=np.float64)
    if not 0.0 < decay < 1.0:
        raise ValueError("decay lies between 0 and 1")
    variance = np.full(len(data), np.nan)
    level = np.nan
    for at, value in enumerate(data * data):
        if np.isfinite(value):
            level = value if np.isnan(level) else decay * level + (1.0 - decay) * value
        variance[at] = level
    volatility: Floats = np.sqrt(variance * periods_per_year)
    return volatility


def ewma_regimes(
    returns: Floats,
    quantiles: tuple[float, ...] = (0.5, 0.85),
    *,
    decay: float = 0.94,
    least: int = 252,
    band: float = 0.05,
    periods_per_year: float = 252.0,
) -> VolatilityRegimes:
    """States by where volatility stands among all its values so far (expanding quantiles).

    A day leaves its state only once volatility is ``band`` (a fraction) beyond the bound: states do not flicker.

    Parameters
    ----------
    returns : (n,) fractions a period
    quantiles : ascending, the shares of the past below each bound
    least : periods before the first state
    """
    names = {1: ("calm", "wild"), 2: ("calm", "moderate", "wild"), 3: ("calm", "moderate", "wild", "crisis")}
    if list(quantiles) != sorted(set(quantiles)) or not all(0 < each < 1 for each in quantiles):
        raise ValueError("quantiles ascend between 0 and 1")
    if len(quantiles) not in names:
        raise ValueError("one to three quantiles part the states")
    volatility = ewma_volatility(returns, decay, periods_per_year)
    bounds = _expanding_quantiles(volatility, quantiles, least)
    states = np.full(len(volatility), -1, dtype=np.int64)
    state = -1
    for at in range(len(volatility)):
        level, limits = volatility[at], bounds[at]
        if not np.isfinite(limits).all() or not np.isfinite(level):
            states[at] = state
            continue
        if state < 0:
            state = int((level > limits).sum())
        while state < len(limits) and level > limits[state] * (1 + band):
            state += 1
        while state > 0 and level < limits[state - 1] * (1 - band):
            state -= 1
        states[at] = state
    return VolatilityRegimes(volatility, states, bounds, names[len(quantiles)])


def _expanding_quantiles(values: Floats, quantiles: tuple[float, ...], least: int) -> Floats:
    """Quantiles of the values up to each day, (n, q): the lower of the two neighbours, in one pass."""
    from bisect import insort
    from math import isfinite

    out = np.full((len(values), len(quantiles)), np.nan)
    held: list[float] = []
    for at, value in enumerate(values.tolist()):
        if isfinite(value):
            insort(held, value)
        if len(held) >= least:
            out[at] = [held[int(q * (len(held) - 1))] for q in quantiles]
    return out

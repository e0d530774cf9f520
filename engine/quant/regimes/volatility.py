"""Regimes by exponentially weighted volatility against its own past. No model, no fit, causal."""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass
from math import isfinite, isnan, nan

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
    variance: list[float] = []  # plain numbers: a loop over numpy's takes ten times as long
    level = nan
    for value in (data * data).tolist():
        if isfinite(value):
            level = value if isnan(level) else decay * level + (1.0 - decay) * value
        variance.append(level)
    volatility: Floats = np.sqrt(np.array(variance, dtype=np.float64) * periods_per_year)
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
    states = np.array(_steps(volatility.tolist(), bounds.tolist(), band), dtype=np.int64)
    return VolatilityRegimes(volatility, states, bounds, names[len(quantiles)])


def _steps(volatility: list[float], bounds: list[list[float]], band: float) -> list[int]:
    """The state after each day; -1 before its bounds are known."""
    states, state = [], -1
    for level, limits in zip(volatility, bounds, strict=True):
        if isfinite(level) and all(map(isfinite, limits)):
            if state < 0:
                state = sum(level > limit for limit in limits)
            while state < len(limits) and level > limits[state] * (1 + band):
                state += 1
            while state > 0 and level < limits[state - 1] * (1 - band):
                state -= 1
        states.append(state)
    return states


def _expanding_quantiles(values: Floats, quantiles: tuple[float, ...], least: int) -> Floats:
    """Quantiles of the values up to each day, (n, q): the lower of the two neighbours, in one pass."""
    out: list[list[float]] = []
    blank = [nan] * len(quantiles)
    held: list[float] = []
    for value in values.tolist():
        if isfinite(value):
            insort(held, value)
        most = len(held) - 1
        out.append([held[int(q * most)] for q in quantiles] if most + 1 >= least else blank)
    return np.array(out, dtype=np.float64).reshape(len(values), len(quantiles))

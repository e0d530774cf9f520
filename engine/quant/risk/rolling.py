"""Forecasts of tomorrow's risk made every evening from the days before: what backtests are run on.

Row t is the forecast for day t from returns of the ``window`` days before it. Moments, quantiles and filtered
volatilities are new every day; what takes a search (degrees of freedom, GARCH, Pareto tails, copulas) is fitted
anew every ``refit`` days, on days before the first day it is used for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import (
    Floats,
    level_of,
    normal_density,
    normal_quantile,
    panel_of,
    series_of,
    weights_of,
)  # fmt: skip
from engine.quant.risk.copulas import Family, copula_scenarios
from engine.quant.risk.evt import fit_pareto, pareto_tail
from engine.quant.risk.garch import Garch, fit_garch
from engine.quant.risk.historical import age_weights
from engine.quant.risk.parametric import cornish_fisher_tail, moments, t_tail
from engine.quant.risk.students import fit_t
from engine.quant.risk.tails import sample_tail, weighted_tail
from engine.quant.risk.volatility import ewma_variances, garch_variances

Method = Literal[
    "historical", "age_weighted", "volatility_scaled", "filtered", "normal", "t", "cornish_fisher", "evt",
    "conditional_evt",
]  # fmt: skip
_BURN = 20  # days that only start an exponentially weighted volatility


@dataclass(frozen=True, slots=True)
class RollingRisk:
    """Forecasts (n,), fractions, losses positive; NaN before there was a window of days."""

    value_at_risk: Floats
    expected_shortfall: Floats

    def exceptions(self, returns: ArrayLike) -> np.ndarray:
        """Days (n,) that lost more than their forecast; False where there was none."""
        with np.errstate(invalid="ignore"):
            return np.asarray(np.asarray(returns, dtype=np.float64) < -self.value_at_risk)


def rolling_risk(
    returns: ArrayLike, method: Method, level: float = 0.99, *, window: int = 500, refit: int = 20,
    decay: float = 0.94, age_decay: float = 0.995, tail_share: float = 0.1,
    step: Callable[[], None] = lambda: None, garch: Callable[[Floats], Garch] | None = None,
) -> RollingRisk:  # fmt: skip
    """Every evening's forecast by one method.

    Parameters
    ----------
    returns : (n,), more than ``window``.
    step : called before each refit, where a caller wants to stop.
    garch : how GARCH(1,1) is fitted to a window's returns; ``fit_garch(..., exact=False)`` where not given. A
        caller of both methods that filter hands in one that remembers.

    Raises
    ------
    ValueError
        An unknown method, or too few returns.
    """
    values, level = series_of(returns, window + 1), level_of(level)
    if method in ("evt", "filtered", "conditional_evt", "t"):
        step()
        fitter = garch or (lambda known: fit_garch(known, exact=False))
        found = _fitted(values, method, level, window, refit, tail_share, step, fitter)
    elif method in ("historical", "age_weighted", "volatility_scaled", "normal", "cornish_fisher"):
        found = _moving(values, method, level, window, decay, age_decay)
    else:
        raise ValueError(f"no method of rolling risk is called {method!r}")
    ahead = np.full(len(values) - len(found[0]), np.nan)
    return RollingRisk(np.concatenate([ahead, found[0]]), np.concatenate([ahead, found[1]]))


def _moving(
    values: Floats, method: Method, level: float, window: int, decay: float, age_decay: float
) -> tuple[Floats, Floats]:
    """What is worked out from each window alone."""
    past = sliding_window_view(values, window)[:-1]
    if method == "historical":
        return sample_tail(-past, level)
    if method == "age_weighted":
        return weighted_tail(-past, age_weights(window, age_decay), level)
    if method == "volatility_scaled":
        return _rescaled(values, past, level, window, decay)
    if method == "cornish_fisher":
        return cornish_fisher_tail(*moments(past), level)
    mean, deviation, z = past.mean(axis=1), past.std(axis=1, ddof=1), normal_quantile(level)
    return -mean + z * deviation, -mean + normal_density(z) / (1 - level) * deviation


def _rescaled(values: Floats, past: Floats, level: float, window: int, decay: float) -> tuple[Floats, Floats]:
    """Returns in the volatility of the day that is forecast; windows that begin before the burn-in are left out."""
    variances = ewma_variances(values, decay)
    own = sliding_window_view(variances[:-1], window)[:-1]
    ahead = variances[window : len(values), None]
    ratio = np.sqrt(np.divide(ahead, own, out=np.ones_like(past), where=own > 0))
    return sample_tail(-(past * ratio)[_BURN:], level)


def blocks(count: int, window: int, refit: int) -> Iterator[tuple[int, int]]:
    """First day and end of each stretch that one fit serves."""
    return ((first, min(first + refit, count)) for first in range(window, count, refit))


def _fitted(
    values: Floats, method: Method, level: float, window: int, refit: int, tail_share: float,
    step: Callable[[], None], garch: Callable[[Floats], Garch],
) -> tuple[Floats, Floats]:  # fmt: skip
    var, shortfall = [], []
    for first, end in blocks(len(values), window, refit):
        step()
        found = _stretch(values[first - window : end], method, level, window, tail_share, garch)
        var.append(found[0])
        shortfall.append(found[1])
    return np.concatenate(var), np.concatenate(shortfall)


def _stretch(
    values: Floats, method: Method, level: float, window: int, tail_share: float,
    garch: Callable[[Floats], Garch],
) -> tuple[Floats, Floats]:  # fmt: skip
    """Forecasts for the days after the first ``window``, fitted on these."""
    days, known = len(values) - window, values[:window]
    if method == "evt":
        tail = pareto_tail(fit_pareto(-known, float(np.quantile(-known, 1 - tail_share))), level)
        return np.full(days, tail[0]), np.full(days, tail[1])
    if method == "t":
        past = sliding_window_view(values, window)[:-1]
        unit = t_tail(0.0, 1.0, fit_t(known).degrees, level)
        mean, deviation = past.mean(axis=1), past.std(axis=1, ddof=1)
        return -mean + unit[0] * deviation, -mean + unit[1] * deviation
    fit = garch(known)
    residuals = values - fit.mean
    deviation = np.sqrt(garch_variances(residuals, fit.omega, fit.alpha, fit.beta, fit.start)[:-1])
    if method == "filtered":
        surprises = sliding_window_view(residuals / deviation, window)[:-1]
        unit_var, unit_es = sample_tail(-surprises, level)
    else:
        losses = -fit.standardised
        tail = pareto_tail(fit_pareto(losses, float(np.quantile(losses, 1 - tail_share))), level)
        unit_var, unit_es = np.full(days, tail[0]), np.full(days, tail[1])
    return -fit.mean + deviation[window:] * unit_var, -fit.mean + deviation[window:] * unit_es


def rolling_copula(
    returns: ArrayLike, weights: ArrayLike, level: float = 0.99, *, family: Family = "gaussian", window: int = 500,
    refit: int = 20, simulations: int = 5000, seed: int = 0, step: Callable[[], None] = lambda: None,
) -> RollingRisk:  # fmt: skip
    """The same by Monte Carlo with a copula and empirical marginals: made anew every ``refit`` days."""
    values = panel_of(returns, window + 1)
    held = weights_of(weights, values.shape[1])
    var, shortfall = np.full(len(values), np.nan), np.full(len(values), np.nan)
    for first, end in blocks(len(values), window, refit):
        step()
        drawn = copula_scenarios(
            values[first - window : first], family=family, simulations=simulations, seed=seed
        )
        var[first:end], shortfall[first:end] = sample_tail(-drawn @ held, level_of(level))
    return RollingRisk(var, shortfall)

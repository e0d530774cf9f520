"""Today's volatility on the past's surprises: filtered historical simulation, and its tail by Pareto."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import Floats, Seed, generator, level_of, series_of
from engine.quant.risk.evt import fit_pareto, pareto_errors, pareto_tail
from engine.quant.risk.garch import Garch, fit_garch
from engine.quant.risk.tails import TailRisk, around, bootstrap_tail, order_interval, sample_tail


def filtered_risk(
    returns: ArrayLike, level: float = 0.99, *, horizon: int = 1, simulations: int = 10_000,
    confidence: float = 0.95, draws: int = 1000, seed: Seed = 0, garch: Garch | None = None,
) -> TailRisk:  # fmt: skip
    """Filtered historical simulation (Barone-Adesi, Giannopoulos and Vosper 1999; Hull and White 1998).

    A GARCH(1,1) standardises each day's surprise; tomorrow is its mean plus tomorrow's deviation times one of
    them. Over ``horizon`` days, paths of surprises drawn with replacement run through the variance's own
    recursion, and returns compound. Intervals are of the surprises alone: the filter is taken as known.
    """
    level = level_of(level)
    values = series_of(returns, 100)
    fit = garch or fit_garch(values)
    notes: tuple[str, ...] = (f"volatility tomorrow {np.sqrt(fit.forecast):.2%} a day",)
    rng = generator(seed)
    if horizon == 1:
        losses = -(fit.mean + np.sqrt(fit.forecast) * fit.standardised)
    else:
        losses = -paths(fit, horizon, simulations, rng)
        notes = (*notes, f"{simulations:,} paths of {horizon} days through the filter")
    var, shortfall = sample_tail(losses, level)
    worth = None if horizon == 1 else len(values)  # more paths tell no more of the surprises
    around_var = order_interval(losses, level, confidence, worth)
    _, around_es = bootstrap_tail(losses, level, confidence, draws, rng, worth=worth)
    return TailRisk(
        "filtered historical", level, float(var), float(shortfall), around_var, around_es, confidence,
        "order statistics (VaR), percentile bootstrap (ES), the filter taken as known", len(values), notes,
    )  # fmt: skip


def paths(fit: Garch, horizon: int, simulations: int, rng: np.random.Generator) -> Floats:
    """Compounded returns (simulations,) over ``horizon`` days."""
    surprises = fit.standardised[rng.integers(0, len(fit.residuals), (simulations, horizon))]
    variance = np.full(simulations, fit.forecast)
    growth = np.ones(simulations)
    for day in range(horizon):
        shock = np.sqrt(variance) * surprises[:, day]
        growth *= np.maximum(1 + fit.mean + shock, 0.0)
        variance = fit.omega + fit.alpha * shock**2 + fit.beta * variance
    return growth - 1


def conditional_evt_risk(
    returns: ArrayLike, level: float = 0.99, *, tail_share: float = 0.1, confidence: float = 0.95,
    garch: Garch | None = None,
) -> TailRisk:  # fmt: skip
    """McNeil and Frey's two steps (2000): a GARCH(1,1) standardises, and a Pareto tail is fitted to the
    surprises. Intervals by the delta method on the tail, the filter taken as known."""
    values = series_of(returns, 200)
    fit = garch or fit_garch(values)
    losses = -fit.standardised
    tail = fit_pareto(losses, float(np.quantile(losses, 1 - tail_share)))
    deviation = float(np.sqrt(fit.forecast))
    var, shortfall = (-fit.mean + deviation * each for each in pareto_tail(tail, level))
    errors = [deviation * each for each in pareto_errors(tail, level)]
    return TailRisk(
        "conditional peaks over threshold", level, var, shortfall, around(var, errors[0], confidence),
        around(shortfall, errors[1], confidence), confidence, "delta method, the filter taken as known", len(values),
        (f"shape {tail.shape:.2f} of the surprises, volatility tomorrow {deviation:.2%} a day",),
    )  # fmt: skip

"""PyPortfolioOpt's published optima on its twenty stocks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from engine.quant.portfolio import (
    Constraints,
    hierarchical_risk_parity,
    historical_mean,
    maximum_sharpe,
    mean_variance,
    minimum_shortfall,
    minimum_variance,
)
from engine.quant.risk import ledoit_wolf_covariance
from tests.quant.golden import dataset

RATE = 0.02


@cache
def prices() -> tuple[tuple[str, ...], np.ndarray]:
    rows = dataset("pypfopt_stock_prices")
    names = tuple(name for name in rows[0] if name != "date")
    return names, np.array([[float(row[name] or "nan") for name in names] for row in rows])


@cache
def returns() -> np.ndarray:
    """As pandas has them: from price to price, a price that is missing carried on."""
    levels = prices()[1].copy()
    for at in range(1, len(levels)):
        gap = np.isnan(levels[at])
        levels[at, gap] = levels[at - 1, gap]
    return levels[1:] / levels[:-1] - 1


@cache
def means() -> np.ndarray:
    return historical_mean(returns(), 252, "geometric")


@cache
def pairwise(correlation: bool = False) -> np.ndarray:
    """Over each pair's own common days, as pandas does."""
    values = returns()
    count = values.shape[1]
    found = np.empty((count, count))
    for i in range(count):
        for j in range(i, count):
            both = np.isfinite(values[:, i]) & np.isfinite(values[:, j])
            pair = values[both][:, [i, j]]
            table = np.corrcoef(pair, rowvar=False) if correlation else np.cov(pair, rowvar=False)
            found[i, j] = found[j, i] = table[0, 1] if i != j else table[0, 0]
    return found


@cache
def complete() -> np.ndarray:
    values = returns()
    return values[np.isfinite(values).all(axis=1)]


@cache
def weights(
    objective: str, bounds: tuple[float, float] | None = None, target: float | None = None
) -> np.ndarray:
    mu, covariance = means(), pairwise() * 252
    allowed = Constraints(*bounds) if bounds else Constraints()
    match objective:
        case "min_volatility" | "CLA min_volatility":
            return minimum_variance(covariance, allowed)
        case "max_sharpe":
            return maximum_sharpe(mu, covariance, RATE, allowed)
        case "CLA max_sharpe":  # the critical line's is of the ratio without a rate, told with one
            return maximum_sharpe(mu, covariance, 0.0, allowed)
        case "efficient_risk":
            return mean_variance(mu, covariance, allowed, target_volatility=target)
        case "HRP single linkage":
            return hierarchical_risk_parity(pairwise(), pairwise(correlation=True))
        case "HRP on Ledoit-Wolf covariance":
            return hierarchical_risk_parity(shrunk())
        case "min_cvar":
            return minimum_shortfall(complete(), 0.95)
        case "min_cvar s.t. return 25%":
            return minimum_shortfall(complete(), 0.95, expected=mu, target_return=0.25)
    raise KeyError(objective)


@cache
def shrunk() -> np.ndarray:
    """PyPortfolioOpt fills what is missing with zeros before it shrinks."""
    return ledoit_wolf_covariance(np.nan_to_num(returns())).matrix * 252


def portfolio(inputs: Mapping[str, Any], quantity: str) -> float:
    objective, bounds = inputs["objective"], inputs.get("bounds")
    found = weights(objective, tuple(bounds) if bounds else None, inputs.get("target_vol"))
    mu, covariance = means(), pairwise() * 252
    if objective.startswith("HRP single"):
        mu = np.nanmean(returns(), axis=0) * 252
    if "Ledoit" in objective:
        covariance = shrunk()
    expected = float(mu @ found)
    volatility = float(np.sqrt(found @ covariance @ found))
    match quantity:
        case "expected_return":
            return expected
        case "volatility":
            return volatility
        case "sharpe":
            return (expected - RATE) / volatility
        case "cvar":
            losses = np.sort(-(complete() @ found))[::-1]
            return tail_mean(losses, 0.05)
    raise KeyError(quantity)


def tail_mean(losses: np.ndarray, share: float) -> float:
    """Mean of the worst share, the last of them in part."""
    whole = share * len(losses)
    full = int(whole)
    return float((losses[:full].sum() + (whole - full) * losses[full]) / whole)


CASES = {
    "portfolio": portfolio,
    "hrp_weights": lambda inputs, quantity: weights("HRP single linkage")[prices()[0].index(inputs["asset"])],
    "mean_historical_return": lambda inputs, quantity: means()[prices()[0].index(inputs["asset"])],
}

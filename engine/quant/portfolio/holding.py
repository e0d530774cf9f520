"""What weights come to: returns of a portfolio held or rebalanced, its risk by asset, how diversified it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.quant.portfolio.constraints import Floats

Rebalance = Literal["every period", "never", "monthly", "quarterly", "yearly"]
_UNITS = {"monthly": "M", "quarterly": "M", "yearly": "Y"}


@dataclass(frozen=True, slots=True)
class Held:
    """``returns`` (n,) of the portfolio; ``weights`` (n, k) at the beginning of each period; ``turnover`` (n,), the
    sum of absolute changes of weights by rebalancing before each period."""

    returns: Floats
    weights: Floats
    turnover: Floats


def hold(
    returns: ArrayLike,
    weights: ArrayLike,
    rebalance: Rebalance = "every period",
    dates: NDArray[np.datetime64] | None = None,
) -> Held:
    """A portfolio's returns, without costs. Between rebalancings weights drift with the returns.

    Parameters
    ----------
    returns : (n, k) simple, finite
    weights : (k,), what each rebalancing goes back to; what they lack of one is cash without interest
    dates : (n,) datetime64[D], the periods' ends; needed for calendar rebalancing
    """
    values, aim = np.asarray(returns, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if values.ndim != 2 or aim.shape != (values.shape[1],) or not np.isfinite(values).all():
        raise ValueError("returns are a finite (n, k) matrix and weights (k,)")
    if rebalance == "every period":
        at_start = np.broadcast_to(aim, values.shape).copy()
        return Held(values @ aim, at_start, _turnover(at_start, values))
    starts = _starts(len(values), rebalance, dates)
    out, drifted = np.empty(len(values)), np.empty_like(values)
    for first, last in zip(starts, [*starts[1:], len(values)], strict=True):
        growth = np.cumprod(1.0 + values[first:last], axis=0)
        stakes = np.vstack([aim, aim * growth])
        wealth = 1.0 - aim.sum() + stakes.sum(axis=1)
        out[first:last] = wealth[1:] / wealth[:-1] - 1.0
        drifted[first:last] = stakes[:-1] / wealth[:-1, None]
    return Held(out, drifted, _turnover(drifted, values))


def _starts(count: int, rebalance: Rebalance, dates: NDArray[np.datetime64] | None) -> list[int]:
    if rebalance == "never":
        return [0]
    if dates is None or len(dates) != count:
        raise ValueError("calendar rebalancing needs the dates of the returns")
    units = dates.astype(f"datetime64[{_UNITS[rebalance]}]").astype(np.int64)
    if rebalance == "quarterly":
        units = units // 3
    return [0, *(np.flatnonzero(np.diff(units)) + 1).tolist()]


def _turnover(at_start: Floats, values: Floats) -> Floats:
    """Absolute changes from where the period before left the weights."""
    worth = 1.0 + (at_start * values).sum(axis=1, keepdims=True)
    left = at_start * (1.0 + values) / worth
    changes = np.zeros(len(values))
    changes[1:] = np.abs(at_start[1:] - left[:-1]).sum(axis=1)
    return changes


@dataclass(frozen=True, slots=True)
class RiskShares:
    """A portfolio's ``volatility``; by asset ``marginal`` (dvol / dw), ``component`` (w x marginal, adding up to the
    volatility) and ``share`` of it, (k,) each."""

    volatility: float
    marginal: Floats
    component: Floats

    @property
    def share(self) -> Floats:
        return self.component / self.volatility if self.volatility > 0 else np.zeros_like(self.component)


def risk_shares(weights: ArrayLike, covariance: ArrayLike) -> RiskShares:
    """Euler's decomposition of volatility, in the covariance's units."""
    w, matrix = np.asarray(weights, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    pull: Floats = np.asarray(matrix @ w)
    variance = float(w @ pull)
    volatility = max(variance, 0.0) ** 0.5
    marginal = pull / volatility if volatility > 0 else np.zeros_like(pull)
    return RiskShares(volatility, marginal, w * marginal)


def diversification_ratio(weights: ArrayLike, covariance: ArrayLike) -> float:
    """Weighted deviations over the portfolio's deviation: 1 for one asset (Choueifaty and Coignard 2008)."""
    w, matrix = np.asarray(weights, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    volatility = risk_shares(w, matrix).volatility
    return float(np.abs(w) @ np.sqrt(np.diag(matrix)) / volatility) if volatility > 0 else float("nan")


def effective_holdings(weights: ArrayLike) -> float:
    """One over the sum of squared shares of the gross weight: how many equal holdings it is worth (Herfindahl)."""
    w = np.abs(np.asarray(weights, dtype=np.float64))
    return float(w.sum() ** 2 / (w**2).sum()) if w.any() else 0.0

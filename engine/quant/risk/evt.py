"""The tail alone: peaks over a threshold follow a generalised Pareto distribution (McNeil 1997)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import Floats, level_of, series_of
from engine.quant.risk.tails import TailRisk, around

LEAST_PEAKS = 20


@dataclass(frozen=True, slots=True)
class Pareto:
    """Excesses x over ``threshold``: ``P(X <= x) = 1 - (1 + shape x / scale)^(-1 / shape)``, losses positive."""

    threshold: float
    shape: float  # xi: above 0 the tail is a power's, at 0 exponential
    scale: float  # beta
    peaks: int
    observations: int
    log_likelihood: float

    @property
    def covariance(self) -> Floats:
        """Asymptotic, of (shape, scale), for shapes above -1/2 (Smith 1987; Embrechts et al. 1997, 6.47)."""
        if self.shape <= -0.5:
            return np.full((2, 2), np.nan)
        return np.array([
            [1 + self.shape, -self.scale], [-self.scale, 2 * self.scale**2],
        ]) * (1 + self.shape) / self.peaks  # fmt: skip


def fit_pareto(losses: ArrayLike, threshold: float) -> Pareto:
    """Maximum likelihood over one number: for given ``theta = shape / scale`` the best shape is
    ``mean ln(1 + theta x)`` (Davison 1984; Grimshaw 1993), so the profile is searched on a line.

    Raises
    ------
    ValueError
        Fewer than 20 losses lie above the threshold, or all are alike.
    """
    values = series_of(losses)
    excess = values[values > threshold] - threshold
    if len(excess) < LEAST_PEAKS:
        raise ValueError(
            f"{len(excess)} losses above the threshold are too few: {LEAST_PEAKS} are needed; lower the threshold "
            "or take a longer history"
        )
    mean = float(excess.mean())
    if excess.max() - excess.min() <= 1e-12 * mean:
        raise ValueError("losses above the threshold are all alike")
    shape, scale, height = _profile(excess / mean)
    return Pareto(
        float(threshold), shape, scale * mean, len(excess), len(values), height - len(excess) * np.log(mean)
    )


def _profile(unit: Floats) -> tuple[float, float, float]:
    """Shape, scale and log-likelihood of excesses with mean 1."""
    from scipy.optimize import minimize_scalar

    lowest = -1 / unit.max()

    def negative(theta: float) -> float:
        if abs(theta) < 1e-9:
            return float(len(unit) * unit.mean())
        shape = float(np.log1p(theta * unit).mean())
        return float(len(unit) * (np.log(shape / theta) + shape + 1))

    # a shape below -1 has an unbounded likelihood at the edge: the search stays short of it
    grid = np.concatenate([lowest * np.geomspace(0.999, 1e-4, 60), [0.0], np.geomspace(1e-4, 100.0, 120)])
    heights = [negative(float(each)) if np.log1p(each * unit).mean() > -1 else np.inf for each in grid]
    at = int(np.argmin(heights))
    low, high = grid[max(at - 1, 0)], grid[min(at + 1, len(grid) - 1)]
    found = minimize_scalar(negative, bounds=(low, high), method="bounded", options={"xatol": 1e-12})
    theta, height = (
        (float(found.x), float(found.fun)) if found.fun <= heights[at] else (float(grid[at]), heights[at])
    )
    if abs(theta) < 1e-9:
        return 0.0, float(unit.mean()), -height
    shape = float(np.log1p(theta * unit).mean())
    return shape, shape / theta, -height


def pareto_tail(fit: Pareto, level: float) -> tuple[float, float]:
    """Value at risk ``u + b/x (((n/N)(1-q))^-x - 1)`` and shortfall ``VaR/(1-x) + (b - x u)/(1-x)`` (McNeil 1997,
    equations 5 and 9), infinite at shapes of 1 and more.

    Raises
    ------
    ValueError
        The level lies below the threshold: the tail says nothing of it.
    """
    share = fit.peaks / fit.observations
    if 1 - level_of(level) > share:
        raise ValueError(
            f"level {level:g} lies below the threshold, which {share:.1%} of losses exceed: the tail says "
            "nothing of it"
        )
    var = fit.threshold + _excess(fit.shape, fit.scale, (1 - level) / share)
    if fit.shape >= 1:
        return var, float("inf")
    return var, (var + fit.scale - fit.shape * fit.threshold) / (1 - fit.shape)


def _excess(shape: float, scale: float, probability: float) -> float:
    if abs(shape) < 1e-10:
        return float(-scale * np.log(probability))
    return float(scale / shape * np.expm1(-shape * np.log(probability)))


def pareto_errors(fit: Pareto, level: float) -> tuple[float, float]:
    """Standard errors of both by the delta method: of shape and scale, and of the share of peaks (binomial)."""
    share = fit.peaks / fit.observations

    def at(shape: float, scale: float, part: float) -> Floats:
        var = fit.threshold + _excess(shape, scale, (1 - level) / part)
        if shape >= 1:
            return np.array([var, np.inf])
        return np.array([var, (var + scale - shape * fit.threshold) / (1 - shape)])

    x, b, h = fit.shape, fit.scale, 1e-6
    slopes = np.array([
        (at(x + h, b, share) - at(x - h, b, share)) / (2 * h),
        (at(x, b * (1 + h), share) - at(x, b * (1 - h), share)) / (2 * h * b),
        (at(x, b, share * (1 + h)) - at(x, b, share * (1 - h))) / (2 * h * share),
    ])  # fmt: skip
    covariance = np.zeros((3, 3))
    covariance[:2, :2] = fit.covariance
    covariance[2, 2] = share * (1 - share) / fit.observations
    with np.errstate(invalid="ignore"):
        found = np.sqrt(np.einsum("ia,ij,ja->a", slopes, covariance, slopes))
    return float(found[0]), float(found[1])


def evt_risk(
    returns: ArrayLike, level: float = 0.99, *, tail_share: float = 0.1, confidence: float = 0.95
) -> TailRisk:
    """Peaks over the threshold that ``tail_share`` of losses exceed; intervals by the delta method."""
    losses = -series_of(returns, 100)
    fit = fit_pareto(losses, float(np.quantile(losses, 1 - tail_share)))
    var, shortfall = pareto_tail(fit, level)
    errors = pareto_errors(fit, level)
    return TailRisk(
        "peaks over threshold", level, var, shortfall, around(var, errors[0], confidence),
        around(shortfall, errors[1], confidence), confidence, "delta method", len(losses),
        (f"shape {fit.shape:.2f}, {fit.peaks} peaks over {fit.threshold:.2%}",),
    )  # fmt: skip

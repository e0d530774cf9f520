"""Student's t by maximum likelihood, with what the delta method needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.quant.risk._inputs import Floats

_MOST = 1e3  # degrees of freedom that no sample tells from a normal


@dataclass(frozen=True, slots=True)
class StudentFit:
    """Location, scale (not deviation) and degrees of freedom; ``covariance`` (3, 3) of (location, ln scale,
    ln (degrees - 2))."""

    location: float
    scale: float
    degrees: float
    covariance: Floats
    observations: int


def fit_t(values: Floats) -> StudentFit:
    """Maximum likelihood with more than 2 degrees of freedom, so that a variance exists (Lange, Little and
    Taylor 1989). Searched in location, ln scale and ln (degrees - 2)."""
    from scipy.optimize import minimize

    centre, spread = float(np.median(values)), float(values.std())
    if spread <= 0:
        raise ValueError("returns that never move have no distribution to fit")
    unit = (values - centre) / spread
    bounds = [(-2.0, 2.0), (np.log(1e-3), np.log(3.0)), (np.log(0.02), np.log(_MOST))]
    starts = [np.array([0.0, np.log(0.7), np.log(2.0)]), np.array([0.0, np.log(0.95), np.log(20.0)])]
    options = {"ftol": 1e-13, "gtol": 1e-8}
    found = min(
        (
            minimize(_negative, start, (unit,), "L-BFGS-B", True, bounds=bounds, options=options)
            for start in starts
        ),
        key=lambda each: each.fun,
    )
    location, log_scale, log_more = found.x
    information = _curvature(found.x, unit)
    covariance = np.linalg.pinv(information, hermitian=True)
    covariance = covariance * np.outer([spread, 1, 1], [spread, 1, 1])
    return StudentFit(
        centre + spread * float(location), spread * float(np.exp(log_scale)), 2 + float(np.exp(log_more)),
        covariance, len(values),
    )  # fmt: skip


def _negative(theta: Floats, unit: Floats) -> tuple[float, Floats]:
    """Minus the log-likelihood and its gradient."""
    from scipy.special import digamma, gammaln

    location, scale, v = theta[0], np.exp(theta[1]), 2 + np.exp(theta[2])
    x = (unit - location) / scale
    n, tail = len(unit), np.log1p(x * x / v)
    constant = gammaln((v + 1) / 2) - gammaln(v / 2) - 0.5 * np.log(v * np.pi) - theta[1]
    height = n * constant - (v + 1) / 2 * tail.sum()
    pull = (v + 1) * x / (v + x * x)
    by_v = (
        n * 0.5 * (digamma((v + 1) / 2) - digamma(v / 2) - 1 / v)
        - 0.5 * tail.sum()
        + 0.5 * (x * pull).sum() / v
    )
    gradient = np.array([pull.sum() / scale, (x * pull).sum() - n, by_v * (v - 2)])
    return -float(height), -gradient


def _curvature(theta: Floats, unit: Floats) -> Floats:
    step = 1e-5
    rows = [
        (_negative(theta + each, unit)[1] - _negative(theta - each, unit)[1]) / (2 * step)
        for each in step * np.eye(3)
    ]
    found = np.array(rows)
    return (found + found.T) / 2


def t_delta(fit: StudentFit, answer: Callable[[float, float, float], Floats]) -> Floats:
    """Standard errors of ``answer(location, scale, degrees)`` by the delta method. Degrees of freedom that lie
    at the bound (a normal sample) are held."""
    held = fit.degrees > 0.9 * _MOST
    theta = np.array([fit.location, np.log(fit.scale), np.log(fit.degrees - 2)])
    sizes = np.array([1e-5 * fit.scale, 1e-5, 1e-5])

    def at(point: Floats) -> Floats:
        return answer(float(point[0]), float(np.exp(point[1])), 2 + float(np.exp(point[2])))

    slopes = np.array(
        [(at(theta + e) - at(theta - e)) / (2 * size) for e, size in zip(np.diag(sizes), sizes, strict=True)]
    )
    if held:
        slopes[2] = 0.0
    variance = np.einsum("ia,ij,ja->a", slopes, fit.covariance, slopes)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)), dtype=np.float64)

"""GARCH(1,1) with a constant mean and normal (quasi-)likelihood, fitted by ``arch`` and finished exactly.

``arch`` finds the maximum with the variance before the first day held at the mean squared residual around the
sample mean. The benchmark of this model (Bollerslev and Ghysels 1996; Fiorentini, Calzolari and Panattoni 1996)
lets that starting variance move with the mean: a few Newton steps on this likelihood, with exact first
derivatives, take the estimate there, to about ten digits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import Floats, series_of
from engine.quant.risk.volatility import garch_variances

_STEPS = 12


@dataclass(frozen=True, slots=True)
class Garch:
    """An estimate. ``variances`` and ``residuals`` (n,) are of its own sample; ``forecast`` is the variance of
    the day after it. Units are those of the returns (variances: squared)."""

    mean: float
    omega: float
    alpha: float
    beta: float
    standard_errors: tuple[float, float, float, float]  # from the Hessian; NaN on the edge of what is allowed
    log_likelihood: float
    variances: Floats
    residuals: Floats
    forecast: float
    start: float  # the variance before the first day

    @property
    def persistence(self) -> float:
        return self.alpha + self.beta

    @property
    def standardised(self) -> Floats:
        """Residuals over their own day's deviation (n,)."""
        return np.asarray(self.residuals / np.sqrt(self.variances), dtype=np.float64)


def fit_garch(returns: ArrayLike, *, exact: bool = True) -> Garch:
    """Maximum likelihood of ``r[t] = mean + e[t]``, ``h[t] = omega + alpha e[t-1]^2 + beta h[t-1]``.

    Parameters
    ----------
    returns : (n,), at least 100.
    exact : finish with Newton's steps and give standard errors; False stops at ``arch``'s answer, good to
        about four digits, for refits by the hundred.

    Raises
    ------
    ValueError
        Too few returns, or they never move.
    """
    values = series_of(returns, 100)
    scale = float(values.std())
    if scale <= 0 or scale < 1e-12 * float(np.abs(values).max()):
        raise ValueError("returns that never move have no volatility to model")
    unit = values / scale
    theta = _by_arch(unit)
    errors = np.full(4, np.nan)
    if exact:
        theta = _newton(unit, theta)
        errors = _standard_errors(unit, theta)
    back = np.array([scale, scale**2, 1.0, 1.0])
    mean, omega, alpha, beta = theta * back
    residuals = values - mean
    start = float(np.mean(residuals**2))
    h = garch_variances(residuals, omega, alpha, beta, start)
    likelihood = -0.5 * float(np.sum(np.log(2 * np.pi * h[:-1]) + residuals**2 / h[:-1]))
    told = tuple(float(each) for each in errors * back)
    return Garch(
        float(mean), float(omega), float(alpha), float(beta), (told[0], told[1], told[2], told[3]), likelihood,
        h[:-1], residuals, float(h[-1]), start,
    )  # fmt: skip


def _by_arch(unit: Floats) -> Floats:
    import warnings

    from arch import arch_model

    model = arch_model(unit, mean="Constant", vol="GARCH", p=1, q=1, rescale=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model.fit(disp="off", backcast=float(np.var(unit)), show_warning=False)
    return np.asarray(found.params, dtype=np.float64)


def _score(unit: Floats, theta: Floats) -> tuple[float, Floats]:
    """Log-likelihood without its constant, and its gradient (4,). Derivatives of the variance obey the
    variance's own recursion (Fiorentini et al. 1996, equation 8)."""
    from scipy.signal import lfilter

    mean, omega, alpha, beta = theta
    e = unit - mean
    start, slope = float(np.mean(e**2)), -2 * float(np.mean(e))
    h = garch_variances(e, omega, alpha, beta, start)[:-1]
    drive = np.empty((len(e), 4))
    drive[0] = ((alpha + beta) * slope, 1.0, start, start)
    drive[1:] = np.column_stack([-2 * alpha * e[:-1], np.ones(len(e) - 1), e[:-1] ** 2, h[:-1]])
    dh = lfilter([1.0], [1.0, -beta], drive, axis=0)
    gradient = 0.5 * ((e**2 / h - 1) / h) @ dh
    gradient[0] += float(np.sum(e / h))
    return -0.5 * float(np.sum(np.log(h) + e**2 / h)), np.asarray(gradient, dtype=np.float64)


def _hessian(unit: Floats, theta: Floats) -> Floats:
    """Central differences of the exact gradient, made symmetric."""
    step = 1e-5 * np.maximum(np.abs(theta), 1e-2)
    rows = [
        (_score(unit, theta + each)[1] - _score(unit, theta - each)[1]) / (2 * step[at])
        for at, each in enumerate(np.diag(step))
    ]
    found = np.array(rows, dtype=np.float64)
    return np.asarray((found + found.T) / 2, dtype=np.float64)


def _allowed(theta: Floats) -> bool:
    return bool(theta[1] > 0 and theta[2] > 0 and theta[3] > 0 and theta[2] + theta[3] < 1)


def _newton(unit: Floats, theta: Floats) -> Floats:
    """Newton's steps, halved until the likelihood does not fall. An estimate on the edge stays as it is."""
    if not _allowed(theta - 1e-4 * np.abs(theta)):
        return theta
    height, gradient = _score(unit, theta)
    for _ in range(_STEPS):
        curvature = _hessian(unit, theta)
        if np.linalg.eigvalsh(curvature)[-1] >= 0:
            return theta
        move = np.linalg.solve(curvature, gradient)
        for share in (1.0, 0.5, 0.25, 0.125):
            new = theta - share * move
            if not _allowed(new):
                continue
            found = _score(unit, new)
            if found[0] >= height - 1e-10 * abs(height):
                theta, (height, gradient) = new, found
                break
        else:
            return theta
        if np.abs(move).max() < 1e-11:
            break
    return theta


def _standard_errors(unit: Floats, theta: Floats) -> Floats:
    """Square roots of the inverse Hessian's diagonal; NaN where the maximum lies on the edge."""
    if not _allowed(theta - 1e-4 * np.abs(theta)):
        return np.full(4, np.nan)
    curvature = -_hessian(unit, theta)
    if np.linalg.eigvalsh(curvature)[0] <= 0:
        return np.full(4, np.nan)
    return np.asarray(np.sqrt(np.diag(np.linalg.inv(curvature))), dtype=np.float64)

"""SSVI: one smile for all expiries, free of arbitrage by its parameters.

Gatheral and Jacquier (2014), section 4, with the power law of their equation 4.5 (as in remark 4.4):

    w(k, theta) = theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2))
    phi(theta) = eta / (theta^gamma (1 + theta)^(1 - gamma))

``theta`` is the total variance at the money of each expiry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.surface._lm import minimise
from engine.quant.surface._padded import padded
from engine.quant.surface.svi import Floats, NaturalSvi, RawSvi, Values, natural_to_raw


@dataclass(frozen=True, slots=True)
class Ssvi:
    """``theta`` (E,) of each expiry, ascending by time; ``rho``, ``eta`` and ``gamma`` hold for all."""

    theta: Floats
    rho: float
    eta: float
    gamma: float

    @property
    def raw(self) -> RawSvi:
        """Each expiry as raw SVI."""
        return ssvi_to_raw(self.theta, self.rho, self.eta, self.gamma)


@dataclass(frozen=True, slots=True)
class SsviConditions:
    """The sufficient conditions of theorems 4.1 and 4.2, for every theta > 0 and not only for those fitted."""

    butterfly_slope: float  # most of theta phi (1 + |rho|); below 4
    butterfly_curve: float  # most of theta phi^2 (1 + |rho|); at most 4
    calendar: bool  # theta does not fall, and theta phi grows as it may
    free: bool


@dataclass(frozen=True, slots=True)
class SsviFit:
    """The fit and how far each quote lies from it; ``residuals`` (E, n) are total variance, NaN without a quote."""

    ssvi: Ssvi
    residuals: Floats
    cost: float
    steps: int
    conditions: SsviConditions


def ssvi_phi(theta: Values, eta: float, gamma: float) -> Floats:
    """eta / (theta^gamma (1 + theta)^(1 - gamma))."""
    return np.asarray(eta * np.power(theta, -gamma) * np.power(1.0 + np.asarray(theta), gamma - 1.0))


def ssvi_total_variance(k: Values, theta: Values, rho: float, eta: float, gamma: float) -> Floats:
    """Total implied variance; ``k`` and ``theta`` broadcast."""
    x = ssvi_phi(theta, eta, gamma) * k
    return np.asarray(theta / 2.0 * (1.0 + rho * x + np.sqrt((x + rho) ** 2 + 1.0 - rho * rho)))


def ssvi_to_raw(theta: Values, rho: float, eta: float, gamma: float) -> RawSvi:
    """An expiry's SSVI smile is natural SVI with delta = mu = 0, omega = theta, zeta = phi (equation 4.1)."""
    theta = np.asarray(theta, dtype=np.float64)
    zero = np.zeros_like(theta)
    return natural_to_raw(NaturalSvi(zero, zero, zero + rho, theta, ssvi_phi(theta, eta, gamma)))


def ssvi_conditions(ssvi: Ssvi) -> SsviConditions:
    """Whether parameters exclude static arbitrage.

    theta phi rises to eta, and theta phi^2 has its most at theta = 1 - 2 gamma, where it is
    eta^2 (1 - 2 gamma)^(1 - 2 gamma) / (2 - 2 gamma)^(2 - 2 gamma); beyond gamma = 1/2 it has no bound near
    theta = 0. d(theta phi) / d theta = phi (1 - gamma) / (1 + theta) lies within 0 and phi, as theorem 4.1 asks,
    for gamma in [0, 1].
    """
    wide = 1.0 + abs(ssvi.rho)
    slope = ssvi.eta * wide
    curve = np.inf if ssvi.gamma > 0.5 else ssvi.eta**2 * np.exp(_log_most(ssvi.gamma)) * wide
    theta = ssvi.theta[np.isfinite(ssvi.theta)]
    rises = bool(
        (np.diff(theta) >= 0).all() and (theta > 0).all() and 0.0 <= ssvi.gamma <= 1.0 and ssvi.eta > 0
    )
    # theta phi comes near eta and never reaches it: 4 itself is allowed
    free = rises and abs(ssvi.rho) < 1 and slope <= 4.0 * (1 + 1e-12) and curve <= 4.0 * (1 + 1e-12)
    return SsviConditions(float(slope), float(curve), rises, bool(free))


def fit_ssvi(k: ArrayLike, total_variance: ArrayLike, weights: ArrayLike | None = None) -> SsviFit:
    """Fit all expiries at once by weighted least squares, among surfaces without static arbitrage only.

    Parameters
    ----------
    k, total_variance, weights : (E, n)
        As ``fit_svi`` takes them, expiries ascending by time. Every expiry needs a quote that has weight.

    Notes
    -----
    theta is the running sum of positive steps, so that calendars cannot cross; rho is a tanh, gamma lies within
    0 and 1/2, and eta within what ``ssvi_conditions`` allows at rho and gamma. Within these the search
    (Levenberg-Marquardt, analytic Jacobian) is free.

    Raises
    ------
    ValueError
        An expiry has no quote.
    """
    x, w, weight = padded(k, total_variance, weights)
    used = weight > 0
    if not used.any(axis=1).all():
        missing = ", ".join(str(row) for row in np.flatnonzero(~used.any(axis=1)))
        raise ValueError(f"SSVI needs a quote of every expiry: of expiry number {missing} there is none.")
    slices, _ = np.nonzero(used)
    k_, w_, weight_ = x[used], w[used], weight[used]

    def model(p: Floats, _: np.ndarray) -> tuple[Floats, Floats]:
        fitted, jacobian = _model(p[0], k_, slices)
        return (weight_ * (fitted - w_))[None], (weight_[:, None] * jacobian)[None]

    start = _start(x, w, weight)
    most = float(np.log(w_.max()))
    lower = np.concatenate([np.full(len(x), most - 35.0), [-4.0, -8.0, -8.0]])
    upper = np.concatenate([np.full(len(x), most + 1.0), [4.0, 8.0, 8.0]])
    best, cost, steps = minimise(model, start[None], lower, upper, 60)
    theta, rho, eta, gamma = _parameters(best[0])
    ssvi = Ssvi(theta, rho, eta, gamma)
    residuals = np.full(x.shape, np.nan)
    residuals[used] = ssvi_total_variance(k_, theta[slices], rho, eta, gamma) - w_
    return SsviFit(ssvi, residuals, float(cost[0]), int(steps[0]), ssvi_conditions(ssvi))


def _log_most(gamma: float) -> float:
    """Logarithm of the most of theta^(1 - 2 gamma) / (1 + theta)^(2 - 2 gamma), for gamma up to 1/2."""
    inner = 1.0 - 2.0 * gamma
    return float((inner * np.log(inner) if inner > 0 else 0.0) - (1.0 + inner) * np.log(1.0 + inner))


def _bound(rho: float, gamma: float) -> tuple[float, float, float]:
    """The greatest eta that excludes butterflies, and its logarithm's derivatives by rho and gamma."""
    wide, sign = 1.0 + abs(rho), float(np.sign(rho))
    curve = 2.0 / np.sqrt(np.exp(_log_most(gamma)) * wide)
    if 4.0 / wide <= curve:
        return 4.0 / wide, -sign / wide, 0.0
    inner = max(1.0 - 2.0 * gamma, 1e-300)
    return float(curve), -0.5 * sign / wide, float(np.log(inner) - np.log(1.0 + inner))


def _parameters(p: Floats) -> tuple[Floats, float, float, float]:
    """theta, rho, eta and gamma of (log steps of theta, atanh rho, logit of eta / its bound, logit of 2 gamma)."""
    rho, gamma = float(np.tanh(p[-3])), 0.5 / (1.0 + float(np.exp(-p[-1])))
    eta = _bound(rho, gamma)[0] / (1.0 + float(np.exp(-p[-2])))
    return np.cumsum(np.exp(p[:-3])), rho, eta, gamma


def _model(p: Floats, k: Floats, slices: np.ndarray) -> tuple[Floats, Floats]:
    """Total variance of N quotes and its derivatives by the parameters (N, E + 3)."""
    thetas, rho, eta, gamma = _parameters(p)
    theta = thetas[slices]
    phi = ssvi_phi(theta, eta, gamma)
    x = phi * k
    root = np.sqrt((x + rho) ** 2 + 1.0 - rho * rho)
    w = theta / 2.0 * (1.0 + rho * x + root)
    by_phi = theta / 2.0 * k * (rho + (x + rho) / root)
    by_theta = w / theta - by_phi * phi * (gamma / theta + (1.0 - gamma) / (1.0 + theta))
    _, rho_bound, gamma_bound = _bound(rho, gamma)
    share = 1.0 / (1.0 + np.exp(-p[-2]))
    jacobian = np.empty((len(k), len(p)))
    earlier = np.arange(len(thetas)) <= slices[:, None]
    jacobian[:, :-3] = np.where(earlier, by_theta[:, None] * np.exp(p[:-3]), 0.0)
    by_rho = theta / 2.0 * x * (1.0 + 1.0 / root) + by_phi * phi * rho_bound
    jacobian[:, -3] = (1.0 - rho * rho) * by_rho
    jacobian[:, -2] = by_phi * phi * (1.0 - share)
    by_gamma = by_phi * phi * (np.log((1.0 + theta) / theta) + gamma_bound)
    jacobian[:, -1] = gamma * (1.0 - 2.0 * gamma) * by_gamma
    return w, jacobian


def _start(k: Floats, w: Floats, weight: Floats) -> Floats:
    """theta from the quotes nearest the money, made to rise; a mild skew."""
    near = np.where(weight > 0, np.abs(k), np.inf)
    theta = np.array([np.median(row[order[:3]]) for row, order in zip(w, _nearest(near), strict=True)])
    theta = np.maximum.accumulate(theta)
    steps = np.maximum(np.diff(theta, prepend=0.0), 1e-3 * theta)
    return np.concatenate([np.log(steps), [-0.3, 0.0, 1.0]])


def _nearest(distance: Floats) -> list[np.ndarray]:
    """Of each row the places of the quotes, nearest first, without those at infinity."""
    order = np.argsort(distance, axis=1)
    return [row[np.isfinite(distance[at][row])] for at, row in enumerate(order)]

"""SVI fitted to each expiry of a chain, all expiries at once.

Where to begin is found as Zeliade does (De Marco and Martini 2009, "Quasi-explicit calibration of Gatheral's SVI
model"): on a grid of (m, sigma) the smile is linear in its other three parameters. From the best of them
Levenberg-Marquardt with the analytic Jacobian moves all five.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.surface._lm import minimise
from engine.quant.surface._padded import padded
from engine.quant.surface.checks import LEE, butterfly_g, moneyness_grid
from engine.quant.surface.svi import Floats, RawSvi, svi_derivatives, svi_total_variance

LEAST_QUOTES = 5  # as many as there are parameters
_GRID_M = np.linspace(-0.75, 0.75, 7)  # of the half-width of the strikes, from their middle
_GRID_SIGMA = np.geomspace(0.05, 2.0, 6)  # of the half-width
_PENALTY_ROUNDS = 12
_MARGIN = 1e-3  # of g, so that none is below nothing between two points


@dataclass(frozen=True, slots=True)
class SviFit:
    """Parameters (E,) of each expiry, NaN where fewer than five quotes have weight."""

    raw: RawSvi
    residuals: Floats  # (E, n) total variance of the fit less the quote's; NaN where there is no quote
    cost: Floats  # (E,) half the weighted sum of squares
    steps: np.ndarray  # (E,)
    constrained: np.ndarray  # (E,) bool: the free fit had butterflies, and was fitted again without


def fit_svi(
    k: ArrayLike, total_variance: ArrayLike, weights: ArrayLike | None = None, *, butterflies: bool = False
) -> SviFit:
    """Fit w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)) by weighted least squares.

    Parameters
    ----------
    k, total_variance : (n,) or (E, n)
        Log-moneyness and total implied variance of each quote; NaN where an expiry has fewer quotes.
    weights
        Of the residual (not of its square), the same shape, not negative; 1 where None. With
        1 / (2 sigma t spread), spread being the bid-ask spread in volatility, that is price spread / vega, a
        residual counts in spreads.
    butterflies
        Whether a fit with butterfly arbitrage may stand. Otherwise it is fitted again with a penalty on g(k) below
        nothing (``checks.butterfly_g``), at the cost of some distance from the quotes.

    Notes
    -----
    Bounds hold always: total variance is positive, |rho| < 1, and the wings are not steeper than Lee's
    b (1 + |rho|) <= 2. The least squares are over (log of the least variance, log b, atanh rho, m, log sigma).

    Raises
    ------
    ValueError
        Shapes differ, or a weight is negative.
    """
    k_, w_, weight = padded(k, total_variance, weights)
    rows = np.flatnonzero((weight > 0).sum(axis=1) >= LEAST_QUOTES)
    found = np.full((len(k_), 5), np.nan)
    cost, steps = np.full(len(k_), np.nan), np.zeros(len(k_), dtype=np.int64)
    constrained = np.zeros(len(k_), dtype=bool)
    if len(rows):
        start, lower, upper = _start(k_[rows], w_[rows], weight[rows])

        def model(x: Floats, which: np.ndarray) -> tuple[Floats, Floats]:
            at = rows[which]
            w, jacobian = _variance(k_[at], x)
            return weight[at] * (w - w_[at]), weight[at][..., None] * jacobian

        x, cost[rows], steps[rows] = minimise(model, start, lower, upper)
        if not butterflies:
            worst = _worst_g(x)
            again = np.flatnonzero(worst < 0)
            constrained[rows[again]] = True
            for row in again:
                at = rows[row]
                x[row], cost[at] = _penalised(
                    k_[at : at + 1], w_[at : at + 1], weight[at : at + 1], x[row], lower[row], upper[row]
                )
        found[rows] = np.stack([np.asarray(each) for each in _raw(x).values], axis=1)
    raw = RawSvi(*found.T)
    residuals = np.where(weight > 0, svi_total_variance(k_, raw.column) - w_, np.nan)
    return SviFit(raw, residuals, cost, steps, constrained)


def _raw(x: Floats) -> RawSvi:
    """Raw parameters of (log least variance, log b, atanh rho, m, log sigma), shape (e, 5)."""
    least, b, rho, m, sigma = np.exp(x[:, 0]), np.exp(x[:, 1]), np.tanh(x[:, 2]), x[:, 3], np.exp(x[:, 4])
    return RawSvi(least - b * sigma / np.cosh(x[:, 2]), b, rho, m, sigma)


def _variance(k: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Total variance (e, n) and its derivatives by the parameters (e, n, 5)."""
    least, b, rho, m, sigma = (
        np.exp(x[:, 0:1]),
        np.exp(x[:, 1:2]),
        np.tanh(x[:, 2:3]),
        x[:, 3:4],
        np.exp(x[:, 4:5]),
    )
    flat = np.sqrt(1.0 - rho * rho)
    y = k - m
    root = np.sqrt(y * y + sigma * sigma)
    shape = b * (rho * y + root - sigma * flat)
    jacobian = np.empty((*k.shape, 5))
    jacobian[..., 0] = least
    jacobian[..., 1] = shape
    jacobian[..., 2] = b * flat * (flat * y + sigma * rho)
    jacobian[..., 3] = -b * (rho + y / root)
    jacobian[..., 4] = sigma * b * (sigma / root - flat)
    return least + shape, jacobian


def _start(k: Floats, w: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """The best point of Zeliade's grid, and the bounds of each expiry: arrays (e, 5)."""
    used = weight > 0
    low = np.where(used, k, np.inf).min(axis=1)
    high = np.where(used, k, -np.inf).max(axis=1)
    half = np.maximum((high - low) / 2, 1e-4)
    m = ((high + low) / 2)[:, None] + half[:, None] * np.repeat(_GRID_M, len(_GRID_SIGMA))
    sigma = half[:, None] * np.tile(_GRID_SIGMA, len(_GRID_M))
    y = (k[:, None, :] - m[..., None]) / sigma[..., None]  # (e, grid, n)
    basis = np.stack([np.ones_like(y), y, np.sqrt(y * y + 1.0)], axis=-1) * weight[:, None, :, None]
    target = (weight * w)[:, None, :, None]
    normal = np.matmul(basis.swapaxes(-1, -2), basis)
    diagonal = np.arange(3)
    normal[..., diagonal, diagonal] *= 1.0 + 1e-10  # a flat smile is singular
    normal[..., diagonal, diagonal] += 1e-300
    a, d, c = np.moveaxis(np.linalg.solve(normal, np.matmul(basis.swapaxes(-1, -2), target))[..., 0], -1, 0)
    # the parallelogram of (c, d) where an SVI stands: 0 < c, |d| < c
    level = np.average(w, axis=1, weights=weight)[:, None]
    c = np.clip(c, 1e-4 * level, LEE * sigma)
    d = np.clip(d, -0.98 * c, 0.98 * c)
    plain = y * d[..., None] + np.sqrt(y * y + 1.0) * c[..., None]
    a = np.einsum("egn,en->eg", w[:, None, :] - plain, weight**2) / (weight**2).sum(axis=1)[:, None]
    least = np.maximum(a + np.sqrt(c * c - d * d), 1e-3 * level)
    a = least - np.sqrt(c * c - d * d)
    error = (weight[:, None, :] * (a[..., None] + plain - w[:, None, :])) ** 2
    rows, best = np.arange(len(k)), np.argmin(error.sum(axis=-1), axis=1)
    pick = (rows, best)
    c, width = c[pick], sigma[pick]
    start = np.stack(
        [np.log(least[pick]), np.log(c / width), np.arctanh(d[pick] / c), m[pick], np.log(width)], axis=1
    )
    top = np.log(np.where(used, w, 0).max(axis=1))
    lower = np.stack([top - 25, top - 25, np.full_like(top, -4.0), low - 3 * half, np.log(half) - 7], axis=1)
    upper = np.stack(
        [top + 1, np.full_like(top, np.log(LEE)), np.full_like(top, 4.0), high + 3 * half, np.log(half) + 5],
        axis=1,
    )
    return start, lower, upper


def _worst_g(x: Floats) -> Floats:
    """The least of g over a fine grid, and what a wing is too steep by, per row."""
    raw = _raw(x)
    grid = moneyness_grid(raw)
    g = butterfly_g(grid, *svi_derivatives(grid, raw.column))
    steep = LEE - np.asarray(raw.b) * (1.0 + np.abs(np.asarray(raw.rho)))
    return np.asarray(np.minimum(g.min(axis=1), steep))


def _penalised(
    k: Floats, w: Floats, weight: Floats, x: Floats, lower: Floats, upper: Floats
) -> tuple[Floats, float]:
    """One expiry fitted again, g below nothing being costly; costlier until none is left."""
    fitted, _ = _variance(k, x[None])
    price = float(np.sqrt(((weight * (fitted - w)) ** 2).sum())) + 1e-3 * float((weight * w).max())
    best = x
    for _ in range(_PENALTY_ROUNDS):
        grid = moneyness_grid(_raw(best[None]))

        def model(
            x: Floats, _: np.ndarray, grid: Floats = grid, price: float = price
        ) -> tuple[Floats, Floats]:
            fitted, jacobian = _variance(k, x)
            g, slopes = _g_and_slopes(grid, x)
            short = np.minimum(g - _MARGIN, 0.0)
            steep, steep_slopes = _steepness(x)
            residual = np.concatenate([weight * (fitted - w), price * short, price * steep], axis=1)
            return residual, np.concatenate(
                [weight[..., None] * jacobian, price * np.where(short < 0, 1.0, 0.0)[..., None] * slopes,
                 price * steep_slopes], axis=1,
            )  # fmt: skip

        best = minimise(model, best[None], lower, upper)[0][0]
        if _worst_g(best[None])[0] >= 0:
            break
        price *= 4.0
    fitted, _ = _variance(k, best[None])
    return best, 0.5 * float(((weight * (fitted - w)) ** 2).sum())


def _steepness(x: Floats) -> tuple[Floats, Floats]:
    """What b (1 + |rho|) is above Lee's 2, (e, 1), and its derivatives (e, 1, 5)."""
    b, rho = np.exp(x[:, 1]), np.tanh(x[:, 2])
    over = b * (1.0 + np.abs(rho)) - (LEE - 1e-6)
    slopes = np.zeros((len(x), 1, 5))
    slopes[:, 0, 1] = b * (1.0 + np.abs(rho))
    slopes[:, 0, 2] = b * np.sign(rho) * (1.0 - rho * rho)
    return np.maximum(over, 0.0)[:, None], slopes * (over > 0)[:, None, None]


def _g_and_slopes(k: Floats, x: Floats) -> tuple[Floats, Floats]:
    """g(k) (e, n) and its derivatives by the parameters (e, n, 5)."""
    w, by_w = _variance(k, x)
    b, rho, m, sigma = np.exp(x[:, 1:2]), np.tanh(x[:, 2:3]), x[:, 3:4], np.exp(x[:, 4:5])
    y = k - m
    root = np.sqrt(y * y + sigma * sigma)
    slope, bend = b * (rho + y / root), b * sigma**2 / root**3
    by_slope, by_bend = np.zeros_like(by_w), np.zeros_like(by_w)
    by_slope[..., 1], by_bend[..., 1] = slope, bend
    by_slope[..., 2] = b * (1.0 - rho * rho)
    by_slope[..., 3], by_bend[..., 3] = -bend, 3.0 * b * sigma**2 * y / root**5
    by_slope[..., 4] = -b * y * sigma**2 / root**3
    by_bend[..., 4] = b * (2.0 * sigma**2 / root**3 - 3.0 * sigma**4 / root**5)
    inner = 1.0 - k * slope / (2.0 * w)
    g_w = inner * k * slope / w**2 + slope**2 / (4.0 * w**2)
    g_slope = -inner * k / w - slope / 2.0 * (1.0 / w + 0.25)
    slopes = g_w[..., None] * by_w + g_slope[..., None] * by_slope + 0.5 * by_bend
    return butterfly_g(k, w, slope, bend), slopes

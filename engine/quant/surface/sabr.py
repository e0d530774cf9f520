"""SABR's implied volatility: Hagan, Kumar, Lesniewski and Woodward (2002), "Managing smile risk", equation 2.17a."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.surface.svi import Floats

_NEAR = 1e-5  # below it z / x(z) is taken from its series: the quotient loses digits


def sabr_implied_volatility(
    strike: ArrayLike, forward: ArrayLike, years: ArrayLike, alpha: ArrayLike, beta: ArrayLike, nu: ArrayLike,
    rho: ArrayLike,
) -> Floats:  # fmt: skip
    """Black (lognormal) implied volatility of SABR, by Hagan's expansion; arguments broadcast.

    Parameters
    ----------
    strike, forward : positive
    years : to expiry
    alpha : volatility of the forward, times forward ** (beta - 1) the level of the smile; positive
    beta : 0 to 1
    nu : volatility of volatility, not negative
    rho : correlation of the two, between -1 and 1

    Raises
    ------
    ValueError
        A parameter lies outside its range.
    """
    k, f, t, a, b, v, r = (
        np.asarray(each, dtype=np.float64) for each in (strike, forward, years, alpha, beta, nu, rho)
    )
    if not ((k > 0).all() and (f > 0).all() and (a > 0).all() and (v >= 0).all()):
        raise ValueError("SABR takes positive strikes, forwards and alpha, and a nu of at least 0.")
    if not ((b >= 0).all() and (b <= 1).all() and (np.abs(r) < 1).all()):
        raise ValueError("SABR's beta lies within 0 and 1, and rho between -1 and 1.")
    log, c = np.log(f / k), 1.0 - b
    power = (f * k) ** (c / 2)
    z = v / a * power * log
    ratio = _z_over_x(z, r)
    below = power * (1.0 + c**2 / 24 * log**2 + c**4 / 1920 * log**4)
    drift = c**2 / 24 * (a / power) ** 2 + r * b * v * a / (4 * power) + (2 - 3 * r**2) / 24 * v**2
    return np.asarray(a / below * ratio * (1.0 + drift * t))


def _z_over_x(z: Floats, rho: Floats) -> Floats:
    """z / log((sqrt(1 - 2 rho z + z^2) + z - rho) / (1 - rho)), and its series at z = 0."""
    safe = np.where(np.abs(z) < _NEAR, 1.0, z)
    x = np.log((np.sqrt(1.0 - 2.0 * rho * safe + safe**2) + safe - rho) / (1.0 - rho))
    series = 1.0 - rho * z / 2 + (2.0 - 3.0 * rho**2) / 12 * z**2
    return np.where(np.abs(z) < _NEAR, series, safe / np.where(x == 0.0, 1.0, x))

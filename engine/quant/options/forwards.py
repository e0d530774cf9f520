"""Greeks of options on forwards and futures (Black-76, Bachelier) and on currencies (Garman-Kohlhagen).

Units as :class:`engine.quant.options.Greeks`, the forward in the spot's place: delta is to the forward, and a change
of the rate or of time leaves the forward where it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from engine.quant.options._blocks import TINY, blockwise, deviation, signs
from engine.quant.options.greeks import COUNT, FAR, Greeks, bsm_greeks
from engine.quant.options.models import ROOT_TWO_PI


def garman_kohlhagen_greeks(
    kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, domestic_rate: ArrayLike,
    foreign_rate: ArrayLike, volatility: ArrayLike,
) -> Greeks:  # fmt: skip
    """As :func:`bsm_greeks`: ``rho`` is to the domestic rate, ``dividend_rho`` to the foreign one."""
    return bsm_greeks(kind, spot, strike, years, domestic_rate, foreign_rate, volatility)


def black76_greeks(
    kind: ArrayLike, forward: ArrayLike, strike: ArrayLike, years: ArrayLike, volatility: ArrayLike, rate: ArrayLike,
) -> Greeks:  # fmt: skip
    """Price and every Greek of an option on a forward or future, discounted at ``rate``.

    Black-Scholes-Merton with a yield equal to the rate; to the rate only the discount factor moves, so that
    ``rho = -years * V``. There is no dividend: ``dividend_rho`` is zero.
    """
    found = bsm_greeks(kind, forward, strike, years, rate, rate, volatility)
    return _discounted(found, np.asarray(years, dtype=np.float64))


def _discounted(found: Greeks, years: Any) -> Greeks:
    """Rate Greeks of what depends on the rate through ``exp(-rate * years)`` alone."""
    return replace(
        found, rho=-years * found.price, dividend_rho=0.0 * found.price, vera=-years * found.vega,
        delta_rho=-years * found.delta, rho_convexity=years * years * found.price,
        theta_rho=found.price - years * found.theta,
    )  # fmt: skip


def bachelier_greeks(
    kind: ArrayLike, forward: ArrayLike, strike: ArrayLike, years: ArrayLike, volatility: ArrayLike, rate: ArrayLike,
) -> Greeks:  # fmt: skip
    """Price and every Greek where the forward moves normally; volatility in money per square root of a year.

    With ``d = (F - K) / s``, ``s = volatility * sqrt(T)``: delta ``kind D N(kind d)``, gamma ``D n(d) / s``, vega
    ``D sqrt(T) n(d)``. Schachermayer and Teichmann (2008); the rest by differentiation.
    """
    values = signs(kind), forward, strike, years, volatility, rate
    return _discounted(Greeks(*blockwise(_normal, COUNT, *values)), np.asarray(years, dtype=np.float64))


def _normal(k: Any, f: Any, x: Any, years: Any, vol: Any, r: Any) -> tuple[Any, ...]:
    root = np.sqrt(years)
    s, t, v = deviation(vol, root), np.maximum(years, TINY), np.maximum(vol, TINY)
    discount, d = np.exp(-r * years), np.clip((f - x) / s, -FAR, FAR)
    bell, inside, square = discount * np.exp(-0.5 * d * d) / ROOT_TWO_PI, ndtr(k * d), d * d
    price = np.maximum(discount * k * (f - x) * inside + s * bell, 0.0)
    delta, gamma, vega = k * discount * inside, bell / s, bell * root
    decay = 0.5 * vol * vega / t
    theta, volga, none = r * price - decay, vega * square / v, 0.0 * price
    slowing = r + 0.5 * (1.0 - square) / t  # of gamma and of the decay, by the calendar
    return (
        price, delta, gamma, vega, theta, none, none,
        -bell * d / v, volga, r * delta + 0.5 * bell * d / t, vega * (r - 0.5 * (1.0 + square) / t), none,
        none, none, none, r * theta - decay * slowing,
        -gamma * d / s, gamma * slowing, gamma * (square - 1.0) / v, volga * (square - 3.0) / v,
        -delta, gamma, delta * f / price, inside + none,
    )  # fmt: skip

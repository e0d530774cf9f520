"""European prices: Black-Scholes-Merton, Black-76, Garman-Kohlhagen, Bachelier. Vectorised, exact at the edges.

At expiry, or without volatility, a price is the discounted payoff on the forward. A negative time or volatility, and
a negative forward or strike under a lognormal model, have no price: NaN.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from engine.quant.options._blocks import blockwise, deviation, signs

ROOT_TWO_PI = 2.5066282746310002


def black76(
    kind: ArrayLike, forward: ArrayLike, strike: ArrayLike, years: ArrayLike, volatility: ArrayLike,
    discount: ArrayLike = 1.0,
) -> Any:  # fmt: skip
    """Price of a European option on a forward or future (Black 1976).

    ``discount * kind * (forward * N(kind * d1) - strike * N(kind * d2))``, with
    ``d1 = ln(forward / strike) / s + s / 2``, ``d2 = d1 - s``, ``s = volatility * sqrt(years)``.

    Parameters
    ----------
    kind : array_like
        +1 for a call, -1 for a put.
    forward, strike : array_like
        In money, not negative.
    years : array_like
        To expiry.
    volatility : array_like
        Per square root of a year, a fraction.
    discount : array_like
        What one unit at expiry is worth now, ``exp(-rate * years)``.

    Returns
    -------
    ndarray or float64
        Prices in money, in the broadcast shape; off by a few units in the last place of the forward or strike.

    Raises
    ------
    ValueError
        Where a kind is neither +1 nor -1.

    References
    ----------
    Black, F. (1976), The pricing of commodity contracts, Journal of Financial Economics 3, eq. 16.
    """
    return blockwise(_black, 1, signs(kind), forward, strike, years, volatility, discount)[0]


def _black(kind: Any, forward: Any, strike: Any, years: Any, volatility: Any, discount: Any) -> tuple[Any]:
    s = deviation(volatility, np.sqrt(years))
    middle = np.log(forward / strike) / s
    paid = forward * ndtr(kind * (middle + 0.5 * s)) - strike * ndtr(kind * (middle - 0.5 * s))
    return (discount * np.maximum(kind * paid, 0.0),)


def bsm(
    kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike,
    dividend_yield: ArrayLike, volatility: ArrayLike,
) -> Any:  # fmt: skip
    """Price of a European option on a share or index with a continuous dividend yield.

    Black-76 on the forward ``spot * exp((rate - dividend_yield) * years)``, discounted at ``rate``.

    Parameters
    ----------
    kind : array_like
        +1 for a call, -1 for a put.
    spot, strike : array_like
        In money, not negative.
    years : array_like
        To expiry.
    rate, dividend_yield : array_like
        Continuously compounded, fractions a year; either may be negative.
    volatility : array_like
        Per square root of a year, a fraction.

    Returns
    -------
    ndarray or float64
        Prices in money, in the broadcast shape.

    Raises
    ------
    ValueError
        Where a kind is neither +1 nor -1.

    References
    ----------
    Black and Scholes (1973), Journal of Political Economy 81; Merton (1973), Bell Journal of Economics 4.
    """
    return blockwise(_bsm, 1, signs(kind), spot, strike, years, rate, dividend_yield, volatility)[0]


def _bsm(
    kind: Any, spot: Any, strike: Any, years: Any, rate: Any, dividend: Any, volatility: Any
) -> tuple[Any]:
    forward = spot * np.exp((rate - dividend) * years)
    return _black(kind, forward, strike, years, volatility, np.exp(-rate * years))


def garman_kohlhagen(
    kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, domestic_rate: ArrayLike,
    foreign_rate: ArrayLike, volatility: ArrayLike,
) -> Any:  # fmt: skip
    """Price of a European currency option, in domestic money for one unit of the foreign currency.

    ``spot`` and ``strike`` are domestic units per foreign unit; the foreign rate takes the dividend yield's place.

    References
    ----------
    Garman and Kohlhagen (1983), Journal of International Money and Finance 2.
    """
    return bsm(kind, spot, strike, years, domestic_rate, foreign_rate, volatility)


def bachelier(
    kind: ArrayLike, forward: ArrayLike, strike: ArrayLike, years: ArrayLike, volatility: ArrayLike,
    discount: ArrayLike = 1.0,
) -> Any:  # fmt: skip
    """Price of a European option on a forward that moves normally; forward and strike may be negative.

    ``discount * (kind * (forward - strike) * N(kind * d) + s * n(d))``, with ``d = (forward - strike) / s``,
    ``s = volatility * sqrt(years)``.

    Parameters
    ----------
    kind, forward, strike, years, discount : array_like
        As in :func:`black76`.
    volatility : array_like
        In money per square root of a year (not a fraction).

    Returns
    -------
    ndarray or float64
        Prices in money, in the broadcast shape.

    References
    ----------
    Bachelier (1900), Theorie de la speculation; Schachermayer and Teichmann (2008), Mathematical Finance 18.
    """
    return blockwise(_bachelier, 1, signs(kind), forward, strike, years, volatility, discount)[0]


def _bachelier(
    kind: Any, forward: Any, strike: Any, years: Any, volatility: Any, discount: Any
) -> tuple[Any]:
    s = deviation(volatility, np.sqrt(years))
    inside = kind * (forward - strike)
    d = np.clip(inside / s, -1e3, 1e3)
    value = inside * ndtr(d) + s * np.exp(-0.5 * d * d) / ROOT_TWO_PI
    return (discount * np.maximum(value, 0.0),)

"""Implied volatility of Black's formula, to machine precision wherever the price determines one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.options._blocks import blockwise
from engine.quant.options._normalised import solve

FOUND, NOT_A_NUMBER, NOT_POSITIVE, EXPIRED, BELOW_INTRINSIC, AT_INTRINSIC, ABOVE_BOUND = range(7)
REASONS = {
    FOUND: "found",
    NOT_A_NUMBER: "an input is missing, not finite, or a kind other than +1 and -1",
    NOT_POSITIVE: "the price, forward, strike or discount is not positive",
    EXPIRED: "the option has expired",
    BELOW_INTRINSIC: "the price is below the discounted intrinsic value",
    AT_INTRINSIC: "the price is the intrinsic value to the last digit: every volatility near zero gives it",
    ABOVE_BOUND: "the price is at or above what the option can be worth at any volatility",
}


@dataclass(frozen=True, slots=True)
class Implied:
    """What prices imply.

    Attributes
    ----------
    volatility : annualised, a fraction; NaN where there is none.
    reason : int8 codes, keys of ``REASONS``; 0 where a volatility was found.
    """

    volatility: Any
    reason: Any


def implied_volatility(
    price: ArrayLike, kind: ArrayLike, forward: ArrayLike, strike: ArrayLike, years: ArrayLike,
    discount: ArrayLike = 1.0,
) -> Implied:  # fmt: skip
    """The volatility at which :func:`black76` gives the price.

    Parameters
    ----------
    price : array_like
        In money, as paid today.
    kind : array_like
        +1 for a call, -1 for a put.
    forward, strike : array_like
        In money.
    years : array_like
        To expiry.
    discount : array_like
        What one unit at expiry is worth now.

    Returns
    -------
    Implied
        Arrays in the broadcast shape (numbers for numbers). The standard deviation ``volatility * sqrt(years)`` is
        within a few units in the last place of the one that the given digits determine, from prices of 1e-300 up to
        the bound. Deep in the money the price's own last digit may leave many volatilities possible.

    References
    ----------
    Jaeckel (2015), Let's be rational, Wilmott 75, 40-53.
    """
    volatility, reason = blockwise(_implied, 2, price, kind, forward, strike, years, discount)
    return Implied(volatility, np.asarray(reason).astype(np.int8)[()])


def _implied(price: Any, kind: Any, forward: Any, strike: Any, years: Any, discount: Any) -> tuple[Any, Any]:
    plain, inside = np.atleast_1d(price) / discount, kind * (forward - strike)
    small = np.minimum(forward, strike)
    value = plain - np.maximum(inside, 0.0)  # of the option out of the money, by parity
    room = np.where(kind > 0.0, forward, strike) - plain
    growth = np.abs(forward - strike) / small
    s = solve(np.log1p(growth), growth, value / small, np.log(value) - np.log(small), room / small)
    reason = _reasons(price, kind, small, years, discount, value, room)
    return np.where(reason == FOUND, s / np.sqrt(years), np.nan), reason


def _reasons(price: Any, kind: Any, small: Any, years: Any, discount: Any, value: Any, room: Any) -> Any:
    positive = np.minimum(np.minimum(price, small), discount) > 0.0
    finite = np.isfinite(price + small + years + value + room) & (kind * kind == 1.0)
    if np.all(positive & finite & (years > 0.0) & (value > 0.0) & (room > 0.0)):
        return FOUND
    given = np.isfinite(price + small + years + discount + room) & (kind * kind == 1.0)
    tests = [~given, ~positive, years <= 0.0, value < 0.0, value == 0.0, room <= 0.0]
    codes = [NOT_A_NUMBER, NOT_POSITIVE, EXPIRED, BELOW_INTRINSIC, AT_INTRINSIC, ABOVE_BOUND]
    return np.select(np.broadcast_arrays(*tests), codes, FOUND)

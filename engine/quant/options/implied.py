"""Implied volatility."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.options.models import black76

OK, NOT_A_NUMBER, NOT_POSITIVE, EXPIRED, BELOW_INTRINSIC, ABOVE_BOUND = range(6)
REASONS = {
    OK: "found",
    NOT_A_NUMBER: "an input is missing or not a number",
    NOT_POSITIVE: "the price, forward, strike or discount is not positive",
    EXPIRED: "the option has expired",
    BELOW_INTRINSIC: "the price is below the discounted intrinsic value",
    ABOVE_BOUND: "the price is at or above what the option can be worth at any volatility",
}


@dataclass(frozen=True, slots=True)
class Implied:
    """Volatilities (NaN where there is none), and for each the reason code, a key of ``REASONS``."""

    volatility: Any
    reason: Any


def implied_volatility(
    price: ArrayLike, kind: ArrayLike, forward: ArrayLike, strike: ArrayLike, years: ArrayLike,
    discount: ArrayLike = 1.0,
) -> Implied:  # fmt: skip
    """The Black volatility at which an option is worth its price."""
    p, k, f, x, t, d = np.broadcast_arrays(
        *(np.asarray(v, dtype=np.float64) for v in (price, kind, forward, strike, years, discount))
    )
    with np.errstate(all="ignore"):
        plain = p / d
        intrinsic, bound = np.maximum(k * (f - x), 0.0), np.where(k > 0, f, x)
        reason = np.select(
            [
                np.isnan(p + k + f + x + t + d),
                ~((p > 0) & (f > 0) & (x > 0) & (d > 0)),
                t <= 0,
                plain < intrinsic,
                plain >= bound,
            ],
            [NOT_A_NUMBER, NOT_POSITIVE, EXPIRED, BELOW_INTRINSIC, ABOVE_BOUND],
            OK,
        )
        low, high = np.zeros(p.shape), np.full(p.shape, 60.0)
        for _ in range(70):
            middle = 0.5 * (low + high)
            under = black76(k, f, x, 1.0, middle) < plain
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        found = np.where(reason == OK, 0.5 * (low + high) / np.sqrt(t), np.nan)
    return Implied(found[()], reason[()])

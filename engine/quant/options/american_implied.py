"""The volatility at which an American option is worth its price."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.options._blocks import Floats, Inputs, signs
from engine.quant.options.american import american
from engine.quant.options.implied import (
    ABOVE_BOUND,
    AT_INTRINSIC,
    BELOW_INTRINSIC,
    EXPIRED,
    FOUND,
    NOT_A_NUMBER,
    NOT_POSITIVE,
    Implied,
)

LOW, HIGH = 1e-4, 10.0  # annualised times the square root of the years: where the answer is looked for
ROUNDS, CLOSE = 60, 1e-9


def american_implied_volatility(
    price: ArrayLike, kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike,
    dividend_yield: ArrayLike, scheme: str = "accurate",
) -> Implied:  # fmt: skip
    """The volatility at which :func:`american` gives the price, by secants kept within a bracket that halves.

    Parameters
    ----------
    price, kind, spot, strike, years, rate, dividend_yield, scheme
        As :func:`american`.

    Returns
    -------
    Implied
        In the broadcast shape, to 1e-9 of total deviation (the scheme's own error comes on top). A price at the
        exercise value has no volatility: every one below some bound gives it.
    """
    values = price, signs(kind), spot, strike, years, rate, dividend_yield
    inputs = Inputs(*values)
    p, k, s, x, t, r, q = (np.broadcast_to(array, inputs.size) for array in inputs.flat)
    root = np.sqrt(np.maximum(t, 0.0))

    def value(rows: Any, deviation: Floats) -> Floats:
        sigma = deviation / root[rows]
        found = american(k[rows], s[rows], x[rows], t[rows], r[rows], q[rows], sigma, scheme)
        return np.asarray(found, dtype=np.float64)

    reason = _reasons(p, k, s, x, t, r, q)
    rows = np.flatnonzero(reason == FOUND)
    low, high = np.full(rows.size, LOW), np.full(rows.size, HIGH)
    below, above = value(rows, low) - p[rows], value(rows, high) - p[rows]
    reason[rows[below > 0.0]] = BELOW_INTRINSIC
    reason[rows[below == 0.0]] = AT_INTRINSIC
    reason[rows[above <= 0.0]] = ABOVE_BOUND
    inside = (below < 0.0) & (above > 0.0)
    found = np.full(inputs.size, np.nan)
    rows = rows[inside]
    bracket = low[inside], high[inside], below[inside], above[inside]
    found[rows] = _solve(lambda which, at: value(rows[which], at) - p[rows[which]], *bracket) / root[rows]
    codes = reason.astype(np.int8).reshape(inputs.shape)
    return Implied(found.reshape(inputs.shape)[()], codes[()])


def _reasons(p: Floats, k: Floats, s: Floats, x: Floats, t: Floats, r: Floats, q: Floats) -> Any:
    tests = [~np.isfinite(p + s + x + t + r + q), np.minimum(np.minimum(p, s), x) <= 0.0, t <= 0.0,
             p < k * (s - x), p == k * (s - x)]  # fmt: skip
    return np.select(tests, [NOT_A_NUMBER, NOT_POSITIVE, EXPIRED, BELOW_INTRINSIC, AT_INTRINSIC], FOUND)


def _solve(miss: Any, low: Floats, high: Floats, below: Floats, above: Floats) -> Floats:
    """Regula falsi with halved ends (Illinois), and a bisection wherever that has not halved the bracket."""
    live, side = np.arange(low.size), np.zeros(low.size)
    for turn in range(ROUNDS):
        live = live[high[live] - low[live] > CLOSE]
        if not live.size:
            break
        a, b, fa, fb = low[live], high[live], below[live], above[live]
        at = 0.5 * (a + b) if turn % 3 == 2 else (a * fb - b * fa) / (fb - fa)
        off = miss(live, at)
        up = off < 0.0
        again = np.where(up, 1.0, -1.0)
        same = again == side[live]
        below[live] = np.where(up, off, np.where(same, 0.5 * fa, fa))
        above[live] = np.where(up, np.where(same, 0.5 * fb, fb), off)
        low[live], high[live] = np.where(up, at, a), np.where(up, b, at)
        exact = live[off == 0.0]
        low[exact] = high[exact] = at[off == 0.0]
        side[live] = again
    return 0.5 * (low + high)

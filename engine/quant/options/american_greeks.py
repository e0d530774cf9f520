"""Greeks of American options: by differences of prices, and theta by the pricing equation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.options.american import american
from engine.quant.options.discrete import Dividends, american_cash

# Steps. QdFp's price is smooth in the spot (its boundary does not depend on it), to about 1e-13 of the strike: 1e-3
# of the spot leaves 1e-7 of truncation in delta and of rounding in gamma. In the other inputs the boundary is solved
# again, to about 1e-8 ("accurate"): 1e-3 leaves 1e-5. Forward differences would leave a thousand times that.
SPOT, OTHER = 1e-3, 1e-3
LEAST = 1e-4  # a volatility below this has the Greeks of this one, so that there is room for a step down


@dataclass(frozen=True, slots=True)
class AmericanGreeks:
    """In the units of :class:`engine.quant.options.Greeks`; in the exercise region those of the exercise value."""

    price: Any
    delta: Any
    gamma: Any
    vega: Any
    theta: Any
    rho: Any
    dividend_rho: Any
    vanna: Any
    volga: Any
    charm: Any


def american_greeks(
    kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike,
    dividend_yield: ArrayLike, volatility: ArrayLike, scheme: str = "accurate",
) -> AmericanGreeks:  # fmt: skip
    """Price and Greeks of American options with a continuous dividend yield.

    Central differences in spot (0.1% of it), volatility, rate and yield (0.001); theta where the option is held is
    ``r V - (r - q) S delta - volatility^2 S^2 gamma / 2``, and zero where it is exercised.

    Parameters
    ----------
    kind, spot, strike, years, rate, dividend_yield, volatility, scheme
        As :func:`american`. With "accurate" the Greeks differ from those of "precise", forty times dearer, by less
        than 1e-5 of their size; "fast" leaves three digits.

    Returns
    -------
    AmericanGreeks
        In the broadcast shape.
    """

    def price(s: Any, x: Any, t: Any, r: Any, q: Any, v: Any) -> Any:
        return american(kind, s, x, t, r, q, v, scheme)

    values = [
        np.asarray(value, dtype=np.float64)
        for value in (spot, strike, years, rate, dividend_yield, volatility)
    ]
    exercise = np.asarray(kind) * (values[0] - values[1])
    return differences(price, values, exercise)


def american_cash_greeks(
    kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike,
    dividends: Dividends, volatility: ArrayLike, dividend_yield: ArrayLike = 0.0,
) -> AmericanGreeks:  # fmt: skip
    """Price and Greeks of American options with cash dividends: differences of :func:`american_cash`.

    Steps are ten times those of :func:`american_greeks`, for prices known to 1e-5 rather than 1e-8: about
    four digits remain. ``dividend_rho`` is to a yield beside the cash dividends. A moment later the
    dividends are nearer as well. Theta is a central difference too, of a thousandth of a year: the pricing equation
    does not hold where the option is exercised, and a grid's error would take such an option for one that is held.
    """
    start = np.asarray(years, dtype=np.float64)

    def price(s: Any, x: Any, t: Any, r: Any, q: Any, v: Any) -> Any:
        passed = float(np.max(start - t))
        return american_cash(kind, s, x, t, r, [(when - passed, paid) for when, paid in dividends], v, q)

    values = [
        np.asarray(value, dtype=np.float64)
        for value in (spot, strike, years, rate, dividend_yield, volatility)
    ]
    found = differences(price, values, np.asarray(kind) * (values[0] - values[1]), 10.0 * SPOT, 10.0 * OTHER)
    s, x, t, r, q, v = values
    v = np.maximum(v, LEAST)
    nearest = min((when for when, _ in dividends if when > 0.0), default=np.inf)
    d = np.minimum(np.minimum(OTHER, 0.1 * t), 0.5 * nearest)  # no dividend is passed
    with np.errstate(all="ignore"):
        theta = (price(s, x, t - d, r, q, v) - price(s, x, t + d, r, q, v)) / (2.0 * d)
    return replace(found, theta=np.asarray(theta)[()])


def differences(
    price: Callable[..., Any], values: list[Any], exercise: Any, spot_step: float = SPOT, step: float = OTHER
) -> AmericanGreeks:
    """The Greeks of any price of (spot, strike, years, rate, yield, volatility) with an exercise value."""
    s, x, t, r, q, v = values
    v = np.maximum(v, LEAST)
    h, e = spot_step * s, np.minimum(step, 0.5 * v)
    with np.errstate(all="ignore"):
        middle, up, down = price(s, x, t, r, q, v), price(s + h, x, t, r, q, v), price(s - h, x, t, r, q, v)
        delta, gamma = (up - down) / (2 * h), (up - 2 * middle + down) / (h * h)
        more, less = price(s, x, t, r, q, v + e), price(s, x, t, r, q, v - e)
        rho = (price(s, x, t, r + step, q, v) - price(s, x, t, r - step, q, v)) / (2 * step)
        phi = (price(s, x, t, r, q + step, v) - price(s, x, t, r, q - step, v)) / (2 * step)
        cross = price(s + h, x, t, r, q, v + e) - price(s - h, x, t, r, q, v + e)
        vanna = (cross - price(s + h, x, t, r, q, v - e) + price(s - h, x, t, r, q, v - e)) / (4 * h * e)
        held = middle > exercise + 1e-12 * (s + x)
        theta = np.where(held, r * middle - (r - q) * s * delta - 0.5 * (v * s) ** 2 * gamma, 0.0)
        d = np.minimum(OTHER, 0.1 * t)
        later, sooner = (price(s + h, x, w, r, q, v) - price(s - h, x, w, r, q, v) for w in (t - d, t + d))
        charm = (later - sooner) / (4 * h * d)
    vega, volga = (more - less) / (2 * e), (more - 2 * middle + less) / (e * e)
    theta, vega, volga = (np.asarray(one)[()] for one in (theta, vega, volga))
    return AmericanGreeks(middle, delta, gamma, vega, theta, rho, phi, vanna, volga, charm)

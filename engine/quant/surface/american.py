"""American quotes on a European smile: the volatility that gives an American price, and the premium in it.

De-Americanised as Burkovska et al. (2018), "Calibration to American options: numerical investigation of the
de-Americanization method", Quantitative Finance 18(7): a volatility is found at which the American price is the
quote; the European price at that volatility takes the quote's place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.options import bsm
from engine.quant.surface.svi import Floats

# kind, spot, strike, years, rate, dividend yield, volatility -> prices; arrays of one shape
Pricer: TypeAlias = Callable[[Floats, Floats, Floats, Floats, Floats, Floats, Floats], Floats]
_ROUNDS = 12
_NEAR = 1e-6  # of the strike: nearer than a fast pricer is right


def american_volatility(
    price: ArrayLike, kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike,
    dividend_yield: ArrayLike, pricer: Pricer, guess: ArrayLike,
) -> Floats:  # fmt: skip
    """Volatility at which ``pricer`` gives ``price``; NaN where the price is that of exercising now, or below.

    Newton's steps with the European vega from ``guess``, kept within a bracket that every price narrows. Only what
    has not come near enough is priced again.
    """
    p, side, s, x, t, r, q, vol = (
        np.array(each, dtype=np.float64)
        for each in np.broadcast_arrays(price, kind, spot, strike, years, rate, dividend_yield, guess)
    )
    low, high = np.full(p.shape, 1e-3), np.full(p.shape, 5.0)
    possible = np.isfinite(p) & (t > 0) & (p > np.maximum(side * (s - x), 0.0) + _NEAR * x)
    vol = np.where(possible, np.clip(np.nan_to_num(vol, nan=0.3), 2e-3, 4.0), np.nan)
    open_ = np.flatnonzero(possible)
    for _ in range(_ROUNDS):
        if not len(open_):
            break
        at = vol[open_]
        error = pricer(side[open_], s[open_], x[open_], t[open_], r[open_], q[open_], at) - p[open_]
        low[open_] = np.where(error < 0, at, low[open_])
        high[open_] = np.where(error > 0, at, high[open_])
        vega = _vega(s[open_], x[open_], t[open_], r[open_], q[open_], at)
        step = at - error / np.maximum(vega, 1e-10)
        inside = (step > low[open_]) & (step < high[open_])
        far = np.abs(error) > _NEAR * x[open_]
        vol[open_] = np.where(far, np.where(inside, step, (low[open_] + high[open_]) / 2), at)
        open_ = open_[far]
    return np.where(np.abs(high - low) < 1e-8, np.nan, vol)


def premium_free(
    price: ArrayLike, kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike,
    dividend_yield: ArrayLike, pricer: Pricer, guess: ArrayLike,
) -> Floats:  # fmt: skip
    """The price without the right to exercise early: European at the American volatility; NaN where there is none."""
    volatility = american_volatility(price, kind, spot, strike, years, rate, dividend_yield, pricer, guess)
    return np.asarray(bsm(kind, spot, strike, years, rate, dividend_yield, volatility), dtype=np.float64)


def _vega(
    spot: Floats, strike: Floats, years: Floats, rate: Floats, yield_: Floats, volatility: Floats
) -> Floats:
    root = volatility * np.sqrt(years)
    d1 = (np.log(spot / strike) + (rate - yield_) * years) / root + root / 2
    normal = np.exp(-d1 * d1 / 2) / np.sqrt(2 * np.pi)
    return np.asarray(spot * np.exp(-yield_ * years) * normal * np.sqrt(years))

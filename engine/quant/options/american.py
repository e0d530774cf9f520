"""American options: QuantLib's spectral collocation engine, over arrays.

Prices scale with the strike, and with time through ``rate * years``, ``yield * years``, ``volatility * sqrt(years)``:
so one option with strike 1 and one year to run serves every contract, only its market quotes change, and a year
fraction is never rounded to days. Its dates lie in the far future; QuantLib's global evaluation date is neither
relied on nor set. QuantLib is not made for threads: one lock serialises the calls.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.options._blocks import Floats, Inputs, signs
from engine.quant.options.models import bsm

LOCK = Lock()
STILL = 1e-6  # a total deviation below which the path is taken as certain (the engines divide by it)
SCHEMES = ("fast", "accurate", "precise", "qd_plus", "ju", "barone_adesi_whaley", "bjerksund_stensland")


def american(
    kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike,
    dividend_yield: ArrayLike, volatility: ArrayLike, scheme: str = "accurate",
) -> Any:  # fmt: skip
    """Price of an American option with a continuous dividend yield.

    Parameters
    ----------
    kind, spot, strike, years, rate, dividend_yield, volatility : array_like
        As :func:`engine.quant.options.bsm`.
    scheme : str
        QdFp of Andersen, Lake and Offengenden: ``fast`` (errors to about 5e-4 on a strike of 100, 2e-3 at worst),
        ``accurate`` (2e-5, 2e-4 at worst, an eighth of the speed), ``precise`` (1e-9, a fortieth of that). Kept to
        compare with published tables: ``qd_plus`` (Li 2010), ``ju`` (1998), ``barone_adesi_whaley`` (1987) and
        ``bjerksund_stensland`` (1993), which err by up to 0.05, 0.1, 0.3 and 0.7.

    Returns
    -------
    ndarray or float64
        Prices in the broadcast shape, never below the European price nor the exercise value (except by the named
        approximations). At expiry the payoff; without volatility the best moment's exercise value; NaN where an
        input is not a number or negative, or so far from any market's that the engine finds no boundary.

    Raises
    ------
    ValueError
        Where a kind is neither +1 nor -1, or the scheme is not known.

    References
    ----------
    Andersen, Lake and Offengenden (2016), High performance American option pricing, J. Computational Finance 20(1).
    """
    if scheme not in SCHEMES:
        raise ValueError(
            f"There is no scheme {scheme!r} for American options; there are {', '.join(SCHEMES)}."
        )
    inputs = Inputs(signs(kind), spot, strike, years, rate, dividend_yield, volatility)
    columns = [np.broadcast_to(array, inputs.size) for array in inputs.flat]
    return _priced(columns, scheme).reshape(inputs.shape)[()]


def _priced(columns: list[Floats], scheme: str) -> Floats:
    k, s, x, t, r, q, v = columns
    with np.errstate(all="ignore"):
        deviation = v * np.sqrt(t)
        exercise = np.maximum(k * (s - x), 0.0)
        european = bsm(k, s, x, t, r, q, v)
        certain = _certain(k, s, x, t, r, q)
    found = np.where(np.isnan(s + x + r + q + deviation) | (np.minimum(s, x) < 0) | (v < 0), np.nan, certain)
    moving = (deviation > STILL) & (s > 0) & (x > 0) & np.isfinite(found)
    waiting = (
        moving & (k * (q - r) <= 0) & (np.where(k > 0, q, r) <= 0)
    )  # exercise never pays: the European price
    found[waiting] = european[waiting]
    rest = np.flatnonzero(moving & ~waiting)
    if rest.size:
        scaled = k[rest], s[rest] / x[rest], r[rest] * t[rest], q[rest] * t[rest], deviation[rest]
        found[rest] = x[rest] * _quantlib(scaled, scheme)
    if scheme in SCHEMES[:3]:  # the engine's own error, and that of rounding, stay within the bounds
        found = np.maximum(found, np.maximum(european, exercise))
    return found


def _certain(k: Floats, s: Floats, x: Floats, t: Floats, r: Floats, q: Floats) -> Floats:
    """Without volatility: the best of exercising now, at expiry, and where the gain's slope is zero between."""

    def gain(when: Floats) -> Floats:
        return k * (s * np.exp(-q * when) - x * np.exp(-r * when))

    between = np.log(q * s / (r * x)) / (q - r)
    between = np.where((between > 0) & (between < t), between, 0.0)
    return np.maximum(np.maximum(gain(np.zeros_like(t)), gain(t)), np.maximum(gain(between), 0.0))


def _quantlib(scaled: tuple[Floats, ...], scheme: str) -> Floats:
    """One option per kind with strike 1 and a year to run; its quotes are set for each contract."""
    with LOCK:
        from engine.quant.options._quantlib import Contract

        contracts = {sign: Contract(int(sign), scheme) for sign in np.unique(scaled[0])}
        rows = zip(*(column.tolist() for column in scaled), strict=True)
        return np.array([contracts[sign].price(*quotes) for sign, *quotes in rows])

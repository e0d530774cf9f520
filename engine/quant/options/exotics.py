"""Exotic options with closed forms: digitals, gaps, single barriers with rebates, digital barriers, choosers.

Every function takes ``kind, spot, strike, years, rate, dividend_yield, volatility`` as
:func:`engine.quant.options.bsm` and broadcasts. Barriers are watched without a break;
one that the spot has already reached is taken as reached.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from engine.quant.options._blocks import signs
from engine.quant.options.models import bsm

BARRIERS = ("down-in", "down-out", "up-in", "up-out")


def digital(
    kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike,
    dividend_yield: ArrayLike, volatility: ArrayLike, *, cash: ArrayLike | None = None,
) -> Any:  # fmt: skip
    """Pays ``cash``, or the asset itself where that is None, if it expires in the money.

    Cash: ``cash * exp(-r T) N(kind d2)``; asset: ``S exp(-q T) N(kind d1)``. Reiner and Rubinstein (1991);
    Haug (2007), section 4.19.
    """
    asset, money = _ends(*_floats(signs(kind), spot, strike, years, rate, dividend_yield, volatility))
    return (asset if cash is None else np.asarray(cash) * money)[()]


def gap(
    kind: ArrayLike, spot: ArrayLike, trigger: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike,
    dividend_yield: ArrayLike, volatility: ArrayLike,
) -> Any:  # fmt: skip
    """Pays ``kind * (S - strike)`` where it expires beyond ``trigger``: may be negative. Haug (2007), s. 4.19.1."""
    k = signs(kind)
    asset, money = _ends(*_floats(k, spot, trigger, years, rate, dividend_yield, volatility))
    return (k * (asset - np.asarray(strike) * money))[()]


def barrier(
    kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike,
    dividend_yield: ArrayLike, volatility: ArrayLike, level: ArrayLike, which: str, rebate: ArrayLike = 0.0,
) -> Any:  # fmt: skip
    """A call or put that comes to life (in) or dies (out) when the spot reaches ``level``.

    Parameters
    ----------
    kind, spot, strike, years, rate, dividend_yield, volatility : array_like
        As :func:`engine.quant.options.bsm`; years and volatility positive.
    level : array_like
        The barrier.
    which : str
        One of ``BARRIERS``.
    rebate : array_like
        Paid when knocked out, or at expiry if never knocked in.

    Raises
    ------
    ValueError
        Where ``which`` is another word.

    References
    ----------
    Reiner and Rubinstein (1991), Breaking down the barriers, Risk 4(8); Haug (2007), section 4.17.1.
    """
    values = _floats(signs(kind), spot, strike, years, rate, dividend_yield, volatility, level)
    k, s, x, t, r, q, v, h = values
    asset, money = _inside(which, *values)
    vanilla, knocked_in = bsm(k, s, x, t, r, q, v), k * (asset - x * money)
    paid = np.asarray(rebate, dtype=np.float64)
    with np.errstate(all="ignore"):
        consolation = np.where(paid == 0.0, 0.0, paid * _rebate(which, s, t, r, q, v, h))
    if which.endswith("in"):
        return np.where(_reached(which, s, h), vanilla, np.maximum(knocked_in, 0.0) + consolation)[()]
    return np.where(_reached(which, s, h), paid, np.maximum(vanilla - knocked_in, 0.0) + consolation)[()]


def digital_barrier(
    kind: ArrayLike, spot: ArrayLike, strike: ArrayLike, years: ArrayLike, rate: ArrayLike,
    dividend_yield: ArrayLike, volatility: ArrayLike, level: ArrayLike, which: str, *, cash: ArrayLike | None = None,
) -> Any:  # fmt: skip
    """A digital (as :func:`digital`) paid at expiry only if the barrier was (in) or was not (out) reached.

    Reiner and Rubinstein (1991), Unscrambling the binary code, Risk 4(9); Haug (2007), section 4.19.5.
    """
    values = _floats(signs(kind), spot, strike, years, rate, dividend_yield, volatility, level)
    asset, money = _inside(which, *values)
    whole_asset, whole_money = _ends(*values[:-1])
    inside, whole = (asset, whole_asset) if cash is None else (cash * money, cash * whole_money)
    reached = _reached(which, values[1], values[-1])
    if which.endswith("in"):
        return np.where(reached, whole, np.maximum(inside, 0.0))[()]
    return np.where(reached, 0.0, np.maximum(whole - inside, 0.0))[()]


def chooser(
    spot: ArrayLike, strike: ArrayLike, years: ArrayLike, choice: ArrayLike, rate: ArrayLike,
    dividend_yield: ArrayLike, volatility: ArrayLike,
) -> Any:  # fmt: skip
    """At ``choice`` (years from now) the holder says whether it is a call or a put, with one strike and expiry.

    By parity a call with the whole life, and a put that dies at the choice on a strike carried back.
    Rubinstein (1991), Options for the undecided, Risk 4(4); Haug (2007), section 4.12.1.
    """
    s, x, t, c, r, q, v = _floats(spot, strike, years, choice, rate, dividend_yield, volatility)
    later = t - c
    put = bsm(-1.0, s * np.exp(-q * later), x * np.exp(-r * later), c, r, q, v)
    return bsm(1.0, s, x, t, r, q, v) + put


def _floats(*values: ArrayLike) -> tuple[Any, ...]:
    return np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values))


def _ends(k: Any, s: Any, x: Any, t: Any, r: Any, q: Any, v: Any) -> tuple[Any, Any]:
    """What one asset, and one unit of money, are worth if paid where it expires beyond ``x``."""
    with np.errstate(all="ignore"):
        deviation = v * np.sqrt(t)
        d1 = (np.log(s / x) + (r - q) * t) / deviation + 0.5 * deviation
        return s * np.exp(-q * t) * ndtr(k * d1), np.exp(-r * t) * ndtr(k * (d1 - deviation))


def _inside(which: str, k: Any, s: Any, x: Any, t: Any, r: Any, q: Any, v: Any, h: Any) -> tuple[Any, Any]:
    """One asset and one unit of money, paid beyond ``x`` if the barrier was reached: reflection (Haug's A to D)."""
    if which not in BARRIERS:
        raise ValueError(f"There is no barrier {which!r}; there are {', '.join(BARRIERS)}.")
    side = _side(which)
    with np.errstate(all="ignore"):
        mirror, image = h * h / s, (h / s) ** (2.0 * (r - q) / (v * v) - 1.0)
        ends = (
            _ends(k, s, x, t, r, q, v), _ends(k, s, h, t, r, q, v),
            [image * end for end in _ends(side, mirror, x, t, r, q, v)],
            [image * end for end in _ends(side, mirror, h, t, r, q, v)],
        )  # fmt: skip
        beyond, same = k * (x - h) > 0.0, k == side
        found = [
            np.where(same, np.where(beyond, c, a - b + d), np.where(beyond, a, b - c + d))
            for a, b, c, d in zip(*ends, strict=True)
        ]
    return found[0], found[1]


def _reached(which: str, s: Any, h: Any) -> Any:
    return _side(which) * (s - h) <= 0.0


def _side(which: str) -> float:
    return 1.0 if which.startswith("down") else -1.0


def _rebate(which: str, s: Any, t: Any, r: Any, q: Any, v: Any, h: Any) -> Any:
    """One unit at expiry if a barrier is never reached (in), or at the moment it is (out): Haug's E and F."""
    side, deviation, drift = _side(which), v * np.sqrt(t), (r - q - 0.5 * v * v) / (v * v)
    ratio, far = h / s, np.log(h / s) / deviation
    if which.endswith("in"):
        inner = ndtr(side * (drift * deviation - far))
        return np.exp(-r * t) * (inner - ratio ** (2.0 * drift) * ndtr(side * (far + drift * deviation)))
    power = np.sqrt(drift * drift + 2.0 * r / (v * v))
    near, wide = ndtr(side * (far + power * deviation)), ndtr(side * (far - power * deviation))
    return ratio ** (drift + power) * near + ratio ** (drift - power) * wide

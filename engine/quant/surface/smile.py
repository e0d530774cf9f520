"""What is read off a surface: volatility by delta, risk reversals and butterflies, skew, the term structure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.surface.surface import VolSurface
from engine.quant.surface.svi import Floats

Convention = Literal["forward", "spot"]
_STEP = 1e-4  # of log-moneyness, for the skew
_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class SmileMeasures:
    """Of each time asked, arrays (T,). Volatilities and their differences are fractions a year."""

    years: Floats
    at_the_money: Floats  # at strike = forward
    skew: Floats  # d volatility / d log(strike) at the forward
    curvature: Floats  # second derivative there
    risk_reversal_25: Floats  # 25-delta call less 25-delta put
    risk_reversal_10: Floats
    butterfly_25: Floats  # mean of both wings less at the money
    butterfly_10: Floats
    moneyness_skew: Floats  # volatility at 90% less at 110% of the forward


def delta_moneyness(
    surface: VolSurface, years: ArrayLike, delta: ArrayLike, *, convention: Convention = "forward",
    spot: float | None = None,
) -> Floats:  # fmt: skip
    """Log-moneyness of the option with this delta; ``years`` and ``delta`` broadcast.

    Parameters
    ----------
    delta
        Of a call where positive, of a put where negative, between -1 and 1.
    convention
        "forward": N(d1) of a call, the hedge in the forward. "spot": times discount * forward / spot, the hedge in
        the underlying; ``spot`` is needed then. The premium is in neither.

    Notes
    -----
    The call's delta falls with the strike on a smile without arbitrage nearly everywhere; the root is found by
    halving between 12 deviations each side. NaN where no strike has the delta (a spot delta above discount *
    forward / spot).

    Raises
    ------
    ValueError
        A spot delta without the spot.
    """
    t, d = np.broadcast_arrays(np.asarray(years, dtype=np.float64), np.asarray(delta, dtype=np.float64))
    carry = np.ones(t.shape)
    if convention == "spot":
        if spot is None:
            raise ValueError("A spot delta needs the underlying's price: give spot.")
        carry = surface.discount_at(t) * surface.forward_at(t) / spot
    d = np.where(d < 0, carry + d, d) / carry  # a put's delta is its call's less the carry
    reach = 12.0 * np.sqrt(np.maximum(surface.total_variance(0.0, t), 1e-12)) + 1e-3
    low, high = -reach, reach.copy()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        above = call_delta(surface, middle, t) > d
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.where((d > 0) & (d < 1), (low + high) / 2, np.nan)


def call_delta(surface: VolSurface, k: ArrayLike, years: ArrayLike) -> Floats:
    """Forward delta of a call, N(d1), d1 = -k / sqrt(w) + sqrt(w) / 2, at the surface's own volatility there."""
    from scipy.special import ndtr

    root = np.sqrt(surface.total_variance(k, years))
    return np.asarray(ndtr(-np.asarray(k, dtype=np.float64) / root + root / 2))


def delta_volatility(
    surface: VolSurface, years: ArrayLike, delta: ArrayLike, *, convention: Convention = "forward",
    spot: float | None = None,
) -> Floats:  # fmt: skip
    """Implied volatility at a delta, as ``delta_moneyness`` understands it."""
    k = delta_moneyness(surface, years, delta, convention=convention, spot=spot)
    return surface.implied_volatility(k, years)


def smile_measures(
    surface: VolSurface, years: ArrayLike, *, convention: Convention = "forward", spot: float | None = None
) -> SmileMeasures:
    """Level, skew, risk reversals and butterflies at each time of ``years`` (T,)."""
    t = np.atleast_1d(np.asarray(years, dtype=np.float64))
    money = surface.implied_volatility(0.0, t)
    up, down = surface.implied_volatility(_STEP, t), surface.implied_volatility(-_STEP, t)
    deltas = np.array([0.25, -0.25, 0.10, -0.10])
    wings = delta_volatility(surface, t[:, None], deltas, convention=convention, spot=spot)
    call_25, put_25, call_10, put_10 = wings.T
    return SmileMeasures(
        t, money, (up - down) / (2 * _STEP), (up - 2 * money + down) / _STEP**2,
        call_25 - put_25, call_10 - put_10, (call_25 + put_25) / 2 - money, (call_10 + put_10) / 2 - money,
        surface.implied_volatility(np.log(0.9), t) - surface.implied_volatility(np.log(1.1), t),
    )  # fmt: skip


def forward_volatility(surface: VolSurface, first: ArrayLike, second: ArrayLike) -> Floats:
    """At-the-money volatility between two times: sqrt((w2 - w1) / (t2 - t1)); NaN where variance would fall."""
    one, other = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    variance = surface.total_variance(0.0, other) - surface.total_variance(0.0, one)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt(np.where(variance >= 0, variance, np.nan) / (other - one)))

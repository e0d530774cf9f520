"""The standard deviation at which the normalised Black formula gives a ratio: a guess, then two steps.

Everything is said of the option out of the money: ``distance = |ln(forward / strike)|``, and ``rho``, its
undiscounted price over the smaller of forward and strike, in (0, 1). With ``h = distance / s``, ``t = s / 2``,
``q = (h - t) / sqrt 2``, ``p = (h + t) / sqrt 2`` and the scaled complementary error function

    rho     = exp(-q^2) / 2 * (erfcx(q)  - erfcx(p))
    1 - rho = exp(-q^2) / 2 * (erfcx(-q) + erfcx(p))

whose logarithms neither overflow nor cancel. The smaller of the two is solved for, by Householder's method of
fourth order. This is the scheme of Jaeckel (2015), "Let's be rational", with the regions and their guesses chosen for
arrays: guesses are within 12%, and from there two steps end at machine precision.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import erfcx, ndtri

ROOT_TWO = 1.4142135623730951
ROOT_HALF_PI = 1.2533141373155003
TINY, SMALL, NEAR = (
    0.02,
    0.2,
    3.0,
)  # below these deviations (and distances) the erfcx differ too little to subtract
LARGE_DISTANCE, HIGH_RATIO = 3.0, 0.47  # where one guess is left for another
# v / w^2 of ``_low`` as a rational function of w: least squares on v in (1e-4, 38), largest relative error 1.2e-3.
TOP = (0.3989422804014327, 0.006434217, -0.0018406056, 0.037957001)
BOTTOM = (1.0, 0.01347023, 0.27842182, 0.0032884045, 0.037957001)


def solve(distance: Any, growth: Any, rho: Any, log_rho: Any, rest: Any) -> Any:
    """The deviation ``s``.

    Parameters
    ----------
    distance : ndarray
        ``|ln(forward / strike)|``.
    growth : ndarray
        ``exp(distance) - 1``, given beside it because it is known exactly.
    rho, log_rho : ndarray, one-dimensional
        The ratio and its logarithm (the ratio itself may be too small for a number).
    rest : ndarray
        ``1 - rho``, given because it is known without cancellation.
    """
    s = _guess(distance, growth, rho, rest)
    upper = rest < rho
    goal = np.where(upper, np.log(rest), log_rho)
    side = np.where(upper, -1.0, 1.0)
    s = _householder(s, distance, goal, side, TINY)
    return _householder(s, distance, goal, side, SMALL)


def _guess(distance: Any, growth: Any, rho: Any, rest: Any) -> Any:
    """One of three closed forms, each within a few percent where it is taken."""
    far = distance > LARGE_DISTANCE
    low = _low(distance, growth, rho)
    if np.any(far):
        low = np.where(far, _far(distance, rho), low)
    return np.where(rho > HIGH_RATIO, _high(distance, rest), low)


def _low(distance: Any, growth: Any, rho: Any) -> Any:
    """Bachelier's formula on the displaced strike: ``rho = growth * (n(v) - v N(-v)) / v``, inverted by a rational
    function, and its normal deviation turned into a lognormal one (the series of the inverse error function)."""
    square = 2.0 * np.log1p(np.minimum(0.5 * growth / rho, 1e307))
    w = np.sqrt(square)
    top = TOP[0] + w * (TOP[1] + w * (TOP[2] + w * TOP[3]))
    bottom = BOTTOM[0] + w * (BOTTOM[1] + w * (BOTTOM[2] + w * (BOTTOM[3] + w * BOTTOM[4])))
    s = np.where(growth > 0.0, distance / square, rho) * bottom / top
    again = s * s
    return s * (1.0 + again * (1.0 / 24.0 + again * (7.0 / 1920.0)))


def _mills(x: Any) -> Any:
    """The normal's tail over its density, to 2%, for x >= 0 (exact at both ends; Birnbaum 1942's form)."""
    return 1.0 / (x + np.sqrt(x * x + 2.55))


def _high(distance: Any, rest: Any) -> Any:
    """``1 - rho = N(-d1) (1 + mills(-d2) / mills(d1))``, the second factor taken at d1 = 1."""
    factor = 1.0 + _mills(np.sqrt(1.0 + 2.0 * distance)) / _mills(1.0)
    d1 = -ndtri(rest / factor)
    return _from_d1(d1, distance)


def _far(distance: Any, rho: Any) -> Any:
    """``rho = N(d1) (1 - mills(-d2) / mills(-d1))``, the second factor taken at the d1 that leaves it out."""
    first = np.minimum(ndtri(np.maximum(rho, 1e-300)), 0.0)
    factor = 1.0 - _mills(np.sqrt(first * first + 2.0 * distance)) / _mills(-first)
    return _from_d1(ndtri(np.clip(rho / factor, 1e-300, 0.6)), distance)


def _from_d1(d1: Any, distance: Any) -> Any:
    """The positive root of ``s^2 / 2 - d1 s - distance``, without cancellation."""
    root = np.sqrt(d1 * d1 + 2.0 * distance)
    return np.where(d1 > 0.0, d1 + root, 2.0 * distance / (root - d1))


def _householder(s: Any, distance: Any, goal: Any, side: Any, small: float) -> Any:
    """One step on ``ln(rho)`` (side +1) or ``ln(1 - rho)`` (side -1); from vega's derivatives."""
    h, t = distance / s, 0.5 * s
    q = (h - t) * (1.0 / ROOT_TWO)
    value = erfcx(side * q) - side * erfcx((h + t) * (1.0 / ROOT_TWO))
    close = np.flatnonzero((s < small) & ((s < TINY) | (h < NEAR)) & (side > 0.0))
    if close.size:
        value[close] = _series(h[close] / ROOT_TWO, t[close] / ROOT_TWO)
    miss = goal - np.log(0.5 * value) + q * q
    step = (
        miss * side * ROOT_HALF_PI * value
    )  # Newton's; what follows is in ratios to it, which cannot overflow
    per = h / s * step
    second = h * per - 0.5 * t * step  # of the price: its second derivative over its first, times the step
    two = second - miss
    three = second * second - 3.0 * per * per - 0.25 * step * step - miss * (3.0 * second - 2.0 * miss)
    return s + step * (1.0 + 0.5 * two) / (1.0 + two + three / 6.0)


def _series(middle: Any, half: Any) -> Any:
    """``erfcx(middle - half) - erfcx(middle + half)`` for a small ``half``: odd derivatives at the middle."""
    square, factor = half * half, half
    before = erfcx(middle)
    here = 2.0 * middle * before - 2.0 / np.sqrt(np.pi)
    total = here * half
    for order in range(
        1, 10, 2
    ):  # each odd derivative from the two before it: e(n+1) = 2 m e(n) + 2 n e(n-1)
        before, here = here, 2.0 * (middle * here + order * before)
        before, here = here, 2.0 * (middle * here + (order + 1) * before)
        factor = factor * square / ((order + 1) * (order + 2))
        total = total + factor * here
    return -2.0 * total

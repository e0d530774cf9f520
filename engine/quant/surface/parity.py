"""The forward and the discount that put-call parity implies: C - P = discount (forward - strike), per expiry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.surface.svi import Floats

LEAST_PAIRS = 3
_HUBER = 1.345  # 95% efficient at the normal distribution (Huber 1981)
_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Parity:
    """What one expiry's pairs of call and put imply; errors are standard errors. NaN where fewer than three pairs."""

    forward: float
    discount: float
    rate: float  # continuously compounded, -log(discount) / years
    forward_error: float
    rate_error: float
    pairs: int
    outliers: int  # pairs that Huber's weights count less than half
    given: bool  # the discount was given and only the forward was estimated


def parity_forward(
    strike: ArrayLike, call: ArrayLike, put: ArrayLike, years: float, spread: ArrayLike | None = None, *,
    discount: float | None = None,
) -> Parity:  # fmt: skip
    """Regress call - put on the strike, robustly: the slope is -discount, the zero is the forward.

    Parameters
    ----------
    strike, call, put : (n,)
        Mid prices of both sides of each strike. Those of American options carry early exercise premiums, which bend
        the line far from the money: give near strikes only, or prices with the premium taken off (``premium_free``).
    years
        To expiry, positive.
    spread : (n,), optional
        Of call and put together, in money: residuals are weighted by one over it.
    discount : optional
        Where known (from a curve, or of other expiries): only the forward is estimated then.

    Notes
    -----
    Begun from Theil and Sen's median slope (Theil 1950, Sen 1968), then Huber's M-estimator by iterated weighted
    least squares, its scale the median absolute residual / 0.6745. Errors are of the weighted regression at that
    scale.

    Raises
    ------
    ValueError
        ``years`` is not positive, or arrays differ in length.
    """
    x, c, p = (np.asarray(each, dtype=np.float64) for each in (strike, call, put))
    s = np.ones_like(x) if spread is None else np.asarray(spread, dtype=np.float64)
    if not x.shape == c.shape == p.shape == s.shape or years <= 0:
        raise ValueError("Parity takes strikes, calls, puts and spreads of one length, and a time above 0.")
    known = np.isfinite(x + c + p + s)
    x, y, s = (
        x[known],
        (c - p)[known],
        np.maximum(s[known], 1e-6 * max(1.0, float(np.abs(x).max(initial=0.0)))),
    )
    if len(x) < LEAST_PAIRS or len(np.unique(x)) < LEAST_PAIRS:
        nan = float("nan")
        return Parity(nan, nan, nan, nan, nan, len(x), 0, discount is not None)
    center = float(np.average(x, weights=1.0 / s**2))
    slope = -discount if discount is not None else _theil_sen(x, y)
    level = float(np.median(y - slope * (x - center)))
    weight = 1.0 / s
    factor = np.ones_like(x)
    scale = 0.0
    for _ in range(_ROUNDS):
        residual = (y - level - slope * (x - center)) * weight
        scale = float(np.median(np.abs(residual))) / 0.6745
        tiny = 1e-13 * float(np.abs(y * weight).max(initial=0.0))  # exact prices: rounding is no outlier
        factor = np.minimum(1.0, _HUBER * max(scale, tiny, 1e-300) / np.maximum(np.abs(residual), 1e-300))
        before = (level, slope)
        level, slope = _weighted(x - center, y, weight**2 * factor, None if discount is None else slope)
        if abs(level - before[0]) <= 1e-15 * abs(before[0]) and abs(slope - before[1]) <= 1e-15 * abs(
            before[1]
        ):
            break
    return _told(x - center, center, level, slope, weight**2 * factor, scale, factor, years, discount)


def _theil_sen(x: Floats, y: Floats) -> float:
    """The median of the slopes of all pairs of points."""
    rise, run = np.subtract.outer(y, y), np.subtract.outer(x, x)
    upper = np.triu(run != 0, 1) | np.triu(run.T != 0, 1)
    return float(np.median(rise[upper] / run[upper]))


def _weighted(x: Floats, y: Floats, weight: Floats, slope: float | None) -> tuple[float, float]:
    """Level at x = 0 and slope by weighted least squares, centred for the digits; the slope may be given."""
    total = weight.sum()
    mean_x, mean_y = float((weight * x).sum() / total), float((weight * y).sum() / total)
    if slope is None:
        slope = float((weight * (x - mean_x) * (y - mean_y)).sum() / (weight * (x - mean_x) ** 2).sum())
    return mean_y - slope * mean_x, slope


def _told(
    x: Floats, center: float, level: float, slope: float, weight: Floats, scale: float, factor: Floats, years: float,
    discount: float | None,
) -> Parity:  # fmt: skip
    """The estimates with their errors, by the delta method."""
    d = -slope
    total = weight.sum()
    mean = float((weight * x).sum() / total)
    level_variance = scale**2 / total
    slope_variance = 0.0 if discount is not None else scale**2 / float((weight * (x - mean) ** 2).sum())
    if d <= 0:  # nothing that could be a discount
        nan = float("nan")
        return Parity(nan, nan, nan, nan, nan, len(x), int((factor < 0.5).sum()), discount is not None)
    forward = center + level / d
    distance = forward - center - mean
    error = np.sqrt(level_variance + distance**2 * slope_variance) / d
    return Parity(
        forward, d, -float(np.log(d)) / years, float(error), float(np.sqrt(slope_variance) / d / years), len(x),
        int((factor < 0.5).sum()), discount is not None,
    )  # fmt: skip

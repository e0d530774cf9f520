"""The shape of returns: skewness, kurtosis, tails, best and worst, how often and how much is won.

Returns (n,) or (n, k), answers a number or (k,); missing values are no observations.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.performance._panels import Floats, answer, count, moments, panel, ratio


def skewness(returns: ArrayLike, bias: bool = True) -> Floats | float:
    """Third standardised moment: m3 / m2 ** 1.5 with moments over n.

    ``bias=False`` is the estimator G1 = sqrt(n (n - 1)) / (n - 2) x g1 (Joanes & Gill 1998). NaN without
    dispersion.
    """
    columns, single = panel(returns)
    n, _, (second, third) = moments(columns, 3)
    found = ratio(third / n, (second / n) ** 1.5)
    if not bias:
        found = ratio(found * np.sqrt(n * np.maximum(n - 1, 0)), np.where(n > 2, n - 2, np.nan))
    return answer(found, single)


def kurtosis(returns: ArrayLike, bias: bool = True, excess: bool = False) -> Floats | float:
    """Fourth standardised moment, raw: 3 for a normal law. m4 / m2 ** 2 with moments over n.

    Parameters
    ----------
    bias : False is G2 = (n - 1) / ((n - 2)(n - 3)) x ((n + 1) g2 + 6), plus 3 (Joanes & Gill 1998)
    excess : less 3
    """
    columns, single = panel(returns)
    n, _, (second, _, fourth) = moments(columns, 4)
    over = ratio(fourth / n, (second / n) ** 2) - 3.0
    if not bias:
        room = np.where(n > 3, (n - 2) * (n - 3), np.nan)
        over = ratio((n - 1) * ((n + 1) * over + 6.0), room)
    return answer(over if excess else over + 3.0, single)


def best(returns: ArrayLike) -> Floats | float:
    """The largest return of a period."""
    columns, single = panel(returns)
    found = np.max(columns, axis=0, initial=-np.inf, where=np.isfinite(columns))
    return answer(np.where(count(columns) > 0, found, np.nan), single)


def worst(returns: ArrayLike) -> Floats | float:
    """The smallest return of a period."""
    columns, single = panel(returns)
    found = np.min(columns, axis=0, initial=np.inf, where=np.isfinite(columns))
    return answer(np.where(count(columns) > 0, found, np.nan), single)


def hit_rate(returns: ArrayLike) -> Floats | float:
    """Share of periods with a return above zero; one of exactly zero is no hit."""
    columns, single = panel(returns)
    return answer(ratio((columns > 0).sum(axis=0).astype(np.float64), count(columns)), single)


def payoff_ratio(returns: ArrayLike) -> Floats | float:
    """Mean gain over mean loss; NaN where there were none of either."""
    columns, single = panel(returns)
    up, down = columns > 0, columns < 0
    gain = ratio(np.where(up, columns, 0.0).sum(axis=0), up.sum(axis=0).astype(np.float64))
    loss = ratio(np.where(down, -columns, 0.0).sum(axis=0), down.sum(axis=0).astype(np.float64))
    return answer(ratio(gain, loss), single)


def tail_ratio(returns: ArrayLike, tail: float = 0.05) -> Floats | float:
    """|quantile(1 - tail)| / |quantile(tail)|, quantiles interpolated linearly (type 7)."""
    columns, single = panel(returns)
    found = np.full(columns.shape[1], np.nan)
    some = count(columns) > 0
    if some.any():
        low, high = np.nanquantile(columns[:, some], (tail, 1.0 - tail), axis=0)
        found[some] = ratio(np.abs(high), np.abs(low))
    return answer(found, single)


def stability(returns: ArrayLike) -> Floats | float:
    """R2 of a straight line through the cumulated log returns: 1 is steady growth. NaN below two."""
    columns, single = panel(returns)
    found = np.full(columns.shape[1], np.nan)
    for at in range(columns.shape[1]):
        kept = columns[np.isfinite(columns[:, at]), at]
        if len(kept) > 1 and (kept > -1).all():
            path, time = np.cumsum(np.log1p(kept)), np.arange(len(kept), dtype=np.float64)
            found[at] = _correlation(time, path) ** 2
    return answer(found, single)


def _correlation(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float(ratio(a @ b, np.sqrt((a @ a) * (b @ b))))

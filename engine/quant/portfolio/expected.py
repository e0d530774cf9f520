"""Expected returns: from history, shrunk towards one another, or from the market."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.portfolio.constraints import Floats

Compounding = Literal["geometric", "arithmetic"]


def historical_mean(
    returns: ArrayLike, periods_per_year: float = 252.0, compounding: Compounding = "arithmetic"
) -> Floats:
    """A year's mean of each column, (k,): the mean times the periods a year, or (product of 1 + r)^(periods / n) - 1.

    NaN are passed over; n counts the returns that are there.
    """
    values = np.asarray(returns, dtype=np.float64)
    values = values[:, None] if values.ndim == 1 else values
    if compounding == "arithmetic":
        means: Floats = np.nanmean(values, axis=0) * periods_per_year
        return means
    counts = np.isfinite(values).sum(axis=0)
    grown: Floats = np.exp(np.nansum(np.log1p(values), axis=0) * periods_per_year / counts) - 1.0
    return grown


def shrunk_mean(returns: ArrayLike, periods_per_year: float = 252.0) -> tuple[Floats, float]:
    """Means shrunk towards that of the minimum-variance portfolio, and by how much (Jorion 1986, equations 14-17).

    Returns
    -------
    (k,) a year, and the share of the way, 0 to 1
    """
    values = np.asarray(returns, dtype=np.float64)
    n, k = values.shape
    if n < k + 3 or k < 2:
        raise ValueError(f"{n} returns of {k} assets are too few to shrink means")
    means = values.mean(axis=0)
    covariance = np.cov(values, rowvar=False) * (n - 1) / (n - k - 2)
    inverse_ones = np.linalg.solve(covariance, np.ones(k))
    centre = float(inverse_ones @ means / inverse_ones.sum())
    gap = means - centre
    share = (k + 2) / ((k + 2) + n * float(gap @ np.linalg.solve(covariance, gap)))
    shrunk: Floats = ((1 - share) * means + share * centre) * periods_per_year
    return shrunk, share

"""Information coefficients: how well scores ordered the returns that followed, and how fast that fades.

The coefficient of scores of row t with horizon h needs returns up to row t + h. It is placed on row t + h, when it is
known: row s holds what scores of row s - h turned out to be worth, and row t + h of the scores' own date t.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.factors._arrays import Floats, panel
from engine.quant.factors.covariance import bartlett, newey_west_lags
from engine.quant.factors.cross_section import ranks


@dataclass(frozen=True, slots=True)
class CoefficientSummary:
    """A series of coefficients: ``mean``, ``deviation``, their ratio, and the mean's Newey-West t."""

    mean: float
    deviation: float
    information_ratio: float
    standard_error: float
    t_statistic: float
    observations: int
    lags: int
    positive: float  # share of coefficients above zero


def row_correlations(one: ArrayLike, other: ArrayLike, *, least: int = 3) -> Floats:
    """Pearson's correlation of each row's pairs, (n,); NaN with fewer than ``least`` pairs or without spread."""
    a, b = panel(one, "one"), panel(other, "other")
    held = np.isfinite(a) & np.isfinite(b)
    count = held.sum(axis=1)
    some = np.maximum(count, 1)[:, None]

    def moved(values: Floats) -> Floats:
        mean = np.where(held, values, 0.0).sum(axis=1)[:, None] / some
        return np.where(held, values - mean, 0.0)

    a, b = moved(a), moved(b)
    spread = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    good = (count >= max(2, least)) & (spread > 0)
    return np.where(good, (a * b).sum(axis=1) / np.where(good, spread, 1.0), np.nan)


def forward_returns(returns: ArrayLike, horizon: int) -> Floats:
    """Compounded return over the ``horizon`` rows that end on each row, (n, k): of row t - horizon, known on t.

    NaN where one of them is missing, so that a symbol that was delisted inside has none.
    """
    r = panel(returns, "returns")
    if not 0 < horizon < len(r):
        raise ValueError(f"a horizon is 1 to {len(r) - 1} rows here, not {horizon}")
    found = np.full(r.shape, np.nan)
    whole = np.ones((len(r) - horizon, r.shape[1]))
    for step in range(1, horizon + 1):
        whole *= 1.0 + r[step : len(r) - horizon + step]
    found[horizon:] = whole - 1.0
    return found


def information_coefficients(
    scores: ArrayLike,
    returns: ArrayLike,
    horizon: int = 1,
    *,
    method: Literal["rank", "pearson"] = "rank",
    universe: ArrayLike | None = None,
    least: int = 3,
) -> Floats:
    """Correlation across symbols of scores of row t and returns of rows t + 1 .. t + horizon, on row t + horizon.

    "rank" is Spearman's: Pearson's of ranks among the symbols that have both. (n,), NaN on the first ``horizon``
    rows. Grinold and Kahn (2000), Active Portfolio Management, ch. 6.

    Parameters
    ----------
    scores, returns : (n, k); ``universe`` (n, k) or (k,) of the scores' row.
    """
    x = panel(scores, "scores")
    if universe is not None:
        x = np.where(np.broadcast_to(np.asarray(universe, dtype=bool), x.shape), x, np.nan)
    after = forward_returns(returns, horizon)
    if x.shape != after.shape:
        raise ValueError(f"scores {x.shape} and returns {after.shape} have one shape")
    early, late = x[:-horizon], after[horizon:]
    held = np.isfinite(early) & np.isfinite(late)
    early, late = np.where(held, early, np.nan), np.where(held, late, np.nan)
    if method == "rank":
        early, late = ranks(early), ranks(late)
    return np.concatenate([np.full(horizon, np.nan), row_correlations(early, late, least=least)])


def summarized(coefficients: ArrayLike, *, horizon: int = 1, lags: int | None = None) -> CoefficientSummary:
    """Mean and its Newey-West t over all rows, NaN passed over.

    Coefficients of horizon h overlap on h - 1 rows: ``lags`` is the larger of h - 1 and ``newey_west_lags`` where
    None. The variance of the mean is scaled by T / (T - 1).
    """
    x = np.asarray(coefficients, dtype=np.float64)
    x = x[np.isfinite(x)]
    count = len(x)
    if count < 2:
        return CoefficientSummary(*(math.nan,) * 5, count, 0, math.nan)
    chosen = min(count - 1, max(horizon - 1, newey_west_lags(count)) if lags is None else lags)
    moved = x - x.mean()
    mean, deviation = float(x.mean()), float(moved @ moved / (count - 1)) ** 0.5
    error = math.sqrt(float(bartlett(moved[None], chosen)[0, 0]) / (count * (count - 1.0)))
    return CoefficientSummary(
        mean, deviation, mean / deviation if deviation else math.nan, error, mean / error if error else math.nan,
        count, chosen, float((x > 0).mean()),
    )  # fmt: skip


def decay(
    scores: ArrayLike,
    returns: ArrayLike,
    horizons: Sequence[int] = (1, 5, 21, 63),
    *,
    method: Literal["rank", "pearson"] = "rank",
    universe: ArrayLike | None = None,
) -> dict[int, CoefficientSummary]:
    """The summary of each horizon's coefficients: how fast what the scores knew is used up."""
    return {
        h: summarized(
            information_coefficients(scores, returns, h, method=method, universe=universe), horizon=h
        )
        for h in horizons
    }

"""Correlations: Pearson, Spearman, Kendall, exponentially weighted; their significance, order and common part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import Floats, panel_of, square_of
from engine.quant.risk.covariance import correlation_from
from engine.quant.risk.historical import age_weights
from engine.quant.risk.kendall import kendall_matrix

Measure = Literal["pearson", "spearman", "kendall", "ewma"]
MEASURES: tuple[Measure, ...] = ("pearson", "spearman", "kendall", "ewma")


@dataclass(frozen=True, slots=True)
class Correlations:
    """``matrix``, two-sided ``p_values`` of no correlation, and intervals ``low`` and ``high``: all (k, k).
    ``observations`` is what the history is worth: n, or fewer where weights differ."""

    measure: Measure
    matrix: Floats
    p_values: Floats
    low: Floats
    high: Floats
    observations: float
    confidence: float


def correlations(
    returns: ArrayLike, measure: Measure = "pearson", *, decay: float = 0.97, confidence: float = 0.95
) -> Correlations:
    """Of a panel (n, k), days independent.

    Pearson and Spearman: p from ``r sqrt((n-2)/(1-r^2))`` against a t; Kendall (tau b): against a normal of
    variance ``2(2n+5)/(9n(n-1))``; exponentially weighted: Pearson's with ``1 / sum(w^2)`` observations. Intervals
    by Fisher's z, with variance 1/(n-3), (1 + r^2/2)/(n-3) (Bonett and Wright 2000) or 0.437/(n-4) (Fieller,
    Hartley and Pearson 1957).
    """
    values = panel_of(returns, 5)
    n = float(len(values))
    if measure == "kendall":
        matrix = kendall_matrix(values)
        p = _two_sided(np.abs(matrix) / np.sqrt(2 * (2 * n + 5) / (9 * n * (n - 1))))
    else:
        matrix, n = _products(values, measure, decay)
        p = _by_t(matrix, n)
    np.fill_diagonal(p, 0.0)
    low, high = _fisher(matrix, measure, n, confidence)
    return Correlations(measure, matrix, p, low, high, n, confidence)


def _products(values: Floats, measure: Measure, decay: float) -> tuple[Floats, float]:
    from scipy.stats import rankdata

    if measure == "ewma":
        weights = age_weights(len(values), decay)
        off = values - weights @ values
        return correlation_from((off * weights[:, None]).T @ off), 1 / float(weights @ weights)
    if measure not in ("pearson", "spearman"):
        raise ValueError(f"no correlation is called {measure!r}: there are {', '.join(MEASURES)}")
    taken = rankdata(values, axis=0) if measure == "spearman" else values
    return correlation_from(np.atleast_2d(np.cov(taken, rowvar=False))), float(len(values))


def _two_sided(z: Floats) -> Floats:
    from scipy.special import ndtr

    return np.asarray(2 * ndtr(-np.abs(z)), dtype=np.float64)


def _by_t(matrix: Floats, n: float) -> Floats:
    from scipy.special import stdtr

    if n <= 3:
        return np.full_like(matrix, np.nan)
    with np.errstate(divide="ignore"):
        t = np.abs(matrix) * np.sqrt((n - 2) / np.maximum(1 - matrix**2, 0.0))
    return np.asarray(2 * stdtr(n - 2, -t), dtype=np.float64)


def _fisher(matrix: Floats, measure: Measure, n: float, confidence: float) -> tuple[Floats, Floats]:
    from scipy.special import ndtri

    if n <= 4:
        return np.full_like(matrix, -1.0), np.full_like(matrix, 1.0)
    variance = np.full_like(matrix, 1 / (n - 3))
    if measure == "spearman":
        variance = (1 + matrix**2 / 2) / (n - 3)
    if measure == "kendall":
        variance = np.full_like(matrix, 0.437 / (n - 4))
    z = np.arctanh(np.clip(matrix, -1 + 1e-15, 1 - 1e-15))
    half = float(ndtri((1 + confidence) / 2)) * np.sqrt(variance)
    low, high = np.tanh(z - half), np.tanh(z + half)
    np.fill_diagonal(low, 1.0)
    np.fill_diagonal(high, 1.0)
    return low, high


def rolling_correlation(one: ArrayLike, other: ArrayLike, window: int) -> Floats:
    """Pearson's over the ``window`` days up to each (n,); NaN before, and where one did not move. Each window is
    centred by itself, so that nothing cancels."""
    from numpy.lib.stride_tricks import sliding_window_view

    a, b = panel_of(one)[:, 0], panel_of(other)[:, 0]
    if len(a) != len(b):
        raise ValueError("both series must be of the same days")
    if window < 3:
        raise ValueError(f"a window has at least 3 days, not {window}")
    found = np.full(len(a), np.nan)
    if len(a) < window:
        return found
    x, y = sliding_window_view(a, window), sliding_window_view(b, window)
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    product = np.einsum("ij,ij->i", x, y)
    scale = np.sqrt(np.einsum("ij,ij->i", x, x) * np.einsum("ij,ij->i", y, y))
    np.divide(product, scale, out=found[window - 1 :], where=scale > 1e-300)
    return np.asarray(np.clip(found, -1.0, 1.0), dtype=np.float64)


def cluster_order(correlation: ArrayLike) -> tuple[int, ...]:
    """An order that puts what moves together side by side: average linkage over ``sqrt((1 - r) / 2)`` (Mantegna
    1999), leaves ordered to make neighbours near (Bar-Joseph, Gifford and Jaakkola 2001)."""
    matrix = square_of(correlation)
    if len(matrix) < 3:
        return tuple(range(len(matrix)))
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    distance = np.sqrt(np.maximum((1 - matrix) / 2, 0.0))
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), "average", optimal_ordering=True)
    return tuple(int(each) for each in leaves_list(tree))


@dataclass(frozen=True, slots=True)
class CommonMoves:
    """How much of all moves is common. ``eigenvalues`` (k,) descending; ``share`` of the first; ``effective``
    number of independent assets, ``exp`` of the shares' entropy; ``noise``: the largest eigenvalue that
    independent assets would show (Marchenko and Pastur 1967)."""

    eigenvalues: Floats
    share: float
    effective: float
    noise: float
    first: Floats  # the first eigenvector (k,), its largest entry positive


def common_moves(correlation: ArrayLike, observations: float) -> CommonMoves:
    """Principal components of a correlation matrix."""
    matrix = square_of(correlation)
    values, vectors = np.linalg.eigh(matrix)
    values, first = np.maximum(values[::-1], 0.0), vectors[:, -1]
    share = values / values.sum()
    positive = share[share > 0]
    first = first * np.sign(first[np.argmax(np.abs(first))])
    noise = (1 + np.sqrt(len(matrix) / observations)) ** 2
    return CommonMoves(
        values, float(share[0]), float(np.exp(-(positive @ np.log(positive)))), float(noise), first
    )

"""The middle of a covariance of least-squares estimates: what its scores do together.

Scores are those of an orthonormal design (``Design.basis`` x residual), so that the "bread" is the identity.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.quant.factors._arrays import Floats


def newey_west_lags(observations: int) -> int:
    """floor(4 (T / 100)^(2/9)), the rule of thumb of Newey and West (1994), Review of Economic Studies 61, p. 640.

    5 for 252 sessions, 8 for 2,520, 4 for 120 months.
    """
    return int(4.0 * (observations / 100.0) ** (2.0 / 9.0)) if observations > 0 else 0


def white(scores: Floats) -> Floats:
    """sum_t g_t g_t' over ``scores`` (n, q). White (1980), Econometrica 48, eq. 6."""
    return scores.T @ scores


def bartlett(scores: Floats, lags: int) -> Floats:
    """Newey and West's (1987) sum: G_0 + sum_l (1 - l / (L + 1)) (G_l + G_l'), Econometrica 55, eq. 5.

    The Bartlett weights are those of a running sum: with h_s = g_s + ... + g_(s-L), zeros beyond both ends,
    sum_s h_s h_s' / (L + 1) is the same matrix, never negative definite, and takes one product however many lags.

    Parameters
    ----------
    scores : (..., q, n), time last.

    Returns
    -------
    (..., q, q)
    """
    if lags < 0:
        raise ValueError(f"a number of lags is not negative: {lags}")
    if lags == 0:
        return scores @ np.swapaxes(scores, -1, -2)
    *head, rows = scores.shape
    sums = np.zeros((*head, rows + lags + 1))
    np.cumsum(scores, axis=-1, out=sums[..., 1 : rows + 1])
    sums[..., rows + 1 :] = sums[..., rows : rows + 1]
    run = sums[..., 1:].copy()
    run[..., lags + 1 :] -= sums[..., 1:rows]
    return np.asarray(run @ np.swapaxes(run, -1, -2) / (lags + 1.0))


def clustered(scores: Floats, groups: Sequence[NDArray[Any]], parameters: int) -> Floats:
    """One-way or two-way clustered sum over ``scores`` (n, q), with Stata's small-sample factor.

    One way: G / (G - 1) x (n - 1) / (n - q) x sum over clusters of (sum of scores)(sum of scores)'. Two ways: that
    of the first + of the second - of their intersection, each with its own factor (Cameron, Gelbach and Miller
    2011, Journal of Business and Economic Statistics 29, eq. 2.11; Petersen 2009, Review of Financial Studies 22,
    eq. 16). With one observation a cell the intersection's is White's with n / (n - q).
    """
    if len(groups) not in (1, 2):
        raise ValueError(f"observations are clustered one way or two ways, not {len(groups)}")
    coded = [np.unique(group, return_inverse=True)[1].astype(np.int64) for group in groups]
    if any(len(group) != len(scores) for group in coded):
        raise ValueError("a cluster is named for each observation")
    total = sum((_one_way(scores, group, parameters) for group in coded), np.zeros((scores.shape[1],) * 2))
    if len(coded) == 2:
        both = coded[0] * (coded[1].max() + 1) + coded[1]
        total = total - _one_way(scores, np.unique(both, return_inverse=True)[1], parameters)
    return np.asarray(total)


def _one_way(scores: Floats, group: NDArray[np.int64], parameters: int) -> Floats:
    rows, count = len(scores), int(group.max()) + 1
    if count < 2:
        raise ValueError("clusters are two at least")
    sums = np.zeros((count, scores.shape[1]))
    np.add.at(sums, group, scores)
    return count / (count - 1.0) * (rows - 1.0) / (rows - parameters) * (sums.T @ sums)

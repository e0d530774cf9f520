"""What the rest does when something moves: conditional expectations, correlation shifts, reverse stress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import Floats, normal_quantile, square_of, weights_of
from engine.quant.risk.covariance import correlation_from
from engine.quant.risk.nearest import is_correlation, nearest_correlation


@dataclass(frozen=True, slots=True)
class Propagated:
    """Everything given the shocks, all assets in their order: ``expected`` and ``deviation`` (k,), ``covariance``
    (k, k) around it (0 where shocked). ``distance``: Mahalanobis' of the shocks, in deviations; ``plausibility``:
    the chance of shocks as far or farther, from jointly normal returns."""

    expected: Floats
    deviation: Floats
    covariance: Floats
    shocked: tuple[int, ...]
    distance: float
    plausibility: float


def propagate(
    covariance: ArrayLike, shocked: Sequence[int], shocks: ArrayLike, *, mean: ArrayLike | None = None
) -> Propagated:
    """Jointly normal returns of which some are given (Kupiec 1998; Anderson 2003, theorem 2.5.1):
    ``E[b] = m_b + S_ba S_aa^-1 (shock - m_a)``, ``Cov[b] = S_bb - S_ba S_aa^-1 S_ab``.

    Parameters
    ----------
    covariance : (k, k), over the time that the shock takes. shocked : which assets. shocks : (s,), their returns.
    mean : (k,), 0 where not given.

    Raises
    ------
    ValueError
        No shock, one named twice, or shocked assets that move as one, so that their shocks contradict.
    """
    from scipy.special import chdtrc

    matrix = square_of(covariance)
    k, at = len(matrix), list(shocked)
    given = weights_of(shocks, len(at))
    if not at or len(set(at)) != len(at) or not all(0 <= i < k for i in at):
        raise ValueError("shocks name at least one asset, each once")
    centre = np.zeros(k) if mean is None else weights_of(mean, k)
    block = matrix[np.ix_(at, at)]
    scale = np.sqrt(np.maximum(np.diag(block), 0.0))
    if (scale <= 0).any() or np.linalg.eigvalsh(block / np.outer(scale, scale))[0] < 1e-10:
        raise ValueError("shocked assets move as one: shock only one of them")
    solved = np.linalg.solve(block, np.column_stack([given - centre[at], matrix[at]]))
    expected = centre + matrix[:, at] @ solved[:, 0]
    left = matrix - matrix[:, at] @ solved[:, 1:]
    left[at, :] = left[:, at] = 0.0
    left = (left + left.T) / 2
    expected[at] = given
    distance = float(np.sqrt(max(float((given - centre[at]) @ solved[:, 0]), 0.0)))
    return Propagated(
        expected, np.sqrt(np.maximum(np.diag(left), 0.0)), left, tuple(at), distance,
        float(chdtrc(len(at), distance**2)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShiftedCorrelation:
    """A covariance with other correlations and the same variances. ``projected``: what was asked for was no
    correlation matrix, and the nearest one was taken, ``moved`` away (Frobenius norm)."""

    covariance: Floats
    correlation: Floats
    projected: bool
    moved: float


def shift_correlations(covariance: ArrayLike, shift: float) -> ShiftedCorrelation:
    """Every correlation plus ``shift``, within -1 and 1, then the nearest positive semi-definite one."""
    if not -2 <= shift <= 2:
        raise ValueError(f"a correlation shifts by -2 to 2, not {shift}")
    matrix = square_of(covariance)
    scale = np.sqrt(np.diag(matrix))
    asked = np.clip(correlation_from(matrix) + shift, -1.0, 1.0)
    np.fill_diagonal(asked, 1.0)
    fine = is_correlation(asked)
    found = asked if fine else nearest_correlation(asked)
    return ShiftedCorrelation(
        found * np.outer(scale, scale), found, not fine, float(np.linalg.norm(found - asked))
    )


@dataclass(frozen=True, slots=True)
class ReverseStress:
    """The likeliest returns (k,) that lose ``loss``: nearest to their mean in Mahalanobis' distance. ``probability``:
    of losing as much or more in that direction, from jointly normal returns."""

    scenario: Floats
    loss: float
    distance: float
    probability: float


def reverse_stress(
    covariance: ArrayLike, weights: ArrayLike, loss: float, *, mean: ArrayLike | None = None
) -> ReverseStress:
    """Of a portfolio that is linear in returns: ``x = m - (loss + w'm) S w / (w'S w)``, in closed form
    (Breuer et al. 2009, proposition 1).

    Raises
    ------
    ValueError
        The portfolio has no risk: nothing makes it lose.
    """
    from scipy.special import ndtr

    matrix = square_of(covariance)
    held = weights_of(weights, len(matrix))
    centre = np.zeros(len(matrix)) if mean is None else weights_of(mean, len(matrix))
    variance = float(held @ matrix @ held)
    if variance <= 0:
        raise ValueError("a portfolio without risk loses nothing in any scenario")
    gap = loss + float(held @ centre)
    distance = gap / np.sqrt(variance)
    return ReverseStress(
        centre - gap * (matrix @ held) / variance, loss, float(abs(distance)), float(ndtr(-distance))
    )


def deviations_for(probability: float) -> float:
    """How many deviations a one-sided probability is away: 2.33 for one in a hundred."""
    return -normal_quantile(probability)

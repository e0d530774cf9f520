"""Expected returns from the market's weights and one's own views (Black and Litterman 1992)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.portfolio.constraints import Floats


@dataclass(frozen=True, slots=True)
class Posterior:
    """Expected returns (k,) and the covariance (k, k) of returns after the views; ``prior`` before them."""

    expected: Floats
    covariance: Floats
    prior: Floats


def implied_returns(covariance: ArrayLike, weights: ArrayLike, risk_aversion: float = 2.5) -> Floats:
    """Excess returns at which ``weights`` are the best: aversion x C w (reverse optimisation), (k,)."""
    found: Floats = (
        risk_aversion * np.asarray(covariance, dtype=np.float64) @ np.asarray(weights, dtype=np.float64)
    )
    return found


def posterior(
    prior: ArrayLike,
    covariance: ArrayLike,
    picks: ArrayLike,
    views: ArrayLike,
    *,
    confidences: ArrayLike | None = None,
    uncertainty: ArrayLike | None = None,
    tau: float = 0.05,
) -> Posterior:
    """The master formula (He and Litterman 1999, equations 8 to 10).

    mu = prior + tau C P' (P tau C P' + Omega)^-1 (q - P prior); the covariance of returns is C plus that of mu.

    Parameters
    ----------
    prior : (k,) excess returns; covariance (k, k)
    picks : (v, k), a row a view: 1 for what is said to earn ``views``, or 1 and -1 for one over another
    confidences : (v,) in (0, 1], Idzorek's (2005) share of the way from the prior to the view; 1 makes it certain
    uncertainty : (v,) variances of the views; neither: those of P tau C P' (He and Litterman)

    Raises
    ------
    ValueError
        Shapes disagree, or a confidence lies outside (0, 1].
    """
    pi, matrix = np.asarray(prior, dtype=np.float64), np.asarray(covariance, dtype=np.float64)
    chosen = np.atleast_2d(np.asarray(picks, dtype=np.float64))
    said = np.atleast_1d(np.asarray(views, dtype=np.float64))
    if chosen.shape != (len(said), len(pi)) or matrix.shape != (len(pi), len(pi)):
        raise ValueError(f"picks are ({len(said)}, {len(pi)}) and the covariance ({len(pi)}, {len(pi)})")
    scaled = tau * matrix
    spread = chosen @ scaled @ chosen.T
    omega = np.diag(np.diag(spread).copy())
    if uncertainty is not None:
        omega = np.diag(np.atleast_1d(np.asarray(uncertainty, dtype=np.float64)))
    elif confidences is not None:
        sure = np.atleast_1d(np.asarray(confidences, dtype=np.float64))
        if not ((sure > 0) & (sure <= 1)).all():
            raise ValueError("a confidence lies above 0 and at most at 1")
        omega = np.diag(np.diag(spread) * (1.0 / sure - 1.0))
    gain = np.linalg.lstsq((spread + omega).T, (scaled @ chosen.T).T, rcond=None)[0].T
    expected = pi + gain @ (said - chosen @ pi)
    after = matrix + scaled - gain @ chosen @ scaled
    return Posterior(expected, (after + after.T) / 2, pi)

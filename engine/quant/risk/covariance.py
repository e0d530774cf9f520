"""Covariance: of the sample, exponentially weighted, shrunk, and from factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import Floats, panel_of

Estimator = Literal["sample", "ewma", "ledoit_wolf", "oas"]
ESTIMATORS: tuple[Estimator, ...] = ("sample", "ewma", "ledoit_wolf", "oas")


@dataclass(frozen=True, slots=True)
class Covariance:
    """A matrix (k, k) of a period's returns, how it was made, and how far it was shrunk."""

    matrix: Floats
    method: str
    shrinkage: float | None = None

    @property
    def deviations(self) -> Floats:
        return np.asarray(np.sqrt(np.diag(self.matrix)), dtype=np.float64)

    @property
    def correlation(self) -> Floats:
        return correlation_from(self.matrix)


def covariance(returns: ArrayLike, method: Estimator = "sample", *, decay: float = 0.94) -> Covariance:
    """Any of the estimators that need returns alone, by name."""
    if method == "sample":
        return sample_covariance(returns)
    if method == "ewma":
        return ewma_covariance(returns, decay)
    if method == "ledoit_wolf":
        return ledoit_wolf_covariance(returns)
    if method == "oas":
        return oas_covariance(returns)
    raise ValueError(f"no covariance estimator is called {method!r}: there are {', '.join(ESTIMATORS)}")


def sample_covariance(returns: ArrayLike, *, ddof: int = 1) -> Covariance:
    """Around the sample means, divided by ``n - ddof``."""
    values = panel_of(returns)
    return Covariance(np.atleast_2d(np.cov(values, rowvar=False, ddof=ddof)), "sample")


def ewma_covariance(returns: ArrayLike, decay: float = 0.94) -> Covariance:
    """``sum of (1 - decay) decay^age r r'`` over the weights' own sum, means taken as 0 (RiskMetrics 1996,
    section 5.3)."""
    from engine.quant.risk.historical import age_weights

    values = panel_of(returns)
    return Covariance((values * age_weights(len(values), decay)[:, None]).T @ values, "ewma")


def ledoit_wolf_covariance(returns: ArrayLike) -> Covariance:
    """Towards a multiple of the identity, as far as Ledoit and Wolf (2004) find best (scikit-learn's, which
    divides by n)."""
    from sklearn.covariance import ledoit_wolf

    matrix, shrinkage = ledoit_wolf(panel_of(returns))
    return Covariance(np.asarray(matrix, dtype=np.float64), "ledoit_wolf", float(shrinkage))


def oas_covariance(returns: ArrayLike) -> Covariance:
    """Towards a multiple of the identity, by the oracle-approximating share of Chen et al. (2010)
    (scikit-learn's, which divides by n)."""
    from sklearn.covariance import oas

    matrix, shrinkage = oas(panel_of(returns))
    return Covariance(np.asarray(matrix, dtype=np.float64), "oas", float(shrinkage))


def factor_covariance(returns: ArrayLike, factors: ArrayLike) -> Covariance:
    """``B F B' + D``: loadings B by least squares with a constant, F the factors' sample covariance, D the
    residuals' variances alone, divided by ``n - f - 1`` (Connor 1995).

    Parameters
    ----------
    returns : (n, k). factors : (n, f) of the same days.
    """
    values = panel_of(returns)
    known = panel_of(factors)
    if len(values) != len(known):
        raise ValueError(f"{len(values)} days of returns and {len(known)} of factors are not the same days")
    n, f = known.shape
    if n <= f + 1:
        raise ValueError(f"{n} days are too few for {f} factors")
    off, around = known - known.mean(axis=0), values - values.mean(axis=0)
    loadings = np.linalg.lstsq(off, around, rcond=None)[0]
    specific = ((around - off @ loadings) ** 2).sum(axis=0) / (n - f - 1)
    common = np.atleast_2d(np.cov(known, rowvar=False))
    return Covariance(loadings.T @ common @ loadings + np.diag(specific), "factor")


def correlation_from(matrix: ArrayLike) -> Floats:
    """Correlations of a covariance matrix; an asset that never moves is an error.

    Raises
    ------
    ValueError
        A variance is not positive.
    """
    values = np.asarray(matrix, dtype=np.float64)
    variances = np.diag(values)
    if (variances <= 0).any():
        raise ValueError("an asset that never moves has no correlation")
    root = np.sqrt(variances)
    found = np.clip(values / np.outer(root, root), -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found, dtype=np.float64)

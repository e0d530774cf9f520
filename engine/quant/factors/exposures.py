"""What a portfolio is exposed to, and what its factors and symbols contribute to its risk and return."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.factors._arrays import Floats, vector


@dataclass(frozen=True, slots=True)
class RiskParts:
    """``volatility`` of a portfolio taken apart: sum(factors) + specific.sum() = symbols.sum() = volatility.

    ``exposures`` (f,) of the portfolio; ``factors`` (f,) what each factor contributes; ``specific`` (k,) what each
    symbol's own residual does; ``by_symbol`` (k, f) what each symbol contributes through each factor.
    """

    volatility: float
    exposures: Floats
    factors: Floats
    specific: Floats
    by_symbol: Floats

    @property
    def symbols(self) -> Floats:
        """Each symbol's whole contribution (k,)."""
        return np.asarray(self.by_symbol.sum(axis=1) + self.specific)

    @property
    def factor_share(self) -> float:
        """Share of the variance that the factors make."""
        return float(self.factors.sum()) / self.volatility if self.volatility else math.nan


@dataclass(frozen=True, slots=True)
class ReturnParts:
    """A mean return taken apart: alpha.sum() + factors.sum() + risk_free = total.

    ``alpha`` (k,) by symbol; ``factors`` (f,); ``by_symbol`` (k, f) what each symbol earned through each factor.
    """

    total: float
    alpha: Floats
    factors: Floats
    by_symbol: Floats
    risk_free: float


def portfolio_exposures(weights: ArrayLike, betas: ArrayLike) -> Floats:
    """x = B' w: ``betas`` (k, f) of symbols weighted by ``weights`` (k,). Shorts are negative weights."""
    w, b = _weighted(weights, betas)
    return b.T @ w


def risk_contributions(
    weights: ArrayLike, betas: ArrayLike, factor_covariance: ArrayLike, residual_covariance: ArrayLike
) -> RiskParts:
    """Euler's parts of sigma = sqrt(x' F x + w' D w), x = B' w.

    Factor j contributes x_j (F x)_j / sigma, symbol k's residual w_k (D w)_k / sigma: volatility is homogeneous of
    degree one, so that the parts add up to it (Litterman 1996, "Hot Spots and Hedges", Journal of Portfolio
    Management 22).

    Parameters
    ----------
    weights : (k,); betas : (k, f); factor_covariance : (f, f); residual_covariance : (k, k), or variances (k,)
        where residuals are taken to be unrelated.
    """
    w, b = _weighted(weights, betas)
    factors = np.atleast_2d(np.asarray(factor_covariance, dtype=np.float64))
    residual = np.asarray(residual_covariance, dtype=np.float64)
    exposures = b.T @ w
    pull = factors @ exposures
    own = w * (residual * w if residual.ndim == 1 else residual @ w)
    through = (w[:, None] * b) * pull
    variance = float(through.sum() + own.sum())
    if variance < 0:
        raise ValueError(
            "the covariances given make a negative variance: they are not positive semi-definite"
        )
    sigma = math.sqrt(variance)
    scale = 1.0 / sigma if sigma > 0 else 0.0
    return RiskParts(sigma, exposures, exposures * pull * scale, own * scale, through * scale)


def return_contributions(
    weights: ArrayLike, alpha: ArrayLike, betas: ArrayLike, factor_means: ArrayLike, risk_free: float = 0.0
) -> ReturnParts:
    """Mean return = risk-free + sum_k w_k alpha_k + sum_j x_j mean(f_j).

    It equals the mean of the portfolio rebalanced to ``weights`` each period over the rows that the regressions
    were made on, since least squares with an intercept leave residuals of mean zero.

    Parameters
    ----------
    weights, alpha : (k,); betas : (k, f); factor_means : (f,); risk_free : its mean, a period.
    """
    w, b = _weighted(weights, betas)
    own = w * vector(alpha, "alpha")
    through = (w[:, None] * b) * vector(factor_means, "factor_means")
    factors = through.sum(axis=0)
    return ReturnParts(
        risk_free + float(own.sum() + factors.sum()), own, factors, through, risk_free
    )  # fmt: skip


def _weighted(weights: ArrayLike, betas: ArrayLike) -> tuple[Floats, Floats]:
    w, b = vector(weights, "weights"), np.asarray(betas, dtype=np.float64)
    if b.ndim != 2 or len(b) != len(w):
        raise ValueError(f"betas are (symbols, factors) of {len(w)} weights; they have shape {b.shape}")
    return w, b

"""How much a Sharpe ratio proves: standard errors, probabilistic and deflated ratios, track record lengths.

Everything here takes the Sharpe ratio of ONE PERIOD (``sharpe_ratio(returns, periods=1)``), and raw kurtosis (3 for
a normal law). Inputs are numbers or arrays that broadcast.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from engine.quant.performance._panels import Floats, answer, beside, deviation, panel, ratio

_EULER = 0.5772156649015329


def sharpe_standard_error(
    sharpe: ArrayLike, observations: ArrayLike, skew: ArrayLike = 0.0, kurtosis: ArrayLike = 3.0
) -> Floats | float:
    """Standard error of a period's Sharpe ratio of independent returns.

    sqrt((1 + SR**2 / 2 - skew SR + (kurtosis - 3) / 4 SR**2) / T): Mertens (2002); with the normal law's moments it
    is Lo's (2002, equation 9) sqrt((1 + SR**2 / 2) / T).
    """
    sharpe, count = np.asarray(sharpe, dtype=np.float64), np.asarray(observations, dtype=np.float64)
    spread = 1.0 + sharpe**2 / 2 - np.asarray(skew) * sharpe + (np.asarray(kurtosis) - 3.0) / 4 * sharpe**2
    return _plain(np.sqrt(ratio(np.maximum(spread, 0.0), count)))


def sharpe_error_of(
    returns: ArrayLike,
    risk_free: ArrayLike | float = 0.0,
    method: Literal["iid", "hac"] = "iid",
    lags: int | None = None,
) -> Floats | float:
    """Standard error of a period's Sharpe ratio, from the returns themselves (n,) or (n, k).

    The ratio's influence function is z - SR / 2 (z**2 - 1) with z the standardised excess return; its variance over
    n is Mertens' ("iid"), its long-run variance over n (Bartlett kernel, Newey & West 1987) holds for
    autocorrelated returns and volatility that clusters (Lo 2002, GMM; "hac").

    Parameters
    ----------
    lags : of the kernel; floor(4 (n / 100) ** (2 / 9)) where None
    """
    columns, single = panel(returns)
    excess = columns - beside(risk_free, columns, "risk_free")
    n, mean, spread = deviation(excess, 0)
    z = ratio(excess - mean, spread)
    influence = np.nan_to_num(z - ratio(mean, spread) / 2 * (z**2 - 1))
    long_run = (influence**2).sum(axis=0)
    if method == "hac":
        most = int(4 * (max(len(columns), 1) / 100) ** (2 / 9)) if lags is None else lags
        for lag in range(1, min(most, len(columns) - 1) + 1):
            weight = 2.0 * (1.0 - lag / (most + 1))
            long_run = long_run + weight * (influence[lag:] * influence[:-lag]).sum(axis=0)
    found = np.sqrt(np.maximum(long_run, 0.0)) / np.where(n > 1, n, np.nan)
    return answer(np.where(spread > 0, found, np.nan), single)


def probabilistic_sharpe_ratio(
    sharpe: ArrayLike,
    observations: ArrayLike,
    skew: ArrayLike = 0.0,
    kurtosis: ArrayLike = 3.0,
    benchmark: ArrayLike = 0.0,
) -> Floats | float:
    """Probability that the true Sharpe ratio exceeds ``benchmark`` (Bailey & Lopez de Prado 2012, equation 11).

    Phi((SR - SR*) sqrt(T - 1) / sqrt(1 - skew SR + (kurtosis - 1) / 4 SR**2)), all a period's.
    """
    sharpe = np.asarray(sharpe, dtype=np.float64)
    gap = (sharpe - np.asarray(benchmark)) * np.sqrt(np.asarray(observations, dtype=np.float64) - 1.0)
    return _plain(ndtr(ratio(gap, np.sqrt(_spread(sharpe, skew, kurtosis)))))


def minimum_track_record(
    sharpe: ArrayLike,
    skew: ArrayLike = 0.0,
    kurtosis: ArrayLike = 3.0,
    benchmark: ArrayLike = 0.0,
    confidence: float = 0.95,
) -> Floats | float:
    """Observations needed for PSR(benchmark) to reach ``confidence`` (Bailey & Lopez de Prado 2012, eq. 13).

    1 + (1 - skew SR + (kurtosis - 1) / 4 SR**2) (z / (SR - SR*))**2; infinite where SR does not exceed SR*.
    """
    sharpe = np.asarray(sharpe, dtype=np.float64)
    gap = sharpe - np.asarray(benchmark)
    needed = 1.0 + _spread(sharpe, skew, kurtosis) * ratio(np.asarray(ndtri(confidence)), gap) ** 2
    return _plain(np.where(gap > 0, needed, np.where(np.isnan(gap), np.nan, np.inf)))


def expected_maximum_sharpe(trials: ArrayLike, variance: ArrayLike) -> Floats | float:
    """What the best of ``trials`` skill-less strategies is expected to show (Bailey & Lopez de Prado 2014, eq. 1).

    sqrt(V) ((1 - g) Phi^-1(1 - 1 / N) + g Phi^-1(1 - 1 / (N e))), g Euler's constant, ``variance`` that of the
    trials' Sharpe ratios a period. One trial expects 0.
    """
    count = np.asarray(trials, dtype=np.float64)
    if (count < 1).any():
        raise ValueError("At least one trial was made: trials must be 1 or more.")
    with np.errstate(invalid="ignore"):
        normal = (1 - _EULER) * ndtri(1 - 1 / count) + _EULER * ndtri(1 - 1 / (count * np.e))
        found = np.sqrt(np.asarray(variance, dtype=np.float64)) * normal
    return _plain(np.where(count > 1, found, 0.0))


def deflated_sharpe_ratio(
    sharpe: ArrayLike,
    observations: ArrayLike,
    trials: ArrayLike,
    variance: ArrayLike,
    skew: ArrayLike = 0.0,
    kurtosis: ArrayLike = 3.0,
) -> Floats | float:
    """PSR against the expected maximum of the trials made (Bailey & Lopez de Prado 2014, equation 2)."""
    hurdle = expected_maximum_sharpe(trials, variance)
    return probabilistic_sharpe_ratio(sharpe, observations, skew, kurtosis, hurdle)


def _spread(sharpe: Floats, skew: ArrayLike, kurtosis: ArrayLike) -> Floats:
    found = 1.0 - np.asarray(skew) * sharpe + (np.asarray(kurtosis) - 1.0) / 4 * sharpe**2
    return np.where(found > 0, found, np.nan)


def _plain(values: Floats) -> Floats | float:
    return float(values) if np.ndim(values) == 0 else np.asarray(values)

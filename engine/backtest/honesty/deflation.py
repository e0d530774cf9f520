"""The Sharpe ratio of the best of many trials: deflated by what the best of as many skill-less ones would show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.backtest.honesty.independent import independent_trials
from engine.backtest.honesty.trials import Trial, trial_of
from engine.quant.performance import (
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    probabilistic_sharpe_ratio,
    sharpe_ratio,
)

Floats: TypeAlias = NDArray[np.float64]
_APART = 5.0  # robust deviations from the median beyond which a ratio is no sample of the others' law
_MAD = 1.4826022185056018  # 1 / Phi^-1(3/4): deviation of a normal law over its median absolute deviation


@dataclass(frozen=True, slots=True)
class Deflated:
    """One count of the trials, what it expects of luck, and what it leaves of the ratio. Ratios are a period's.

    ``hurdle``: the expected maximum Sharpe ratio of ``trials`` without skill, whose ratios have ``variance``.
    ``probability``: the deflated Sharpe ratio, the chance that the true one is above what luck would show.
    """

    trials: float
    variance: float
    hurdle: float
    probability: float


@dataclass(frozen=True, slots=True)
class Deflation:
    """The ratio chosen (a period's), its chance of being above 0 if it were the only trial, and deflated.

    ``raw`` counts every trial; ``effective`` the clusters of like ones, None without the trials' returns.
    """

    chosen: Trial
    probabilistic: float
    raw: Deflated
    effective: Deflated | None


def deflate(chosen: Trial, sharpes: ArrayLike) -> Deflation:
    """Deflate by the trials' count and the variance of their Sharpe ratios (Bailey & Lopez de Prado 2014, eq. 1, 2).

    Parameters
    ----------
    chosen : the trial selected
    sharpes : (k,), of ALL trials made, a period's, the chosen one among them; ``TrialBook.sharpes`` keeps them

    Returns
    -------
    The variance is ``spread_of``'s, at least the ratio's own (``deflated_by``). One trial is not deflated. Every one
    counts, like ones too, so that the hurdle is too high rather than too low where many are alike.

    Raises
    ------
    ValueError
        No trial, or one without a finite ratio.
    """
    values = np.asarray(sharpes, dtype=np.float64).ravel()
    if not len(values) or not np.isfinite(values).all():
        raise ValueError(
            "The trials made have Sharpe ratios, every one finite: give at least the chosen one's."
        )
    alone = probabilistic_sharpe_ratio(chosen.sharpe, chosen.observations, chosen.skew, chosen.kurtosis)
    return Deflation(chosen, float(alone), deflated_by(chosen, len(values), spread_of(values)), None)


def deflate_returns(returns: ArrayLike, chosen: int | None = None, seed: int = 0) -> Deflation:
    """Deflate one of the trials by all of them, counted raw and as clusters of like ones.

    The clusters' hurdle takes their number, and the variance of the Sharpe ratios of the clusters' own returns
    (Lopez de Prado & Lewis 2019; see ``independent_trials``). Trials that never moved have a Sharpe ratio of 0, are
    counted raw, and belong to no cluster.

    Parameters
    ----------
    returns : (n, k), rows are periods, columns the trials, none missing
    chosen : the column judged; the highest Sharpe ratio where None
    seed : of the clustering

    Raises
    ------
    ValueError
        As of ``independent_trials``.
    """
    columns = np.asarray(returns, dtype=np.float64)
    if columns.ndim != 2 or not len(columns):
        raise ValueError("Trials are columns of one matrix (periods, trials).")
    moves = ~(np.ptp(columns, axis=0) == 0)  # a missing return is the clustering's to refuse
    found = independent_trials(columns[:, moves], seed)
    sharpes = np.where(moves, np.asarray(sharpe_ratio(columns, periods=1)), 0.0)
    column = int(sharpes.argmax()) if chosen is None else chosen
    counted = deflate(trial_of(f"column {column}", columns[:, column]), sharpes)
    groups = spread_of(sharpe_ratio(found.returns, periods=1))
    return Deflation(
        counted.chosen,
        counted.probabilistic,
        counted.raw,
        deflated_by(counted.chosen, found.clusters, groups),
    )


def spread_of(sharpes: ArrayLike) -> float:
    """The variance (ddof 1) of comparable trials' Sharpe ratios; 0 of fewer than two.

    Bailey & Lopez de Prado (2014) mean ratios that were drawn from one law. A run that hardly held anything has a
    ratio of minus ten: what is further from the median than five robust deviations (1.4826 x the median absolute
    deviation; Hampel 1974) is counted as a try, and left out of the variance.

    Parameters
    ----------
    sharpes : (k,), a period's; what is not finite (a run without a ratio to compare) is left out
    """
    values = np.asarray(sharpes, dtype=np.float64).ravel()
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return 0.0
    away = np.abs(values - np.median(values))
    near = values[away <= _APART * _MAD * np.median(away)]
    return float(near.var(ddof=1)) if len(near) > 1 else 0.0


def deflated_by(chosen: Trial, trials: float, variance: float) -> Deflated:
    """A ratio deflated by so many trials whose ratios have ``variance``, NaN where that is not known.

    The variance is no less than what a ratio of so many observations without skill has of itself, 1 / (n - 1) (Lo
    2002, at 0): trials that resemble each other vary less, and the best of them is no less lucky for it. For the
    same spread the hurdle rises with every trial.
    """
    own = 1.0 / max(chosen.observations - 1, 1)
    floored = max(variance, own) if np.isfinite(variance) else own
    probability = deflated_sharpe_ratio(
        chosen.sharpe, chosen.observations, trials, floored, chosen.skew, chosen.kurtosis
    )
    return Deflated(trials, floored, float(expected_maximum_sharpe(trials, floored)), float(probability))

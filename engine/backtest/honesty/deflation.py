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
    The variance is the sample's (ddof 1). One trial is not deflated. Every one counts, like ones too, so that the
    hurdle is too high rather than too low where many are alike.

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
    return Deflation(chosen, float(alone), _deflated(chosen, len(values), _variance(values)), None)


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
    groups = _variance(np.asarray(sharpe_ratio(found.returns, periods=1)))
    return Deflation(
        counted.chosen, counted.probabilistic, counted.raw, _deflated(counted.chosen, found.clusters, groups)
    )


def _variance(sharpes: Floats) -> float:
    return float(sharpes.var(ddof=1)) if len(sharpes) > 1 else 0.0


def _deflated(chosen: Trial, trials: float, variance: float) -> Deflated:
    probability = deflated_sharpe_ratio(
        chosen.sharpe, chosen.observations, trials, variance, chosen.skew, chosen.kurtosis
    )
    return Deflated(trials, variance, float(expected_maximum_sharpe(trials, variance)), float(probability))

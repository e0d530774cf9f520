"""What the best point of a sweep is worth, having been searched for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.backtest.honesty import (
    Deflation,
    Overfitting,
    SuperiorAbility,
    backtest_overfitting,
    deflate,
    deflate_returns,
    superior_ability,
    trial_of,
)
from engine.backtest.market import Floats

CLUSTERED = 150  # trials: more take minutes to sort into like ones
_BLOCKS = ((1_000, 16), (5_000, 12), (1 << 62, 10))  # of CSCV, by configurations: 12,870, 924 and 252 samples


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Deflation of the chosen column's Sharpe ratio by all columns; the probability that choosing the best in sample
    overfits (PBO); the test that nothing searched beats nothing (SPA). None where one could not be told, ``told``
    then says why."""

    deflation: Deflation
    overfitting: Overfitting | None
    superior: SuperiorAbility | None
    told: tuple[str, ...] = ()


def judge(returns: Floats, chosen: int, *, seed: int = 0, replications: int = 1000) -> Judged:
    """Judge one column of a search by all of them.

    Parameters
    ----------
    returns : (n, k), a session's simple returns: rows are sessions, columns every point that was tried, none missing
    chosen : the column that is judged
    seed : of the clusters and the bootstrap
    replications : of the bootstrap

    Notes
    -----
    A column that never moved counts as a trial with a Sharpe ratio of 0. Clusters of like trials are formed of
    ``CLUSTERED`` columns at most. CSCV takes 16 blocks, 12 above 1,000 columns, 10 above 5,000, and fewer where
    there are not two sessions a block.
    """
    rows, columns = returns.shape
    told: list[str] = []
    moves = int((np.ptp(returns, axis=0) > 0).sum())
    if moves > 1 and columns <= CLUSTERED:
        deflation = deflate_returns(returns, chosen, seed)
    else:
        deflation = _by_count(returns, chosen)
    overfitting, superior = None, None
    blocks = min(next(count for most, count in _BLOCKS if columns <= most), rows // 4 * 2)
    if moves < 2:
        told.append("Fewer than two points ever traded: there was nothing to choose from.")
    elif blocks < 4:
        told.append(f"{rows} sessions are too few to be parted into samples.")
    else:
        overfitting = backtest_overfitting(returns, blocks, wide=True)
    if moves and rows >= 20:
        superior = superior_ability(returns, replications=replications, seed=seed)
    return Judged(deflation, overfitting, superior, tuple(told))


def _by_count(returns: Floats, chosen: int) -> Deflation:
    """Deflated by the number of trials alone."""
    spread = returns.std(axis=0, ddof=1)
    moves = np.ptp(returns, axis=0) > 0
    sharpes = np.where(moves, returns.mean(axis=0) / np.where(moves, spread, 1.0), 0.0)
    return deflate(trial_of("chosen", returns[:, chosen]), sharpes)

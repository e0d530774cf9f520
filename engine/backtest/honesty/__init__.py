"""Honest statistics of backtests."""

from engine.backtest.honesty.combinatorial import CombinatorialSplits, combinatorial_purged
from engine.backtest.honesty.deflation import Deflated, Deflation, deflate, deflate_returns
from engine.backtest.honesty.haircut import Haircut, adjust_p_values, haircut_sharpe
from engine.backtest.honesty.independent import IndependentTrials, independent_trials
from engine.backtest.honesty.overfitting import Overfitting, backtest_overfitting
from engine.backtest.honesty.resampling import BlockLength, block_length, circular_rows, stationary_rows
from engine.backtest.honesty.splits import Labels, Split, label_spans, purged_k_fold, walk_forward
from engine.backtest.honesty.superior import SuperiorAbility, superior_ability
from engine.backtest.honesty.trials import Trial, TrialBook, trial_key, trial_of

__all__ = [
    "BlockLength",
    "CombinatorialSplits",
    "Deflated",
    "Deflation",
    "Haircut",
    "IndependentTrials",
    "Labels",
    "Overfitting",
    "Split",
    "SuperiorAbility",
    "Trial",
    "TrialBook",
    "adjust_p_values",
    "backtest_overfitting",
    "block_length",
    "circular_rows",
    "combinatorial_purged",
    "deflate",
    "deflate_returns",
    "haircut_sharpe",
    "independent_trials",
    "label_spans",
    "purged_k_fold",
    "stationary_rows",
    "superior_ability",
    "trial_key",
    "trial_of",
    "walk_forward",
]

"""Honest statistics of backtests."""

from engine.backtest.honesty.combinatorial import CombinatorialSplits, combinatorial_purged
from engine.backtest.honesty.overfitting import Overfitting, backtest_overfitting
from engine.backtest.honesty.resampling import BlockLength, block_length, circular_rows, stationary_rows
from engine.backtest.honesty.splits import Labels, Split, label_spans, purged_k_fold, walk_forward

__all__ = [
    "BlockLength",
    "CombinatorialSplits",
    "Labels",
    "Overfitting",
    "Split",
    "backtest_overfitting",
    "block_length",
    "circular_rows",
    "combinatorial_purged",
    "label_spans",
    "purged_k_fold",
    "stationary_rows",
    "walk_forward",
]

"""How far to believe a backtest: rows kept apart, trials counted, luck measured, intervals on what is left.

Arrays in, frozen results out; axis 0 is time. Whatever draws numbers takes ``seed`` (a number or a Generator) and
answers the same for the same one. Missing values: intervals, costs and delays leave them out as their docstrings say;
comparisons between strategies (overfitting, deflation of returns, superior ability) refuse them, for they must be
judged over the same periods.

Judge a model by rows that its labels do not touch:

    >>> import numpy as np
    >>> from engine.backtest import honesty
    >>> labels = honesty.label_spans(1000, horizon=5)  # each label is known five rows later
    >>> found = honesty.combinatorial_purged(labels, groups=6, test_groups=2, embargo=10)
    >>> len(found.splits), len(found.paths)
    (15, 5)
    >>> scores = np.zeros((15, 1000))  # each split's results on its test rows
    >>> found.join(scores).shape  # five whole histories, of which no row was learnt from
    (5, 1000)

Ask what a search over configurations is worth (rows are periods, columns configurations):

    >>> rng = np.random.default_rng(0)
    >>> sweep = rng.normal(0, 0.01, (1000, 20))
    >>> overfit = honesty.backtest_overfitting(sweep, blocks=10)
    >>> 0.2 < overfit.probability < 0.8  # noise
    True
    >>> honesty.superior_ability(sweep, replications=200).consistent > 0.05
    True
    >>> deflated = honesty.deflate_returns(sweep)
    >>> deflated.raw.probability < deflated.probabilistic
    True

Count trials on the same data, whoever made them:

    >>> key = honesty.trial_key("snapshot's hash", "sma cross")
    >>> book = honesty.TrialBook().add(key, honesty.trial_of("50,200", sweep[:, 0]))
    >>> book = book.add(key, honesty.trial_of("20,100", sweep[:, 1]))
    >>> counted = honesty.deflate(book.trials[key][0], book.sharpes(key))
    >>> counted.raw.trials
    2

Put intervals on the figures, and ask what chance would have done:

    >>> spread = honesty.headline_intervals(sweep[:, 0], "daily", replications=200, seed=1)
    >>> one = spread.intervals["sharpe_ratio"]
    >>> one.low < one.estimate < one.high
    True
    >>> honesty.trade_order([0.02, -0.01, 0.03, -0.02], 200).depth(0.95) < 0
    True
"""

from engine.backtest.honesty.capacity import Capacity, capacity, impact_of_capital
from engine.backtest.honesty.combinatorial import CombinatorialSplits, combinatorial_purged
from engine.backtest.honesty.deflation import (
    Deflated,
    Deflation,
    deflate,
    deflate_returns,
    deflated_by,
    spread_of,
)
from engine.backtest.honesty.errors import (
    beta_error,
    mean_error,
    profit_factor_error,
    sortino_error,
    wilson,
)
from engine.backtest.honesty.haircut import Haircut, adjust_p_values, haircut_sharpe
from engine.backtest.honesty.independent import IndependentTrials, independent_trials
from engine.backtest.honesty.intervals import HeadlineIntervals, Interval, headline_intervals
from engine.backtest.honesty.monte_carlo import RandomEntry, TradeOrder, random_entry, trade_order
from engine.backtest.honesty.overfitting import Overfitting, backtest_overfitting
from engine.backtest.honesty.resampled import resampled
from engine.backtest.honesty.resampling import BlockLength, block_length, circular_rows, stationary_rows
from engine.backtest.honesty.sensitivity import (
    CostDelayGrid,
    CostGrid,
    Plateau,
    cost_delay_grid,
    cost_grid,
    plateau,
)
from engine.backtest.honesty.splits import Labels, Split, label_spans, purged_k_fold, walk_forward
from engine.backtest.honesty.superior import SuperiorAbility, superior_ability
from engine.backtest.honesty.trials import Trial, TrialBook, trial_key, trial_of

__all__ = [
    "BlockLength",
    "Capacity",
    "CombinatorialSplits",
    "CostDelayGrid",
    "CostGrid",
    "Deflated",
    "Deflation",
    "Haircut",
    "HeadlineIntervals",
    "IndependentTrials",
    "Interval",
    "Labels",
    "Overfitting",
    "Plateau",
    "RandomEntry",
    "Split",
    "SuperiorAbility",
    "TradeOrder",
    "Trial",
    "TrialBook",
    "adjust_p_values",
    "backtest_overfitting",
    "beta_error",
    "block_length",
    "capacity",
    "circular_rows",
    "combinatorial_purged",
    "cost_delay_grid",
    "cost_grid",
    "deflate",
    "deflate_returns",
    "deflated_by",
    "haircut_sharpe",
    "headline_intervals",
    "impact_of_capital",
    "independent_trials",
    "label_spans",
    "mean_error",
    "plateau",
    "profit_factor_error",
    "purged_k_fold",
    "random_entry",
    "resampled",
    "sortino_error",
    "spread_of",
    "stationary_rows",
    "superior_ability",
    "trade_order",
    "trial_key",
    "trial_of",
    "walk_forward",
    "wilson",
]

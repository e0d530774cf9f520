"""Regimes: what is filtered is causal given parameters of the past; the rest says that it uses the whole sample."""

from __future__ import annotations

from functools import cache

import numpy as np

from engine.quant.regimes import (
    GaussianRegimes,
    ewma_regimes,
    ewma_volatility,
    fit_gaussian,
    forward,
    likeliest,
    run_lengths,
    walk_forward,
)
from tests.quant.causal import Floats, Market, market

START, MOVES = np.array([0.5, 0.5]), np.array([[0.95, 0.05], [0.1, 0.9]])


def densities(data: Market) -> Floats:
    returns = np.nan_to_num(data.returns)
    return np.stack([-0.5 * (returns / s) ** 2 - np.log(s) for s in (0.008, 0.02)], axis=1)


@cache
def fitted() -> GaussianRegimes:
    return fit_gaussian(market().returns[:280], 2, starts=4)


def volatility_states(data: Market) -> Floats:
    found = ewma_regimes(data.returns, least=100)
    return np.column_stack([found.volatility, found.states, found.bounds])


CASES = {
    "regimes.forward": lambda data: forward(densities(data), START, MOVES).probabilities,
    "regimes.ewma_volatility": lambda data: ewma_volatility(data.returns),
    "regimes.ewma_regimes": volatility_states,
    "regimes.run_lengths": lambda data: run_lengths(data.returns).expected,
    "regimes.run_lengths[recent]": lambda data: run_lengths(data.returns).recent,
    "regimes.walk_forward": lambda data: (
        walk_forward(np.nan_to_num(data.returns), 2, least=200, every=100, starts=2).probabilities
    ),
    "regimes.fit_gaussian[parameters of the past, filtered]": lambda data: (
        fitted().filter(data.returns).probabilities
    ),
    "regimes.likeliest": lambda data: likeliest(fitted().filter(data.returns).probabilities),
}
TIMELESS = {
    "regimes.at_parameters": "describes one whole sample: its filtered part is held against Hamilton's",
    "regimes.fit_markov": "describes one whole sample",
    "regimes.backward": "looks ahead, and says so",
    "regimes.smooth": "looks ahead, and says so",
    "regimes.viterbi": "looks ahead, and says so",
    "regimes.change_points": "segments a whole sample, and says so",
    "regimes.expected_durations": "of a transition matrix",
    "regimes.stationary": "of a transition matrix",
    "regimes.regime_names": "of a model's states",
    "regimes.performance_by_regime": "sums up a whole sample; its lag is tested by itself",
    "regimes.transition_counts": "sums up a whole sample",
    "regimes.transition_matrix": "sums up a whole sample",
}

"""Market regimes: hidden Markov models, Markov switching, volatility states, change points; what each earned.

    model = fit_gaussian(returns, states=3)            # many starts, states in order of volatility
    today = model.filter(returns).probabilities[-1]    # no later day used, given the parameters
    honest = walk_forward(returns, 3).probabilities    # nor in the parameters
    performance_by_regime(returns, likeliest(honest), 3)

What looks ahead says so: ``smooth``, ``viterbi``, ``change_points`` and the parameters of ``fit_gaussian`` and
``fit_markov`` use the whole sample that they are given.
"""

from engine.quant.regimes.breaks import RunLengths, change_points, run_lengths
from engine.quant.regimes.chain import (
    Filtered,
    backward,
    expected_durations,
    forward,
    smooth,
    stationary,
    viterbi,
)
from engine.quant.regimes.gaussian import GaussianRegimes, fit_gaussian, regime_names
from engine.quant.regimes.markov import MarkovSwitching, at_parameters, fit_markov
from engine.quant.regimes.performance import (
    RegimePerformance,
    likeliest,
    performance_by_regime,
    transition_counts,
    transition_matrix,
)
from engine.quant.regimes.volatility import VolatilityRegimes, ewma_regimes, ewma_volatility
from engine.quant.regimes.walk import WalkForward, walk_forward

__all__ = [
    "Filtered",
    "GaussianRegimes",
    "MarkovSwitching",
    "RegimePerformance",
    "RunLengths",
    "VolatilityRegimes",
    "WalkForward",
    "at_parameters",
    "backward",
    "change_points",
    "ewma_regimes",
    "ewma_volatility",
    "expected_durations",
    "fit_gaussian",
    "fit_markov",
    "forward",
    "likeliest",
    "performance_by_regime",
    "regime_names",
    "run_lengths",
    "smooth",
    "stationary",
    "transition_counts",
    "transition_matrix",
    "viterbi",
    "walk_forward",
]

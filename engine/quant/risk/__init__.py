"""Market risk: value at risk and expected shortfall, their tests and parts, covariance, correlation, stress.

    >>> import numpy as np
    >>> from engine.quant.risk import filtered_risk, historical_risk, kupiec, normal_components, reverse_stress
    >>> returns = np.random.default_rng(1).standard_t(4, (1500, 3)) * 0.01   # days x assets
    >>> weights = np.array([0.5, 0.3, 0.2])
    >>> risk = historical_risk(returns @ weights, level=0.99)
    >>> risk.value_at_risk, risk.var_interval, risk.expected_shortfall       # fractions, losses positive
    >>> filtered_risk(returns @ weights, 0.99, horizon=10, seed=1)           # GARCH paths over ten days
    >>> normal_components(returns.mean(0), np.cov(returns.T), weights).component  # adds up to the whole
    >>> kupiec(exceptions=20, days=252, probability=0.05).p_value
    >>> reverse_stress(np.cov(returns.T), weights, loss=0.2).scenario        # the likeliest way to lose 20%

Arrays have time on axis 0 and assets on axis 1. Returns are simple and fractions; gaps are an error, never
filled. What is random takes a seed, and the same seed gives the same answer. ``rolling_risk`` makes forecasts
that only look back; everything else describes the sample it is given.
"""

from __future__ import annotations

from engine.quant.risk.acerbi import ShortfallTest, acerbi_szekely
from engine.quant.risk.backtests import (
    Likelihood,
    TrafficLight,
    binomial_cdf,
    binomial_tail,
    christoffersen_independence,
    conditional_coverage,
    kupiec,
    kupiec_region,
    passages,
    plus_factor,
    traffic_light,
)  # fmt: skip
from engine.quant.risk.components import RiskComponents, historical_components, normal_components
from engine.quant.risk.copulas import Copula, Family, copula_risk, copula_risks, copula_scenarios, fit_copula
from engine.quant.risk.correlations import (
    CommonMoves,
    Correlations,
    cluster_order,
    common_moves,
    correlations,
    rolling_correlation,
)  # fmt: skip
from engine.quant.risk.covariance import (
    Covariance,
    correlation_from,
    covariance,
    ewma_covariance,
    factor_covariance,
    ledoit_wolf_covariance,
    oas_covariance,
    sample_covariance,
)  # fmt: skip
from engine.quant.risk.episodes import EPISODES, Episode, Replay, episodes_by, replay
from engine.quant.risk.evt import Pareto, evt_risk, fit_pareto, pareto_errors, pareto_tail
from engine.quant.risk.filtered import conditional_evt_risk, filtered_risk
from engine.quant.risk.garch import Garch, fit_garch
from engine.quant.risk.historical import (
    age_weighted_risk,
    age_weights,
    historical_risk,
    volatility_scaled_risk,
)
from engine.quant.risk.nearest import nearest_correlation, nearest_covariance
from engine.quant.risk.option_books import (
    BookReverse,
    OptionLeg,
    VolatilityShock,
    book_change,
    book_values,
    reverse_book_stress,
)  # fmt: skip
from engine.quant.risk.parametric import (
    cornish_fisher_risk,
    cornish_fisher_tail,
    cornish_fisher_valid,
    normal_risk,
    normal_tail,
    t_risk,
    t_tail,
)  # fmt: skip
from engine.quant.risk.propagation import (
    Propagated,
    ReverseStress,
    ShiftedCorrelation,
    propagate,
    reverse_stress,
    shift_correlations,
)  # fmt: skip
from engine.quant.risk.rolling import RollingRisk, rolling_copula, rolling_risk
from engine.quant.risk.tails import TailRisk, sample_tail, scaled, shortfall_beyond, weighted_tail
from engine.quant.risk.unit_roots import (
    UnitRootTest,
    augmented_dickey_fuller,
    dickey_fuller_gls,
    kpss,
    phillips_perron,
)  # fmt: skip
from engine.quant.risk.volatility import (
    ewma_effective_days,
    ewma_step,
    ewma_variances,
    garch_long_run,
    garch_step,
    garch_variances,
)  # fmt: skip

__all__ = [
    "EPISODES", "BookReverse", "CommonMoves", "Copula", "Correlations", "Covariance", "Episode", "Family", "Garch",
    "Likelihood", "OptionLeg", "Pareto", "Propagated", "Replay", "ReverseStress", "RiskComponents", "RollingRisk",
    "ShiftedCorrelation", "ShortfallTest", "TailRisk", "TrafficLight", "UnitRootTest", "VolatilityShock",
    "acerbi_szekely", "age_weighted_risk", "age_weights", "augmented_dickey_fuller", "binomial_cdf",
    "binomial_tail", "book_change", "book_values", "christoffersen_independence", "cluster_order", "common_moves",
    "conditional_coverage", "conditional_evt_risk", "copula_risk", "copula_risks", "copula_scenarios",
    "cornish_fisher_risk", "cornish_fisher_tail", "cornish_fisher_valid", "correlation_from",
    "correlations", "covariance",
    "dickey_fuller_gls", "episodes_by", "evt_risk", "ewma_covariance", "ewma_effective_days", "ewma_step",
    "ewma_variances", "factor_covariance", "filtered_risk", "fit_copula", "fit_garch", "fit_pareto",
    "garch_long_run", "garch_step", "garch_variances", "historical_components", "historical_risk", "kpss", "kupiec",
    "kupiec_region", "ledoit_wolf_covariance", "nearest_correlation", "nearest_covariance", "normal_components",
    "normal_risk", "normal_tail", "oas_covariance", "pareto_errors", "pareto_tail", "passages",
    "phillips_perron", "plus_factor", "propagate", "replay", "reverse_book_stress", "reverse_stress",
    "rolling_copula", "rolling_correlation", "rolling_risk", "sample_covariance", "sample_tail", "scaled",
    "shift_correlations", "shortfall_beyond", "t_risk", "t_tail", "traffic_light", "volatility_scaled_risk",
    "weighted_tail",
]  # fmt: skip

"""Risk: forecasts and filters look back; what describes a whole sample says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from engine.quant import risk
from engine.quant.risk.rolling import Method
from tests.quant.causal import Case, Floats, Market

_HELD = np.array([0.5, 0.3, 0.2])


def _returns(market: Market) -> Floats:
    return market.panel_returns[:, 0]


def _rolling(method: Method) -> Case:
    def answer(market: Market) -> Floats:
        found = risk.rolling_risk(_returns(market), method, 0.975, window=250, refit=60)
        return np.column_stack([found.value_at_risk, found.expected_shortfall])

    return answer


def _copula(market: Market) -> Floats:
    found = risk.rolling_copula(market.panel_returns[:, :3], _HELD, window=250, refit=60, simulations=500)
    return np.column_stack([found.value_at_risk, found.expected_shortfall])


METHODS: tuple[Method, ...] = (
    "historical", "age_weighted", "volatility_scaled", "filtered", "normal", "t", "cornish_fisher", "evt",
    "conditional_evt",
)  # fmt: skip
CASES: Mapping[str, Callable[[Market], Floats]] = {
    **{f"risk.rolling_risk[{method}]": _rolling(method) for method in METHODS},
    "risk.rolling_copula": _copula,
    "risk.rolling_correlation": lambda m: risk.rolling_correlation(
        m.panel_returns[:, 0], m.panel_returns[:, 1], 60
    ),
    "risk.ewma_variances": lambda m: risk.ewma_variances(_returns(m))[:-1],
    "risk.garch_variances": lambda m: risk.garch_variances(_returns(m), 1e-6, 0.08, 0.9, 1e-4)[:-1],
}
_SAMPLE = "describes the whole sample it is given; rolling_risk makes the forecasts"
_COUNTS = "of counts or of one moment's numbers: it has no time axis"
_MATRIX = "of a matrix: it has no time axis"
TIMELESS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "risk.age_weighted_risk", "risk.conditional_evt_risk", "risk.copula_risk", "risk.copula_risks",
            "risk.copula_scenarios",
            "risk.cornish_fisher_risk", "risk.evt_risk", "risk.filtered_risk", "risk.fit_copula", "risk.fit_garch",
            "risk.fit_pareto", "risk.historical_components", "risk.historical_risk", "risk.normal_risk",
            "risk.sample_tail", "risk.shortfall_beyond", "risk.t_risk", "risk.volatility_scaled_risk",
            "risk.weighted_tail", "risk.acerbi_szekely", "risk.passages", "risk.correlations", "risk.covariance",
            "risk.ewma_covariance", "risk.factor_covariance", "risk.ledoit_wolf_covariance", "risk.oas_covariance",
            "risk.sample_covariance", "risk.augmented_dickey_fuller", "risk.dickey_fuller_gls", "risk.kpss",
            "risk.phillips_perron",
        ),
        _SAMPLE,
    ),
    **dict.fromkeys(
        (
            "risk.age_weights", "risk.binomial_cdf", "risk.binomial_tail", "risk.christoffersen_independence",
            "risk.conditional_coverage", "risk.cornish_fisher_tail", "risk.cornish_fisher_valid",
            "risk.ewma_effective_days", "risk.ewma_step", "risk.garch_long_run", "risk.garch_step", "risk.kupiec",
            "risk.kupiec_region", "risk.normal_tail", "risk.pareto_errors", "risk.pareto_tail", "risk.plus_factor",
            "risk.scaled", "risk.t_tail", "risk.traffic_light", "risk.episodes_by", "risk.book_change",
            "risk.book_values", "risk.reverse_book_stress",
        ),
        _COUNTS,
    ),
    **dict.fromkeys(
        (
            "risk.cluster_order", "risk.common_moves", "risk.correlation_from", "risk.nearest_correlation",
            "risk.nearest_covariance", "risk.normal_components", "risk.propagate", "risk.replay",
            "risk.reverse_stress", "risk.shift_correlations",
        ),
        _MATRIX,
    ),
}  # fmt: skip

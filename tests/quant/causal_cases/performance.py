"""What of performance has a value a day; the rest sums a sample up."""

from __future__ import annotations

import numpy as np

from engine.quant import performance as p
from tests.quant.causal import Case, Floats

WINDOW = 60


def _with_first(values: Floats) -> Floats:
    """Returns of prices have a row less than the prices."""
    return np.concatenate([np.full((1, *values.shape[1:]), np.nan), values])


CASES: dict[str, Case] = {
    "performance.simple_returns": lambda m: _with_first(p.simple_returns(m.closes)),
    "performance.log_returns": lambda m: _with_first(p.log_returns(m.closes)),
    "performance.cumulative_returns": lambda m: p.cumulative_returns(m.panel_returns),
    "performance.drawdowns": lambda m: p.drawdowns(m.panel_returns),
    "performance.rolling_return": lambda m: p.rolling_return(m.panel_returns, WINDOW),
    "performance.rolling_mean": lambda m: p.rolling_mean(m.panel_returns, WINDOW),
    "performance.rolling_volatility": lambda m: p.rolling_volatility(m.panel_returns, WINDOW),
    "performance.rolling_volatility[gaps]": lambda m: p.rolling_volatility(
        np.where(m.characteristics > 1.2, np.nan, m.panel_returns), WINDOW, least=20
    ),
    "performance.rolling_sharpe": lambda m: p.rolling_sharpe(m.panel_returns, WINDOW, m.risk_free),
    "performance.rolling_sortino": lambda m: p.rolling_sortino(m.panel_returns, WINDOW),
    "performance.rolling_skewness": lambda m: p.rolling_skewness(m.panel_returns, WINDOW),
    "performance.rolling_kurtosis": lambda m: p.rolling_kurtosis(m.panel_returns, WINDOW),
    "performance.rolling_max_drawdown": lambda m: p.rolling_max_drawdown(m.panel_returns, WINDOW),
    "performance.rolling_hit_rate": lambda m: p.rolling_hit_rate(m.panel_returns, WINDOW),
    "performance.rolling_beta": lambda m: p.rolling_beta(m.panel_returns, m.factors[:, 0], WINDOW),
    "performance.rolling_alpha": lambda m: p.rolling_alpha(m.panel_returns, m.factors[:, 0], WINDOW),
    "performance.rolling_correlation": lambda m: p.rolling_correlation(
        m.panel_returns, m.factors[:, 0], WINDOW
    ),
    "performance.rolling_tracking_error": lambda m: p.rolling_tracking_error(
        m.panel_returns, m.factors[:, 0], WINDOW
    ),
    "performance.rolling_information_ratio": lambda m: p.rolling_information_ratio(
        m.panel_returns, m.factors[:, 0], WINDOW
    ),
}
_SAMPLE = "sums up the whole sample that it is given: one number a series"
_OF_A_SAMPLE = """
best beta cagr calmar_ratio capture_ratio correlation downside_deviation
drawdown_table hit_rate information_ratio kappa_ratio kurtosis market_model martin_ratio
max_drawdown omega_ratio pain_index partial_moment payoff_ratio realized_volatility sharpe_error_of
sharpe_ratio skewness sortino_ratio stability tail_ratio total_return tracking_error
treynor_ratio ulcer_index worst
"""
TIMELESS: dict[str, str] = dict.fromkeys(
    (f"performance.{name}" for name in _OF_A_SAMPLE.split()),
    _SAMPLE,
) | {
    "performance.aggregate_returns": "rows are periods, each of its own days",
    "performance.deflated_sharpe_ratio": "of statistics, not of a series",
    "performance.expected_maximum_sharpe": "of statistics, not of a series",
    "performance.minimum_track_record": "of statistics, not of a series",
    "performance.periods_per_year": "a number for a word",
    "performance.probabilistic_sharpe_ratio": "of statistics, not of a series",
    "performance.sharpe_standard_error": "of statistics, not of a series",
}

"""Returns and what they are worth: growth, risk, drawdowns, ratios with their errors, against a benchmark, rolling.

Pure functions over simple returns, (n,) for one series or (n, k) for a panel: axis 0 is time, axis 1 symbols. A
measure answers a number for (n,) and an array (k,) for (n, k); a rolling measure answers the shape it was given.

    >>> import numpy as np
    >>> from engine.quant import performance
    >>> rng = np.random.default_rng(1)
    >>> returns = rng.normal(0.0005, 0.01, (2520, 3))
    >>> performance.sharpe_ratio(returns, periods="daily").shape
    (3,)
    >>> one = performance.sharpe_ratio(returns[:, 0], periods=1)  # a period's, for inference
    >>> error = performance.sharpe_error_of(returns[:, 0], method="hac")
    >>> chance = performance.probabilistic_sharpe_ratio(one, 2520, performance.skewness(returns[:, 0]))
    >>> performance.rolling_max_drawdown(returns, 252).shape
    (2520, 3)

Missing values (NaN or infinite) are no observations: they are left out of means and counts, column by column, and
compounding passes over them. What is undefined (one observation, no dispersion, no drawdown) is NaN, or infinite
where a positive number is divided by nothing. Returns, volatilities and ratios are fractions; annualisation takes
``periods``: "daily" (252), "weekly" (52), "monthly" (12), "quarterly", "yearly", or a number.
"""

from engine.quant.performance._panels import PERIODS_PER_YEAR, Frequency, periods_per_year
from engine.quant.performance.benchmark import (
    MarketModel,
    beta,
    capture_ratio,
    correlation,
    information_ratio,
    market_model,
    tracking_error,
    treynor_ratio,
)
from engine.quant.performance.drawdowns import (
    Drawdown,
    drawdown_table,
    drawdowns,
    max_drawdown,
    pain_index,
    ulcer_index,
)
from engine.quant.performance.growth import (
    aggregate_returns,
    cagr,
    cumulative_returns,
    log_returns,
    simple_returns,
    total_return,
)
from engine.quant.performance.inference import (
    deflated_sharpe_ratio,
    expected_maximum_sharpe,
    minimum_track_record,
    probabilistic_sharpe_ratio,
    sharpe_error_of,
    sharpe_standard_error,
)
from engine.quant.performance.ratios import (
    calmar_ratio,
    downside_deviation,
    kappa_ratio,
    martin_ratio,
    omega_ratio,
    partial_moment,
    realized_volatility,
    sharpe_ratio,
    sortino_ratio,
)
from engine.quant.performance.rolling import (
    rolling_alpha,
    rolling_beta,
    rolling_correlation,
    rolling_hit_rate,
    rolling_information_ratio,
    rolling_kurtosis,
    rolling_max_drawdown,
    rolling_mean,
    rolling_return,
    rolling_sharpe,
    rolling_skewness,
    rolling_sortino,
    rolling_tracking_error,
    rolling_volatility,
)
from engine.quant.performance.shape import (
    best,
    hit_rate,
    kurtosis,
    payoff_ratio,
    skewness,
    stability,
    tail_ratio,
    worst,
)

__all__ = [
    "PERIODS_PER_YEAR",
    "Drawdown",
    "Frequency",
    "MarketModel",
    "aggregate_returns",
    "best",
    "beta",
    "cagr",
    "calmar_ratio",
    "capture_ratio",
    "correlation",
    "cumulative_returns",
    "deflated_sharpe_ratio",
    "downside_deviation",
    "drawdown_table",
    "drawdowns",
    "expected_maximum_sharpe",
    "hit_rate",
    "information_ratio",
    "kappa_ratio",
    "kurtosis",
    "log_returns",
    "market_model",
    "martin_ratio",
    "max_drawdown",
    "minimum_track_record",
    "omega_ratio",
    "pain_index",
    "partial_moment",
    "payoff_ratio",
    "periods_per_year",
    "probabilistic_sharpe_ratio",
    "realized_volatility",
    "rolling_alpha",
    "rolling_beta",
    "rolling_correlation",
    "rolling_hit_rate",
    "rolling_information_ratio",
    "rolling_kurtosis",
    "rolling_max_drawdown",
    "rolling_mean",
    "rolling_return",
    "rolling_sharpe",
    "rolling_skewness",
    "rolling_sortino",
    "rolling_tracking_error",
    "rolling_volatility",
    "sharpe_error_of",
    "sharpe_ratio",
    "sharpe_standard_error",
    "simple_returns",
    "skewness",
    "sortino_ratio",
    "stability",
    "tail_ratio",
    "total_return",
    "tracking_error",
    "treynor_ratio",
    "ulcer_index",
    "worst",
]

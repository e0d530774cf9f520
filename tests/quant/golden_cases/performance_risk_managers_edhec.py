"""PerformanceAnalytics' snapshots on its managers and EDHEC sets: CAPM, drawdowns, Sharpe, Sortino, VaR and ES."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from engine.quant import performance as p
from tests.quant.golden import dataset
from tests.quant.golden_cases.sharpe_inference import psr

Inputs = Mapping[str, Any]


def _column(i: Inputs, key: str = "column") -> np.ndarray:
    kept = dataset(i["dataset"])
    return np.array(kept["values"], float)[:, kept["columns"].index(i[key])]


def _capm(measure: str) -> Callable[[Inputs, str], Any]:
    def compute(i: Inputs, quantity: str) -> Any:
        r, b, free = _column(i, "asset"), _column(i, "benchmark"), _column(i, "rf")
        model = p.market_model(r, b, free, 12)
        both = np.isfinite(r) & np.isfinite(b)
        premium = p.cagr(r[both], 12) - p.cagr(b[both], 12)
        return {
            "alpha": lambda: model.alpha,
            "beta": lambda: model.beta,
            "beta_up": lambda: p.beta(r, b, free, "up"),
            "beta_down": lambda: p.beta(r, b, free, "down"),
            "r_squared": lambda: model.r_squared,
            "alpha_annualized": lambda: model.alpha_annual,
            "correlation": lambda: p.correlation(r - free, b - free),
            "tracking_error": lambda: p.tracking_error(r, b, 12),
            "active_premium": lambda: premium,
            "information_ratio": lambda: p.information_ratio(r, b, 12, geometric=True),
            "treynor": lambda: p.treynor_ratio(r, b, free, 12),
        }[measure]()

    return compute


def _drawdown(i: Inputs, quantity: str) -> Any:
    """PerformanceAnalytics counts an open drawdown to its last row, as ``length`` does."""
    found = p.drawdown_table(_column(i), i["rank"])[i["rank"] - 1]
    return {
        "depth": found.depth,
        "length": found.length + (found.recovery is None),
        "to_trough": found.to_trough,
        "recovery": np.nan if found.to_recovery is None else found.to_recovery,
    }[quantity]


def _tail(method: str, measure: int) -> Callable[[Inputs, str], Any]:
    """The risk library's tails, whose signs are losses'. PerformanceAnalytics takes moments over n, and its
    historical shortfall is the mean of what reached the quantile or fell beyond it, without a part of one."""

    def compute(i: Inputs, quantity: str) -> Any:
        from engine.quant.risk.parametric import cornish_fisher_tail, moments, normal_tail
        from engine.quant.risk.tails import sample_tail

        losses = -_column(i)
        mean, deviation, skewness, kurtosis = (float(each) for each in moments(-losses))
        if method == "historical":
            loss = float(sample_tail(losses, i["p"])[0])
            return -(loss, losses[losses >= loss].mean())[measure]
        if method == "normal":
            return -normal_tail(mean, deviation, i["p"])[measure]
        return -cornish_fisher_tail(mean, deviation, skewness, kurtosis, i["p"])[measure]

    return compute


_CAPM = (
    "alpha", "beta", "beta_up", "beta_down", "r_squared", "alpha_annualized", "correlation", "tracking_error",
    "active_premium", "information_ratio", "treynor",
)  # fmt: skip
CASES: dict[str, Callable[[Inputs, str], Any]] = {
    "annualized_return": lambda i, _: p.cagr(_column(i), 12),
    "annualized_sd": lambda i, _: p.realized_volatility(_column(i), 12),
    "sharpe_geometric_rf0": lambda i, _: p.sharpe_ratio(_column(i), 0.0, 12, geometric=True),
    "sortino_mar0_monthly": lambda i, _: p.sortino_ratio(_column(i), 0.0, 1),
    "max_drawdown": lambda i, _: -p.max_drawdown(_column(i)),
    "drawdown_table": _drawdown,
    "psr": psr,
    "min_track_record_length": lambda i, _: p.minimum_track_record(
        i["sr"], i["skew"], i["kurtosis"], i["sr_benchmark"], i["confidence"]
    ),
    "var_historical": _tail("historical", 0),
    "var_gaussian": _tail("normal", 0),
    "var_modified": _tail("cornish_fisher", 0),
    "es_historical": _tail("historical", 1),
    "es_gaussian": _tail("normal", 1),
} | {f"capm_{measure}": _capm(measure) for measure in _CAPM}

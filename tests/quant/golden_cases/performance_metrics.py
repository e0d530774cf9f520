"""empyrical's recorded values and Bacon's (2008) worked portfolio, from the performance library.

Conventions that differ from ours are spelled out here: empyrical counts a missing first return as a period when it
annualises growth (filled with zero below), aligns two series by their dates, takes a required return a year in
Omega, and annualises the alpha of its mean residual (which is ours, compounded).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from engine.quant import performance as p
from tests.quant.golden import dataset

Inputs = Mapping[str, Any]
MAR = 0.005  # Bacon's minimum acceptable return, a month
_STEPS = {"D": "D", "W-SUN": "W", "ME": "M", "YE-DEC": "Y"}


def _values(word: Any) -> Any:
    """A number, a list, or a series by name."""
    if isinstance(word, str):
        return np.array(dataset("performance_metrics_series")[word.removeprefix("dataset:")]["values"], float)
    return np.asarray(word, float) if isinstance(word, list) else word


def _dates(word: str) -> np.ndarray:
    """The dates of a series: days, Sundays, or the last days of months or years."""
    kept = dataset("performance_metrics_series")[word.removeprefix("dataset:")]
    if not kept["values"]:
        return np.array([], "datetime64[D]")
    unit, count = _STEPS[kept["freq"]], np.arange(len(kept["values"]))
    if unit in ("D", "W"):
        return np.datetime64(kept["start"]) + count * (7 if unit == "W" else 1)
    return (np.datetime64(kept["start"], unit) + count + 1).astype("datetime64[D]") - 1


def _aligned(i: Inputs, other: str) -> tuple[Any, Any]:
    """Both series on the dates that they share."""
    if not (isinstance(i[other], str) and isinstance(i["returns"], str)):
        return _values(i["returns"]), _values(i[other])
    mine, theirs = _dates(i["returns"]), _dates(i[other])
    _, a, b = np.intersect1d(mine, theirs, return_indices=True)
    return _values(i["returns"])[a], _values(i[other])[b]


def _filled(i: Inputs) -> Any:
    return np.nan_to_num(_values(i["returns"]))


def _free(i: Inputs) -> Any:
    return _values(i["risk_free"])


def _omega(i: Inputs) -> Any:
    if i["required_return"] <= -1:
        return np.nan
    hurdle = (1 + i["required_return"]) ** (1 / 252) - 1
    return p.omega_ratio(_values(i["returns"]) - _free(i), hurdle)


def _model(i: Inputs, side: Any = "all") -> list[Any]:
    found = p.market_model(*_aligned(i, "benchmark"), side=side)
    return [found.alpha_annual, found.beta]


def _capture(i: Inputs, other: str, side: Any = "all") -> Any:
    mine, theirs = _aligned(i, other)
    if side == "all":
        mine, theirs = np.nan_to_num(mine), np.nan_to_num(theirs)
    return p.capture_ratio(mine, theirs, side=side)


def _value_at_risk(i: Inputs) -> Any:
    """A quantile of the returns: the loss that the risk library gives, with the other sign."""
    from engine.quant.risk.tails import sample_tail

    return -float(sample_tail(-np.asarray(i["returns"], float), 1.0 - i["cutoff"])[0])


def _valid(values: Any, window: float) -> list[float]:
    return list(values[int(window) - 1 :])


EMPYRICAL: dict[str, Callable[[Inputs], Any]] = {
    "simple_returns": lambda i: p.simple_returns(_values(i["prices"])),
    "cum_returns": lambda i: p.cumulative_returns(_values(i["returns"]), i["starting_value"]),
    "cum_returns_final": lambda i: (
        p.total_return(_values(i["returns"])) if not i["starting_value"]
        else i["starting_value"] * (1 + p.total_return(_values(i["returns"])))
    ),
    "aggregate_returns": lambda i: p.aggregate_returns(
        _values(i["returns"]), _dates(i["returns"]), i["convert_to"]
    )[1],
    "max_drawdown": lambda i: p.max_drawdown(_values(i["returns"])),
    "annual_return": lambda i: p.cagr(_filled(i), i["period"]),
    "cagr": lambda i: p.cagr(_filled(i), i["period"]),
    "annual_volatility": lambda i: p.realized_volatility(_values(i["returns"]), i["period"]),
    "calmar_ratio": lambda i: p.calmar_ratio(_filled(i), i["period"]),
    "omega_ratio": _omega,
    "sharpe_ratio": lambda i: p.sharpe_ratio(_values(i["returns"]), _free(i)),
    "downside_risk": lambda i: p.downside_deviation(
        _values(i["returns"]), _values(i["required_return"]), i["period"]
    ),
    "sortino_ratio": lambda i: p.sortino_ratio(
        _values(i["returns"]), _values(i["required_return"]), i["period"]
    ),
    "excess_sharpe": lambda i: p.sharpe_ratio(_values(i["returns"]), _values(i["factor_returns"]), 1),
    "alpha_beta": _model,
    "alpha": lambda i: _model(i)[0],
    "beta": lambda i: _model(i)[1],
    "up_alpha_beta": lambda i: _model(i, "up"),
    "down_alpha_beta": lambda i: _model(i, "down"),
    "stability_of_timeseries": lambda i: p.stability(_values(i["returns"])),
    "tail_ratio": lambda i: p.tail_ratio(_values(i["returns"])),
    "roll_max_drawdown": lambda i: _valid(
        p.rolling_max_drawdown(_values(i["returns"]), int(i["window"])), i["window"]
    ),
    "roll_sharpe_ratio": lambda i: _valid(
        p.rolling_sharpe(_values(i["returns"]), int(i["window"]), least=5), i["window"]
    ),
    "capture": lambda i: _capture(i, "factor_returns"),
    "down_capture": lambda i: _capture(i, "factor_returns", "down"),
    "up_capture": lambda i: _capture(i, "benchmark", "up"),
    "up_down_capture": lambda i: (
        _capture(i, "factor_returns", "up") / _capture(i, "factor_returns", "down")
    ),
    "value_at_risk": _value_at_risk,
}  # fmt: skip


def _bacon(function: str) -> Any:
    kept = dataset("portfolio_bacon")
    r, b = np.array(kept["portfolio"], float), np.array(kept["benchmark"], float)
    model = p.market_model(r, b, periods=12)
    lower = {order: p.partial_moment(r, MAR, order) for order in (0, 1, 2)}
    upper = {order: p.partial_moment(r, MAR, order, "upper") for order in (0, 1, 2)}
    n_up, n_down = (r > 0).sum(), (r < 0).sum()
    sharpe = p.sharpe_ratio(r, 0.0, 12, geometric=True)
    # Jensen's alpha and selectivity of Bacon are of annualised returns: R - beta B
    jensen = p.cagr(r, 12) - model.beta * p.cagr(b, 12)
    return {
        "DownsideDeviation": p.downside_deviation(r, MAR, 1),
        "DownsidePotential": lower[1],
        "DownsideFrequency": lower[0],
        "UpsideFrequency": upper[0],
        "UpsideRisk": np.sqrt(upper[2]),
        "UpsidePotential": upper[1],
        "OmegaSharpeRatio": p.kappa_ratio(r, MAR, 1),
        "Kappa(l=2)": p.kappa_ratio(r, MAR, 2),
        "BernardoLedoitRatio": p.omega_ratio(r),
        "DRatio": n_down * p.partial_moment(r, 0.0, 1) / (n_up * p.partial_moment(r, 0.0, 1, "upper")),
        "MeanAbsoluteDeviation": np.abs(r - r.mean()).mean(),
        "kurtosis sample": p.kurtosis(r, bias=False, excess=True) + 3 * (len(r) - 1) ** 2 / (
            (len(r) - 2) * (len(r) - 3)
        ),
        "kurtosis sample_excess": p.kurtosis(r, bias=False, excess=True),
        "SkewnessKurtosisRatio": p.skewness(r) / p.kurtosis(r),
        "AdjustedSharpeRatio": sharpe * (
            1 + p.skewness(r) / 6 * sharpe - p.kurtosis(r, excess=True) / 24 * sharpe**2
        ),
        "PainIndex": p.pain_index(r),
        "MartinRatio": p.martin_ratio(r, 12),
        "VolatilitySkewness": upper[2] / lower[2],
        "VariabilitySkewness": np.sqrt(upper[2] / lower[2]),
        "FamaBeta": p.realized_volatility(r, 12) / p.realized_volatility(b, 12),
        "jensenAlpha": jensen,
        "MSquared": sharpe * p.realized_volatility(b, 12),
        "Selectivity": jensen,
    }[function]  # fmt: skip


_NAMES = (
    "DownsideDeviation", "DownsidePotential", "DownsideFrequency", "UpsideFrequency", "UpsideRisk",
    "UpsidePotential", "OmegaSharpeRatio", "Kappa(l=2)", "BernardoLedoitRatio", "DRatio", "MeanAbsoluteDeviation",
    "kurtosis sample", "kurtosis sample_excess", "SkewnessKurtosisRatio", "AdjustedSharpeRatio", "PainIndex",
    "MartinRatio", "VolatilitySkewness", "VariabilitySkewness", "FamaBeta", "jensenAlpha", "MSquared", "Selectivity",
)  # fmt: skip
CASES: dict[str, Callable[[Inputs, str], Any]] = {
    name: (lambda inputs, quantity, of=of: of(inputs)) for name, of in EMPYRICAL.items()
} | {f"PA.{name}": (lambda inputs, quantity, name=name: _bacon(name)) for name in _NAMES}

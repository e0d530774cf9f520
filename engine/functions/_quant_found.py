"""What QUANT sums up: performance over nested ranges, months, factor loadings, and the state of the market."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.functions._port_factors import MODELS
from engine.page import SecurityRef
from engine.period import Period
from engine.quant import performance as perf
from engine.rates import RiskFree, factor_returns, risk_free
from engine.returns import Returns, returns_of

if TYPE_CHECKING:
    from engine.context import Context

Floats = NDArray[np.float64]
_YEARS = (1, 3, 5, 10)
_LEAST = 24


@dataclass(frozen=True, slots=True)
class Span:
    """Numbers of one range by name; None where a number does not exist."""

    label: str
    numbers: dict[str, float | None]


@dataclass(frozen=True, slots=True)
class Summed:
    """``own`` (n,) the security's returns, ``other`` the benchmark's (None where it is the security itself)."""

    returns: Returns
    own: Floats
    other: Floats | None
    rate: RiskFree
    spans: tuple[Span, ...]
    window: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """Loadings of monthly returns on a factor model, with Newey-West errors."""

    model: str
    names: tuple[str, ...]
    betas: Floats
    errors: Floats
    alpha: float
    r_squared: float
    months: int


@dataclass(frozen=True, slots=True)
class State:
    """The state of the last day, and how sure."""

    name: str
    probability: float
    stay: float


def summed(context: Context, returns: Returns, window: int) -> Summed:
    """Performance of the range and of the years within it."""
    rate = risk_free(context, returns.dates, returns.step)
    own = returns.values[:, 0]
    other = returns.values[:, 1] if returns.values.shape[1] > 1 else None
    spans = []
    for years in _YEARS:
        count = round(years * returns.periods_per_year)
        if count < len(own):
            spans.append(_span(f"{years}Y", own, other, rate.values, returns.periods_per_year, count))
    spans.append(_span("range", own, other, rate.values, returns.periods_per_year, len(own)))
    if other is not None:
        spans.append(
            _span(
                f"{returns.refs[1].ticker}, range",
                other,
                None,
                rate.values,
                returns.periods_per_year,
                len(own),
            )
        )
    return Summed(returns, own, other, rate, tuple(spans), window)


def _span(label: str, own: Floats, other: Floats | None, rate: Floats, periods: float, count: int) -> Span:
    """The last ``count`` returns."""
    r, rf = own[-count:], rate[-count:]
    excess = r - rf
    single = perf.sharpe_ratio(r, rf, 1)
    numbers: dict[str, Any] = {
        "annual": perf.cagr(r, periods), "volatility": perf.realized_volatility(r, periods),
        "sharpe": perf.sharpe_ratio(r, rf, periods),
        "sharpe_error": np.asarray(perf.sharpe_error_of(r, rf, "hac")) * np.sqrt(periods),
        "probability": perf.probabilistic_sharpe_ratio(single, len(r), perf.skewness(excess), perf.kurtosis(excess)),
        "sortino": perf.sortino_ratio(r, rf, periods), "calmar": perf.calmar_ratio(r, periods),
        "drawdown": perf.max_drawdown(r), "skewness": perf.skewness(r), "kurtosis": perf.kurtosis(r),
        "tail": perf.tail_ratio(r), "hit": perf.hit_rate(r), "best": perf.best(r), "worst": perf.worst(r),
    }  # fmt: skip
    if other is not None:
        b = other[-count:]
        model = perf.market_model(r, b, rf, periods)
        numbers |= {
            "beta": model.beta, "alpha": model.alpha_annual, "r_squared": model.r_squared,
            "tracking": perf.tracking_error(r, b, periods), "information": perf.information_ratio(r, b, periods),
            "up": perf.capture_ratio(r, b, periods, "up"), "down": perf.capture_ratio(r, b, periods, "down"),
        }  # fmt: skip
    return Span(label, {name: finite(value) for name, value in numbers.items()})


def finite(value: Any) -> float | None:
    """A finite number, or nothing."""
    number = float(np.asarray(value).reshape(-1)[0])
    return number if np.isfinite(number) else None


def exposure(context: Context, ref: SecurityRef, period: Period) -> Exposure | None:
    """Loadings on the richest model that the clock knew; None where none or too little was known."""
    from engine.quant.factors import loadings

    try:
        months = returns_of(context, [ref], period, frequency="monthly", least=_LEAST)
    except DataError:
        return None
    for title, names in MODELS:
        try:
            panel = factor_returns(context, names, months.dates, "monthly")
        except DataError:
            continue
        if len(panel.rows) < _LEAST:
            continue
        rate = risk_free(context, panel.dates, "monthly")
        excess = months.values[panel.rows] - rate.values[:, None]
        found = loadings(excess, panel.values, errors="newey-west")
        return Exposure(
            title, names, found.betas[0], found.standard_errors[0, 1:], float(found.alpha[0]) * 12,
            float(found.r_squared[0]), len(panel.rows),
        )  # fmt: skip
    return None


def regime(context: Context, returns: Returns) -> State | None:
    """The last day's state by two states; None where the range is too short for them."""
    from engine.quant.regimes import expected_durations, fit_gaussian

    logs = np.log1p(returns.values[:, 0])
    try:
        model = fit_gaussian(logs, 2, starts=8, cancelled=context.cancelled)
    except ValueError:
        return None
    chances = model.filter(logs).probabilities[-1]
    state = int(chances.argmax())
    return State(
        model.names[state], float(chances[state]), float(expected_durations(model.transition)[state])
    )

"""BACKTEST's report: what the account did through time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.figures import Heatmap, Timeline
from engine.functions import _backtest_exposed as exposed
from engine.functions._backtest_found import Found, States
from engine.page import Lines, Series
from engine.quant import performance as perf

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TONES: tuple[Literal["good", "calm", "warn", "bad"], ...] = ("good", "calm", "bad")


def _line(found: Found, name: str, values: NDArray[np.float64], unit: str = "", formula: str = "") -> Series:
    """Through days: of bars within days each day's last."""
    return Series(name, found.days, values[found.rows], unit, formula)


def equity(found: Found) -> Lines:
    """The account and what it stands beside, all from its capital, on a log scale."""
    result = found.run.outcome.result
    currency = found.run.currency
    lines = [
        _line(found, "equity", result.equity, currency, "cash, what is owed, and positions at their marks")
    ]
    lines += [
        _line(found, each.name, each.levels * result.capital, currency, each.told) for each in found.beside
    ]
    shown = [line for line in lines if np.isfinite(line.values).any()]
    flat = any((line.values[np.isfinite(line.values)] <= 0).any() for line in shown)
    return Lines(tuple(shown), currency, 0, scale="linear" if flat else "log")


def drawdown(found: Found) -> Lines:
    told = "100 x (value / highest value before - 1)"
    lines = [_line(found, "equity", 100.0 * perf.drawdowns(found.returns), "%", told)]
    for each in found.beside:
        fall = (
            each.levels / np.fmax.accumulate(each.levels) - 1.0
        )  # what fell where no price was known has fallen
        lines.append(_line(found, each.name, 100.0 * fall, "%", told))
    return Lines(tuple(lines), "%", 1)


def timeline(found: Found) -> Timeline | None:
    """The account over the market's states."""
    states = found.states
    if states is None:
        return None
    line = _line(found, "equity", found.run.outcome.result.equity, found.run.currency)
    return _over(found, states, line, "log" if (line.values > 0).all() else "linear")


def underwater(found: Found) -> Timeline:
    """The account's drawdown over the market's states."""
    if found.states is None:
        raise ValueError("no states are told")
    line = _line(found, "drawdown", 100.0 * perf.drawdowns(found.returns), "%")
    return _over(found, found.states, line, "linear")


def _over(found: Found, states: States, line: Series, scale: Literal["linear", "log"]) -> Timeline:
    return Timeline(
        found.days,
        states.names,
        states.values[found.rows],
        None,
        line,
        scale,
        _TONES[: len(states.names)],
        states.told,
    )


def months(found: Found) -> Heatmap:
    """Returns of calendar months, years down; the newest year first."""
    dates, values = perf.aggregate_returns(found.returns, found.dates, "monthly")
    year = dates.astype("datetime64[Y]").astype(int) + 1970
    month = dates.astype("datetime64[M]").astype(int) % 12
    years = np.arange(year.min(), year.max() + 1)
    grid = np.full((len(years), 13), np.nan)
    grid[year - years[0], month] = values
    for at, each in enumerate(years.tolist()):
        inside = values[year == each]
        if len(inside):
            grid[at, 12] = np.prod(1.0 + inside) - 1.0
    return Heatmap(
        tuple(str(each) for each in years[::-1]),
        (*_MONTHS, "year"),
        grid[::-1],
        "percent",
        1,
        formula="product of (1 + r) - 1 within the month",
        row_title="year",
        column_title="month",
        low=-0.15,
        high=0.15,
    )


def rolling(found: Found, window: int) -> Lines:
    line = perf.rolling_sharpe(found.returns, window, found.rate, found.run.periods)
    told = f"mean / deviation of {window} returns over the risk-free rate, annualised"
    return Lines((_line(found, "Sharpe", line, "", told),), "", 2)


def exposure(found: Found) -> Lines:
    result, told = found.run.outcome.result, exposed.counted(found)
    lines = [
        _line(
            found,
            "gross",
            100.0 * result.gross,
            "%",
            "100 x sum of |positions| / equity, at the close" + told,
        )
    ]
    if (result.net < -1e-9).any() or not np.allclose(result.gross, result.net):
        lines.append(
            _line(
                found, "net", 100.0 * result.net, "%", "100 x sum of positions / equity, at the close" + told
            )
        )
    return Lines(tuple(lines), "%", exposed.places(100.0 * float(result.gross.max()), 0))


def turnover(found: Found) -> Lines:
    """Sums of the last 21 sessions: single days are spikes."""
    traded = np.cumsum(found.run.outcome.result.turnover)
    window = 21
    line = traded.copy()
    line[window:] = traded[window:] - traded[:-window]
    told = f"100 x {exposed.bought(found)} over the equity of the session before, sum of {window} sessions"
    decimals = exposed.places(100.0 * float(line.max()), 0)
    return Lines((_line(found, "turnover", 100.0 * line, "%", told),), "%", decimals)

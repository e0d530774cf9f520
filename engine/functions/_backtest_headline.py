"""BACKTEST's headline figures: each that is an estimate with its error, each that is a count called one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.backtest import honesty
from engine.functions import _backtest_exposed as exposed
from engine.functions._backtest_found import Beside, Found
from engine.page import Blank, Metric, Metrics
from engine.quant import performance as perf

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW = 20  # trades below which shares and means of them say little
_Z = 1.959963984540054  # 95% of a normal law lie within so many deviations
_ELSEWHERE = "; its interval takes a bootstrap: PAGE=HONESTY has it"
_BOOTSTRAPPED = "95%: PAGE=HONESTY"
_COUNTED = ": counted, no estimate"


def headline(found: Found) -> Metrics:
    """Growth, risk and what they prove; then what it took, and what it stands beside."""
    items = (*_growth(found), *_risk(found), *_trades(found), *_trading(found), *_against(found))
    return Metrics(tuple(_finite(item) for item in items))


def _growth(found: Found) -> list[Metric]:
    returns, periods = found.returns, found.run.periods
    n, whole = len(returns), float(perf.total_return(found.returns))
    volatility, growth = float(perf.realized_volatility(returns, periods)), float(perf.cagr(returns, periods))
    away = _Z * volatility * np.sqrt(n / periods)
    return [
        Metric(
            "return",
            whole,
            "change",
            1,
            note=_between((1 + whole) * np.exp(-away) - 1, (1 + whole) * np.exp(away) - 1, 0),
            formula="last equity / capital - 1; 95%: (1 + return) x exp(+- 1.96 x volatility x sqrt(years)) - 1",
        ),
        Metric(
            "return a year",
            growth,
            "change",
            1,
            note=_within((1 + growth) * volatility * np.sqrt(periods / n), "percent", 1),
            formula="(last equity / capital) ^ (sessions a year / n) - 1; +- (1 + it) x volatility x sqrt(sessions a "
            "year / n)",
        ),
    ]


def _risk(found: Found) -> list[Metric]:
    returns, periods = found.returns, found.run.periods
    n, year, told = len(returns), np.sqrt(periods), found.ratios
    volatility = float(perf.realized_volatility(returns, periods))
    shape = float(perf.kurtosis(returns, excess=False)) if n > 3 else np.nan
    fall = float(perf.max_drawdown(returns))
    return [
        Metric(
            "volatility",
            volatility,
            "percent",
            1,
            note=_within(volatility * float(np.sqrt(max((shape - 1) / 4 / n, 0.0))), "percent", 1),
            formula="standard deviation x sqrt(sessions a year); +- x sqrt((kurtosis - 1) / 4 n)",
        ),
        Metric(
            "Sharpe ratio",
            float(perf.sharpe_ratio(returns, found.rate, periods=periods)) if told else np.nan,
            "ratio",
            2,
            note=_within(_sharpe_error(returns, found.rate) * year if told else np.nan, "ratio", 2),
            formula=f"mean / deviation of r - risk-free ({found.rate_source}), annualised; +- one standard error "
            "robust to clustering (Lo 2002)",
        ),
        Metric(
            "max drawdown",
            fall,
            "change",
            1,
            note=_BOOTSTRAPPED if fall < 0 else "",
            formula="lowest of equity / highest before - 1, at closes" + _ELSEWHERE,
        ),
        Metric(
            "Calmar ratio",
            float(perf.calmar_ratio(returns, periods)),
            "ratio",
            2,
            note=_BOOTSTRAPPED if fall < 0 else "",
            formula="return a year / size of the deepest drawdown" + _ELSEWHERE,
        ),
        Metric(
            "Sortino ratio",
            float(perf.sortino_ratio(found.excess, periods=periods)) if told else np.nan,
            "ratio",
            2,
            note=_within(honesty.sortino_error(found.excess) * year if told else np.nan, "ratio", 2),
            formula="mean of r - risk-free / deviation below it, annualised; +- by the delta method, robust to "
            "clustering",
        ),
        Metric(
            "deflated Sharpe",
            found.deflated.probability if told else np.nan,
            "percent",
            1,
            note=f"{found.counted.trials:,} tried on these data",
            formula="chance that the true Sharpe ratio is above what the best of as many tries without skill shows "
            "(Bailey & Lopez de Prado 2014)",
        ),
    ]


def _trades(found: Found) -> list[Metric]:
    trades = found.run.outcome.result.trades
    count, won, pnl = len(trades), trades.pnl > 0, trades.pnl
    lost = float(-pnl[pnl < 0].sum())
    low, high = honesty.wilson(int(won.sum()), count)
    spread = float(trades.return_.std(ddof=1)) / np.sqrt(count) if count > 1 else np.nan
    told = [f"{int(trades.open.sum())} open at the end"] if trades.open.any() else []
    told += [f"few: under {FEW}"] if 0 < count < FEW else []
    return [
        Metric(
            "trades", count, "integer", note=", ".join(told), formula="positions from flat to flat" + _COUNTED
        ),
        Metric(
            "won",
            float(won.mean()) if count else np.nan,
            "percent",
            1,
            note=_between(low, high, 0, signed=False),
            formula="trades that made money after costs; 95% by Wilson (1927)",
        ),
        Metric(
            "profit factor",
            float(pnl[won].sum()) / lost if lost else np.nan,
            "ratio",
            2,
            note=_within(honesty.profit_factor_error(pnl), "ratio", 2),
            formula="what winners made / what losers lost; +- by the delta method over trades",
        ),
        Metric(
            "mean trade",
            float(trades.return_.mean()) if count else np.nan,
            "change",
            2,
            note=_within(spread, "percent", 2),
            formula="mean of trades' returns, after costs; +- their deviation / sqrt(trades)",
        ),
    ]


def _trading(found: Found) -> list[Metric]:
    result, periods = found.run.outcome.result, found.run.periods
    years = max(len(found.returns) / periods, 1e-9)
    paid = sum((each for each in result.costs.values()), start=np.zeros(len(result.equity)))
    mean = float(result.equity.mean())
    merged = sum(event.kind == "merger" for event in result.events)
    ended = sum(event.kind == "delisting" for event in result.events) + merged
    gross, turnover = float(result.gross.mean()), float(result.turnover.sum()) / years
    fine, finer = exposed.places(100 * gross, 0), exposed.places(turnover, 1)
    return [
        Metric(
            "in the market",
            float(exposed.holding(found).mean()),
            "percent",
            0,
            formula="sessions with a position" + _COUNTED,
        ),
        Metric(
            "gross exposure",
            gross,
            "percent",
            fine,
            note=_within(honesty.mean_error(result.gross), "percent", fine),
            formula="mean of |positions| / equity at closes; +- robust to clustering"
            + exposed.counted(found),
        ),
        Metric(
            "turnover a year",
            turnover,
            "ratio",
            finer,
            unit="x",
            note=_within(honesty.mean_error(result.turnover) * periods, "ratio", finer),
            formula=f"{exposed.bought(found)} over the equity of the session before, a year; +- robust to clustering",
        ),
        Metric(
            "costs a year",
            float(paid.sum()) / mean / years if mean > 0 else np.nan,
            "percent",
            2,
            note=_within(honesty.mean_error(paid) * periods / mean if mean > 0 else np.nan, "percent", 2),
            formula="all costs, less interest earned / mean equity, a year; +- robust to clustering",
        ),
        Metric(
            "ended delisted",
            ended,
            "integer",
            note=f"{merged:,} into shares of another" if merged else "",
            formula="positions whose security was delisted while they were held, in a merger or otherwise"
            + _COUNTED,
        ),
    ]


def _against(found: Found) -> list[Metric]:
    items: list[Metric] = []
    for each in found.beside:
        items += _held(found, each)
    return items + (_beside(found, found.beside[-1]) if found.beside else [])


def _held(found: Found, each: Beside) -> list[Metric]:
    """What is held throughout: its own growth and ratio."""
    own = np.isfinite(each.returns)
    if own.sum() < FEW:
        return []
    market, periods = each.returns[own], found.run.periods
    growth, volatility = float(perf.cagr(market, periods)), float(perf.realized_volatility(market, periods))
    slack = (1 + growth) * volatility * np.sqrt(periods / len(market))
    last = found.dates[np.flatnonzero(own)[-1]].astype("datetime64[D]")
    ends = "" if own[-1] else f", to {last}"
    return [
        Metric(
            f"{each.name}, a year",
            growth,
            "change",
            1,
            note=_within(slack, "percent", 1) + ends,
            formula=each.told,
        ),
        Metric(
            f"Sharpe of {each.name}",
            float(perf.sharpe_ratio(market, found.rate[own], periods=periods)),
            "ratio",
            2,
            note=_within(_sharpe_error(market, found.rate[own]) * np.sqrt(periods), "ratio", 2),
            formula="as the run's, with its error",
        ),
    ]


def _beside(found: Found, last: Beside) -> list[Metric]:
    own = np.isfinite(last.returns)
    if own.sum() < FEW:
        return []
    returns, market, rate, periods = found.returns[own], last.returns[own], found.rate[own], found.run.periods
    return [
        Metric(
            f"beta to {last.name}",
            float(perf.beta(returns, market, rate)),
            "ratio",
            2,
            note=_within(honesty.beta_error(returns - rate, market - rate), "ratio", 2),
            formula="slope of r - risk-free on the other's; +- robust to clustering and to unequal spread",
        ),
        Metric(
            "information ratio",
            float(perf.information_ratio(returns, market, periods=periods)),
            "ratio",
            2,
            note=_within(_sharpe_error(returns - market, 0.0 * rate) * np.sqrt(periods), "ratio", 2),
            formula=f"mean of r - {last.name} / its deviation, annualised; +- robust to clustering (Lo 2002)",
        ),
    ]


def _sharpe_error(returns: NDArray[np.float64], rate: NDArray[np.float64]) -> float:
    """Of a session's ratio."""
    return float(perf.sharpe_error_of(returns, rate, method="hac"))


def _within(error: float, kind: str, decimals: int) -> str:
    if not np.isfinite(error):
        return ""
    return f"+- {error:.{decimals}%}" if kind == "percent" else f"+- {error:.{decimals}f}"


def _between(low: float, high: float, decimals: int, *, signed: bool = True) -> str:
    if not (np.isfinite(low) and np.isfinite(high)):
        return ""
    sign = "+" if signed else ""
    return f"95% {low:{sign},.{decimals}%} to {high:{sign},.{decimals}%}"


def _finite(item: Metric) -> Metric:
    """NaN and infinite are blanks: never existed."""
    if isinstance(item.value, float) and not np.isfinite(item.value):
        return Metric(
            item.label,
            None,
            item.kind,
            item.decimals,
            item.unit,
            item.formula,
            note=item.note,
            blank=Blank.NEVER_EXISTED,
        )
    return item

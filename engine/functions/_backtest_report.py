"""BACKTEST's report: the headline figures with their errors, and what the account did through time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.figures import Heatmap, Timeline
from engine.functions._backtest_found import Found, States
from engine.page import Blank, Lines, Metric, Metrics, Series
from engine.quant import performance as perf

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TONES: tuple[Literal["good", "calm", "warn", "bad"], ...] = ("good", "calm", "bad")


def headline(found: Found) -> Metrics:
    """Growth, risk and what they prove; then what it took."""
    returns, excess, periods = found.returns, found.excess, found.run.periods
    n, year = len(returns), np.sqrt(periods)
    sharpe = float(perf.sharpe_ratio(returns, found.rate, periods=periods)) if found.ratios else np.nan
    error = float(perf.sharpe_error_of(returns, found.rate, method="hac")) * year if found.ratios else np.nan
    volatility = float(perf.realized_volatility(returns, periods))
    spread = (
        volatility * np.sqrt(max((float(perf.kurtosis(returns, excess=False)) - 1) / 4 / n, 0.0))
        if n > 3
        else np.nan
    )
    growth = float(perf.cagr(returns, periods))
    slack = volatility * np.sqrt(periods / n)
    items = [
        Metric("return", float(perf.total_return(returns)), "change", 1, formula="last equity / capital - 1"),
        Metric(
            "return a year",
            growth,
            "change",
            1,
            note=_within(slack, "percent", 1),
            formula="(last equity / capital) ^ (sessions a year / n) - 1; +- volatility x sqrt(sessions a year / n)",
        ),
        Metric(
            "volatility",
            volatility,
            "percent",
            1,
            note=_within(spread, "percent", 1),
            formula="standard deviation x sqrt(sessions a year); +- x sqrt((kurtosis - 1) / 4 n)",
        ),
        Metric(
            "Sharpe ratio",
            sharpe,
            "ratio",
            2,
            note=_within(error, "ratio", 2),
            formula=f"mean / deviation of r - risk-free ({found.rate_source}), annualised; +- one standard error "
            "robust to clustering (Lo 2002)",
        ),
        Metric(
            "max drawdown",
            float(perf.max_drawdown(returns)),
            "change",
            1,
            formula="lowest of equity / highest before - 1, at closes",
        ),
        Metric(
            "Calmar ratio",
            float(perf.calmar_ratio(returns, periods)),
            "ratio",
            2,
            formula="return a year / size of the deepest drawdown",
        ),
        Metric(
            "Sortino ratio",
            float(perf.sortino_ratio(excess, periods=periods)) if found.ratios else np.nan,
            "ratio",
            2,
            formula="mean of r - risk-free / deviation below it, annualised",
        ),
        Metric(
            "deflated Sharpe",
            found.deflated.probability if found.ratios else np.nan,
            "percent",
            1,
            note=f"{found.counted.trials:,} tried on these data",
            formula="chance that the true Sharpe ratio is above what the best of as many tries without skill shows "
            "(Bailey & Lopez de Prado 2014)",
        ),
        *_trading(found),
        *_against(found),
    ]
    return Metrics(tuple(_finite(item) for item in items))


def _within(error: float, kind: str, decimals: int) -> str:
    if not np.isfinite(error):
        return ""
    return f"+- {error:.{decimals}%}" if kind == "percent" else f"+- {error:.{decimals}f}"


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


def _trading(found: Found) -> list[Metric]:
    result = found.run.outcome.result
    trades, years = result.trades, max(len(found.returns) / found.run.periods, 1e-9)
    won, pnl = trades.pnl > 0, trades.pnl
    lost = float(-pnl[pnl < 0].sum())
    paid = sum(float(each.sum()) for each in result.costs.values())
    mean = float(result.equity.mean())
    share = float(won.mean()) if len(trades) else np.nan
    merged = sum(event.kind == "merger" for event in result.events)
    ended = sum(event.kind == "delisting" for event in result.events) + merged
    return [
        Metric(
            "trades",
            len(trades),
            "integer",
            note=f"{int(trades.open.sum())} open at the end" if trades.open.any() else "",
            formula="positions from flat to flat",
        ),
        Metric(
            "won",
            share,
            "percent",
            1,
            note=_within(
                float(np.sqrt(share * (1 - share) / len(trades))) if 0 < share < 1 else np.nan, "percent", 1
            ),
            formula="trades that made money after costs; +- sqrt(p (1 - p) / trades)",
        ),
        Metric(
            "profit factor",
            float(pnl[won].sum()) / lost if lost else np.nan,
            "ratio",
            2,
            formula="what winners made / what losers lost",
        ),
        Metric(
            "mean trade",
            float(trades.return_.mean()) if len(trades) else np.nan,
            "change",
            2,
            formula="mean of trades' returns, after costs",
        ),
        Metric(
            "in the market",
            float((result.gross > 1e-9).mean()),
            "percent",
            0,
            formula="sessions with a position",
        ),
        Metric(
            "gross exposure",
            float(result.gross.mean()),
            "percent",
            0,
            formula="mean of |positions| / equity at closes",
        ),
        Metric(
            "turnover a year",
            float(result.turnover.sum()) / years,
            "ratio",
            1,
            unit="x",
            formula="bought and sold over the equity of the session before, a year",
        ),
        Metric(
            "costs a year",
            paid / mean / years if mean > 0 else np.nan,
            "percent",
            2,
            formula="all costs, less interest earned / mean equity, a year",
        ),
        Metric(
            "ended delisted",
            ended,
            "integer",
            note=f"{merged:,} into shares of another" if merged else "",
            formula="positions whose security was delisted while they were held, in a merger or otherwise",
        ),
    ]


def _against(found: Found) -> list[Metric]:
    items: list[Metric] = []
    for each in found.beside:
        own = np.isfinite(each.returns)
        if own.sum() < 20:
            continue
        market = each.returns[own]
        items += [
            Metric(
                f"{each.name}, a year",
                float(perf.cagr(market, found.run.periods)),
                "change",
                1,
                note="" if own[-1] else f"to {found.dates[np.flatnonzero(own)[-1]].astype('datetime64[D]')}",
                formula=each.told,
            ),
            Metric(
                f"Sharpe of {each.name}",
                float(perf.sharpe_ratio(market, found.rate[own], periods=found.run.periods)),
                "ratio",
                2,
            ),
        ]
    if found.beside:
        last = found.beside[-1]
        own = np.isfinite(last.returns)
        if own.sum() >= 20:
            items += [
                Metric(
                    f"beta to {last.name}",
                    float(perf.beta(found.returns[own], last.returns[own], found.rate[own])),
                    "ratio",
                    2,
                ),
                Metric(
                    "information ratio",
                    float(
                        perf.information_ratio(
                            found.returns[own], last.returns[own], periods=found.run.periods
                        )
                    ),
                    "ratio",
                    2,
                    formula=f"mean of r - {last.name} / its deviation, annualised",
                ),
            ]
    return items


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
    result = found.run.outcome.result
    lines = [
        _line(found, "gross", 100.0 * result.gross, "%", "100 x sum of |positions| / equity, at the close")
    ]
    if (result.net < -1e-9).any() or not np.allclose(result.gross, result.net):
        lines.append(
            _line(found, "net", 100.0 * result.net, "%", "100 x sum of positions / equity, at the close")
        )
    return Lines(tuple(lines), "%", 0)


def turnover(found: Found) -> Lines:
    """Sums of the last 21 sessions: single days are spikes."""
    traded = np.cumsum(found.run.outcome.result.turnover)
    window = 21
    line = traded.copy()
    line[window:] = traded[window:] - traded[:-window]
    told = f"100 x bought and sold over the equity of the session before, sum of {window} sessions"
    return Lines((_line(found, "turnover", 100.0 * line, "%", told),), "%", 0)

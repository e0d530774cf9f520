"""95% intervals on every headline figure of BACKTEST that is an estimate, by bootstrap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.backtest import honesty
from engine.frames import frame_of
from engine.functions import _backtest_exposed as exposed
from engine.functions._backtest_found import Found
from engine.page import Column, Table
from engine.quant import performance as perf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.backtest.honesty import Interval
    from engine.backtest.honesty.resampled import Figure

    Floats = NDArray[np.float64]

REPLICATIONS = 1_000
_BESIDE = 500  # of what it took, and of what stands beside it
_FEW = 20  # sessions beside a benchmark
_WORDS = {
    "total_return": ("return", "change"),
    "cagr": ("return a year", "change"),
    "realized_volatility": ("volatility", "percent"),
    "sharpe_ratio": ("Sharpe ratio", "ratio"),
    "max_drawdown": ("max drawdown", "change"),
    "calmar_ratio": ("Calmar ratio", "ratio"),
    "sortino_ratio": ("Sortino ratio", "ratio"),
}
_OVER = ("sharpe_ratio", "sortino_ratio")  # of returns over the risk-free rate


class _Row(NamedTuple):
    figure: str
    kind: str
    interval: Interval
    how: str


def intervals(found: Found, seed: int) -> Table:
    """Of sessions by stationary block bootstrap, of trades one by one, of shares of trades by Wilson's formula."""
    rows = [
        *_of_returns(found, seed),
        *_of_trades(found, seed),
        *_of_sessions(found, seed),
        *_of_others(found, seed),
    ]
    shown = [
        {
            "figure": row.figure,
            "estimate": _written(row.interval.estimate, row.kind),
            "low": _written(row.interval.low, row.kind),
            "high": _written(row.interval.high, row.kind),
            "error": _written(row.interval.standard_error, row.kind),
            "how": row.how,
        }
        for row in rows
    ]
    frame = frame_of(shown, figure="text", estimate="text", low="text", high="text", error="text", how="text")
    columns = (
        Column(
            "figure",
            "figure",
            formula=f"{REPLICATIONS:,} replications of returns and trades, {_BESIDE} of the rest",
        ),
        Column("estimate", "estimate"),
        Column("low", "95% from"),
        Column("high", "to"),
        Column("error", "std error", formula="deviation of the replications"),
        Column("how", "drawn anew", width=44),
    )
    return Table(frame, columns, key=("figure",))


def _of_returns(found: Found, seed: int) -> Iterator[_Row]:
    """Growth, risk and their ratios: bias-corrected and accelerated (Efron 1987)."""
    plain, over = (
        honesty.headline_intervals(each, found.run.periods, replications=REPLICATIONS, seed=seed)
        for each in (found.returns, found.excess)
    )
    for name, (label, kind) in _WORDS.items():
        chosen = over if name in _OVER else plain
        yield _Row(label, kind, chosen.intervals[name], f"blocks of {chosen.block:.1f} sessions, BCa")


def _of_trades(found: Found, seed: int) -> Iterator[_Row]:
    from engine.backtest.honesty import Interval

    trades = found.run.outcome.result.trades
    count, won = len(trades), int((trades.pnl > 0).sum())
    share = won / count
    how = f"{count:,} trades, one by one"
    yield _Row(
        "won", "percent",
        Interval(share, *honesty.wilson(won, count), float(np.sqrt(share * (1 - share) / count)) or float("nan")),
        f"{count:,} trades, Wilson (1927)",
    )  # fmt: skip
    factor = honesty.resampled(
        trades.pnl[:, None], _factor, together=False, replications=REPLICATIONS, seed=seed
    )
    yield _Row("profit factor", "ratio", factor, how)
    mean = honesty.resampled(
        trades.return_[:, None], _mean, together=False, replications=REPLICATIONS, seed=seed
    )
    yield _Row("mean trade", "fine", mean, how)


def _of_sessions(found: Found, seed: int) -> Iterator[_Row]:
    """What it took: means of sessions, a year."""
    result, periods = found.run.outcome.result, found.run.periods
    paid = sum((each for each in result.costs.values()), start=np.zeros(len(result.equity)))
    yield _Row("in the market", "percent", *_session(exposed.holding(found).astype(float), 1.0, seed))
    yield _Row("gross exposure", "percent", *_session(result.gross, 1.0, seed))
    yield _Row("turnover a year", "ratio", *_session(result.turnover, periods, seed))
    yield _Row("costs a year", "fine", *_session(paid / float(result.equity.mean()), periods, seed))


def _session(values: Floats, times: float, seed: int) -> tuple[Interval, str]:
    made = honesty.resampled(
        np.asarray(values)[:, None], lambda drawn: times * _mean(drawn), replications=_BESIDE, seed=seed
    )
    return made, "blocks of sessions"


def _of_others(found: Found, seed: int) -> Iterator[_Row]:
    """What is held beside it, and what the run did against the last of them: both drawn together."""
    periods = found.run.periods
    for each in found.beside:
        own = np.isfinite(each.returns)
        if own.sum() < _FEW:
            continue
        market, rate = each.returns[own], found.rate[own]
        over = _drawn(market - rate, market, seed, lambda drawn: _ratio(drawn[:, :, 0], periods))
        growth = _drawn(market, market, seed, lambda drawn: _grown(drawn[:, :, 0], periods))
        yield _Row(f"{each.name}, a year", "change", growth, "blocks of sessions")
        yield _Row(f"Sharpe of {each.name}", "ratio", over, "blocks of sessions")
        if each is found.beside[-1]:
            mine = found.returns[own]
            beta = _drawn(mine - rate, market - rate, seed, _slope)
            yield _Row(f"beta to {each.name}", "ratio", beta, "blocks of sessions, both together")
            active = _drawn(mine - market, market, seed, lambda drawn: _ratio(drawn[:, :, 0], periods))
            yield _Row("information ratio", "ratio", active, "blocks of sessions, both together")


def _drawn(one: Floats, other: Floats, seed: int, figure: Figure) -> Interval:
    return honesty.resampled(np.column_stack([one, other]), figure, replications=_BESIDE, seed=seed)


def _mean(drawn: Floats) -> Floats:
    return np.asarray(drawn[:, :, 0].mean(axis=1))


def _factor(drawn: Floats) -> Floats:
    """What winners made over what losers lost; NaN without losers."""
    made = drawn[:, :, 0]
    lost = -np.minimum(made, 0.0).sum(axis=1)
    gained = np.maximum(made, 0.0).sum(axis=1)
    return np.where(lost > 0, gained / np.where(lost > 0, lost, 1.0), np.nan)


def _ratio(values: Floats, periods: float) -> Floats:
    return np.asarray(perf.sharpe_ratio(np.ascontiguousarray(values.T), periods=periods))


def _grown(values: Floats, periods: float) -> Floats:
    return np.asarray(perf.cagr(np.ascontiguousarray(values.T), periods))


def _slope(drawn: Floats) -> Floats:
    mine, market = drawn[:, :, 0], drawn[:, :, 1]
    away = market - market.mean(axis=1, keepdims=True)
    square = (away**2).sum(axis=1)
    return np.where(square > 0, (away * mine).sum(axis=1) / np.where(square > 0, square, 1.0), np.nan)


def _written(value: float, kind: str) -> str:
    if not np.isfinite(value):
        return "none"
    if kind == "ratio":
        return f"{value:,.2f}"
    return f"{value:,.2%}" if kind == "fine" else f"{value:,.1%}"

"""QUANT's backtest summary: what a few rules that everybody knows would have made of the security."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import DataError
from engine.frames import frame_of
from engine.page import Column, Table
from engine.quant import performance as perf
from engine.rates import risk_free

if TYPE_CHECKING:
    from datetime import date

    from engine.context import Context
    from engine.page import SecurityRef

# fixed before any security was seen: a summary, not a search
RULES = (
    ("held throughout", "long when close > 0"),
    ("above its 200-day average", "long when close > sma(close, 200)"),
    ("50-day above 200-day average", "long when sma(close, 50) > sma(close, 200)"),
    ("up over 12 months", "long when ret_1y > 0; rebalance monthly"),
    ("RSI below 30, until above 55", "long when rsi(close, 14) < 30; exit when rsi(close, 14) > 55"),
)
COST, SLIP = 5e-4, 10e-4


def rules(context: Context, ref: SecurityRef, start: date, end: date) -> Table | None:
    """A row a rule; choosing one runs it. None where nothing of the kind can be traded."""
    from engine.backtest.inputs import RunSpec
    from engine.backtest.result import Costs, Terms
    from engine.backtest.run import run
    from engine.runs.market import gather
    from engine.runs.wanted import Wanted

    try:
        inputs = gather(context.reader, Wanted((ref.security_id,), start=start, end=end, warm_up=252)).inputs
    except DataError:
        return None
    costs, terms = Costs(per_notional=COST, slippage=SLIP), Terms(fractional=True)
    dates = inputs.market.dates[inputs.begin :]
    if len(dates) < 252:
        return None
    rate = risk_free(context, dates).values
    word = ref.ticker if context.directory.unambiguous(ref.ticker) else ref.label
    rows = []
    for title, text in RULES:
        outcome = run(inputs, RunSpec(text, costs, terms, accounts=True))
        command = f'BACKTEST {word} STRATEGY="{text}" PERIOD={start}..{end}'
        rows.append({"rule": title, "command": command, **_figures(outcome, rate)})
    return _table(rows)


def _figures(outcome: Any, rate: Any) -> dict[str, float | int]:
    result = outcome.result
    returns = result.returns
    return {
        "annual": float(perf.cagr(returns, "daily")),
        "volatility": float(perf.realized_volatility(returns, "daily")),
        "sharpe": float(perf.sharpe_ratio(returns, rate, periods="daily")),
        "error": float(perf.sharpe_error_of(returns, rate, method="hac")) * np.sqrt(252),
        "drawdown": float(perf.max_drawdown(returns)),
        "trades": len(result.trades),
        "inside": float((result.gross > 1e-9).mean()),
    }


def _table(rows: list[dict[str, Any]]) -> Table:
    frame = frame_of(
        rows, rule="text", command="text", annual="number", volatility="number", sharpe="number", error="number",
        drawdown="number", trades="integer", inside="number",
    )  # fmt: skip
    columns = (
        Column("rule", "rule", formula="fixed rules, the same for every security: a summary, not a search"),
        Column(
            "annual",
            "return a year",
            "change",
            1,
            formula="after 5 bp commission and 10 bp slippage each way",
        ),
        Column("volatility", "volatility", "percent", 1),
        Column("sharpe", "Sharpe", "ratio", 2, formula="mean / deviation of r - risk-free, annualised"),
        Column("error", "std error", "ratio", 2, formula="robust to clustering (Lo 2002)"),
        Column("drawdown", "max drawdown", "change", 1),
        Column("trades", "trades", "integer"),
        Column("inside", "in the market", "percent", 0, formula="sessions with a position"),
    )
    return Table(frame, columns, key=("rule",), command="command", pinned="rule")

"""BACKTEST's tables: trades with their reasons, costs, worst drawdowns, tails, and who made the money."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.frames import TypeWord, frame_of
from engine.functions._backtest_chart import chart_of, tickers
from engine.functions._backtest_found import Found
from engine.page import Blank, Column, Table
from engine.quant import performance as perf

if TYPE_CHECKING:
    from engine.context import Context

_COST_WORDS = {
    "commission": "commissions",
    "spread": "half the spread",
    "slippage": "slippage",
    "impact": "market impact",
    "withholding": "tax on dividends",
    "interest": "interest (earned is negative)",
    "borrow": "fee on shorts",
    "rebate": "interest on shorts' proceeds (earned is negative)",
    "volatility": "slippage by volatility",
}
_TRADES = (
    Column("symbol", "symbol"),
    Column("side", "side"),
    Column("entry", "in", "date"),
    Column(
        "entry_price",
        "at",
        "price",
        2,
        formula="mean price of the fills, costs of the fill in it, of a share as held at the end: a split divides it",
    ),
    Column("exit", "out", "date"),
    Column(
        "exit_price", "at", "price", 2, formula="mean price of the fills; of an open trade the last close"
    ),
    Column("earned", "return", "change", 1, formula="made after costs / what was paid in or sold short"),
    Column("pnl", "made", "number", 0, formula="after costs, dividends in it"),
    Column("why_out", "why out", width=46, least=18),
    Column("why_in", "why in", width=46, least=18),
    Column("shares", "shares", "number", 2, formula="held at the end: splits while held multiply them"),
    Column("costs", "costs", "number", 0, formula="commissions, and what fills were worse than their price"),
    Column("bars", "sessions", "integer"),
    Column("mae", "worst", "change", 1, formula="lowest close while held over the entry price"),
    Column("mfe", "best", "change", 1, formula="highest close while held over the entry price"),
)


def trades(context: Context, found: Found, last: int | None = None) -> Table:
    """A row a trade, the newest first; choosing one opens its chart."""
    held = found.run.outcome.result.trades
    order = np.argsort(-held.entry, kind="stable")
    order = order[:last] if last is not None else order
    called = tickers(context, found.run)
    rows = []
    for at in order.tolist():
        one = held[at]
        start, end = (_moment(each, found) for each in (one.entry_date, one.exit_date))
        rows.append(
            {
                "symbol": one.symbol,
                "side": "short" if one.shares < 0 else "long",
                "entry": start,
                "entry_price": one.entry_price,
                "exit": None if one.open else end,
                "exit_price": one.exit_price,
                "shares": one.shares,
                "earned": one.return_,
                "pnl": one.pnl,
                "costs": one.costs,
                "bars": one.bars,
                "mae": one.mae,
                "mfe": one.mfe,
                "why_in": one.entry_reason,
                "why_out": "still open" if one.open else one.exit_reason,
                "command": chart_of(one, called, found.run),
                "tone": "up" if one.pnl > 0 else "down" if one.pnl < 0 else "",
            }
        )
    frame = frame_of(
        rows,
        symbol="text",
        side="text",
        entry="instant" if found.within else "date",
        entry_price="number",
        exit="instant" if found.within else "date",
        exit_price="number",
        shares="number",
        pnl="number",
        costs="number",
        bars="integer",
        mae="number",
        mfe="number",
        why_in="text",
        why_out="text",
        command="text",
        tone="text",
        earned="number",
    )
    return Table(
        frame,
        _columns(found),
        key=("symbol", "entry"),
        command="command",
        emphasis="tone",
        pinned="symbol",
        empty="It never traded: no entry was signalled in these years. A wider condition or a longer range may.",
    )


def _moment(moment: np.datetime64, found: Found) -> date | datetime:
    """A day, or of bars within days the instant at which one begins."""
    if not found.within:
        day: date = moment.astype("datetime64[D]").astype(object)
        return day
    began: datetime = moment.astype("datetime64[us]").astype(object)
    return began.replace(tzinfo=UTC)


def _columns(found: Found) -> tuple[Column, ...]:
    """Prices with as many decimals as they move in: currencies and what costs little have more than two."""
    prices = found.run.outcome.result.trades.entry_price
    money, (sized, told, digits) = found.run.currency, _sized(found)
    columns = tuple(replace(each, unit=money) if each.name in ("pnl", "costs") else each for each in _TRADES)
    columns = tuple(
        replace(each, label=sized, formula=told, decimals=digits) if each.name == "shares" else each
        for each in columns
    )
    if found.within:
        columns = tuple(replace(each, kind="instant") if each.kind == "date" else each for each in columns)
    if not len(prices) or not found.plain or float(np.median(prices)) >= 10:
        return columns
    decimals = 5 if found.run.asked.refs and found.run.asked.refs[0].asset_class == "currency" else 4
    priced = ("entry_price", "exit_price")
    return tuple(replace(each, decimals=decimals) if each.name in priced else each for each in columns)


def _sized(found: Found) -> tuple[str, str, int]:
    """What sizes of trades count: label, explanation, decimals."""
    asked = found.run.asked
    kind = asked.refs[0].asset_class if asked.refs else ""
    if asked.kind == "options":
        return "shares", "of the underlying: contracts x multiplier, or shares themselves", 0
    if kind == "future" or (kind == "crypto" and dict(asked.terms_of).get("contract") == "INVERSE"):
        return "contracts", "held at the end", 0
    if kind == "currency":
        return "size", "held at the end, in the pair's first currency", 2
    if kind == "crypto":
        return "coins", "held at the end", 4
    return "shares", "held at the end: splits while held multiply them", 2


def costs(found: Found) -> Table:
    """What the account paid, by kind, in money and against what it made."""
    result = found.run.outcome.result
    years = max(len(found.returns) / found.run.periods, 1e-9)
    mean = float(result.equity.mean())
    rows: list[dict[str, Any]] = []
    for kind, values in result.costs.items():
        total = float(values.sum())
        rows.append(
            {
                "kind": _COST_WORDS.get(kind, kind),
                "total": total,
                "yearly": total / mean / years if mean > 0 else None,
            }
        )
    rows.sort(key=lambda row: -abs(row["total"]))
    total = sum(row["total"] for row in rows)
    if rows:
        rows.append(
            {
                "kind": "together",
                "total": total,
                "yearly": total / mean / years if mean > 0 else None,
                "tone": "strong",
            }
        )
    frame = frame_of(rows, kind="text", total="number", yearly="number", tone="text")
    columns = (
        Column("kind", "cost"),
        Column("total", "paid", "number", 0, unit=found.run.currency),
        Column("yearly", "a year", "percent", 2, formula="paid / mean equity / years"),
    )
    return Table(frame, columns, key=("kind",), emphasis="tone", empty="Nothing was paid.")


def drawdowns(found: Found, count: int = 5) -> Table:
    days = found.dates.astype("datetime64[D]")
    rows = [
        {
            "depth": each.depth,
            "length": each.length,
            "peak": days[max(each.peak, 0)].astype(object),
            "trough": days[each.trough].astype(object),
            "recovery": None if each.recovery is None else days[each.recovery].astype(object),
        }
        for each in perf.drawdown_table(found.returns, count)
    ]
    frame = frame_of(rows, depth="number", peak="date", trough="date", recovery="date", length="integer")
    columns = (
        Column("depth", "depth", "change", 1, formula="lowest value / highest before - 1"),
        Column("peak", "from", "date"),
        Column("trough", "lowest", "date"),
        Column("recovery", "recovered", "date", default_blank=Blank.NOT_YET_KNOWN),
        Column(
            "length", "sessions", "integer", formula="from the peak to the recovery, or to the last session"
        ),
    )
    return Table(frame, columns, key=("peak",), empty="It has only risen.")


def tails(found: Found) -> Table:
    """The returns' shape, a session's and a month's."""
    spans = [
        ("sessions", found.returns),
        ("months", perf.aggregate_returns(found.returns, found.dates, "monthly")[1]),
    ]
    rows = []
    for name, values in spans:
        if len(values) < 12:
            continue
        cut = np.quantile(values, 0.05)
        rows.append(
            {
                "of": name,
                "best": float(values.max()),
                "worst": float(values.min()),
                "skew": float(perf.skewness(values)),
                "kurtosis": float(perf.kurtosis(values, excess=False)),
                "low": float(cut),
                "shortfall": float(values[values <= cut].mean()),
                "tail": float(perf.tail_ratio(values)),
                "up": float((values > 0).mean()),
            }
        )
    types: dict[str, TypeWord] = dict.fromkeys(
        ("best", "worst", "skew", "kurtosis", "low", "shortfall", "tail", "up"), "number"
    )
    columns = (
        Column("of", "returns of"),
        Column("up", "above zero", "percent", 0),
        Column("best", "best", "change", 1),
        Column("worst", "worst", "change", 1),
        Column("low", "5% quantile", "change", 2),
        Column("shortfall", "mean below it", "change", 2),
        Column("skew", "skew", "ratio", 2, formula="third standardised moment"),
        Column("kurtosis", "kurtosis", "ratio", 1, formula="fourth standardised moment; 3 of a normal law"),
        Column("tail", "tail ratio", "ratio", 2, formula="95th percentile / size of the 5th"),
    )
    return Table(frame_of(rows, of="text", **types), columns, key=("of",), empty="Fewer than twelve returns.")

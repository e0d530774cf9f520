"""Parts of a market and of what was decided on it: from a session on, of one symbol, at another price."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from engine.backtest.inputs import Fill
from engine.backtest.market import Floats, Market
from engine.backtest.result import Signals
from engine.backtest.rules.plan import Plan, Side
from engine.backtest.rules.sizing import Level

PANELS = ("open", "high", "low", "close", "volume", "split", "dividend", "pay")


def market_from(market: Market, begin: int) -> Market:
    """The market from a row on; what was delisted before it has no end in it (and no bars)."""
    if not begin:
        return market
    cut = {name: getattr(market, name)[begin:] for name in ("dates", *PANELS)}
    mergers = tuple(one for one in market.mergers if market.last[one.column] >= begin)
    last = np.where(market.last >= begin, market.last - begin, -1)
    return replace(market, **cut, last=last, mergers=mergers)


def column_of(market: Market, column: int) -> Market:
    """A market of one symbol."""
    part = slice(column, column + 1)
    market = paid_out(market)
    cut = {name: getattr(market, name)[:, part] for name in PANELS}
    cut |= {name: getattr(market, name)[part] for name in ("ids", "last", "final_return", "symbols")}
    return replace(market, **cut, unseen=0)


def first_columns(market: Market, count: int) -> Market:
    """The market of the first ``count`` symbols, without mergers."""
    if count == len(market.symbols):
        return replace(market, mergers=()) if market.mergers else market
    cut: dict[str, Any] = {name: getattr(market, name)[:, :count] for name in PANELS}
    cut |= {name: getattr(market, name)[:count] for name in ("ids", "last", "final_return", "symbols")}
    return replace(market, **cut, mergers=(), unseen=0)


def paid_out(market: Market) -> Market:
    """Mergers as final returns: an account of one symbol gets the worth of the other's shares, at their close."""
    if not market.mergers:
        return market
    final = market.final_return.copy()
    for one in market.mergers:
        row = int(market.last[one.column])
        found, last = market.successor(one.column, row), market.mark(one.column, row)
        if found is not None and last > 0:
            final[one.column] = (one.ratio * found[1] + one.cash) / last - 1.0
    return replace(market, final_return=final, mergers=())


def plan_from(plan: Plan, begin: int) -> Plan:
    """Decisions from a row on: a condition that holds there enters there, whatever began before."""
    if not begin:
        return plan
    part = np.s_[begin:]
    return replace(_planned(plan, part), dates=plan.dates[begin:], rebalance=plan.rebalance[begin:])


def plan_column(plan: Plan, column: int) -> Plan:
    """Decisions on one symbol."""
    return _planned(plan, np.s_[:, column : column + 1])


def _planned(plan: Plan, part: Any) -> Plan:
    return replace(
        plan,
        long=_side(plan.long, part),
        short=_side(plan.short, part),
        weights=None if plan.weights is None else plan.weights[part],
        stop=_level(plan.stop, part),
        trail=_level(plan.trail, part),
        take=_level(plan.take, part),
    )


def _side(side: Side, part: Any) -> Side:
    chosen = None if side.selected is None else side.selected[part]
    return Side(side.entry[part], side.exit[part], side.again[part], chosen)


def _level(level: Level | None, part: Any) -> Level | None:
    if level is None or level.distance is None:
        return level
    return Level(distance=level.distance[part])


def signals_from(signals: Signals, begin: int) -> Signals:
    """Weights from a row on; where none is given there, the last one wanted before stands."""
    if not begin:
        return signals
    rows = np.where(np.isnan(signals.target[: begin + 1]), 0, np.arange(begin + 1)[:, None]).max(axis=0)
    target = signals.target[begin:].copy()
    target[0] = np.take_along_axis(signals.target, rows[None], axis=0)[0]
    reasons = None if signals.reasons is None else signals.reasons[begin:].copy()
    if reasons is not None and signals.reasons is not None:
        reasons[0] = np.take_along_axis(signals.reasons, rows[None], axis=0)[0]
    return Signals(target, reasons, signals.names)


def filled_at(market: Market, fill: Fill) -> Market:
    """The market with the price that orders of a session get as its open.

    "vwap": the mean of open, high, low and close (of those there are), a stand-in for the volume-weighted price.
    """
    if fill == "open":
        return market
    traded = np.isfinite(market.open) & np.isfinite(market.close)
    if fill == "close":
        return replace(market, open=np.where(traded, market.close, np.nan))
    return replace(market, open=np.where(traded, _mean(market), np.nan))


def _mean(market: Market) -> Floats:
    total, count = np.zeros(market.close.shape), np.zeros(market.close.shape)
    for values in (market.open, market.high, market.low, market.close):
        known = np.isfinite(values)
        total += np.where(known, values, 0.0)
        count += known
    mean: Floats = total / np.maximum(count, 1.0)
    return mean

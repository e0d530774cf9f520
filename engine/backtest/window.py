"""A run begins at a session of its market: what comes before it only warms up what is computed."""

from __future__ import annotations

from dataclasses import replace

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
    return replace(market, **cut, last=np.where(market.last >= begin, market.last - begin, -1))


def plan_from(plan: Plan, begin: int) -> Plan:
    """Decisions from a row on: a condition that holds there enters there, whatever began before."""
    if not begin:
        return plan
    return replace(
        plan,
        dates=plan.dates[begin:],
        long=_side_from(plan.long, begin),
        short=_side_from(plan.short, begin),
        weights=None if plan.weights is None else plan.weights[begin:],
        stop=_level_from(plan.stop, begin),
        trail=_level_from(plan.trail, begin),
        take=_level_from(plan.take, begin),
        rebalance=plan.rebalance[begin:],
    )


def _side_from(side: Side, begin: int) -> Side:
    chosen = None if side.selected is None else side.selected[begin:]
    return Side(side.entry[begin:], side.exit[begin:], side.again[begin:], chosen)


def _level_from(level: Level | None, begin: int) -> Level | None:
    if level is None or level.distance is None:
        return level
    return Level(distance=level.distance[begin:])


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

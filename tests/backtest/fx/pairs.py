"""Pairs written out by hand, or random ones whose prices agree; a ledger told as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.backtest.currencies import Entry
from engine.backtest.fx import FxRun
from engine.backtest.market import Market
from engine.backtest.money import MINOR
from engine.backtest.result import Signals
from engine.backtest.targets import Targets

NAN = np.nan


def market(dates: Sequence[Any], pairs: Mapping[str, tuple[Any, Any]]) -> Market:
    """``pairs``: opens and closes of each."""
    days = np.array(dates, dtype="datetime64[D]")
    open_ = np.column_stack([np.asarray(each[0], dtype=float) for each in pairs.values()])
    close = np.column_stack([np.asarray(each[1], dtype=float) for each in pairs.values()])
    count = close.shape[1]
    return Market(
        days, tuple(pairs), np.arange(count), open=open_, close=close, high=np.fmax(open_, close),
        low=np.fmin(open_, close), volume=np.full(close.shape, NAN), split=np.ones(close.shape),
        dividend=np.zeros(close.shape), pay=np.zeros(close.shape, dtype=np.int64), last=np.full(count, -1),
        final_return=np.full(count, NAN),
    )  # fmt: skip


def counted(*columns: Sequence[float]) -> Targets:
    """Units of the base currency wanted after each session, a column a pair."""
    target = np.column_stack([np.asarray(each, dtype=float) for each in columns])
    return Targets(Signals(target, np.ones(target.shape, dtype=int), ("", "because")), counted=True)


def triangle(seed: int, rows: int = 40) -> Market:
    """EURUSD, USDJPY, and EURJPY as their product, at opens and closes."""
    rng = np.random.default_rng(seed)
    days = np.arange(np.datetime64("2024-01-01"), np.datetime64("2024-12-31"))
    days = days[np.is_busday(days)][:rows]
    both = {}
    for pair, start in (("EURUSD", 1.1), ("USDJPY", 150.0)):
        close = np.round(start * np.exp(np.cumsum(rng.normal(0, 0.006, rows))), 5)
        open_ = np.round(close * np.exp(rng.normal(0, 0.003, rows)), 5)
        both[pair] = (open_, close)
    (euro, dollar) = both.values()
    return market(days, both | {"EURJPY": (euro[0] * dollar[0], euro[1] * dollar[1])})


def table(run: FxRun) -> list[tuple[Any, ...]]:
    """From bookings, a session: cash of each currency by name, fees, rollover, margin, equity."""
    rows: list[tuple[Any, ...]] = []
    cash = dict.fromkeys(sorted(run.balances), 0)
    entries = [each for each in run.result.ledger if isinstance(each, Entry)]
    for place, date in enumerate(run.result.dates):
        today = [each for each in entries if each.date == date]
        for each in today:
            cash[each.currency] += each.amount
            assert each.balance == cash[each.currency]
        for code, minor in cash.items():
            assert run.balances[code][place] == minor / MINOR
        fees, rolled = (
            sum(each.amount for each in today if each.kind == kind) / MINOR
            for kind in ("commission", "rollover")
        )
        rows.append(
            (*(minor / MINOR for minor in cash.values()), -fees, rolled, float(run.result.equity[place]))
        )
    return rows

"""Coins written out by hand, or random ones; a ledger told as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.backtest.crypto import CryptoRun
from engine.backtest.currencies import Entry
from engine.backtest.market import Market
from engine.backtest.money import MINOR
from engine.backtest.result import Signals
from engine.backtest.targets import Targets

NAN = np.nan


def market(dates: Any, open_: Any, close: Any, high: Any = None, low: Any = None) -> Market:
    """(n,) for one coin, or (n, k); quoted in dollars."""
    first, last = (np.asarray(each, dtype=float).reshape(len(dates), -1) for each in (open_, close))
    top, bottom = (
        np.asarray(given, dtype=float).reshape(first.shape) if given is not None else made(first, last)
        for given, made in ((high, np.fmax), (low, np.fmin))
    )
    count = first.shape[1]
    return Market(
        np.asarray(dates), tuple(f"C{place}USD" for place in range(count)), np.arange(count), open=first, close=last,
        high=top, low=bottom, volume=np.full(first.shape, NAN), split=np.ones(first.shape),
        dividend=np.zeros(first.shape), pay=np.zeros(first.shape, dtype=np.int64), last=np.full(count, -1),
        final_return=np.full(count, NAN),
    )  # fmt: skip


def days(count: int) -> Any:
    return np.datetime64("2024-03-01", "D") + np.arange(count)


def random_market(seed: int, rows: int = 50, columns: int = 2, step: str = "D") -> Market:
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.03, (rows, columns)), axis=0))
    open_ = np.vstack([close[:1], close[:-1]]) * np.exp(rng.normal(0, 0.004, close.shape))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0, 0.01, close.shape)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0, 0.01, close.shape)))
    dates = np.datetime64("2024-03-01T00:00", "m") + np.arange(rows) * (1440 if step == "D" else 60)
    return market(dates.astype("datetime64[D]") if step == "D" else dates, open_, close, high, low)


def counted(target: Sequence[float]) -> Targets:
    """Coins wanted after each bar."""
    wanted = np.asarray(target, dtype=float)[:, None]
    return Targets(Signals(wanted, np.ones(wanted.shape, dtype=int), ("", "because")), counted=True)


def table(run: CryptoRun) -> list[tuple[Any, ...]]:
    """From bookings, a bar: cash, coins of the first, fee, funding, margin, equity."""
    rows: list[tuple[Any, ...]] = []
    cash = 0
    entries = [each for each in run.result.ledger if isinstance(each, Entry)]
    for place, date in enumerate(run.result.dates):
        today = [each for each in entries if each.date == date]
        cash += sum(each.amount for each in today)
        assert not today or today[-1].balance == cash
        fee, funding = (
            sum(each.amount for each in today if each.kind == kind) / MINOR
            for kind in ("commission", "funding")
        )
        rows.append(
            (
                cash / MINOR, run.positions[place, 0], -fee, funding, run.margin[place],
                float(run.result.equity[place]),
            )
        )  # fmt: skip
    return rows

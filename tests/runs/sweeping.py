"""A small store for sweeps, and orders over it: two securities with splits and dividends, six hundred sessions."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from engine.backtest.result import Costs, Terms
from engine.runs.sweep_order import Order, Subject
from store import Batch, Store, open_store

PRESENT = datetime(2019, 6, 28, 22, 0, tzinfo=UTC)
START, END = date(2017, 1, 3), date(2019, 6, 28)
TICKERS = ("AAA", "BBB", "CCC")


def at(day: date) -> datetime:
    return datetime.combine(day, time(21, 5), UTC)


def made_store(home: Path, tickers: tuple[str, ...] = TICKERS) -> tuple[Store, dict[str, int]]:
    """A store of random walks from ``START`` on; the last of the tickers has no bars."""
    store = open_store(home)
    ids = dict(zip(tickers, store.identify([f"us-equity:{name}" for name in tickers]).values(), strict=True))
    names = [
        {"security_id": number, "valid_from": START, "ticker": name, "name": f"{name} Works", "market": "US EQUITY",
         "asset_class": "equity", "exchange": "XNYS", "currency": "USD", "unit": "USD a share", "calendar": "XNYS",
         "listing_date": date(2010, 1, 4), "known_at": at(START), "known_basis": "exact"}
        for name, number in ids.items()
    ]  # fmt: skip
    days = store.reader(PRESENT).sessions(START, END).astype(object).tolist()
    rng, bars = np.random.default_rng(4), []
    for number in list(ids.values())[:-1]:
        closes = 50 * np.exp(np.cumsum(rng.normal(0.0004, 0.015, len(days))))
        opens = closes * np.exp(rng.normal(0, 0.004, len(days)))
        for day, first, last in zip(days, opens.round(2).tolist(), closes.round(2).tolist(), strict=True):
            bars.append(_bar(number, day, first, last))
    frames = {"securities": pl.DataFrame(names), "bars": pl.DataFrame(bars)}
    store.append(Batch("own market", "simulated", "1", frames))
    return store, ids


def _bar(number: int, day: date, first: float, last: float) -> dict[str, Any]:
    return {
        "security_id": number, "session_date": day, "open": first, "high": max(first, last), "low": min(first, last),
        "close": last, "volume": 1_000_000, "known_at": at(day), "known_basis": "exact",
    }  # fmt: skip


def order(
    store: Store, ids: dict[str, int], text: str = "{3..12}SMA.{20..60/10}EMA", **changes: Any
) -> Order:
    """A sweep over the first two securities."""
    given: dict[str, Any] = {
        "text": text,
        "subjects": tuple(Subject(name, (ids[name],)) for name in TICKERS[:2]),
        "asof": PRESENT.isoformat(),
        "snapshot": store.reader(PRESENT).snapshot,
        "recorded": "",
        "start": "2017-06-01",
        "end": "",
        "warm_up": 60,
        "panels": (),
        "within": "",
        "costs": asdict(Costs(per_notional=0.0005)),
        "terms": asdict(Terms(100_000.0)),
        "fill": "open",
        "accounts": True,
        "batch": 10,
        "fast": (0, 1),
        "period": "10Y",
        "tail": "10Y EACH=ALONE",
        "version": "test",
    }
    return Order(**{**given, **changes})

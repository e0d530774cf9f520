"""Stores with futures, pairs and coins for the tests of their runs."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np

from engine.runs.derived import Told
from tests.runs.stores import Row, World


def known(day: date) -> datetime:
    """The end of a day in New York, an hour or so after midnight UTC."""
    return datetime.combine(day + timedelta(days=1), time(4, 59), UTC)


def security(world: World, identity: str, ticker: str, market: str, kind: str, **more: Any) -> int:
    (number,) = world.store.identify([identity]).values()
    row = world.name(number, ticker, market=market, asset_class=kind, exchange="", **more)
    world.append(securities=[row])
    return number


def root(world: World, ticker: str = "X", **more: Any) -> int:
    return security(world, f"future:{ticker}", ticker, "COMDTY", "future", **more)


def terms(number: int, name: str, last: date, **more: Any) -> Row:
    return {
        "security_id": number, "delivery_month": last.replace(day=1), "contract": name, "last_trade_date": last,
        "first_notice_date": None, "multiplier": 50.0, "tick_size": 0.25, "currency": "USD", "settlement": "cash",
        "known_at": known(date(2021, 1, 4)), **more,
    }  # fmt: skip


def future_bar(number: int, name: str, day: date, open_: float, close: float, **more: Any) -> Row:
    return {
        "security_id": number, "session_date": day, "contract": name, "open": open_, "high": max(open_, close),
        "low": min(open_, close), "close": close, "settlement_price": close, "volume": 1_000, "open_interest": 1_000,
        "known_at": known(day), **more,
    }  # fmt: skip


def two_contracts(world: World, count: int = 60, **more: Any) -> tuple[int, list[date]]:
    """XH1 to its end on 19 March 2021, XM1 beside it two points dearer; prices rise, then fall."""
    number, days = root(world), world.days[:count]
    rows = []
    for at, day in enumerate(days):
        level = 100.0 + 0.5 * (at if at < 35 else 70 - at)
        if day <= date(2021, 3, 19):
            rows.append(future_bar(number, "XH1", day, level - 0.25, level, **more))
        rows.append(future_bar(number, "XM1", day, level + 1.75, level + 2.0, **more))
    world.append(
        futures_bars=rows,
        futures_contracts=[
            terms(number, "XH1", date(2021, 3, 19)), terms(number, "XM1", date(2021, 6, 18)),
        ],
    )  # fmt: skip
    return number, days


def another(world: World, days: list[date], **more: Any) -> int:
    """YM1, of ten times the price, 5 money a price of 1, without bars on every fifth day."""
    number = root(world, "Y", currency=more.get("currency", "USD"))
    levels = [1_000.0 + 4.0 * ((7 * at) % 11) for at in range(len(days))]
    told = [
        future_bar(number, "YM1", day, level - 1, level)
        for at, (day, level) in enumerate(zip(days, levels, strict=True))
        if at % 5 != 4
    ]
    world.append(
        futures_bars=told,
        futures_contracts=[terms(number, "YM1", date(2021, 6, 18), **{"multiplier": 5.0, **more})],
    )
    return number


def pair(world: World, ticker: str, closes: dict[date, float]) -> int:
    """A pair with one fixing a day."""
    number = security(
        world, f"fx:{ticker}", ticker, "CURNCY", "currency", currency=ticker[3:], calendar="", unit="rate"
    )
    rows = [
        {
            "security_id": number, "session_date": day, "basis": "fixing", "close": close,
            "known_at": datetime.combine(day, time(16), UTC),
        }
        for day, close in closes.items()
    ]  # fmt: skip
    world.append(closes=rows)
    return number


def notes(told: Told) -> str:
    return " ".join(text for text, _ in told.notes)


def fact(told: Told, name: str) -> Any:
    return dict(told.facts)[name]


def same(ours: Any, theirs: Any) -> bool:
    return bool(np.array_equal(ours, theirs, equal_nan=True))

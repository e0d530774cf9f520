"""Small stores of our own: bars, actions, listings, members and filings with the clocks that a test gives them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from engine.runs.market import gather
from engine.runs.wanted import Gathered, Wanted
from store import Batch, Store, open_store
from store.reader import AsOfReader

NOW = datetime(2022, 6, 1, 22, tzinfo=UTC)
FIRST = date(2021, 1, 4)
Row = dict[str, Any]


class World:
    """A store whose rows a test tells one by one; what is not told of a row's clock is its session's close."""

    def __init__(self, home: Path, later: timedelta = timedelta(), batches: int = 0) -> None:
        self.store: Store = open_store(home, clock=lambda: NOW + later)
        self.calendar = self.store.reader(NOW).calendars.get("XNYS")
        self.days: list[date] = [
            day for day in self.calendar.days.tolist() if FIRST <= day <= date(2022, 5, 31)
        ]
        self._batches = batches

    def ids(self, *tickers: str) -> list[int]:
        return list(self.store.identify([f"us-equity:{each}" for each in tickers]).values())

    def close_of(self, day: date) -> datetime:
        micros = int(self.calendar.closes[np.searchsorted(self.calendar.days, np.datetime64(day, "D"))])
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)

    def append(self, **tables: Sequence[Row]) -> None:
        """Rows of tables, each with its ``known_at`` (and ``deleted``, of a withdrawal)."""
        self._batches += 1
        common = {"known_basis": "exact", "deleted": False}
        frames = {
            name: pl.DataFrame([{**common, **row} for row in rows], infer_schema_length=None)
            for name, rows in tables.items()
            if rows
        }
        self.store.append(Batch("a test", "market", str(self._batches), frames))

    def name(self, number: int, ticker: str, **more: Any) -> Row:
        return {
            "security_id": number, "valid_from": FIRST, "ticker": ticker, "name": f"{ticker} Inc.",
            "market": "US EQUITY", "asset_class": "equity", "exchange": "XNYS", "currency": "USD",
            "calendar": "XNYS", "known_at": self.close_of(FIRST) - timedelta(hours=6), **more,
        }  # fmt: skip

    def bar(self, number: int, day: date, close: float, **more: Any) -> Row:
        return {
            "security_id": number, "session_date": day, "open": close - 0.5, "high": close + 1.0, "low": close - 1.0,
            "close": close, "volume": 1000, "known_at": self.close_of(day), **more,
        }  # fmt: skip

    def bars(self, number: int, closes: Mapping[date, float] | None = None, level: float = 50.0) -> list[Row]:
        told = closes or {day: level + at % 7 for at, day in enumerate(self.days)}
        return [self.bar(number, day, close) for day, close in told.items()]

    def stocks(self, *tickers: str) -> list[int]:
        """Names with a bar on every session."""
        numbers = self.ids(*tickers)
        rows = [row for number in numbers for row in self.bars(number)]
        self.append(
            securities=[self.name(n, ticker) for n, ticker in zip(numbers, tickers, strict=True)], bars=rows
        )
        return numbers

    def reader(self, asof: datetime = NOW, snapshot: int | None = None) -> AsOfReader:
        return self.store.reader(asof, snapshot=snapshot)

    def gather(self, *ids: int, asof: datetime = NOW, snapshot: int | None = None, **more: Any) -> Gathered:
        return gather(self.reader(asof, snapshot), Wanted(tuple(ids), **more))


def facts(found: Gathered) -> dict[str, Any]:
    return dict(found.facts)


def notes(found: Gathered) -> str:
    return " ".join(text for text, _ in found.notes)


def row_of(found: Gathered, day: date) -> int:
    return int(np.searchsorted(found.inputs.market.dates, np.datetime64(day, "D")))

"""Small frames and stores for the tests of the store. All prices here are made up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from store import Batch, CommitResult, Store, open_store

NOON = datetime(2024, 6, 3, 12, tzinfo=UTC)


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def at(text: str) -> datetime:
    """An instant in UTC: "2014-06-09" is 21:00 of that day, after New York's close."""
    day = datetime.fromisoformat(text)
    return (day if "T" in text else day + timedelta(hours=21)).replace(tzinfo=UTC)


def bar(
    security_id: int,
    day: str,
    close: float,
    *,
    known: str | None = None,
    volume: int | None = 700,
    deleted: bool = False,
) -> dict[str, object]:
    return {
        "security_id": security_id,
        "session_date": date.fromisoformat(day),
        "open": close,
        "high": close,
        "low": close,
        "close": close,
        "volume": volume,
        "known_at": at(known or day),
        "deleted": deleted,
    }


def split(security_id: int, ex: str, ratio: float, *, known: str, deleted: bool = False) -> dict[str, object]:
    return {
        "security_id": security_id,
        "kind": "split",
        "ex_date": date.fromisoformat(ex),
        "ratio": ratio,
        "amount": None,
        "known_at": at(known),
        "deleted": deleted,
    }


def dividend(
    security_id: int, ex: str, amount: float, *, known: str, deleted: bool = False
) -> dict[str, object]:
    row = split(security_id, ex, 1.0, known=known, deleted=deleted)
    return row | {"kind": "dividend", "ratio": None, "amount": amount}


def frame(*rows: dict[str, object]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), infer_schema_length=None)


_count = iter(range(1_000_000_000))


def append(store: Store, source: str = "test", **frames: pl.DataFrame) -> CommitResult:
    """Append frames as a batch of their own."""
    return store.append(Batch(source, "rows", f"answer {next(_count)}", frames, basis="exact"))


def made(home: Path, clock: Clock | None = None) -> Store:
    return open_store(home, clock=clock or Clock())

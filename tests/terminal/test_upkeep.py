"""A store in many fragments is compacted beside the screen, and answers the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from store import Batch, open_store
from terminal.upkeep import compact_if_due

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def bars(day: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "security_id": [1], "session_date": [date(2020, 1, day)], "open": [1.0], "high": [2.0], "low": [0.5],
            "close": [1.5], "volume": [day], "known_at": [datetime(2020, 1, day, 21, tzinfo=UTC)],
            "known_basis": ["exact"],
        }
    )  # fmt: skip


def test_compaction_starts_when_due_and_changes_no_answer(tmp_path: Path) -> None:
    store = open_store(tmp_path / "home")
    for day in range(1, 20):
        store.append(Batch("test", "bars", str(day), {"bars": bars(day)}))
    assert compact_if_due(store) is None
    store.append(Batch("test", "bars", "20", {"bars": bars(20)}))
    assert store.due_for_compaction() == ["bars"]
    before = store.reader(NOW).bars([1], adjust="none")
    work = compact_if_due(store)
    assert work is not None
    assert work.wait(60) == 0
    assert store.due_for_compaction() == []
    assert store.reader(NOW).bars([1], adjust="none").equals(before)

"""Several batches in one transaction: all of them or none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from store import BadBatch, Batch, Interrupted, Store
from tests.store.rows import at, bar

LATER = at("2024-06-01")


def batch(source: str, *rows: dict[str, object]) -> Batch:
    return Batch(source, "daily", "hash", {"bars": pl.DataFrame(list(rows))}, basis="exact")


ONE, OTHER = batch("one", bar(1, "2024-05-01", 10.0)), batch("other", bar(2, "2024-05-01", 20.0))


def test_each_batch_is_a_commit_of_its_own(store: Store) -> None:
    results = store.append_all([ONE, OTHER])
    assert [result.seq for result in results] == [1, 2]
    assert not any(result.duplicate for result in results)
    assert [info.source for info in store.batches()] == ["other", "one"]
    assert store.bars([1, 2], asof=LATER)["close"].to_list() == [10.0, 20.0]


def test_what_is_there_is_left_alone(store: Store) -> None:
    store.append(ONE)
    results = store.append_all([ONE, OTHER])
    assert [(result.seq, result.duplicate) for result in results] == [(1, True), (2, False)]
    assert [result.duplicate for result in store.append_all([ONE, OTHER])] == [True, True]
    assert store.snapshot() == 2


def test_one_bad_batch_keeps_all_out(store: Store) -> None:
    with pytest.raises(BadBatch):
        store.append_all([ONE, batch("bad", {"security_id": 1})])
    with pytest.raises(BadBatch, match="twice"):
        store.append_all([ONE, replace(ONE)])
    assert store.snapshot() == 0


def test_cancelled_between_files_leaves_none(store: Store) -> None:
    answers = iter([False, True])
    with pytest.raises(Interrupted):
        store.append_all([ONE, OTHER], cancelled=lambda: next(answers))
    assert store.snapshot() == 0
    assert list((store.home / "data").rglob("*.*")) == []


def test_a_clock_in_any_zone_is_the_same_clock(store: Store) -> None:
    store.append(ONE)
    noon = datetime(2024, 5, 2, 16, tzinfo=UTC)
    for zone in ("America/New_York", "Asia/Tokyo", "UTC"):
        assert store.bars(1, asof=noon.astimezone(ZoneInfo(zone))).height == 1

"""Rows from memory: the same as the store's, whatever is committed meanwhile."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from providers.hot import HotCache
from tests.store.rows import NOON, append, at, bar, frame, made


def test_the_same_is_answered_from_memory_and_recorded(tmp_path: Path) -> None:
    store, hot = made(tmp_path), HotCache()
    append(store, bars=frame(bar(1, "2024-05-30", 10.0), bar(2, "2024-05-30", 20.0)))
    first = hot.rows(store.reader(NOON), "bars", [1])
    later = store.reader(NOON + timedelta(minutes=5))  # the clock went on, and nothing became known
    again = hot.rows(later, "bars", [1])
    assert again is first
    (read,) = later.reads
    assert (read.table, read.rows, read.asof) == ("bars", 1, later.asof)
    assert hot.rows(later, "bars", [2]) is not first


def test_a_new_commit_and_another_clock_are_another_question(tmp_path: Path) -> None:
    store, hot = made(tmp_path), HotCache()
    append(store, bars=frame(bar(1, "2024-05-30", 10.0)))
    early, before = at("2024-05-30"), store.reader(NOON)
    assert hot.rows(before, "bars", [1]).height == 1
    append(store, bars=frame(bar(1, "2024-05-31", 11.0), bar(1, "2024-05-30", 12.0, known="2024-06-01")))
    assert hot.rows(before, "bars", [1])["close"].to_list() == [10.0]
    assert hot.rows(store.reader(NOON), "bars", [1])["close"].to_list() == [12.0, 11.0]
    assert hot.rows(store.reader(early), "bars", [1])["close"].to_list() == [10.0]
    assert hot.rows(store.reader(NOON), "bars", [1])["close"].to_list() == [12.0, 11.0]


def test_memory_is_bounded(tmp_path: Path) -> None:
    store = made(tmp_path)
    days = [f"2024-05-{day:02}" for day in range(1, 31)]
    append(store, bars=frame(*[bar(n, day, 10.0) for n in range(1, 40) for day in days]))
    hot, reader = HotCache(40_000), store.reader(NOON)
    for number in range(1, 40):
        hot.rows(reader, "bars", [number])
    assert 0 < hot.bytes <= 40_000
    assert 0 < len(hot) < 39

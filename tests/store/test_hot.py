"""Answers from memory: the same rows and the same record as the store's, whatever is committed meanwhile."""

from __future__ import annotations

import tempfile
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from store import Store
from store.clock import utc_now
from store.compact import Compaction
from store.hot import HotCache
from store.reader import AsOfReader
from store.reads import Read
from store.schema import TABLES
from store.vintages import spans_of, versions_of
from tests.store.rows import NOON, append, at, bar, dividend, frame, made, split
from tests.store.test_twin import DAYS, EPOCH, FIRST_DAY, HOURS, SECURITIES, Version, build, steps


def test_the_same_is_answered_from_memory_and_recorded(tmp_path: Path) -> None:
    store, hot = made(tmp_path), HotCache()
    append(store, bars=frame(bar(1, "2024-05-30", 10.0), bar(2, "2024-05-30", 20.0)))
    first = store.reader(NOON, hot=hot).rows("bars", [1])
    held = len(hot)
    later = store.reader(NOON + timedelta(minutes=5), hot=hot)  # nothing became known meanwhile
    assert later.rows("bars", [1]).equals(first)
    assert len(hot) == held
    (read,) = later.reads
    assert (read.table, read.rows, read.asof) == ("bars", 1, later.asof)
    assert not later.rows("bars", [2]).equals(first)
    assert len(hot) > held


def test_a_new_commit_and_another_clock_are_another_question(tmp_path: Path) -> None:
    store, hot = made(tmp_path), HotCache()
    append(store, bars=frame(bar(1, "2024-05-30", 10.0)))
    before = store.reader(NOON, hot=hot)
    assert before.bars(1)["close"].to_list() == [10.0]
    append(store, bars=frame(bar(1, "2024-05-31", 11.0), bar(1, "2024-05-30", 12.0, known="2024-06-01")))
    assert before.bars(1)["close"].to_list() == [10.0]
    assert store.reader(NOON, hot=hot).bars(1)["close"].to_list() == [12.0, 11.0]
    assert store.reader(at("2024-05-30"), hot=hot).bars(1)["close"].to_list() == [10.0]
    assert store.reader(NOON, hot=hot).bars(1)["close"].to_list() == [12.0, 11.0]


def test_a_split_known_before_applies_from_its_day_on(tmp_path: Path) -> None:
    store, hot = made(tmp_path), HotCache()
    append(store, bars=frame(bar(1, "2024-05-29", 10.0)))
    append(store, actions=frame(split(1, "2024-06-01", 2.0, known="2024-05-28")))
    closes = [store.reader(at(day), hot=hot).bars(1)["close"][0] for day in ("2024-05-30", "2024-06-02") * 2]
    assert closes == [10.0, 5.0, 10.0, 5.0]


def test_clocks_of_an_old_snapshot_stay_apart_when_its_files_are_replaced_and_gone(tmp_path: Path) -> None:
    store, hot = made(tmp_path), HotCache()
    append(store, bars=frame(bar(1, "2024-05-29", 10.0), bar(1, "2024-05-29", 12.0, known="2024-06-01")))
    snapshot = store.snapshot()
    append(store, bars=frame(bar(1, "2024-05-31", 11.0)))
    store.compact("bars", force=True)
    store.vacuum(removed_grace_seconds=-3600)
    answered = [
        store.reader(at(day), snapshot=snapshot, hot=hot).bars(1)["close"].to_list()
        for day in ("2024-06-02", "2024-05-28", "2024-05-30", "2024-06-02")
    ]
    assert answered == [[12.0], [], [10.0], [12.0]]


def test_nothing_done_to_an_answer_changes_the_next(tmp_path: Path) -> None:
    store, hot = made(tmp_path), HotCache()
    append(store, bars=frame(bar(1, "2024-05-30", 10.0)))
    for _ in range(3):
        answer = store.reader(NOON, hot=hot).rows("bars", 1)
        assert answer["close"].to_list() == [10.0]
        assert not answer["close"].to_numpy().flags.writeable
        answer[0, "close"] = 99.0
        answer.drop_in_place("volume")
        answer.extend(answer)
    panel = store.reader(NOON, hot=hot).panel("bars", "close", [1], [at("2024-05-30").date()])
    panel[:] = 0.0
    again = store.reader(NOON, hot=hot).panel("bars", "close", [1], [at("2024-05-30").date()])
    assert again.tolist() == [[10.0]]


def test_memory_is_bounded(tmp_path: Path) -> None:
    store = made(tmp_path)
    days = [f"2024-05-{day:02}" for day in range(1, 31)]
    append(store, bars=frame(*[bar(n, day, 10.0) for n in range(1, 40) for day in days]))
    hot = HotCache(100_000)
    reader = store.reader(NOON, hot=hot)
    for number in range(1, 40):
        reader.rows("bars", [number])
    assert 0 < hot.bytes <= 100_000
    assert 0 < len(hot) < 39
    held = len(hot)
    reader.rows("bars")  # larger than an eighth of all
    assert len(hot) == held


def questions(reader: AsOfReader, ids: list[int]) -> list[pl.DataFrame | np.ndarray | list[object]]:
    """Everything that a page can ask."""
    last = FIRST_DAY + timedelta(days=DAYS - 2)
    key = {"security_id": ids[0], "session_date": FIRST_DAY}
    days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
    return [
        reader.bars(ids, adjust="none"),
        reader.bars(ids, FIRST_DAY, last),
        reader.bars(None, None, last, adjust="total"),
        reader.actions(ids, upcoming=False),
        reader.rows("bars", ids, None, last, columns=("close",)),
        reader.rows("bars", columns=()),
        reader.coverage("bars"),
        reader.versions("bars", key),
        reader.vintages("bars", ids, None, last),
        versions_of(reader, "bars", ids),
        reader.panel("bars", "close", ids, days),
        reader.price_panel("close", ids, days),
        list(spans_of(reader, "bars", ids[0])),
    ]


def told(read: Read) -> dict[str, object]:
    """What a record says, but for how long the read took, the clock of who asked, and of how many files the rows
    came: a compaction may lie between the two."""
    apart = ("seconds", "asof", "digest", "files")
    return {f.name: getattr(read, f.name) for f in fields(read) if f.name not in apart} | {"hash": read.hash}


def assert_same(store: Store, hot: HotCache, hour: float, snapshot: int, ids: list[int]) -> None:
    asof = EPOCH + timedelta(hours=hour)
    warm, cold = store.reader(asof, snapshot=snapshot, hot=hot), store.reader(asof, snapshot=snapshot)
    for one, other in zip(questions(warm, ids), questions(cold, ids), strict=True):
        if isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, other)
        elif isinstance(one, pl.DataFrame):
            assert one.equals(other)  # type: ignore[arg-type]
        else:
            assert one == other
    assert [told(read) for read in warm.reads] == [told(read) for read in cold.reads]
    assert all(read.asof == asof for read in warm.reads)
    assert all(r.newest_known_at is None or r.newest_known_at <= asof for r in warm.reads)


@pytest.mark.slow
@settings(
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(plan=steps, data=st.data())
def test_memory_and_files_answer_the_same(plan: list[list[Version] | bool], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store, hot = made(Path(folder) / "home"), HotCache()
        try:
            actions = frame(
                split(1, "2020-01-01", 2.0, known="2019-12-30T03:00"),
                dividend(2, "2020-01-02", 0.5, known="2019-12-30T05:00"),
            )
            append(store, actions=actions)
            half = data.draw(st.integers(0, len(plan)), "half")
            for part in (plan[:half], plan[half:]):
                build(store, part)
                asked = st.tuples(
                    st.sampled_from([*range(-1, HOURS + 1), 24 * 3, 24 * 30]),
                    st.integers(0, store.snapshot()),
                    st.lists(st.integers(1, SECURITIES + 1), min_size=1, max_size=2, unique=True),
                )
                for hour, snapshot, ids in data.draw(st.lists(asked, min_size=2, max_size=4), "asked"):
                    assert_same(store, hot, hour, snapshot, ids)
        finally:
            store.close()


def test_a_compaction_meanwhile_changes_no_answer(tmp_path: Path) -> None:
    store, hot = made(tmp_path), HotCache()
    write = [Version(1, 0, 1, 5.0, False), Version(1, 0, 3, 6.0, False), Version(2, 1, 2, 7.0, False)]
    build(store, [write, [Version(1, 0, 2, 9.0, True)]])
    snapshot = store.snapshot()
    reader = store.reader(EPOCH + timedelta(hours=2), snapshot=snapshot, hot=hot)
    before = reader.bars(None)
    Compaction(store._catalog, store._layout, utc_now, TABLES["bars"]).run(1)
    assert store.reader(reader.asof, snapshot=snapshot, hot=hot).bars(None).equals(before)
    assert store.reader(reader.asof, snapshot=snapshot).bars(None).equals(before)

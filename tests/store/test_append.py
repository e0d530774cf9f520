"""Appending: what is refused, what is written once, what a failed commit leaves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from store import BadBatch, Batch, Interrupted, Quarantined, Store, StoreError, open_store
from tests.store.rows import NOON, Clock, append, at, bar, dividend, frame, made, split


def test_the_same_batch_twice_is_written_once(store: Store) -> None:
    batch = Batch("s", "d", "h", {"bars": frame(bar(1, "2024-01-02", 1.0))}, basis="exact")
    first, second = store.append(batch), store.append(batch)
    assert not first.duplicate
    assert second.duplicate
    assert (second.seq, second.rows, second.recorded_at) == (1, {"bars": 1}, first.recorded_at)
    assert store.snapshot() == 1
    assert store.has_ingest("s", "d")
    assert store.has_ingest("s", "d", "h")
    assert not store.has_ingest("s", "d", "other")
    assert not store.has_ingest("s", "other")


def test_a_batch_without_rows_is_remembered(store: Store) -> None:
    store.append(Batch("s", "d", "h", {"bars": pl.DataFrame({"security_id": []})}, basis="exact"))
    assert store.has_ingest("s", "d", "h")
    assert store.batches()[0].rows == {"bars": 0}


def test_recorded_at_grows_though_the_clock_steps_back(store: Store, clock: Clock) -> None:
    first = append(store, bars=frame(bar(1, "2024-01-02", 1.0)))
    clock.now = NOON - timedelta(days=30)
    second = append(store, bars=frame(bar(1, "2024-01-03", 1.0)))
    assert second.recorded_at > first.recorded_at
    reader = store.reader(NOON, recorded=first.recorded_at)
    assert (reader.snapshot, reader.bars(1).height) == (1, 1)
    assert store.reader(NOON, recorded=first.recorded_at - timedelta(microseconds=1)).snapshot == 0


GOOD = bar(1, "2024-01-02", 1.0)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([GOOD | {"close": None}], "1 rows have no close"),
        ([GOOD | {"security_id": None}], "no security_id"),
        ([GOOD | {"session_date": None, "deleted": True}], "no session_date"),
        ([GOOD | {"known_at": None}], "no known_at"),
        ([GOOD | {"close": float("nan")}], "not finite"),
        ([GOOD | {"high": float("inf")}], "not finite"),
        ([GOOD | {"known_at": NOON + timedelta(days=1)}], "has not come yet"),
        ([GOOD | {"known_at": datetime(2024, 1, 2)}], "known_at is Datetime"),
        ([GOOD | {"colour": "red"}], "no such column: colour"),
        ([GOOD | {"volume": 1.5}], "volume is Float64"),
        ([GOOD | {"session_date": "2024-01-02"}], "session_date is String"),
        ([GOOD, GOOD | {"close": 2.0}], "two rows for one key known at one instant"),
    ],
)
def test_a_bad_frame_is_refused_whole(store: Store, rows: list[dict[str, object]], message: str) -> None:
    good = frame(split(1, "2024-01-02", 2.0, known="2024-01-01"))
    with pytest.raises(BadBatch, match=message):
        append(store, actions=good, bars=frame(*rows))
    assert store.snapshot() == 0
    assert not list((store.home / "data").glob("*/*"))


@pytest.mark.parametrize(
    ("table", "row", "message"),
    [
        ("actions", split(1, "2024-01-02", 0.0, known="2024-01-01"), "ratio above zero"),
        ("actions", split(1, "2024-01-02", 2.0, known="2024-01-01") | {"ratio": None}, "ratio above zero"),
        ("actions", dividend(1, "2024-01-02", 1.0, known="2024-01-01") | {"amount": None}, "an amount"),
        (
            "actions",
            split(1, "2024-01-02", 2.0, known="2024-01-01") | {"kind": "merger"},
            "kind has 'merger'",
        ),
        ("../bars", GOOD, "there is no table"),
        ("missing", GOOD, "there is no table"),
    ],
)
def test_bad_tables_and_actions_are_refused(
    store: Store, table: str, row: dict[str, object], message: str
) -> None:
    with pytest.raises(StoreError, match=message):
        store.append(Batch("s", "d", "h", {table: frame(row)}, basis="exact"))
    assert store.snapshot() == 0


def test_a_frame_needs_a_basis(store: Store) -> None:
    with pytest.raises(BadBatch, match="known_basis is missing"):
        store.append(Batch("s", "d", "h", {"bars": frame(GOOD)}))
    with pytest.raises(BadBatch, match="names its source"):
        store.append(Batch("", "d", "h", {"bars": frame(GOOD)}, basis="exact"))


def test_tombstones_need_no_values(store: Store) -> None:
    append(store, bars=frame(GOOD))
    empty = dict.fromkeys(("open", "high", "low", "close", "volume"))
    append(store, bars=frame(GOOD | empty | {"known_at": at("2024-01-05"), "deleted": True}))
    assert store.reader(at("2024-01-04")).bars(1).height == 1
    assert store.reader(at("2024-01-05")).bars(1).height == 0


def test_narrow_types_are_widened(store: Store) -> None:
    rows = frame(GOOD).with_columns(
        pl.col("security_id").cast(pl.Int32), pl.col("close").cast(pl.Int16), pl.col("volume").cast(pl.UInt32)
    )
    append(store, bars=rows)
    assert store.reader(NOON).bars(1)["close"].to_list() == [1.0]


def test_a_cancelled_append_writes_nothing(store: Store) -> None:
    batch = Batch("s", "d", "h", {"bars": frame(GOOD)}, basis="exact")
    with pytest.raises(Interrupted):
        store.append(batch, cancelled=lambda: True)
    said: list[tuple[int, int, str]] = []
    store.append(batch, progress=lambda *words: said.append(words))
    assert said == [(0, 1, "writing bars, 1 rows"), (1, 1, "committing")]


@pytest.mark.parametrize("point", ["temporary written", "renamed", "before commit"])
def test_a_commit_that_fails_leaves_nothing_to_see(tmp_path: Path, point: str) -> None:
    def fault(reached: str) -> None:
        if reached == point:
            raise OSError("no space left on device")

    store = open_store(tmp_path / "home", fault=fault)
    with pytest.raises(OSError, match="no space"):
        append(store, bars=frame(GOOD))
    assert store.snapshot() == 0
    again = made(tmp_path / "home")
    assert again.reader(NOON).bars(1).height == 0
    append(again, bars=frame(GOOD))
    again.vacuum(0)
    assert again.reader(NOON).bars(1).height == 1
    assert len(list((again.home / "data" / "bars").iterdir())) == 1


def test_quarantined_rows_are_kept_aside(store: Store) -> None:
    bad = Quarantined("bars", "high below low", frame(GOOD))
    store.append(Batch("s", "d", "h", quarantined=(bad, Quarantined("bars", "no rows at all"))))
    second, first = store.quarantine()
    assert (first.table, first.reason, first.rows, first.source) == ("bars", "high below low", 1, "s")
    assert first.path is not None
    assert pl.read_ndjson(store.home / first.path)["close"].to_list() == [1.0]
    assert (second.rows, second.path) == (0, None)
    assert store.reader(NOON).bars(1).height == 0
    store.vacuum(0)
    assert (store.home / first.path).exists()


def test_identities_are_allotted_once(store: Store, tmp_path: Path) -> None:
    first = store.identify(["a", "b", "a"])
    assert first == {"a": 1, "b": 2}
    assert made(tmp_path / "home").identify(["c", "b"]) == {"c": 3, "b": 2}
    many = [f"key {i}" for i in range(1_200)]
    assert store.identify(many) == store.identify(many)


def test_dates_are_dates(store: Store) -> None:
    assert at("2024-01-02") == datetime(2024, 1, 2, 21, tzinfo=UTC)
    with pytest.raises(StoreError, match="no time zone"):
        store.reader(datetime(2024, 1, 2))
    with pytest.raises(StoreError, match="no snapshot 7"):
        store.reader(NOON, snapshot=7)
    assert store.reader(NOON).bars(1, date(2024, 1, 2)).height == 0

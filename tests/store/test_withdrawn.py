"""What a reader says of rows that were withdrawn: which, and since when that was known."""

from __future__ import annotations

from datetime import date

from store import Store
from tests.store.rows import append, at, bar, frame

DAYS = ("2024-01-02", "2024-01-03", "2024-01-04")


def told(store: Store) -> None:
    append(store, bars=frame(*[bar(number, day, 10.0) for number in (1, 2) for day in DAYS]))
    append(store, bars=frame(bar(1, DAYS[1], 10.0, known="2024-01-05", deleted=True)))
    append(store, bars=frame(bar(2, DAYS[0], 10.0, known="2024-01-08", deleted=True)))


def test_keys_come_with_when_it_was_known(store: Store) -> None:
    told(store)
    reader = store.reader(at("2024-01-10"))
    rows = reader.withdrawn("bars", (1, 2))
    assert rows.select("security_id", "session_date").rows() == [(1, date(2024, 1, 3)), (2, date(2024, 1, 2))]
    assert rows["known_at"].to_list() == [at("2024-01-05"), at("2024-01-08")]
    assert reader.reads[-1].table == "bars"
    assert reader.reads[-1].rows == 2


def test_a_clock_before_it_knows_of_none(store: Store) -> None:
    told(store)
    assert store.reader(at("2024-01-05")).withdrawn("bars", (1, 2))["security_id"].to_list() == [1]
    assert store.reader(at("2024-01-04")).withdrawn("bars", (1, 2)).is_empty()


def test_only_of_the_securities_and_days_asked_for(store: Store) -> None:
    told(store)
    reader = store.reader(at("2024-01-10"))
    assert reader.withdrawn("bars", 2)["security_id"].to_list() == [2]
    assert reader.withdrawn("bars", (1, 2), date(2024, 1, 3), date(2024, 1, 4))["security_id"].to_list() == [
        1
    ]
    assert reader.withdrawn("bars", ()).is_empty()


def test_a_compaction_and_a_later_commit_change_nothing_of_a_snapshot(store: Store) -> None:
    told(store)
    before = store.reader(at("2024-01-10"))
    rows = before.withdrawn("bars", None)
    store.compact(force=True)
    append(store, bars=frame(bar(1, DAYS[2], 10.0, known="2024-01-06", deleted=True)))
    again = store.reader(at("2024-01-10"), snapshot=before.snapshot)
    assert again.withdrawn("bars", None).equals(rows)
    assert again.reads[-1].hash == before.reads[-1].hash
    assert store.reader(at("2024-01-10")).withdrawn("bars", None).height == 3

"""What sources have answered is kept with the commit, also where the answer was empty."""

from __future__ import annotations

from datetime import date

from store import Batch, Fetched, FetchedRecord, Store, open_store
from tests.store.rows import bar, frame

YEAR = Fetched("bars", 1, date(2024, 1, 1), date(2024, 12, 31))


def test_what_was_fetched_is_listed_with_its_commit(store: Store) -> None:
    rows = frame(bar(1, "2024-01-02", 1.0))
    other = Fetched("bars", 2, date(2023, 1, 1), date(2023, 6, 30))
    first = store.append(Batch("vendor", "bars", "a", {"bars": rows}, basis="exact", fetched=(YEAR, other)))
    minutes = Fetched("intraday", 1, date(2024, 1, 2), date(2024, 1, 2), "1m")
    second = store.append(Batch("another", "intraday", "b", fetched=(minutes,)))
    found = open_store(store.home).fetched("bars")
    assert found == [
        FetchedRecord("vendor", "bars", 1, "", YEAR.start, YEAR.end, first.recorded_at, first.seq),
        FetchedRecord("vendor", "bars", 2, "", other.start, other.end, first.recorded_at, first.seq),
    ]
    assert store.fetched("bars", 2) == found[1:]
    assert store.fetched("intraday", 1) == []
    (one,) = store.fetched("intraday", 1, detail="1m")
    assert (one.source, one.detail, one.seq) == ("another", "1m", second.seq)
    assert store.fetched("bars", 3) == store.fetched("nothing") == []


def test_an_empty_answer_is_an_answer_and_a_repeated_one_is_not_listed_twice(store: Store) -> None:
    empty = Batch("vendor", "bars", "empty", fetched=(YEAR,))
    result = store.append(empty)
    assert (result.duplicate, dict(result.rows)) == (False, {})
    assert store.append(empty).duplicate
    assert [one.seq for one in store.fetched("bars", 1)] == [1]
    later = store.append(Batch("vendor", "bars", "later", fetched=(YEAR,)))
    assert [one.seq for one in store.fetched("bars", 1)] == [1, later.seq]
    assert [one.seq for one in store.fetched("bars", 1, snapshot=1)] == [1], "as an earlier snapshot knew it"


def test_batches_in_one_transaction_keep_theirs_apart(store: Store) -> None:
    batches = [Batch(name, "bars", "x", fetched=(YEAR,)) for name in ("one", "two")]
    store.append_all(batches)
    assert [(one.source, one.seq) for one in store.fetched("bars", 1)] == [("one", 1), ("two", 2)]

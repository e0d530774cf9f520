"""Many small sorted files read as one joined file: the same rows, and no file that cannot be lost."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from store import Store, joined
from store.clock import utc_now
from store.compact import Compaction
from store.schema import TABLES
from tests.store.rows import NOON, append, at, dividend, frame, split

EVERY = list(range(1, 9))


@pytest.fixture
def split_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Actions in five files, one of them corrected and one withdrawn."""
    monkeypatch.setattr(joined, "LEAST_FILES", 3)
    monkeypatch.setattr("store.choose._SORTING", 100.0)  # the copy by security, however small
    first = [dividend(n, "2024-05-20", 0.1 * n, known="2024-05-01") for n in EVERY]
    append(store, actions=frame(*first, *[split(n, "2024-05-10", 2.0, known="2024-05-02") for n in EVERY]))
    append(store, "other", actions=frame(dividend(3, "2024-05-20", 9.0, known="2024-05-15")))
    append(store, actions=frame(dividend(5, "2024-05-20", 0.0, known="2024-05-16", deleted=True)))
    Compaction(store._catalog, store._layout, utc_now, TABLES["actions"], bucket=2, small=0).run(1)
    return store


def kept(store: Store) -> list[Path]:
    return sorted((store.home / "cache" / "joined").glob("*.arrow"))


def one_by_one(store: Store, when: datetime) -> pl.DataFrame:
    """The same rows, each security from its own file."""
    return pl.concat([store.reader(when).rows("actions", n) for n in EVERY])


@pytest.mark.parametrize("when", ["2024-04-30", "2024-05-01", "2024-05-15", "2024-06-02"])
def test_joined_files_say_what_each_says(split_up: Store, when: str) -> None:
    first, again = split_up.reader(at(when)), split_up.reader(at(when))
    rows = first.rows("actions", EVERY)
    assert rows.equals(one_by_one(split_up, at(when)))
    assert len(kept(split_up)) == (when >= "2024-05-01")
    assert again.rows("actions", EVERY).equals(rows)
    assert [read.hash for read in again.reads] == [read.hash for read in first.reads]
    assert [read.sources for read in again.reads] == [read.sources for read in first.reads]


def test_fragments_are_laid_over_what_is_joined(split_up: Store) -> None:
    before = split_up.reader(NOON).rows("actions", EVERY)
    append(split_up, actions=frame(dividend(7, "2024-05-20", 5.0, known="2024-05-17")))
    after = split_up.reader(NOON).rows("actions", EVERY)
    assert after.equals(one_by_one(split_up, NOON))
    changed = after.filter(pl.col("amount") == 5.0)
    assert changed["security_id"].to_list() == [7]
    assert after.height == before.height


def test_a_changed_joined_file_is_made_again(split_up: Store) -> None:
    rows = split_up.reader(NOON).rows("actions", EVERY)
    (path,) = kept(split_up)
    content = path.read_bytes()
    path.write_bytes(content[:-9] + b"x" * 9)
    split_up._layout.verified.clear()
    assert split_up.reader(NOON).rows("actions", EVERY).equals(rows)
    assert path.read_bytes() == content


def test_a_store_that_keeps_nothing_reads_the_files(split_up: Store) -> None:
    (split_up.home / "cache" / "joined").write_text("a file where the folder would be")
    assert split_up.reader(NOON).rows("actions", EVERY).equals(one_by_one(split_up, NOON))


def test_the_longest_unused_go(split_up: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    split_up.reader(NOON).rows("actions", EVERY)
    (first,) = kept(split_up)
    monkeypatch.setattr(joined, "MOST_BYTES", first.stat().st_size)
    split_up.reader(NOON).rows("actions", EVERY[:6])
    (second,) = kept(split_up)
    assert second != first
    assert not first.with_suffix(".json").exists()

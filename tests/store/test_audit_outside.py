"""The audit and what lies beside it: commits without a line, and what others put into its folder."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store import Selection, Store, StoreError
from store.audit_lines import files_of
from store.snapshots import _seal
from tests.store.conftest import Clock
from tests.store.rows import append, bar, frame


def cut(store: Store) -> None:
    """Take the last line away, as who hides a write does, or a kill between a commit and its line."""
    path = files_of(store.home / "audit")[-1]
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def test_a_commit_without_its_line_is_found_and_written_down(store: Store, clock: Clock) -> None:
    for day in (2, 3, 4):
        append(store, bars=frame(bar(1, f"2024-01-0{day}", 1.0)))
    cut(store)
    append(store, bars=frame(bar(1, "2024-01-05", 1.0)))
    assert store.verify_audit() == [], "a writer may be about to tell"
    clock.now += timedelta(hours=1)
    assert ["commit 3 has no line" in problem for problem in store.verify_audit()] == [True]
    store.vacuum()
    store.vacuum()
    assert store.verify_audit() == []
    assert [one.facts["seq"] for one in store.audit.events(event="untold")] == [3]


def test_a_link_in_place_of_a_month_is_not_written_through(
    store: Store, clock: Clock, tmp_path: Path
) -> None:
    append(store, bars=frame(bar(1, "2024-01-02", 1.0)))
    mine = tmp_path / "mine"
    mine.write_text("first\nprivate")
    clock.now = datetime(clock.now.year + 1, 1, 5, tzinfo=UTC)
    link = store.home / "audit" / f"{clock.now:%Y-%m}.jsonl"
    link.symlink_to(mine)
    with pytest.raises(StoreError, match="cannot be written"):
        store.audit.record("fetch", rows=1)
    assert mine.read_text() == "first\nprivate"
    assert [one.event for one in store.audit.events()] == ["write"]
    assert f"{link.name} is no file of the audit: it was put in" in store.verify_audit()
    link.unlink()
    link.mkdir()
    assert f"{link.name} is no file of the audit: it was put in" in store.verify_audit()


def test_an_entry_of_a_snapshot_that_was_sealed_anew_is_found(store: Store) -> None:
    """The seal can be worked out by anybody; the audit holds the one that was."""
    append(store, bars=frame(bar(1, "2024-01-02", 1.0)))
    at = datetime(2024, 1, 3, tzinfo=UTC)
    first = store.save_snapshot("study", [Selection("bars")], at, note="before")
    assert store.save_snapshot("renamed", [Selection("bars")], at).id == first.id
    assert store.verify_audit() == []
    with sqlite3.connect(store.home / "catalog.sqlite") as connection:
        row = connection.execute("select * from snapshots").fetchone()
        forged = (row[0], "study", "after", "another", row[4], row[5])
        connection.execute(
            "update snapshots set name = ?, note = ?, user = ?, seal = ?", (*forged[1:4], _seal(*forged))
        )
    assert [f"snapshot {first.id[:12]} is not what its line" in p for p in store.verify_audit()] == [True]
    with sqlite3.connect(store.home / "catalog.sqlite") as connection:
        connection.execute("delete from snapshots")
    assert store.verify_audit() == [f"snapshot {first.id[:12]} was removed from the catalog"]

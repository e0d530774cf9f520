"""The audit and what lies beside it: commits without a line, and what others put into its folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store import Store, StoreError
from store.audit_lines import files_of
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

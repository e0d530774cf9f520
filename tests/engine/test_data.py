"""DATA: the same for every reader of a kept page, and silent about later days at an earlier clock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.page import Table, Text
from store import open_store

MakeDesk = Callable[..., Desk]


@pytest.mark.parametrize("clock", ["NOW", "2010-06-30"])
def test_a_kept_data_page_is_the_same_elsewhere(
    make_desk: MakeDesk, home: Path, tmp_path: Path, clock: str
) -> None:
    """Another user, in another time zone, who reaches the store by another path."""
    desk = make_desk("ann")
    desk.run(f"ASOF {clock}")
    page = desk.run("DATA")
    desk.run("SNAP")
    assert page.lineage is not None
    assert str(home) not in encode(page, "json")
    moved = tmp_path / "elsewhere"
    moved.symlink_to(home)
    other = make_desk("bob", open_store(moved))
    other.run("SET timezone=Asia/Tokyo")
    opened = other.run(f"OPEN {page.lineage.snapshot_id}")
    assert any("the same to the bit" in note.text for note in opened.notes)


def test_what_was_recorded_later_is_not_told_at_an_earlier_clock(make_desk: MakeDesk) -> None:
    desk = make_desk()
    now = desk.run("DATA")
    registered = now.panel("batches")
    assert registered is not None
    assert isinstance(registered.figure, Table)
    assert registered.figure.frame.height > 5
    assert "not market knowledge" in registered.title
    early = desk.run("ASOF 2004-06-30")
    left_out = early.panel("batches")
    assert left_out is not None
    assert isinstance(left_out.figure, Text)
    text = encode(early, "json") + encode(early, "text")
    for dataset in registered.figure.frame["dataset"].unique():
        assert dataset not in text

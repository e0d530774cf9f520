"""DATA: the same for every reader of a kept page, and silent about later days at an earlier clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.errors import CommandError
from engine.functions._data_security import missing_runs
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


def test_the_data_of_one_security_and_its_missing_sessions(make_desk: MakeDesk) -> None:
    page = make_desk().run("DATA IBM")
    held = page.panel("held")
    assert held is not None
    assert isinstance(held.figure, Table)
    rows = {row["table"]: row["rows"] for row in held.figure.frame.iter_rows(named=True)}
    assert rows["bars"] == 3_270
    missing = page.panel("missing_bars")
    assert missing is not None
    assert isinstance(missing.figure, Table)
    assert missing.figure.frame.height == 0


def test_runs_of_missing_sessions() -> None:
    days = np.arange("2024-01-01", "2024-01-11", dtype="datetime64[D]")
    held = days[[0, 1, 4, 6, 7, 9]]
    assert missing_runs(days, held) == [
        (date(2024, 1, 3), date(2024, 1, 4), 2),
        (date(2024, 1, 6), date(2024, 1, 6), 1),
        (date(2024, 1, 9), date(2024, 1, 9), 1),
    ]
    assert missing_runs(days, days) == []
    assert missing_runs(days, days[:0]) == [(date(2024, 1, 1), date(2024, 1, 10), 10)]


def test_rows_set_aside_can_be_looked_at(make_desk: MakeDesk) -> None:
    desk = make_desk()
    page = desk.run("DATA")
    aside = page.panel("aside")
    assert aside is not None
    assert isinstance(aside.figure, Table)
    first = aside.figure.frame.row(0, named=True)
    shown = desk.run(first["command"])
    rows = shown.panel("rows")
    assert rows is not None
    assert isinstance(rows.figure, Table)
    assert rows.figure.frame.height == first["rows"]
    assert first["reason"] in shown.title
    with pytest.raises(CommandError, match="No rows were set aside"):
        desk.run("DATA ASIDE=99999")


def test_the_audit_is_shown_and_checked(make_desk: MakeDesk) -> None:
    page = make_desk().run("AUDIT write VERIFY")
    assert any("as it was written" in note.text for note in page.notes)
    panel = page.panel("events")
    assert panel is not None
    assert isinstance(panel.figure, Table)
    assert set(panel.figure.frame["event"]) == {"write"}

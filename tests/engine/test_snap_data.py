"""SNAP DATA, and what SNAP and OPEN verify: the rows behind a page or a data set."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from engine.desk import Desk
from engine.errors import CommandError, DataError
from engine.page import Metrics, Page, Table
from store import open_store

MakeDesk = Callable[..., Desk]


def frame(page: Page, name: str) -> pl.DataFrame:
    panel = page.panel(name)
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return panel.figure.frame


def id_of(page: Page) -> str:
    panel = page.panel("snapshot")
    assert panel is not None
    assert isinstance(panel.figure, Metrics)
    return str(panel.figure.items[0].value)


def test_a_data_set_is_kept_and_opened_by_a_colleague(make_desk: MakeDesk, home: Path) -> None:
    desk = make_desk("ann")
    made = desk.run('SNAP DATA bars actions AAPL MSFT 2005-01-01 2005-12-31 NAME=study NOTE="month end"')
    assert frame(made, "reads").select("table", "securities", "rows").rows() == [
        ("bars", "AAPL, MSFT", 504), ("actions", "AAPL, MSFT", 5),
    ]  # fmt: skip
    assert frame(made, "rows1").height == 20
    other = make_desk("bob", open_store(home))
    for word in (id_of(made), id_of(made)[:8], "study"):
        opened = other.run(f"OPEN {word}")
        assert frame(opened, "rows1").equals(frame(made, "rows1"))
        assert [note.text for note in opened.notes][1] == "month end"
        assert "of ann" in opened.notes[0].text
    leak = other.run("LEAK")
    assert frame(leak, "reads")["rows"].to_list() == [504, 5]
    assert frame(other.run("OPEN"), "data")["name"].to_list() == ["study"]
    assert [held.height for held in desk.store.load_snapshot("study").frames] == [504, 5]


def test_a_data_set_is_of_the_clock(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("ASOF 2005-01-31")
    early = desk.run("SNAP DATA bars AAPL")
    assert early.lineage is not None
    assert early.lineage.asof == desk.asof
    assert frame(early, "rows1")["known_at"].max() <= desk.asof
    desk.run("ASOF NOW")
    again = desk.run(f"OPEN {id_of(early)}")
    assert again.lineage is not None
    assert again.lineage.asof == early.lineage.asof
    assert desk.asof is None


def test_whose_rows(make_desk: MakeDesk) -> None:
    desk = make_desk()
    with pytest.raises(CommandError, match="needs securities, or ALL"):
        desk.run("SNAP DATA bars")
    with pytest.raises(CommandError, match="needs table"):
        desk.run("SNAP DATA AAPL")
    desk.run("IBM HP 1M")
    assert frame(desk.run("SNAP DATA bars 1Y"), "reads")["securities"].to_list() == ["IBM"]
    assert frame(desk.run("SNAP DATA securities all"), "reads")["securities"].to_list() == ["all"]
    with pytest.raises(CommandError, match="name none beside it"):
        desk.run("SNAP DATA bars ALL AAPL")


def test_a_quoted_word_is_a_note_of_snap(make_desk: MakeDesk) -> None:
    desk = make_desk()
    page = desk.run("AAPL HP 1M")
    kept = desk.run('SNAP "data"')
    assert kept.function == page.function
    assert frame(desk.run("OPEN"), "pages")["note"].to_list() == ["data"]
    assert desk.run("OPEN").panel("data") is None, "what a page read is the page's"


def test_a_kept_page_whose_rows_were_tampered_with_is_refused(make_desk: MakeDesk, home: Path) -> None:
    desk = make_desk()
    page = desk.run("AAPL HP 1M")
    assert page.lineage is not None
    desk.run("SNAP")
    record = desk.store.find_page(page.lineage.snapshot_id)
    assert record is not None
    kept = desk.store.find_snapshot(record.context["snapshot"])
    assert kept is not None
    assert {read.table for read in kept.reads} == {read.table for read in page.lineage.reads}
    assert desk.store.audit.events(event="snapshot")[0].facts["id"] == kept.id
    assert any("the same to the bit" in note.text for note in desk.run(f"OPEN {record.id}").notes)
    seq = next(read for read in kept.reads if read.table == "bars").commits[0][0]
    with sqlite3.connect(home / "catalog.sqlite") as connection:
        connection.execute("update commits set source = 'someone else' where seq = ?", (seq,))
    with pytest.raises(DataError, match=f"commit {seq} is not what it was"):
        make_desk("bob", open_store(home)).run(f"OPEN {record.id}")


def test_a_page_kept_before_there_were_snapshots_opens(make_desk: MakeDesk) -> None:
    from dataclasses import replace

    desk = make_desk()
    page = desk.run("AAPL HP 1M")
    assert page.lineage is not None
    desk.close()
    record = desk.store.find_page(page.lineage.snapshot_id)
    assert record is not None
    old = replace(record, id="f" * 12, kept_at=datetime(2024, 1, 1, tzinfo=UTC), context={"kept": True})
    desk.store.keep_page(old)
    assert frame(desk.run(f"OPEN {old.id}"), "prices").equals(frame(page, "prices"))

"""Members of an index at a clock, and the words that name universes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from engine.desk import Desk
from engine.directories import Directories
from engine.errors import DataError
from engine.page import Table
from engine.universe import find, members
from providers.embedded.loader import StoreCalendars
from providers.merge import Asked, merged
from providers.source import Answer, Subject
from providers.sp500 import frames_of
from providers.sp500_spells import parse_spells, spells_of
from store import Store, open_store

NOW = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
SPELLS = """ticker,start_date,end_date
AAL,1996-01-02,1997-01-15
AAPL,1996-01-02,
FB,2013-12-23,2022-06-09
LEHMQ,1998-01-12,2008-09-17
META,2022-06-09,
"""


def load(store: Store) -> None:
    calendars = StoreCalendars(store.reader(NOW).calendars.get)
    answer = Answer(frames_of(spells_of(parse_spells(SPELLS)), calendars), "list")
    subject = Subject("index:SPX", "SPX", "INDEX", "index", "S&P 500 Index")
    store.append(merged(store, answer, Asked("a file", "membership", subject), NOW, calendars))


@pytest.fixture
def desk(make_desk: Callable[..., Desk], home: Path) -> Desk:
    store = open_store(home)
    load(store)
    return make_desk(store=store)


def shown(desk: Desk, line: str) -> dict[str, dict[str, object]]:
    figure = desk.run(line).panels[0].figure
    assert isinstance(figure, Table)
    return {row["ticker"]: row for row in figure.frame.iter_rows(named=True)}


def test_the_dead_are_there_on_their_day_and_not_after(desk: Desk) -> None:
    desk.run("ASOF 2008-09-12")
    assert set(shown(desk, "SPX MEMB")) == {"AAPL", "LEH"}
    desk.run("ASOF 2020-06-30")
    assert set(shown(desk, "SPX MEMB")) == {"AAPL", "FB"}


def test_tickers_are_those_of_the_day(desk: Desk) -> None:
    desk.run("ASOF NOW")
    assert set(shown(desk, "SPX MEMB")) == {"AAPL", "META"}
    assert set(shown(desk, "SPX MEMBERS 2015-06-30")) == {"AAPL", "FB"}
    assert set(shown(desk, "SPX MEMB 1996-06-28")) == {"AAL", "AAPL"}


def test_names_are_told_where_the_store_has_them(desk: Desk) -> None:
    rows = shown(desk, "SPX MEMB 2008-09-12")
    assert rows["AAPL"]["name"] == "Apple Inc."
    assert rows["LEH"]["name"] is None
    assert rows["LEH"]["start_date"] == date(1998, 1, 12)


def test_a_day_after_the_clock_is_not_known(desk: Desk) -> None:
    desk.run("ASOF 2008-09-12")
    with pytest.raises(DataError, match="not known"):
        desk.run("SPX MEMB 2008-09-20")


def test_an_index_without_members_says_what_to_do(desk: Desk) -> None:
    figure = desk.run("CCMP MEMB").panels[0].figure
    assert isinstance(figure, Table)
    assert figure.frame.is_empty()
    assert "asof import" in figure.empty


def test_without_a_security_it_is_about_an_index_that_has_members(desk: Desk) -> None:
    assert set(shown(desk, "MEMB")) == {"AAPL", "META"}
    for loaded in ("CCMP", "AAPL", "SPX"):
        desk.run(loaded)
        page = desk.run("MEMB 2015-06-30")
        assert page.title.startswith("SPX INDEX"), loaded
        assert page.lineage is not None
        assert page.lineage.command.startswith("MEMB SPX INDEX")
    desk.run("CCMP MEMB")
    assert desk.run("MEMB").title.startswith("SPX INDEX")


def test_a_member_knows_its_first_stay(desk: Desk) -> None:
    store, calendars = desk.store, StoreCalendars(desk.store.reader(NOW).calendars.get)
    back = "ticker,start_date,end_date\nQQQX,1999-01-04,2001-01-02\nQQQX,2010-01-04,\n"
    answer = Answer(frames_of(spells_of(parse_spells(back)), calendars), "more")
    subject = Subject("index:CCMP", "CCMP", "INDEX", "index")
    answer = replace(
        answer,
        frames={
            "membership": answer.frames["membership"].with_columns(identity=pl.lit(subject.identity)),
            "securities": answer.frames["securities"],
        },
    )
    store.append(merged(store, answer, Asked("a file", "membership", subject), NOW, calendars))
    (index_id,) = store.identify(["index:CCMP"]).values()
    row = members(store.reader(NOW), index_id).row(0, named=True)
    assert (row["start_date"], row["since"]) == (date(2010, 1, 4), date(1999, 1, 4))
    assert members(store.reader(NOW), index_id, date(2005, 1, 3)).is_empty()


def test_words_for_universes(desk: Desk, tmp_path: Path) -> None:
    desk.run("W ADD AAPL IBM LIST=mine")
    reader = desk.store.reader(NOW)
    directory = Directories().at(reader)
    state = desk.store.state("tester")
    assert len(find("SP500", reader, directory, state).ids) == 2
    assert find("spx", reader, directory, state).title == "members of SPX"
    assert len(find("MINE", reader, directory, state).ids) == 2
    listed = tmp_path / "mine.txt"
    listed.write_text("ticker\nAAPL\nIBM # big blue\n\nNOSUCH,1\n")
    universe = find(str(listed), reader, directory, state)
    assert (len(universe.ids), universe.unknown) == (2, ("NOSUCH",))
    assert len(find("AAPL, MSFT", reader, directory, state).ids) == 2
    with pytest.raises(DataError, match="no universe"):
        find("nothing", reader, directory, state)
    (tmp_path / "bad.txt").write_bytes(b"PAR1\x00\x00")
    with pytest.raises(DataError, match="no list of tickers"):
        find(str(tmp_path / "bad.txt"), reader, directory, state)

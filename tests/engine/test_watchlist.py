"""W: a list that any desk shows the same, that no desk half changes, and whose values say where they come from."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from engine.desk import Desk
from engine.errors import Cancelled, CommandError, DataError
from engine.page import Page, Table
from store import StoreError, open_store

MakeDesk = Callable[..., Desk]
ROOT = Path(__file__).resolve().parents[2]


def frame(page: Page, panel: str = "watchlist") -> pl.DataFrame:
    found = page.panel(panel)
    assert found is not None
    assert isinstance(found.figure, Table)
    return found.figure.frame


def tickers(page: Page) -> list[str]:
    return frame(page)["ticker"].to_list()


def page_id(page: Page) -> str:
    assert page.lineage is not None
    return page.lineage.snapshot_id


def test_an_empty_list_opens_empty_for_a_colleague_with_a_list(make_desk: MakeDesk, home: Path) -> None:
    alice, bob = make_desk("alice"), make_desk("bob", open_store(home))
    bob.run("W ADD IBM")
    page = alice.run("W")
    alice.run("SNAP")
    opened = bob.run(f"OPEN {page_id(page)}")
    assert tickers(opened) == []
    assert any("the same to the bit" in note.text for note in opened.notes)
    assert tickers(bob.run("W")) == ["IBM"]


def test_a_list_opens_the_same_after_it_was_changed_and_writes_nothing(
    make_desk: MakeDesk, home: Path
) -> None:
    alice, bob = make_desk("alice"), make_desk("bob", open_store(home))
    page = alice.run("W ADD META AAPL MSFT")
    alice.run("SNAP")
    alice.run("W DEL AAPL")
    bob.run("SET timezone=Asia/Tokyo")
    opened = bob.run(f"OPEN {page_id(page)}")
    assert any("the same to the bit" in note.text for note in opened.notes)
    assert tickers(opened) == ["META", "AAPL", "MSFT"]
    assert bob.state.names("watchlist") == []
    assert tickers(alice.run("W")) == ["META", "MSFT"]


@pytest.mark.parametrize("line", ["W", "W AAPL META GOOG"])
def test_members_not_known_then_come_back_with_the_clock(make_desk: MakeDesk, line: str) -> None:
    desk = make_desk()
    desk.run("W ADD AAPL META GOOG")
    shown = desk.run(line)
    early = desk.run("ASOF 2003-06-30")
    assert tickers(early) == ["AAPL"]
    assert any("2 of the page's securities" in note.text for note in early.notes)
    desk.run("SNAP")
    assert any("the same to the bit" in n.text for n in desk.run(f"OPEN {page_id(early)}").notes)
    assert tickers(desk.run("ASOF NOW")) == tickers(shown)


def test_a_list_of_which_nothing_is_known_says_so(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("W ADD META")
    desk.asof = datetime(2001, 6, 29, tzinfo=UTC)
    page = desk.run("W")
    assert tickers(page) == []
    assert any(
        "1 of the page's securities is" in note.text and note.level == "warning" for note in page.notes
    )
    table = page.panels[0].figure
    assert isinstance(table, Table)
    assert "ASOF NOW" in table.empty
    assert "W ADD" not in table.empty
    assert tickers(desk.run("ASOF NOW")) == ["META"]


TOO_MANY = ",".join(map(str, range(1, 600)))


@pytest.mark.parametrize(
    "line", ["W IDS=x", "W ADD IDS=1", "W AAPL IDS=1", f"W IDS={TOO_MANY}"], ids=["x", "add", "both", "many"]
)
def test_ids_stand_alone(make_desk: MakeDesk, line: str) -> None:
    with pytest.raises(CommandError):
        make_desk().run(line)
    desk = make_desk()
    desk.run("W ADD AAPL")
    assert tickers(desk.run('W IDS=""')) == []
    assert tickers(desk.run("W IDS=99999999999999999999999")) == []
    assert tickers(desk.run("W")) == ["AAPL"]


# -- changes --------------------------------------------------------------------------------------------


def test_a_cancelled_change_changes_nothing(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("W ADD AAPL IBM")
    for stop_at in range(1, 6):
        asked = 0

        def cancelled(stop: int = stop_at) -> bool:
            nonlocal asked
            asked += 1
            return asked >= stop

        try:
            page = desk.run("W ADD MSFT", cancelled=cancelled)
        except Cancelled:
            assert tickers(desk.run("W")) == ["AAPL", "IBM"]
        else:
            assert tickers(page) == ["AAPL", "IBM", "MSFT"]
            return
    pytest.fail("never ran to its end")


def test_a_change_that_cannot_be_written_is_no_change(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make_desk()
    desk.run("W ADD AAPL")

    def refuse(*_: object) -> None:
        raise StoreError("the catalog may not be written")

    with monkeypatch.context() as patch:
        patch.setattr("store.state.UserState.update", refuse)
        with pytest.raises(DataError, match="may not be written"):
            desk.run("W ADD MSFT")
        with pytest.raises(DataError, match="may not be written"):
            desk.run("W DEL AAPL")
    assert tickers(desk.run("W")) == ["AAPL"]


def test_a_list_changed_meanwhile_is_added_to_as_it_is(make_desk: MakeDesk, home: Path) -> None:
    """Another desk writes while this one reads its rows: the page shows what was written in the end."""
    desk, other = make_desk(), make_desk(store=open_store(home))
    desk.run("W ADD AAPL")
    done = False

    def progress(*_: object) -> None:
        nonlocal done
        if not done:
            done = True
            other.run("W ADD IBM")

    assert tickers(desk.run("W ADD MSFT", progress=progress)) == ["AAPL", "IBM", "MSFT"]
    assert tickers(other.run("W")) == ["AAPL", "IBM", "MSFT"]


ADD = """
import sys, time
from pathlib import Path
from engine.desk import Desk
from store import open_store
home, start, line = sys.argv[1:]
desk = Desk(open_store(Path(home)), "tester")
desk.run("W IBM")
Path(start, line.split()[-1]).touch()
while not Path(start, "go").exists():
    time.sleep(0.005)
desk.run(line)
desk.close()
"""


def test_what_eight_terminals_add_at_once_is_all_on_the_list(
    home: Path, make_desk: MakeDesk, tmp_path: Path
) -> None:
    names = ["AAPL", "MSFT", "GOOGL", "META", "SPX", "EURUSD", "JPM", "IBM"]
    start = tmp_path / "start"
    start.mkdir()
    running = [
        subprocess.Popen([sys.executable, "-c", ADD, str(home), str(start), f"W ADD {name}"], cwd=ROOT)
        for name in names
    ]
    until = time.monotonic() + 100
    while len(list(start.iterdir())) < len(names) and time.monotonic() < until:
        time.sleep(0.05)
    (start / "go").touch()
    assert [process.wait(60) for process in running] == [0] * len(names)
    assert sorted(tickers(make_desk().run("W"))) == sorted(names)


# -- where its values come from ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ticker", "table"), [("AAPL", "bars"), ("EURUSD", "closes"), ("JPM", "closes"), ("CPI", "observations")]
)
def test_why_asks_the_table_that_a_row_comes_from(make_desk: MakeDesk, ticker: str, table: str) -> None:
    desk = make_desk()
    page = desk.run(f"W {ticker}")
    assert frame(page)["table"].to_list() == [table]
    versions = desk.run("WHY 1 last").panel("versions")
    assert versions is not None
    assert isinstance(versions.figure, Table)
    assert versions.figure.frame.height >= 1
    day = "period_date" if table == "observations" else "session_date"
    assert versions.figure.frame[day][0] == frame(page)["session_date"][0]


def test_a_split_between_two_clocks_readjusts_a_row_and_restates_nothing(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("W AAPL IBM")
    found = frame(desk.run("ASOF DIFF 2005-02-27 2005-02-28T10:00"), "differences")
    assert found.filter(pl.col("column") == "last")["mark"].to_list() == ["re-adjusted"]


def test_a_rate_and_a_security_without_prices_have_rows(make_desk: MakeDesk) -> None:
    page = make_desk().run("W TBILRATE AAPL")
    assert frame(page)["change"].to_list()[0] is None
    assert frame(page)["last"].null_count() == 0

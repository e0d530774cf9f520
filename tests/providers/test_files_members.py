"""Members of any index from a plain file: stays, days, tickers of the day, and what is set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.errors import DataError
from engine.page import Table
from providers.embedded.loader import StoreCalendars
from providers.files import Imported
from providers.files_layouts import run
from providers.files_members import with_index
from providers.files_read import FileError, open_file
from providers.files_spec import ImportSpec
from store import Store, open_store

NOW = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
LIST = """Ticker,start_date,end_date,index
FB,2012-12-12,,NDX
AAPL,2000-01-03,,NDX
OLDCO,2001-01-02,2003-06-02,NDX
OLDCO,2005-01-03,2006-01-03,NDX
AAPL,2015-03-19,,MYDOW
,2001-01-02,,NDX
BAD,2001-02-30,,NDX
BACK,2004-01-02,2003-01-02,NDX
"""


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    opened = open_store(home, clock=lambda: NOW)
    yield opened
    opened.close()


def load(store: Store, folder: Path, text: str, *maps: str, write: bool = True) -> Imported:
    path = folder / "members.csv"
    path.write_text(text)
    spec = with_index(ImportSpec(layout="members", source="our desk"), maps)
    calendars = StoreCalendars(store.reader(NOW).calendars.get)
    return run(store, open_file(path), spec, calendars, NOW, write=write)


def listed(desk: Desk, line: str) -> list[str]:
    figure = desk.run(line).panels[0].figure
    assert isinstance(figure, Table)
    return figure.frame["ticker"].to_list()


def test_a_plain_list_of_two_indices(store: Store, tmp_path: Path, make_desk: Callable[..., Desk]) -> None:
    told = load(store, tmp_path, LIST, write=False)
    assert (told.read, told.rows["membership"], sum(told.aside.values())) == (8, 7, 3)
    done = load(store, tmp_path, LIST)
    assert (done.rows["membership"], sum(done.aside.values())) == (7, 3)
    assert {"it ends before it begins", "no ticker, or no index"} < set(done.aside)
    assert load(store, tmp_path, LIST).repeated == 1
    desk = make_desk(store=store)
    assert listed(desk, "NDX INDEX MEMB") == ["AAPL", "META"]  # FB is called META by now
    assert listed(desk, "NDX INDEX MEMB 2013-03-01") == ["AAPL", "FB"]
    assert listed(desk, "NDX INDEX MEMB 2005-06-01") == ["AAPL", "OLDCO"]
    assert listed(desk, "NDX INDEX MEMB 2003-06-02") == ["AAPL"]  # an end is the first day out
    assert listed(desk, "MYDOW INDEX MEMB") == ["AAPL"]
    desk.run("NDX INDEX")
    assert desk.run("MEMB").title.startswith("NDX INDEX")


def test_a_change_is_known_on_the_morning_of_its_day(
    store: Store, tmp_path: Path, make_desk: Callable[..., Desk]
) -> None:
    load(store, tmp_path, LIST)
    rows = store.reader(datetime(2003, 6, 2, 13, 29, tzinfo=UTC)).rows("membership")
    gone = rows.filter(rows["ticker"] == "OLDCO")
    assert (gone["start_date"].to_list(), gone["end_date"].to_list()) == ([date(2001, 1, 2)], [None])
    desk = make_desk(store=store)
    desk.run("ASOF 2003-06-02 09:31")
    assert listed(desk, "NDX INDEX MEMB") == ["AAPL"]
    text = encode(desk.run("NDX INDEX MEMB"), "text")
    assert "2005" not in text


def test_the_index_is_said_where_no_column_says_it(store: Store, tmp_path: Path) -> None:
    plain = "ticker,start_date,end_date\nAAPL,2001-01-02,\n"
    with pytest.raises(FileError, match="--map index=NDX"):
        load(store, tmp_path, plain)
    assert load(store, tmp_path, plain, "index=ndx").rows["membership"] == 1
    with pytest.raises(FileError, match="has no place"):
        load(store, tmp_path, plain, "Symbol=ticker")
    with pytest.raises(FileError, match="begins with the line"):
        load(store, tmp_path, "ticker,from,to\nAAPL,2001-01-02,\n", "index=NDX")


def test_sp500_and_spx_are_one_index_and_the_import_says_so(
    store: Store, tmp_path: Path, make_desk: Callable[..., Desk]
) -> None:
    head = "ticker,start_date,end_date,index\n"
    done = load(store, tmp_path, f"{head}AAPL,2000-01-03,,sp500\nIBM,2000-01-03,,SPX\nFB,2012-12-12,,NDX\n")
    assert done.told == [
        "1 stay goes under NDX, an index new to the store: in ndx names them in rules.",
        "1 stay goes under SPX (SP500 in the file): in spx names them in rules.",
        "1 stay goes under SPX: in spx names them in rules.",
    ]
    assert load(store, tmp_path, "ticker,start_date,end_date\nMSFT,2000-01-03,\n", "index=S&P500").told == [
        "1 stay goes under SPX (S&P500 in the file): in spx names them in rules."
    ]
    desk = make_desk(store=store)
    assert listed(desk, "SPX INDEX MEMB") == ["AAPL", "IBM", "MSFT"]
    for word in ("sp500", "SP500", "SPX"):
        page = desk.run(f"BACKTEST top 1 by ret_1m in {word} 2010-01-04 2011-01-03")
        assert page.title.startswith(f"Backtest  {word.upper()}")
    with pytest.raises(DataError, match=r"members of NDX \(from 2012-12-12 on\), SPX \(from 2000-01-03 on\)"):
        desk.run("BACKTEST top 1 by ret_1m in ccmp 2010-01-04 2011-01-03")

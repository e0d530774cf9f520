"""The SQL console: as of the clock, read-only, closed to files and settings, bounded, and repeatable."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.command import Command, parse
from engine.desk import Desk
from engine.errors import Cancelled, CommandError
from engine.page import Page, Table
from engine.registry import registry
from engine.sql.check import QueryError, check
from engine.sql.run import environment, run
from engine.sql.views import names
from engine.sql.worker import connect

NOW = datetime(2020, 3, 16, 22, 0, tzinfo=UTC)
FRAMES = {"bars": pl.DataFrame({"ticker": ["A", "B"], "close": [1.0, 2.5]})}


def answer(text: str, **bounds: object) -> pl.DataFrame:
    connection = connect()
    try:
        checked = check(connection, text, frozenset(names()))
        frames = {name: FRAMES[name] for name in checked.views}
        return run(checked.text, frames, asof=NOW, day=date(2020, 3, 16), **bounds).frame  # type: ignore[arg-type]
    finally:
        connection.close()


def rows(page: Page) -> pl.DataFrame:
    panel = page.panel("rows")
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return panel.figure.frame


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("delete from bars", "Only SELECT"),
        ("create table x as select 1", "Only SELECT"),
        ("insert into bars values (1)", "Only SELECT"),
        ("copy bars to '/tmp/x.csv'", "Only SELECT"),
        ("attach '/tmp/x.db'", "Only SELECT"),
        ("set threads = 8", "Only SELECT"),
        ("install httpfs", "Only SELECT"),
        ("pragma database_list", "Only SELECT"),
        ("call pragma_version()", "Only SELECT"),
        ("select 1; select 2", "One query at a time"),
        ("select 1; drop view bars", "Only SELECT"),
        ("select * from read_csv('/etc/passwd')", "not read from here"),
        ("select * from read_text('/etc/passwd')", "not read from here"),
        ("select * from glob('/*')", "not read from here"),
        ("select * from query('select 1')", "not read from here"),
        ("select * from query_table('bars')", "not read from here"),
        ("select * from duckdb_settings()", "not read from here"),
        ("from '/etc/passwd'", "no view"),
        ("select * from 'http://127.0.0.1/x.parquet'", "no view"),
        ("select * from sqlite_master", "no view"),
        ("select * from information_schema.tables", "plain names"),
        ("select * from main.bars", "plain names"),
        ("select * from bar", "mean bars"),
        ("select now()", "wall's clock"),
        ("select current_date", "wall's clock"),
        ("select * from bars where current_timestamp > date '2020-01-01'", "wall's clock"),
        ("select random()", "run to run"),
        ("select * from bars using sample 1", "random sample"),
        ("select current_setting('threads')", "tells of the program"),
        ("select getvariable('x')", "tells of the program"),
        ("show tables", "lists the views"),
        ("selec 1", "yntax error"),
        ("select '\udc80'", "no character"),
        ("select foo from bars", "foo"),
        ("with x as (select now()) select * from x", "wall's clock"),
        ("select age(timestamp '2000-01-01')", "wall's clock"),
        ("select x.age() from (select date '2000-01-01' x)", "wall's clock"),
        ("select sleep_ms(100)", "tells of the program"),
        ("select current_catalog", "tells of the program"),
        ("select (select max(y) from read_csv('x') t(y))", "not read from here"),
    ],
)
def test_what_is_refused(text: str, why: str) -> None:
    with pytest.raises(QueryError, match=why):
        answer(text)


def test_the_connection_itself_is_closed() -> None:
    """Were the check to miss something, files, settings and this program's variables stay out of reach."""
    import duckdb

    secret = pl.DataFrame({"a": [1]})
    for text in (
        "from read_csv('/etc/passwd')",
        "copy (select 1) to '/tmp/x'",
        "attach '/tmp/x.db'",
        "from secret",
    ):
        connection = connect()
        with pytest.raises(duckdb.Error):
            run_raw(connection, text)
        connection.close()
    assert secret.height == 1


def run_raw(connection: object, text: str) -> None:
    connection.execute(text).fetchall()  # type: ignore[attr-defined]


def test_columns_come_in_the_types_that_figures_know() -> None:
    frame = answer(
        "select 1::utinyint a, 2::hugeint b, 1.25::decimal(9, 2) c, true d, [1, 2] e, interval 3 days f, "
        "'x'::blob g, timestamp '2020-01-01 10:00:00' h, null i, 1 a, date '2020-01-02' j, "
        "asof_instant() k, asof_date() l"
    )
    instant = pl.Datetime("us", "UTC")
    assert [str(kind) for kind in frame.dtypes[:4]] == ["Int64", "Float64", "Float64", "String"]
    assert frame.columns[9] == "a_2"
    assert frame["e"].item() == "[1, 2]"
    assert (frame.schema["h"], frame["h"].item()) == (instant, datetime(2020, 1, 1, 10, tzinfo=UTC))
    assert (frame["k"].item(), frame["l"].item()) == (NOW, date(2020, 3, 16))


def test_rows_and_seconds_are_bounded() -> None:
    assert answer("select * from range(50)", most_rows=10).height == 10
    started = time.monotonic()
    with pytest.raises(QueryError, match="longer than"):
        answer("select max(a.range + b.range) from range(10000000) a, range(10000000) b", most_seconds=0.3)
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    "text",
    [
        "select length(repeat('x', 3000000000))",
        "select levenshtein(repeat('a', 200000), repeat('b', 200000))",
        "select list_reduce(range(100000000), (x, y) -> x + y)",
        "select length(replace(repeat('a', 100000000), 'a', repeat('b', 1000)))",
        "with recursive t(x) as (select 1 union all select x + 1 from t) select max(x) from t",
    ],
)
def test_one_giant_value_is_within_the_bounds_too(text: str) -> None:
    """DuckDB looks whether it is interrupted between rows, not within one value: the process is ended."""
    stop = threading.Event()
    threading.Timer(1.0, stop.set).start()
    with pytest.raises(QueryError, match=r"Cancelled|memory|longer than"):
        answer(text, cancelled=stop.is_set, most_seconds=600.0)


def test_an_answer_of_too_many_bytes_is_refused() -> None:
    with pytest.raises(QueryError, match="larger than"):
        answer("select repeat('x', 10000) from range(100000)")


def test_the_process_of_a_query_is_given_no_environment_and_no_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FRED_API_KEY", "not-for-children")
    assert "not-for-children" not in str(environment())


def test_esc_stops_a_query(make_desk: Callable[..., Desk]) -> None:
    desk, stop = make_desk(), threading.Event()
    threading.Timer(0.5, stop.set).start()
    with pytest.raises(Cancelled):
        desk.run(
            "SQL select max(a.range + b.range) from range(10000000) a, range(10000000) b",
            cancelled=stop.is_set,
        )


def test_views_are_as_of_the_clock(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    query = (
        "SQL select max(session_date) d, last(close order by session_date) c from bars where ticker = 'AAPL'"
    )
    desk.run("ASOF 2005-02-25")
    then = desk.run(query)
    assert rows(then).row(0) == (date(2005, 2, 25), 88.99)
    assert then.lineage is not None
    assert all(
        r.newest_known_at is None or r.newest_known_at <= then.lineage.asof for r in then.lineage.reads
    )
    adjusted = query.replace("from bars", "from bars_split_adjusted")
    desk.run("ASOF 2005-02-28")
    assert rows(desk.run(adjusted)).row(0) == (date(2005, 2, 28), 44.86)
    first = rows(desk.run(adjusted.replace("max(", "min(").replace("last(", "first("))).row(0)
    assert first[0] == date(2000, 3, 1)
    assert first[1] == pytest.approx(130.31 / 4)


def test_a_page_is_opened_again_the_same(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    page = desk.run("SQL select ticker, count(*) n from bars group by ticker order by ticker")
    kept = desk.run("SNAP")
    assert page.lineage is not None
    again = desk.run(f"OPEN {page.lineage.snapshot_id}")
    assert rows(again).equals(rows(page))
    assert kept.notes


def test_an_error_points_at_the_query_and_offers_no_nonsense(make_desk: Callable[..., Desk]) -> None:
    with pytest.raises(CommandError) as caught:
        make_desk().run("SQL select closes from bars")
    assert caught.value.start == 4
    assert "closes" in str(caught.value)


def test_sql_alone_lists_views_that_can_be_looked_at(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk()
    page = desk.run("SQL")
    assert rows_of_views(page)["view"].to_list() == list(names())
    assert "ticker" in rows(desk.run("2")).columns


def rows_of_views(page: Page) -> pl.DataFrame:
    panel = page.panel("views")
    assert panel is not None
    assert isinstance(panel.figure, Table)
    return panel.figure.frame


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_the_rest_of_the_line_is_the_query_whatever_it_holds(text: str) -> None:
    command = parse(f"SQL select {text}", registry())
    assert isinstance(command, Command)
    assert command.args["query"] == f"select {text}".strip()
    again = parse(command.canonical(), registry())
    assert again == command

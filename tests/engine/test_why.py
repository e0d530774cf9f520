"""WHY: the rows behind a bar of many sessions, behind labelled values, and behind rows of several tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest

from engine.desk import Desk
from engine.encode import encode
from engine.page import CellSource, Column, Metric, Metrics, Page, Panel, Table
from engine.provenance import find_cell

MakeDesk = Callable[..., Desk]


def frame(page: Page, panel: str) -> pl.DataFrame:
    found = page.panel(panel)
    assert found is not None
    assert isinstance(found.figure, Table)
    return found.figure.frame


def metric(page: Page, label: str) -> Metric:
    items = [m for p in page.panels if isinstance(p.figure, Metrics) for m in p.figure.items]
    return next(m for m in items if m.label == label)


def weekly(make_desk: MakeDesk) -> Desk:
    desk = make_desk()
    desk.run("ASOF 2005-12-30")
    desk.run("AAPL GP 1Y W")
    return desk


def test_a_weeks_high_cites_the_day_that_made_it(make_desk: MakeDesk) -> None:
    page = weekly(make_desk).run("WHY 2005-02-11 high")
    assert metric(page, "value shown").value == pytest.approx(81.99 / 2)
    assert metric(page, "key session_date").value == "2005-02-09"
    assert frame(page, "versions")["high"].to_list() == [81.99]
    assert metric(page, "value / factor").value == pytest.approx(81.99)
    assert frame(page, "sessions")["session_date"].len() == 5
    assert frame(page, "sessions")["high"].max() == 81.99


@pytest.mark.parametrize("column", ["open", "high", "low", "close"])
def test_every_price_of_every_bar_is_its_source_times_its_factor(make_desk: MakeDesk, column: str) -> None:
    desk = weekly(make_desk)
    for row in (1, 7, 9, 10, 30, 54):
        page = desk.run(f"WHY {row} {column}")
        version, shown = frame(page, "versions")[column][0], metric(page, "value shown").value
        assert shown == pytest.approx(version * metric(page, "factor").value)
        desk.run("AAPL GP 1Y W")


def test_a_weeks_volume_cites_all_its_days(make_desk: MakeDesk) -> None:
    page = weekly(make_desk).run("WHY 2005-02-11 volume")
    versions = frame(page, "versions")
    assert versions["session_date"].n_unique() == 5
    assert set(versions["state"]) == {"in force"}
    assert metric(page, "value shown").value == pytest.approx(2 * versions["volume"].sum())


def test_a_day_inside_a_week_names_its_bar(make_desk: MakeDesk) -> None:
    page = weekly(make_desk).run("WHY 2005-02-08 close")
    assert metric(page, "key session_date").value == "2005-02-11"


def test_labelled_values_have_a_source_or_say_their_inputs(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("DES AAPL")
    last = desk.run("WHY last")
    assert frame(last, "versions")["close"].to_list() == [430.47]
    assert metric(last, "value / factor").value == pytest.approx(430.47)
    desk.run("DES AAPL")
    high = desk.run('WHY "52-week high"')
    assert metric(high, "key session_date").value == "2012-09-21"
    assert frame(high, "versions")["high"][0] == pytest.approx(705.07)
    desk.run("IBM DVD")
    formula = str(metric(desk.run('WHY "trailing yield"'), "formula").value)
    assert "3.4 / 202.91 (close of 2013-03-01 as traded)" in formula
    assert "0.85 (2013-02-06) + 0.85 (2012-11-07)" in formula


@pytest.mark.parametrize("line", ["DES AAPL", "DES EURUSD", "DES REALGDP", "DES JPM", "IBM DVD", "MSFT DVD"])
def test_no_number_is_without_source_and_formula(make_desk: MakeDesk, line: str) -> None:
    page = make_desk().run(line)
    items = [m for p in page.panels if isinstance(p.figure, Metrics) for m in p.figure.items]
    numbers = [m for m in items if isinstance(m.value, int | float) and m.kind != "text"]
    assert numbers
    assert [m.label for m in numbers if m.source is None and not m.formula] == []


def test_a_second_why_asks_about_the_page_of_the_first(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.run("ASOF 2005-12-30")
    desk.run("AAPL HP 2005-02-20 2005-02-25")
    desk.run("WHY 1 close")
    page = desk.run("WHY 2 high")
    assert metric(page, "page").value == desk.subject().title  # type: ignore[union-attr]
    assert frame(page, "versions").columns.count("high") == 1
    assert metric(page, "key session_date").value == "2005-02-24"


def test_rows_of_several_tables_each_cite_their_own() -> None:
    rows = pl.DataFrame(
        {
            "security_id": [1, 2, 3, 4],
            "session_date": [date(2020, 1, 2), date(2020, 1, 3), date(2020, 1, 1), None],
            "last": [1.0, 2.0, 3.0, None],
            "table": ["bars", "closes", "observations", None],
            "basis": ["", "fixing", "published", None],
        }
    )
    keys = {"security_id": "security_id", "session_date": "session_date"}
    source = CellSource(table="", column="close", keys=keys, table_from="table")
    page = Page("W", (Panel("list", "", Table(rows, (Column("last", "last", "price", source=source),))),))
    bar, close, value, blank = (find_cell(page, row, "last") for row in (1, 2, 3, 4))
    assert (bar.source and bar.source.table, bar.key) == (
        "bars",
        {"security_id": 1, "session_date": date(2020, 1, 2)},
    )
    assert (close.source and close.source.table, dict(close.key)["basis"]) == ("closes", "fixing")
    assert (value.source and (value.source.table, value.source.column)) == ("observations", "value")
    assert value.key == {"security_id": 3, "period_date": date(2020, 1, 1)}
    assert blank.source is None
    assert '"table_from":"table"' in encode(page, "json")

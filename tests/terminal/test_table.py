"""Tables: sorting with blanks last, choosing rows, WHY of a cell, and cells told apart."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from conftest import Running, enter, settle, words
from fake_desk import FakeDesk, history_page
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from engine.page import Column, Table
from terminal.strips import fit
from terminal.theme import ink
from terminal.widgets.column_fit import fit_columns
from terminal.widgets.table import TablePanel
from terminal.widgets.table_view import TableView


def table_of(pilot: Pilot[Any]) -> TablePanel:
    return pilot.app.query_one(TablePanel)


def test_sorting_keeps_nulls_and_nans_last_both_ways() -> None:
    frame = pl.DataFrame({"value": [2.0, None, float("nan"), 1.0, 3.0]})
    view = TableView(Table(frame, (Column("value", "Value", "number"),)))
    view.sort(0)
    assert [view.row_of(i) for i in range(5)] == [3, 0, 4, 1, 2]
    view.sort(0)
    assert [view.row_of(i) for i in range(5)] == [4, 0, 3, 1, 2]
    view.sort(0)
    assert [view.row_of(i) for i in range(5)] == [0, 1, 2, 3, 4]


def test_text_gives_way_first_and_numbers_stay_whole() -> None:
    frame = pl.DataFrame({"name": ["x" * 60], "close": [1234567.89]})
    view = TableView(Table(frame, (Column("name", "Name"), Column("close", "Close", "price", 2))))
    shown, (name, close) = view.fit(34)
    assert shown == [0, 1]
    assert close >= len("1,234,567.89")
    assert name + close + 4 <= 34


def test_a_text_that_matters_keeps_its_cells_and_a_cell_its_own_decimals() -> None:
    frame = pl.DataFrame(
        {"kind": ["filing"], "headline": ["A long headline that a reader wants to read whole"],
         "address": ["https://example.com/a/long/address"], "value": [4.5], "places": [1]}
    )  # fmt: skip
    columns = (Column("kind", "kind"), Column("headline", "headline", least=40), Column("address", "address"),
               Column("value", "value", "number", decimals_from="places"))  # fmt: skip
    view = TableView(Table(frame, columns))
    shown, widths = view.fit(64)
    assert shown == [0, 1]
    assert widths[1] >= 40
    assert view.line(0)[0][3] == "4.5"
    shown, widths = view.fit(40)
    assert (shown, widths[1]) == ([0, 1], 30)  # a text cut rather than a blank


def test_the_pinned_column_stays_once_the_window_is_scrolled() -> None:
    names = ("bid", "ask", "strike", "put_bid", "put_ask", "put_oi")
    frame = pl.DataFrame({name: [123_456.25] for name in names})
    columns = tuple(Column(name, name, "price", 2) for name in names)
    view = TableView(Table(frame, columns, pinned="strike"))
    assert view.fit(50)[0] == [0, 1, 2, 3]
    assert view.fit(50, 2)[0] == [2, 3, 4, 5]
    assert view.fit(50, 1)[0] == [2, 3, 4, 5]
    plain_view = TableView(Table(frame, columns))
    assert plain_view.fit(50, 2)[0] == [0, 3, 4, 5]


def kept_pages() -> Table:
    frame = pl.DataFrame({
        "id": ["32b6da4f01c2", "32b6da4f9977", "0b1e2a3c4d5e"],
        "page": ["AAPL US EQUITY  Apple Inc.", "AAPL US EQUITY  Apple Inc. prices", "JPM US EQUITY"],
        "as_of": [date(2008, 9, 15)] * 3,
        "by": ["root", "ann", "root"],
        "command": ["AAPL GP PERIOD=MAX INTERVAL=D SCALE=LINEAR"] * 3,
    })  # fmt: skip
    columns = (Column("id", "id"), Column("page", "page"), Column("as_of", "as of", "date"),
               Column("by", "kept by"), Column("command", "command"))  # fmt: skip
    return Table(frame, columns)


@pytest.mark.parametrize("room", [60, 70, 76, 90, 110, 140])
def test_room_left_by_dropped_columns_is_given_to_those_shown(room: int) -> None:
    view = TableView(kept_pages())
    shown, widths = view.fit(room)
    assert widths[0] >= 12  # an id is never cut
    assert widths[2] >= 10  # nor a date
    used = sum(widths[column] + 2 for column in shown)
    assert used <= room
    whole = all(widths[column] >= view.naturals[column] for column in shown)
    assert whole or used == room
    assert all(widths[column] >= 14 for column in (1, 4) if column in shown)


def test_the_first_text_keeps_what_tells_its_rows_apart() -> None:
    names = [f"Standard and Poor's sector {letter} of the index" for letter in "ABCD"]
    frame = pl.DataFrame({"name": names, "note": ["a long note about something"] * 4})
    view = TableView(Table(frame, (Column("name", "name"), Column("note", "note"))))
    _, widths = view.fit(50)
    assert len({fit(name, widths[0]) for name in names}) == 4


def test_a_scrolled_window_shows_the_first_column_and_those_after() -> None:
    shown, widths = fit_columns([10, 20, 20, 20, 20], [10, 14, 14, 14, 14], 46, left=2)
    assert shown == [0, 3, 4]
    assert sum(widths[column] + 2 for column in shown) == 46


def test_two_columns_are_shown_in_the_narrowest_window() -> None:
    shown, widths = fit_columns([40, 30, 9], [40, 14, 9], 24)
    assert shown == [0, 1]
    assert sum(widths[column] + 2 for column in shown) <= 24 + 8


def test_a_row_is_coloured_whole_only_where_no_column_tells_the_change() -> None:
    frame = pl.DataFrame({"name": ["A", "B"], "move": [0.01, -0.02], "tone": ["up", "down"]})
    name, move = Column("name", "name"), Column("move", "change", "change")
    for columns, whole in (((name, move), False), ((name,), True)):
        panel = TablePanel(Table(frame, columns, emphasis="tone"))
        strip = panel._row_strip(0, ink(True), 40)
        coloured = [segment.text for segment in strip if segment.style == ink(True).up]
        assert any("A" in text for text in coloured) == whole
        assert coloured


def test_three_kinds_of_blank() -> None:
    frame = pl.DataFrame({"v": [None, None, None], "b": ["not yet known", "never existed", "failed to load"]},
                         schema_overrides={"v": pl.Float64})  # fmt: skip
    view = TableView(Table(frame, (Column("v", "V", "number", blank="b"),)))
    assert [view.line(i)[0][0] for i in range(3)] == ["…", "—", "✗"]


def test_ten_thousand_rows_cost_what_the_window_shows() -> None:
    figure = history_page(10_000).panels[0].figure
    assert isinstance(figure, Table)
    view = TableView(figure)
    for line in range(9_000, 9_040):
        view.line(line)
    assert sum(len(rows) for rows in view._slices.values()) <= 128


async def test_sort_key_cycles_and_the_cursor_stays_on_its_row(running: Running) -> None:
    async with running() as pilot:
        await enter(pilot, "AAPL HP")
        await pilot.press("tab", "right", "right", "right", "right", "s")
        table = table_of(pilot)
        closes = table.view.figure.frame["close"].to_list()
        assert closes[table.view.row_of(0)] == min(closes)
        assert table.view.row_of(table.row) == 0
        await pilot.press("s")
        assert closes[table.view.row_of(0)] == max(closes)
        assert "Close ↓" in words(pilot.app)


async def test_enter_and_numbers_choose_rows(running: Running) -> None:
    desk = FakeDesk()
    async with running(desk) as pilot:
        await enter(pilot, "AAPL HP")
        await pilot.press("tab", "down", "enter")
        await settle(pilot)
        second = desk.lines[-1]
        assert second.startswith("AAPL DES 20")
        await pilot.press("alt+left")
        await settle(pilot)
        await pilot.press("tab", "s", "2", "enter")
        await settle(pilot)
        assert desk.lines[-1] == second


async def test_w_asks_why_of_the_cell(running: Running) -> None:
    desk = FakeDesk()
    async with running(desk) as pilot:
        await enter(pilot, "AAPL HP")
        await pilot.press("tab", "down", "down", "right", "w")
        await settle(pilot)
        assert desk.lines[-1] == "WHY 3 open"


async def test_an_empty_table_says_what_to_do(running: Running) -> None:
    figure = Table(pl.DataFrame({"a": []}), (Column("a", "A"),), empty="Nothing yet. Type W ADD AAPL.")
    async with running() as pilot:
        await pilot.app.shell.show_panel("Watchlist", TablePanel(figure))
        await pilot.pause()
        assert "Type W ADD AAPL" in words(pilot.app)
        await pilot.press("tab", "down", "s", "w", "enter")


async def test_what_an_empty_table_says_is_never_cut() -> None:
    frame = pl.DataFrame({"value": []}, schema={"value": pl.Float64})
    sentence = "No dividend is known at this clock. The sources loaded may carry none: DATA shows them."
    panel = TablePanel(Table(frame, (Column("value", "Value", "number"),), empty=sentence))

    class Host(App[None]):
        def compose(self) -> ComposeResult:
            yield panel

    async with Host().run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        shown = " ".join(panel.render_line(y).text.strip() for y in range(1, 12))
        assert " ".join(shown.split()) == sentence
        assert panel.natural_height(40) == 4

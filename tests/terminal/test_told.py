"""What the lines around a page say at every width: clocks, notes, freshness, keys."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import Running, enter, settle, words
from fake_desk import AAPL, FakeDesk, chart_page, history_page
from rich.cells import cell_len

from engine.page import Candles, CellSource, Lineage, Metric, Metrics, Note, Page, Panel, Text
from store.reads import Digest, Read
from terminal.focus_keys import GENERAL, panel_keys, status_keys
from terminal.freshness import freshness
from terminal.widgets.banner import Clocks, clocks_of, tellings
from terminal.widgets.chart.candles_chart import CandlesChart
from terminal.widgets.page_lines import foot_tellings
from terminal.widgets.table import TablePanel
from terminal.widgets.text import TextPanel

ZONE = ZoneInfo("America/New_York")
SET = datetime(2008, 9, 16, 3, 59, 59, tzinfo=UTC)
LIVE = datetime(2026, 11, 21, 9, 15, tzinfo=UTC)


def read(table: str, known: datetime | None, ids: tuple[int, ...] = (1,), asof: datetime = LIVE) -> Read:
    return Read(
        table, ids, None, None, ("close",), 10, asof, known, (), ("bokeh",), 1, 0.0, Digest(lambda: "")
    )


def lineage(*reads: Read, asof: datetime = LIVE, live: bool = True, **more: Any) -> Lineage:
    return Lineage(asof, live, 3, "0123456789ab", "AAPL GP", "0.1.0", reads=reads, **more)


def test_every_telling_holds_both_clocks_and_the_shortest_fits_80() -> None:
    one = (
        Clocks(SET, (LIVE,), live=True),
        Clocks(LIVE, (SET,), live=False),
        Clocks(None, (SET,), live=False),
    )
    two = (Clocks(None, (SET, LIVE), live=False), Clocks(LIVE, (SET, LIVE), live=False))
    for clocks in one + two:
        told = tellings(clocks, ZONE)
        assert [cell_len(words) for words in told] == sorted(map(cell_len, told), reverse=True)
        assert cell_len(told[-1]) <= 78
        assert cell_len(told[1]) <= 118
        for line in told:
            assert "2008-09-15" in line
            assert ("NOW" if clocks.desk is None else "2026-11-21") in line
    told = tellings(Clocks(SET, (LIVE,), live=True), ZONE)
    assert told[-1] == "PAGE: live 2026-11-21 · CLOCK: 2008-09-15 · Ctrl+R"


def test_clocks_of_one_day_are_told_by_the_minute() -> None:
    told = tellings(Clocks(SET, (SET - timedelta(hours=9),), live=False), ZONE)
    assert told[-1] == "PAGE: 2008-09-15 14:59 · CLOCK: 2008-09-15 23:59 · Ctrl+R"


def test_a_page_of_two_clocks_says_so() -> None:
    two = lineage(
        read("securities", SET, asof=LIVE),
        read("bars", SET, asof=SET),
        read("bars", LIVE, asof=LIVE),
        live=False,
    )
    clocks = clocks_of(None, two)
    assert clocks.page == (SET, LIVE)
    assert all("TWO CLOCKS" in line and "later" not in line for line in tellings(clocks, ZONE))
    alone = lineage(read("securities", SET, asof=LIVE), read("bars", SET, asof=SET), asof=SET, live=False)
    assert clocks_of(SET, alone).page == (SET,)
    assert (
        tellings(clocks_of(SET, alone), ZONE)[0] == "AS OF 2008-09-15 23:59 New York · nothing later is shown"
    )


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_the_banner_is_whole_at_every_width(running: Running, size: tuple[int, int]) -> None:
    async with running(size=size) as pilot:
        await enter(pilot, "AAPL DES")
        await enter(pilot, "AAPL HP")
        await enter(pilot, "ASOF 2008-09-15")
        await pilot.press("alt+left")
        await settle(pilot)
        first = words(pilot.app).split("\n")[0]
        assert "2024-03-15" in first
        assert "2008-09-15" in first
        assert "Ctrl+R" in first


async def test_the_prompt_is_of_the_page_that_was_gone_back_to(running: Running) -> None:
    desk = FakeDesk()
    async with running(desk) as pilot:
        await enter(pilot, "AAPL DES")
        made = pilot.app.page
        await enter(pilot, "LINES")
        assert desk.page is not made
        await pilot.press("alt+left")
        await settle(pilot)
        assert desk.page is not made
        await enter(pilot, "WHY close")
        assert desk.shown == [made]
        await enter(pilot, "AAPL HP")
        assert desk.shown == [made]


def test_freshness_is_of_the_series_on_screen() -> None:
    early, late = datetime(2013, 3, 1, 21, tzinfo=UTC), datetime(2022, 12, 28, 21, tzinfo=UTC)
    page = chart_page()
    source = CellSource("bars", "close", {"session_date": "session_date"}, {"security_id": 1})
    figure = page.panels[0].figure
    assert isinstance(figure, Candles)
    sourced = replace(
        page, panels=(replace(page.panels[0], figure=replace(figure, source=source)), page.panels[1])
    )
    reads = (read("securities", LIVE), read("bars", early), read("bars", late, (2,)), read("closes", late))
    assert (
        freshness(replace(sourced, lineage=lineage(*reads)))
        == "known to 2013-03-01, 13.7 years before the clock"
    )
    assert freshness(replace(page, lineage=lineage(*reads))) == ""
    one = lineage(read("securities", LIVE), read("bars", early))
    assert freshness(replace(page, lineage=one)).startswith("known to 2013-03-01")
    called = Metric("ticker", "AAPL", source=CellSource("securities", "ticker"))
    facts = Page("AAPL", (Panel("facts", "Facts", Metrics((called, Metric("last", 1.0, source=source)))),))
    assert freshness(replace(facts, lineage=lineage(*reads))).startswith("known to 2013-03-01")
    near = lineage(read("bars", LIVE - timedelta(days=3)))
    assert freshness(replace(sourced, lineage=near)) == "known to 2026-11-18, 3 days before the clock"


def test_pages_without_data_say_nothing_of_freshness() -> None:
    page = Page("Settings", (Panel("text", "Settings", Text(("a",))),), "SET")
    assert freshness(page) == ""
    assert freshness(replace(page, lineage=lineage())) == ""
    assert freshness(replace(page, lineage=lineage(read("securities", LIVE)))) == ""


def test_the_keys_of_a_panel_are_those_of_its_bindings() -> None:
    table = panel_keys(TablePanel(history_page(5).panels[0].figure))
    assert ("Enter", "run row") in table
    assert ("s", "sort") in table
    figure = chart_page().panels[0].figure
    assert isinstance(figure, Candles)
    chart = dict(panel_keys(CandlesChart(figure)))
    assert chart["←→"] == "crosshair"
    assert chart["↑↓"] == "zoom"
    assert chart["[]"] == "pan"
    assert status_keys(None) == GENERAL
    assert status_keys(TextPanel(Text(("a",)))) == GENERAL


async def test_the_status_line_tells_the_keys_of_what_is_worked_in(running: Running) -> None:
    async with running(size=(80, 24)) as pilot:
        status = lambda: words(pilot.app).split("\n")[-1]  # noqa: E731 - read again after each key
        await enter(pilot, "AAPL HP")
        assert "Enter run " in status()
        await pilot.press("tab")
        assert "s sort" in status()
        assert "Ctrl+Q quit" in status()
        await enter(pilot, "AAPL GP")
        await pilot.press("tab")
        assert "←→ crosshair" in status()
        assert "Ctrl+Q quit" in status()
        await pilot.press("escape", "escape")
        assert "Enter run " in status()


@dataclass
class Noted(FakeDesk):
    """Answers the description with many notes."""

    def __post_init__(self) -> None:
        super().__init__()

    def run(self, line: str, **more: Any) -> Page:
        notes = (
            *(Note(f"info {n}") for n in range(5)),
            Note("beware", "warning"),
            Note("saved to x", passing=True),
        )
        return replace(super().run(line, **more), notes=notes, security=AAPL)


async def test_urgent_notes_come_first_and_f2_shows_the_rest(running: Running) -> None:
    async with running(Noted(), size=(80, 24)) as pilot:
        await enter(pilot, "AAPL DES")
        shown = [line.strip() for line in words(pilot.app).split("\n")]
        at = shown.index("· saved to x")
        assert shown[at + 1 : at + 4] == ["! beware", "· info 0", "and 4 more lines of notes: F2 shows all"]
        await pilot.press("f2")
        await settle(pilot)
        assert "info 4" in words(pilot.app)
        assert "more lines" not in words(pilot.app)
        await pilot.press("f2")
        await settle(pilot)
        assert "info 4" not in words(pilot.app)


def test_the_foot_drops_whole_parts() -> None:
    page = replace(
        chart_page(), lineage=lineage(sources=("bokeh-sampledata", "skfolio", "statsmodels"), seconds=0.009)
    )
    told = foot_tellings(page, ZONE)
    assert told[0].endswith("bokeh-sampledata, skfolio, statsmodels · 9 ms")
    assert told[-1] == "0123456789ab"
    assert all(not line.endswith("·") for line in told)

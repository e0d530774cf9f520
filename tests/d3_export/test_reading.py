"""The file as a reader meets it: verified or not, its words, its contents, its colours, its paper, a phone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from d3_export import assets, opened, render
from engine.figures import Field, Form
from engine.page import Note, Page, Panel, Text, text_page
from tests.d3_export.conftest import Reader
from tests.pages import empty_table, every_figure, lineage

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

Save = Callable[["BrowserPage", str], str]


def small(title: str = "AAPL GP", identity: str = "7f3a") -> Page:
    page = Page(title, (Panel("text", "Words", Text(("One line.",))),), function="GP")
    return replace(page, lineage=replace(lineage(), snapshot_id=identity))


def test_untouched_data_are_told_to_be_verified(reader: Reader) -> None:
    page = reader.open(render([small()]))
    seal = page.locator("#seal")
    assert seal.get_attribute("data-state") == "verified"
    assert seal.inner_text().startswith("Verified: the data have the hash they were written with")
    assert seal.get_attribute("role") == "status"


@pytest.mark.parametrize("subtle", [True, False])
def test_one_altered_letter_is_told(reader: Reader, subtle: bool) -> None:
    html = render([small()]).replace("One line.", "One lime.")
    if not subtle:  # a browser that offers no crypto here: the file's own sum is asked
        html = html.replace("globalThis.crypto && globalThis.crypto.subtle", "null", 1)
        html = html.replace(re.findall(r"script-src (.*?);", html)[0], "'unsafe-inline'")
    page = reader.open(html)
    assert page.locator("#seal").get_attribute("data-state") == "altered"
    assert page.inner_text("#seal").startswith("ALTERED: the data do not have the hash")
    assert page.locator("#seal").get_attribute("role") == "alert"


def test_the_own_sum_agrees_with_the_written_hash(reader: Reader) -> None:
    html = render([every_figure()])
    html = html.replace("globalThis.crypto && globalThis.crypto.subtle", "null", 1)
    page = reader.open(html.replace(re.findall(r"script-src (.*?);", html)[0], "'unsafe-inline'"))
    assert page.locator("#seal").get_attribute("data-state") == "verified"


def test_cut_data_are_told_in_place_of_the_page(reader: Reader) -> None:
    html = render([small()]).replace('{"pages":', '{"pages"', 1)
    page = reader.open(html, wait=False)
    page.wait_for_selector("#seal.altered")
    assert page.inner_text("#seal").startswith("ALTERED OR CUT")


def test_an_altered_script_does_not_run(reader: Reader) -> None:
    page = reader.open(render([small()]).replace("boot();\n}", "boot(); \n}"), wait=False)
    page.wait_for_timeout(200)
    assert page.locator("#seal").count() == 0
    assert "AAPL GP: as of 2008-09-16 03:59 UTC, page 7f3a" in page.inner_text("body")
    assert [fault for fault in reader.faults if "Content Security Policy" not in fault] == []
    assert reader.faults
    reader.faults.clear()


def test_the_file_says_where_it_comes_from(reader: Reader) -> None:
    from datetime import UTC, datetime

    recorded = {"7f3a": {"test data": datetime(2026, 11, 1, 9, 30, tzinfo=UTC)}}
    page = reader.open(render([small()], recorded=recorded))
    assert page.inner_text(".clock") == "As of the end of 2008-09-15, New York: nothing known later is shown"
    assert page.inner_text(".source") == (
        "Source: test data, known by 2008-09-15 20:00 UTC. asof 0.1.0, page 7f3a: AAPL US EQUITY GP PERIOD=1Y"
    )
    page.click("details.provenance summary")
    told = page.inner_text("details.provenance")
    for text in (
        "7f3a",
        "commit 7",
        "AAPL US EQUITY GP PERIOD=1Y",
        "2026-11-01 09:30 UTC",
        "2008-09-15 20:00 UTC",
    ):
        assert text in told
    assert "Made by asof 0.1.0, drawn by D3 7.9.0 (ISC licence" in page.inner_text("footer")
    assert opened(render([small()], recorded=recorded)).expected in page.inner_text("footer")


def test_a_live_page_says_so(reader: Reader) -> None:
    page = reader.open(render([replace(small(), lineage=lineage(live=True))]))
    assert page.inner_text(".clock").startswith("Live: what was known at the end of 2008-09-15")


def test_several_pages_have_contents(reader: Reader) -> None:
    page = reader.open(render([small("One", "1a"), small("Two", "2b"), empty_table()], title="Morning"))
    assert page.inner_text("h1") == "Morning"
    assert page.locator("nav.contents a").all_inner_texts() == ["One", "Two", "Nothing"]
    assert page.locator("nav.contents li").all_inner_texts()[0] == "One · GP · as of 2008-09-15"
    page.click("nav.contents a >> nth=1")
    assert page.evaluate("location.hash") == "#page-2"
    assert page.locator("h2").all_inner_texts() == ["Contents", "One", "Two", "Nothing"]


def test_one_page_has_no_contents_and_says_its_title_once(reader: Reader) -> None:
    page = reader.open(render([small()]))
    assert page.locator("nav").count() == 0
    assert page.locator("h2").bounding_box()["width"] <= 1  # for readers by ear


def test_headings_are_in_order_and_the_first_key_skips_to_the_content(reader: Reader) -> None:
    page = reader.open(render([small(), small("Two", "2b")]))
    levels = page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4')].map((one) => Number(one.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#contents"
    assert len(page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")) == page.evaluate(
        "new Set([...document.querySelectorAll('[id]')].map((one) => one.id)).size"
    )


def test_colours_follow_the_system_and_the_switch(reader: Reader) -> None:
    paper = "getComputedStyle(document.documentElement).backgroundColor"
    page = reader.open(render([small()]), dark=True)
    assert page.evaluate(paper) == "rgb(20, 23, 27)"
    page.click("[data-action=theme]")
    assert page.evaluate(paper) == "rgb(255, 255, 255)"
    assert page.inner_text("[data-action=theme]") == "Dark"


def test_who_asks_for_contrast_gets_it_and_nothing_moves_by_itself(reader: Reader) -> None:
    colours = "getComputedStyle(document.querySelector('.subtitle, footer')).color"
    ink = "getComputedStyle(document.documentElement).color"
    page = reader.open(render([small()]), dark=True)
    assert page.evaluate(colours) != page.evaluate(ink)
    page.emulate_media(contrast="more")
    assert page.evaluate(colours) == page.evaluate(ink)
    assert not re.search(r"transition|animation|@keyframes|smooth", assets.style())
    assert "smooth" not in assets.script()


def test_paper_is_light_whole_and_without_buttons(reader: Reader) -> None:
    page = reader.open(render([small()]), dark=True)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("[data-action=csv]").is_hidden()
    assert page.locator("details.provenance dl").is_visible()
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") is None
    assert page.locator("details.provenance dl").is_hidden()


@pytest.mark.parametrize("width", [320, 390, 800, 1600])
def test_nothing_stands_beyond_the_window(reader: Reader, width: int) -> None:
    page = reader.open(render([every_figure()]), width=width)
    page.click("details.provenance summary")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_data_are_saved_as_they_lie_in_the_file(reader: Reader, save: Save) -> None:
    html = render([small()])
    text = save(reader.open(html), "[data-action=json]")
    assert json.loads(text) == opened(html).data


def test_a_figure_that_cannot_be_drawn_leaves_the_others(reader: Reader) -> None:
    html = render([replace(every_figure(), panels=every_figure().panels[:3])])
    block = html.split('id="asof-data">', 1)[1].split("</script>", 1)[0]
    page = reader.open(html.replace(block, block.replace('"kind":"metrics"', '"kind":"nosuch"')))
    assert page.locator(".failed").count() == 1
    assert "no drawing for figures of kind nosuch" in page.inner_text(".failed")


def test_every_panel_has_a_title_and_a_subtitle_in_words(reader: Reader) -> None:
    page = reader.open(render([every_figure()]))
    assert page.locator(".failed").count() == 0
    subtitles = page.locator(".panel:not(.panel-text) .subtitle").all_inner_texts()
    assert len(subtitles) == len(every_figure().panels) - 1  # words speak for themselves
    assert all(len(text) > 10 for text in subtitles), subtitles
    assert page.locator(".panel-text .subtitle").is_hidden()


def test_what_a_title_says_to_the_terminal_is_left_out(reader: Reader) -> None:
    titles = {
        "holdings: a number shows the chart": "holdings",
        "assumptions: Tab goes to them, Enter applies": "assumptions",
        "filings, newest first: a number shows one. 40 of 90": "filings, newest first 40 of 90",
        "ratio: price to book": "ratio: price to book",
        "5 trades, newest first; choosing one opens its chart": "5 trades, newest first",
        "the last 9 of 90 trades; PAGE=TRADES lists all, choosing one opens its chart": "the last 9 of 90 trades",
        "set aside: 4 rows that failed a check. A number shows the rows": "set aside: 4 rows that failed a check",
    }
    page = replace(
        small(), panels=tuple(Panel(f"p{n}", title, Text(("x",))) for n, title in enumerate(titles))
    )
    shown = (
        reader.open(render([page])).locator("h3").evaluate_all("(all) => all.map((one) => one.textContent)")
    )
    assert shown == list(titles.values())


def test_what_a_note_says_to_the_terminal_is_left_out(reader: Reader) -> None:
    notes = {
        "No factors are known: SPX stands for the market. BACKFILL SMB5 MOM fetches them.": (
            "Warning: No factors are known: SPX stands for the market."
        ),
        "31 more pairs are in the store: FXIP ALL shows them.": "Warning: 31 more pairs are in the store.",
        "SPX: levels as published; a price index.": "Warning: SPX: levels as published; a price index.",
        "REGIME says nothing here": "Warning: REGIME says nothing here",  # of a warning something is left
    }
    told = tuple(Note(text, "warning") for text in notes)
    aside = Note("More: FACT AAPL, REGIME AAPL, RISK AAPL.")
    page = reader.open(render([replace(small(), notes=(*told, aside))]))
    assert page.locator(".note").all_inner_texts() == list(notes.values())


def test_a_long_assumption_runs_off_no_paper(reader: Reader) -> None:
    rule = "long when sma(close, 50) > ema(close, 200) and rsi(close, 14) < 70; exit when not that; delay 1"
    form = Form((Field("strategy", "strategy", rule, rule, basis="default", help="what is bought when"),))
    page = reader.open(render([replace(small(), panels=(Panel("f", "Assumptions", form),))]), width=688)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 688
    page.evaluate("dispatchEvent(new Event('afterprint'))")


def test_a_page_of_words_needs_no_figure(reader: Reader) -> None:
    page = reader.open(render([text_page("Help", ["# Keys", "Enter goes."])]))
    assert "Enter goes." in page.inner_text("main")

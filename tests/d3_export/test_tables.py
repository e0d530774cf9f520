"""Tables in the browser: sorted, filtered, copied; blanks told apart; thousands of rows without making them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from d3_export import render
from engine.format import format_cell
from engine.page import Blank, Column, Table
from tests.d3_export.conftest import Reader
from tests.d3_export.drawn import page_of, same_as_terminal, tooltip

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

Save = Callable[["BrowserPage", str], str]


def table(count: int) -> Table:
    rng = np.random.default_rng(5)
    change = [None if at % 7 == 3 else float(value) for at, value in enumerate(rng.normal(0, 0.02, count))]
    kinds = [Blank.FAILED.value if at % 2 else Blank.NOT_YET_KNOWN.value for at in range(count)]
    frame = pl.DataFrame(
        {
            "ticker": [f"S{at:04d}" for at in range(count)],
            "name": [("Apple", "Banana Holdings", "<b>Cherry</b>")[at % 3] for at in range(count)],
            "price": rng.uniform(1, 900, count),
            "change": pl.Series(change, dtype=pl.Float64),
            "kind": kinds,
        }
    )
    columns = (
        Column("ticker", "Security"),
        Column("name", "Name"),
        Column("price", "Price", "price", 2, "USD", "close as traded"),
        Column("change", "Change", "change", 2, blank="kind"),
    )
    return Table(frame, columns, ("ticker",))


SMALL, LARGE = table(30), table(5000)


def column(page: BrowserPage, name: str) -> list[str]:
    return page.locator(f'tbody [data-column="{name}"]').all_inner_texts()


def test_cells_read_as_in_the_terminal_and_blanks_are_told_apart(reader: Reader) -> None:
    page = reader.open(render([page_of(SMALL)]))
    expected = [
        format_cell(value, "change", 2, blank=Blank(kind))
        for value, kind in zip(SMALL.frame["change"], SMALL.frame["kind"], strict=True)
    ]
    assert column(page, "change") == expected
    assert {"…", "✗"} <= set(expected)
    assert page.locator('[data-blank="failed to load"]').first.get_attribute("aria-label") == "failed to load"
    assert page.inner_text(".key") == "✗ failed to load · … not yet known"
    assert column(page, "name")[2] == "<b>Cherry</b>"


def test_a_heading_sorts_one_way_the_other_and_not(reader: Reader) -> None:
    page = reader.open(render([page_of(SMALL)]))
    known = sorted(value for value in SMALL.frame["change"] if value is not None)
    blanks = SMALL.frame["change"].null_count()
    heading = page.locator('th:has([data-sort="change"])')
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert column(page, "change")[:26] == [format_cell(v, "change", 2) for v in reversed(known)][:26]
    assert set(column(page, "change")[-blanks:]) <= {"…", "✗"}
    heading.locator("button").click()
    assert column(page, "change")[: len(known)] == [format_cell(v, "change", 2) for v in known]
    heading.locator("button").click()
    assert (heading.get_attribute("aria-sort"), column(page, "ticker")[0]) == ("none", "S0000")


def test_a_filter_keeps_rows_that_hold_every_word(reader: Reader) -> None:
    page = reader.open(render([page_of(SMALL)]))
    page.fill("input.filter", "banana s00")
    assert set(column(page, "name")) == {"Banana Holdings"}
    assert page.inner_text(".count") == "10 of 30 rows"
    page.fill("input.filter", "nothing like it")
    assert (column(page, "name"), page.inner_text(".count")) == ([], "0 of 30 rows")


def test_what_is_shown_is_copied_with_tabs(reader: Reader) -> None:
    page = reader.open(render([page_of(SMALL)]))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.fill("input.filter", "banana")
    page.click('[data-sort="price"]')
    page.click('[data-action="copy"]')
    page.wait_for_selector('.count:text-is("10 rows copied")')
    lines = [line.split("\t") for line in page.evaluate("navigator.clipboard.readText()").split("\n")]
    assert lines[0] == ["Security", "Name", "Price", "Change"]
    expected = SMALL.frame.filter(pl.col("name") == "Banana Holdings").sort("price", descending=True)
    assert [line[0] for line in lines[1:]] == expected["ticker"].to_list()
    assert [float(line[2]) for line in lines[1:]] == expected["price"].to_list()


def test_saved_values_are_the_data(reader: Reader, save: Save) -> None:
    page = reader.open(render([page_of(SMALL)]))
    page.click('[data-sort="price"]')
    page.fill("input.filter", "banana")
    assert same_as_terminal(save(page, '[data-action="csv"]'), page_of(SMALL))


def test_of_thousands_of_rows_only_those_in_sight_are_made(reader: Reader) -> None:
    page = reader.open(render([page_of(LARGE)]))
    assert page.locator("tbody tr[data-row]").count() < 60
    assert page.get_attribute("table.rows", "aria-rowcount") == "5001"
    widths = page.evaluate("[...document.querySelectorAll('thead th')].map((one) => one.offsetWidth)")
    page.evaluate("document.querySelector('.table-scroll').scrollTop = 29 * 3000")
    page.wait_for_selector('tr[data-place="3005"]')
    assert page.locator("tbody tr[data-row]").count() < 70
    assert page.inner_text('tr[data-place="3005"] [data-column="ticker"]') == "S3005"
    assert page.get_attribute('tr[data-place="3005"]', "aria-rowindex") == "3007"
    assert widths == page.evaluate("[...document.querySelectorAll('thead th')].map((one) => one.offsetWidth)")
    box, heading = page.locator(".table-scroll").bounding_box(), page.locator("thead th").first.bounding_box()
    assert box is not None
    assert heading is not None
    assert heading["y"] == pytest.approx(box["y"], abs=2)  # the heading stays


def test_keys_reach_every_cell(reader: Reader) -> None:
    page = reader.open(render([page_of(LARGE)]))
    page.focus(".table-scroll")
    for key in ("Home", "ArrowDown", "PageDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    told = tooltip(page)
    price = LARGE.frame["price"][13]
    assert told[""] == "S0013"
    assert told["Price"] == format_cell(price, "price", 2, "USD")
    assert float(told["in full"]) == price
    assert page.inner_text(".tooltip-note") == "close as traded"
    assert f"Price {told['Price']}" in page.locator(".table-figure > [aria-live=polite]").inner_text()


def test_all_rows_are_printed(reader: Reader) -> None:
    page = reader.open(render([page_of(replace(LARGE, frame=LARGE.frame.head(600)))]))
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("tbody tr[data-row]").count() == 600
    page.set_viewport_size({"width": 688, "height": 900})
    page.emulate_media(media="print")
    assert page.evaluate("document.querySelector('table.rows').offsetWidth") <= 688  # an A4 sheet
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("tbody tr[data-row]").count() < 60


@pytest.mark.parametrize("figure", [SMALL, LARGE])
def test_on_a_phone_it_scrolls_within_itself(reader: Reader, figure: Table) -> None:
    page = reader.open(render([page_of(figure)]), width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_cells_have_their_own_decimals_and_rows_their_emphasis(reader: Reader) -> None:
    frame = pl.DataFrame(
        {
            "rate": [1.23456, 0.00012, 7.0],
            "day": ["2012-03-16"] * 3,
            "places": [1, 5, None],
            "tone": ["strong", "muted", "up"],
        }
    )
    columns = (Column("rate", "Rate", "number", 2, decimals_from="places"), Column("day", "Day", "date"))
    page = reader.open(render([page_of(Table(frame, columns, emphasis="tone"))]))
    assert column(page, "rate") == ["1.2", "0.00012", "7.00"]
    rows = page.locator("tr[data-row]")
    assert [row.get_attribute("class") for row in rows.all()] == ["row-strong", "row-muted", None]
    assert page.locator("tbody td.whole").count() == 3  # a date is not broken at its hyphens


def test_no_rows_say_what_to_do(reader: Reader) -> None:
    empty = Table(SMALL.frame.clear(), SMALL.columns, empty="Nothing to show. BACKFILL fetches it.")
    page = reader.open(render([page_of(empty)]))
    assert page.inner_text(".box") == "Nothing to show. BACKFILL fetches it."

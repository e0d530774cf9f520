"""Lines in the browser: named where that fits, gaps as gaps, exact under the cursor, many of them too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from d3_export import render
from engine.page import Event, Lines, Series
from tests.d3_export.conftest import Reader
from tests.d3_export.drawn import (
    number,
    page_of,
    point_at,
    same_as_terminal,
    sessions,
    settle,
    stage,
    tooltip,
    walk,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

Save = Callable[["BrowserPage", str], str]
DATES = np.array(sessions(2520), dtype="datetime64[D]")
NAMES = ("Momentum", "Value", "Quality")


def three() -> Lines:
    values = [walk(2520, seed) for seed in (1, 2, 3)]
    values[1][800:1000] = np.nan
    events = (Event(date(2008, 9, 15), "default", "Lehman files"),)
    return Lines(
        tuple(Series(name, DATES, line) for name, line in zip(NAMES, values, strict=True)),
        "USD",
        2,
        "log",
        events,
    )


def crowd(count: int = 40) -> Lines:
    return Lines(tuple(Series(f"stock {n}", DATES, walk(2520, n)) for n in range(count)), "", 1)


def at_date(page: BrowserPage, index: int) -> None:
    """The pointer over a date, all being shown."""
    days = (DATES[index] - DATES[0]).astype(int)
    point_at(page, days / number(page, "end"))


def test_lines_are_named_at_their_ends_where_that_fits(reader: Reader) -> None:
    page = reader.open(render([page_of(three())]))
    assert stage(page).get_attribute("data-labels") == "direct"
    assert page.locator('[data-mark="label"]').all_text_contents() == list(NAMES)
    assert page.locator(".legend").count() == 0
    tops = sorted(label.bounding_box()["y"] for label in page.locator('[data-mark="label"]').all())  # type: ignore[index]
    assert all(after - before >= 14 for before, after in pairwise(tops))


def test_on_a_phone_a_legend_names_them(reader: Reader) -> None:
    page = reader.open(render([page_of(three())]), width=360)
    assert stage(page).get_attribute("data-labels") == "legend"
    assert page.locator(".legend-entry").all_inner_texts() == list(NAMES)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_every_value_under_the_cursor_is_exact(reader: Reader) -> None:
    figure = three()
    page = reader.open(render([page_of(figure)]))
    at_date(page, 1500)
    told = tooltip(page)
    assert told.pop("") == str(DATES[1500])
    assert told == {series.name: f"{series.values[1500]:,.2f} USD" for series in figure.series}
    highest = sorted(figure.series, key=lambda series: -series.values[1500])
    assert list(told) == [series.name for series in highest]
    assert page.locator('[data-mark="point"]').count() == 3


def test_a_gap_is_a_gap(reader: Reader) -> None:
    page = reader.open(render([page_of(three())]))
    at_date(page, 900)
    assert tooltip(page)["Value"] == "—"
    assert page.locator('[data-mark="point"]').count() == 2
    inked = page.evaluate(
        """([share, width]) => {
          const canvas = document.querySelector(".stage canvas"), ratio = canvas.width / canvas.clientWidth;
          const { left, right } = document.querySelector(".stage").dataset;
          const from = (Number(left) + (right - left) * share) * ratio;
          const { data } = canvas.getContext("2d").getImageData(from, 0, width * ratio, canvas.height);
          let found = 0;
          for (let at = 0; at < data.length; at += 4) {
            if (data[at + 3] > 200 && data[at] > 190 && data[at + 1] < 110 && data[at + 2] < 30) found += 1;
          }
          return found;
        }""",
        [(DATES[850] - DATES[0]).astype(int) / number(page, "end"), 20],
    )
    assert inked == 0  # no vermilion between the gap's ends


def test_fewer_points_than_values_are_drawn_and_none_is_lost_in_view(reader: Reader) -> None:
    figure = Lines((Series("long", DATES, walk(2520)),), "", 2)
    narrow = reader.open(render([page_of(figure)]), width=360)
    assert number(narrow, "points") < number(narrow, "values") == 2520
    narrow.click('[data-range="3M"]')
    settle(narrow)
    assert number(narrow, "values") < 100
    assert number(narrow, "points") == number(narrow, "values")


def test_series_of_different_rhythm_share_an_axis(reader: Reader, save: Save) -> None:
    monthly = DATES[::21]
    figure = Lines((Series("daily", DATES, walk(2520)), Series("monthly", monthly, walk(120))), "", 2)
    page = reader.open(render([page_of(figure)]))
    at_date(page, 1500)
    month = monthly[1500 // 21]
    assert set(tooltip(page)) == {"", "daily", f"monthly ({month})"}
    assert same_as_terminal(save(page, '[data-action="csv"]'), page_of(figure))


def test_of_a_crowd_the_line_under_the_pointer_stands_out(reader: Reader) -> None:
    figure = crowd()
    page = reader.open(render([page_of(figure)]))
    assert page.locator("button.legend-entry").count() == 40
    at_date(page, 2000)
    told = tooltip(page)
    assert len(told) == 13
    assert page.locator(".tooltip-note").inner_text() == "28 lines more"
    assert page.locator(".overlaid").count() == 1
    page.click("button.legend-entry >> nth=7")
    assert page.locator('[aria-pressed="true"].legend-entry').inner_text() == "stock 7"
    at_date(page, 2000)
    assert tooltip(page) == {"": str(DATES[2000]), "stock 7": f"{figure.series[7].values[2000]:,.1f}"}


def test_up_and_down_choose_a_line_and_it_is_heard(reader: Reader) -> None:
    figure = three()
    page = reader.open(render([page_of(figure)]))
    stage(page).focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    heard = page.locator("[aria-live=polite]").inner_text()
    assert heard == f"{DATES[-1]}: Value {figure.series[1].values[-1]:,.2f} USD"


def test_what_an_axis_counts_from_is_no_unit_of_each_value(reader: Reader) -> None:
    values = np.linspace(100, 150, 2520)
    page = reader.open(render([page_of(Lines((Series("portfolio", DATES, values),), "first = 100", 1))]))
    told = page.inner_text(".subtitle")
    assert told.startswith("portfolio (first = 100), 1 January 2003")
    assert told.endswith("The newest value is 150.0.")
    assert page.locator(".caption").all_text_contents() == ["first = 100"]


def test_events_are_marked_and_told(reader: Reader) -> None:
    page = reader.open(render([page_of(three())]))
    page.locator('[data-mark="event"]').hover(force=True)
    assert page.locator(".tooltip-note").inner_text() == "2008-09-15 Lehman files"


def test_a_drawdown_hangs_from_nought(reader: Reader, save: Save) -> None:
    line = walk(2520)
    depth = 100 * (line / np.maximum.accumulate(line) - 1)
    page_ = page_of(Lines((Series("strategy", DATES, depth),), "%", 1))
    page = reader.open(render([page_]))
    ticks = page.locator(".grids text").all_text_contents()
    assert ticks[-1] == "0%"
    assert all(tick.startswith("-") for tick in ticks[:-1])
    assert page.locator(".legend").count() == 0  # the subtitle names it
    assert page.inner_text(".subtitle").startswith("strategy in percent, 1 January 2003")
    assert same_as_terminal(save(page, '[data-action="csv"]'), page_)


@pytest.mark.parametrize("dark", [False, True])
def test_series_colours_stand_out_from_their_paper(reader: Reader, dark: bool) -> None:
    page = reader.open(render([page_of(crowd(8))]), dark=dark)
    contrasts = page.evaluate("""() => {
      const style = getComputedStyle(document.documentElement);
      const light = (name) => {
        const hex = style.getPropertyValue(name).trim();
        const part = (at) => parseInt(hex.slice(at, at + 2), 16) / 255;
        const linear = (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
        return 0.2126 * linear(part(1)) + 0.7152 * linear(part(3)) + 0.0722 * linear(part(5));
      };
      const against = (one, two) => (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
      return [1, 2, 3, 4, 5, 6, 7, 8].map((n) => against(light(`--c${n}`), light("--paper")));
    }""")
    assert min(contrasts) >= 3  # WCAG 2.2, 1.4.11: graphics


def test_nothing_known_is_said_in_words(reader: Reader) -> None:
    page = reader.open(render([page_of(Lines((), "", 2))]))
    assert page.locator(".box").inner_text() == "No values are known here."

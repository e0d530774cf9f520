"""Candles in the browser: as many as there is room for, exact under the pointer, moved by hand, wheel and key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from d3_export import render
from engine.format import format_cell
from engine.page import Event
from tests.d3_export.conftest import Reader
from tests.d3_export.drawn import (
    daily,
    minutes,
    number,
    page_of,
    point_at,
    same_as_terminal,
    settle,
    stage,
    tooltip,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

Save = Callable[["BrowserPage", str], str]
DAYS = daily()

# candles on the canvas: runs of columns that have a pixel of either colour in the price's part
_RUNS = """([up, down, foot]) => {
  const canvas = document.querySelector(".stage canvas"), ratio = canvas.width / canvas.clientWidth;
  const wide = canvas.width, high = Math.round(foot * ratio);
  const { data } = canvas.getContext("2d").getImageData(0, 0, wide, high);
  const away = (at, c) => c.reduce((sum, part, i) => sum + Math.abs(data[at + i] - part), 0);
  const near = (at, c) => away(at, c) < 60 && data[at + 3] > 100;
  let runs = 0, inside = false;
  for (let x = 0; x < wide; x += 1) {
    let hit = false;
    for (let y = 0; y < high && !hit; y += 1) hit = near((y * wide + x) * 4, up) || near((y * wide + x) * 4, down);
    if (hit && !inside) runs += 1;
    inside = hit;
  }
  return runs;
}"""


def close_told(index: int) -> str:
    return format_cell(DAYS.frame["close"][index], "price", 2)


def test_ten_years_are_drawn_as_candles_of_several_sessions(reader: Reader) -> None:
    page = reader.open(render([page_of(DAYS)]))
    assert number(page, "bars") == 2520
    size = number(page, "group")
    assert number(page, "candles") == -(-2520 // size)
    assert f"{size:.0f} sessions a candle" in (page.locator(".captions").text_content() or "")
    assert stage(page).get_attribute("role") == "application"
    assert "2,520 sessions, 1 January 2003" in (stage(page).get_attribute("aria-label") or "")


def test_a_range_shows_each_session_as_a_candle_of_its_own(reader: Reader) -> None:
    page = reader.open(render([page_of(replace(DAYS, overlays=()))]))
    page.click('[data-range="1M"]')
    settle(page)
    bars = number(page, "bars")
    assert number(page, "group") == 1
    assert 20 <= bars <= 24
    assert number(page, "candles") == bars
    assert page.evaluate(_RUNS, [[0, 114, 178], [213, 94, 0], 340]) == bars


def test_the_session_under_the_pointer_is_told_exactly(reader: Reader) -> None:
    page = reader.open(render([page_of(DAYS)]))
    page.click('[data-range="1Y"]')
    settle(page)
    start, end = number(page, "start"), number(page, "end")
    index = int(start) + 100
    point_at(page, (index + 0.5 - start) / (end - start))
    told = tooltip(page)
    row = DAYS.frame.row(index, named=True)
    assert told[""] == row["session_date"].isoformat()
    for name in ("open", "high", "low", "close"):
        assert told[name] == format_cell(row[name], "price", 2)
    before = DAYS.frame["close"][index - 1]
    assert told["change"] == format_cell(row["close"] / before - 1, "change", 2)
    assert told["volume"] == f"{row['volume']:,}"
    assert told["SMA(50)"] == format_cell(DAYS.overlays[0].values[index], "price", 2)


def test_keys_move_the_cursor_and_are_heard(reader: Reader) -> None:
    page = reader.open(render([page_of(DAYS)]))
    stage(page).focus()
    page.keyboard.press("ArrowRight")
    assert tooltip(page)["close"] == close_told(2519)
    page.keyboard.press("ArrowLeft")
    assert tooltip(page)["close"] == close_told(2518)
    assert f"close {close_told(2518)}" in page.locator("[aria-live=polite]").inner_text()
    page.keyboard.press("Home")
    assert tooltip(page)["close"] == close_told(0)
    page.keyboard.press("Escape")
    assert page.locator('[role="tooltip"]:not([hidden])').count() == 0


def test_a_cursor_moved_by_key_takes_the_window_along(reader: Reader) -> None:
    page = reader.open(render([page_of(DAYS)]))
    page.click('[data-range="3M"]')
    stage(page).focus()
    page.keyboard.press("Home")
    settle(page)
    assert number(page, "start") == 0
    assert tooltip(page)["close"] == close_told(0)


def test_the_wheel_zooms_where_the_pointer_is_once_the_chart_has_the_focus(reader: Reader) -> None:
    page = reader.open(render([page_of(DAYS)]))
    point_at(page, 0.25)
    page.mouse.wheel(0, -300)
    settle(page)
    assert number(page, "bars") == 2520  # not in focus: the page scrolls
    page.evaluate("scrollTo(0, 0)")
    point_at(page, 0.25)
    page.mouse.down()
    page.mouse.up()
    page.mouse.wheel(0, -300)
    settle(page)
    start, end = number(page, "start"), number(page, "end")
    assert end - start == pytest.approx(1260, abs=1)
    assert start + 0.25 * (end - start) == pytest.approx(630, abs=4)  # what was under the pointer still is


def test_dragging_moves_the_window_and_keys_zoom(reader: Reader) -> None:
    page = reader.open(render([page_of(DAYS)]))
    page.click('[data-range="1Y"]')
    settle(page)
    start, span = number(page, "start"), number(page, "end") - number(page, "start")
    point_at(page, 0.2)
    page.mouse.down()
    point_at(page, 0.7)
    page.mouse.up()
    settle(page)
    assert number(page, "start") == pytest.approx(start - span / 2, abs=2)
    stage(page).focus()
    page.keyboard.press("+")
    settle(page)
    assert number(page, "end") - number(page, "start") == pytest.approx(span * 0.7, abs=0.1)
    page.keyboard.press("0")
    settle(page)
    assert number(page, "bars") == 2520


def test_the_strip_below_chooses_the_window(reader: Reader) -> None:
    page = reader.open(render([page_of(DAYS)]))
    box = page.locator(".overview").bounding_box()
    assert box is not None
    right = number(page, "right")
    page.mouse.move(box["x"] + right * 0.4, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + right * 0.6, box["y"] + 20, steps=4)
    page.mouse.up()
    settle(page)
    assert number(page, "start") == pytest.approx(0.4 * 2520, abs=6)
    assert number(page, "end") == pytest.approx(0.6 * 2520, abs=6)
    handle = page.locator(".overview [role=slider]").first
    handle.focus()
    page.keyboard.press("PageUp")
    settle(page)
    assert number(page, "start") == pytest.approx(0.4 * 2520 + 20, abs=6)
    near = DAYS.frame["session_date"][int(number(page, "start")) - 1 :][:3]
    assert handle.get_attribute("aria-valuetext") in [day.isoformat() for day in near]


def test_two_fingers_zoom(reader: Reader) -> None:
    page = reader.open(render([page_of(DAYS)]))
    page.evaluate("""() => {
      const stage = document.querySelector(".stage"), edge = stage.getBoundingClientRect();
      const touch = (type, pointerId, x) => stage.dispatchEvent(new PointerEvent(type, {
        pointerId, pointerType: "touch", clientX: edge.left + x, clientY: edge.top + 90,
        button: type === "pointermove" ? -1 : 0, buttons: 1, bubbles: true, cancelable: true }));
      stage.setPointerCapture = () => {};
      touch("pointerdown", 11, 400); touch("pointerdown", 12, 600);
      touch("pointermove", 11, 300); touch("pointermove", 12, 700);
      touch("pointerup", 11, 300); touch("pointerup", 12, 700);
    }""")
    settle(page)
    assert number(page, "bars") == pytest.approx(1260, abs=3)


def test_a_logarithmic_scale_shows_the_same_candles(reader: Reader) -> None:
    page = reader.open(render([page_of(replace(DAYS, scale="log"))]))
    toggle = page.locator('[data-action="log"]')
    assert stage(page).get_attribute("data-scale") == "log"
    assert toggle.get_attribute("aria-pressed") == "true"
    candles = number(page, "candles")
    toggle.click()
    settle(page)
    assert (stage(page).get_attribute("data-scale"), number(page, "candles")) == ("linear", candles)


def test_events_stand_below_and_are_told(reader: Reader) -> None:
    page = reader.open(render([page_of(DAYS)]))
    rings = page.locator('[data-mark="event"]')
    assert rings.count() == 3
    rings.first.hover(force=True)
    assert f"{DAYS.events[0].date} split 630" in page.locator(".tooltip-note").inner_text()


def test_marks_stand_in_the_plot_at_their_level(reader: Reader) -> None:
    days = DAYS.frame["session_date"]
    row = DAYS.frame.row(1250, named=True)
    marked = Event(days[1250], "entry, short", "entry, short at 1.00", level=row["high"])
    lower = Event(days[1300], "exit", "exit", level=DAYS.frame.row(1300, named=True)["low"])
    page = reader.open(render([page_of(replace(DAYS, events=(marked, lower)))]))
    assert page.locator('[data-mark="level"] text').all_text_contents() == ["▼", "◆"]


def test_minutes_follow_one_another_on_the_exchanges_clocks(reader: Reader, save: Save) -> None:
    figure = minutes(4)
    page = reader.open(render([page_of(figure)]))
    assert number(page, "bars") == 4 * 390
    page.click('[data-range="1D"]')
    settle(page)
    marks = page.locator(".foot text").all_text_contents()
    assert {"10:00", "12:00", "15:00"} <= set(marks)
    stage(page).focus()
    page.keyboard.press("Home")
    assert tooltip(page)[""] == "2019-01-02 09:30 EST"
    assert same_as_terminal(save(page, '[data-action="csv"]'), page_of(figure))


def test_saved_values_are_the_data(reader: Reader, save: Save) -> None:
    page = reader.open(render([page_of(DAYS)]))
    assert same_as_terminal(save(page, '[data-action="csv"]'), page_of(DAYS))


@pytest.mark.parametrize("width", [360, 390, 1200])
def test_it_fits_its_window(reader: Reader, width: int) -> None:
    page = reader.open(render([page_of(DAYS)]), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": width + 60, "height": 800})
    settle(page)
    settle(page)
    box = stage(page).bounding_box()
    assert box is not None
    assert box["width"] <= width + 60
    assert number(page, "right") < box["width"]


def test_no_bars_are_said_in_words(reader: Reader) -> None:
    page = reader.open(render([page_of(replace(DAYS, frame=DAYS.frame.clear(), overlays=(), events=()))]))
    assert "No bars of AAPL" in page.locator(".box").inner_text()


def test_on_paper_it_is_as_wide_as_a_sheet(reader: Reader) -> None:
    page = reader.open(render([page_of(DAYS)]), dark=True)
    wide = number(page, "right")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert number(page, "right") < 680
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert number(page, "right") == wide

"""Panels of one page over the same time: the window and the cursor of one are those of all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from d3_export import render
from engine.figures import Timeline
from engine.page import Lines, Page, Panel, Series
from tests.d3_export.conftest import Reader
from tests.d3_export.drawn import daily, sessions, settle, walk
from tests.pages import lineage

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

COUNT = 600
DAYS = np.array(sessions(COUNT), dtype="datetime64[D]")
OLDER = np.array(sessions(COUNT * 2)[:COUNT], dtype="datetime64[D]") - 4000


def four() -> Page:
    states = Timeline(DAYS, ("calm", "wild"), np.arange(COUNT) // 100 % 2)
    panels = (
        Panel("price", "Price", daily(COUNT)),
        Panel("rsi", "Strength", Lines((Series("14RSI", DAYS, walk(COUNT)),), "", 2)),
        Panel("states", "States", states),
        Panel("older", "Another span", Lines((Series("older", OLDER, walk(COUNT)),), "", 2)),
    )
    return replace(Page("Four panels", panels, function="GP"), lineage=lineage())


def window(page: BrowserPage, number: int) -> tuple[float, float]:
    stage = page.locator(".stage").nth(number)
    return tuple(float(stage.get_attribute(f"data-{name}") or "nan") for name in ("start", "end"))  # type: ignore[return-value]


def day(index: float) -> float:
    """Calendar days from the first session to the one at ``index``."""
    return float((DAYS[min(int(index), COUNT - 1)] - DAYS[0]).astype(int))


def test_a_window_chosen_in_one_panel_is_that_of_all_over_its_time(reader: Reader) -> None:
    page = reader.open(render([four()]))
    untouched = window(page, 3)
    years = page.locator(".plot.timeline svg .tick").all_text_contents()
    page.locator('.panel [data-range="1Y"]').first.click()
    settle(page)
    settle(page)
    start, _ = window(page, 0)
    assert start > 300
    assert window(page, 1)[0] == pytest.approx(day(start), abs=1)
    assert page.locator(".plot.timeline svg .tick").all_text_contents() != years
    assert window(page, 3) == untouched
    page.locator(".stage").nth(1).focus()
    page.keyboard.press("0")
    settle(page)
    settle(page)
    assert window(page, 0) == (0, COUNT)


def test_the_cursor_of_one_panel_marks_its_date_in_the_others(reader: Reader) -> None:
    page = reader.open(render([four()]))
    page.locator(".stage").nth(0).focus()
    page.keyboard.press("Home")
    for _ in range(20):
        page.keyboard.press("PageDown")
    at = int(page.locator(".stage").nth(0).get_attribute("data-cursor") or -1)
    assert at == 200
    stage = page.locator(".stage").nth(1)
    left, right = (float(stage.get_attribute(f"data-{name}") or "nan") for name in ("left", "right"))
    shared = page.locator(".shared line")
    assert shared.count() == 1
    expected = left + (right - left) * day(at) / window(page, 1)[1]
    assert float(shared.get_attribute("x1") or "nan") == pytest.approx(expected, abs=1)
    assert page.locator(".plot.timeline .cursor").get_attribute("visibility") == "visible"
    page.keyboard.press("Escape")
    assert shared.count() == 0
    assert page.locator(".plot.timeline .cursor").get_attribute("visibility") == "hidden"

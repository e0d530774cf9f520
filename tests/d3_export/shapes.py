"""One figure on a page in the browser, and what a reader does to it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from d3_export import render
from engine.page import Figure, Page, Panel
from tests.d3_export.conftest import Reader
from tests.pages import lineage

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

Save = Callable[["BrowserPage", str], str]


def drawn(reader: Reader, figure: Figure, *, width: int = 1200, dark: bool = False) -> BrowserPage:
    """``figure`` alone on a page, drawn; a panel that could not be drawn fails here."""
    page = Page("One figure", (Panel("one", "The figure", figure),), function="GP", lineage=lineage())
    shown = reader.open(render([page]), width=width, dark=dark)
    assert shown.locator(".failed").all_inner_texts() == []
    wide = shown.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"the page is {wide} px wider than its window"
    return shown


def told(page: BrowserPage) -> str:
    """The tooltip's words on one line; empty where none is shown."""
    shown = page.locator('[role="tooltip"]:visible')
    return " ".join(shown.first.inner_text().split()) if shown.count() else ""


def heard(page: BrowserPage) -> str:
    """What a reader who listens is told last."""
    return page.locator('[aria-live="polite"]').first.text_content() or ""


def subtitle(page: BrowserPage) -> str:
    return page.inner_text(".subtitle")


def marks(page: BrowserPage, name: str | None = None) -> int:
    return page.locator("[data-mark]" if name is None else f'[data-mark="{name}"]').count()


def point_at(page: BrowserPage, mark: str) -> None:
    """The pointer in the middle of a mark."""
    page.locator(f'[data-mark="{mark}"]').first.scroll_into_view_if_needed()
    box = page.locator(f'[data-mark="{mark}"]').first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def focus(page: BrowserPage) -> None:
    """The keyboard's focus on the figure."""
    page.focus('[role="application"]')


def saved(page: BrowserPage, save: Save) -> list[list[str]]:
    """The panel's CSV as the reader gets it."""
    return list(csv.reader(io.StringIO(save(page, "[data-action=csv]"), newline="")))


def until(page: BrowserPage, reached: Callable[[], bool]) -> None:
    """Waits for what comes with a later frame. (The file's policy refuses Playwright's own.)"""
    for _ in range(200):
        if reached():
            return
        page.wait_for_timeout(25)
    raise AssertionError("it did not come")

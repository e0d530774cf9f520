"""Outside text is inert in every figure: it runs nothing, loads nothing, and is shown as it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from d3_export import opened, render
from engine.desk import Desk
from engine.sanitize import clean
from tests.d3_export.conftest import Reader
from tests.d3_export.corpus import XSS, Poison, poisoned

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage


def nothing_was_done(browser: BrowserPage) -> None:
    """No element and no attribute that text could have made. (What is asked or thrown the reader finds.)"""
    counts: dict[str, int] = browser.evaluate(
        "Object.fromEntries(['script', 'iframe', 'img', 'link', 'base', 'form', 'object', 'embed', 'style', 'video',"
        "'template', 'math'].map((tag) => [tag, document.getElementsByTagName(tag).length]))"
    )
    assert counts.pop("script") == 3  # the data, D3, our own
    assert counts.pop("style") == 1
    assert set(counts.values()) == {0}
    acting = "document.querySelectorAll('[onerror],[onload],[onfocus],[onmouseover],[src]').length"
    assert browser.evaluate(acting) == 0
    leads = browser.evaluate(
        "[...document.querySelectorAll('[href]')].map((one) => one.getAttribute('href'))"
    )
    assert all(one.startswith("#") for one in leads)
    browser.hover("main")
    browser.keyboard.press("Tab")
    assert browser.inner_text("#seal").startswith("Verified")
    assert browser.locator(".failed").count() == 0


@pytest.mark.parametrize("start", range(0, len(XSS), 7))
def test_nothing_that_text_says_is_done(reader: Reader, start: int) -> None:
    page = poisoned(start)
    browser = reader.open(render([page, page], title=XSS[start]))
    nothing_was_done(browser)
    assert browser.inner_text("h1") == " ".join(clean(XSS[start]).split())


def test_nor_what_strategies_trades_and_points_of_a_sweep_say(
    reader: Reader, make_desk: Callable[..., Desk]
) -> None:
    desk = make_desk()
    lines = (
        "BACKTEST AAPL 20SMA.50SMA 3Y",
        "BACKTEST AAPL 20SMA.50SMA 3Y PAGE=TRADES",
        "SWEEP AAPL {10,20}SMA.50EMA 3Y",
    )
    pages = []
    for start, line in enumerate(lines):
        page = desk.run(line)
        pages.append(replace(Poison(start * 11)(replace(page, lineage=None)), lineage=page.lineage))
    html = render(pages)
    assert html.count("</script>") == 3
    assert "asofOwned" in html
    nothing_was_done(reader.open(html))


@pytest.mark.parametrize("text", XSS)
def test_text_comes_through_unchanged_and_ends_nothing(text: str) -> None:
    from tests.pages import every_figure

    page = replace(every_figure(), title=text, panels=())
    html = render([page])
    assert opened(html).pages[0]["title"] == clean(text, newlines=True)
    assert html.count("</script>") == 3
    assert html.count("<!--") == 1


def test_every_text_of_the_page_is_poisoned() -> None:
    """The corpus reaches what it is meant to reach."""

    def texts(value: Any, name: str = "") -> list[str]:
        if isinstance(value, dict):
            return [text for key, one in value.items() for text in texts(one, key)]
        if isinstance(value, list):
            return [text for one in value for text in texts(one, name)]
        return (
            [value]
            if isinstance(value, str) and name in ("title", "label", "labels", "unit", "text", "note")
            else []
        )

    found = texts(opened(render([poisoned()])).data["pages"])
    known = {clean(one, newlines=True) for one in XSS} | {""}
    assert len(found) > 60
    assert not [one for one in found if one not in known], json.dumps(found)

"""Outside text is inert in every figure: it runs nothing, loads nothing, and is shown as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from d3_export import opened, render
from engine.sanitize import clean
from tests.d3_export.conftest import Reader
from tests.d3_export.corpus import XSS, poisoned

ALLOWED = {"asof-data"}


@pytest.mark.parametrize("start", range(0, len(XSS), 7))
def test_nothing_that_text_says_is_done(reader: Reader, start: int) -> None:
    page = poisoned(start)
    browser = reader.open(
        render([page, page], title=XSS[start])
    )  # a request, a dialog or an error is a fault
    counts: dict[str, int] = browser.evaluate(
        "Object.fromEntries(['script', 'iframe', 'img', 'link', 'base', 'form', 'object', 'embed', 'style', 'video',"
        "'template', 'math'].map((tag) => [tag, document.getElementsByTagName(tag).length]))"
    )
    assert counts.pop("script") == 3  # the data, D3, our own
    assert counts.pop("style") == 1
    assert set(counts.values()) == {0}
    assert (
        browser.evaluate(
            "document.querySelectorAll('[onerror],[onload],[onfocus],[onmouseover],[src]').length"
        )
        == 0
    )
    leads = browser.evaluate(
        "[...document.querySelectorAll('[href]')].map((one) => one.getAttribute('href'))"
    )
    assert all(one.startswith("#") for one in leads)
    browser.hover("main")
    browser.keyboard.press("Tab")
    assert browser.inner_text("h1") == " ".join(clean(XSS[start]).split())
    assert browser.inner_text("#seal").startswith("Verified")
    assert browser.locator(".failed").count() == 0


@pytest.mark.parametrize("text", XSS)
def test_text_comes_through_unchanged_and_ends_nothing(text: str) -> None:
    from dataclasses import replace

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

"""Bars, curves, values, words and assumptions in the browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from math import nan
from typing import TYPE_CHECKING

import pytest

from d3_export import render
from engine.figures import Field, Form
from engine.page import Bars, Blank, Curve, CurveSeries, Figure, Metric, Metrics, Text
from tests.d3_export.conftest import Reader
from tests.d3_export.drawn import page_of, same_as_terminal, stage, tooltip

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

Save = Callable[["BrowserPage", str], str]
TENORS = (("3M", 0.25), ("2Y", 2.0), ("10Y", 10.0), ("30Y", 30.0))
YEARS = Bars(
    ("2009", "2010", "2011", "2012", "2013"), (0.10000000149, 0.2, nan, -0.35, 0.5), "USD a share", 2
)


def yields() -> Curve:
    def one(name: str, *values: float) -> CurveSeries:
        return CurveSeries(name, tuple(x for _, x in TENORS), tuple(label for label, _ in TENORS), values)

    newest, older = (
        one("2013-03-01", 0.0011, 0.0025, 0.0186, 0.0306),
        one("2007-02-01", 0.051, nan, 0.048, 0.049),
    )
    return Curve((newest, older), "years", "", "percent", 2, "log")


def assumptions() -> Form:
    typed = Field("growth", "Growth", "0.05", "5.00", "%", "a year", given=True, group="Cash flow")
    return Form((typed, Field("rate", "Rate", "0.04", "4.00", "%", basis="the curve", group="Discount")))


def values() -> Metrics:
    return Metrics(
        (
            Metric("Last price", 153.456, "price", 2, "USD", "close as traded"),
            Metric("Change", -0.0123, "change", 2),
            Metric("Earnings", None, "price", blank=Blank.NOT_YET_KNOWN),
            Metric("Listed", date(1980, 12, 12), "date", note="NASDAQ"),
        )
    )


def test_each_value_is_a_bar_with_its_number(reader: Reader) -> None:
    page = reader.open(render([page_of(YEARS)]))
    bars = page.locator('[data-mark="bar"]')
    assert [float(bar.get_attribute("data-value") or "nan") for bar in bars.all()] == [
        0.10000000149,
        0.2,
        -0.35,
        0.5,
    ]
    assert page.locator(".value").all_text_contents() == ["0.10", "0.20", "—", "-0.35", "0.50"]
    heights = [float(bar.get_attribute("height") or "nan") for bar in bars.all()]
    assert heights[3] / heights[1] == pytest.approx(2.5)
    assert (
        page.inner_text(".subtitle")
        == "5 values in USD a share, from -0.35 USD a share (2012) to 0.50 USD a share (2013)."
    )


def test_a_bar_under_the_pointer_is_told_in_full(reader: Reader) -> None:
    page = reader.open(render([page_of(YEARS)]))
    page.locator('[data-mark="bar"]').first.hover(force=True)
    assert tooltip(page) == {"": "2009", "value": "0.10000000149 USD a share"}
    stage(page).focus()
    page.keyboard.press("End")
    assert page.locator("[aria-live=polite]").inner_text() == "2013: value 0.5 USD a share"


def test_long_names_lie_beside_their_bars(reader: Reader) -> None:
    names = ("Information technology", "Consumer discretionary", "Health care")
    page = reader.open(render([page_of(Bars(names, (4.3, -2.5, 1.2), "%", 1))]), width=360)
    boxes = [bar.bounding_box() for bar in page.locator('[data-mark="bar"]').all()]
    assert all(box is not None and box["width"] > box["height"] for box in boxes[:2])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_curves_of_several_dates_are_named_and_gaps_are_gaps(reader: Reader) -> None:
    page = reader.open(render([page_of(yields())]))
    assert page.locator('[data-mark="label"]').all_text_contents() == ["2013-03-01", "2007-02-01"]
    assert page.locator('[data-mark="point"]').count() == 7
    paths = [path.get_attribute("d") or "" for path in page.locator('[data-mark="curve"] path').all()]
    assert sorted(path.count("M") for path in paths) == [1, 2]  # one is broken where it has no value
    assert page.locator(".foot text").all_text_contents() == ["3M", "2Y", "10Y", "30Y"]


def test_a_tenor_tells_of_every_curve_and_up_and_down_choose_one(reader: Reader) -> None:
    page = reader.open(render([page_of(yields())]))
    page.locator('[data-mark="point"][data-value="0.0186"]').hover(force=True)
    assert tooltip(page) == {"": "10Y", "2013-03-01": "1.86%", "2007-02-01": "4.80%"}
    stage(page).focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    assert page.locator("[aria-live=polite]").inner_text() == "30Y: 2007-02-01 4.90%"


def test_values_are_a_list_of_terms(reader: Reader) -> None:
    page = reader.open(render([page_of(values())]))
    assert page.locator("dl.metrics dt").all_inner_texts() == ["Last price", "Change", "Earnings", "Listed"]
    shown = page.locator('[data-mark="metric"]')
    assert shown.all_inner_texts() == ["153.46 USD", "▼ -1.23%", "…", "1980-12-12"]
    assert shown.nth(2).get_attribute("aria-label") == "not yet known"
    shown.first.focus()
    assert tooltip(page) == {"": "Last price", "in full": "153.456"}
    assert page.inner_text(".tooltip-note") == "close as traded"


def test_words_are_paragraphs_and_headings_and_nothing_else(reader: Reader) -> None:
    text = Text(("# Method", "A line with <b>tags</b> and **stars**.", "", "[link](https://evil.example)"))
    page = reader.open(render([page_of(text)]))
    assert page.locator(".prose h4").all_inner_texts() == ["Method"]
    assert page.locator('[data-mark="line"]').all_inner_texts() == [text.lines[1], text.lines[3]]
    assert page.locator(".prose b, .prose a").count() == 0


def test_assumptions_say_where_they_come_from(reader: Reader) -> None:
    page = reader.open(render([page_of(assumptions())]))
    assert page.locator(".assumptions .group").all_inner_texts() == ["Cash flow", "Discount"]
    assert page.locator(".assumptions .number").all_inner_texts() == ["5.00 %", "4.00 %"]
    assert page.locator(".assumptions .origin").all_inner_texts() == ["given by the reader", "the curve"]
    assert page.locator("input, select, textarea").count() == 0
    assert page.inner_text(".subtitle").startswith("2 assumptions, 1 given by the reader.")


@pytest.mark.parametrize(
    "figure",
    [YEARS, yields(), values(), assumptions(), Text(("# A", "b"))],
    ids=lambda one: type(one).__name__,
)
def test_saved_values_are_the_data_and_a_phone_is_wide_enough(
    reader: Reader, save: Save, figure: Figure
) -> None:
    page = reader.open(render([page_of(figure)]), width=360, dark=True)
    assert same_as_terminal(save(page, '[data-action="csv"]'), page_of(figure))
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("figure", [Bars((), ()), Curve(())], ids=["bars", "curve"])
def test_nothing_known_is_said_in_words(reader: Reader, figure: Figure) -> None:
    page = reader.open(render([page_of(figure)]))
    assert page.inner_text(".box") == "No values are known here."

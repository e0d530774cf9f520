"""Timelines of states, as a reader opens them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.figures import Timeline
from engine.page import Series
from tests.d3_export.conftest import Reader
from tests.d3_export.shapes import Save, drawn, focus, heard, marks, saved, subtitle, told, until
from tests.pages import timeline


def regimes(many: int = 2500) -> Timeline:
    """Ten spells of 250 sessions, three states in turn."""
    days = np.busday_offset("2009-01-05", np.arange(many), roll="forward").astype("datetime64[D]")
    states = (np.arange(many) // 250) % 3
    probabilities = np.full((many, 3), 0.1)
    probabilities[np.arange(many), states] = 0.8
    line = Series("SPX", days, 1000 * np.exp(np.arange(many) / 2000), "points")
    return Timeline(
        days, ("calm", "middle", "turbulent"), states, probabilities, line, "log", ("good", "calm", "bad")
    )


def sentiment() -> Timeline:
    days = np.arange("2020-01-01", "2020-03-01", dtype="datetime64[D]")
    score = np.sin(np.arange(60) / 6)
    states = np.digitize(score, [-0.3, 0.3])
    return Timeline(days, ("negative", "neutral", "positive"), states, None,
                    Series("news sentiment", days, score, "score"), "linear", ("bad", "calm", "good"))  # fmt: skip


def test_bands_probabilities_and_a_line(reader: Reader) -> None:
    page = drawn(reader, timeline())
    assert page.locator("rect.band").count() == 2  # the first day has no state
    assert marks(page, "line") == 1
    assert page.locator("path.probability").count() == 2
    assert page.locator(".tick.strong").all_text_contents() == ["calm", "turbulent"]
    assert "On the last date: turbulent (probability 88%), since 2008-09-12." in subtitle(page)


def test_the_exact_values_under_the_pointer(reader: Reader) -> None:
    page = drawn(reader, timeline())
    band = page.locator("rect.band").last.bounding_box()
    assert band is not None
    page.mouse.move(band["x"] + band["width"] - 3, band["y"] + 40)
    assert told(page) == "2008-09-14 SPX 1,192.00 points state turbulent P(calm) 12.5% P(turbulent) 87.5%"
    page.mouse.move(band["x"] - band["width"] / 6, band["y"] + 40)
    assert told(page).startswith("2008-09-11 SPX 1,229.50 points state calm P(calm) 90.0%")


def test_bands_span_their_spells(reader: Reader) -> None:
    page = drawn(reader, regimes())
    found = page.locator("rect.band").evaluate_all(
        "all => all.map((one) => [one.dataset.mark, Number(one.getAttribute('width'))])"
    )
    assert [mark for mark, _ in found] == [f"{first}-{first + 249}" for first in range(0, 2500, 250)]
    assert np.ptp([width for _, width in found]) < 0.01


def test_keys_walk_dates_and_states(reader: Reader) -> None:
    page = drawn(reader, regimes())
    focus(page)
    page.keyboard.press("ArrowRight")
    assert heard(page).startswith("2018-08-03: SPX")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    assert heard(page).startswith("2009-12-21: ")
    assert "state middle; P(calm) 10.0%; P(middle) 80.0%" in heard(page)


def test_it_zooms_and_shows_all_again(reader: Reader) -> None:
    page = drawn(reader, regimes())
    focus(page)
    for _ in range(6):
        page.keyboard.press("+")
    until(page, lambda: page.locator("rect.band").count() < 4)
    page.keyboard.press("0")
    until(page, lambda: page.locator("rect.band").count() == 10)


def test_sentiment_has_a_strip_of_named_states(reader: Reader) -> None:
    page = drawn(reader, sentiment())
    strips = page.locator("rect.timeline-strip").count()
    assert strips == page.locator("rect.band").count() > 2
    assert page.locator(".tick.strong").all_text_contents()[-3:] == ["negative", "neutral", "positive"]
    assert page.locator("path.probability").count() == 0
    assert "news sentiment (score), 2020-01-01 to 2020-02-29" in subtitle(page)


@pytest.mark.parametrize("width", [360, 1200])
def test_states_are_named_within_the_window(reader: Reader, width: int) -> None:
    page = drawn(reader, regimes(), width=width)
    right = page.locator(".timeline svg text").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().right)"
    )
    assert max(right) <= width
    assert "turbulent" in page.locator(".tick.strong").all_text_contents()


def test_csv_is_the_data(reader: Reader, save: Save) -> None:
    figure = timeline()
    header, *rows = saved(drawn(reader, figure), save)
    assert header == ["date", "SPX", "state", "P(calm)", "P(turbulent)"]
    assert rows[0] == ["2008-09-08", "1267", "", "0.9", "0.1"]
    assert rows[-1] == ["2008-09-14", "1192", "turbulent", "0.125", "0.875"]
    assert len(rows) == len(figure.dates)


def test_states_alone_have_no_line(reader: Reader) -> None:
    page = drawn(reader, replace(timeline(), line=None))
    assert marks(page, "line") == 0
    assert page.locator("path.probability").count() == 2


def test_no_dates_is_said(reader: Reader) -> None:
    none = np.array([], dtype="datetime64[D]")
    page = drawn(reader, Timeline(none, ("calm",), np.array([], dtype=np.int64)))
    assert "Nothing to show" in page.inner_text(".box")

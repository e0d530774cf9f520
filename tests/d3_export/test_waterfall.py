"""Waterfalls, as a reader opens them."""

from __future__ import annotations

from math import isfinite

import pytest

from engine.figures import Waterfall
from engine.sanitize import clean
from engine.waterfall import spans
from engine.waterfall import told as step_told
from tests.d3_export.conftest import Reader
from tests.d3_export.shapes import Save, drawn, focus, heard, marks, point_at, saved, subtitle, told
from tests.pages import HOSTILE, waterfall


def test_a_bar_a_step_and_its_value_under_the_pointer(reader: Reader) -> None:
    page = drawn(reader, waterfall())
    assert marks(page) == 5
    assert page.locator("rect.waterfall-bar").count() == 4  # of one step the value is not known
    point_at(page, "1")
    assert told(page) == clean(
        f"volume step ▲ +12.50 USD so far 112.50 USD units x price before; of which 3 by {HOSTILE}"
    )
    assert "— marks a step whose value is not known" in subtitle(page)


def test_values_read_as_in_the_terminal(reader: Reader) -> None:
    figure = waterfall()
    page = drawn(reader, figure)
    known = [step for step in figure.steps if isfinite(step.value)]
    assert page.locator(".waterfall-value").all_text_contents() == [step_told(step, figure) for step in known]


@pytest.mark.parametrize("width", [360, 1200])
def test_bars_lead_from_level_to_level(reader: Reader, width: int) -> None:
    figure = waterfall()
    page = drawn(reader, figure, width=width)
    bars = page.locator("rect.waterfall-bar").evaluate_all(
        "all => all.map((one) => ['x', 'width'].map((name) => Number(one.getAttribute(name))))"
    )
    levels = [span for span in spans(figure.steps) if isfinite(span.start)]
    left, wide = bars[0]
    scale = wide / 100.0  # the first total stands on nought and is 100
    for (x, w), span in zip(bars, levels, strict=True):
        assert x == pytest.approx(left + span.low * scale, abs=0.01)
        assert w == pytest.approx((span.high - span.low) * scale, abs=0.01)


def test_what_falls_below_nought_is_drawn_there(reader: Reader) -> None:
    from engine.figures import Step

    figure = Waterfall((Step("a", 10.0, True), Step("b", -25.0), Step("c", -15.0, True)), unit="USD")
    page = drawn(reader, figure)
    zero = float(page.locator(".waterfall-zero").get_attribute("x1") or 0)
    x, width = page.locator("rect.waterfall-bar").last.evaluate(
        "one => ['x', 'width'].map((name) => Number(one.getAttribute(name)))"
    )
    assert x + width == pytest.approx(zero, abs=1)
    ends = page.locator(".waterfall-value").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().left)"
    )
    assert min(ends) >= 0
    assert "From a (10.00 USD) to c (-15.00 USD). Takes most away: b (-25.00)." in subtitle(page)


def test_keys_walk_the_steps(reader: Reader) -> None:
    page = drawn(reader, waterfall())
    focus(page)
    page.keyboard.press("ArrowDown")
    assert heard(page) == "Sales 2007: total = 100.00 USD"
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    assert heard(page) == "currency: step —"
    page.keyboard.press("End")
    assert heard(page) == "Sales 2008: total = 82.50 USD"


def test_csv_is_the_data(reader: Reader, save: Save) -> None:
    header, *rows = saved(drawn(reader, waterfall()), save)
    assert header == ["step", "value", "total", "formula", "note"]
    assert [row[:3] for row in rows] == [
        ["Sales 2007", "100", "true"], ["volume", "12.5", "false"], ["price", "-30", "false"],
        ["currency", "", "false"], ["Sales 2008", "82.5", "true"],
    ]  # fmt: skip


def test_no_steps_is_said(reader: Reader) -> None:
    assert "Nothing to show" in drawn(reader, Waterfall(())).inner_text(".box")

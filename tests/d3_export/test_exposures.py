"""Factor exposures as a reader opens them: bars with their error bars, and years side by side."""

from __future__ import annotations

import pytest

from engine.page import Bars
from tests.d3_export.conftest import Reader
from tests.d3_export.shapes import Save, drawn, focus, heard, marks, saved, subtitle


def exposures() -> Bars:
    return Bars(
        ("MKTRF", "SMB", "HML"), (1.4, 0.05, -1.0), errors=(0.4, 0.7, float("nan")), error="95% interval"
    )  # fmt: skip


@pytest.mark.parametrize("width", [360, 1200])
def test_error_bars_reach_as_far_as_they_say(reader: Reader, width: int) -> None:
    page = drawn(reader, exposures(), width=width)
    assert marks(page, "error") == 2  # of one the error is not known
    box = "one => { const { y, height } = one.getBBox(); return [y, height]; }"
    top, height = page.locator(".bar").first.evaluate(box)
    reach_top, reach = page.locator(".error-bar").first.evaluate(box)
    scale = height / 1.4
    assert reach == pytest.approx(0.8 * scale)
    assert reach_top == pytest.approx(top - 0.4 * scale)
    assert "Thin lines: 95% interval." in subtitle(page)


def test_both_ends_are_told_and_saved(reader: Reader, save: Save) -> None:
    page = drawn(reader, exposures())
    focus(page)
    page.keyboard.press("ArrowRight")
    assert heard(page) == "MKTRF: value 1.4; from 1.00; to 1.80. 95% interval"
    assert saved(page, save) == [
        ["label", "value", "error"], ["MKTRF", "1.4", "0.4"], ["SMB", "0.05", "0.7"], ["HML", "-1", ""],
    ]  # fmt: skip


def test_bars_without_errors_have_none(reader: Reader, save: Save) -> None:
    page = drawn(reader, Bars(("2007", "2008"), (1.5, -3.0), "USD"))
    assert marks(page, "error") == 0
    assert saved(page, save)[0] == ["label", "value"]

"""Scatters, as a reader opens them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.figures import Mark, Scatter
from engine.sanitize import clean
from tests.d3_export.conftest import Reader
from tests.d3_export.shapes import Save, drawn, focus, heard, marks, point_at, saved, subtitle, told
from tests.pages import HOSTILE, scatter

# Anscombe (1973), The American Statistician 27(1), first set: y = 3.00 + 0.500 x, R squared 0.67
X = (10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5)
Y = (8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68)


def anscombe() -> Scatter:
    return Scatter(tuple(Mark(float(x), y, f"N{x}") for x, y in zip(X, Y, strict=True)), "x", "y")


def crowd(many: int = 80) -> Scatter:
    rng = np.random.default_rng(5)
    places = rng.normal(size=(many, 2))
    return Scatter(
        tuple(Mark(float(x), float(y), f"SYM{at:02d}") for at, (x, y) in enumerate(places)), "beta", "return"
    )


def test_a_mark_a_point_and_its_values_under_the_pointer(reader: Reader) -> None:
    page = drawn(reader, scatter())
    assert page.locator("path.scatter-point").count() == 2  # the third has no place across
    assert marks(page, "line") == 1
    point_at(page, "0")
    assert told(page) == "AAPL volatility 18.00% return 7.00% Technology"
    assert "1 point without a value is not shown" in subtitle(page)
    assert "Line, regression: y = -0.03 + 0.4 x." in subtitle(page)


def test_points_stand_where_their_numbers_say(reader: Reader) -> None:
    page = drawn(reader, anscombe())
    places = page.locator("path.scatter-point").evaluate_all(
        "all => all.map((one) => one.getAttribute('transform').match(/[-0-9.]+/g).map(Number))"
    )
    across, down = np.array(places).T
    assert np.corrcoef(across, X)[0, 1] == pytest.approx(1)
    assert np.corrcoef(down, Y)[0, 1] == pytest.approx(-1)


def test_keys_lead_to_the_next_point_that_way(reader: Reader) -> None:
    page = drawn(reader, anscombe())
    focus(page)
    page.keyboard.press("ArrowRight")
    assert heard(page) == "N10: x 10.000; y 8.040"
    page.keyboard.press("ArrowUp")
    assert heard(page) == "N12: x 12.000; y 10.840"  # N11 is higher by less than it lies aside
    page.keyboard.press("End")
    assert heard(page).startswith("N14")
    page.keyboard.press("Home")
    assert heard(page).startswith("N4")


@pytest.mark.parametrize("width", [360, 1200])
def test_no_name_covers_another(reader: Reader, width: int) -> None:
    page = drawn(reader, crowd(), width=width)
    boxes = page.locator(".scatter-name").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect()).map((b) => [b.left, b.top, b.right, b.bottom])"
    )
    assert len(boxes) >= 8
    for at, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = (
                other[0] >= right - 1 or other[2] <= left + 1 or other[1] >= bottom - 3 or other[3] <= top + 3
            )
            assert apart


def test_a_line_by_least_squares_for_the_asking(reader: Reader) -> None:
    page = drawn(reader, anscombe())
    assert marks(page, "line") == 0
    page.click("[data-action=fit]")
    assert marks(page, "line") == 1
    assert "least squares: y = 3.00 + 0.500 × x, R² 0.67, n = 11" in page.inner_text(".scatter-above")
    assert page.get_attribute("[data-action=fit]", "aria-pressed") == "true"
    page.click("[data-action=fit]")
    assert marks(page, "line") == 0


def test_groups_differ_in_shape_as_in_colour(reader: Reader) -> None:
    page = drawn(reader, scatter())
    looks = page.locator("path.scatter-point").evaluate_all(
        "all => all.map((one) => [one.getAttribute('d').replace(/[0-9.-]+/g, ''), getComputedStyle(one).fill])"
    )
    assert looks[0][0] != looks[1][0]
    assert looks[0][1] != looks[1][1]
    assert page.locator(".scatter-above .legend-entry").all_inner_texts() == [
        "Technology",
        "Energy",
        "regression",
    ]


def test_csv_is_the_data(reader: Reader, save: Save) -> None:
    header, *rows = saved(drawn(reader, scatter()), save)
    assert header == ["what", "label", "group", "volatility", "return", "size"]
    assert rows[:3] == [
        ["point", "AAPL", "Technology", "0.18", "0.07", "2"], ["point", "XOM", "Energy", "0.12", "-0.02", "1"],
        ["point", clean(HOSTILE), "", "", "0.01", "1"],
    ]  # fmt: skip
    assert [row[3:5] for row in rows[3:]] == [["0.1", "0.01"], ["0.2", "0.05"]]


def test_no_point_is_said(reader: Reader) -> None:
    assert "Nothing to show" in drawn(reader, replace(scatter(), marks=())).inner_text(".box")

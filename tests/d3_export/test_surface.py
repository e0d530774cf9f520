"""The surface, as a reader opens it: in space, from above, slice by slice."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest

from engine.figures import Surface, SurfacePoint
from tests.d3_export.conftest import Reader
from tests.d3_export.shapes import Save, drawn, focus, heard, marks, point_at, saved, subtitle, told, until
from tests.pages import surface

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

BODY = "canvas.surface-canvas"


def fitted(many: int = 25, expiries: int = 24) -> Surface:
    """A skewed surface of as many cells as a chain gives, with ten quotes an expiry."""
    x = np.linspace(0.7, 1.3, many)
    y = np.linspace(0.05, 2.4, expiries)
    k = np.log(x)
    values = 0.2 - 0.1 * k / np.sqrt(y[:, None] + 0.05) + 0.3 * k**2 / (y[:, None] + 0.1)
    points = tuple(
        SurfacePoint(float(x[place]), float(y[row]), float(values[row, place]) + 0.002, f"Q{row}-{place}")
        for row in range(expiries)
        for place in range(2, many, 3)
    )
    return Surface(x, y, values, "strike / forward", "expiry", points=points)


def pose(page: BrowserPage) -> tuple[float, float]:
    plot = page.locator('[role="application"]')
    return float(plot.get_attribute("data-azimuth") or 0), float(plot.get_attribute("data-elevation") or 0)


def middle(page: BrowserPage) -> tuple[float, float]:
    box = page.locator(BODY).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_every_cell_with_four_corners_is_drawn_and_every_quote_in_the_box(reader: Reader) -> None:
    page = drawn(reader, surface())
    plot = page.locator('[role="application"]')
    assert plot.get_attribute("data-cells") == "4"  # of six, two have a corner that is not known
    assert plot.get_attribute("data-points") == "2"  # the third lies far off and was left out of the fit
    assert "hollow where left out of the fit (1)" in subtitle(page)


def test_it_turns_by_drag(reader: Reader) -> None:
    page = drawn(reader, fitted(9, 7))
    before, image = pose(page), page.locator(BODY).screenshot()
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 140, y + 28, steps=4)
    page.mouse.up()
    until(page, lambda: pose(page)[0] - before[0] > 0.99 and pose(page)[1] - before[1] > 0.19)
    after = pose(page)
    assert after[0] - before[0] == pytest.approx(1.0, abs=1e-3)
    assert after[1] - before[1] == pytest.approx(0.2, abs=1e-3)
    assert page.locator(BODY).screenshot() != image


def test_it_turns_by_key_and_button_and_home_puts_it_back(reader: Reader) -> None:
    page = drawn(reader, fitted(9, 7))
    start = pose(page)
    focus(page)
    page.keyboard.press("Shift+ArrowRight")
    until(page, lambda: pose(page) != start)
    assert pose(page)[0] - start[0] == pytest.approx(np.pi / 36, abs=1e-3)
    page.click("[data-turn=up]")
    until(page, lambda: pose(page)[1] > start[1])
    focus(page)
    page.keyboard.press("Home")
    until(page, lambda: pose(page) == start)
    for _ in range(40):
        page.keyboard.press("Shift+ArrowDown")
    until(page, lambda: pose(page)[1] < 0.0401)
    assert pose(page)[1] == pytest.approx(0.04)  # never from below


def test_the_exact_value_under_the_pointer(reader: Reader) -> None:
    figure = Surface(
        np.array([0.8, 1.0, 1.2]), np.array([0.5, 1.0, 1.5]), np.full((3, 3), 0.25), "moneyness", "years"
    )
    page = drawn(reader, figure)
    x, y = middle(page)
    found = set()
    for across in range(-320, 321, 64):
        for down in range(-200, 201, 40):
            page.mouse.move(x + across, y + down)
            if words := told(page):
                found.add(words)
    assert found == {
        f"years {year} moneyness {strike} fit 25.000%" for year in ("0.5", "1.0", "1.5")
        for strike in ("0.8", "1.0", "1.2")
    }  # fmt: skip


def test_keys_walk_over_the_values_past_blanks(reader: Reader) -> None:
    page = drawn(reader, surface())
    focus(page)
    page.keyboard.press("ArrowRight")
    assert heard(page) == "expiry 2008-10-18: moneyness 1.0; fit 22.000%"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")  # the next expiry has no value there: the one behind it does
    assert heard(page) == "expiry 2009-03-21: moneyness 1.1; fit 21.000%"


def test_from_above_each_value_stands_in_its_cell(reader: Reader) -> None:
    page = drawn(reader, surface())
    page.click("button[data-value=above]")
    assert marks(page) == 12
    assert page.locator(".cell-text").all_text_contents()[:4] == ["31.0", "25.0", "22.0", "21.0"]
    assert page.locator(".cell-blank").count() == 1
    assert page.locator("circle.quote").count() == 3
    point_at(page, "1,1")
    assert told(page) == "expiry 2008-12-20 moneyness 0.9 fit 24.000%"


def test_slices_follow_the_keys_with_their_quotes(reader: Reader) -> None:
    page = drawn(reader, surface())
    page.click("button[data-value=slices]")
    assert page.locator("path.slice").count() == 3
    assert marks(page, "quote") == 2
    focus(page)
    page.keyboard.press("ArrowDown")
    assert page.inner_text(".slider output") == "2008-12-20"
    page.keyboard.press("ArrowRight")
    assert heard(page) == "expiry 2008-12-20: moneyness 1.0; fit 21.500%"
    assert marks(page, "quote") == 0


def test_csv_is_the_grid_and_the_quotes(reader: Reader, save: Save) -> None:
    figure = surface()
    header, *rows = saved(drawn(reader, figure), save)
    assert header == ["what", "moneyness", "expiry", "x label", "y label", "value", "used"]
    fits = [float(row[5] or "nan") for row in rows if row[0] == "fit"]
    assert np.array_equal(np.array(fits).reshape(3, 4), figure.values, equal_nan=True)
    quotes = [(float(row[1]), float(row[2]), float(row[5]), row[6]) for row in rows if row[0] == "quote"]
    assert quotes == [(p.x, p.y, p.value, str(p.used).lower()) for p in figure.points]


def test_one_expiry_has_no_body_but_a_slice(reader: Reader) -> None:
    figure = Surface(
        np.array([0.9, 1.0, 1.1]), np.array([0.5]), np.array([[0.3, 0.25, 0.24]]), "moneyness", "years"
    )
    page = drawn(reader, figure)
    assert page.locator("button[data-value=body]").count() == 0
    assert marks(page) == 3


def test_nothing_known_is_said(reader: Reader) -> None:
    blank = Surface(np.array([0.9, 1.0]), np.array([0.5, 1.0]), np.full((2, 2), np.nan), "moneyness", "years")
    assert "Nothing to show" in drawn(reader, blank).inner_text(".box")


def test_frames_a_second_are_recorded(reader: Reader, record_property: Callable[[str, object], None]) -> None:
    """How fast it turns depends on the machine: the number is kept with the test's result, not judged."""
    page = drawn(reader, fitted())
    frames = page.evaluate(
        """async () => {
          const plot = document.querySelector('[role=application]');
          const start = performance.now();
          for (let turn = 0; turn < 60; turn += 1) {
            plot.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', shiftKey: true, bubbles: true }));
            await new Promise((done) => requestAnimationFrame(done));
          }
          return 60000 / (performance.now() - start);
        }"""
    )
    record_property("surface frames a second", round(frames, 1))
    assert frames > 0
    assert page.locator('[role="application"]').get_attribute("data-cells") == "552"


@pytest.mark.parametrize("width", [360, 1200])
def test_it_fits_its_window(reader: Reader, width: int) -> None:
    page = drawn(reader, fitted(9, 7), width=width)
    box = page.locator(BODY).bounding_box()
    assert box is not None
    assert box["width"] <= width
    ink = page.evaluate(
        """() => {
          const canvas = document.querySelector('canvas.surface-canvas');
          const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
          const filled = (x, y) => data[4 * (y * canvas.width + x) + 3] > 0;
          const rows = [...Array(canvas.height).keys()];
          return rows.some((y) => filled(0, y)) || rows.some((y) => filled(canvas.width - 1, y));
        }"""
    )
    assert not ink  # nothing is cut at the sides

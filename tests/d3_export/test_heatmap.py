"""Heatmaps and correlation matrices, as a reader opens them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from engine.figures import Heatmap
from engine.quant.risk import cluster_order
from engine.sanitize import clean
from tests.d3_export.conftest import Reader
from tests.d3_export.shapes import Save, drawn, focus, heard, marks, point_at, saved, subtitle, told
from tests.pages import HOSTILE, heatmap

if TYPE_CHECKING:
    from playwright.sync_api import Page as BrowserPage

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "year")


def monthly() -> Heatmap:
    values = np.linspace(-0.2, 0.2, 39).reshape(3, 13)
    values[0, 7:12] = np.nan
    return Heatmap(("2014", "2013", "2012"), MONTHS, values, "percent", 1, row_title="year", column_title="month",
                   low=-0.15, high=0.15)  # fmt: skip


def correlations() -> Heatmap:
    """Two blocks, mixed: even places move together, odd ones move together."""
    even = np.arange(6) % 2 == 0
    r = np.where(even[:, None] == even, 0.8, 0.1) - 0.01 * np.abs(
        np.subtract.outer(np.arange(6), np.arange(6))
    )
    np.fill_diagonal(r, 1.0)
    names = ("AAPL", "XOM", "MSFT", "CVX", "IBM", "BP")
    return Heatmap(names, names, r, low=-1.0, high=1.0, formula="Pearson's")


def names(page: BrowserPage) -> list[str]:
    return page.locator(".grid-names text").all_text_contents()


def test_a_cell_a_value_and_the_value_under_the_pointer(reader: Reader) -> None:
    page = drawn(reader, heatmap())
    assert marks(page) == 6
    assert page.locator(".cell-blank").count() == 1
    point_at(page, "0,1")
    assert told(page) == "2007, Feb per cent -8.120%"
    assert page.locator(".cell-text").all_text_contents() == ["5.0", "-8.1", "—", "0.0", "125.0", "-0.4"]
    assert names(page) == ["2007", clean(HOSTILE)]


def test_no_value_is_hatched_never_coloured(reader: Reader) -> None:
    page = drawn(reader, heatmap())
    fills = page.locator(".cell").evaluate_all("all => all.map((one) => one.getAttribute('fill'))")
    assert [fill.startswith("url(#") for fill in fills] == [False, False, True, False, False, False]
    assert "Hatched: no value (1 cell)" in subtitle(page)


def test_keys_walk_the_cells_and_are_heard(reader: Reader) -> None:
    page = drawn(reader, heatmap())
    focus(page)
    for key in ("ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    assert heard(page) == told(page).replace("2007, Jan", "2007, Jan:") == "2007, Jan: per cent 5.000%"
    page.keyboard.press("End")
    assert "never" not in told(page)
    assert told(page).endswith("—")
    page.keyboard.press("Escape")
    assert told(page) == ""


def test_months_stand_apart_from_their_year(reader: Reader) -> None:
    page = drawn(reader, monthly())
    left = page.locator('[data-mark^="1,"]').evaluate_all(
        "all => all.map((one) => Number(one.getAttribute('x')))"
    )
    steps = [b - a for a, b in pairwise(left)]
    assert max(steps[:-1]) == pytest.approx(min(steps[:-1]))
    assert steps[-1] - steps[0] == pytest.approx(8)
    # the year counts towards neither the highest nor the lowest month
    assert "Highest 18.9% (2012, Dec), lowest -20.0% (2014, Jan)" in subtitle(page)


def test_the_same_distance_either_side_of_the_centre_is_as_strong(reader: Reader) -> None:
    values = np.array([[-0.1, 0.0, 0.1, 0.2]])
    page = drawn(reader, Heatmap(("r",), ("a", "b", "c", "d"), values))
    fills = page.locator(".cell").evaluate_all("all => all.map((one) => one.getAttribute('fill'))")
    key = page.locator(".ramp-key .tick").all_text_contents()
    assert len(set(fills)) == 4
    assert key == ["-0.20", "0.00", "0.20"]


def test_csv_is_the_data(reader: Reader, save: Save) -> None:
    figure = heatmap()
    page = drawn(reader, figure)
    header, *rows = saved(page, save)
    assert header == ["Year", "Jan", "Feb", "'=Mar"]
    assert [row[0] for row in rows] == ["2007", clean(HOSTILE)]
    cells = np.array([[float(cell or "nan") for cell in row[1:]] for row in rows])
    assert np.array_equal(cells, figure.values, equal_nan=True)


def test_correlations_cluster_and_back(reader: Reader, save: Save) -> None:
    figure = correlations()
    page = drawn(reader, figure)
    assert names(page) == list(figure.rows)
    page.click("button[data-value=clustered]")
    assert {tuple(sorted(names(page)[:3])), tuple(sorted(names(page)[3:]))} == {
        ("AAPL", "IBM", "MSFT"), ("BP", "CVX", "XOM"),
    }  # fmt: skip
    assert page.get_attribute("button[data-value=clustered]", "aria-pressed") == "true"
    assert [row[0] for row in saved(page, save)[1:]] == list(figure.rows)  # the data keep their order
    page.click("button[data-value=given]")
    assert names(page) == list(figure.rows)


@pytest.mark.parametrize("size", [3, 12, 30])
def test_clusters_are_scipys_and_their_order_no_longer_than_the_terminals(reader: Reader, size: int) -> None:
    rng = np.random.default_rng(size)
    shared = rng.normal(size=(200, 4))
    returns = shared[:, np.arange(size) % 4] + rng.normal(size=(200, size))
    r = np.corrcoef(returns.T)
    labels = tuple(f"N{place}" for place in range(size))
    page = drawn(reader, Heatmap(labels, labels, r, low=-1.0, high=1.0))
    page.click("button[data-value=clustered]")
    order = [int(name[1:]) for name in names(page)]
    distance = np.sqrt(np.maximum((1 - r) / 2, 0))
    np.fill_diagonal(distance, 0.0)

    def length(places: Sequence[int]) -> float:
        return float(sum(distance[a, b] for a, b in pairwise(places)))

    assert sorted(order) == list(range(size))
    for cluster in clusters(distance):
        places = [order.index(one) for one in cluster]
        assert max(places) - min(places) == len(cluster) - 1
    assert length(order) <= length(cluster_order(r)) + 1e-9


def clusters(distance: np.ndarray) -> list[set[int]]:
    """Everything that average linkage joins, by scipy."""
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    joined = [{place} for place in range(len(distance))]
    for left, right, *_ in linkage(squareform(distance, checks=False), "average"):
        joined.append(joined[int(left)] | joined[int(right)])
    return joined


def test_a_pair_is_named_and_weak_pairs_can_be_pale(reader: Reader) -> None:
    page = drawn(reader, correlations())
    point_at(page, "0,2")
    assert told(page) == "AAPL and MSFT correlation 0.7800"
    assert page.locator(".grid-name.picked").all_text_contents() == ["AAPL", "MSFT"]
    assert page.locator(".cell-faded").count() == 0
    page.locator("input[type=range]").fill("0.5")
    assert page.locator(".cell-faded").count() == 18  # 9 pairs across the blocks, either way round
    assert "Highest: AAPL and MSFT (0.78)" in subtitle(page)


def test_a_grid_that_is_no_correlation_has_no_such_controls(reader: Reader) -> None:
    page = drawn(reader, heatmap())
    assert page.locator(".shape-controls:visible").count() == 0


def test_on_a_phone_the_grid_scrolls_beside_its_names(reader: Reader) -> None:
    page = drawn(reader, monthly(), width=360)
    scroll = page.locator(".grid-scroll")
    assert scroll.evaluate("one => one.scrollWidth > one.clientWidth")
    scroll.evaluate("one => { one.scrollLeft = 200; }")
    edge = page.locator(".grid-names").bounding_box()
    assert edge is not None
    assert edge["x"] == pytest.approx(14, abs=1)
    assert page.locator(".cell-text").count() == 39


def test_numbers_read_in_dark(reader: Reader) -> None:
    page = drawn(reader, monthly(), dark=True)
    worst = page.evaluate(
        """() => {
          const light = (text) => {
            const [r, g, b] = text.match(/[0-9]+/g).map(Number).map((c) => c / 255)
              .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const texts = [...document.querySelectorAll('.cell-text')];
          const cells = [...document.querySelectorAll('.cell')];
          return Math.min(...texts.map((text, at) => [text, cells[at]])
            .filter(([, cell]) => !cell.classList.contains('cell-blank'))
            .map(([text, cell]) => [light(getComputedStyle(text).fill), light(getComputedStyle(cell).fill)])
            .map(([a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)));
        }"""
    )
    assert worst >= 4.5

"""Treemaps, as a reader opens them."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from engine.figures import Tile, Treemap
from engine.sanitize import clean
from tests.d3_export.conftest import Reader
from tests.d3_export.shapes import Save, drawn, focus, heard, marks, point_at, saved, subtitle, told
from tests.pages import HOSTILE, treemap


def portfolio(many: int = 40) -> Treemap:
    rng = np.random.default_rng(2)
    sizes = rng.pareto(1.2, many) + 0.3
    groups = ("Technology", "Energy", "Health care", "Financials")
    return Treemap(
        tuple(
            Tile(f"Company {at}", float(size / sizes.sum()), float(rng.normal(0, 0.1)), groups[at % 4])
            for at, size in enumerate(sizes)
        ),
        "weight", "return",
    )  # fmt: skip


def test_a_tile_a_part_and_its_values_under_the_pointer(reader: Reader) -> None:
    page = drawn(reader, treemap())
    assert marks(page) == 3
    point_at(page, "1")
    assert told(page) == "AAPL market value 60.00 USD of the whole 60.0% day 1.34% Technology"
    assert "Hatched: day not known (1)" in subtitle(page)
    hatched = page.locator('[data-mark="2"]').get_attribute("fill") or ""
    assert hatched.startswith("url(#")


@pytest.mark.parametrize("width", [360, 1200])
def test_areas_are_sizes_and_no_label_leaves_its_tile(reader: Reader, width: int) -> None:
    figure = portfolio()
    page = drawn(reader, figure, width=width)
    found = page.locator(".treemap-tile").evaluate_all(
        """all => all.map((one) => [
          one.dataset.mark, ...['x', 'y', 'width', 'height'].map((name) => Number(one.getAttribute(name))),
        ])"""
    )
    tiles = {int(mark): (x, y, w, h) for mark, x, y, w, h in found}
    assert len(tiles) == len(figure.tiles)
    by_size = sorted(tiles, key=lambda at: figure.tiles[at].size, reverse=True)[:6]
    for larger, smaller in pairwise(by_size):
        if figure.tiles[larger].size > 1.3 * figure.tiles[smaller].size:
            assert tiles[larger][2] * tiles[larger][3] > tiles[smaller][2] * tiles[smaller][3]
    for (ax, ay, aw, ah), (bx, by, bw, bh) in combinations(tiles.values(), 2):
        assert ax + aw <= bx or bx + bw <= ax or ay + ah <= by or by + bh <= ay
    spill = page.locator(".treemap-text").evaluate_all(
        """all => all.filter((one) => {
          const text = one.getBoundingClientRect();
          return ![...document.querySelectorAll('.treemap-tile')].some((tile) => {
            const box = tile.getBoundingClientRect();
            return text.left >= box.left && text.right <= box.right + 1
              && text.top >= box.top - 4 && text.bottom <= box.bottom + 4;
          });
        }).length"""
    )
    assert spill == 0


def test_groups_are_named_and_keep_together(reader: Reader) -> None:
    page = drawn(reader, treemap())
    heads = page.locator(".plot svg text.strong").all_text_contents()
    assert heads == ["Technology75.0 USD", "Energy25.0 USD"]
    assert "3 parts in 2 groups, the largest AAPL (60.0 USD)" in subtitle(page)


def test_keys_lead_to_the_neighbour(reader: Reader) -> None:
    page = drawn(reader, treemap())
    focus(page)
    page.keyboard.press("ArrowRight")
    assert heard(page).startswith("AAPL: market value 60.00 USD")
    page.keyboard.press("End")
    assert heard(page).startswith("XOM: market value 25.00 USD")
    page.keyboard.press("ArrowLeft")
    assert not heard(page).startswith("XOM")


def test_csv_is_the_data(reader: Reader, save: Save) -> None:
    rows = saved(drawn(reader, treemap()), save)
    assert rows == [
        ["label", "group", "market value", "day"], ["XOM", "Energy", "25", "-0.021"],
        ["AAPL", "Technology", "60", "0.0134"], [clean(HOSTILE), "Technology", "15", ""],
    ]  # fmt: skip


def test_nothing_with_a_size_is_said(reader: Reader) -> None:
    page = drawn(reader, Treemap((Tile("A", 0.0, 0.1),), "weight"))
    assert "Nothing to show" in page.inner_text(".box")

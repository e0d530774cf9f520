"""What grids and areas are made of, without a screen: colours, scales, numbers, layouts, areas, neighbours."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import Color, ColorSystem

from engine.figures import Tile
from terminal.strips import cell_len
from terminal.widgets.colours import contrast, luminance, ramp
from terminal.widgets.grid.heat_layout import lay_out_heat
from terminal.widgets.grid.heat_view import stacked
from terminal.widgets.grid.numbers import Form, fits, forms
from terminal.widgets.grid.scale import Scale
from terminal.widgets.grid.squarify import squarify
from terminal.widgets.grid.tiles import lay_tiles, words
from terminal.widgets.nearest import Box, nearest

SIZES = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=60).map(lambda sizes: sorted(sizes, reverse=True))
THEMES = pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])


def _hex(colour: Color | None) -> str:
    assert colour is not None
    return colour.get_truecolor().hex


@THEMES
@pytest.mark.parametrize("depth", ["many", "sixteen"])
@pytest.mark.parametrize("kind", ["diverging", "sequential"])
def test_text_reads_on_every_step(kind: str, depth: str, dark: bool) -> None:
    for style in ramp(kind, dark, depth).styles:  # type: ignore[arg-type]
        assert contrast(_hex(style.color), _hex(style.bgcolor)) >= 4.5


@THEMES
@pytest.mark.parametrize("kind", ["diverging", "sequential"])
def test_every_step_is_one_of_256_colours(kind: str, dark: bool) -> None:
    page = {"#0b0a08", "#fbf7ec"}
    for style in ramp(kind, dark, "many").styles:  # type: ignore[arg-type]
        ground = style.bgcolor
        assert ground is not None
        near = Color.parse(ground.name).downgrade(ColorSystem.EIGHT_BIT)
        assert near.get_truecolor().hex == _hex(ground) or _hex(ground) in page


@THEMES
def test_lightness_alone_orders_the_steps(dark: bool) -> None:
    """Readers who see no hue, and printers, still see which is more."""
    rising = [luminance(_hex(style.bgcolor)) for style in ramp("sequential", dark, "many").styles]
    assert rising == sorted(rising, reverse=not dark)
    apart = [luminance(_hex(style.bgcolor)) for style in ramp("diverging", dark, "many").styles]
    middle = len(apart) // 2
    assert apart[: middle + 1] == sorted(apart[: middle + 1], reverse=dark)
    assert apart[middle:] == sorted(apart[middle:], reverse=not dark)
    for below, above in zip(apart[:middle][::-1], apart[middle + 1 :], strict=True):
        assert abs(below - above) < 0.15  # as far from the centre looks as strong on both sides


@pytest.mark.parametrize("depth", ["sixteen", "none"])
def test_glyphs_tell_the_steps_where_colours_are_few(depth: str) -> None:
    for kind in ("diverging", "sequential"):
        steps = ramp(kind, True, depth)  # type: ignore[arg-type]
        assert len(set(steps.glyphs)) == len(steps)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=50), st.floats(-10, 10), st.sampled_from([5, 11]))
def test_steps_rise_with_values_and_keep_the_side_of_the_centre(
    values: list[float], center: float, count: int
) -> None:
    array = np.sort(np.array(values))
    scale = Scale.of(array, "diverging", center)
    steps = scale.steps(array, count)
    assert (np.diff(steps) >= 0).all()
    half = count // 2
    assert (steps[array < center] <= half).all()
    assert (steps[array > center] >= half).all()
    assert scale.steps(np.array([center]), count)[0] == half
    assert scale.steps(np.array([np.nan, np.inf, -np.inf]), count).tolist() == [-1, count - 1, 0]


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=50))
def test_a_sequential_scale_uses_its_ends(values: list[float]) -> None:
    array = np.sort(np.array(values))
    steps = Scale.of(array, "sequential").steps(array, 9)
    assert (np.diff(steps) >= 0).all()
    assert steps.min() >= 0
    assert steps.max() <= 8
    if array[-1] - array[0] > 1e-6 * abs(array).max():
        assert (steps[0], steps[-1]) == (0, 8)


def test_numbers_lose_decimals_before_they_lose_their_sign() -> None:
    found = forms(-0.31, 1.0, "number", 2)
    assert [form.text(-0.314) for form in found] == ["-0.31", "-0.3", "-.3"]
    assert [form.width for form in found] == [5, 4, 3]
    returns = forms(-0.309, 0.342, "percent", 1)
    assert [form.text(-0.0312) for form in returns] == ["-3.1%", "-3.1", "-3"]
    assert Form("change", 1).text(0.05) == "+5.0%"
    assert Form("change", 1).text(0.0001) == "0.0%"
    assert Form("number", 0).text(float("nan")) == "—"
    assert fits(returns, 4) == returns[2]
    assert fits(found, 2) is None


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.sampled_from(["number", "percent", "integer", "change"]),
       st.integers(0, 4))  # fmt: skip
def test_no_number_is_wider_than_its_form_says(one: float, other: float, kind: str, decimals: int) -> None:
    low, high = min(one, other), max(one, other)
    found = forms(low, high, kind, decimals)  # type: ignore[arg-type]
    assert [form.width for form in found] == sorted({form.width for form in found}, reverse=True)
    for form in found:
        for value in (low, high, (low + high) / 2):
            assert len(form.text(value)) <= form.width


@given(
    st.integers(1, 220),
    st.integers(1, 70),
    st.integers(1, 90),
    st.lists(st.integers(0, 40), max_size=120),
    st.integers(0, 40),
    st.sampled_from(["fitting", "numbers", "colours"]),
    st.booleans(),
    st.booleans(),
)
def test_a_grid_never_asks_for_more_than_the_window(
    width: int,
    height: int,
    rows: int,
    titles: list[int],
    row_title: int,
    wish: str,
    numbered: bool,
    ordered: bool,
) -> None:
    layout = lay_out_heat(
        width, height, rows, row_title, titles, forms(-1.0, 1.0, "number", 2), numbered=numbered,
        ordered=ordered, wish=wish,  # type: ignore[arg-type]
    )  # fmt: skip
    assert 1 <= layout.shown <= max(1, len(titles))
    assert 1 <= layout.body <= rows
    assert layout.shown == 1 or layout.cells_left + layout.shown * layout.cell <= width
    assert layout.body == 1 or layout.body_top + layout.body * layout.tall + layout.legend <= height
    if layout.form is not None:
        assert layout.cell > layout.form.width or layout.shown == 1


def test_a_crowded_grid_tells_numbers_shorter_then_colours_then_scrolls() -> None:
    found = forms(-1.0, 1.0, "number", 2)

    def cell(columns: int) -> tuple[int, object, int]:
        layout = lay_out_heat(80, 24, 30, 6, [4] * columns, found)
        return layout.cell, layout.form and layout.form.decimals, layout.shown

    assert cell(5)[1:] == (2, 5)
    assert cell(14)[1:] == (1, 14)
    assert cell(30) == (2, None, 30)
    assert cell(90)[2] < 90
    assert cell(90)[1] is not None


def test_titles_stand_letter_below_letter() -> None:
    assert stacked("AAPL", 4) == list("AAPL")
    assert stacked("KO", 4) == [" ", " ", "K", "O"]
    assert stacked("LONGER", 4) == ["L", "O", "N", "›"]
    assert stacked("e\u0301a", 2) == ["e\u0301", "a"]


def _covered(boxes: list[Box], width: int, height: int) -> np.ndarray:
    cells = np.zeros((height, width), int)
    for box in boxes:
        cells[int(box.top) : int(box.bottom), int(box.left) : int(box.right)] += 1
    return cells


@given(SIZES, st.integers(1, 200), st.integers(1, 60))
def test_areas_neither_overlap_nor_leave_a_gap(sizes: list[float], width: int, height: int) -> None:
    boxes = squarify(sizes, Box(0, 0, width, height))
    assert len(boxes) == len(sizes)
    assert (_covered(boxes, width, height) == 1).all()


@given(SIZES)
def test_areas_are_as_large_as_their_sizes(sizes: list[float]) -> None:
    """On a canvas so large that whole cells hardly matter."""
    boxes = squarify(sizes, Box(0, 0, 40_000, 20_000))
    areas = np.array([box.width * box.height for box in boxes])
    wished = np.array(sizes) / sum(sizes) * 8e8
    edges = np.array([box.width + box.height for box in boxes])
    assert (np.abs(areas - wished) <= edges + 2).all()


def test_the_paper_s_own_example() -> None:
    """Bruls, Huizing, van Wijk, figure 4: 6, 6, 4, 3, 2, 2, 1 in a rectangle of 6 by 4 (a cell is 1 by 2 here)."""
    sizes = [6, 6, 4, 3, 2, 2, 1]
    boxes = squarify(sizes, Box(0, 0, 600, 200))
    assert [(box.left, box.top, box.right, box.bottom) for box in boxes[:4]] == [
        (0, 0, 300, 100), (0, 100, 300, 200), (300, 0, 471, 117), (471, 0, 600, 117),
    ]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-1, 1e4), st.integers(0, 6)), max_size=80),
    st.integers(1, 160),
    st.integers(1, 50),
)
def test_a_treemap_shows_every_size_once(drawn: list[tuple[float, int]], width: int, height: int) -> None:
    tiles = [Tile(f"T{n}", size, None, f"G{group}") for n, (size, group) in enumerate(drawn)]
    areas, headings = lay_tiles(tiles, width, height)
    members = [place for area in areas for place in area.members]
    assert sorted(members) == [n for n, tile in enumerate(tiles) if tile.size > 0]
    assert sum(area.size for area in areas) == pytest.approx(
        sum(tile.size for tile in tiles if tile.size > 0)
    )
    if areas:
        assert (_covered([piece.box for piece in (*areas, *headings)], width, height) == 1).all()


def test_what_is_too_small_is_one_area() -> None:
    tiles = [Tile("BIG", 900.0, 0.01), *(Tile(f"S{n}", 1.0, -0.02) for n in range(50))]
    areas, _ = lay_tiles(tiles, 40, 10)
    others = [area for area in areas if not area.single]
    assert len(others) == 1
    assert others[0].label == f"others ({len(others[0].members)})"
    assert others[0].value == pytest.approx(-0.02)


@given(
    st.text("AB三🚀é ", max_size=20), st.text("0123.%+", max_size=8), st.integers(0, 30), st.integers(0, 8)
)
def test_words_fit_their_area(label: str, value: str, width: int, height: int) -> None:
    lines = words(label, value, "12.3%", width, height)
    assert len(lines) <= height
    assert all(cell_len(line) <= width for line in lines)


@settings(max_examples=50, deadline=None)
@given(SIZES.filter(lambda sizes: sizes[-1] > sizes[0] / 50), st.integers(0, 59))
def test_arrows_reach_every_area(sizes: list[float], start: int) -> None:
    boxes = [box for box in squarify(sizes, Box(0, 0, 120, 40)) if box.width and box.height]
    seen, todo = {start % len(boxes)}, [start % len(boxes)]
    while todo:
        at = todo.pop()
        for x, y in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            to = nearest(boxes, at, x, y)
            here, there = boxes[at].middle, boxes[to].middle
            assert to == at or (there[0] - here[0]) * x + (there[1] - here[1]) * y > 0
            if to not in seen:
                seen.add(to)
                todo.append(to)
    assert len(seen) >= 0.9 * len(boxes)


def test_arrows_step_through_points_at_one_place() -> None:
    boxes = [Box(1, 1, 1, 1), Box(1, 1, 1, 1), Box(3, 1, 3, 1)]
    assert nearest(boxes, 0, 1, 0) == 1
    assert nearest(boxes, 1, -1, 0) == 0
    assert nearest(boxes, 1, 1, 0) == 2
    assert nearest(boxes, 2, 1, 0) == 2


def test_neighbours_are_those_of_the_side_asked_for() -> None:
    boxes = squarify([6, 6, 4, 3, 2, 2, 1], Box(0, 0, 60, 20))
    assert nearest(boxes, 0, 0, 1) == 1
    assert nearest(boxes, 1, 0, -1) == 0
    assert nearest(boxes, 0, 1, 0) == 2
    assert all(not (a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom)
               for a, b in combinations(boxes, 2))  # fmt: skip

"""Grids, surfaces, scatters, areas and timelines in a running app: keys, messages, and what the screen then shows."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from figure_cases import CASES, EMPTY, figures_page, heatmap, names, scatter, surface, timeline, treemap
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.widget import Widget

from engine.figures import Heatmap, Mark, Scatter, Tile, Treemap
from terminal.messages import WhyAsked
from terminal.widgets.chart import ScatterChart, TimelineChart
from terminal.widgets.figures import figure_widget, renewed
from terminal.widgets.grid import HeatmapPanel, SurfacePanel, TreemapPanel
from terminal.widgets.table import TablePanel

KEYS = (["right", "down"], ["v"], ["v", "n"], ["home"], ["end"])
SIZES = [(200, 60), (80, 24), (40, 9), (12, 3), (1, 1)]


class Host(App[None]):
    """One figure's widget and the lines that it asked to run."""

    def __init__(self, figure: Any) -> None:
        super().__init__()
        self.panel = figure_widget(figure)
        self.chosen: list[str] = []
        self.asked: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.panel

    def on_mount(self) -> None:
        self.panel.focus()

    def on_why_asked(self, message: WhyAsked) -> None:
        self.asked.append(message.line)

    def on_table_panel_chosen(self, message: TablePanel.Chosen) -> None:
        self.chosen.append(message.line)


def text(panel: Widget) -> list[str]:
    return [panel.render_line(y).text for y in range(panel.size.height)]


def styles(panel: Widget, y: int) -> set[str]:
    return {str(segment.style.bgcolor) for segment in panel.render_line(y) if segment.style is not None}


@pytest.fixture(autouse=True)
def many_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the terminal that runs the tests can show is no matter."""
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def _whole(panel: Widget) -> None:
    """Every line fills the widget, and no control is in it."""
    for line in text(panel):
        assert cell_len(line) == panel.size.width
        assert "\x1b" not in line
        assert "\u202e" not in line


DRAWN = {name: figure for name, figure in CASES.items() if not name.startswith("empty")}


@pytest.mark.parametrize("figure", DRAWN.values(), ids=DRAWN)
async def test_every_line_fills_the_widget_at_any_size(figure: Any) -> None:
    app = Host(figure)
    async with app.run_test(size=(120, 36)) as pilot:
        for size, keys in zip(SIZES, KEYS, strict=True):
            await pilot.resize_terminal(*size)
            await pilot.press(*keys)
            _whole(app.panel)


@pytest.mark.parametrize("setting", ["TERM=xterm", "NO_COLOR=1"])
@pytest.mark.parametrize("figure", DRAWN.values(), ids=DRAWN)
async def test_nothing_needs_many_colours(figure: Any, setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(*setting.split("="))
    app = Host(figure)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("right", "v")
        _whole(app.panel)


@pytest.mark.parametrize("figure", EMPTY.values(), ids=EMPTY)
async def test_what_is_empty_says_so(figure: Any) -> None:
    app = Host(figure)
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.press("right", "enter", "v", "down", "home", "end", "comma")
        assert any(word in " ".join(text(app.panel)) for word in ("No ", "Nothing"))
        assert not app.chosen


async def test_a_cell_is_read_out_and_its_row_runs() -> None:
    figure = heatmap()
    app = Host(figure)
    async with app.run_test(size=(120, 30)) as pilot:
        panel = app.panel
        assert isinstance(panel, HeatmapPanel)
        await pilot.press("down", "down", "down", "right")
        told = text(panel)[0]
        assert "Security XOM" in told
        assert "[red]Evil[/] [@click=app.exit]x[/]" in told
        assert f"{figure.values[3, 1]:.4f}" in told
        await pilot.press("enter")
        assert app.chosen == ["S3 DES"]
        assert panel.choose_number(2) == "S1 DES"
        assert panel.choose_number(90) is None
        assert panel.copied_text() == f"{figure.values[3, 1]:.4f}"


async def test_titles_stay_while_a_grid_scrolls() -> None:
    app = Host(heatmap(60, 90))
    async with app.run_test(size=(80, 20)) as pilot:
        panel = app.panel
        assert isinstance(panel, HeatmapPanel)
        await pilot.press("ctrl+end")
        assert (panel.row, panel.column) == (59, 89)
        shown = text(panel)
        assert "60 S47" in shown[-2]
        assert "Security" in "".join(shown[:8])
        assert "columns" in panel.heading_detail
        assert panel.heading_detail.startswith(f"{panel.top + 1}-60 of 60")
        await pilot.press("ctrl+home")
        assert (panel.top, panel.left) == (0, 0)


async def test_numbers_give_way_to_colours_and_back() -> None:
    app = Host(heatmap(10, 25))
    async with app.run_test(size=(80, 24)) as pilot:
        panel = app.panel
        assert isinstance(panel, HeatmapPanel)
        assert panel.laid_out.form is None
        assert len(styles(panel, panel.laid_out.body_top + 1)) > 2
        await pilot.press("n")
        assert panel.laid_out.form is not None
        assert panel.laid_out.shown < 25
        await pilot.press("n", "n")
        assert panel.wish == "fitting"


async def test_a_blank_cell_has_the_blank_s_glyph_and_no_colour() -> None:
    values = np.array([[0.5, np.nan], [-0.5, 0.1]])
    app = Host(Heatmap(("a", "b"), ("c", "d"), values))
    async with app.run_test(size=(60, 8)) as pilot:
        await pilot.press("right")
        shown = text(app.panel)
        assert "0.50" in shown[2]
        assert "—" in shown[2]
        assert "-0.50" in "".join(shown[3:6])
        assert "— no value" in "".join(shown)


async def test_a_surface_is_cut_along_both_axes() -> None:
    figure = surface()
    app = Host(figure)
    async with app.run_test(size=(100, 24)) as pilot:
        panel = app.panel
        assert isinstance(panel, SurfacePanel)
        await pilot.press("down", "right", "right", "right")
        await pilot.press("v")
        smile = "\n".join(text(panel))
        assert f"{figure.values[1, 3] * 100:.3f}%" in smile
        assert "quotes used" in smile
        assert "◆" in smile
        assert "×" in smile
        assert "quote " in smile
        await pilot.press("v")
        assert "over expiry" in "\n".join(text(panel))
        await pilot.press("right")
        assert (panel.row, panel.column) == (2, 3)
        assert f"{figure.values[2, 3] * 100:.3f}%" in text(panel)[0]
        await pilot.press("v")
        assert panel.mode == "heat"


async def test_a_quote_stands_only_on_its_own_cut() -> None:
    app = Host(surface())
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("v")
        assert "no quotes at this expiry" in "\n".join(text(app.panel))


async def test_the_cursor_steps_from_mark_to_mark() -> None:
    marks = (
        Mark(0.1, 0.2, "LEFT", "one", command="LEFT DES"),
        Mark(0.3, 0.2, "RIGHT", "two", command="RIGHT DES"),
        Mark(0.2, 0.9, "TOP", "two"),
    )
    app = Host(Scatter(marks, "risk", "return", (), "percent", "percent", 1, 1))
    async with app.run_test(size=(80, 20)) as pilot:
        panel = app.panel
        assert isinstance(panel, ScatterChart)
        shown = "".join(text(panel))
        assert all(word in shown for word in ("● LEFT", "▲ TOP", "RIGHT ▲", "● one", "▲ two"))
        await pilot.press("right", "right")
        assert "RIGHT" in text(panel)[0]
        assert "30.0%" in text(panel)[0]
        assert "two" in text(panel)[0]
        await pilot.press("enter", "up", "enter", "left", "enter")
        assert app.chosen == ["RIGHT DES", "LEFT DES"]
        assert panel.copied_text().startswith("LEFT")
        await pilot.press("escape")
        assert panel.at is None


async def test_a_crowd_of_marks_is_drawn_in_dots_and_read_one_by_one() -> None:
    app = Host(scatter(2000, 1))
    async with app.run_test(size=(80, 20)) as pilot:
        assert any(0x2800 < ord(character) < 0x2900 for character in "".join(text(app.panel)))
        await pilot.press("home")
        first = text(app.panel)[0]
        await pilot.press("end")
        assert text(app.panel)[0] != first


async def test_tiles_are_walked_and_run() -> None:
    tiles = (
        Tile("BIG", 6.0, 0.012, command="BIG DES"),
        Tile("MID", 3.0, -0.02, command="MID DES"),
        Tile("NONE", 1.0),
    )
    app = Host(Treemap(tiles, "weight", "1 day"))
    async with app.run_test(size=(60, 12)) as pilot:
        panel = app.panel
        assert isinstance(panel, TreemapPanel)
        shown = "\n".join(text(panel))
        assert {"BIG", "MID", "NONE", "+1.2%", "-2.0%"} <= set(shown.replace("▏", " ").split())
        assert "600.00%" in text(panel)[0]
        await pilot.press("enter", "right", "enter")
        assert app.chosen == ["BIG DES", "MID DES"]
        assert "-2.00%" in text(panel)[0]
        await pilot.press("home")
        assert panel.areas[panel.at].label == "BIG"


async def test_what_is_too_small_is_told_by_name() -> None:
    tiles = (Tile("BIG", 1000.0, 0.01), *(Tile(name, 1.0, -0.03) for name in names(20)))
    app = Host(Treemap(tiles, "weight", "1 day"))
    async with app.run_test(size=(160, 12)) as pilot:
        panel = app.panel
        assert isinstance(panel, TreemapPanel)
        others = next(place for place, area in enumerate(panel.areas) if not area.single)
        panel.at = others
        assert f"others ({len(panel.areas[others].members)})" in text(panel)[0]
        assert "mean 1 day -3.00%" in text(panel)[0]
        assert "XOM" in text(panel)[0]
        await pilot.press("enter")
        assert not app.chosen


async def test_a_timeline_names_its_states_and_reads_them_out() -> None:
    figure = timeline()
    app = Host(figure)
    async with app.run_test(size=(120, 36)) as pilot:
        panel = app.panel
        assert isinstance(panel, TimelineChart)
        shown = "\n".join(text(panel))
        assert shown.count("Calm") >= 3
        assert shown.count("Crisis") >= 3
        assert "Probability" in shown
        await pilot.press("home")
        assert "no state" in text(panel)[0]
        await pilot.press("full_stop")
        assert panel.crosshair == 20
        assert "Calm" in text(panel)[0]
        assert "80.0%" in text(panel)[0]
        assert "70 sessions" in text(panel)[1]
        await pilot.press("full_stop", "full_stop", "comma")
        assert panel.crosshair == 90
        assert str(figure.dates[90]) in text(panel)[0]
        await pilot.press("plus", "plus", "left_square_bracket", "l")
        assert "linear" in text(panel)[1]


async def test_newer_states_keep_the_cursor_where_it_is() -> None:
    for figure, newer in (
        (heatmap(), heatmap(14, 14)),
        (surface(), surface()),
        (treemap(), treemap()),
        (scatter(), scatter(40)),
    ):
        app = Host(figure)
        async with app.run_test(size=(100, 30)) as pilot:
            await pilot.press("right", "right", "down")
            before = text(app.panel)[0].split()[:2]
            assert renewed(app.panel, newer)  # type: ignore[arg-type]
            await pilot.pause()
            assert text(app.panel)[0].split()[:2] == before
    assert not renewed(app.panel, timeline())


@pytest.mark.parametrize(
    ("figure", "line"),
    [(heatmap(), "WHY 1 XOM"), (surface(), 'WHY 1 "-0.17"'), (scatter(), "WHY 1 value"),
     (treemap(6, 0), 'WHY 3 "1 day"'), (timeline(60), "WHY 2001-03-23 state")],
    ids=["heatmap", "surface", "scatter", "treemap", "timeline"],
)  # fmt: skip
async def test_w_asks_why_of_what_is_pointed_at(figure: Any, line: str) -> None:
    app = Host(figure)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("right", *([] if "value" in line else ["right", "right"]), "w")
        await pilot.pause()
    assert app.asked == [line]
    from engine.page import Page, Panel
    from engine.provenance import find_cell

    where = line.split()[1]
    day = None if where.isdigit() else date.fromisoformat(where)
    cell = find_cell(
        Page("x", (Panel("figure", "", figure),)), day or int(where), line.partition(where)[2].strip(' "')
    )
    assert cell.value is not None


def test_a_page_of_them_holds_every_kind() -> None:
    assert len({type(panel.figure) for panel in figures_page().panels}) == 5

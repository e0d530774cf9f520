"""One screen of each of the newer kinds of figure, worked in. Small ones: a big heatmap would be a megabyte."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import enter, settle
from fake_desk import FakeDesk, opens
from figure_cases import heatmap, scatter, surface, timeline, treemap
from textual.pilot import Pilot

from engine.page import Page, Panel
from terminal.app import AsofApp

FIGURES = {
    "heatmap": (heatmap(8, 8), ("down", "right")),
    "surface": (surface(), ("down", "right")),
    "smile": (surface(), ("down", "right", "v")),
    "scatter": (scatter(), ("right", "up")),
    "treemap": (treemap(), ("right",)),
    "timeline": (timeline(), ("left", "comma")),
}


class FigureDesk(FakeDesk):
    """Answers every line with one figure."""

    def __init__(self, figure: Any) -> None:
        super().__init__()
        self.figure = figure

    def _answer(self, words: list[str], progress: Any, cancelled: Any) -> Page:
        return Page("AAPL US EQUITY Figures", (Panel("figure", words[0].title(), self.figure),), words[0])


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def _shown(name: str) -> tuple[AsofApp, Callable[[Pilot[Any]], Any]]:
    figure, keys = FIGURES[name]

    async def work(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await enter(pilot, name)
        await pilot.press("tab", *keys)
        await settle(pilot)

    return AsofApp(opens(FigureDesk(figure)), place="~/asof", user="ann"), work


@pytest.mark.parametrize("name", FIGURES)
def test_figure(snap_compare: Callable[..., bool], name: str) -> None:
    app, work = _shown(name)
    assert snap_compare(app, terminal_size=(120, 36) if name == "timeline" else (80, 24), run_before=work)


@pytest.mark.parametrize("name", ["heatmap", "treemap", "timeline"])
def test_without_colour(
    snap_compare: Callable[..., bool], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app, work = _shown(name)
    assert snap_compare(app, terminal_size=(80, 24), run_before=work)

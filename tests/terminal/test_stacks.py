"""Metrics: as many columns as hold whole labels and values, no word broken beside empty space."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.page import Metric, Metrics
from terminal.strips import wrap
from terminal.theme import ink
from terminal.widgets import metrics as metrics_module
from terminal.widgets.metrics import MetricsPanel
from terminal.widgets.stacks import GAP, best_stacks

WORDS = "GP AAPL US EQUITY FROM=2008-09-15 TO=2009-01-01 INTERVAL=D SCALE=LINEAR ADJUST=SPLITS STYLE=CANDLES"
ITEMS = (
    Metric("page", "AAPL US EQUITY  Apple Inc."),
    Metric("command", WORDS),
    Metric("newest row known at", datetime(2008, 9, 15, 20, 0, tzinfo=UTC), "instant"),
    Metric("reads", 4, "integer"),
    Metric("reads later than the clock", 0, "integer", note="none: no leak"),
    Metric("snapshot of the store", "15"),
)


def lines(panel: MetricsPanel, width: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(metrics_module, "ink_of", lambda _widget: ink(True))
    return ["".join(part for part, _ in line) for line in panel.layout_lines(width)]


@pytest.mark.parametrize("width", [60, 80, 100, 120, 160, 200])
def test_no_word_is_broken_and_no_label_cut(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = "\n".join(lines(MetricsPanel(Metrics(ITEMS)), width, monkeypatch))
    assert "›" not in shown
    for word in WORDS.split():
        assert word in shown
    assert all(item.label in shown for item in ITEMS)


def test_wide_panels_use_more_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    panel = MetricsPanel(Metrics(ITEMS))
    heights = [len(lines(panel, width, monkeypatch)) for width in (60, 120, 200)]
    assert heights == sorted(heights, reverse=True)
    assert heights[-1] <= 4


def test_instants_are_told_in_the_zone_of_the_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = lines(MetricsPanel(Metrics(ITEMS), ZoneInfo("America/New_York")), 120, monkeypatch)
    assert any("2008-09-15 16:00 EDT" in line for line in shown)


def test_a_long_word_is_broken_after_its_joints() -> None:
    assert wrap("quarantine/206024d1185348ff/2008", 28) == ["quarantine/206024d1185348ff/", "2008"]
    assert wrap("FROM=2008-09-15", 12) == ["FROM=", "2008-09-15"]


sizes: Any = st.tuples(st.integers(1, 30), st.integers(1, 40), st.integers(0, 60)).map(
    lambda size: (size[0], size[1], size[1] + size[2])
)


@given(st.lists(sizes, min_size=1, max_size=30), st.integers(20, 250))
def test_stacks_fit_the_room(items: list[tuple[int, int, int]], room: int) -> None:
    stacks = best_stacks(items, room)
    if len(stacks) > 1:
        assert all(stack.width >= stack.least for stack in stacks)
        assert sum(stack.width for stack in stacks) + GAP * (len(stacks) - 1) <= room
    else:
        assert stacks[0].width <= max(room, stacks[0].labels + 9)

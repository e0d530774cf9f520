"""A page of assumptions and steps at three sizes, worked in, at fault, and without colour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import enter, settle
from fake_desk import opens
from form_desk import FormDesk
from textual.pilot import Pilot

from terminal.app import AsofApp
from terminal.widgets.waterfall import WaterfallPanel

SIZES = [(80, 24), (120, 36), (200, 60)]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)


async def model(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    await enter(pilot, "VALUE AAPL US EQUITY GROWTH=0.02")


async def typing(pilot: Pilot[Any]) -> None:
    await model(pilot)
    await pilot.press("tab", "tab", *"0.4")
    await settle(pilot)


async def refused(pilot: Pilot[Any]) -> None:
    await model(pilot)
    await pilot.press("tab", "tab", "tab", "tab", *"0.01", "enter")
    await settle(pilot)


async def steps(pilot: Pilot[Any]) -> None:
    await model(pilot)
    pilot.app.query_one(WaterfallPanel).focus()
    await pilot.press("right", "right", "right")
    await settle(pilot)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("screen", [model, typing, refused, steps], ids=lambda screen: screen.__name__)
def test_screen(snap_compare: Callable[..., bool], screen: Any, size: tuple[int, int]) -> None:
    app = AsofApp(opens(FormDesk()), place="~/asof", user="ann")
    assert snap_compare(app, terminal_size=size, run_before=screen)


def test_without_colour(snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = AsofApp(opens(FormDesk()), place="~/asof", user="ann")
    assert snap_compare(app, terminal_size=(80, 24), run_before=typing)

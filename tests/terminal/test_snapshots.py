"""The main screens at three sizes. After a change that is meant: ``pytest tests/terminal --snapshot-update``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import enter, settle
from fake_desk import FakeDesk, opens
from textual.pilot import Pilot

from terminal.app import AsofApp

SIZES = [(80, 24), (120, 36), (200, 60)]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLORTERM", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)


async def welcome(pilot: Pilot[Any]) -> None:
    await settle(pilot)


async def description(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    await enter(pilot, "AAPL DES")


async def history_as_of(pilot: Pilot[Any]) -> None:
    await description(pilot)
    await enter(pilot, "AAPL HP")
    await enter(pilot, "ASOF 2008-09-15")
    await pilot.press("tab", "down", "down", "right", "s")
    await settle(pilot)


async def gone_back(pilot: Pilot[Any]) -> None:
    await history_as_of(pilot)
    await pilot.press("alt+left", "alt+left", "tab")
    await settle(pilot)


async def chart(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    await enter(pilot, "AAPL GP")
    await pilot.press("tab")
    await settle(pilot)


async def fault(pilot: Pilot[Any]) -> None:
    await description(pilot)
    await enter(pilot, "AAPL XYZZY")


async def completing(pilot: Pilot[Any]) -> None:
    await description(pilot)
    await pilot.press("a", "down")
    await settle(pilot)


async def failure(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    await enter(pilot, "BOOM")


async def light(pilot: Pilot[Any]) -> None:
    await settle(pilot)
    await enter(pilot, "SET theme=light")


SCREENS = [welcome, description, history_as_of, gone_back, chart, fault, completing, failure, light]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
def test_screen(snap_compare: Callable[..., bool], screen: Any, size: tuple[int, int]) -> None:
    app = AsofApp(opens(FakeDesk(offers=40)), place="~/asof", user="ann")
    assert snap_compare(app, terminal_size=size, run_before=screen)

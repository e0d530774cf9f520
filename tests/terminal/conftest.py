"""Running the app without a terminal, on the fake desk, waiting on its work and never on time."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from textual.pilot import Pilot

sys.path.insert(0, str(Path(__file__).parent))

import idle
from fake_desk import FakeDesk, FakeState, opens

from terminal.app import AsofApp

idle.install()

Running: TypeAlias = Callable[..., AbstractAsyncContextManager[Pilot[Any]]]


async def settle(pilot: Pilot[Any]) -> None:
    """Until every line has been run and shown."""
    app = pilot.app
    assert isinstance(app, AsofApp)
    for _ in range(2):
        assert await asyncio.to_thread(app.desk_thread.wait_idle, 20)
        for _ in range(4):
            await pilot.pause()


async def enter(pilot: Pilot[Any], line: str) -> None:
    """Type a line, press Enter, and wait for its page."""
    app = pilot.app
    assert isinstance(app, AsofApp)
    app.shell.bar.focus()
    app.shell.bar.set_line(line)
    await pilot.press("enter")
    await settle(pilot)


def words(app: AsofApp) -> str:
    """What stands on the screen, as text."""
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in lines)


@pytest.fixture
def running() -> Running:
    """``async with running() as pilot``: the app at 120x36 on a fake desk, opened and quiet."""

    @asynccontextmanager
    async def run(
        desk: FakeDesk | None = None, *, state: FakeState | None = None, size: tuple[int, int] = (120, 36)
    ) -> AsyncIterator[Pilot[Any]]:
        app = AsofApp(opens(desk or FakeDesk()), state=state, place="~/asof", user="ann")
        async with app.run_test(size=size) as pilot:
            await settle(pilot)
            yield pilot

    return run

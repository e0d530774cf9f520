"""A store that cannot be opened: told at once, nothing promised that is not kept, and tried again by a key."""

from __future__ import annotations

import threading
from typing import Any

from conftest import settle, words
from fake_desk import FakeDesk
from textual.pilot import Pilot

from store.errors import StoreError
from terminal.app import AsofApp


class Door:
    """A factory that fails until it is unlocked."""

    def __init__(self) -> None:
        self.desk = FakeDesk()
        self.locked = True
        self.go = threading.Event()

    def __call__(self, _progress: Any, _cancelled: Any) -> FakeDesk:
        self.go.wait(10)
        if self.locked:
            raise StoreError("The catalog is damaged.")
        return self.desk


async def until(pilot: Pilot[Any], text: str) -> None:
    for _ in range(200):
        await pilot.pause(0.02)
        if text in words(pilot.app):
            return
    raise AssertionError(f"{text!r} never came:\n{words(pilot.app)}")


async def test_a_failed_open_refuses_lines_and_runs_those_that_wait_once_it_works() -> None:
    door = Door()
    app = AsofApp(door)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press(*"AAPL GP", "enter")
        await until(pilot, "runs when the store is open")
        door.go.set()
        await until(pilot, "The catalog is damaged.")
        shown = words(app)
        assert "Ctrl+R tries again, Ctrl+Q quits." in shown
        assert "1 line waits until it is open: AAPL GP" in shown
        assert "runs it again" not in shown
        await pilot.press(*"AAPL HP", "enter")
        await until(pilot, "The store is not open: Ctrl+R tries again.")
        assert app.shell.bar.text == "AAPL HP"
        assert "runs when" not in words(app)
        door.locked = False
        await pilot.press("ctrl+r")
        await until(pilot, "Price, daily")
        await settle(pilot)
        assert door.desk.lines == ["AAPL GP"]
        await pilot.press("enter")
        await settle(pilot)
        assert door.desk.lines == ["AAPL GP", "AAPL HP"]


async def test_lines_typed_while_opening_are_not_covered_by_the_page_that_was_there() -> None:
    from fake_desk import FakeState

    from terminal.workspace import KIND, NAME

    door = Door()
    door.locked = False
    state = FakeState({(KIND, NAME): {"visits": [{"line": "AAPL DES"}], "position": 0}})
    app = AsofApp(door, state=state)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press(*"AAPL HP", "enter")
        door.go.set()
        await until(pilot, "Prices as traded")
        await settle(pilot)
        assert door.desk.lines == ["AAPL HP"]


async def test_the_end_stops_an_opening_that_still_loads() -> None:
    asked: list[Any] = []

    def slow(_progress: Any, cancelled: Any) -> FakeDesk:
        asked.append(cancelled)
        return FakeDesk()

    app = AsofApp(slow)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert not asked[0]()
        app.flush(clean=True)
        assert asked[0]()

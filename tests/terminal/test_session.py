"""Sessions share one document: no line is lost, and what cannot be saved is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import Running, enter, settle, words
from fake_desk import FakeDesk, FakeState

from store import open_store
from terminal import failures
from terminal.keeper import Keeper
from terminal.workspace import KIND, NAME, Workspace, load, merged


def test_two_sessions_on_one_store_keep_every_line(tmp_path: Path) -> None:
    store = open_store(tmp_path / "home")
    first, second = store.state("ann"), store.state("ann")
    keepers = [Keeper(state, [].append) for state in (first, second)]
    for number in range(3):
        for name, keeper in zip("ab", keepers, strict=True):
            lines = [f"{name}{n}" for n in range(number + 1)]
            keeper.keep(Workspace(history=lines, worked_at=f"2026-01-01T00:00:0{number}{name}"))
            keeper.flush()
    assert set(load(first).history) == {"a0", "a1", "a2", "b0", "b1", "b2"}


def test_the_session_worked_in_last_comes_back() -> None:
    held = {"visits": [{"line": "NEW"}], "history": ["NEW"], "worked_at": "2026-01-02", "draft": "dr"}
    older = Workspace([{"line": "OLD"}], 0, history=["OLD"], worked_at="2026-01-01")
    newer = Workspace([{"line": "OLD"}], 0, history=["OLD"], worked_at="2026-01-03")
    assert merged(held, older) == {**held, "history": ["NEW", "OLD"]}
    assert merged(held, newer)["visits"] == [{"line": "OLD"}]
    assert merged(held, newer)["history"] == ["NEW", "OLD"]
    assert merged(None, older)["history"] == ["OLD"]


def test_a_line_typed_again_moves_to_the_end_and_old_ones_are_let_go() -> None:
    held = {"history": [f"L{n}" for n in range(200)]}
    history = merged(held, Workspace(history=["L7", "NEW"]))["history"]
    assert (len(history), history[-2:], history[0]) == (200, ["L7", "NEW"], "L1")


async def test_what_one_terminal_typed_the_other_does_not_lose(running: Running) -> None:
    state = FakeState()
    async with running(state=state) as first:
        await enter(first, "AAPL DES")
        async with running(state=state) as second:
            await enter(second, "AAPL HP")
            second.app.flush(clean=True)
        await enter(first, "AAPL GP")
        first.app.flush(clean=True)
    assert state.bodies[KIND, NAME]["history"] == ["AAPL HP", "AAPL DES", "AAPL GP"]
    assert state.bodies[KIND, NAME]["visits"][-1]["line"] == "AAPL GP"


async def test_an_idle_terminal_does_not_take_the_newest_session_away(running: Running) -> None:
    state = FakeState()
    async with running(state=state) as idle:
        await enter(idle, "AAPL DES")
        async with running(state=state) as worked:
            await enter(worked, "AAPL HP")
            worked.app.flush(clean=True)
        await idle.press("x")
        idle.app.flush(clean=True)
    assert state.bodies[KIND, NAME]["visits"][-1]["line"] == "AAPL HP"


async def test_a_workspace_that_cannot_be_saved_is_told_until_it_can(
    running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "_LOG", [tmp_path / "log"])
    state = FakeState(fault=OSError("No space left on device"))
    async with running(state=state) as pilot:
        await enter(pilot, "AAPL DES")
        pilot.app.session.flush()
        await settle(pilot)
        assert "workspace not saved: No space left on device" in words(pilot.app)
        await enter(pilot, "AAPL HP")
        assert "workspace not saved: No space left on device" in words(pilot.app)
        state.fault = None
        pilot.app.session.flush()
        await settle(pilot)
        assert "not saved" not in words(pilot.app)
    assert "No space left on device" in (tmp_path / "log").read_text()


async def test_a_history_that_cannot_be_saved_is_told_until_it_can(running: Running) -> None:
    desk = FakeDesk()
    desk.fault = OSError("Read-only file system")
    async with running(desk) as pilot:
        await enter(pilot, "AAPL DES")
        await settle(pilot)
        assert "history not saved: Read-only file system" in words(pilot.app)
        desk.fault = None
        await enter(pilot, "AAPL HP")
        await settle(pilot)
        assert "not saved" not in words(pilot.app)

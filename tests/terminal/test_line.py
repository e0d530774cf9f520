"""The line on the bar after a fault, after a crash, and while lines typed ahead wait."""

from __future__ import annotations

from conftest import Running, enter, settle, words
from fake_desk import FakeDesk, FakeState

from terminal.line_edit import LineEdit
from terminal.recall import Recall
from terminal.workspace import KIND, NAME


async def test_after_a_fault_typing_begins_a_new_line(running: Running) -> None:
    desk = FakeDesk()
    async with running(desk) as pilot:
        await enter(pilot, "AAPL XYZZY")
        assert pilot.app.shell.bar.edit.selected
        await pilot.press(*"AAPL HP", "enter")
        await settle(pilot)
        assert desk.lines == ["AAPL XYZZY", "AAPL HP"]


async def test_after_a_fault_editing_keys_mend_the_line(running: Running) -> None:
    async with running() as pilot:
        bar = pilot.app.shell.bar
        await enter(pilot, "AAPL XYZZY")
        await pilot.press("backspace")
        assert bar.text == "AAPL XYZZ"
        await enter(pilot, "AAPL XYZZY")
        await pilot.press("home", "a")
        assert bar.text == "aAAPL XYZZY"
        await enter(pilot, "AAPL XYZZY")
        await pilot.press("left", "left", "x")
        assert bar.text == "AAPL XYZxZY"


async def test_one_escape_clears_fault_and_line_and_up_brings_it_back(running: Running) -> None:
    async with running() as pilot:
        await enter(pilot, "AAPL DES")
        await enter(pilot, "AAPL XYZZY")
        await pilot.press("escape")
        assert "^^^^^" not in words(pilot.app)
        assert pilot.app.shell.bar.text == ""
        await pilot.press("up")
        assert pilot.app.shell.bar.text == "AAPL XYZZY"


async def test_question_mark_and_paste_after_a_fault(running: Running) -> None:
    desk = FakeDesk()
    async with running(desk) as pilot:
        await enter(pilot, "AAPL HP")
        await enter(pilot, "AAPL XYZZY")
        await pilot.press("question_mark")
        await settle(pilot)
        assert desk.lines[-1] == "HELP HP"
        pilot.app.shell.bar.insert("IBM GP")
        assert pilot.app.shell.bar.text == "IBM GP"


async def test_what_was_typed_meanwhile_is_not_replaced_by_the_line_at_fault(running: Running) -> None:
    async with running() as pilot:
        pilot.app.shell.bar.set_line("SLOW")
        await pilot.press("enter", *"IBM")
        await pilot.press("escape")
        await settle(pilot)
        assert "Cancelled" in words(pilot.app)
        assert pilot.app.shell.bar.text == "IBM"


async def test_lines_dropped_by_a_cancel_are_told_and_the_newest_is_back(running: Running) -> None:
    desk = FakeDesk()
    async with running(desk) as pilot:
        for line in ("SLOW", "AAPL GP", "AAPL HP"):
            pilot.app.shell.bar.set_line(line)
            await pilot.press("enter")
        await pilot.press("escape")
        await settle(pilot)
        assert desk.lines == ["SLOW"]
        assert "2 lines typed ahead dropped, the newest is on the bar: AAPL GP · AAPL HP" in words(pilot.app)
        assert pilot.app.shell.bar.text == "AAPL HP"
        assert pilot.app.shell.bar.edit.selected


async def test_a_chosen_row_leaves_the_half_typed_line_alone(running: Running) -> None:
    async with running() as pilot:
        await enter(pilot, "AAPL HP")
        pilot.app.shell.bar.set_line("IBM G")
        pilot.app.shell.view.frames[0].figure.focus()
        await pilot.press("enter")
        await settle(pilot)
        assert "Description" in words(pilot.app)
        assert pilot.app.shell.bar.text == "IBM G"


async def test_a_draft_comes_back_selected_after_a_signal_only(running: Running) -> None:
    state = FakeState()
    async with running(state=state) as pilot:
        await enter(pilot, "AAPL DES")
        await pilot.press(*"IBM")
        pilot.app.flush()
    assert state.bodies[KIND, NAME]["draft"] == "IBM"
    desk = FakeDesk()
    async with running(desk, state=state) as pilot:
        assert pilot.app.shell.bar.text == "IBM"
        await pilot.press(*"AAPL HP", "enter")
        await settle(pilot)
        assert desk.lines[-1] == "AAPL HP"
        await pilot.press(*"half")
        pilot.app.flush(clean=True)
    async with running(state=state) as pilot:
        assert pilot.app.shell.bar.text == ""


def test_a_selected_line() -> None:
    edit = LineEdit()
    edit.set("", selected=True)
    assert not edit.selected
    edit.set("AAPL", selected=True)
    edit.insert("I")
    assert (edit.text, edit.cursor, edit.selected) == ("I", 1, False)


def test_up_goes_past_the_line_that_stands_there() -> None:
    recall = Recall(["AAPL DES", "AAPL XYZZY"])
    assert recall.step(-1, "AAPL XYZZY") == "AAPL DES"
    assert recall.step(1, "AAPL DES") == "AAPL XYZZY"

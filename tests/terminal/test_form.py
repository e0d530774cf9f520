"""Assumptions edited where they stand: keys, what runs, what is refused, and that nothing typed is lost."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from conftest import Running, enter, settle, words
from form_desk import FormDesk
from pty_session import Session
from test_inert import OURS
from textual.pilot import Pilot

from engine.figures import Field, Form
from terminal.widgets.form import FormPanel
from terminal.widgets.form_state import LONGEST, FormState
from terminal.widgets.form_view import choice_after, completed, flow, measure
from terminal.widgets.waterfall import WaterfallPanel

LINE = "VALUE AAPL US EQUITY"


def form_of(pilot: Pilot[Any]) -> FormPanel:
    return pilot.app.query_one(FormPanel)


async def opened(pilot: Pilot[Any], line: str = LINE) -> FormPanel:
    """The page on screen, its first field under the cursor."""
    await enter(pilot, line)
    await pilot.press("tab")
    form = form_of(pilot)
    assert form.has_focus
    return form


def line_of(pilot: Pilot[Any], label: str) -> str:
    return next(line for line in words(pilot.app).splitlines() if label in line)  # type: ignore[arg-type]


async def test_tab_visits_every_field_and_then_the_next_panel(running: Running) -> None:
    async with running(FormDesk()) as pilot:
        form = await opened(pilot)
        visited = []
        while form.has_focus:
            assert form.state.field is not None
            visited.append(form.state.field.name)
            await pilot.press("tab")
        assert visited == ["growth", "margin", "years", "wacc", "method", "note"]
        assert pilot.app.focused is not None
        assert pilot.app.focused.__class__.__name__ == "MetricsPanel"
        await pilot.press("shift+tab")
        assert form.state.field is not None
        assert (form.has_focus, form.state.field.name) == (True, "note")


async def test_typing_and_enter_run_the_pages_command_with_the_argument(running: Running) -> None:
    desk = FormDesk()
    async with running(desk) as pilot:
        form = await opened(pilot)
        await pilot.press("tab", *"0.25")
        assert "[0.25" in line_of(pilot, "operating margin")
        assert desk.lines == [LINE]
        await pilot.press("enter")
        await settle(pilot)
        assert desk.lines[-1] == "VALUE AAPL US EQUITY MARGIN=0.25"
        assert form_of(pilot) is form
        assert form.state.field is not None
        assert (form.has_focus, form.state.field.name) == (True, "margin")
        shown = line_of(pilot, "operating margin")
        assert "25.0%" in shown
        assert "● " in shown
        assert "given" in shown


async def test_a_second_edit_keeps_the_first(running: Running) -> None:
    desk = FormDesk()
    async with running(desk) as pilot:
        await opened(pilot)
        await pilot.press("2", "%", "enter")
        await settle(pilot)
        await pilot.press("tab", "tab", "enter", *"7", "enter")
        await settle(pilot)
        assert desk.lines[-1] == "VALUE AAPL US EQUITY GROWTH=0.02 YEARS=7"


async def test_edits_typed_ahead_are_all_in_the_last_line(running: Running) -> None:
    desk = FormDesk()
    async with running(desk) as pilot:
        form = await opened(pilot)
        desk.gate = threading.Event()
        await pilot.press(*"0.02", "tab", *"0.4", "tab", *"1")
        assert "… running" in line_of(pilot, "sales growth")
        assert "0.4" in line_of(pilot, "operating margin")
        desk.gate.set()
        await settle(pilot)
        assert desk.lines[-1] == "VALUE AAPL US EQUITY GROWTH=0.02 MARGIN=0.4"
        assert "[1" in line_of(pilot, "years forecast")  # what is being typed goes on
        assert form.state.pending == {}
        await pilot.press("2", "enter")
        await settle(pilot)
        assert desk.lines[-1] == "VALUE AAPL US EQUITY GROWTH=0.02 MARGIN=0.4 YEARS=12"


async def test_escape_restores_and_runs_nothing(running: Running) -> None:
    desk = FormDesk()
    async with running(desk) as pilot:
        form = await opened(pilot)
        await pilot.press(*"0.9", "escape")
        assert "5.0%" in line_of(pilot, "sales growth")
        assert desk.lines == [LINE]
        assert form.has_focus
        await pilot.press("escape")
        assert pilot.app.shell.bar.has_focus  # type: ignore[attr-defined]


async def test_what_the_argument_does_not_take_is_said_and_kept(running: Running) -> None:
    desk = FormDesk()
    async with running(desk) as pilot:
        await opened(pilot)
        await pilot.press(*"ten", "enter")
        await settle(pilot)
        assert "Growth takes a number from -0.5 to 1, not 'ten'." in words(pilot.app)  # type: ignore[arg-type]
        assert "[ten" in line_of(pilot, "sales growth")
        assert desk.lines == [LINE]
        await pilot.press("backspace", "backspace", "backspace", *".1", "enter")
        await settle(pilot)
        assert "not 'ten'" not in words(pilot.app)  # type: ignore[arg-type]


async def test_what_the_function_refuses_is_said_in_the_form(running: Running) -> None:
    desk = FormDesk()
    async with running(desk) as pilot:
        form = await opened(pilot)
        await pilot.press("tab", "tab", "tab", *"0.01", "enter")
        await settle(pilot)
        screen = words(pilot.app)  # type: ignore[arg-type]
        assert "The cost of capital must lie above the growth of sales" in screen
        assert "[0.01" in line_of(pilot, "cost of capital")
        assert "1,007.5" in screen  # the page is as it was
        assert pilot.app.shell.bar.text == ""  # type: ignore[attr-defined]
        await pilot.press("tab")  # the same text again: it is refused again, and the cursor has gone on
        await settle(pilot)
        assert "✗ refused" in line_of(pilot, "cost of capital")
        await pilot.press("shift+tab", "enter", "escape")
        assert "8.9%" in line_of(pilot, "cost of capital")
        assert form.state.refused == {}


async def test_choices_go_round_and_complete(running: Running) -> None:
    desk = FormDesk()
    async with running(desk) as pilot:
        await opened(pilot)
        await pilot.press("tab", "tab", "tab", "tab", "left")
        assert "‹NONE" in line_of(pilot, "terminal value")
        await pilot.press("right", "right", "enter")
        await settle(pilot)
        assert desk.lines[-1] == "VALUE AAPL US EQUITY METHOD=MULTIPLE"
        await pilot.press("n", "enter")
        await settle(pilot)
        assert desk.lines[-1] == "VALUE AAPL US EQUITY METHOD=NONE"


async def test_text_is_data(running: Running) -> None:
    desk = FormDesk()
    async with running(desk) as pilot:
        await opened(pilot)
        await pilot.press("shift+tab", "shift+tab")
        form = form_of(pilot)
        form.focus()
        form.state.go(5)
        await pilot.press(*'a "b" ?/=\'', "enter")
        await settle(pilot)
        assert desk.lines[-1] == 'VALUE AAPL US EQUITY NOTE="a ""b"" ?/=\'"'
        assert form.state.field is not None
        assert form.state.field.text == 'a "b" ?/=\''


async def test_nothing_typed_brings_the_default_back(running: Running) -> None:
    desk = FormDesk()
    async with running(desk) as pilot:
        await opened(pilot, f"{LINE} GROWTH=0.02 MARGIN=0.4")
        await pilot.press("delete", "enter")
        await settle(pilot)
        assert desk.lines[-1] == "VALUE AAPL US EQUITY MARGIN=0.4"
        await pilot.press("enter", "enter")  # opened and taken as it was: nothing to run
        await settle(pilot)
        assert desk.lines[-1] == "VALUE AAPL US EQUITY MARGIN=0.4"


async def test_back_goes_to_the_page_before_the_edit(running: Running) -> None:
    desk = FormDesk()
    async with running(desk) as pilot:
        await opened(pilot)
        await pilot.press(*"0.02", "enter")
        await settle(pilot)
        assert "2.0%" in line_of(pilot, "sales growth")
        await pilot.press("alt+left")
        await settle(pilot)
        assert "5.0%" in line_of(pilot, "sales growth")
        await pilot.press("tab", *"0.03", "enter")  # from the page gone back to
        await settle(pilot)
        assert desk.lines[-1] == "VALUE AAPL US EQUITY GROWTH=0.03"
        assert pilot.app.session.history.added[-1] == desk.lines[-1]  # type: ignore[attr-defined]


async def test_numbers_on_the_command_line_still_choose_rows(running: Running) -> None:
    desk = FormDesk()
    async with running(desk) as pilot:
        await opened(pilot)
        await pilot.press("2", "escape", "escape")
        table = pilot.app.shell.view.frames[-1].figure  # type: ignore[attr-defined]
        table.focus()
        await pilot.pause()
        await enter(pilot, "2")
        assert desk.lines[-1] == "IBM DES"


async def test_a_slash_and_a_question_mark_are_the_screens(running: Running) -> None:
    desk = FormDesk()
    async with running(desk) as pilot:
        await opened(pilot)
        await pilot.press("slash")
        assert pilot.app.shell.bar.has_focus  # type: ignore[attr-defined]
        await pilot.press("tab", "question_mark")
        await settle(pilot)
        assert desk.lines[-1] == "HELP VALUE"


async def test_cancelling_keeps_what_was_typed(running: Running) -> None:
    desk = FormDesk()
    async with running(desk) as pilot:
        form = await opened(pilot)
        desk.gate = threading.Event()
        await pilot.press(*"0.02", "tab", *"0.4", "tab")
        await pilot.press("escape")  # the first runs, the second waits: it is forgotten
        assert form.state.refused["margin"] == ("0.4", "Cancelled before it ran.")
        desk.gate.set()
        await settle(pilot)
        assert "0.4" in line_of(pilot, "operating margin")
        assert not any("MARGIN" in line for line in desk.lines)


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (200, 60)])
async def test_the_field_under_the_cursor_is_seen(running: Running, size: tuple[int, int]) -> None:
    async with running(FormDesk(), size=size) as pilot:
        form = await opened(pilot)
        for _ in range(6):
            field = form.state.field
            assert field is not None
            assert f"› {field.label}" in words(pilot.app)  # type: ignore[arg-type]
            await pilot.press("down")
            await pilot.pause()


async def test_another_page_is_shown_from_its_top(running: Running) -> None:
    async with running(FormDesk(), size=(80, 24)) as pilot:
        await opened(pilot)
        pilot.app.query_one(WaterfallPanel).focus()
        await pilot.pause()
        assert pilot.app.shell.view.scroll_offset.y > 0  # type: ignore[attr-defined]
        await enter(pilot, f"{LINE} GROWTH=0.01")
        assert pilot.app.shell.view.scroll_offset.y == 0  # type: ignore[attr-defined]


def test_hostile_values_do_not_act() -> None:
    session = Session("form", "hostile")
    session.wait_for("Welcome")
    session.send("VALUE AAPL US EQUITY\r")
    session.wait_for("assumptions")
    session.send("\t")
    session.wait_for("GROWTH:")
    session.send("0.02\r")
    session.wait_for("2.0%")
    session.settle()
    raw = session.raw
    session.close()
    assert b"\x1b" not in OURS.sub(b"", raw)


# -- without a screen ------------------------------------------------------------------------------------


def fields(count: int, group: str = "") -> tuple[Field, ...]:
    return tuple(Field(f"f{n}", f"field {n}", str(n), f"{n}.0", group=group) for n in range(count))


def test_more_columns_where_there_is_room() -> None:
    assert [measure(fields(9), width)[0] for width in (20, 40, 80, 120)] == [1, 1, 2, 3]
    for width in (20, 40, 80, 120, 200):
        count, measured = measure(fields(30), width)
        assert count * measured.width + 3 * (count - 1) <= max(width, 24)


def test_fields_run_down_and_then_across_and_no_heading_ends_a_column() -> None:
    columns = flow((*fields(3, "A"), *fields(3, "B")), 2)
    assert [[slot.field for slot in slots] for slots in columns] == [[-1, 0, 1, 2], [-1, 3, 4, 5]]
    columns = flow((*fields(2, "A"), *fields(4, "B")), 2)
    assert columns[0][-1].field >= 0


def test_choices() -> None:
    choices = ("GORDON", "MULTIPLE", "MIXED")
    assert choice_after(choices, "gordon", 1) == "MULTIPLE"
    assert choice_after(choices, "GORDON", -1) == "MIXED"
    assert choice_after(choices, "?", 1) == "GORDON"
    assert (completed(choices, "g"), completed(choices, "m"), completed(choices, "mixed")) == (
        "GORDON",
        "m",
        "mixed",
    )


def test_a_value_is_bounded_and_the_cursor_stays_with_its_field() -> None:
    state = FormState(Form(fields(3)), at=2)
    state.insert("x" * (LONGEST + 5))
    assert state.edit is not None
    assert len(state.edit.text) == LONGEST
    state.show(Form(fields(3)[1:]))
    assert (state.at, state.field and state.field.name) == (1, "f2")
    assert state.edit is not None
    state.show(Form(fields(1)))
    assert (state.at, state.edit) == (0, None)


def test_a_form_without_fields_does_nothing() -> None:
    state = FormState(Form(()))
    state.change()
    state.leave()
    assert state.choose(1) is False
    assert state.end(1) is None
    assert state.field is None


async def test_a_page_is_arranged_anew_for_what_an_edit_made_of_it(running: Running) -> None:
    async with running(FormDesk(), size=(120, 60)) as pilot:
        form = await opened(pilot)
        height = pilot.app.shell.view.frames[-1].size.height  # type: ignore[attr-defined]
        await pilot.press("tab", "tab", *"9", "enter")
        await settle(pilot)
        assert pilot.app.shell.view.frames[-1].size.height == height + 4  # type: ignore[attr-defined]
        own = form.size.height
        await pilot.press("tab", *"0.01", "enter")
        await settle(pilot)
        assert "The cost of capital" in words(pilot.app)  # type: ignore[arg-type]
        await pilot.press("escape")
        await settle(pilot)
        assert form.size.height == own

"""The shell: what keys do, what is shown, and where one comes back to."""

from __future__ import annotations

from conftest import Running, enter, settle, words
from fake_desk import FakeDesk, FakeState


async def test_first_visit_says_what_to_type(running: Running) -> None:
    async with running() as pilot:
        shown = words(pilot.app)
        assert "Welcome" in shown
        assert "AAPL GP" in shown
        assert "ASOF 2008-09-15" in shown


async def test_a_line_becomes_a_page_and_the_bar_empties(running: Running) -> None:
    async with running() as pilot:
        await enter(pilot, "AAPL DES")
        shown = words(pilot.app)
        assert "Description" in shown
        assert "AAPL US EQUITY >" in shown
        assert pilot.app.shell.bar.text == ""
        assert "0123456789ab" in shown


async def test_faults_point_at_the_word_and_keep_the_line(running: Running) -> None:
    async with running() as pilot:
        await enter(pilot, "AAPL XYZZY")
        shown = words(pilot.app).split("\n")
        line = next(i for i, text in enumerate(shown) if "XYZZY is not known" in text)
        at = shown[line + 1].index("XYZZY")
        assert shown[line + 2][at : at + 5] == "^^^^^"
        assert "AAPL GP" in shown[line + 3]
        assert pilot.app.shell.bar.text == "AAPL XYZZY"
        await pilot.press("escape")
        assert "^^^^^" not in words(pilot.app)
        assert pilot.app.shell.bar.text == ""
        await pilot.press("up")
        assert pilot.app.shell.bar.text == "AAPL XYZZY"


async def test_an_exception_below_becomes_a_panel(running: Running) -> None:
    async with running() as pilot:
        await enter(pilot, "BOOM")
        shown = words(pilot.app)
        assert "BOOM failed." in shown
        assert "RuntimeError" in shown
        assert "Up brings the line back" in shown
        await pilot.press("up")
        assert pilot.app.shell.bar.text == "BOOM"
        await enter(pilot, "AAPL DES")
        assert "Description" in words(pilot.app)
        await enter(pilot, "BOOM")
        await pilot.press("alt+left")
        assert "Description" in words(pilot.app)


async def test_completion_offers_accepts_and_closes(running: Running) -> None:
    async with running(FakeDesk(offers=50)) as pilot:
        await pilot.press("a")
        assert "Apple Inc" in words(pilot.app)
        await pilot.press("down", "down", "tab")
        assert pilot.app.shell.bar.text == "ASOF"
        await pilot.press("escape")
        assert "set the clock" not in words(pilot.app)
        await pilot.press("escape")
        assert pilot.app.shell.bar.text == ""


async def test_enter_on_an_offer_runs_it(running: Running) -> None:
    desk = FakeDesk()
    async with running(desk) as pilot:
        await pilot.press(*"AAPL G", "down", "enter")
        await settle(pilot)
        assert desk.lines == ["AAPL GP"]


async def test_back_and_forward_keep_pages(running: Running) -> None:
    desk = FakeDesk()
    async with running(desk) as pilot:
        await enter(pilot, "AAPL DES")
        await enter(pilot, "AAPL HP")
        await pilot.press("alt+left")
        await settle(pilot)
        assert "Description" in words(pilot.app)
        await pilot.press("alt+right")
        await settle(pilot)
        assert "Prices as traded" in words(pilot.app)
        assert desk.lines == ["AAPL DES", "AAPL HP"]


async def test_the_banner_cannot_be_overlooked(running: Running) -> None:
    async with running() as pilot:
        await enter(pilot, "AAPL DES")
        assert "nothing later" not in words(pilot.app)
        await enter(pilot, "ASOF 2008-09-15")
        first = words(pilot.app).split("\n")[0]
        assert "AS OF 2008-09-15 23:59 New York · nothing later is shown" in first
        style = pilot.app.shell.banner.render_line(0)._segments[0].style
        assert style.bgcolor.name == "#ffb000"


async def test_a_page_of_another_clock_says_so(running: Running) -> None:
    async with running() as pilot:
        await enter(pilot, "AAPL DES")
        await enter(pilot, "AAPL HP")
        await enter(pilot, "ASOF 2008-09-15")
        await pilot.press("alt+left")
        await settle(pilot)
        assert "THIS PAGE was run live" in words(pilot.app).split("\n")[0]
        await pilot.press("ctrl+r")
        await settle(pilot)
        assert "AS OF 2008-09-15" in words(pilot.app).split("\n")[0]


async def test_lines_typed_before_come_back(running: Running) -> None:
    async with running() as pilot:
        await enter(pilot, "AAPL DES")
        await enter(pilot, "AAPL HP")
        await pilot.press("up")
        assert pilot.app.shell.bar.text == "AAPL HP"
        await pilot.press("up")
        assert pilot.app.shell.bar.text == "AAPL DES"
        await pilot.press("down", "down")
        assert pilot.app.shell.bar.text == ""


async def test_escape_cancels_and_keys_are_answered_meanwhile(running: Running) -> None:
    async with running() as pilot:
        pilot.app.shell.bar.set_line("SLOW")
        await pilot.press("enter")
        await pilot.press("x")
        assert pilot.app.shell.bar.text == "x"
        await pilot.press("escape")
        await settle(pilot)
        assert "Cancelled" in words(pilot.app)


async def test_light_theme_at_once(running: Running) -> None:
    async with running() as pilot:
        await enter(pilot, "SET theme=light")
        assert pilot.app.theme == "asof-light"
        assert pilot.app.shell.bar.render_line(0)._segments[0].style.bgcolor.name == "#f3eddc"


async def test_question_mark_helps_with_this_page(running: Running) -> None:
    desk = FakeDesk()
    async with running(desk) as pilot:
        await enter(pilot, "AAPL HP")
        await pilot.press("question_mark")
        await settle(pilot)
        assert desk.lines[-1] == "HELP HP"


async def test_typing_anywhere_reaches_the_command_bar(running: Running) -> None:
    async with running() as pilot:
        await enter(pilot, "AAPL HP")
        await pilot.press("tab")
        assert not pilot.app.shell.bar.has_focus
        await pilot.press("g")
        assert pilot.app.shell.bar.has_focus
        assert pilot.app.shell.bar.text == "g"


async def test_the_workspace_comes_back(running: Running) -> None:
    state = FakeState()
    async with running(state=state) as pilot:
        await enter(pilot, "AAPL DES")
        await enter(pilot, "AAPL HP")
        pilot.app.flush()
    desk = FakeDesk()
    async with running(desk, state=state) as pilot:
        assert desk.lines == ["AAPL HP"]
        assert "Prices as traded" in words(pilot.app)
        await pilot.press("up")
        assert pilot.app.shell.bar.text == "AAPL HP"
        await pilot.press("alt+left")
        await settle(pilot)
        assert "Description" in words(pilot.app)


async def test_ctrl_c_copies_the_cell_and_never_quits(running: Running) -> None:
    async with running() as pilot:
        await pilot.press("ctrl+c", "ctrl+c")
        assert "nothing to copy · Ctrl+Q quits" in words(pilot.app)
        await enter(pilot, "AAPL HP")
        await pilot.press("tab", "right", "ctrl+c")
        assert pilot.app.clipboard == "38.19" or pilot.app.clipboard.replace(".", "").isdigit()


async def test_quit(running: Running) -> None:
    async with running() as pilot:
        await enter(pilot, "quit")
        assert pilot.app.return_value == 0

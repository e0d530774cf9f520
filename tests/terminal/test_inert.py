"""Outside text is data: whatever a name holds, the bytes that reach the terminal are ours alone."""

from __future__ import annotations

import re

from conftest import Running, enter, words
from fake_desk import HOSTILE, FakeDesk, FakeState
from pty_session import Session
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from terminal.filters import Inert
from terminal.workspace import KIND, NAME, Workspace, load

# what the terminal's own code writes: SGR, cursor moves, modes, the kitty keyboard, the pointer's shape
OURS = re.compile(
    rb"\x1b\[[0-9;]*[mH]|\x1b\[\?[0-9]+(?:[hl]|\$p)|\x1b\[[<>][0-9]*u|\x1b\[[0-9;]*t|\x1b\[6n|\x1b\]22;[a-z]+\x07"
)


def test_no_sequence_but_our_own_reaches_the_terminal() -> None:
    session = Session("hostile")
    session.wait_for("Welcome")
    for line in ("AAPL DES", "AAPL HP", "AAPL GP", "LINES", "FIGURES", "BOOM", f"{HOSTILE}\r", "AAPL DES"):
        session.send(line.replace("\x1b", "").replace("\x07", "") + "\r")
        session.settle(0.3)
        session.send("\x1b")
        session.settle(0.1)
    session.send("\t\t\t")
    session.settle()
    raw = session.raw
    session.close()
    left = OURS.sub(b"", raw)
    assert b"\x1b" not in left, left[max(0, left.find(b"\x1b") - 40) : left.find(b"\x1b") + 40]
    text = left.decode()
    assert not re.search(
        "[\x00-\x06\x08\x0b-\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text
    )


async def test_markup_in_names_is_shown_as_it_is(running: Running) -> None:
    async with running(FakeDesk(hostile=True)) as pilot:
        await enter(pilot, "AAPL DES")
        shown = words(pilot.app)
        assert "[red]Evil[/]" in shown
        assert "[@click=app.exit]x[/]" in shown
        assert "\x1b" not in shown
        await enter(pilot, "BOOM")
        assert "[red]Evil[/]" in words(pilot.app)


async def test_a_workspace_from_elsewhere_is_inert(running: Running) -> None:
    state = FakeState()
    state.bodies[KIND, NAME] = {
        "visits": [{"line": HOSTILE, "title": HOSTILE, "panels": [HOSTILE]}], "position": 0,
        "security": HOSTILE, "draft": HOSTILE, "history": [HOSTILE],
    }  # fmt: skip
    async with running(state=state) as pilot:
        assert "\x1b" not in words(pilot.app)
        assert "\u202e" not in words(pilot.app)


def test_the_last_wall_strips_every_control() -> None:
    bad = "".join(map(chr, [*range(32), *range(0x7F, 0xA0), 0x202E, 0x2066, 0x200F, 0x61C]))
    (segment,) = Inert().apply([Segment(f"a{bad}b", Style())], Color(0, 0, 0))
    assert segment.text == "ab"


def test_a_damaged_workspace_keeps_nobody_from_starting() -> None:
    for body in (
        {"visits": 3},
        {"visits": [5]},
        {"position": "x"},
        {"nothing": 1},
        {"visits": [{}], "position": 99},
    ):
        state = FakeState({(KIND, NAME): body})
        assert isinstance(load(state), Workspace)

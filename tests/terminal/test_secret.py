"""Keys on the screen: typed into masked fields, never into the line."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from conftest import Running, enter, settle, words
from fake_desk import FakeDesk, FakeState
from textual.widgets import Input

from engine.errors import DataError, NeedsSecret, SecretField
from engine.page import Page
from terminal.screens.secret import SecretPrompt
from terminal.secret_entry import ask_on_console

KEY = "sesame0opens1"


def asking(keep: Callable[[Mapping[str, str]], str]) -> NeedsSecret:
    fields = (SecretField("key", "Made Up [b]key"), SecretField("passphrase", "passphrase"))
    return NeedsSecret(
        "The key of Made Up", ("had at [@click=app.quit]https://made.example",), fields, keep, "AAPL DES"
    )


class AskingDesk(FakeDesk):
    """Asks for a secret where KEYS SET is typed."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[dict[str, str]] = []

    def run(self, line: str, **named: Any) -> Page:
        if line.upper().startswith("KEYS SET"):
            raise asking(self.keep)
        return super().run(line, **named)

    def keep(self, values: Mapping[str, str]) -> str:
        if len(values["passphrase"]) < 8:
            raise DataError("A passphrase of 8 characters is needed.")
        self.kept.append(dict(values))
        return "kept in a file"


async def test_a_key_is_typed_into_a_masked_field(running: Running) -> None:
    desk = AskingDesk()
    async with running(desk) as pilot:
        await enter(pilot, "KEYS SET FRED")
        assert isinstance(pilot.app.screen, SecretPrompt)
        await pilot.press(*KEY, "enter", *"short", "enter")
        await settle_prompt(pilot)
        assert isinstance(pilot.app.screen, SecretPrompt)  # the fault stands in it, what was typed too
        assert desk.kept == []
        assert all(field.password for field in pilot.app.screen.query(Input))
        await pilot.press(*"er-longer", "enter")
        await settle_prompt(pilot)
        await settle(pilot)
        assert desk.kept == [{"key": KEY, "passphrase": "shorter-longer"}]
        assert not isinstance(pilot.app.screen, SecretPrompt)
        assert "Description" in words(pilot.app)  # what comes after was run
        assert KEY not in words(pilot.app)
        assert pilot.app.session.history.lines == ["KEYS SET FRED"]


async def test_escape_leaves_with_nothing_kept(running: Running) -> None:
    desk = AskingDesk()
    async with running(desk) as pilot:
        await enter(pilot, "KEYS SET FRED")
        await pilot.press(*KEY, "escape")
        await settle(pilot)
        assert desk.kept == []
        assert not isinstance(pilot.app.screen, SecretPrompt)
        await enter(pilot, "AAPL DES")
        assert "Description" in words(pilot.app)


async def test_a_key_in_the_line_is_neither_run_nor_remembered(running: Running) -> None:
    desk, state = AskingDesk(), FakeState()
    async with running(desk, state=state) as pilot:
        await enter(pilot, f"KEYS SET FRED {KEY}")
        assert "not typed into the line" in " ".join(words(pilot.app).split())
        assert not isinstance(pilot.app.screen, SecretPrompt)
        assert pilot.app.session.history.lines == []
        assert KEY not in words(pilot.app)
        await pilot.press(*f"KEYS SET FRED {KEY}")
        pilot.app.flush()  # the line drops while the key still stands in it
    assert KEY not in repr(vars(state))


async def settle_prompt(pilot: Any) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def test_piped_lines_are_read_one_a_field() -> None:
    kept: list[dict[str, str]] = []

    def keep(values: Mapping[str, str]) -> str:
        kept.append(dict(values))
        return "kept"

    assert ask_on_console(asking(keep), io.StringIO(f"{KEY}\ncorrect horse\n")) == "kept"
    assert kept == [{"key": KEY, "passphrase": "correct horse"}]
    with pytest.raises(DataError, match="one line each"):
        ask_on_console(asking(keep), io.StringIO(f"{KEY}\n"))

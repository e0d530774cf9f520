"""Progress: a line that rewrites itself where somebody looks, without a single escape code; else silence."""

from __future__ import annotations

import io
import sys

import pytest

from terminal import progress
from terminal.progress import WIDTH, Meter


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    made = Screen()
    monkeypatch.setattr(sys, "stderr", made)
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    return made


def test_a_screen_sees_the_share_and_ends_with_a_clean_line(screen: Screen) -> None:
    with Meter("loading", always=True) as meter:
        meter(1, 4, "prices\x1b[31m")
        meter(4, 4, "done")
    text = screen.getvalue()
    assert text.startswith("asof: loading\n\r 25% prices")
    assert "\x1b" not in text
    assert text.endswith("\r" + " " * WIDTH + "\r")


def test_short_work_says_nothing(screen: Screen) -> None:
    with Meter("AAPL GP") as meter:
        meter(1, 2, "reading")
    assert screen.getvalue() == ""


def test_long_names_do_not_wrap(screen: Screen) -> None:
    with Meter("x", always=True) as meter:
        meter(0, 0, "y" * 500)
    assert max(len(part) for line in screen.getvalue().split("\n") for part in line.split("\r")) <= WIDTH


def test_nobody_watching_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr(sys, "stderr", log)
    with Meter("loading", always=True) as meter:
        meter(1, 4, "prices")
    assert log.getvalue() == "asof: loading\n"

"""Progress: a line that rewrites itself where somebody looks, without a single escape code; else silence."""

from __future__ import annotations

import io

from terminal.progress import WIDTH, Meter


class Screen(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_a_screen_sees_the_share_and_ends_with_a_clean_line() -> None:
    screen = Screen()
    with Meter("loading", always=True, stream=screen, interval=0) as meter:
        meter(1, 4, "prices\x1b[31m")
        meter(4, 4, "done")
    text = screen.getvalue()
    assert text.startswith("asof: loading\n\r██░░░░░░░░ 25% prices")
    assert "\x1b" not in text
    assert text.endswith("\r" + " " * WIDTH + "\r")


def test_short_work_says_nothing() -> None:
    screen = Screen()
    with Meter("AAPL GP", stream=screen, interval=0) as meter:
        meter(1, 2, "reading")
    assert screen.getvalue() == ""


def test_long_names_do_not_wrap() -> None:
    screen = Screen()
    with Meter("x", always=True, stream=screen, interval=0) as meter:
        meter(0, 0, "y" * 500)
    assert max(len(part) for line in screen.getvalue().split("\n") for part in line.split("\r")) <= WIDTH


def test_nobody_watching_is_one_line() -> None:
    log = io.StringIO()
    with Meter("loading", always=True, stream=log, interval=0) as meter:
        meter(1, 4, "prices")
    assert log.getvalue() == "asof: loading\n"


def test_a_screen_without_blocks_gets_plain_marks() -> None:
    class Plain(Screen):
        encoding = "ascii"

    screen = Plain()
    with Meter("loading", always=True, stream=screen, interval=0) as meter:
        meter(1, 4, "prices")
    assert "\r##........ 25% prices" in screen.getvalue()

"""One command without the screen: formats, exit codes, pipes, signals."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time

import pytest

from tests import pages
from tests.headless.running import DRIVER, ROOT, asof, environment


@pytest.mark.parametrize("words", [["AAPL GP 5Y"], ["AAPL", "GP", "5Y"]])
def test_json_whole_line_or_words(words: list[str]) -> None:
    done = asof(*words, "--json")
    assert done.returncode == 0
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert document["schema"] == "asof.page/1"
    assert len(document["panels"]) == len(pages.FIGURES)


def test_csv_and_text() -> None:
    assert "ticker,close" in asof("GP", "--csv").stdout
    assert "last 10 of 300 rows" in asof("GP", "--text").stdout


def test_csv_keeps_its_line_ends_through_the_pipe() -> None:
    done = subprocess.run(
        [*DRIVER, "GP", "--csv", "--panel=bars"], capture_output=True, cwd=ROOT, env=environment(), check=True
    )
    assert done.stdout == b"label,value\r\n2007,1.5\r\n2008,-3.0\r\n"


def test_piped_without_a_format_is_text() -> None:
    assert asof("GP").stdout.startswith("AAPL US EQUITY prices\n")


@pytest.mark.parametrize("form", ["--json", "--csv", "--text"])
def test_nothing_that_acts_on_a_terminal_is_piped(form: str) -> None:
    done = asof("GP", form, TERM="xterm-256color", COLORTERM="truecolor")
    assert not set("\x1b\x9b\x07\u202e\r") & set(done.stdout.replace("\r\n", "\n"))
    assert pages.HOSTILE_CLEAN in done.stdout


def test_width() -> None:
    assert max(map(len, asof("GP", "--width", "60", "--panel=candles").stdout.splitlines())) <= 60


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["FAIL"], 2, "asof: No function FAIL.\n  FAIL\n  ^^^^\n  try: AAPL FA\n"),
        (["NODATA"], 3, "asof: Nothing of that is known.\n"),
        (["DAMAGED"], 4, "asof: a file is missing\n"),
        (["CANCEL"], 130, "asof: cancelled\n"),
        (["CRASH"], 1, "ZeroDivisionError: by zero\n"),
        (["GP", "--panel", "nosuch"], 2, "asof: the page has no panel nosuch; it has table, metrics,"),
        (["GP", "--jsn"], 2, "asof: no option --jsn; did you mean --json?\n"),
        (["GP", "--json", "--csv"], 2, "exclude each other"),
        (["GP", "--asof"], 2, "--asof needs a value"),
        (["GP", "--asof", "never"], 2, "asof: --asof: "),
        (["GP", "--width", "many"], 2, "--width takes a number"),
        (["GP", "--keep-going"], 2, "--keep-going belongs to asof run"),
        (["store"], 2, "asof store takes one of"),
        (["run"], 2, "asof run takes one file"),
        ([], 2, "the terminal needs a screen"),
    ],
)
def test_exit_codes_and_messages(words: list[str], code: int, message: str) -> None:
    done = asof(*words)
    assert done.returncode == code
    assert message in done.stderr
    assert done.stdout == ""
    assert "\x1b" not in done.stderr


def test_a_broken_store_is_code_4() -> None:
    done = asof("GP", "--json", FAKE_STORE="broken")
    assert (done.returncode, done.stderr) == (4, "asof: the catalog cannot be read\n")


def test_clocks_are_set_before_the_command() -> None:
    done = asof("STATE", "--asof", "2008-09-15", "--rec=2020-01-01", "--text")
    assert "asof 2008-09-15 00:00:00+00:00" in done.stdout
    assert "rec 2020-01-01 00:00:00+00:00" in done.stdout


def test_words_that_the_shell_kept_together_stay_together() -> None:
    assert 'ECHO "two words" three' in asof("ECHO", "two words", "three").stdout
    assert "ECHO --json" in asof("ECHO", "--", "--json").stdout
    assert "ECHO -5" in asof("ECHO", "-5").stdout


def test_help_and_version() -> None:
    assert "exit codes" in asof("--help").stdout
    assert asof("--version").stdout.startswith("asof 0.")
    assert asof("GP", "-h").returncode == 0


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.Popen(
        [*DRIVER, "MANY", "--text"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=environment(),
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(30) == 0


@pytest.mark.parametrize(
    ("redirection", "code", "message"),
    [
        (">/dev/full", 2, b"asof: cannot write to the standard output: No space left on device\n"),
        (">&-", 2, b"asof: the standard output is closed\n"),
        ("2>&-", 0, b""),
        ("<&-", 0, b""),
    ],
)
def test_closed_and_full_streams(redirection: str, code: int, message: bytes) -> None:
    done = subprocess.run(
        ["sh", "-c", f"exec {DRIVER[0]} -m {DRIVER[2]} GP --json {redirection}"],
        capture_output=True, cwd=ROOT, env=environment(), check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (code, message)


def test_control_c_is_130_and_quiet() -> None:
    process = subprocess.Popen(
        [*DRIVER, "SLEEP", "--text"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=environment(),
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline() == b"asleep\n"
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (130, b"asof: interrupted\n")


def test_a_latin_locale_gets_utf_8_in_pipes() -> None:
    done = asof("GP", "--json", PYTHONIOENCODING="latin-1")
    assert done.returncode == 0
    assert "三菱" in done.stdout


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ([], "terminal home=None line=None asof=None"),
        (["AAPL", "GP", "--asof", "2008-09-15"], "terminal home=None line=AAPL GP asof=2008-09-15"),
        (["AAPL", "GP", "--text"], "AAPL US EQUITY prices"),
    ],
)
def test_with_a_screen_the_terminal_opens_unless_a_page_was_asked_for(words: list[str], shown: str) -> None:
    main, child = pty.openpty()
    try:
        process = subprocess.Popen(
            [*DRIVER, *words],
            stdin=child,
            stdout=child,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=environment(),
        )
        os.close(child)
        told, deadline = b"", time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                piece = os.read(main, 65536)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            told += piece
        assert process.wait(10) == 0
    finally:
        os.close(main)
    assert shown in told.decode()

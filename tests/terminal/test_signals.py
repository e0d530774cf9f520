"""A dropped connection and a polite kill end the program within a second: workspace kept, terminal restored."""

from __future__ import annotations

import json
import os
import signal
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pty_session import Session


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


@pytest.fixture
def session(state: Path) -> Iterator[Session]:
    running = Session(str(state))
    running.wait_for("Welcome")
    running.send("AAPL DES\r")
    running.wait_for("Description")
    yield running
    running.close()


def kept(state: Path) -> dict:
    return json.loads(state.read_text())["workspace/last"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_saves_and_restores(session: Session, state: Path, number: int) -> None:
    session.send("half a li")
    session.wait_for("half a li")
    os.kill(session.pid, number)
    status, seconds = session.wait_end()
    assert seconds < 1
    assert status == 128 + number
    assert [visit["line"] for visit in kept(state)["visits"]] == ["AAPL DES"]
    assert kept(state)["draft"] == "half a li"
    session.settle(0.05)
    tail = session.raw[-400:]
    for sequence in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1000l"):
        assert sequence in tail
    assert b"Traceback" not in session.raw
    assert termios.tcgetattr(session.fd)[3] == session.attributes[3]


def test_the_closed_pty_ends_it(session: Session, state: Path) -> None:
    os.close(session.fd)
    started = time.monotonic()
    while time.monotonic() - started < 5:
        pid, _status = os.waitpid(session.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(0.01)
    assert time.monotonic() - started < 1
    session.pid = 0
    assert [visit["line"] for visit in kept(state)["visits"]] == ["AAPL DES"]


def test_the_closed_pty_ends_it_under_a_leader_that_lives_on(state: Path, tmp_path: Path) -> None:
    """As under ``make run``: the kernel tells the session's leader alone, and that one only waits for us."""
    ended = tmp_path / "ended"
    running = Session(str(state), under=("sh", "-c", f'trap : HUP; "$@"; echo $? > {ended}', "sh"))
    running.wait_for("Welcome")
    running.send("AAPL DES\r")
    running.wait_for("Description")
    os.close(running.fd)
    started = time.monotonic()
    while not (ended.exists() and ended.read_text()) and time.monotonic() - started < 5:
        time.sleep(0.01)
    assert time.monotonic() - started < 1
    assert ended.read_text().strip() == str(128 + signal.SIGHUP)
    os.waitpid(running.pid, 0)
    assert [visit["line"] for visit in kept(state)["visits"]] == ["AAPL DES"]


def test_while_a_line_runs(session: Session, state: Path) -> None:
    session.send("SLOW\r")
    session.wait_for("working")
    os.kill(session.pid, signal.SIGTERM)
    assert session.wait_end()[1] < 1
    assert kept(state)["history"][-1] == "SLOW"


def test_while_the_screen_itself_hangs(state: Path) -> None:
    session = Session("stuck", str(state))
    session.wait_for("Welcome")
    session.send("AAPL DES\r")
    session.wait_for("Description")
    session.send("\x0c")  # Ctrl+L: blocks the loop for half a minute
    session.settle(0.1)
    os.kill(session.pid, signal.SIGTERM)
    status, seconds = session.wait_end()
    assert (status, seconds < 1) == (128 + signal.SIGTERM, True)
    assert kept(state)["visits"]
    assert b"\x1b[?1049l" in session.raw
    session.close()


def test_while_loading_the_first_data(state: Path) -> None:
    session = Session("loading", str(state))
    session.wait_for("Loading market data")
    session.send("AAPL DES")
    session.wait_for("AAPL DES")
    os.kill(session.pid, signal.SIGHUP)
    assert session.wait_end()[1] < 1
    session.close()


def test_interrupts_do_no_harm(session: Session) -> None:
    os.kill(session.pid, signal.SIGINT)
    session.send("\x03\x03")
    session.send("AAPL HP\r")
    session.wait_for("Prices as traded")
    session.send("\x11")
    assert session.wait_end()[0] == 0


def test_the_workspace_is_kept_while_running(session: Session, state: Path) -> None:
    deadline = time.monotonic() + 3
    while not state.exists() and time.monotonic() < deadline:
        session.read(0.05)
    os.kill(session.pid, signal.SIGKILL)
    session.wait_end()
    again = Session(str(state))
    again.wait_for("Description")
    assert "AAPL DES" in kept(state)["visits"][0]["line"]
    again.close()


def test_ended_before_the_desk_is_open_nothing_is_forgotten(state: Path) -> None:
    before = {"visits": [{"line": "AAPL DES"}], "position": 0, "asof": "2008-09-16T03:59:59.999999+00:00",
              "security": "AAPL US EQUITY", "history": ["AAPL DES"], "theme": "asof-light"}  # fmt: skip
    state.write_text(json.dumps({"workspace/last": before}))
    session = Session("loading", str(state))
    session.wait_for("AAPL US EQUITY")
    os.kill(session.pid, signal.SIGHUP)
    session.wait_end()
    session.close()
    after = kept(state)
    assert {name: after[name] for name in ("asof", "security", "history", "theme")} == {
        name: before[name] for name in ("asof", "security", "history", "theme")
    }
    assert after["visits"][0]["line"] == "AAPL DES"


def test_what_is_typed_before_the_first_frame_is_not_lost(state: Path) -> None:
    session = Session(str(state))
    deadline = time.monotonic() + 10
    while b"\x1b[?25l" not in session.raw and time.monotonic() < deadline:
        session.read(0.05)
    session.send("AAPL DES\r")
    session.wait_for("Description")
    session.close()


def test_a_burst_of_keys_in_a_panel_reaches_the_line_whole(session: Session) -> None:
    session.send("AAPL GP\r")
    session.wait_for("Price, daily")
    session.settle()
    session.send("\t")
    session.wait_for("crosshair")
    session.send("AAPL HP 0L\r")  # blanks, digits and letters that the chart has keys of
    session.wait_for("Prices as traded")
    session.settle()
    session.send("\x1b[A")
    session.wait_for("> AAPL HP 0L")

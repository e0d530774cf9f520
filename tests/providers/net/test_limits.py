"""Limits hold over processes, users, killed processes and clocks that are set back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from providers.errors import Kind, SourceError
from providers.limit_log import Log, Reading, Turn
from providers.limits import Budget, RateLimits, fingerprint, limit_words
from providers.patience import quiet
from providers.source import Limit, Service, SourceInfo
from tests.providers.sources.loopback import Asked, Said, serving

ROOT = Path(__file__).parents[3]


def info(*limits: Limit) -> SourceInfo:
    return SourceInfo("made", "Made Up", {"": "https://x"}, (Service("bars"),), limits, "None.")


class Clock:
    """A box whose clocks are turned by hand."""

    def __init__(self) -> None:
        self.boot, self.uptime, self.wall = "first", 1000.0, 1_800_000_000.0

    def __call__(self) -> Reading:
        return Reading(self.boot, self.uptime, self.wall)

    def go(self, seconds: float) -> None:
        self.uptime += seconds
        self.wall += seconds


def limits_at(path: Path, clock: Clock, user: str = "ann", patience: float = 0.0) -> RateLimits:
    return RateLimits(path / "limits.sqlite", user, clock=clock, patience=patience)


def call(budget: Budget) -> None:
    budget.acquire(lambda: False, quiet).done("200")


def blocked(budget: Budget) -> SourceError:
    with pytest.raises(SourceError) as caught:
        call(budget)
    assert caught.value.kind is Kind.RATE_LIMIT
    return caught.value


def test_several_limits_hold_at_once(tmp_path: Path) -> None:
    clock = Clock()
    limits = limits_at(tmp_path, clock)
    about = info(Limit(5, 60), Limit(8, 86400))
    budget = limits.budget(about, {"key": "abc"})
    for _ in range(5):
        call(budget)
    error = blocked(budget)
    assert "Made Up's limit of 5 a minute is used up: the next call is free at" in str(error)
    assert error.retry_after == pytest.approx(60)
    assert [left.words for left in limits.left(about, {"key": "abc"})] == ["0 of 5 a minute", "3 of 8 a day"]
    clock.go(61)
    for _ in range(3):
        call(budget)
    clock.go(61)
    assert "8 a day" in str(blocked(budget))
    assert limits.left(about, {"key": "abc"})[1].frees_in == pytest.approx(86400 - 122)
    clock.go(86400)
    call(budget)
    limits.close()


def test_another_key_and_another_source_have_their_own(tmp_path: Path) -> None:
    limits = limits_at(tmp_path, Clock())
    about = info(Limit(1, 60))
    for secrets in ({"key": "one"}, {"key": "two"}, {}):
        call(limits.budget(about, secrets))
        blocked(limits.budget(about, secrets))
    assert fingerprint({"key": "one"}) != fingerprint({"key": "two"})
    assert fingerprint({"a": "1", "b": "2"}) == fingerprint({"b": "2", "a": "1"})
    found = limits.last_answer(about, {"key": "one"})
    assert found is not None
    assert found[1] == "200"
    limits.close()


def test_no_key_stands_in_the_file(tmp_path: Path) -> None:
    limits = limits_at(tmp_path, Clock())
    call(limits.budget(info(Limit(1, 60)), {"key": "sesame-opens"}))
    limits.close()
    assert b"sesame" not in (tmp_path / "limits.sqlite").read_bytes()


@pytest.mark.parametrize("wall", [-7200.0, 7200.0, -1e8])
def test_setting_the_clock_neither_frees_nor_blocks(tmp_path: Path, wall: float) -> None:
    clock = Clock()
    limits = limits_at(tmp_path, clock)
    budget = limits.budget(info(Limit(2, 60)), {})
    call(budget)
    clock.wall += wall
    call(budget)
    blocked(budget)
    clock.go(61)
    call(budget)
    limits.close()


def test_a_restart_goes_on_by_the_wall_clock(tmp_path: Path) -> None:
    clock = Clock()
    limits = limits_at(tmp_path, clock)
    budget = limits.budget(info(Limit(1, 86400)), {})
    call(budget)
    clock.boot, clock.uptime, clock.wall = "second", 5.0, clock.wall + 3600
    assert blocked(budget).retry_after == pytest.approx(86400 - 3600)
    clock.boot, clock.uptime, clock.wall = "third", 5.0, clock.wall - 9999  # set back while it was off
    assert blocked(budget).retry_after == pytest.approx(86400 - 3600)
    limits.close()


def test_a_pause_that_the_source_asks_for_holds_for_all(tmp_path: Path) -> None:
    clock = Clock()
    limits, other = limits_at(tmp_path, clock), limits_at(tmp_path, clock, "bob")
    about = info(Limit(100, 1))
    limits.budget(about, {}).pause(500)
    assert "pause is not over" in str(blocked(other.budget(about, {})))
    clock.go(501)
    call(other.budget(about, {}))
    limits.close()
    other.close()


def test_a_call_counts_from_its_answer(tmp_path: Path) -> None:
    clock = Clock()
    limits = limits_at(tmp_path, clock)
    budget = limits.budget(info(Limit(1, 60)), {})
    lease = budget.acquire(lambda: False, quiet)
    clock.go(100)
    lease.arrived()
    assert blocked(budget).retry_after == pytest.approx(60)
    limits.close()


def test_who_had_less_goes_first(tmp_path: Path) -> None:
    clock = Clock()
    log = Log(tmp_path / "limits.sqlite", clock)
    limit = (Limit(3, 60),)
    for _ in range(3):
        done = log.ask("made:x", limit, Turn("ann"))
        assert done.call is not None
        log.arrived(done.call)
        clock.go(5)
    first, second = Turn("ann"), Turn("bob")
    for _ in range(23):  # both show that they wait, until one call is free
        assert log.ask("made:x", limit, first).call is None
        assert log.ask("made:x", limit, second).call is None
        clock.go(2)
    assert log.ask("made:x", limit, first).call is None  # waits longer, but had three
    assert log.ask("made:x", limit, second).call is not None
    log.close()


def test_waiting_is_told_and_can_be_left(tmp_path: Path) -> None:
    limits = RateLimits(tmp_path / "limits.sqlite", "ann")
    budget = limits.budget(info(Limit(1, 30)), {})
    call(budget)
    stop, told = threading.Event(), []
    threading.Timer(0.2, stop.set).start()
    with pytest.raises(SourceError) as caught:
        budget.acquire(stop.is_set, lambda *said: told.append(said[2]))
    assert caught.value.kind is Kind.CANCELLED
    assert told[0] == "waiting 30 s for Made Up's limit of 1 in 30 s"
    limits.close()


def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "limits.sqlite"
    path.write_bytes(b"no database at all " * 500)
    limits = RateLimits(path, "ann")
    call(limits.budget(info(Limit(1, 60)), {}))
    limits.close()
    assert path.with_name("limits.sqlite.damaged").exists()


def test_the_file_is_as_open_as_its_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o2775)
    limits = RateLimits(tmp_path / "limits.sqlite", "ann")
    call(limits.budget(info(Limit(1, 60)), {}))
    limits.close()
    assert (tmp_path / "limits.sqlite").stat().st_mode & 0o777 == 0o664


def test_limits_in_words() -> None:
    said = [limit_words(limit) for limit in (Limit(5, 60), Limit(500, 86400), Limit(10, 1), Limit(2, 0.5))]
    assert said == ["5 a minute", "500 a day", "10 a second", "2 in 0.5 s"]


# -- processes --------------------------------------------------------------------------------------------

WORKER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from providers.http import Client
    from providers.limits import RateLimits
    from providers.source import Limit, Service, SourceInfo

    url, path, user, calls, rate, window = sys.argv[1:7]
    info = SourceInfo("made", "Made Up", {"": url}, (Service("bars"),), (Limit(int(rate), float(window)),), "None.")
    limits = RateLimits(Path(path), user)
    with Client(user_agent="asof/1", limits=limits) as client:
        for number in range(int(calls)):
            client.send("GET", url, params={}, headers={}, data=None, shown=url, max_bytes=1000,
                        cancelled=lambda: False, budget=limits.budget(info, {"key": "shared"}))
            print(number, flush=True)
    """
)


def start(url: str, path: Path, user: str, calls: int, rate: int, window: float) -> subprocess.Popen[str]:
    words = [url, str(path), user, str(calls), str(rate), str(window)]
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, *words], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def most_in_any(window: float, times: list[float]) -> int:
    return max(sum(at <= other < at + window for other in times) for at in times)


def test_four_processes_never_exceed_the_limit_in_any_window(tmp_path: Path) -> None:
    came: list[float] = []
    lock = threading.Lock()

    def count(asked: Asked) -> Said:
        with lock:
            came.append(time.monotonic())
        return Said(b"x")

    with serving(count) as server:
        workers = [
            start(server.url, tmp_path / "limits.sqlite", f"user{n % 3}", 10, 8, 0.7) for n in range(4)
        ]
        for worker in workers:
            worker.communicate(timeout=60)
            assert worker.returncode == 0
    assert len(came) == 40
    assert most_in_any(0.7, came) <= 8


def test_a_killed_process_holds_nothing_up(tmp_path: Path) -> None:
    with serving(lambda _: Said(b"x")) as server:
        hog = start(server.url, tmp_path / "limits.sqlite", "hog", 1000, 1, 0.5)
        assert hog.stdout is not None
        hog.stdout.readline()
        hog.send_signal(signal.SIGKILL)
        hog.communicate(timeout=10)
        other = start(server.url, tmp_path / "limits.sqlite", "other", 3, 1, 0.5)
        told, _ = other.communicate(timeout=30)
    assert told.split() == ["0", "1", "2"]

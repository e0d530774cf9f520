"""Eight processes append and read one store while some are killed at each step of a commit.

A worker writes a line to its own journal, flushed to disk, after each acknowledged commit. Whatever is in
a journal must be in the store; and a commit's rows, spread over three tables, are all there or none.
"""

from __future__ import annotations

import itertools
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from store import open_store
from store.clock import utc_now

POINTS = ("temporary written", "renamed", "before commit", "after commit")
WRITERS, READERS = 5, 3
SECONDS = 60.0
NICE = ("nice", "-n", "5")  # eight that never rest leave the tests beside them some of the machine
ROOT = Path(__file__).resolve().parents[2]


def start(role: str, home: Path, journal: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.worker", role, str(home), str(journal), *words]
    return subprocess.Popen([*NICE, *command], cwd=ROOT, stderr=subprocess.PIPE, text=True)


def run_for(seconds: float, home: Path, folder: Path) -> tuple[set[str], int, int]:
    """Keep the eight going; answers the acknowledged batches, and how many were killed and started."""
    random.seed(5)
    numbers = itertools.count()
    points = itertools.cycle([*POINTS, ""])

    def worker(role: str) -> subprocess.Popen[str]:
        number = next(numbers)
        words = [next(points), str(random.randint(2, 12))] if role == "write" else []
        return start(role, home, folder / f"{role}-{number}", str(number), *words)

    until = time.monotonic() + seconds
    running = {index: worker("write" if index < WRITERS else "read") for index in range(WRITERS + READERS)}
    killed = 0
    while time.monotonic() < until:
        time.sleep(0.05)
        for index, process in running.items():
            if process.poll() is None:
                if random.random() < 0.004:
                    process.kill()  # also at no particular point
                continue
            killed += expected_end(process)
            running[index] = worker("write" if index < WRITERS else "read")
    for process in running.values():
        process.terminate()
    for process in running.values():
        process.wait(30)
        killed += expected_end(process)
    acknowledged = {
        line for path in folder.glob("write-*") for line in path.read_text().split("\n")[:-1] if line
    }
    return acknowledged, killed, next(numbers)


def expected_end(process: subprocess.Popen[str]) -> int:
    """1 where it was killed, 0 where it was told to end; anything else is a failure of the store."""
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    assert process.returncode in (0, -signal.SIGKILL, -signal.SIGTERM), said
    return int(process.returncode == -signal.SIGKILL)


def hold(seconds: float, tmp_path: Path) -> None:
    home, journals = tmp_path / "home", tmp_path / "journals"
    journals.mkdir()
    acknowledged, killed, started = run_for(seconds, home, journals)
    assert killed >= len(POINTS)
    assert len(acknowledged) > started

    store = open_store(home)
    kept = {batch.dataset for batch in store.batches() if batch.kind == "append"}
    assert acknowledged <= kept, "an acknowledged commit was lost"
    assert len(kept - acknowledged) <= started, "a worker lost more than the commit it was killed in"
    assert store.check() == []
    # One batch that all writers tried was committed by one of them.
    assert [batch.dataset for batch in store.batches()].count("everyone's") == 1
    # What the killed left behind goes; what is live stays.
    before = store.reader(utc_now()).observations(None)
    store.vacuum(0, removed_grace_seconds=0)
    live = {path.name for path in (home / "data").glob("*/*")}
    assert not any(name.endswith(".tmp") for name in live)
    assert store.check() == []
    assert store.reader(utc_now()).observations(None).equals(before)
    rows = {batch.dataset: batch.rows for batch in store.batches() if batch.kind == "append"}
    assert before.height == sum(count["observations"] for count in rows.values())
    store.close()


@pytest.mark.slow
def test_eight_processes_lose_nothing_in_a_minute(tmp_path: Path) -> None:
    hold(SECONDS, tmp_path)

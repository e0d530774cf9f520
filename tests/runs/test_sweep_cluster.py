"""A real Dask cluster on this machine: the same bytes, also where a worker is killed in the middle."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import DataError
from engine.runs.pool import cluster
from engine.runs.sweep_keep import Kept
from engine.runs.sweep_run import Carrying
from engine.runs.sweep_work import work
from tests.runs.sweeping import made_store, order
from tests.runs.test_sweep_run import alone, files

pytest.importorskip("distributed", reason="Dask is not installed: pip install 'asof[cluster]'")
ROOT = Path(__file__).parents[2]
CODE = """
class Up:
    def __init__(self, sessions=20): self.sessions = sessions
    def decide(self, day):
        if len(day.close) > self.sessions:
            return {day.symbols[0]: float(day.close[-1, 0] > day.close[-1 - self.sessions, 0])}
"""


def started(*words: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words], env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler's address and its two workers."""
    file = tmp_path / "scheduler.json"
    first = started(
        "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)
    )
    workers: list[subprocess.Popen[bytes]] = []
    try:
        deadline = time.monotonic() + 30
        while not file.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        options = ("--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1")
        for at in range(2):
            folder = str(tmp_path / f"worker{at}")
            workers.append(started("worker", address, *options, "--local-directory", folder))
        yield address, workers
    finally:
        for each in (*workers, first):
            each.kill()
            each.wait()


def _await_workers(address: str, count: int) -> None:
    from distributed import Client

    with Client(address, timeout="20s", set_as_default=False) as client:
        client.wait_for_workers(count, timeout=30)


def test_a_cluster_gives_the_same_bytes_with_a_worker_killed(
    scheduler: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path
) -> None:
    address, workers = scheduler
    store, ids = made_store(tmp_path / "home")
    given = order(store, ids, batch=4)
    kept = Kept(tmp_path / given.id)
    kept.begin(given)
    _await_workers(address, 2)
    killed: list[int] = []

    def told(done: int, total: int, label: str) -> None:
        if done and not killed:
            killed.append(done)
            os.kill(workers[0].pid, signal.SIGKILL)

    assert Carrying(given, store.home, kept, lambda: cluster(address), 2, told=told).run()
    assert killed
    assert killed[0] < given.points
    assert files(kept.folder) == alone(store, given)
    own = order(
        store, ids, "sessions={5,10,20}", kind="code", code=("up", CODE), accounts=False, batch=1, fast=()
    )
    with cluster(address) as pool:  # by the worker that is left; the source comes with the order
        sent = [
            pool.submit(work, own.document(), str(store.home), each.number).result() for each in own.batches
        ]
    assert sent == alone(store, own)


def test_nobody_there_is_said() -> None:
    from engine.runs import pool

    before, pool._PATIENCE = pool._PATIENCE, "0.5s"
    try:
        with pytest.raises(DataError, match="No Dask scheduler answers"), cluster("tcp://127.0.0.1:9"):
            pass
    finally:
        pool._PATIENCE = before

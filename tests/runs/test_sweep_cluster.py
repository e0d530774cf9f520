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
from engine.runs.sweep_order import Order
from engine.runs.sweep_place import Place, published_place
from engine.runs.sweep_run import Carrying
from engine.runs.sweep_work import work
from tests.runs.sweeping import made_store, order
from tests.runs.test_sweep_run import alone, files
from tests.store.objects.s3 import S3, serving

pytest.importorskip("distributed", reason="Dask is not installed: pip install 'asof[cluster]'")
PUBLISHED = "s3://research/asof"
ROOT = Path(__file__).parents[2]
CODE = """
class Up:
    def __init__(self, sessions=20): self.sessions = sessions
    def decide(self, day):
        if len(day.close) > self.sessions:
            return {day.symbols[0]: float(day.close[-1, 0] > day.close[-1 - self.sessions, 0])}
"""


def started(*words: str, **more: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **more,
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words], env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.fixture
def storage() -> Iterator[S3]:
    with serving() as held:
        yield held


@pytest.fixture
def scheduler(tmp_path: Path, storage: S3) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler's address and its three workers, each with a home of its own in which there is nothing."""
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
        for at in range(3):
            folder = str(tmp_path / f"worker{at}")
            where = {**storage.environment(), "ASOF_HOME": f"{folder}-home"}
            workers.append(started("worker", address, *options, "--local-directory", folder, **where))
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
    scheduler: tuple[str, list[subprocess.Popen[bytes]]], storage: S3, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    address, workers = scheduler
    store, ids = made_store(tmp_path / "home")
    given = order(store, ids, batch=4)
    wanted = alone(store, given)
    _await_workers(address, 3)
    assert _with_one_killed(given, store.home, address, workers[0], tmp_path / "shared") == wanted
    for name, value in storage.environment().items():
        monkeypatch.setenv(name, value)
    store.publish(PUBLISHED)
    place = published_place(store, given, PUBLISHED)
    storage.faults[("GET", "/data/")] = [503, "cut", "wrong", 503]
    assert _with_one_killed(given, place, address, workers[1], tmp_path / "published") == wanted
    assert not storage.faults[("GET", "/data/")]
    fetched = {path.name for path in tmp_path.glob("worker*-home/cache/published/*/data/*/*.parquet")}
    assert fetched == {path.name for path in (store.home / "data").glob("*/*.parquet")}
    own = order(
        store, ids, "sessions={5,10,20}", kind="code", code=("up", CODE), accounts=False, batch=1, fast=()
    )
    with cluster(address) as pool:  # by the worker that is left; the source comes with the order
        sent = [pool.submit(work, own.document(), place, each.number).result() for each in own.batches]
        with pytest.raises(DataError, match=r"does not see the store's folder.*asof store publish"):
            pool.submit(work, own.document(), Place(str(tmp_path / "elsewhere")), 0).result()
    assert sent == alone(store, own)


def _with_one_killed(
    given: Order, home: Path | Place, address: str, worker: subprocess.Popen[bytes], folder: Path
) -> list[bytes]:
    """The batches of an order, of whose workers one is killed once the first is done."""
    kept = Kept(folder)
    kept.begin(given)
    killed: list[int] = []

    def told(done: int, total: int, label: str) -> None:
        if done and not killed:
            killed.append(done)
            os.kill(worker.pid, signal.SIGKILL)

    assert Carrying(given, home, kept, lambda: cluster(address), 2, told=told).run()
    assert killed
    assert killed[0] < given.points
    return files(kept.folder)


def test_nobody_there_is_said() -> None:
    from engine.runs import pool

    before, pool._PATIENCE = pool._PATIENCE, "0.5s"
    try:
        with pytest.raises(DataError, match="No Dask scheduler answers"), cluster("tcp://127.0.0.1:9"):
            pass
    finally:
        pool._PATIENCE = before

"""What several test folders share: a store with the embedded data in it, loaded once a run."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from store import Store, open_store
from terminal.cli import one_thread

# the tests' present: after all embedded data
PRESENT = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)

# Nothing here may reach the network, the programs that tests start included. Tests of what is fetched hand
# in loopback addresses and say so.
os.environ["ASOF_OFFLINE"] = "1"
one_thread()  # as the program has it; workers of a run would otherwise fight over the cores


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--nightly", action="store_true", help="also run what takes long")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items[:] = slow_first(items, int(getattr(config, "workerinput", {}).get("workercount", 1)))
    if config.getoption("--nightly"):
        return
    skip = pytest.mark.skip(reason="takes long: only with --nightly")
    for item in items:
        if "nightly" in item.keywords:
            item.add_marker(skip)


def slow_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """Each worker's share, as ``--dist worksteal`` deals it at first, with some of the slow ones at its head: begun
    last, a long one would be waited for by all."""
    slow = [item for item in items if "slow" in item.keywords]
    rest = iter([item for item in items if "slow" not in item.keywords])
    dealt: list[pytest.Item] = []
    for worker in range(workers):
        own = slow[worker::workers]
        share = (len(items) - len(dealt)) // (workers - worker)
        dealt += [*own, *islice(rest, max(share - len(own), 0))]
    return dealt


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A short name where a test is given a long text: forty megabytes would go to every worker and back."""
    return f"{argname}-of-{len(val)}" if isinstance(val, str | bytes) and len(val) > 200 else None


@pytest.fixture(scope="session")
def embedded_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the embedded data, shared by all workers of a run: never write to it."""
    from providers.embedded import embedded_loaded, load_embedded

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    home = shared / "embedded"
    with (shared / "embedded.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        store = open_store(home)
        if not embedded_loaded(store):
            load_embedded(store)
    return home


@pytest.fixture
def home(embedded_home: Path, tmp_path: Path) -> Path:
    """A home of the test's own, with the embedded data: immutable files are linked, the rest is copied."""
    own = tmp_path / "home"

    def link(source: str, target: str) -> str:
        if source.endswith(".parquet"):
            Path(target).hardlink_to(source)
            return target
        return shutil.copy2(source, target)

    shutil.copytree(embedded_home, own, copy_function=link)
    return own


@pytest.fixture
def make_desk(home: Path) -> Iterator[Callable[..., object]]:
    """Desks on the test's own home, at a present that stands still."""
    from engine.desk import Desk

    desks: list[Desk] = []

    def make(user: str = "tester", store: Store | None = None) -> Desk:
        desk = Desk(store or open_store(home), user, clock=lambda: PRESENT)
        desks.append(desk)
        return desk

    yield make
    for desk in desks:
        desk.close()


@pytest.fixture(scope="session", autouse=True)
def children_end() -> Iterator[None]:
    """Processes that outlive a terminal do not outlive the tests."""
    yield
    import sys

    outliving = sys.modules.get("engine.outliving")
    for work in outliving.started if outliving is not None else ():
        work.wait(30)

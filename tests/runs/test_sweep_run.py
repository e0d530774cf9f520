"""A sweep's bytes are the same whoever works it off, in whatever order, killed and taken up again."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from engine.backtest.run import run
from engine.errors import DataError
from engine.runs.pool import Inline, processes
from engine.runs.sweep_keep import Kept
from engine.runs.sweep_order import Order, Subject, order_of
from engine.runs.sweep_run import Carrying
from engine.runs.sweep_work import Worker, packed, read_of, unpacked
from store import Store, open_store
from tests.runs.sweeping import made_store, order


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, dict[str, int]]:
    return made_store(tmp_path_factory.mktemp("sweeps") / "home")


@contextlib.contextmanager
def inline() -> Iterator[Executor]:
    yield Inline()


def worker(store: Store, given: Order) -> Worker:
    asof, recorded = given.instants()
    return Worker(given, store.reader(asof, snapshot=given.snapshot, recorded=recorded))


def alone(store: Store, given: Order) -> list[bytes]:
    """Every batch, one after another in this process."""
    made = worker(store, given)
    return [packed(made.batch(each.number)) for each in given.batches]


def files(folder: Path) -> list[bytes]:
    return [each.read_bytes() for each in sorted(folder.glob("*.npz"))]


def test_an_order_is_its_document(market: tuple[Store, dict[str, int]]) -> None:
    one = order(*market)
    assert order_of(one.document()) == one
    assert one.id == order(*market).id != order(*market, fill="close").id
    assert one.points == 2 * 10 * 5
    parts = [(each.subject, each.points[0], each.points[-1]) for each in one.batches]
    assert parts[4:7] == [(0, 40, 49), (1, 0, 9), (1, 10, 19)]
    other = order(*market, fast=(0,))
    assert other.batches[0].points == tuple(range(0, 50, 5))
    assert sorted(point for each in other.batches[:5] for point in each.points) == list(range(50))


def test_a_batch_is_the_runs_one_by_one(market: tuple[Store, dict[str, int]]) -> None:
    store, _ = market
    given = order(*market)
    made = worker(store, given)
    part = made.batch(7)
    inputs = made.gathered(1).inputs
    for column, point in enumerate(range(20, 30)):
        found = run(inputs, given.spec(given.grid.text(point))).result
        np.testing.assert_array_equal(part.equity[:, column], found.equity)
    assert part.dates[0] == np.datetime64("2017-06-01")
    assert not part.reads
    first = made.batch(5)
    assert [read_of(each).hash for each in first.reads] == [each["hash"] for each in first.reads]
    assert {each["table"] for each in first.reads} >= {"bars", "securities"}


def test_bytes_read_back(market: tuple[Store, dict[str, int]]) -> None:
    store, _ = market
    part = worker(store, order(*market)).batch(0)
    content = packed(part)
    assert packed(unpacked(content)) == content


def test_a_subject_without_prices_says_so_and_the_others_run(market: tuple[Store, dict[str, int]]) -> None:
    store, ids = market
    given = order(*market, subjects=(Subject("CCC", (ids["CCC"],)), Subject("AAA", (ids["AAA"],))))
    made = worker(store, given)
    part = made.batch(0)
    assert "CCC" in part.fault
    assert part.equity.shape == (0, 10)
    assert made.batch(5).fault == ""


def test_processes_give_the_same_bytes(market: tuple[Store, dict[str, int]], tmp_path: Path) -> None:
    store, _ = market
    given = order(*market)
    kept = Kept(tmp_path / given.id)
    kept.begin(given)
    told: list[tuple[int, int, str]] = []
    done = Carrying(
        given, store.home, kept, lambda: processes(2), 2, told=lambda *each: told.append(each)
    ).run()
    assert done
    assert files(kept.folder) == alone(store, given)
    assert told[-1][:2] == (100, 100)
    assert kept.order() == given


def test_a_killed_process_loses_nothing(market: tuple[Store, dict[str, int]], tmp_path: Path) -> None:
    store, _ = market
    given = order(*market, batch=3)
    kept = Kept(tmp_path / given.id)
    kept.begin(given)
    pools: list[ProcessPoolExecutor] = []
    killed: list[int] = []

    @contextlib.contextmanager
    def watched() -> Iterator[Executor]:
        with processes(2) as pool:
            assert isinstance(pool, ProcessPoolExecutor)
            pools.append(pool)
            yield pool

    def told(done: int, total: int, label: str) -> None:
        if done and not killed:
            killed.append(next(iter(pools[0]._processes)))
            os.kill(killed[0], signal.SIGKILL)

    assert Carrying(given, store.home, kept, watched, 2, told=told).run()
    assert len(pools) == 2
    assert files(kept.folder) == alone(store, given)


def test_workers_that_always_die_are_told_of(market: tuple[Store, dict[str, int]], tmp_path: Path) -> None:
    from concurrent.futures import BrokenExecutor

    class Broken(Inline):
        def submit(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            raise BrokenExecutor

    @contextlib.contextmanager
    def broken() -> Iterator[Executor]:
        yield Broken()

    given = order(*market)
    kept = Kept(tmp_path / given.id)
    kept.begin(given)
    with pytest.raises(DataError, match="JOBS RESUME"):
        Carrying(given, market[0].home, kept, broken, 1).run()


def test_stopped_and_taken_up_nothing_is_done_twice(
    market: tuple[Store, dict[str, int]], tmp_path: Path
) -> None:
    store, _ = market
    given = order(*market)
    kept = Kept(tmp_path / given.id)
    kept.begin(given)
    home = store.home
    assert not Carrying(given, home, kept, inline, 1, stopped=lambda: len(kept.done()) >= 3).run()
    before = {each.name: each.stat().st_mtime_ns for each in kept.folder.glob("*.npz")}
    assert 3 <= len(before) < 10
    (kept.folder / sorted(before)[0]).write_bytes(b"cut off")  # as a full disk leaves it
    assert kept.get(0) is None
    assert Carrying(given, home, kept, inline, 1).run()
    after = {each.name: each.stat().st_mtime_ns for each in kept.folder.glob("*.npz")}
    assert all(after[name] == stamp for name, stamp in list(before.items())[:0] + sorted(before.items())[1:])
    assert files(kept.folder) == alone(store, given)


def test_what_came_later_into_the_store_is_not_read(tmp_path: Path) -> None:
    from datetime import timedelta

    import polars as pl

    from store import Batch
    from tests.runs.sweeping import END, _bar

    store, ids = made_store(tmp_path / "home")
    given = order(store, ids, batch=25)
    before = alone(store, given)
    restated = _bar(ids["AAA"], END - timedelta(days=200), 999.0, 999.0)
    store.append(Batch("own market", "restated", "2", {"bars": pl.DataFrame([restated])}))
    assert alone(open_store(store.home), given) == before


def test_old_sweeps_are_taken_away(tmp_path: Path, market: tuple[Store, dict[str, int]]) -> None:
    from engine.runs.sweep_keep import MOST

    given = order(*market)
    for at in range(MOST + 3):
        folder = tmp_path / "sweeps" / f"{at:012d}"
        folder.mkdir(parents=True)
        os.utime(folder, (at, at))
    kept = Kept.at(tmp_path, given.id)
    kept.begin(given)
    left = sorted(each.name for each in (tmp_path / "sweeps").iterdir())
    assert len(left) == MOST
    assert given.id in left
    assert "000000000000" not in left

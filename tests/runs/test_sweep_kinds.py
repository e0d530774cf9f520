"""Points of every kind are the same bytes from other processes, and the same runs as BACKTEST's engines make."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.desk import Desk
from engine.runs.code import folder_of
from engine.runs.fx import fx_run
from engine.runs.pool import processes
from engine.runs.sweep_ask import order_from
from engine.runs.sweep_order import Order, order_of
from engine.runs.sweep_place import Place
from engine.runs.sweep_work import Worker, packed, unpacked, work
from tests.runs.derivatives import pair, two_contracts
from tests.runs.stores import NOW, World
from tests.runs.sweeping import PRESENT, made_store

CODE = """
class Up:
    def __init__(self, sessions=20): self.sessions = sessions
    def decide(self, day):
        if len(day.close) > self.sessions:
            return {day.symbols[0]: float(day.close[-1, 0] > day.close[-1 - self.sessions, 0])}
"""
LINES = (
    "SWEEP AAA FILE=up PARAMETERS=sessions={10,20,x} 1Y",
    "SWEEP AAA BBB sell put delta {0.2,0.4} expiry 30; close at 50% profit; prices simulated 1Y",
    'SWEEP BBB "long when market_wild < {1,2} and mine > 0" 1Y BENCHMARK=AAA SCORES={scores}',
)
DERIVED = (
    "SWEEP EURUSD CLOSE>{3,8}SMA 2021-02-01.. SHORTRATES=USD=4,EUR=1 PIPS=2",
    "SWEEP X CLOSE>{3,8}SMA 2021-01-20.. LOTS=WHOLE",
)


@pytest.fixture(scope="module")
def shares(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    store, _ = made_store(tmp_path_factory.mktemp("kinds") / "home")
    own = folder_of(store.home, "tester")
    own.mkdir(parents=True)
    (own / "up.py").write_text(CODE)
    (store.home / "mine.csv").write_text("date,ticker,mine\n2018-09-03,BBB,1\n2019-02-04,BBB,-1\n")
    return Desk(store, "tester", clock=lambda: PRESENT)


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    world = World(tmp_path_factory.mktemp("derived") / "home")
    two_contracts(world)
    walk = np.cumsum(np.random.default_rng(8).normal(0, 0.004, 90))
    pair(world, "EURUSD", dict(zip(world.days[:90], (1.2 * np.exp(walk)).round(4).tolist(), strict=True)))
    return Desk(world.store, "tester", clock=lambda: NOW)


def ordered(desk: Desk, line: str) -> Order:
    context = desk.context(None, None, None)
    settled = desk._settled(desk.parse(line), context)
    return order_from(context, settled.args, context.securities)


def worker(desk: Desk, order: Order) -> Worker:
    asof, recorded = order.instants()
    return Worker(order, desk.store.reader(asof, snapshot=order.snapshot, recorded=recorded))


def test_other_processes_give_the_same_bytes(shares: Desk, others: Desk) -> None:
    lines = [(shares, each.replace("{scores}", str(shares.store.home / "mine.csv"))) for each in LINES]
    lines += [(others, each) for each in DERIVED]
    with processes(2) as pool:
        running = []
        for desk, line in lines:
            order = ordered(desk, line)
            assert order_of(order.document()) == order
            given = (order.document(), Place(str(desk.store.home)))
            numbers = [batch.number for batch in order.batches]
            running.append((desk, order, [pool.submit(work, *given, number) for number in numbers]))
        for desk, order, futures in running:
            own = worker(desk, order)
            for batch, future in zip(order.batches, futures, strict=True):
                content = future.result()
                assert content == packed(own.batch(batch.number)), order.text
                assert packed(unpacked(content)) == content
                assert np.isfinite(unpacked(content).equity).any()


def test_a_point_is_its_engine_s_run_and_its_reads_are_told_once(others: Desk) -> None:
    order = ordered(others, DERIVED[0])
    made = worker(others, order)
    part = made.batch(0)
    (number,) = order.subjects[0].ids
    start, end = order.bounds(order.subjects[0])
    for column, text in enumerate(("CLOSE>3SMA", "CLOSE>8SMA")):
        spec = order.spec()
        outcome, _, _ = fx_run(
            others.store.reader(NOW), [number], text, start, end, spec.costs, spec.terms, pips=2.0,
            rates={"USD": 0.04, "EUR": 0.01},
        )  # fmt: skip
        np.testing.assert_array_equal(part.equity[:, column], outcome.result.equity)
    assert {each["table"] for each in part.reads} >= {"securities", "closes"}
    assert len({str(each) for each in part.reads}) == len(part.reads)
    assert {read.table for read in made.reader.reads} == {each["table"] for each in part.reads}


def test_scores_that_are_gone_are_told(shares: Desk) -> None:
    order = ordered(shares, LINES[2].replace("{scores}", str(shares.store.home / "mine.csv")))
    kept = folder_of(shares.store.home, "tester") / ".kept" / f"{order.scores}.csv"
    content = kept.read_bytes()
    kept.write_bytes(b"date,ticker,mine\n2018-09-03,BBB,-1\n")
    try:
        assert "was changed since" in worker(shares, order).batch(0).fault
    finally:
        kept.write_bytes(content)


def test_the_order_has_the_source_and_no_path(shares: Desk, tmp_path: Path) -> None:
    order = ordered(shares, LINES[0])
    (folder_of(shares.store.home, "tester") / "up.py").write_text("raise OSError")
    part = worker(shares, order).batch(0)
    (folder_of(shares.store.home, "tester") / "up.py").write_text(CODE)
    assert order.code == ("up", CODE)
    assert [place for place, _ in part.failed] == [2]  # x is no number
    assert str(shares.store.home) not in order.document()

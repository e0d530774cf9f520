"""UNIVERSE=: a position's part of the account hangs on the members of its day, and on nobody who joins later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from engine.backtest.inputs import RunSpec
from engine.backtest.result import Costs, Terms
from engine.backtest.rules import parse, write
from engine.backtest.run import run
from engine.runs.asked import kept_within
from tests.runs.stores import World

FOUNDED = date(2010, 1, 4)


class Index:
    """Two members of an index, and a third stock that joins it on a later day."""

    def __init__(self, world: World) -> None:
        self.world, self.day = world, 200
        self.ids = world.stocks("ONE", "OTHER", "LATER")
        (self.number,) = world.store.identify(["index:OWN"]).values()
        self.add(self.ids[:2], FOUNDED, world.days[0])

    def add(self, ids: list[int], start: date, known: date) -> None:
        clock = self.world.close_of(known) - timedelta(hours=6)
        row = {"security_id": self.number, "start_date": start, "end_date": None, "known_at": clock}
        self.world.append(membership=[{**row, "member_id": n, "ticker": f"M{n}"} for n in ids])

    def join(self) -> None:
        self.add(self.ids[2:], self.world.days[self.day], self.world.days[self.day])

    def weights(self, text: str, *, kept: bool = False) -> np.ndarray:
        """Gross and net, of the whole account, by session (n, 2)."""
        inputs = self.world.gather(universes=(("own", self.number),)).inputs
        if kept:
            inputs = replace(inputs, panels={"own": inputs.members["own"].astype(float)})
            text = write(kept_within(parse(text), "own"))
        result = run(inputs, RunSpec(text, Costs(), Terms(fractional=True), "open", accounts=False)).result
        return np.column_stack([result.gross, result.net])


@pytest.mark.parametrize("size", ["", "; size volatility_target(10%, 20, 1)"])
def test_who_joins_later_takes_no_part_before(world: World, size: str) -> None:
    index, text = Index(world), f"long when close > 0; rebalance daily{size}"
    before = index.weights(text, kept=True)
    index.join()
    after, day = index.weights(text, kept=True), index.day
    assert np.array_equal(before[:day], after[:day])
    if not size:
        assert before[1:] == pytest.approx(
            np.ones((len(before) - 1, 2)), abs=0.05
        )  # two of two members: all of it
        assert after[day + 2 :] == pytest.approx(np.ones((len(after) - day - 2, 2)), abs=0.05)


@pytest.mark.parametrize(
    "text",
    [
        "long top 1 by close in own; short when close < 1000; rebalance daily",
        "long top 1 by close in own; short bottom 100% by volume; rebalance daily",
        "long when close > 0; short bottom 1 by close in own; rebalance daily",
    ],
)
def test_a_side_without_a_universe_of_its_own_is_kept_to_the_others(world: World, text: str) -> None:
    """The run reads all who are ever members: being among them is news of the day on which one joins."""
    index = Index(world)
    before = index.weights(text)
    index.join()
    assert np.array_equal(before[: index.day], index.weights(text)[: index.day])
    assert before.any()

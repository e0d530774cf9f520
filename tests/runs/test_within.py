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


def weights(world: World, index: int, size: str) -> np.ndarray:
    """Of the whole account, by session."""
    inputs = world.gather(universes=(("own", index),)).inputs
    inputs = replace(inputs, panels={"own": inputs.members["own"].astype(float)})
    text = write(kept_within(parse(f"long when close > 0; rebalance daily{size}"), "own"))
    spec = RunSpec(text, Costs(), Terms(fractional=True), "open", accounts=False)
    return np.nansum(run(inputs, spec).result.weights, axis=1)


@pytest.mark.parametrize("size", ["", "; size volatility_target(10%, 20, 1)"])
def test_who_joins_later_takes_no_part_before(world: World, size: str) -> None:
    first, other, later = world.stocks("ONE", "OTHER", "LATER")
    (index,) = world.store.identify(["index:OWN"]).values()
    known = {"known_at": world.close_of(world.days[0]) - timedelta(hours=6)}
    world.append(
        membership=[
            {"security_id": index, "start_date": FOUNDED, "member_id": n, "ticker": "M", "end_date": None, **known}
            for n in (first, other)
        ]
    )  # fmt: skip
    before = weights(world, index, size)
    day = 200
    world.append(
        membership=[{
            "security_id": index, "start_date": world.days[day], "member_id": later, "ticker": "L", "end_date": None,
            "known_at": world.close_of(world.days[day]) - timedelta(hours=6),
        }]
    )  # fmt: skip
    after = weights(world, index, size)
    assert np.array_equal(before[:day], after[:day])
    if not size:
        assert before[1:] == pytest.approx(
            np.ones(len(before) - 1), abs=0.05
        )  # two of two members: all of it
        assert after[day + 2 :] == pytest.approx(np.ones(len(after) - day - 2), abs=0.05)

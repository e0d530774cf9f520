"""Universes of a run: members of each session as known at its close, the dead among them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from engine.errors import DataError
from tests.runs.stores import World, facts, notes, row_of

JOINED, LEFT = date(2021, 4, 1), date(2021, 9, 15)
FOUNDED = date(2010, 1, 4)


def stay(
    world: World, index: int, member: int, start: date, end: date | None = None, **more: Any
) -> dict[str, Any]:
    """A stay known on the morning of the change that its row tells."""
    day = end or start
    known = world.close_of(day) - timedelta(hours=6)
    return {"security_id": index, "start_date": start, "member_id": member, "ticker": f"M{member}", "end_date": end,
            "known_at": known, "known_basis": "estimated: the day of the change", **more}  # fmt: skip


@pytest.fixture
def index(world: World) -> int:
    (number,) = world.store.identify(["index:OWN"]).values()
    return number


def test_members_are_those_of_each_day(world: World, index: int) -> None:
    old, new = world.stocks("OLD", "NEW")
    world.append(membership=[stay(world, index, old, FOUNDED), stay(world, index, new, JOINED)])
    world.append(membership=[stay(world, index, old, FOUNDED, LEFT)])
    found = world.gather(universes=(("own", index),))
    mask = found.inputs.members["own"]
    market = found.inputs.market
    assert market.symbols == ("OLD", "NEW")
    expected = np.array([[day < LEFT, day >= JOINED] for day in world.days])
    np.testing.assert_array_equal(mask, expected)
    told = facts(found)
    assert told["own: members in the run"] == 2
    assert told["own: of them left it"] == 1
    assert told["own: source and basis"] == "a test; days of changes estimated"
    assert told["own: members without any price"] == 0


def test_a_stay_put_right_later_moves_nobody_before(world: World, index: int) -> None:
    one, other = world.stocks("ONE", "OTHER")
    world.append(membership=[stay(world, index, one, FOUNDED), stay(world, index, other, FOUNDED)])
    before = world.gather(universes=(("own", index),)).inputs.members["own"]
    told = date(2021, 11, 10)
    known = {"known_at": world.close_of(told) - timedelta(hours=3)}
    world.append(membership=[stay(world, index, one, FOUNDED, LEFT, **known),
                             stay(world, index, other, FOUNDED, deleted=True, **known)])  # fmt: skip
    found = world.gather(universes=(("own", index),))
    after, row = found.inputs.members["own"], row_of(found, told)
    np.testing.assert_array_equal(after[:row], before[:row])
    assert not after[row:].any()


def test_a_change_announced_before_it_takes_effect_waits_for_its_day(world: World, index: int) -> None:
    (one,) = world.stocks("ONE")
    announced = {"announced_date": date(2021, 3, 25), "known_at": world.close_of(date(2021, 3, 25))}
    world.append(membership=[stay(world, index, one, JOINED, **announced)])
    found = world.gather(universes=(("own", index),))
    np.testing.assert_array_equal(found.inputs.members["own"][:, 0], [day >= JOINED for day in world.days])


def test_the_dead_are_members_and_end(world: World, index: int) -> None:
    dead, alive = world.ids("DEAD", "ALIVE")
    closes = {day: 20.0 for day in world.days if day < LEFT}
    world.append(
        securities=[world.name(dead, "DEAD", delisting_date=LEFT), world.name(alive, "ALIVE")],
        bars=world.bars(dead, closes) + world.bars(alive),
        membership=[stay(world, index, dead, FOUNDED), stay(world, index, alive, FOUNDED)],
    )
    world.append(membership=[stay(world, index, dead, FOUNDED, LEFT)])
    found = world.gather(universes=(("own", index),))
    assert found.inputs.market.symbols == ("DEAD", "ALIVE")
    assert facts(found)["own: of them ended in a delisting"] == 1
    assert found.inputs.members["own"][: row_of(found, LEFT), 0].all()


def test_members_without_prices_are_a_hole_that_is_told(world: World, index: int) -> None:
    (one,) = world.stocks("ONE")
    bare, nameless = world.ids("BARE", "NAMELESS")
    world.append(
        securities=[world.name(bare, "BARE")],
        membership=[stay(world, index, number, FOUNDED) for number in (one, bare, nameless)],
    )
    found = world.gather(universes=(("own", index),))
    assert found.inputs.market.symbols == ("ONE",)
    assert facts(found)["own: members without any price"] == 2
    assert f"2 of 3 members of own have no price in the store for these days (BARE, M{nameless})" in notes(
        found
    )


def test_only_who_belonged_within_the_run_is_read(world: World, index: int) -> None:
    gone, late, one = world.stocks("GONE", "LATE", "ONE")
    start, end = date(2021, 10, 1), date(2021, 12, 31)
    world.append(membership=[stay(world, index, gone, FOUNDED, LEFT), stay(world, index, one, FOUNDED),
                             stay(world, index, late, date(2022, 2, 1))])  # fmt: skip
    found = world.gather(universes=(("own", index),), start=start, end=end, warm_up=20)
    assert found.inputs.market.symbols == ("ONE",)
    assert found.inputs.members["own"].all()  # also while it warms up


def test_named_securities_stand_beside_a_universe(world: World, index: int) -> None:
    one, other = world.stocks("ONE", "OTHER")
    world.append(membership=[stay(world, index, other, FOUNDED)])
    found = world.gather(one, universes=(("own", index),))
    assert found.inputs.market.symbols == ("ONE", "OTHER")
    assert found.inputs.members["own"].any(axis=0).tolist() == [False, True]


def test_an_index_without_members_says_what_to_do(world: World, index: int) -> None:
    with pytest.raises(DataError, match=r"No members of own are known.*asof import"):
        world.gather(universes=(("own", index),))

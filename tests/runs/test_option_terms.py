"""Terms of a contract as its first quotes told them: what a later one says changes no earlier decision."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import numpy as np
import pytest

from engine.backtest.options import ChainMarket
from engine.runs import _option_chain, listed
from engine.runs._option_chain import read_chain
from engine.runs.market_told import Telling
from tests.runs.stores import Row, World

EXPIRY = date(2022, 1, 21)


def quote(number: int, day: date, multiplier: int | None, exercise: str | None) -> Row:
    at = datetime.combine(day, time(19, 45), UTC)
    return {
        "security_id": number, "session_date": day, "quoted_at": at, "contract": "ONE220121P00050000",
        "expiry": EXPIRY, "strike": 50.0, "right": "put", "bid": 1.0, "ask": 1.2, "multiplier": multiplier,
        "exercise": exercise, "known_at": at,
    }  # fmt: skip


def chain(world: World, number: int) -> ChainMarket:
    _option_chain._held.clear()
    reader = world.reader()
    named = listed.named(reader, (number,), {})[number]
    return read_chain(reader, number, named, np.array(world.days, dtype="datetime64[D]"), Telling())


@pytest.mark.parametrize(
    "later", [date(2021, 12, 20), date(2022, 1, 10)]
)  # of the same year, and of the next
def test_terms_told_first_stand(world: World, later: date) -> None:
    (number,) = world.stocks("ONE")
    world.append(option_quotes=[quote(number, date(2021, 12, 1), 100, "american")])
    before = chain(world, number)
    world.append(option_quotes=[quote(number, later, 10, "european")])
    after = chain(world, number)
    assert (before.multiplier.tolist(), before.american.tolist()) == ([100], [True])
    assert (after.multiplier.tolist(), after.american.tolist()) == ([100], [True])


def test_a_chain_that_is_kept_in_memory_is_closed_to_writing(world: World) -> None:
    (number,) = world.stocks("ONE")
    world.append(option_quotes=[quote(number, date(2021, 12, 1), 100, "american")])
    found = chain(world, number)
    for name in ("dates", "first", "contract", "bid", "ask", "strike", "multiplier"):
        assert not getattr(found, name).flags.writeable, name

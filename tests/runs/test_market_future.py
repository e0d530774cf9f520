"""Whatever becomes known later changes nothing that was decided before: random rows, told after a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.runs.wanted import Gathered
from store import Batch
from tests.engine.companies import Company, facts_of
from tests.quant.facts import fact, frame
from tests.runs.stores import World

PRICES = ("open", "high", "low", "close")
FOUNDED = date(2010, 1, 4)


class Future:
    """Two members of an index, with bars, actions, a delisting and filings, to which later news is added."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ids = world.stocks("ONE", "OTHER")
        (self.buyer,) = world.stocks("BUY")  # no member
        (self.index,) = world.store.identify(["index:OWN"]).values()
        known = {"known_at": world.close_of(world.days[0]) - timedelta(hours=6)}
        world.append(
            membership=[
                {"security_id": self.index, "start_date": FOUNDED, "member_id": n, "ticker": "M", "end_date": None,
                 **known} for n in self.ids
            ],
            actions=[self.action(self.ids[0], "split", 50, 2.0, world.close_of(world.days[40])),
                     self.action(self.ids[1], "dividend", 60, 0.4, world.close_of(world.days[40]))],
        )  # fmt: skip
        rows = [row for row in facts_of(Company("ONE")) if row["fiscal_year"] <= 2020]
        self.file(rows)
        self.count = 0

    def file(self, rows: list[dict[str, Any]]) -> None:
        told = frame(rows).with_columns(
            security_id=pl.lit(self.ids[0], pl.Int64), known_basis=pl.lit("exact")
        )
        self.world.store.append(Batch("own", "facts", str(self.world.store.snapshot()), {"facts": told}))

    def action(self, number: int, kind: str, place: int, value: float, known: datetime) -> dict[str, Any]:
        named = {"ratio": value} if kind == "split" else {"amount": value, "currency": "USD"}
        return {"security_id": number, "kind": kind, "ex_date": self.world.days[place], "ratio": None, "amount": None,
                "currency": None, **named, "known_at": known}  # fmt: skip

    def gather(self) -> Gathered:
        return self.world.gather(universes=(("own", self.index),), panels=("pe", "roe"))

    def tell(self, what: str, place: int, value: float, known: datetime, number: int) -> None:
        """One row that becomes known at ``known``."""
        world, day = self.world, self.world.days[place]
        clock = {"known_at": known}
        if what == "bar":
            world.append(bars=[world.bar(number, day, value, **clock)])
        elif what == "withdrawal":
            world.append(bars=[world.bar(number, day, value, deleted=True, **clock)])
        elif what in ("split", "dividend"):
            world.append(actions=[self.action(number, what, max(place, 1), value, known)])
        elif what == "no split":
            world.append(actions=[self.action(number, "split", 50, value, known) | {"deleted": True}])
        elif what == "delisting":
            world.append(listings=[{"security_id": number, "listing_date": FOUNDED, "exchange": "XNYS",
                                    "delisting_date": day, "final_return": -value / 100.0, **clock}])  # fmt: skip
        elif what == "merger":
            into = self.buyer if value < 45 else sum(self.ids) - number
            world.append(mergers=[{"security_id": number, "effective_date": day, "successor_id": into,
                                   "successor": "BUY", "exchange_ratio": value / 50.0, "cash_per_share": value,
                                   "currency": "USD", **clock}])  # fmt: skip
        elif what == "member":
            world.append(membership=[{"security_id": self.index, "start_date": FOUNDED, "member_id": number,
                                      "ticker": "M", "end_date": day, **clock}])  # fmt: skip
        else:
            filed = fact("NetIncomeLoss", "2020-01-01", "2020-12-31", value * 1e6, "2021-02-15", form="10-K/A",
                         accession=f"later-{world.store.snapshot()}")  # fmt: skip
            self.file([filed | clock])


@pytest.fixture
def future(world: World) -> Future:
    return Future(world)


def decided(found: Gathered, rows: int) -> dict[str, np.ndarray[Any, Any]]:
    """What decisions of the first ``rows`` sessions are computed on, both members' columns in the order of ids."""
    inputs, market = found.inputs, found.inputs.decided
    order = np.argsort(market.ids[:2])
    assert np.isnan(market.close[:, 2:]).all()  # a successor that is no member is seen by no decision
    place = np.arange(rows)[:, None]
    parts = {name: getattr(market, name) for name in (*PRICES, "volume", "split", "dividend")}
    parts |= {f"signal {name}": values for name, values in market.signal_prices(dividends=True).items()}
    parts |= {f"panel {name}": values for name, values in inputs.panels.items()}
    parts |= {f"member {name}": values for name, values in inputs.members.items()}
    found_parts = {name: values[:rows][:, order] for name, values in parts.items()}
    found_parts["listed"] = ((market.last < 0) | (place <= market.last))[:, order]
    return found_parts


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    what=st.sampled_from(
        ["bar", "withdrawal", "split", "no split", "dividend", "delisting", "merger", "member", "filing"]
    ),
    place=st.integers(1, 340),
    after=st.integers(1, 320),
    value=st.floats(0.25, 90.0),
    which=st.integers(0, 1),
)
def test_what_is_known_later_decides_nothing_before(
    future: Future, what: str, place: int, after: int, value: float, which: int
) -> None:
    world = future.world
    before = future.gather()
    future.count += 1
    # known on the evening of a session, too late for the decision after it, each at a moment of its own
    known = world.close_of(world.days[after]) + timedelta(hours=2, seconds=future.count)
    future.tell(what, place, round(value, 2), known, future.ids[which])
    again = future.gather()
    np.testing.assert_array_equal(again.inputs.market.dates, before.inputs.market.dates)
    one, two = decided(before, after + 1), decided(again, after + 1)
    for name, values in one.items():
        np.testing.assert_array_equal(two[name], values, err_msg=f"{what}: {name}")


def test_a_decision_array_is_what_a_reader_of_that_day_saw(future: Future) -> None:
    """The last row of a market read at a clock is the row that today's market shows to decisions of that day."""
    world = future.world
    late = world.close_of(world.days[200])
    future.tell("bar", 100, 77.0, late, future.ids[0])
    future.tell("split", 120, 3.0, late, future.ids[1])
    future.tell("member", 150, 1.0, late, future.ids[1])
    now = decided(future.gather(), len(world.days))
    for place in (99, 100, 101, 119, 120, 150, 199, 200, 201, 300):
        clock = world.close_of(world.days[place]) + timedelta(minutes=30)
        then = world.gather(universes=(("own", future.index),), panels=("pe", "roe"), asof=clock)
        own = decided(then, place + 1)
        for name in ("close", "volume", "panel pe", "panel roe", "member own"):
            np.testing.assert_array_equal(own[name][-1], now[name][place], err_msg=f"{name} {place}")

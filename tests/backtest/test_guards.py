"""Stops of accounts that are not of shares: worked by hand, and fill by fill those of shares on the same bars."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest import rules
from engine.backtest.guarded import Guarded
from engine.backtest.guards import Guard, Guards, capped
from engine.backtest.market import Market
from engine.backtest.result import Costs, Terms
from engine.backtest.rules import Plan
from tests.backtest.sim.markets import market, random_market
from tests.backtest.sim.test_guarded_agreement import ENTRIES
from tests.backtest.sim.test_guarded_agreement import GUARDS as WORDS

SPREAD = 0.004


class Done(NamedTuple):
    row: int
    column: int
    change: float
    reason: str
    price: float


def plan_of(bars: Market, text: str, panel: np.ndarray | None = None) -> Plan:
    panels = {} if panel is None else {"go": panel}
    return rules.plan(rules.parse(text, panels=tuple(panels)), bars, panels=panels)


class Account:
    """Of the fewest words: what was bought or sold, when, why and at what."""

    def __init__(self, bars: Market, plan: Plan, spread: float = 0.0) -> None:
        self.bars, self.spread = bars, spread
        self.guards, self.pending = Guards(plan, bars), dict[int, tuple[float, str]]()
        self.held, self.done = [0.0] * len(bars.symbols), list[Done]()

    def run(self) -> list[Done]:
        for row in range(len(self.bars.dates)):
            opens, highs, lows = (
                each[row].tolist() for each in (self.bars.open, self.bars.high, self.bars.low)
            )
            there = [column for column, each in enumerate(opens) if math.isfinite(each)]
            for column in there:
                self.open(row, column, opens[column])
            for column in there:
                met = self.guards.within(column, opens[column], highs[column], lows[column])
                if met is not None:
                    self.trade(row, column, -self.held[column], met.price, met.reason, met.limit)
            self.guards.decide(row, self.held, highs, lows, self.pending)
        return sorted(self.done, key=lambda each: each[:2])

    def open(self, row: int, column: int, opened: float) -> None:
        met = self.guards.at_open(column, self.held[column], opened, self.pending)
        if met is not None:
            self.trade(row, column, -self.held[column], met.price, met.reason, met.limit)
        if column in self.pending:
            goal, reason = self.pending.pop(column)
            change = goal - self.held[column]
            price = self.trade(row, column, change, opened, reason) if change else opened
            self.guards.filled(row, column, self.held[column], price)

    def trade(
        self, row: int, column: int, change: float, at: float, reason: str, limit: float = math.nan
    ) -> float:
        side, worse = (1 if change > 0 else -1), at * self.spread / 2
        price = at + side * worse * capped(at, worse, side, limit)
        self.held[column] += change
        self.done.append(Done(row, column, change, reason, price))
        return price


@given(
    st.integers(0, 10_000), st.booleans(), st.sampled_from(ENTRIES), st.sampled_from(WORDS[:-1]), st.integers(1, 3),
    st.sampled_from([0.0, SPREAD]), st.booleans(),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_every_fill_is_that_of_shares(
    seed: int, holes: bool, entry: str, guard: str, delay: int, spread: float, renewed: bool
) -> None:
    bars = random_market(seed, holes=holes)
    panel = np.random.default_rng(seed).normal(0, 0.6, bars.close.shape)
    renew = "; rebalance weekly" if renewed and "rebalance" not in entry else ""
    plan = plan_of(bars, f"{entry}; {guard}; size shares(37); delay {delay}{renew}", panel)
    shares = Guarded(bars, plan, Costs(spread=spread), Terms(1e7), None)
    for row in range(len(bars.dates)):
        shares.day(row)
    told = (
        Done(each.row, each.column, each.shares, each.exit, each.price) for each in shares.broker.tape.fills
    )
    theirs, ours = sorted(told, key=lambda each: each[:2]), Account(bars, plan, spread).run()
    assert [each[:4] for each in ours] == [each[:4] for each in theirs]
    assert [each.price for each in ours] == pytest.approx([each.price for each in theirs], rel=1e-12)


def test_a_stop_is_counted_from_the_fill_and_met_in_its_bar() -> None:
    """Bought at 100 on the second bar: stop 95, target 110. The third reaches both; the fourth gaps."""
    bars = market(
        5, open=[99, 100, 101, 90, 90], high=[99, 104, 112, 91, 90], low=[99, 96, 94, 88, 90],
        close=[99, 101, 97, 89, 90],
    )  # fmt: skip
    plan = plan_of(bars, "long when close > 98; stop 5%; take 10%; size shares(2)")
    assert (
        Account(bars, plan).run()
        == [
            Done(1, 0, 2.0, "long when close > 98", 100.0),
            Done(2, 0, -2.0, "stop 5%", 95.0),
        ]
    )  # its condition was true until the third close: entered anew only after one at which it is not, and is again


def test_a_trailing_stop_follows_and_a_gap_fills_at_the_open() -> None:
    bars = market(
        4, open=[99, 100, 108, 96], high=[99, 110, 109, 97], low=[99, 100, 105, 95], close=[99, 109, 106, 96]
    )
    plan = plan_of(bars, "long when close > 98; trail 10%; size shares(1)")
    assert Account(bars, plan).run()[1:] == [
        Done(3, 0, -1.0, "trail 10%", 96.0)
    ]  # from 110: 99, opened at 96


def test_a_roll_shifts_levels_and_ticks_round_them_away_from_the_position() -> None:
    long, short = (Guard(side, 100 - side * 5.1, math.nan, 100 + side * 7.1, tick=0.25) for side in (1, -1))
    assert ((long.stop, long.take), (short.stop, short.take)) == ((94.75, 107.25), (105.25, 92.75))
    long.shift(4.0)
    assert (long.opens(98.76), long.opens(98.75), long.opens(111.25)) == ("", "stop", "take")
    assert long.reached(120.0, 98.0) == "stop"
    trailing = Guard(1, math.nan, 95.0, math.nan, 5.0, tick=0.25)
    trailing.follow(103.1, 99.0)
    trailing.follow(101.0, 98.5)
    assert (trailing.level, trailing.trails) == (98.0, True)


def test_levels_stand_below_where_prices_are_below_zero() -> None:
    """Oil of April 2020: bought at -10, a stop of 20% is two dollars under it."""
    bars = market(3, open=[5.0, -10.0, -11.0], high=[5, -10, -10.5], low=[5, -10, -14.0], close=[5, -10, -13])
    plan = plan_of(bars, "long when close > 0; stop 20%; size shares(1)")
    assert Account(bars, plan).run()[1] == Done(2, 0, -1.0, "stop 20%", -12.0)


def test_a_distance_is_told_in_the_prices_of_the_instrument() -> None:
    bars = market(4, open=100.0, high=101.0, low=99.0, close=100.0)
    plan = plan_of(bars, "long when close > 0; stop 2*atr(2); size shares(1)")
    guards, pending = Guards(plan, bars, np.full((4, 1), 0.5)), dict[int, tuple[float, str]]()
    for row in range(3):
        guards.decide(row, [0.0], [101.0], [99.0], pending)
    pending.clear()
    guards.filled(3, 0, 1.0, 250.0)
    assert guards.guards[0].stop == 250.0 - 2 * 2.0 * 0.5


def test_a_position_that_something_else_closed_is_as_if_stopped() -> None:
    bars = market(5, close=[100.0, 100.0, 100.0, 90.0, 100.0])
    plan = plan_of(bars, "long when close > 95; stop 50%; size shares(1)")
    guards, pending = Guards(plan, bars), dict[int, tuple[float, str]]()
    guards.decide(0, [0.0], [100.0], [100.0], pending)
    guards.filled(1, 0, 1.0, 100.0)
    pending.clear()
    for row, held in ((1, 1.0), (2, 0.0), (3, 0.0)):  # closed in the third session by a margin call
        guards.decide(row, [held], [100.0], [100.0], pending)
        assert not pending
    guards.decide(4, [0.0], [100.0], [100.0], pending)
    assert pending == {0: (1.0, "long when close > 95")}

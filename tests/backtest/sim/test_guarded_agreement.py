"""Rules with stops in arrays against the same as orders: every fill, every unit of cash, whatever the market does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.backtest import rules
from engine.backtest.exact import amounts, ticks
from engine.backtest.guarded import run_guarded
from engine.backtest.kernel_guarded import run_guarded_days
from engine.backtest.kernel_stretches import few
from engine.backtest.market import Market, Merger
from engine.backtest.money import amount, to_ticks
from engine.backtest.result import Costs, Result, Terms
from engine.backtest.rules.plan import Plan
from tests.backtest.sim.markets import random_market
from tests.backtest.sim.test_agreement import COSTS

ENTRIES = (
    "long when go > 0.3; exit when go < -0.6",
    "long when go > 0.3; short when go < -0.3",
    "short when go > 0.5; cover when go < -0.9",
    "long top 2 by go; short bottom 1 by go; rebalance weekly",
    "long when go > 0; hold 4",
)
GUARDS = (
    "stop 2%", "trail 2%", "take 3%", "stop 3%; take 2%", "stop 1%; trail 2%; take 4%", "stop 1*atr(3)",
    "trail atr(3); take 2*atr(3)", "stop 0.05%", "stop 5%; trail 0.5*atr(3)", "",
)  # fmt: skip
FAR = ("stop 25%", "trail 25%", "stop 20%; trail 4*atr(3)", "take 30%; stop 12%", "take 8%")
SIZES = ("size equal", "size weight(40%)", "size shares(37)", "size volatility_target(20%, 5)")


def exactly(one: Result, other: Result) -> None:
    names = ("equity", "cash", "weights") if one.accounts is None else ("accounts",)
    for name in names:
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
    for name in ("equity", "cash", "weights"):  # of accounts: their sums, added up in another order
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose(one.turnover, other.turnover, rtol=1e-9, atol=1e-12)
    assert set(one.costs) == set(other.costs)
    for kind, paid in one.costs.items():
        np.testing.assert_allclose(paid, other.costs[kind], rtol=1e-9, atol=1e-9, err_msg=kind)
    assert list(one.trades) == list(other.trades)
    assert one.events == other.events


@given(
    st.integers(0, 10_000), st.booleans(), st.booleans(), st.booleans(), st.booleans(), COSTS,
    st.sampled_from(ENTRIES), st.sampled_from(GUARDS), st.sampled_from(SIZES), st.integers(1, 3), st.booleans(),
    st.booleans(),
)  # fmt: skip
@example(  # a change of size to less than a round lot, then the target in the same bar: nothing is left to sell
    322, True, False, False, False, Costs(), ENTRIES[0], "take 3%", "size volatility_target(20%, 5)", 2, True, False
)  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_both_ways_agree_to_the_last_unit(
    seed: int, actions: bool, holes: bool, accounts: bool, fractional: bool, costs: Costs, entry: str, guard: str,
    size: str, delay: int, renewed: bool, merged: bool,
) -> None:  # fmt: skip
    bars = random_market(seed, actions=actions, holes=holes)
    if merged and actions:
        bars = replace(bars, mergers=(Merger(0, 1, 0.37, 1.5),))
    panel = np.random.default_rng(seed).normal(0, 0.6, bars.close.shape)
    renew = "rebalance weekly" if renewed and "rebalance" not in entry else ""
    text = "; ".join(each for each in (entry, guard, size, renew, f"delay {delay}") if each)
    read = rules.parse(text, panels=("go",))
    plan = rules.plan(read, bars, panels={"go": panel}, alone=accounts)
    if plan.weights is not None and not plan.needs_fills:
        plan = replace(plan, stop=rules.Level(fraction=0.99))
    terms = Terms(100_000.0, fractional, lot=100 if renewed and not fractional else 1)
    agree(bars, plan, costs, terms, accounts)


def agree(bars: Market, plan: Plan, costs: Costs, terms: Terms, accounts: bool) -> None:
    """Sessions over all symbols, and from event to event of each: as orders."""
    slow = run_guarded(bars, plan, costs, terms, accounts=accounts)
    for stretches in (False, True):
        exactly(run_guarded_days(bars, plan, costs, terms, accounts=accounts, stretches=stretches), slow)


@given(
    st.integers(0, 10_000), st.sampled_from([1, 2, 6]), st.booleans(), st.booleans(), st.booleans(),
    st.booleans(), COSTS, st.sampled_from(ENTRIES), st.sampled_from([*GUARDS, *FAR]), st.integers(1, 3),
    st.sampled_from(["", "hold 2", "hold 90", "rebalance monthly"]),
)  # fmt: skip
@example(  # a short whose entry its own impact moved below nothing: no stop stands there
    784_799, 7, True, True, True, False, Costs(0.005, 0.0005, 0, 0.03, 0.001, 0.1, 0.5), ENTRIES[1], "stop 20%",
    2, ""
)  # fmt: skip
@settings(max_examples=20, deadline=None)
def test_what_is_held_for_long_agrees_too(
    seed: int, columns: int, actions: bool, holes: bool, accounts: bool, fractional: bool, costs: Costs,
    entry: str, guard: str, delay: int, more: str,
) -> None:  # fmt: skip
    """Lines are looked for over hundreds of bars."""
    rows = 50 if columns > 6 else 240
    bars = random_market(seed, rows, columns, actions, holes)
    go = np.random.default_rng(seed).normal(0, 0.6 if columns > 6 else 0.15, bars.close.shape)
    more = "" if more.partition(" ")[0] in entry else more
    text = "; ".join(each for each in (entry, guard, more, "size weight(40%)", f"delay {delay}") if each)
    plan = rules.plan(rules.parse(text, panels=("go",)), bars, panels={"go": go}, alone=accounts)
    plan = plan if plan.needs_fills else replace(plan, stop=rules.Level(fraction=0.99))
    agree(bars, plan, costs, Terms(1e6, fractional), accounts)


@pytest.mark.parametrize("accounts", [False, True])
def test_few_symbols_tell_how_far_they_are_and_can_be_stopped(accounts: bool) -> None:
    bars = random_market(1, 120, 3)
    go = np.random.default_rng(1).normal(0, 0.3, bars.close.shape)
    text = "long when go > 0.3; exit when go < -0.6; stop 2%"
    plan = rules.plan(rules.parse(text, panels=("go",)), bars, panels={"go": go}, alone=accounts)
    steps: list[tuple[int, int]] = []

    def stops(done: int, steps: int) -> None:
        raise InterruptedError(done, steps)

    run_guarded_days(
        bars, plan, Costs(), Terms(), accounts=accounts, stretches=True, told=lambda *at: steps.append(at)
    )
    assert steps == sorted(set(steps))
    assert steps[-1][0] == steps[-1][1]
    with pytest.raises(InterruptedError):
        run_guarded_days(bars, plan, Costs(), Terms(), accounts=accounts, stretches=True, told=stops)


def test_many_trades_take_all_symbols_session_by_session() -> None:
    """Every other session begins a position: three symbols have three trades to a session, ten have ten."""
    for columns, expected in ((3, True), (10, False)):
        bars = random_market(1, 120, columns)
        go = np.tile(np.where(np.arange(120) % 2 == 0, 1.0, -1.0)[:, None], columns)
        text = "long when go > 0; exit when go < 0; stop 2%"
        plan = rules.plan(rules.parse(text, panels=("go",)), bars, panels={"go": go})
        assert few(plan, nightly=False) is expected


@given(st.integers(-(10**12), 10**12), st.floats(0.0001, 1e4), st.sampled_from([1, 10**8]))
@settings(max_examples=300, deadline=None)
def test_amounts_are_those_of_whole_numbers(units: int, price: float, lots: int) -> None:
    units = units // 10**5 if lots == 1 else units
    found = amounts(np.array([float(units)]), lots, ticks(np.array([price])))
    assert int(found[0]) == amount(units, lots, to_ticks(price))


@pytest.mark.parametrize("units", [1, 3, -1, -3, 5])
def test_halves_go_to_the_even_unit(units: int) -> None:
    price = 0.00005  # half a minor unit
    found = amounts(np.array([float(units)]), 1, ticks(np.array([price])))
    assert int(found[0]) == amount(units, 1, to_ticks(price))

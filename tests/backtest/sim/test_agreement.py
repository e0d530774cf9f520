"""The vectorised simulation against the event-driven one: to the cent, in everything both tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.kernel import run_fast
from engine.backtest.market import Merger
from engine.backtest.result import Costs, Result, Signals, Terms
from engine.backtest.simulate import run_events
from tests.backtest.sim.markets import market, random_market, random_target

CENT = 0.01
COSTS = st.builds(
    Costs,
    per_share=st.sampled_from([0.0, 0.005]),
    per_notional=st.sampled_from([0.0, 0.0005]),
    minimum=st.sampled_from([0.0, 1.0]),
    spread=st.sampled_from([0.0, 0.0004]),
    slippage=st.sampled_from([0.0, 0.001]),
    slippage_volatility=st.sampled_from([0.0, 0.1]),
    impact=st.sampled_from([None, 0.5]),
    borrow_rate=st.sampled_from([0.0, 0.03]),
    short_rebate=st.sampled_from([0.0, 0.01]),
    cash_rate=st.sampled_from([0.0, 0.02]),
    debit_rate=st.sampled_from([None, 0.08]),
    withholding=st.sampled_from([0.0, 0.15]),
)


def same(one: Result, other: Result) -> None:
    np.testing.assert_allclose(one.equity, other.equity, rtol=0, atol=CENT)
    np.testing.assert_allclose(one.cash, other.cash, rtol=0, atol=CENT)
    np.testing.assert_allclose(one.weights, other.weights, rtol=0, atol=1e-6)
    np.testing.assert_allclose(one.turnover, other.turnover, rtol=0, atol=1e-6)
    assert set(one.costs) == set(other.costs)
    for kind, paid in one.costs.items():
        np.testing.assert_allclose(paid, other.costs[kind], rtol=0, atol=CENT, err_msg=kind)
    assert len(one.trades) == len(other.trades)
    for name in ("symbol", "entry", "exit", "open"):
        np.testing.assert_array_equal(getattr(one.trades, name), getattr(other.trades, name))
    for name in ("entry_price", "exit_price", "shares", "pnl", "costs", "mae", "mfe"):
        mine, theirs = getattr(one.trades, name), getattr(other.trades, name)
        np.testing.assert_allclose(mine, theirs, rtol=1e-7, atol=CENT, err_msg=name)
    told = [(event.date, event.kind, event.symbol, event.text) for event in one.events]
    assert told == [(event.date, event.kind, event.symbol, event.text) for event in other.events]


@given(
    st.integers(0, 10_000),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    COSTS,
    st.booleans(),
    st.sampled_from([1, 100]),
)
@settings(max_examples=70, deadline=None)
def test_both_ways_agree(
    seed: int,
    actions: bool,
    holes: bool,
    accounts: bool,
    fractional: bool,
    costs: Costs,
    merged: bool,
    lot: int,
) -> None:
    bars = random_market(seed, actions=actions, holes=holes)
    if merged and actions:
        bars = replace(bars, mergers=(Merger(0, 1, 0.37, 1.5),))
    target = random_target(seed + 1, bars.close.shape, 1.0 if accounts else 0.4)
    terms = Terms(100_000.0, fractional, lot=1 if fractional else lot)
    fast = run_fast(bars, Signals(target), costs, terms, accounts=accounts)
    slow = run_events(bars, Signals(target), costs, terms, accounts=accounts)
    same(fast, slow)
    if accounts:
        np.testing.assert_allclose(fast.accounts, slow.accounts, rtol=0, atol=CENT)


@pytest.mark.parametrize("turns", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_trade_points_and_days_agree(seed: int, turns: bool) -> None:
    """The two vectorised ways on the same work: financing at a rate too small for a booking turns the second on."""
    bars = random_market(seed)
    target = random_target(seed, bars.close.shape)
    signals = Signals(np.sign(target) if turns else target)
    costs = Costs(per_notional=0.0005, slippage=0.001)
    tiny = Costs(per_notional=0.0005, slippage=0.001, borrow_rate=1e-15)
    points = run_fast(bars, signals, costs, Terms(10_000.0), accounts=True)
    same(points, run_fast(bars, signals, tiny, Terms(10_000.0), accounts=True))


def test_reasons_are_told_by_both() -> None:
    bars = market(6)
    target = np.array([[1.0], [np.nan], [0.0], [np.nan], [-1.0], [np.nan]])
    signals = Signals(
        target, np.array([[0], [-1], [1], [-1], [2], [-1]]), ("crossed up", "crossed down", "short")
    )
    for run in (run_fast, run_events):
        for accounts in (True, False):
            first, second = run(bars, signals, accounts=accounts).trades
            assert (first.entry_reason, first.exit_reason) == ("crossed up", "crossed down")
            assert (second.entry_reason, second.exit_reason, second.open) == ("short", "", True)


def test_signals_of_another_shape_are_refused() -> None:
    bars = market(3)
    with pytest.raises(ValueError, match="shape"):
        run_fast(bars, Signals(np.zeros((2, 1))))


@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("weight", [0.0, 1.0, np.nan])
def test_markets_of_a_session_or_two(rows: int, weight: float) -> None:
    """Of one session nothing fills: the capital is what there is."""
    bars, signals = market(rows, 2), Signals(np.full((rows, 2), weight))
    fast = run_fast(bars, signals, terms=Terms(1_000.0), accounts=True)
    same(fast, run_events(bars, signals, terms=Terms(1_000.0), accounts=True))
    if rows == 1:
        assert fast.equity.tolist() == [2_000.0]
        assert len(fast.trades) == 0

"""Accounts that lose more than everything, by hand: what their returns, ratios and events are from there on."""

from __future__ import annotations

import numpy as np
import pytest

from engine.backtest.kernel import run_fast
from engine.backtest.result import Costs, Result, Signals, Terms
from engine.backtest.ruin import over, owned, returns_of
from engine.backtest.simulate import run_events
from engine.backtest.sweep.measures import figures
from tests.backtest.sim.markets import market

# short 1,000 at 10 with 10,000: the equity is 20,000 less 1,000 closes
CLOSES = (10.0, 10.0, 15.0, 21.0, 25.0, 12.0)
EQUITY = (10_000.0, 10_000.0, 5_000.0, -1_000.0, -5_000.0, 8_000.0)
RETURNS = (0.0, 0.0, -0.5, -1.0, 0.0, 0.0)


def shorted(simulate: object, accounts: bool) -> Result:
    target = np.full((6, 1), np.nan)
    target[0] = -1.0
    bars = market(6, close=np.array(CLOSES))
    return simulate(bars, Signals(target), Costs(), Terms(10_000.0), accounts=accounts)  # type: ignore[operator]


@pytest.mark.parametrize("accounts", [False, True])
@pytest.mark.parametrize("simulate", [run_fast, run_events])
def test_a_short_that_costs_more_than_there_is(simulate: object, accounts: bool) -> None:
    found = shorted(simulate, accounts)
    np.testing.assert_allclose(found.equity, EQUITY)
    np.testing.assert_allclose(found.returns, RETURNS)
    assert [(str(each.date), each.kind) for each in found.events] == [("2024-01-04", "ruin")]
    np.testing.assert_allclose(found.gross, [0, 1, 3, 0, 0, 0])
    np.testing.assert_allclose(found.weights[:, 0], [0, -1, -3, 0, 0, 0])


@pytest.mark.parametrize("simulate", [run_fast, run_events])
@pytest.mark.filterwarnings("error")
def test_one_of_two_accounts_is_lost(simulate: object) -> None:
    target = np.full((6, 2), np.nan)
    target[0] = [-1.0, 1.0]
    closes = np.column_stack([CLOSES, np.full(6, 10.0)])
    found = simulate(market(6, 2, close=closes), Signals(target), Costs(), Terms(10_000.0), accounts=True)  # type: ignore[operator]
    np.testing.assert_allclose(found.equity, np.array(EQUITY) + 10_000)
    assert [(each.kind, each.symbol) for each in found.events] == [("ruin", "A")]
    np.testing.assert_allclose(found.gross, [0, 1, 25 / 15, 10 / 9, 2, 10 / 18])  # the lost one's no more


@pytest.mark.parametrize("simulate", [run_fast, run_events])
@pytest.mark.filterwarnings("error")
def test_a_delisting_at_nothing_takes_all_of_a_full_account(simulate: object) -> None:
    bars = market(4, close=np.array([10.0, 10.0, 10.0, np.nan]), last=[2], final_return=[-1.0])
    target = np.array([[1.0], [np.nan], [np.nan], [np.nan]])
    found = simulate(bars, Signals(target), Costs(), Terms(10_000.0))  # type: ignore[operator]
    np.testing.assert_array_equal(found.equity, [10_000, 10_000, 0, 0])
    np.testing.assert_array_equal(found.returns, [0, 0, -1, 0])
    np.testing.assert_array_equal(found.gross, [0, 1, 0, 0])


def test_shares_of_what_is_owned() -> None:
    equity = np.array([2.0, -1.0, 4.0])
    np.testing.assert_array_equal(owned(equity), [2, 0, 0])
    np.testing.assert_array_equal(owned(np.array([[2.0, 1.0], [np.nan, -1.0]])), [[2, 1], [np.nan, 0]])
    np.testing.assert_array_equal(over(np.array([1.0, 1.0, 1.0]), equity), [0.5, 0, 0])
    np.testing.assert_array_equal(returns_of(equity, 1.0), [1, -1, 0])
    whole = np.array([2.0, 3.0])
    assert owned(whole) is whole


def test_a_sweep_ranks_what_lost_everything_last() -> None:
    lost = owned(np.array(EQUITY))
    kept = np.array([10_000.0, 10_100.0, 10_050.0, 10_200.0, 10_100.0, 10_150.0])
    found = figures(np.column_stack([lost, kept]), 10_000.0)
    np.testing.assert_allclose(found.total_return, [-1, 0.015])
    assert found.cagr[0] == found.max_drawdown[0] == -1
    held = np.array(RETURNS)
    assert found.sharpe_ratio[0] == pytest.approx(held.mean() / held.std(ddof=1) * np.sqrt(252))

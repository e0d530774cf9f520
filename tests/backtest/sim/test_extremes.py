"""Sizes and prices far from the usual: both simulations alike, nothing made of a float's last bits, costs charged."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.costs import in_lots, nearest_lots
from engine.backtest.kernel import run_fast
from engine.backtest.money import WHOLE
from engine.backtest.result import Costs, Signals, Terms
from engine.backtest.simulate import run_events
from tests.backtest.sim.markets import market, random_market, random_target


@given(
    st.integers(0, 10_000),
    st.sampled_from([1e-9, 1e-6, 1e-3, 1.0, 1e4]),
    st.sampled_from([1e4, 1e6, 1e11]),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=30, deadline=None)
def test_both_ways_agree_at_any_magnitude(
    seed: int, scale: float, capital: float, fractional: bool, accounts: bool
) -> None:
    bars = random_market(seed)
    prices = {name: getattr(bars, name) * scale for name in ("open", "high", "low", "close")}
    bars = market(len(bars.dates), bars.close.shape[1], **prices)
    wanted = random_target(seed, bars.close.shape)
    given = Signals(wanted), Costs(slippage=0.001, spread=0.0004), Terms(capital, fractional)
    fast = run_fast(bars, *given, accounts=accounts)
    slow = run_events(bars, *given, accounts=accounts)
    # prices near 50 x scale come in ticks of 1e-14; accounts by symbol round no booking, which may move a lot
    slack = 1e-5 * capital if accounts else 0.01
    close = {"rtol": 1e-11 + 1e-14 / scale, "atol": slack}
    np.testing.assert_allclose(fast.equity, slow.equity, **close)
    np.testing.assert_allclose(fast.cash, slow.cash, **close)
    assert accounts or len(fast.trades) == len(slow.trades)


@pytest.mark.parametrize("simulate", [run_fast, run_events])
@pytest.mark.parametrize("accounts", [False, True])
def test_slippage_of_a_price_of_a_hundred_millionth(simulate: object, accounts: bool) -> None:
    """Bought at 1e-8 and sold at 3e-8, 10 bp worse each way: 1,000,000 x 3 x 0.999 / 1.001."""
    bars = market(5, close=np.array([1, 1, 3, 3, 3]) * 1e-8)
    target = np.array([[1.0], [np.nan], [0.0], [np.nan], [np.nan]])
    terms = Terms(1_000_000.0, fractional=True)
    found = simulate(bars, Signals(target), Costs(slippage=0.001), terms, accounts=accounts)  # type: ignore[operator]
    assert found.equity[-1] == pytest.approx(3_000_000 * 0.999 / 1.001, abs=2.0)


def test_whole_shares_of_many() -> None:
    many = 9_081_827_263_654_528.0
    assert in_lots(many, WHOLE) == nearest_lots(many, WHOLE) == many
    assert in_lots(100 * (1 - 1e-15), WHOLE) == 100
    assert in_lots(-99.999, WHOLE) == -99


@pytest.mark.parametrize("simulate", [run_fast, run_events])
def test_an_account_of_a_million_millions_is_left_flat(simulate: object) -> None:
    bars = market(5, close=np.array([1.0, 1.1, 1.2, 1.3, 1.2]) * 1e-4)
    target = np.array([[1.0], [np.nan], [0.0], [np.nan], [np.nan]])
    found = simulate(bars, Signals(target), Costs(slippage=0.001), Terms(1e12))  # type: ignore[operator]
    assert found.weights[-1, 0] == 0
    assert found.equity[-1] == pytest.approx(1e12 * 1.3 * 0.999 / (1.1 * 1.001), rel=1e-12)


@pytest.mark.parametrize("simulate", [run_fast, run_events])
def test_what_a_short_owes_in_dividends_is_not_spent(simulate: object) -> None:
    """Short 100 at 100 with 10,000; 1 a share goes ex and is paid three sessions later: 9,900 is left to buy of."""
    bars = market(7, dividend=np.array([0, 0, 1, 0, 0, 0, 0]), pay=np.array([0, 0, 3, 0, 0, 0, 0]))
    target = np.array([[-1.0], [np.nan], [1.0], [np.nan], [np.nan], [np.nan], [np.nan]])
    found = simulate(bars, Signals(target), Costs(), Terms(10_000.0))  # type: ignore[operator]
    np.testing.assert_allclose(found.cash, [10_000, 20_000, 20_000, 100, 100, 0, 0])
    np.testing.assert_allclose(found.equity, [10_000, 10_000, 9_900, 9_900, 9_900, 9_900, 9_900])

"""What holds of any run, by either path: the future, the order of symbols and the scale change nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.inputs import Code, Inputs, RunSpec
from engine.backtest.market import Market
from engine.backtest.result import Costs, Result, Terms
from engine.backtest.run import run
from engine.backtest.strategy import altered
from tests.backtest.rules.markets import of_closes
from tests.backtest.rules.markets import random as random_market

SOURCE = """
class Last:
    def decide(self, day):
        gains = {s: day.close[-1, at] - day.close[0, at] for at, s in enumerate(day.symbols)}
        best = [s for s, gain in gains.items() if gain == gain and gain > 0]
        return {s: 0.8 / len(best) for s in best} if best else {}
"""
STRATEGIES: tuple[str | Code, ...] = (
    "long when close > sma(close, 10); short when close < sma(close, 30); size weight(20%)",
    "long top 2 by mom(10); short bottom 1 by mom(10); rebalance weekly; size weight(20%)",
    "long when close > sma(close, 10); size weight(20%); stop 2*atr(5); take 8%",
    "long top 2 by mom(10); rebalance monthly; trail 5%; size volatility_target(10%, 10)",
    "short when close < sma(close, 10); size weight(20%); stop 3%; delay 2; hold 9",
    Code("last", SOURCE),
)
ORDERS = Costs(0.0, 0.0005, 0.0, 0.0004, 0.001, borrow_rate=0.02, participation=0.02)
ARRAYS = replace(ORDERS, participation=None)
BEGIN = 30


@pytest.mark.parametrize("costs", [ARRAYS, ORDERS])
@given(st.sampled_from(STRATEGIES), st.integers(0, 1_000), st.integers(BEGIN, 118), st.booleans())
@settings(max_examples=25, deadline=None)
def test_the_future_changes_no_past(
    costs: Costs, strategy: str | Code, seed: int, row: int, accounts: bool
) -> None:
    bars, spec = random_market(120, 3, seed), RunSpec(strategy, costs, accounts=accounts)
    other = altered(bars, row, np.random.default_rng(seed))
    one, two = (run(Inputs(each, begin=BEGIN), spec).result for each in (bars, other))
    known = row - BEGIN + 1
    for name in ("equity", "cash", "weights", "turnover"):
        assert getattr(one, name)[:known].tobytes() == getattr(two, name)[:known].tobytes(), name
    assert closed_by(one, known) == closed_by(two, known)


def closed_by(result: Result, rows: int) -> list[object]:
    return [each for each in result.trades if not each.open and each.exit_date < result.dates[rows - 1]]


@given(st.sampled_from(STRATEGIES), st.integers(0, 1_000), st.sampled_from([ARRAYS, ORDERS]))
@settings(max_examples=20, deadline=None)
def test_a_run_is_the_same_again_bit_for_bit(strategy: str | Code, seed: int, costs: Costs) -> None:
    given, spec = Inputs(random_market(100, 3, seed), begin=BEGIN), RunSpec(strategy, costs)
    one, two = run(given, spec), run(given, spec)
    assert one.result.equity.tobytes() == two.result.equity.tobytes()
    assert list(one.result.trades) == list(two.result.trades)
    assert (one.path, one.told) == (two.path, two.told)


@given(
    st.sampled_from(STRATEGIES),
    st.integers(0, 1_000),
    st.sampled_from([ARRAYS, replace(ORDERS, participation=1.0)]),
)
@settings(max_examples=20, deadline=None)
def test_twice_the_capital_makes_twice_the_profit(strategy: str | Code, seed: int, costs: Costs) -> None:
    """Of fractions of shares without impact; volume does not bind here."""
    given = Inputs(random_market(100, 3, seed), begin=BEGIN)
    one, two = (
        run(given, RunSpec(strategy, costs, Terms(capital, fractional=True))).result for capital in (1e5, 2e5)
    )
    np.testing.assert_allclose(two.equity - 2e5, 2 * (one.equity - 1e5), rtol=0, atol=0.05)


@given(
    st.sampled_from(STRATEGIES),
    st.integers(0, 1_000),
    st.sampled_from([ARRAYS, ORDERS]),
    st.permutations(range(4)),
)
@settings(max_examples=20, deadline=None)
def test_the_order_of_symbols_changes_nothing(
    strategy: str | Code, seed: int, costs: Costs, turned: list[int]
) -> None:
    bars = random_market(100, 4, seed)
    one = run(Inputs(bars, begin=BEGIN), RunSpec(strategy, costs)).result
    two = run(Inputs(permuted(bars, turned), begin=BEGIN), RunSpec(strategy, costs)).result
    np.testing.assert_allclose(one.equity, two.equity, rtol=1e-12)
    assert sorted((each.symbol, str(each.entry_date), each.shares) for each in one.trades) == sorted(
        (each.symbol, str(each.entry_date), each.shares) for each in two.trades
    )


def permuted(bars: Market, turned: list[int]) -> Market:
    panels = ("open", "high", "low", "close", "volume", "split", "dividend", "pay")
    moved = {name: getattr(bars, name)[:, turned] for name in panels}
    moved |= {name: getattr(bars, name)[turned] for name in ("ids", "last", "final_return")}
    return replace(bars, symbols=tuple(bars.symbols[place] for place in turned), **moved)


@pytest.mark.parametrize("strategy", STRATEGIES[:5])
@pytest.mark.parametrize("costs", [Costs(), Costs(participation=1.0)])
def test_at_one_price_without_costs_nothing_is_made(strategy: str, costs: Costs) -> None:
    """Conditions that turn with a panel, so that there are trades although no price moves."""
    bars = replace(of_closes(np.full((80, 3), 50.0)), volume=np.full((80, 3), 1e9))
    panel = np.random.default_rng(1).normal(size=(80, 3))
    text = strategy.replace("close > sma(close, 10)", "go > 0").replace("close < sma(close, 10)", "go < 0")
    text = (
        text.replace("close < sma(close, 30)", "go < -1").replace("mom(10)", "go").replace("2*atr(5)", "4%")
    )
    text = text.replace("volatility_target(10%, 10)", "weight(30%)")
    found = run(Inputs(bars, {"go": panel}), RunSpec(text, costs)).result
    assert len(found.trades) >= 3
    assert found.equity.tolist() == [found.capital] * 80

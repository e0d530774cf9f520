"""What holds of every account of pairs: equity is cash at its rates, crosses are their legs, size scales."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.assemble import one_symbol
from engine.backtest.currencies import Entry
from engine.backtest.fx import FxRun, FxTerms, Rollover, simulate
from engine.backtest.market import Market
from engine.backtest.money import MINOR, TICK, half_even, to_ticks
from engine.backtest.result import Costs, Signals, Terms
from tests.backtest.fx.pairs import NAN, counted, market, triangle

seeds = st.integers(0, 10_000)
RATES = Rollover(
    {code: np.full(40, rate) for code, rate in (("EUR", 0.03), ("USD", 0.05), ("JPY", 0.001))}, 0.005
)


def wishes(seed: int, rows: int, columns: int) -> Signals:
    rng = np.random.default_rng(seed)
    return Signals(rng.choice([NAN, 0.0, 2.0, -2.0, 1.0], (rows, columns), p=[0.7, 0.1, 0.1, 0.05, 0.05]))


def run_of(bars: Market, wants: Any, costs: Costs | None = None, capital: float = 1e6, **more: Any) -> FxRun:
    account = more.pop("account", "USD")
    terms = Terms(capital, fractional=True)
    return simulate(bars, wants, costs, terms, FxTerms(account, **more))


@settings(max_examples=30, deadline=None)
@given(seeds, st.sampled_from(["USD", "EUR", "JPY"]))
def test_equity_is_the_cash_of_each_currency_at_its_rate(seed: int, account: str) -> None:
    bars = triangle(seed)
    run = run_of(
        bars, wishes(seed, 40, 3), Costs(per_notional=1e-4), account=account, pips=1.0, rollover=RATES
    )
    entries = [each for each in run.result.ledger if isinstance(each, Entry)]
    places = {pair: column for column, pair in enumerate(bars.symbols)}
    for row, date in enumerate(bars.dates):
        total = 0
        for code in ("USD", "EUR", "JPY"):
            cash = sum(each.amount for each in entries if each.date <= date and each.currency == code)
            rate = 1.0
            if code + account in places:
                rate = float(bars.close[row, places[code + account]])
            elif code != account:
                rate = 1.0 / float(bars.close[row, places[account + code]])
            total += half_even(cash * (TICK if code == account else to_ticks(rate)), TICK)
        assert run.result.equity[row] == total / MINOR


@settings(max_examples=25, deadline=None)
@given(seeds, st.integers(1_000, 500_000))
def test_a_cross_is_its_two_legs(seed: int, units: int) -> None:
    """Long N EURJPY is long N EURUSD and long N x EURUSD of USDJPY where the three prices agree."""
    bars = triangle(seed)
    none = [NAN] * 39
    cross = run_of(bars, counted([0.0, *none], [0.0, *none], [units, *none]))
    dollars = float(units) * float(bars.open[1, 0])
    legs = run_of(bars, counted([units, *none], [dollars, *none], [0.0, *none]))
    assert cross.result.equity == pytest.approx(legs.result.equity, abs=2e-2)
    assert cross.balances["EUR"] == pytest.approx(legs.balances["EUR"])
    assert cross.balances["JPY"] == pytest.approx(legs.balances["JPY"], abs=2e-2)  # 1e-4 dollars


@settings(max_examples=25, deadline=None)
@given(seeds, st.integers(-100_000, 100_000), st.floats(0.5, 2.0))
def test_a_round_trip_at_one_price_is_neutral(seed: int, units: int, price: float) -> None:
    price = round(price, 5)
    days = ("2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07")
    bars = market(days, {"GBPUSD": ([1.0, price, price, 1.0], [1.0, 1 + seed / 50_000, 1.3, 1.2])})
    run = run_of(bars, counted([units, 0, NAN, NAN]))
    assert run.result.equity[-1] == 1e6


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_twice_the_capital_makes_twice_the_profit(seed: int) -> None:
    bars, costs = triangle(seed), Costs(per_notional=1e-4)
    one, two = (
        run_of(bars, wishes(seed, 40, 3), costs, capital, rollover=RATES).result for capital in (1e6, 2e6)
    )
    assert two.equity == pytest.approx(2 * one.equity, rel=1e-8)


@settings(max_examples=25, deadline=None)
@given(seeds, st.integers(5, 35))
def test_what_comes_later_changes_no_earlier_session(seed: int, cut: int) -> None:
    bars, later, wants = triangle(seed), triangle(seed + 1), wishes(seed, 40, 3)
    mixed = {
        pair: tuple(
            np.concatenate([getattr(bars, name)[:cut, column], getattr(later, name)[cut:, column]])
            for name in ("open", "close")
        )
        for column, pair in enumerate(bars.symbols)
    }
    one, two = run_of(bars, wants, rollover=RATES), run_of(market(bars.dates, mixed), wants, rollover=RATES)
    assert one.result.equity[:cut].tolist() == two.result.equity[:cut].tolist()


@pytest.mark.parametrize("seed", range(5))
def test_without_costs_the_profit_is_that_of_plain_arrays(seed: int) -> None:
    """A twin in dollars: units overnight times the move to the open, units then times the move to the close."""
    bars = triangle(seed)
    bars, wants = one_symbol(bars, wishes(seed, 40, 3), 0)
    run = run_of(bars, wants)
    held = run.positions[:, 0]
    before = np.concatenate([[0.0], held[:-1]])
    open_, close = bars.open[:, 0], bars.close[:, 0]
    pnl = before * (open_ - np.concatenate([[0.0], close[:-1]])) + held * (close - open_)
    assert run.result.equity == pytest.approx(1e6 + np.cumsum(pnl), abs=1e-2)
    made = float(run.result.equity[-1]) - 1e6
    assert float(run.result.trades.pnl.sum()) == pytest.approx(made, abs=1e-2)

"""What holds of every crypto account: equity is its bookings and marks, funding is zero-sum, size scales."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.crypto import CryptoRun, CryptoTerms, every, simulate
from engine.backtest.currencies import Entry
from engine.backtest.market import Market
from engine.backtest.money import MINOR
from engine.backtest.result import Costs, Signals, Terms
from tests.backtest.crypto.coins import NAN, counted, days, market, random_market

seeds = st.integers(0, 10_000)
EASY = CryptoTerms(perpetual=True, initial=1e-6, maintenance=1e-6, liquidation_fee=0.0)


def wishes(seed: int, bars: Market, short: bool) -> Signals:
    rng = np.random.default_rng(seed)
    choice = [NAN, 0.0, 0.5, 0.25, -0.5 if short else 0.4]
    return Signals(rng.choice(choice, bars.close.shape, p=[0.7, 0.1, 0.1, 0.05, 0.05]))


def run_of(
    bars: Market, wants: Any, costs: Costs | None = None, capital: float = 1e5, **more: Any
) -> CryptoRun:
    return simulate(bars, wants, costs, Terms(capital), **more)


@settings(max_examples=40, deadline=None)
@given(seeds, st.booleans(), st.sampled_from(["D", "h"]))
def test_equity_is_cash_and_coins_at_their_marks(seed: int, perpetual: bool, step: str) -> None:
    bars = random_market(seed, step=step)
    terms = CryptoTerms(perpetual)
    funding = every(bars.dates, 0.0003, 2)
    wants, costs = wishes(seed, bars, perpetual), Costs(per_notional=0.001, spread=0.001)
    run = run_of(bars, wants, costs, crypto=terms, funding=funding)
    entries = [each for each in run.result.ledger if isinstance(each, Entry)]
    for row, date in enumerate(bars.dates):
        so_far = [each for each in entries if each.date <= date]
        cash = sum(each.amount for each in so_far) / MINOR
        worth = 0.0
        for column, symbol in enumerate(bars.symbols):
            own = [each for each in so_far if each.symbol == symbol and each.quantity]
            held = run.positions[row, column]
            assert sum(round(each.quantity * 1e8) for each in own) == round(held * 1e8)
            worth += held * bars.close[row, column]
            if perpetual:  # what is not yet realised: the mark less what was paid, less what was realised
                worth -= (
                    sum(each.quantity * each.price for each in own) + sum(each.amount for each in own) / MINOR
                )
        assert run.result.equity[row] == pytest.approx(cash + worth, abs=2e-3)


@settings(max_examples=25, deadline=None)
@given(seeds, st.floats(1e-3, 1e3), st.floats(0.01, 50_000), st.booleans())
def test_a_round_trip_at_one_price_is_neutral(seed: int, coins: float, price: float, perpetual: bool) -> None:
    bars = market(days(4), [price, price, price, 1.0], [price, price * (1 + seed / 30_000), price, 2.0])
    wants = counted([coins, 0, NAN, NAN])
    run = run_of(bars, wants, capital=1e8, crypto=EASY if perpetual else None)
    assert run.result.equity[-1] == 1e8


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_funding_that_one_side_pays_the_other_receives(seed: int) -> None:
    bars = random_market(seed, columns=1)
    coins = np.abs(np.random.default_rng(seed).normal(0, 3, 50))
    funding = every(bars.dates, 0.0002, 1)
    long, short = (run_of(bars, counted(side * coins), crypto=EASY, funding=funding) for side in (1.0, -1.0))
    assert long.funding == pytest.approx(-short.funding, abs=1e-9)
    gained = (long.result.equity - 1e5) + (short.result.equity - 1e5)
    assert gained == pytest.approx(np.zeros(50), abs=2e-2)


@settings(max_examples=25, deadline=None)
@given(seeds, st.booleans())
def test_twice_the_capital_makes_twice_the_profit(seed: int, perpetual: bool) -> None:
    bars, costs = random_market(seed), Costs(per_notional=0.001)
    wants, terms = wishes(seed, bars, perpetual), CryptoTerms(perpetual)
    one, two = (run_of(bars, wants, costs, capital, crypto=terms).result for capital in (1e6, 2e6))
    assert two.equity == pytest.approx(2 * one.equity, rel=1e-8)


@settings(max_examples=25, deadline=None)
@given(seeds, st.booleans())
def test_the_order_of_symbols_changes_nothing(seed: int, perpetual: bool) -> None:
    """Also where several are near their liquidation at once, or cash pays only a part of what is bought."""
    bars, costs = random_market(seed, columns=3), Costs(per_notional=0.001)
    target = wishes(seed, bars, perpetual).target * (5.0 if perpetual else 1.6)
    panels = (getattr(bars, name)[:, ::-1] for name in ("open", "close", "high", "low"))
    turned = replace(market(bars.dates, *panels), symbols=bars.symbols[::-1])
    terms = CryptoTerms(perpetual)
    one, two = (
        run_of(*each, costs, crypto=terms)
        for each in ((bars, Signals(target)), (turned, Signals(target[:, ::-1])))
    )
    assert two.positions[:, ::-1] == pytest.approx(one.positions, rel=1e-6, abs=1e-6)
    assert two.result.equity == pytest.approx(one.result.equity, rel=1e-6, abs=0.01)


@settings(max_examples=25, deadline=None)
@given(seeds, st.integers(5, 45))
def test_what_comes_later_changes_no_earlier_bar(seed: int, cut: int) -> None:
    bars, later = random_market(seed), random_market(seed + 1)
    wants = wishes(seed, bars, True)
    names = ("open", "close", "high", "low")
    mixed = market(
        bars.dates, *(np.vstack([getattr(bars, name)[:cut], getattr(later, name)[cut:]]) for name in names)
    )
    terms = CryptoTerms(perpetual=True)
    one, two = run_of(bars, wants, crypto=terms), run_of(mixed, wants, crypto=terms)
    assert one.result.equity[:cut].tolist() == two.result.equity[:cut].tolist()


@pytest.mark.parametrize("seed", range(5))
def test_without_costs_the_profit_is_that_of_plain_arrays(seed: int) -> None:
    """A twin: coins overnight times the move to the open, coins then times the move to the close, less funding."""
    bars = random_market(seed, columns=1)
    wants = wishes(seed, bars, True)
    run = run_of(bars, wants, crypto=EASY, funding=every(bars.dates, 0.0001, 1))
    held = run.positions[:, 0]
    before = np.concatenate([[0.0], held[:-1]])
    open_, close = bars.open[:, 0], bars.close[:, 0]
    moved = before * (open_ - np.concatenate([[0.0], close[:-1]])) + held * (close - open_)
    paid = 0.0001 * open_ * (before + 2 * held)
    assert run.result.equity == pytest.approx(1e5 + np.cumsum(moved - paid), abs=1e-2)
    made = float(run.result.equity[-1]) - 1e5
    assert float(run.result.trades.pnl.sum()) == pytest.approx(made, abs=1e-2)

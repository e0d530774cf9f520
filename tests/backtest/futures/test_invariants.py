"""What holds of every futures account: its equity is its bookings', rolls at parity are free, size scales."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.currencies import Entry
from engine.backtest.futures import Board, FuturesRun, Margin, Roll, Root, continuous, fronts, simulate
from engine.backtest.money import MINOR, TICK, half_even, to_ticks
from engine.backtest.result import Costs, Signals, Terms
from engine.backtest.targets import Targets
from tests.backtest.futures.boards import NAN, board, contract, random_board

seeds = st.integers(0, 10_000)
ROLLS = st.sampled_from(
    [Roll("calendar", 0), Roll("calendar", 3), Roll("volume", 2), Roll("open_interest", 1)]
)
EASY = Margin(1e-6, 1e-6)


def wishes(seed: int, rows: int, scale: float = 1.0) -> Signals:
    rng = np.random.default_rng(seed)
    chosen = rng.choice([NAN, 0.0, 1.0, -1.0, 0.5], (rows, 1), p=[0.7, 0.1, 0.1, 0.05, 0.05])
    return Signals(chosen * scale)


def run_of(
    on: Board, wants: Signals | Targets, roll: Roll, costs: Costs | None = None, **more: Any
) -> FuturesRun:
    front = fronts(on, roll)
    series = continuous(on, front, "X", 1, "difference")
    terms = more.pop("terms", Terms(1_000_000.0, fractional=True))
    own = Root(on, front, more.pop("margin", EASY), more.pop("rates", None))
    return simulate([own], series.market, wants, costs, terms, **more)


@settings(max_examples=40, deadline=None)
@given(seeds, ROLLS, st.booleans())
def test_equity_is_cash_at_its_rate_after_each_settlement(seed: int, roll: Roll, foreign: bool) -> None:
    on = random_board(seed)
    rng = np.random.default_rng(seed)
    rates = np.round(1.1 + rng.normal(0, 0.02, 60), 6) if foreign else np.ones(60)
    account = "EUR" if foreign else "USD"
    costs = Costs(per_share=1.25, spread=0.001, cash_rate=0.02)
    run = run_of(on, wishes(seed, 60), roll, costs, currency=account, rates=rates, margin=Margin())
    entries = [each for each in run.result.ledger if isinstance(each, Entry)]
    for row, date in enumerate(on.dates):
        total = 0
        for currency in {each.currency for each in entries}:
            cash = sum(each.amount for each in entries if each.date <= date and each.currency == currency)
            rate = TICK if currency == account else to_ticks(float(rates[row]))
            total += half_even(cash * rate, TICK)
        assert run.result.equity[row] == total / MINOR


@settings(max_examples=40, deadline=None)
@given(seeds, ROLLS)
def test_trades_add_up_to_what_the_account_made(seed: int, roll: Roll) -> None:
    run = run_of(random_board(seed), wishes(seed, 60), roll, Costs(per_share=1.25, spread=0.001))
    made = float(run.result.equity[-1]) - run.result.capital
    assert float(run.result.trades.pnl.sum()) == pytest.approx(made, abs=1e-2)
    costs = sum(float(each.sum()) for each in run.result.costs.values())
    assert float(run.result.trades.costs.sum()) == pytest.approx(costs, abs=1e-2)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_a_roll_at_parity_without_costs_changes_nothing(seed: int) -> None:
    on = random_board(seed, parity=True)
    wants = Targets(wishes(seed, 60, 7.0), counted=True)
    early, late = run_of(on, wants, Roll("volume", 3)), run_of(on, wants, Roll("calendar", 1))
    assert early.result.equity.tolist() == late.result.equity.tolist()


@settings(max_examples=30, deadline=None)
@given(seeds, st.floats(10, 200), st.integers(-50, 50))
def test_a_round_trip_at_one_price_is_neutral(seed: int, price: float, count: int) -> None:
    price = round(price, 3)
    on = board(
        ("2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07"), (contract("XM4", "2024-06-21", tick=0.0),),
        open=[[50], [price], [price], [50]], settle=[[50], [90 + seed / 100], [70], [60]],
    )  # fmt: skip
    wants = Targets(Signals(np.array([[count], [0], [NAN], [NAN]], dtype=float)), counted=True)
    assert run_of(on, wants, Roll()).result.equity[-1] == 1_000_000.0


@settings(max_examples=25, deadline=None)
@given(seeds, ROLLS)
def test_twice_the_capital_makes_twice_the_profit(seed: int, roll: Roll) -> None:
    on, costs = random_board(seed), Costs(per_share=1.0, spread=0.001)
    one, two = (
        run_of(on, wishes(seed, 60), roll, costs, terms=Terms(capital, fractional=True)).result
        for capital in (1e6, 2e6)
    )
    assert two.equity == pytest.approx(2 * one.equity, rel=1e-8)


@settings(max_examples=25, deadline=None)
@given(seeds, st.integers(10, 50))
def test_what_comes_later_changes_no_earlier_session(seed: int, cut: int) -> None:
    on = random_board(seed)
    wants = wishes(seed, 60)
    later = random_board(seed + 1)
    mixed = {}
    for name in ("open", "high", "low", "close", "settle", "volume", "open_interest"):
        mixed[name] = np.vstack([getattr(on, name)[:cut], getattr(later, name)[cut:]])
    other = board(on.dates, on.contracts, **mixed)
    roll = Roll("volume", 2)
    one, two = run_of(on, wants, roll), run_of(other, wants, roll)
    assert one.result.equity[:cut].tolist() == two.result.equity[:cut].tolist()


@pytest.mark.parametrize("seed", range(6))
def test_without_costs_the_profit_is_that_of_plain_arrays(seed: int) -> None:
    """A twin: contracts held overnight times the move to the open, then those wanted to the settlement."""
    on = random_board(seed)
    front = fronts(on, Roll("open_interest", 2))
    wants = Targets(wishes(seed, 60, 3.0), counted=True)
    run = run_of(on, wants, Roll("open_interest", 2))
    target = wants.signals.target[:, 0]
    wanted = np.array(
        [(target[:row][np.isfinite(target[:row])][-1:].tolist() or [0.0])[0] for row in range(60)]
    )
    before = np.concatenate([[0.0], wanted[:-1]])
    rows = np.arange(60)
    old = np.concatenate([front[:1], front[:-1]])
    over = np.isnan(on.open[rows, old])  # the old one ended yesterday: nothing more comes of it
    overnight = on.open[rows, old] - np.concatenate([[0.0], on.settle[rows[:-1], old[1:]]])
    overnight = np.where(over | (before == 0), 0.0, overnight)
    intraday = on.settle[rows, front] - on.open[rows, front]
    pnl = 50.0 * (before * overnight + wanted * intraday)
    assert run.result.equity == pytest.approx(1_000_000.0 + np.cumsum(pnl), abs=1e-6)


def test_the_return_is_the_sum_of_weights_times_contract_returns() -> None:
    on = random_board(3)
    rows = np.arange(60)
    run = run_of(on, Signals(np.full((60, 1), 0.8)), Roll("calendar", 3))
    front = fronts(on, Roll("calendar", 3))
    before = np.concatenate([[np.nan], run.result.equity[:-1]])
    count = run.position[:, 0]
    gained = np.zeros(60)
    for row in rows[1:]:
        old, new = front[row - 1], front[row]
        if count[row - 1]:
            weight = count[row - 1] * 50 * on.settle[row - 1, old] / before[row]
            gained[row] += weight * (on.open[row, old] / on.settle[row - 1, old] - 1)
        weight = count[row] * 50 * on.open[row, new] / before[row]
        gained[row] += weight * (on.settle[row, new] / on.open[row, new] - 1)
    assert run.result.returns[1:] == pytest.approx(gained[1:], abs=1e-10)

"""What must hold of any run: money is conserved to the last unit, the future is not known, nothing hangs on order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.kernel import run_fast
from engine.backtest.ledger import Booking
from engine.backtest.market import Market
from engine.backtest.money import MINOR, TICK, amount, half_even, to_ticks
from engine.backtest.orders import Order
from engine.backtest.result import Costs, Result, Signals, Terms
from engine.backtest.simulate import View, run_events
from tests.backtest.sim.markets import PANELS, market, random_market, random_target

COSTS = Costs(0.005, 0.0005, 1.0, 0.0004, 0.001, 0.1, 0.5, 0.2, 0.03, 0.01, 0.02, 0.05, 0.15)
MARGIN = {"initial_margin": 0.5, "maintenance_margin": 0.3}


def trader(seed: int) -> object:
    """A strategy of all kinds of orders, drawn from a seed and the prices it sees."""

    def decide(view: View) -> Sequence[Order]:
        rng = np.random.default_rng([seed, view.row])
        close, orders = view.history("close")[-1], []
        for column, symbol in enumerate(view.symbols):
            price = close[column]
            if rng.random() > 0.3 or not np.isfinite(price):
                continue
            shares = float(rng.integers(-300, 300))
            away = 1 - np.sign(shares) * rng.uniform(-0.01, 0.03)
            kind = rng.choice(["market", "limit", "stop", "stop_limit", "trailing", "open", "close"])
            then = (
                Order(symbol, -shares, "stop", stop=price * 0.97, group=f"{symbol}{view.row}", closing=True),
                Order(
                    symbol, -shares, "limit", limit=price * 1.03, group=f"{symbol}{view.row}", closing=True
                ),
            )
            limit, stop = price * away, price * (2 - away)
            orders.append(
                Order(symbol, shares, str(kind), limit, stop, 0.03, int(rng.integers(1, 5)), then=then)  # type: ignore[arg-type]
            )
        return orders

    return decide


def replayed(bars: Market, run: Result, lots: int) -> None:
    """Equity of each session from the bookings alone, in fractions."""
    units, marks = dict.fromkeys(bars.symbols, 0), dict.fromkeys(bars.symbols, 0)
    cash = owed = 0
    bookings = [booking for booking in run.ledger if isinstance(booking, Booking)]
    place = 0
    for row, date in enumerate(run.dates):
        while place < len(bookings) and bookings[place].date == date:
            one = bookings[place]
            place += 1
            assert isinstance(one.amount, int)
            if one.kind in ("dividend", "withholding"):
                owed += one.amount
            else:
                cash += one.amount
                owed -= one.amount if one.kind == "payment" else 0
            assert one.balance == cash
            if one.kind in ("trade", "delisting"):
                exact = Fraction(one.shares) * Fraction(one.price) * -MINOR
                assert abs(one.amount - exact) <= Fraction(1, 2) + abs(exact) / 10**11
            if one.symbol:
                units[one.symbol] += round(one.shares * lots)
        value = 0
        for column, symbol in enumerate(bars.symbols):
            close = bars.close[row, column]
            if np.isfinite(close):
                marks[symbol] = to_ticks(float(close))
            elif bars.split[row, column] != 1.0:
                marks[symbol] = to_ticks(marks[symbol] / TICK / bars.split[row, column])
            value += amount(units[symbol], lots, marks[symbol])
        assert run.equity[row] == (cash + owed + value) / MINOR


@given(st.integers(0, 10_000), st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_equity_is_cash_and_positions_to_the_last_unit(
    seed: int, actions: bool, holes: bool, fractional: bool
) -> None:
    bars = random_market(seed, 40, 3, actions, holes)
    run = run_events(bars, trader(seed), COSTS, Terms(50_000.0, fractional, **MARGIN))  # type: ignore[arg-type]
    replayed(bars, run, 10**8 if fractional else 1)


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=30, deadline=None)
def test_profit_is_what_trades_and_financing_made(seed: int, actions: bool) -> None:
    """All pnl of trades, less what was paid for holding, is the change of equity."""
    bars = random_market(seed, 40, 3, actions)
    run = run_events(bars, trader(seed), COSTS, Terms(50_000.0))  # type: ignore[arg-type]
    holding = sum(run.costs[kind].sum() for kind in ("interest", "rebate", "borrow") if kind in run.costs)
    assert run.trades.pnl.sum() - holding == pytest.approx(run.equity[-1] - 50_000, abs=0.05)


@given(st.integers(0, 10_000), st.integers(5, 35), st.booleans())
@settings(max_examples=30, deadline=None)
def test_the_future_changes_no_past(seed: int, cut: int, actions: bool) -> None:
    bars = random_market(seed, 40, 3, actions)
    other = random_market(seed + 1, 40, 3)
    mixed = {name: getattr(bars, name).copy() for name in PANELS}
    for name, panel in mixed.items():
        ahead = np.isfinite(panel[cut:])
        panel[cut:][ahead] = getattr(other, name)[cut:][ahead]
    changed = replace(bars, **mixed)
    terms = Terms(50_000.0, **MARGIN)  # type: ignore[arg-type]
    one, two = (run_events(each, trader(seed), COSTS, terms) for each in (bars, changed))  # type: ignore[arg-type]
    assert one.equity[:cut].tolist() == two.equity[:cut].tolist()
    past = [[booking for booking in run.ledger if booking.date < bars.dates[cut]] for run in (one, two)]  # type: ignore[attr-defined]
    assert past[0] == past[1]
    signals = Signals(random_target(seed, bars.close.shape, 0.3))
    for accounts in (True, False):
        one, two = (run_fast(each, signals, accounts=accounts) for each in (bars, changed))
        assert one.equity[:cut].tolist() == two.equity[:cut].tolist()


@pytest.mark.parametrize("run", [run_fast, run_events])
@given(seed=st.integers(0, 10_000), price=st.integers(1, 50_000))
@settings(max_examples=30, deadline=None)
def test_round_trips_at_one_price_without_costs_make_nothing(run: object, seed: int, price: int) -> None:
    bars = market(30, 3, close=np.full((30, 3), price / 100))
    signals = Signals(random_target(seed, (30, 3)))
    for accounts in (True, False):
        for fractional in (True, False):
            found = run(bars, signals, None, Terms(10_000.0, fractional), accounts=accounts)  # type: ignore[operator]
            np.testing.assert_allclose(found.equity, found.capital, rtol=1e-9)


@pytest.mark.parametrize("run", [run_fast, run_events])
@pytest.mark.parametrize("seed", range(4))
def test_twice_the_capital_makes_twice_the_profit(run: object, seed: int) -> None:
    bars = random_market(seed, actions=True)
    signals, costs = (
        Signals(random_target(seed, bars.close.shape, 0.4)),
        Costs(per_notional=0.001, slippage=0.001),
    )
    one, two = (run(bars, signals, costs, Terms(capital, True)) for capital in (1e5, 2e5))  # type: ignore[operator]
    np.testing.assert_allclose(two.equity, 2 * one.equity, rtol=0, atol=0.01)


@pytest.mark.parametrize("run", [run_fast, run_events])
@pytest.mark.parametrize("accounts", [True, False])
def test_the_order_of_symbols_changes_nothing(run: object, accounts: bool) -> None:
    bars = random_market(3, actions=True, holes=True)
    target, turned = random_target(3, bars.close.shape, 0.4), [2, 0, 3, 1]
    panels = (*PANELS, "split", "dividend", "pay")
    moved = {name: getattr(bars, name)[:, turned] for name in panels}
    moved |= {name: getattr(bars, name)[turned] for name in ("ids", "last", "final_return")}
    other = replace(bars, symbols=tuple(bars.symbols[place] for place in turned), **moved)
    one = run(bars, Signals(target), COSTS_FAST, accounts=accounts)  # type: ignore[operator]
    two = run(other, Signals(target[:, turned]), COSTS_FAST, accounts=accounts)  # type: ignore[operator]
    np.testing.assert_allclose(one.equity, two.equity, rtol=1e-12)
    np.testing.assert_allclose(one.weights[:, turned], two.weights, rtol=1e-9, atol=1e-12)
    assert sorted(trade.pnl for trade in one.trades) == pytest.approx(
        sorted(trade.pnl for trade in two.trades)
    )


COSTS_FAST = Costs(per_share=0.005, per_notional=0.0005, slippage=0.001, borrow_rate=0.02, withholding=0.15)


def test_a_run_is_the_same_again() -> None:
    bars = random_market(9, actions=True, holes=True)
    runs = [run_events(bars, trader(9), COSTS) for _ in range(2)]  # type: ignore[arg-type]
    assert runs[0].ledger == runs[1].ledger
    assert runs[0].equity.tobytes() == runs[1].equity.tobytes()


def test_a_strategy_sees_nothing_ahead_and_cannot_write() -> None:
    """Nor does the memory that its arrays lie in hold anything of later."""
    bars, rows = random_market(1), []

    def decide(view: View) -> Sequence[Order]:
        close = view.history("close")
        assert close.tobytes() == bars.close[: view.row + 1].tobytes()
        memory = close
        while memory.base is not None:
            memory = memory.base
        assert np.isnan(memory[view.row + 1 :]).all()
        with pytest.raises(ValueError, match="read-only"):
            close[0, 0] = 1.0
        rows.append(view.row)
        return ()

    run_events(bars, decide)
    assert rows == list(range(len(bars.dates)))


def test_halves_are_exact_however_large() -> None:
    assert half_even(10**40 + 5, 10) == 10**39
    assert half_even(10**40 + 15, 10) == 10**39 + 2

"""Inverse perpetuals worked by hand: coins of cash, contracts, fee, funding in coins; equity at the coin's mark."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.crypto import CryptoRun, CryptoTerms, every, simulate
from engine.backtest.currencies import Entry
from engine.backtest.result import Costs, Terms
from tests.backtest.crypto.coins import NAN, counted, days, market, random_market

TEN = CryptoTerms(perpetual=True, face=10.0)
LOOSE = CryptoTerms(perpetual=True, face=1.0, initial=1e-6, maintenance=1e-6, liquidation_fee=0.0)


def coins(run: CryptoRun) -> list[tuple[Any, ...]]:
    """From bookings, a bar: cash in coins, contracts, fee, funding, coins owned, equity."""
    rows: list[tuple[Any, ...]] = []
    cash = 0
    entries = [each for each in run.result.ledger if isinstance(each, Entry)]
    assert run.coins is not None
    for place, date in enumerate(run.result.dates):
        today = [each for each in entries if each.date == date]
        cash += sum(each.amount for each in today)
        assert not today or today[-1].balance == cash
        fee, funding = (
            sum(each.amount for each in today if each.kind == kind) / 1e8
            for kind in ("commission", "funding")
        )
        rows.append(
            (
                cash / 1e8,
                run.positions[place, 0],
                -fee,
                funding,
                run.coins[place],
                float(run.result.equity[place]),
            )
        )
    return rows


def test_margin_profit_and_funding_are_coins() -> None:
    bars = market(days(4), [20_000, 20_000, 25_000, 25_000], [20_000, 25_000, 20_000, 25_000])
    run = simulate(
        bars,
        counted([500, 200, 0, NAN]),
        Costs(per_notional=0.0005),
        Terms(10_000.0),
        TEN,
        every(bars.dates, 0.0001, 1),
    )
    assert coins(run) == [
        # 10,000 dollars at the first close of 20,000
        (0.5, 0.0, 0.0, 0.0, 0.5, 10_000.0),
        # 500 contracts of 10 at 20,000: 0.25 coins; fee 0.000125; 8:00 and 16:00 on 0.25 at the open: 0.000025 each;
        # at 25,000 they have made 5,000 (1/20,000 - 1/25,000) = 0.05: 0.549825 coins
        (0.499825, 500.0, 0.000125, -0.00005, 0.549825, 13_745.625),
        # midnight on 0.2: 0.00002; 300 sold at 25,000: 3,000 (1/20,000 - 1/25,000) = 0.03, fee 0.00006; twice on
        # 0.08: 0.000008 each; 200 left are worth what they cost at 20,000
        (0.529729, 200.0, 0.00006, -0.000036, 0.529729, 10_594.58),
        # midnight on 0.08: 0.000008; 200 sold at 25,000: 0.02, fee 0.00004
        (0.549681, 0.0, 0.00004, -0.000008, 0.549681, 13_742.025),
    ]  # fmt: skip
    (trade,) = run.result.trades
    # 0.03 coins at 25,000, then 0.02 at 25,000: told at the price of their exit
    fees = 0.000125 * 20_000 + 0.0001 * 25_000
    funding = 0.00005 * 20_000 + 0.000036 * 25_000 + 0.000008 * 25_000
    assert trade.pnl == pytest.approx(750 + 500 - fees - funding, abs=1e-6)
    assert run.funding == pytest.approx(funding)
    assert run.margin[1] == pytest.approx(500.0)  # a tenth of 5,000 dollars


def test_a_short_of_the_whole_account_is_a_synthetic_dollar() -> None:
    bars = market(days(4), [20_000, 20_000, 31_000, 9_000], [20_000, 30_000, 10_000, 8_000])
    run = simulate(bars, counted([-1_000, NAN, NAN, NAN]), Costs(), Terms(10_000.0), TEN)
    assert run.result.equity.tolist() == pytest.approx([10_000.0] * 4, abs=3e-4)
    assert run.liquidations == 0  # no price above takes more coins than there are


def test_a_long_is_liquidated_where_its_coins_end() -> None:
    bars = market(days(3), [20_000, 20_000, 15_000], [20_000, 19_000, 15_000], low=[20_000, 12_000, 15_000])
    run = simulate(bars, counted([2_000, NAN, NAN]), Costs(), Terms(10_000.0), TEN)
    # 0.5 + 20,000 (1/20,000 - 1/p) = 5% of 20,000/p at p = 21,000 / 1.5 = 14,000; lost 20,000/14,000 - 1 =
    # 0.42857143, half a percent of 1.42857143 is the fee
    cash, contracts, fee, _, owned, _ = coins(run)[1]
    assert (contracts, fee) == (0.0, 0.00714286)
    assert cash == owned == pytest.approx(0.5 - 0.42857143 - 0.00714286, abs=1e-9)
    assert run.result.trades[0].exit_price == pytest.approx(14_000.0)


def test_a_short_is_liquidated_above_and_a_gap_at_the_open() -> None:
    bars = market(days(2), [20_000, 20_000], [20_000, 20_000], high=[20_000, 50_000])
    run = simulate(bars, counted([-2_000, NAN]), Costs(), Terms(10_000.0), TEN)
    # 0.5 - 20,000 (1/20,000 - 1/p) = 5% of 20,000/p at p = 19,000 / 0.5 = 38,000
    assert run.result.trades[0].exit_price == pytest.approx(38_000.0)
    bars = market(days(3), [20_000, 20_000, 40_000], [20_000, 20_000, 40_000])
    run = simulate(bars, counted([-2_000, NAN, NAN]), Costs(), Terms(10_000.0), TEN)
    assert run.result.trades[0].exit_price == 40_000.0
    assert coins(run)[2][0] == pytest.approx(0.5 - 0.5 - 0.0025)  # owes the fee


def test_the_initial_margin_is_of_the_face() -> None:
    bars = market(days(2), [20_000, 20_000], [20_000, 20_000])
    run = simulate(bars, counted([20_000, NAN]), Costs(), Terms(10_000.0), TEN)
    assert run.positions[:, 0].tolist() == [0.0, 10_000.0]  # 100,000 dollars: ten times the account


def test_what_it_cannot_be_is_refused() -> None:
    bars = random_market(1)
    with pytest.raises(ValueError, match="several accounts"):
        simulate(bars, counted([NAN] * 50), None, None, TEN)
    with pytest.raises(ValueError, match="on which no venue pays interest"):
        simulate(random_market(1, columns=1), counted([NAN] * 50), Costs(cash_rate=0.03), None, TEN)
    with pytest.raises(ValueError, match="only perpetuals have one"):
        CryptoTerms(face=10.0)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_coins_are_those_of_the_formula(seed: int) -> None:
    """Cash and profit of every bar, from the fills alone, in fractions: ``C + sum of N s / e - N s / p``."""
    bars = random_market(seed, columns=1)
    rng = np.random.default_rng(seed)
    wants = counted(np.where(rng.random(50) < 0.4, rng.integers(-900, 900, 50), NAN))
    run = simulate(bars, wants, Costs(spread=0.002), Terms(1e5), LOOSE)
    assert run.coins is not None
    entries = [each for each in run.result.ledger if isinstance(each, Entry)]
    start = Fraction(entries[0].amount, 10**8)
    for row, date in enumerate(bars.dates):
        done = [each for each in entries if each.date <= date and each.quantity]
        mark = Fraction(float(bars.close[row, 0]))
        made = sum(Fraction(each.quantity) * (1 / Fraction(each.price) - 1 / mark) for each in done)
        assert run.coins[row] == pytest.approx(float(start + made), abs=0.6e-8 * (len(done) + 1))
        assert run.result.equity[row] == pytest.approx(run.coins[row] * bars.close[row, 0], abs=1e-4)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 5_000), st.floats(0.05, 90_000))
def test_a_round_trip_at_one_price_keeps_every_coin(seed: int, contracts: int, price: float) -> None:
    bars = market(days(4), [price, price, price, 1.0], [price, price * (1 + seed / 30_000), price, price])
    run = simulate(bars, counted([contracts, 0, NAN, NAN]), Costs(), Terms(1e8), LOOSE)
    assert run.coins is not None
    assert run.coins[-1] == run.coins[0]
    assert run.result.equity[-1] == run.result.equity[0]

"""Accounts of coins and of perpetuals worked by hand: cash, coins, fee, funding, margin, equity after each bar."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.backtest.crypto import CryptoTerms, Funding, every, simulate
from engine.backtest.result import Costs, Signals, Terms
from tests.backtest.crypto.coins import NAN, counted, days, market, table

PERPETUAL = CryptoTerms(perpetual=True)


def test_coins_are_bought_in_fractions_for_all_the_cash() -> None:
    bars = market(days(4), [20_000, 20_000, 21_500, 22_000], [20_000, 21_000, 21_800, 22_500])
    wants = Signals(np.array([[1.0], [NAN], [0.0], [NAN]]), np.ones((4, 1), dtype=int), ("", "because"))
    run = simulate(bars, wants, Costs(per_notional=0.001), Terms(10_000.0))
    assert table(run) == [
        (10_000.0, 0.0, 0.0, 0.0, 0.0, 10_000.0),
        # 10,000 / (20,000 x 1.001) = 0.49950049; 9,990.0098 and a fee of 9.9900
        (0.0002, 0.49950049, 9.99, 0.0, 0.0, 10_489.5105),
        (0.0002, 0.49950049, 0.0, 0.0, 0.0, 10_889.1109),
        (10_978.022, 0.0, 10.989, 0.0, 0.0, 10_978.022),  # 10,989.0108 - 10.9890
    ]
    (trade,) = run.result.trades
    assert (trade.entry_price, trade.exit_price) == (20_000.0, 22_000.0)
    assert trade.pnl == pytest.approx(978.022, abs=1e-3)
    assert trade.bars == 2


def test_coins_are_paid_in_full_though_volatility_or_size_worsen_their_price() -> None:
    bars = market(days(3), [20_000, 20_000, 20_000], [20_000, 21_000, 21_000])
    wants, moved = Signals(np.array([[1.0], [NAN], [NAN]])), np.full((3, 1), 0.04)
    run = simulate(bars, wants, Costs(slippage_volatility=0.5), Terms(10_000.0), moved=moved)
    # at 20,000 x (1 + 0.5 x 0.04) = 20,400: 10,000 / 20,400 = 0.49019607 for 9,999.9998
    assert table(run)[1] == (0.0002, 0.49019607, 0.0, 0.0, 0.0, 10_294.1177)
    thin = replace(bars, volume=np.full((3, 1), 1.0))
    run = simulate(thin, wants, Costs(impact=1.0), Terms(10_000.0), moved=moved)
    # half a coin of one traded would be 0.04 x sqrt(0.5) = 2.83% dearer; what that pays for is less dear
    assert run.positions[1, 0] == pytest.approx(0.5 / (1 + 0.04 * 0.5**0.5), abs=1e-8)
    assert 0 < float(run.result.cash[1]) < 10


def test_a_perpetual_pays_funding_thrice_a_day_and_realises_what_is_closed() -> None:
    bars = market(days(3), [100, 100, 111], [100, 110, 105])
    funding = every(bars.dates, 0.0001, 1)
    run = simulate(bars, counted([2, 1, NAN]), Costs(per_notional=0.0005), Terms(1_000.0), PERPETUAL, funding)
    assert table(run) == [
        (1_000.0, 0.0, 0.0, 0.0, 0.0, 1_000.0),
        # bought at the open, after midnight's funding: 8:00 and 16:00 on 200
        (999.86, 2.0, 0.1, -0.04, pytest.approx(22.0), 1_019.86),
        # midnight's on 222: 0.0222; one closed at 111: + 11; then twice on 111: 0.0222
        (1_010.7601, 1.0, 0.0555, -0.0444, pytest.approx(10.5), 1_015.7601),
    ]
    assert run.funding == pytest.approx(0.0844)
    assert run.result.costs["funding"].tolist() == pytest.approx([0.0, 0.04, 0.0444])


def test_a_short_receives_funding_and_a_rate_that_is_not_known_is_not_paid() -> None:
    bars = market(days(3), [100, 100, 100], [100, 100, 100])
    times = np.array(["2024-03-02T08:00", "2024-03-03T00:00", "2024-03-03T08:00"], dtype="datetime64[m]")
    funding = Funding(times, np.array([[0.001], [NAN], [-0.002]]))
    run = simulate(bars, counted([-3, NAN, NAN]), Costs(), Terms(1_000.0), PERPETUAL, funding)
    assert [row[3] for row in table(run)] == [0.0, 0.3, -0.6]


def test_a_position_is_liquidated_where_its_margin_ends() -> None:
    bars = market(days(3), [100, 100, 99], [100, 99, 99], high=[100, 101, 99], low=[100, 94, 98])
    run = simulate(bars, counted([10, NAN, NAN]), Costs(), Terms(100.0), PERPETUAL)
    # 100 + 10 (p - 100) = 5% of 10 p at p = 94.7368; lost 52.6316, and half a percent of 947.3684
    assert table(run) == [
        (100.0, 0.0, 0.0, 0.0, 0.0, 100.0),
        (42.6316, 0.0, 4.7368, 0.0, 0.0, 42.6316),
        (42.6316, 0.0, 0.0, 0.0, 0.0, 42.6316),
    ]
    (trade,) = run.result.trades
    assert (trade.exit_reason, trade.exit_price) == ("liquidation", pytest.approx(94.7368421))
    assert run.liquidations == 1


def test_a_gap_is_liquidated_at_the_open_and_may_cost_more_than_the_margin() -> None:
    bars = market(days(3), [100, 100, 92], [100, 99, 93])
    run = simulate(bars, counted([10, NAN, 5]), Costs(), Terms(100.0), PERPETUAL)
    assert table(run)[2] == (15.4, 0.0, 4.6, 0.0, 0.0, 15.4)  # - 80 - 0.5% of 920
    bars = market(days(4), [100, 100, 88, 90], [100, 99, 93, 90])
    run = simulate(bars, counted([10, NAN, 5, NAN]), Costs(), Terms(100.0), PERPETUAL)
    assert [row[5] for row in table(run)] == [100.0, 90.0, -24.4, -24.4]  # owes; opens nothing any more


def test_a_short_is_liquidated_above() -> None:
    bars = market(days(2), [100, 100], [100, 101], high=[100, 105], low=[100, 100])
    run = simulate(bars, counted([-10, NAN]), Costs(), Terms(100.0), PERPETUAL)
    # 100 - 10 (p - 100) = 0.5 p at p = 104.7619
    assert run.result.trades[0].exit_price == pytest.approx(1_100 / 10.5)


def test_the_initial_margin_bounds_a_perpetual_and_cash_bounds_coins() -> None:
    bars = market(days(2), [100, 100], [100, 100])
    wants = Signals(np.array([[20.0], [NAN]]))
    run = simulate(bars, wants, Costs(), Terms(1_000.0), PERPETUAL)
    assert run.positions[:, 0].tolist() == [0.0, 100.0]  # ten times the equity
    assert run.result.events[0].text == "The initial margin allows 50.00% of the 200 wanted."
    run = simulate(bars, wants, Costs(), Terms(1_000.0))
    assert run.positions[:, 0].tolist() == [0.0, 10.0]
    assert run.result.events[0].kind == "cash"


def test_a_maker_pays_the_makers_fee() -> None:
    bars = market(days(2), [100, 100], [100, 100])
    taker, maker = (
        simulate(
            bars, counted([1, NAN]), Costs(per_notional=0.0005), Terms(1_000.0), CryptoTerms(True, maker=fee)
        )
        for fee in (None, 0.0002)
    )
    assert (table(taker)[1][2], table(maker)[1][2]) == (0.05, 0.02)


def test_coins_cannot_be_sold_short() -> None:
    bars = market(days(2), [100, 100], [100, 100])
    with pytest.raises(ValueError, match="cannot be sold short"):
        simulate(bars, counted([-1, NAN]), Costs(), Terms(1_000.0))


def test_interest_runs_through_weekends() -> None:
    bars = market(days(4), [100] * 4, [100] * 4)  # Friday to Monday
    run = simulate(bars, counted([NAN] * 4), Costs(cash_rate=0.0365, day_count=365), Terms(10_000.0))
    assert [row[0] for row in table(run)] == [10_000.0, 10_001.0, 10_002.0001, 10_003.0003]


def test_funding_is_paid_by_the_bar_that_its_moment_lies_in() -> None:
    minutes = np.datetime64("2024-03-01T07:58", "m") + np.arange(5)
    funding = Funding(np.array(["2024-03-01T08:00:00"], dtype="datetime64[s]"), np.array([[0.01]]))
    assert funding.by_row(minutes)[2] == ([0], [])
    bars = market(minutes, [100] * 5, [100] * 5)
    early = simulate(bars, counted([1, NAN, NAN, NAN, NAN]), Costs(), Terms(1_000.0), PERPETUAL, funding)
    late = simulate(bars, counted([NAN, 1, NAN, NAN, NAN]), Costs(), Terms(1_000.0), PERPETUAL, funding)
    assert (early.funding, late.funding) == (1.0, 0.0)  # who buys at 8:00 pays nothing at 8:00


@pytest.mark.parametrize("hours", [0, 7, 48])
def test_funding_comes_a_whole_number_of_times_a_day(hours: int) -> None:
    with pytest.raises(ValueError, match="whole number of times"):
        every(days(3), 0.0001, 1, hours)

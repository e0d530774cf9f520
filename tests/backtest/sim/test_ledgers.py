"""Accounts worked by hand: each session's cash, shares, what is owed, equity, in the order of a statement."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.backtest.kernel import run_fast
from engine.backtest.market import Merger
from engine.backtest.money import half_even
from engine.backtest.orders import Order
from engine.backtest.result import Costs, Signals, Terms
from engine.backtest.simulate import run_events
from tests.backtest.sim.markets import market
from tests.backtest.sim.tables import amounts, fills, follow, table


def buy(shares: float, **more: object) -> Order:
    return Order("A", shares, **more)  # type: ignore[arg-type]


def test_a_split_pays_the_fraction_at_the_open() -> None:
    bars = market(4, open=[100, 100, 66, 70], close=[100, 102, 67, 71], split=[1, 1, 1.5, 1])
    run = follow(bars, {0: [buy(15)], 2: [buy(-22)]}, Costs(per_share=0.01, minimum=1.0))
    assert table(run) == [
        (10_000.00, 0, 0, 10_000.00),
        (8_499.00, 15, 0, 10_029.00),  # - 15 x 100 - 1.00; 15 x 102
        (8_532.00, 22, 0, 10_006.00),  # 22.5 shares: half a share at 66 = 33.00; 22 x 67
        (10_071.00, 0, 0, 10_071.00),  # + 22 x 70 - 1.00
    ]
    (trade,) = run.trades
    assert trade.pnl == pytest.approx(71.0)
    assert trade.costs == pytest.approx(2.0)
    assert trade.entry_price == pytest.approx(1500 / 22.5)
    assert trade.shares == pytest.approx(22.5)
    assert (trade.bars, trade.return_) == (2, pytest.approx(71 / 1500))


def test_a_dividend_is_owed_from_its_ex_date_and_paid_later() -> None:
    bars = market(
        5,
        open=[50, 50, 49, 49.5, 50],
        close=[50, 50, 49, 50, 50],
        dividend=[0, 0, 1, 0, 0],
        pay=[0, 0, 2, 0, 0],
    )
    run = follow(bars, {0: [buy(100)], 2: [buy(-100)]}, Costs(withholding=0.15))
    assert table(run) == [
        (10_000, 0, 0, 10_000),
        (5_000, 100, 0, 10_000),
        (5_000, 100, 85, 9_985),  # 100 x 1.00 less 15%, not yet paid; 100 x 49
        (9_950, 0, 85, 10_035),  # sold at 49.50 on the day after the ex-date: the right stays
        (10_035, 0, 0, 10_035),
    ]
    assert amounts(run, "dividend") == [100.0]
    assert amounts(run, "withholding") == [-15.0]
    assert run.costs["withholding"].tolist() == [0, 0, 15, 0, 0]
    assert run.trades[0].pnl == pytest.approx(35.0)


def test_who_buys_on_the_ex_date_gets_nothing_and_a_short_pays_all() -> None:
    bars = market(4, dividend=[0, 0, 1, 0], pay=[0, 0, 1, 0])
    late = follow(bars, {1: [buy(10)]}, Costs(withholding=0.15))
    assert [row[2] for row in table(late)] == [0, 0, 0, 0]
    short = follow(bars, {0: [buy(-10)]}, Costs(withholding=0.15))
    assert table(short)[1:] == [(11_000, -10, 0, 10_000), (11_000, -10, -10, 9_990), (10_990, -10, 0, 9_990)]


def test_a_short_pays_its_borrow_and_earns_its_rebate_over_calendar_nights() -> None:
    days = np.array(["2024-03-07", "2024-03-08", "2024-03-11", "2024-03-12"], dtype="datetime64[D]")
    bars = market(4, dates=days, open=[50, 50, 51, 47], close=[50, 52, 48, 47])
    costs = Costs(borrow_rate=0.036, short_rebate=0.018, cash_rate=0.036)
    run = follow(bars, {0: [buy(-100)], 2: [buy(100)]}, costs)
    assert table(run) == [
        (10_000.0000, 0, 0, 10_000.0000),
        (15_001.0000, -100, 0, 9_801.0000),  # a night on 10,000: 1.00; + 5,000; - 100 x 52
        # three nights: 9,801 x 3.6% 2.9403, 5,200 x 1.8% 0.7800, - 5,200 x 3.6% 1.5600
        (15_003.1603, -100, 0, 10_203.1603),
        # one night: 10,203.1603 x 3.6% 1.0203, 4,800: 0.2400 - 0.4800; bought back at 47
        (10_303.9406, 0, 0, 10_303.9406),
    ]
    assert amounts(run, "borrow") == [-1.56, -0.48]
    assert run.costs["borrow"].tolist() == [0, 0, 1.56, 0.48]


def test_borrowed_cash_pays_the_debit_rate() -> None:
    run = follow(market(4), {0: [buy(200)]}, Costs(cash_rate=0.036, debit_rate=0.072))
    assert amounts(run, "interest") == [1.0, -1.9998, -2.0002]  # 10,000; 9,999 borrowed; 10,000.9998 borrowed


@pytest.mark.parametrize(
    ("final", "paid", "told"), [(-0.5, 2_000, "-50.00%"), (math.nan, 4_000, "nobody told")]
)
def test_a_delisting_pays_its_final_return(final: float, paid: float, told: str) -> None:
    gone = math.nan
    bars = market(4, open=[50, 50, 45, gone], close=[50, 50, 40, gone], last=[2], final_return=[final])
    run = follow(bars, {0: [buy(100)]})
    assert table(run) == [
        (10_000, 0, 0, 10_000),
        (5_000, 100, 0, 10_000),
        (5_000 + paid, 0, 0, 5_000 + paid),
        (5_000 + paid, 0, 0, 5_000 + paid),
    ]
    (event,) = run.events
    assert (event.kind, event.symbol) == ("delisting", "A")
    assert told in event.text
    assert run.trades[0].exit_reason == "delisted"


def test_a_merger_pays_shares_of_the_successor_and_cash() -> None:
    """After day 2, 0.25 B and 3 in cash for each of 101 A: 25.25 B, of which a quarter at 80 is 20 in cash."""
    gone = math.nan
    close = np.array([[20, 80], [20, 80], [22, 80], [gone, 84.0]])
    bars = market(4, 2, close=close, last=[2, -1], mergers=(Merger(0, 1, 0.25, 3.0),))
    run = follow(bars, {0: [buy(101)]})
    assert table(run) == [
        (10_000, 0, 0, 10_000),
        (7_980, 101, 0, 10_000),
        (8_303, 0 + 25, 0, 10_303),  # + 303 + 20, 25 B at 80
        (8_303, 25, 0, 10_403),  # B at 84: a strategy of orders keeps them until it sells
    ]
    first, second = run.trades
    assert (first.symbol, first.exit_price, first.exit_reason) == ("A", 23.0, "merged into B")
    assert (second.symbol, second.entry_price, second.entry_reason) == ("B", 80.0, "merger of A")
    assert [event.text for event in run.events] == ["Merged: 0.25 shares of B and 3 in cash a share."]


def test_shares_of_a_merger_that_nobody_wants_are_sold_at_the_next_open() -> None:
    gone = math.nan
    close = np.array([[20, 80], [20, 80], [22, 80], [gone, 84.0]])
    bars = market(4, 2, close=close, last=[2, -1], mergers=(Merger(0, 1, 0.25, 3.0),))
    target = np.full((4, 2), gone)
    target[0, 0] = 0.202
    for run in (run_events, run_fast):
        found = run(bars, Signals(target), None, Terms(10_000.0))
        assert found.cash.tolist() == [10_000, 7_980, 8_303, 10_403]
        assert found.trades[1].exit_reason == "received in a merger"
        alone = run(bars, Signals(target * 5), None, Terms(10_000.0), accounts=True)
        assert alone.cash[2] == 10_000 + 10_000 - 505 * 20 + 505 * 23  # each its own: paid what it is worth


@pytest.mark.parametrize(("fractional", "equity", "owed"), [(False, 9_597.0, -25.0), (True, 9_596.0, -25.25)])
def test_who_is_short_of_a_target_owes_the_successor_and_the_cash(
    fractional: bool, equity: float, owed: float
) -> None:
    """101 A short at 20; each costs 3 and a quarter of B at 80, bought back at 84."""
    gone = math.nan
    close = np.array([[20, 80], [20, 80], [22, 80], [gone, 84], [gone, 85.0]])
    bars = market(
        5, 2, close=close, last=[2, 4], final_return=[gone, -0.5], mergers=(Merger(0, 1, 0.25, 3.0),)
    )
    target = np.full((5, 2), gone)
    target[0, 0] = -0.202
    for run in (run_events, run_fast):
        found = run(bars, Signals(target), None, Terms(10_000.0, fractional))
        assert found.equity.tolist() == [10_000, 10_000, 10_000 - 101 * 3, equity, equity]
        assert [(each.symbol, each.shares) for each in found.trades] == [("A", -101.0), ("B", owed)]


def test_a_successor_that_split_without_a_bar_is_worth_its_last_close_in_shares_of_then() -> None:
    """B closed at 80, became two of 40 on day 2 and had no bar: a quarter of one is 10 of A's 13."""
    gone = math.nan
    close = np.array([[20, 80], [20, 80], [22, gone], [gone, 42.0]])
    split = np.array([[1, 1], [1, 1], [1, 2], [1, 1]])
    bars = market(4, 2, close=close, split=split, last=[2, -1], mergers=(Merger(0, 1, 0.25, 3.0),))
    target = np.full((4, 2), gone)
    target[0] = 0.202, 0.4
    for run in (run_events, run_fast):
        found = run(bars, Signals(target), None, Terms(10_000.0))
        # 101 A and 50 B; 100 B at 40, 25 more of them, 303 and a quarter at 40 in cash
        assert found.equity.tolist() == [10_000, 10_000, 10_000 + 101 * (13 - 20), 9_293 + 125 * 2]
        alone = run(bars, Signals(target), None, Terms(10_000.0), accounts=True)
        assert alone.equity[2] == 20_000 + 101 * (13 - 20)


def test_round_lots() -> None:
    """0.87 of 10,000 at 20 is 435 shares: 400 in lots of a hundred; a split of 3 for 2 leaves 600, sold whole."""
    bars = market(5, close=[20, 20, 20 / 1.5, 20 / 1.5, 20 / 1.5], split=[1, 1, 1.5, 1, 1])
    target = np.array([[0.87], [math.nan], [0.0], [math.nan], [math.nan]])
    for run in (run_events, run_fast):
        found = run(bars, Signals(target), None, Terms(10_000.0, lot=100))
        assert found.cash.tolist() == pytest.approx([10_000, 2_000, 2_000, 10_000, 10_000])
    with pytest.raises(ValueError, match="lot is 10"):
        Terms(fractional=True, lot=10)


def test_a_margin_call_cuts_at_the_next_open() -> None:
    bars = market(5, open=[50, 50, 40, 32, 34], close=[50, 50, 33, 34, 34])
    run = follow(bars, {0: [buy(500)]}, initial_margin=0.5, maintenance_margin=0.25)
    assert table(run) == [
        (10_000, 0, 0, 10_000),
        (-10_000, 400, 0, 10_000),  # 500 wanted; twice the equity is 400
        (-10_000, 400, 0, 3_200),  # 3,200 over 13,200 is 24.2%
        (-2_800, 175, 0, 3_150),  # at 32: equity 2,800 carries 5,600, which is 175 shares
        (-2_800, 175, 0, 3_150),
    ]
    assert [event.kind for event in run.events] == ["margin", "margin call"]
    assert run.events[1].date == bars.dates[2]


def test_a_margin_call_on_a_short_buys_back() -> None:
    bars = market(4, open=[50, 50, 60, 84], close=[50, 50, 85, 84])
    run = follow(bars, {0: [buy(-200)]}, initial_margin=0.5, maintenance_margin=0.25)
    assert table(run) == [
        (10_000, 0, 0, 10_000),
        (20_000, -200, 0, 10_000),
        (20_000, -200, 0, 3_000),  # 3,000 over 17,000 is 17.6%
        (9_584, -76, 0, 3_200),  # at 84: equity 3,200 carries 6,400, which is 76 shares; 124 bought back
    ]
    more = follow(bars, {0: [buy(-200)], 1: [buy(-100)]}, initial_margin=0.5)
    assert table(more)[2][1] == -266  # at 60: equity 8,000 carries 16,000


def test_a_halt_keeps_the_last_close_and_its_age_is_told() -> None:
    gone = math.nan
    bars = market(5, open=[50, 50, gone, gone, 44], close=[50, 51, gone, gone, 45])
    run = follow(bars, {0: [buy(100)], 1: [buy(-100)]})
    assert table(run)[1:] == [
        (5_000, 100, 0, 10_100),
        (5_000, 100, 0, 10_100),
        (5_000, 100, 0, 10_100),
        (9_400, 0, 0, 9_400),  # the sale waited for the next bar's open
    ]
    (event,) = run.events
    assert (event.kind, event.text) == (
        "stale",
        "Held without a bar for 2 sessions: marked at the last close.",
    )


def test_costs_of_a_fill_by_kind() -> None:
    costs = Costs(per_notional=0.001, spread=0.002, slippage=0.001)
    run = follow(market(3), {0: [buy(50)]}, costs)
    assert fills(run) == [("2024-01-02", 50, pytest.approx(100.2))]  # half the spread and the slippage
    assert table(run)[1] == (pytest.approx(10_000 - 5_010 - 5.01), 50, 0, pytest.approx(9_984.99))
    assert {kind: paid[1] for kind, paid in run.costs.items()} == {
        "commission": pytest.approx(5.01),
        "slippage": pytest.approx(5.0),
        "spread": pytest.approx(5.0),
    }
    assert run.turnover[1] == pytest.approx(0.501)


def test_impact_grows_with_the_root_of_the_share_of_volume() -> None:
    moves = np.where(np.arange(30) % 2, 1.01, 1 / 1.01)
    close = 100 * np.cumprod(moves)
    bars = market(30, close=close, volume=10_000.0 * np.ones(30))
    run = follow(bars, {25: [buy(25)]}, Costs(impact=0.8, slippage_volatility=0.1))
    daily = np.log(1.01) * np.sqrt(20 / 19)  # 20 moves of one size, up and down in turn
    worse = 0.1 * daily + 0.8 * daily * np.sqrt(25 / 10_000)
    assert fills(run) == [(str(bars.dates[26]), 25, pytest.approx(close[26] * (1 + worse), rel=1e-12))]


def test_weights_of_one_account_are_bought_with_their_costs() -> None:
    bars = market(4, 2, open=np.array([[100, 50]] * 4, float), close=np.array([[100, 50]] * 4, float))
    target = np.full((4, 2), np.nan)
    target[0], target[2] = (0.5, 0.5), (0.0, 1.0)
    run = run_events(bars, Signals(target), Costs(per_notional=0.001), Terms(10_000.0))
    # 5,000 / 100.1 = 49 shares, 5,000 / 50.05 = 99; commissions 4.90 and 4.95
    assert run.cash.tolist()[1] == pytest.approx(10_000 - 4_900 - 4_950 - 9.85)
    # equity 9,990.15 buys 199 at 50.05: + 4,900 - 4.90, - 100 x 50 - 5.00
    assert run.cash.tolist()[3] == pytest.approx(140.15 + 4_895.10 - 5_005.00)
    assert run.weights[3].tolist() == [0.0, pytest.approx(199 * 50 / run.equity[3])]


@pytest.mark.parametrize(("cents", "whole"), [(5, 0), (15, 2), (25, 2), (-5, 0), (-15, -2), (14, 1), (16, 2)])
def test_bookings_round_half_to_even(cents: int, whole: int) -> None:
    assert half_even(cents, 10) == whole

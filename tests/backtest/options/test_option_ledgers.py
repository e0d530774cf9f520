"""Accounts worked by hand: each session's cash, shares, contracts' units, their mark, what is owed, equity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.backtest.inputs import Outcome
from engine.backtest.ledger import Booking
from engine.backtest.market import Market
from engine.backtest.money import MINOR
from engine.backtest.options import CASH_PM, ChainMarket, parse, run_options
from engine.backtest.result import Costs, Terms
from tests.backtest.options.chains import chain, underlying

ACCRUED = ("dividend", "withholding")


def run(book: ChainMarket, bars: Market, text: str, capital: float = 10_000.0, **more: Any) -> Outcome:
    return run_options(book, bars, parse(f"{text}; commission 1"), Costs(), Terms(capital), **more)


def table(outcome: Outcome) -> list[tuple[float, ...]]:
    """Cash, units of the underlying, units of each contract, owed, equity, after each session, from the bookings."""
    result = outcome.result
    held = dict.fromkeys(result.symbols, 0.0)
    rows, cash, owed = [], 0, 0
    for day, date in enumerate(result.dates):
        for one in result.ledger:
            assert isinstance(one, Booking)
            if one.date != date:
                continue
            if one.symbol in held:
                held[one.symbol] += one.shares
            if one.kind in ACCRUED:
                owed += one.amount
                continue
            cash += one.amount
            owed -= one.amount if one.kind == "payment" else 0
            assert one.balance == cash
        rows.append((cash / MINOR, *held.values(), owed / MINOR, float(result.equity[day])))
    return rows


def events(outcome: Outcome) -> list[str]:
    return [event.kind for event in outcome.result.events]


def test_a_covered_call_is_assigned_the_evening_before_the_ex_date() -> None:
    bars = underlying([100, 100, 104, 103, 103], dividend=[0, 0, 0, 1.0, 0])
    call = (1, 102.0, "2024-01-31")
    book = chain(bars, {call: [(1.9, 2.1), (2.0, 2.2), (2.4, 2.6), (1.9, 2.1), (1.9, 2.1)]})
    outcome = run(book, bars, "sell call strike 102 expiry 30 and hold shares; every yearly", 20_000)
    assert table(outcome) == [
        (20_000.00, 0, 0, 0, 20_000.00),
        # 100 shares at 100; 2.00 x 100 - 1.00 of commission; marked at 2.10
        (10_199.00, 100, -100, 0, 19_989.00),
        # time value 2.50 - 2.00 = 0.50 < the dividend of 1.00: assigned, 100 x 102 received, no dividend
        (20_399.00, 0, 0, 0, 20_399.00),
        (20_399.00, 0, 0, 0, 20_399.00),
        (20_399.00, 0, 0, 0, 20_399.00),
    ]
    shares, sold = outcome.result.trades
    assert (sold.exit_reason, sold.entry_reason) == ("assigned early", "sell call strike 102 expiry 30")
    # the contract went at its intrinsic value of 2, the shares at the close of 104
    assert (sold.pnl, shares.pnl) == (pytest.approx(-1.0), pytest.approx(400.0))
    assert "early exercise" in events(outcome)


def test_a_covered_call_with_time_value_above_the_dividend_is_kept() -> None:
    bars = underlying([100, 100, 104, 103, 103], dividend=[0, 0, 0, 0.4, 0])
    book = chain(
        bars, {(1, 102.0, "2024-01-31"): [(1.9, 2.1), (2.0, 2.2), (2.4, 2.6), (1.9, 2.1), (1.9, 2.1)]}
    )
    outcome = run(book, bars, "sell call strike 102 expiry 30 and hold shares; every yearly", 20_000)
    assert table(outcome)[2:] == [
        (10_199.00, 100, -100, 0, 20_349.00),  # 10,400 of shares less 2.50 x 100
        (10_239.00, 100, -100, 0, 20_339.00),  # the dividend of 40.00 is paid on its ex-date
        (10_239.00, 100, -100, 0, 20_339.00),
    ]


def test_a_cash_secured_put_is_assigned_at_expiry_and_the_shares_are_sold() -> None:
    bars = underlying([100, 99, 97, 94, 93], open=[100, 100, 98, 96, 92])
    book = chain(bars, {(-1, 98.0, "2024-01-04"): [(1.0, 1.2), (1.5, 1.7), (2.0, 2.4), (4.0, 4.2), None]})
    outcome = run(book, bars, "sell put strike 98 expiry 5; size cash_secured; every yearly")
    assert table(outcome) == [
        (10_000.00, 0, 0, 0, 10_000.00),
        (10_149.00, 0, -100, 0, 9_989.00),  # 1.50 x 100 - 1.00; marked at 1.60
        (10_149.00, 0, -100, 0, 9_929.00),  # marked at 2.20
        (349.00, 100, 0, 0, 9_749.00),  # bought at the strike of 98, worth 94
        (9_549.00, 0, 0, 0, 9_549.00),  # sold at the open of 92
    ]
    shares, put = outcome.result.trades
    assert put.exit_reason == "assigned at expiry"
    assert (put.pnl, put.exit_price) == (
        pytest.approx(-251.0),
        pytest.approx(4.0),
    )  # 1.50 for an intrinsic 4.00
    assert (shares.pnl, shares.exit_reason) == (pytest.approx(-200.0), "shares left by exercise")
    assert sum(each.pnl for each in outcome.result.trades) == pytest.approx(9_549 - 10_000)


def test_a_vertical_spread_that_expires_between_its_strikes() -> None:
    bars = underlying([100, 100, 99, 97.5, 97], open=[100, 100, 99, 98, 96.5])
    book = chain(bars, {
        (-1, 98.0, "2024-01-04"): [(1.4, 1.6), (1.5, 1.7), (1.8, 2.0), (0.6, 0.8), None],
        (-1, 95.0, "2024-01-04"): [(0.5, 0.7), (0.5, 0.7), (0.6, 0.8), (0.0, 0.05), None],
    })  # fmt: skip
    outcome = run(book, bars, "sell put strike 98 expiry 5, buy put strike 95 expiry 5; every yearly", 1_000)
    assert table(outcome) == [
        (1_000.00, 0, 0, 0, 0, 1_000.00),
        (1_078.00, 0, -100, 100, 0, 978.00),  # 1.50 - 0.70 = 0.80 x 100 - 2 x 1.00; marks 1.60 and 0.60
        (1_078.00, 0, -100, 100, 0, 958.00),  # 1.90 and 0.70
        (-8_722.00, 100, 0, 0, 0, 1_028.00),  # assigned at 98, the 95 worthless; 100 x 97.50
        (928.00, 0, 0, 0, 0, 928.00),  # the next open is 96.50: what the pin cost
    ]
    (pin,) = [event for event in outcome.result.events if event.kind == "pin risk"]
    assert "-0.51% from the short strike: assigned here" in pin.text
    reasons = {trade.symbol: trade.exit_reason for trade in outcome.result.trades}
    assert reasons["A 2024-01-04 P 95"] == "expired worthless"


def test_a_cash_settled_index_straddle() -> None:
    bars = underlying([4_000, 4_000, 4_050, 4_120, 4_100])
    book = chain(bars, {
        (1, 4_000.0, "2024-01-04"): [(60, 62), (58, 60), (70, 72), (118, 122), None],
        (-1, 4_000.0, "2024-01-04"): [(59, 61), (57, 59), (30, 32), (0, 0.1), None],
    }, american=False, settlement=CASH_PM)  # fmt: skip
    text = "sell call strike 100% expiry 5, sell put strike 100% expiry 5; every yearly"
    outcome = run(book, bars, text, 100_000)
    assert table(outcome) == [
        (100_000.00, 0, 0, 0, 0, 100_000.00),
        (111_498.00, 0, -100, -100, 0, 99_798.00),  # 58 + 57 = 115 x 100 - 2 x 1.00; marks 59 and 58
        (111_498.00, 0, -100, -100, 0, 101_298.00),  # 71 and 31
        (99_498.00, 0, 0, 0, 0, 99_498.00),  # the call settles at 120.00, the put at nothing; no shares
        (99_498.00, 0, 0, 0, 0, 99_498.00),
    ]
    assert {trade.exit_reason for trade in outcome.result.trades} == {"settled in cash", "expired worthless"}
    assert any("settle in cash on the underlying's close" in each for each in outcome.told)
    assert "pin risk" not in events(outcome)


def test_a_contract_is_adjusted_by_a_split_of_two_for_one() -> None:
    bars = underlying([100, 100, 102, 52, 54, 54], split=[1, 1, 1, 2, 1, 1])
    book = chain(bars, {
        (1, 101.0, "2024-01-05"): [(2.9, 3.1), (2.8, 3.0), (3.4, 3.6), None, None, None],
        (1, 50.5, "2024-01-05"): [None, None, None, (2.2, 2.4), (3.5, 3.7), None],
    })  # fmt: skip
    outcome = run(book, bars, "buy call strike 101 expiry 5; every yearly")
    assert table(outcome) == [
        (10_000.00, 0, 0, 0, 10_000.00),
        (9_699.00, 0, 100, 0, 9_989.00),  # 3.00 x 100 + 1.00; marked at 2.90
        (9_699.00, 0, 100, 0, 10_049.00),
        (9_699.00, 0, 200, 0, 10_159.00),  # two contracts at a strike of 50.50, marked at 2.30
        (-401.00, 200, 0, 0, 10_399.00),  # exercised: 200 shares for 50.50 each, worth 54
        (10_399.00, 0, 0, 0, 10_399.00),
    ]
    option = outcome.result.trades[1]
    assert (option.shares, option.entry_price) == (200, pytest.approx(1.5))  # in units after the split
    assert option.pnl == pytest.approx(200 * 3.5 - 301)
    assert "strike 101 became 50.5" in outcome.result.events[0].text


def test_a_split_of_three_for_two_closes_at_the_last_mark() -> None:
    bars = underlying([100, 100, 102, 68, 68], split=[1, 1, 1, 1.5, 1])
    book = chain(bars, {(1, 101.0, "2024-01-05"): [(2.9, 3.1), (2.8, 3.0), (3.4, 3.6), None, None]})
    outcome = run(book, bars, "buy call strike 101 expiry 5; every yearly")
    assert table(outcome)[3] == (10_049.00, 0, 0, 0, 10_049.00)  # 9,699 + 3.50 x 100
    assert outcome.result.trades[0].exit_reason == "split of no whole ratio"


def test_a_naked_short_call_meets_its_margin_call_at_the_next_quotes() -> None:
    bars = underlying([100, 100, 110, 112, 112])
    book = chain(
        bars, {(1, 105.0, "2024-01-31"): [(1.9, 2.1), (2.0, 2.2), (7.0, 7.4), (8.6, 9.0), (8.6, 9.0)]}
    )
    outcome = run(book, bars, "sell call strike 105 expiry 30; every yearly", 2_500)
    assert table(outcome) == [
        (2_500.00, 0, 0, 0, 2_500.00),
        # needs 2.10 x 100 + (20% of 100 - 5 out of the money) x 100 = 1,710 of 2,699
        (2_699.00, 0, -100, 0, 2_489.00),
        # 7.20 x 100 + 20% of 110 x 100 = 2,920 > 2,699: called
        (2_699.00, 0, -100, 0, 1_979.00),
        (1_798.00, 0, 0, 0, 1_798.00),  # bought at 9.00 x 100 + 1.00
        (1_798.00, 0, 0, 0, 1_798.00),
    ]
    (call,) = [event for event in outcome.result.events if event.kind == "margin call"]
    assert call.text == "2,699.00 stands behind short options that tie up 2,920.00: sets are closed."
    assert outcome.result.trades[0].exit_reason == "margin call"
    assert outcome.result.costs["commission"].tolist() == [0, 1, 0, 1, 0]
    np.testing.assert_allclose(
        outcome.result.costs["spread"], [0, 10, 0, 20, 0]
    )  # half a spread of 0.20, of 0.40


def test_a_put_deep_in_the_money_is_assigned_where_a_night_of_interest_beats_its_time_value() -> None:
    bars = underlying([100, 80, 60, 61, 61])
    book = chain(
        bars, {(-1, 100.0, "2024-03-01"): [(5, 5.4), (20, 20.4), (39.8, 40.2), (39, 39.4), (39, 39.4)]}
    )
    text = "sell put strike 100 expiry 60; size cash_secured; every yearly"
    # at 60 the mid is 40.00, time value 0: a night's interest of 100 x 5% / 365 = 0.0137 is more
    outcome = run(book, bars, text, rates=0.05)
    assert table(outcome)[2] == (1_999.00, 100, 0, 0, 7_999.00)  # 10,000 + 2,000 - 1 - 10,000
    # without interest nothing is gained by exercising
    assert table(run(book, bars, text))[2][2] == -100


def test_an_iron_condor_is_stopped_at_a_loss_of_twice_its_credit() -> None:
    bars = underlying([100, 100, 101, 104, 108, 107, 107])
    day = "2024-01-31"
    book = chain(bars, {
        (-1, 95.0, day): [(1.0, 1.2), (1.0, 1.2), (0.8, 1.0), (0.4, 0.6), (0.1, 0.2), (0.1, 0.2), (0.1, 0.2)],
        (-1, 90.0, day): [(0.4, 0.5), (0.4, 0.5), (0.3, 0.4), (0.1, 0.2), (0.0, 0.1), (0.0, 0.1), (0.1, 0.2)],
        (1, 105.0, day): [(1.1, 1.3), (1.1, 1.3), (1.4, 1.6), (3.4, 3.8), (5.4, 5.8), (4.9, 5.3), (4.9, 5.3)],
        (1, 110.0, day): [(0.4, 0.6), (0.4, 0.6), (0.5, 0.7), (1.4, 1.6), (2.4, 2.6), (2.1, 2.3), (2.1, 2.3)],
    })  # fmt: skip
    legs = "sell put strike 95 expiry 30, buy put strike 90 expiry 30, sell call strike 105 expiry 30, "
    text = legs + "buy call strike 110 expiry 30; stop 200% of credit; take 50%; exit 3 dte; every yearly"
    outcome = run(book, bars, text)
    assert table(outcome) == [
        (10_000.00, 0, 0, 0, 0, 0, 0, 10_000.00),
        # 1.00 - 0.50 + 1.10 - 0.60 = 1.00 x 100, the credit; 4 x 1.00; marks 1.10, 0.45, 1.20, 0.50
        (10_096.00, 0, -100, 100, -100, 100, 0, 9_961.00),
        (10_096.00, 0, -100, 100, -100, 100, 0, 9_951.00),  # 0.90, 0.35, 1.50, 0.60: 45 lost
        (10_096.00, 0, -100, 100, -100, 100, 0, 9_851.00),  # 0.50, 0.15, 3.60, 1.50: 145 lost
        (10_096.00, 0, -100, 100, -100, 100, 0, 9_776.00),  # 0.15, 0.05, 5.60, 2.50: 220 lost, more than 200
        # the next quotes: bought at 0.20 and 5.30, sold at 2.10; the put at 90 has no bid and waits
        (9_753.00, 0, 0, 100, 0, 0, 0, 9_758.00),
        (9_762.00, 0, 0, 0, 0, 0, 0, 9_762.00),  # sold at 0.10
    ]
    assert {trade.exit_reason for trade in outcome.result.trades} == {"200% loss"}


def test_a_protective_put_sells_the_shares_at_its_strike() -> None:
    bars = underlying([100, 100, 95, 90, 91])
    book = chain(bars, {(-1, 97.0, "2024-01-04"): [(0.7, 0.9), (0.7, 0.9), (2.4, 2.6), (6.9, 7.1), None]})
    outcome = run(book, bars, "buy put strike 97% expiry 5 and hold shares; every yearly", 20_000)
    assert table(outcome) == [
        (20_000.00, 0, 0, 0, 20_000.00),
        (
            9_909.00,
            100,
            100,
            0,
            19_989.00,
        ),  # 100 x 100 of shares, 0.90 x 100 and 1.00; the put marked at 0.80
        (9_909.00, 100, 100, 0, 19_659.00),  # 9,500 of shares, 250 of the put
        (19_609.00, 0, 0, 0, 19_609.00),  # exercised: 100 x 97
        (19_609.00, 0, 0, 0, 19_609.00),
    ]
    assert [trade.exit_reason for trade in outcome.result.trades][1] == "exercised at expiry"


@pytest.mark.parametrize(
    ("last", "after"),
    [
        (105.005, [(10_066.00, 0, 10_066.00), (10_066.00, 0, 10_066.00)]),  # not in the money by a cent
        # 100 sold at 105, owed at 105.02; bought back at the next open of 106
        (105.02, [(20_566.00, -100, 10_064.00), (9_966.00, 0, 9_966.00)]),
    ],
)
def test_an_iron_condor_pinned_at_its_short_call(last: float, after: list[tuple[float, ...]]) -> None:
    bars = underlying([100, 100, 103, last, 106], open=[100, 100, 103, 104, 106])
    day = "2024-01-04"
    book = chain(bars, {
        (-1, 95.0, day): [(0.5, 0.6), (0.5, 0.6), (0.1, 0.2), None, None],
        (-1, 90.0, day): [(0.1, 0.2), (0.1, 0.2), (0.05, 0.1), None, None],
        (1, 105.0, day): [(0.6, 0.7), (0.6, 0.7), (1.0, 1.1), None, None],
        (1, 110.0, day): [(0.1, 0.2), (0.1, 0.2), (0.1, 0.2), None, None],
    })  # fmt: skip
    legs = ("sell put strike 95", "buy put strike 90", "sell call strike 105", "buy call strike 110")
    outcome = run(book, bars, f"{', '.join(f'{each} expiry 5' for each in legs)}; every yearly")
    # 0.50 + 0.60 - 0.20 - 0.20 = 0.70 x 100, less 4.00
    assert table(outcome)[1][0] == 10_066.00
    assert [(row[0], row[1], row[-1]) for row in table(outcome)[3:]] == after
    (pin,) = [event for event in outcome.result.events if event.kind == "pin risk"]
    assert pin.symbol == "A 2024-01-04 C 105"

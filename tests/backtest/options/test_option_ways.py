"""Ways into and out of a position: targets, losses, days, early exercise of a part, the open, a delisting."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.backtest.inputs import Outcome
from engine.backtest.options import CASH_AM, ChainMarket, parse, run_options
from engine.backtest.result import Costs, Terms
from tests.backtest.options.chains import chain, underlying


def run(book: ChainMarket, bars: Any, text: str, capital: float = 10_000.0, **more: Any) -> Outcome:
    return run_options(
        book, bars, parse(f"{text}; every yearly; commission 0"), Costs(), Terms(capital), **more
    )


def exits(outcome: Outcome) -> list[tuple[str, str, float]]:
    return [(str(each.exit_date), each.exit_reason, each.exit_price) for each in outcome.result.trades]


PUT = (-1, 100.0, "2024-01-31")


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        # sold at 2.00; at a mid of 1.00 half of it is made, and the next session's ask is 0.80
        ("close at 50% profit", ("2024-01-05", "50% profit", 0.8)),
        # at a mid of 2.90 0.90 is lost, 45% of 2.00
        ("close at 40% loss", ("2024-01-04", "40% loss", 1.1)),
        ("close 28 days before expiry", ("2024-01-04", "28 days before expiry", 1.1)),
    ],
)
def test_ways_out(clause: str, expected: tuple[str, str, float]) -> None:
    bars = underlying([100.0] * 6)
    book = chain(bars, {PUT: [(2.0, 2.2), (2.0, 2.2), (2.8, 3.0), (0.9, 1.1), (0.6, 0.8), (0.6, 0.8)]})
    outcome = run(book, bars, f"sell put strike 100 expiry 30; {clause}; size cash_secured")
    ((day, reason, price),) = exits(outcome)
    assert (day, reason, price) == (*expected[:2], pytest.approx(expected[2]))


def test_an_exit_waits_for_a_quote() -> None:
    bars = underlying([100.0] * 6)
    book = chain(bars, {PUT: [(2.0, 2.2), (2.0, 2.2), (0.8, 1.0), None, (0.6, 0.8), (0.6, 0.8)]})
    outcome = run(book, bars, "sell put strike 100 expiry 30; close at 50% profit; size cash_secured")
    assert exits(outcome) == [("2024-01-05", "50% profit", pytest.approx(0.8))]
    assert any("1 time a leg could not be closed" in each for each in outcome.told)


def test_an_entry_without_a_quote_lapses() -> None:
    bars = underlying([100.0] * 4)
    book = chain(bars, {PUT: [(2.0, 2.2), None, (2.0, 2.2), (2.0, 2.2)]})
    outcome = run(book, bars, "sell put strike 100 expiry 30")
    assert not len(outcome.result.trades)
    assert [event.kind for event in outcome.result.events] == ["unfilled"]
    assert outcome.result.equity.tolist() == [10_000.0] * 4


def test_what_is_bought_is_sold_only_after_what_was_sold_is_bought_back() -> None:
    bars = underlying([100.0] * 6)
    low = (-1, 90.0, "2024-01-31")
    book = chain(bars, {
        PUT: [(2.0, 2.2), (2.0, 2.2), (0.8, 1.0), None, (0.6, 0.8), (0.6, 0.8)],
        low: [(0.5, 0.6), (0.5, 0.6), (0.2, 0.3), (0.2, 0.3), (0.0, 0.1), (0.1, 0.2)],
    })  # fmt: skip
    text = "sell put strike 100 expiry 30, buy put strike 90 expiry 30; close at 50% profit"
    # bought back on 5 January, when it is quoted again; the other has no bid until the 6th
    found = [(day, price) for day, _, price in exits(run(book, bars, text))]
    assert found == [("2024-01-05", pytest.approx(0.8)), ("2024-01-06", pytest.approx(0.1))]


def test_the_mid_and_a_part_of_the_spread() -> None:
    bars = underlying([100.0] * 3)
    book = chain(bars, {PUT: [(2.0, 2.4)] * 3})
    outcome = run(book, bars, "buy put strike 100 expiry 30; fill mid 25%")
    assert outcome.result.trades[0].entry_price == pytest.approx(2.3)
    assert outcome.result.costs["spread"].tolist() == pytest.approx([0, 10, 0])


def test_a_long_call_is_exercised_before_the_ex_date_and_the_shares_sold() -> None:
    bars = underlying([100, 100, 110, 108, 108], open=[100, 100, 110, 107, 108], dividend=[0, 0, 0, 2.0, 0])
    book = chain(bars, {(1, 100.0, "2024-01-31"): [(2, 2.2), (2, 2.2), (10.2, 10.6), (8, 8.4), (8, 8.4)]})
    outcome = run(book, bars, "buy call strike 100 expiry 30", 20_000)
    # paid 2.20 and the strike; the dividend of 2.00 on 100 shares; sold at the next open
    assert outcome.result.equity.tolist() == [20_000, 19_990, 20_780, 20_680, 20_680]
    assert exits(outcome)[1][1] == "exercised early"
    # nobody had announced it: the call is kept, 2.00 a share is forgone, and that is said
    kept = run(book, bars, "buy call strike 100 expiry 30", 20_000, announced=np.zeros(5))
    assert kept.result.equity.tolist() == [20_000, 19_990, 20_820, 20_600, 20_600]
    assert any("1 time an own call was kept over an ex-date" in each for each in kept.told)


def test_what_is_left_of_a_set_is_closed_after_an_early_assignment() -> None:
    bars = underlying([100, 100, 110, 109, 109], dividend=[0, 0, 0, 2.0, 0])
    book = chain(bars, {
        (1, 100.0, "2024-01-31"): [(2, 2.2), (2, 2.2), (10.2, 10.6), (8, 8.4), (8, 8.4)],
        (1, 115.0, "2024-01-31"): [(0.2, 0.3), (0.2, 0.3), (1.0, 1.2), (0.5, 0.6), (0.5, 0.6)],
    })  # fmt: skip
    outcome = run(book, bars, "sell call strike 100 expiry 30, buy call strike 115 expiry 30")
    reasons = {trade.symbol: trade.exit_reason for trade in outcome.result.trades}
    assert reasons == {
        "A": "shares left by exercise",
        "A 2024-01-31 C 100": "assigned early",
        "A 2024-01-31 C 115": "rest of a set",
    }
    # + 200 - 30; short 100 shares at 100, the dividend of 200 owed, bought at 109; the other sold at 0.50
    assert outcome.result.equity[-1] == pytest.approx(10_000 + 170 + 10_000 - 200 - 10_900 + 50)


def test_an_index_that_settles_on_the_open() -> None:
    bars = underlying([4_000, 4_000, 4_010, 4_100], open=[4_000, 4_000, 4_005, 4_025])
    book = chain(
        bars,
        {(1, 4_000.0, "2024-01-04"): [(30, 31), (30, 31), (32, 33), None]},
        american=False,
        settlement=CASH_AM,
    )
    outcome = run(book, bars, "buy call strike 4000 expiry 5", 100_000)
    assert exits(outcome) == [
        ("2024-01-04", "settled in cash", 25.0)
    ]  # the open of 4,025, not the close of 4,100
    assert outcome.result.equity[-1] == 100_000 - 3_100 + 2_500
    assert any("special opening quotation" in each for each in outcome.told)


def test_a_delisted_underlying_settles_contracts_on_its_final_price() -> None:
    bars = underlying([100, 100, 50, 50])
    bars = replace(bars, last=np.array([2]), final_return=np.array([-0.5]))
    bars.close[3] = bars.open[3] = np.nan
    book = chain(bars, {PUT: [(2.0, 2.2), (2.0, 2.2), (50, 51), None]})
    outcome = run(book, bars, "buy put strike 100 expiry 30")
    assert exits(outcome) == [("2024-01-03", "underlying delisted", 75.0)]
    assert outcome.result.equity[-1] == 10_000 - 220 + 7_500
    assert [event.kind for event in outcome.result.events] == ["delisting"]


def test_contracts_of_one_name_before_and_after_a_split_are_kept_apart() -> None:
    """A split renames contracts: what is called 100 afterwards was 200 before, and the old 100 is called 50."""
    bars = underlying([100, 100, 50, 50, 50], split=[1, 1, 2, 1, 1])
    day = "2024-02-16"
    book = chain(bars, {
        (-1, 100.0, day): [(5, 5.2), (5, 5.2), (50, 50.4), (50, 50.4), (50, 50.4)],
        (-1, 50.0, day): [None, None, (2.5, 2.7), (2.4, 2.6), (2.4, 2.6)],
    }, american=False)  # fmt: skip
    rules = parse("buy put strike 100 expiry 45; every daily; commission 0")
    result = run_options(book, bars, rules, Costs(), Terms(100_000.0)).result
    assert result.symbols == ("A", f"A {day} P 100", f"A {day} P 100 from 2024-01-04")
    first, second = result.trades
    # two of the contract before the split, and one decided before it and bought after
    assert (first.shares, first.exit_price) == (300, pytest.approx(2.5))
    assert (second.entry_price, str(second.entry_date)) == (pytest.approx(50.4), "2024-01-04")


def test_a_worthless_wing_does_not_keep_the_next_set_waiting() -> None:
    bars = underlying([100.0] * 8)
    low = (-1, 90.0, "2024-01-31")
    book = chain(bars, {
        PUT: [(2.0, 2.2), (2.0, 2.2), (0.8, 1.0), (0.6, 0.8), (2.0, 2.2), (2.0, 2.2), (2.0, 2.2), (2.0, 2.2)],
        low: [(0.5, 0.6), (0.5, 0.6), (0.2, 0.3), (0.0, 0.1), (0.0, 0.1), (0.5, 0.6), (0.5, 0.6), (0.5, 0.6)],
    })  # fmt: skip
    text = "sell put strike 100 expiry 30, buy put strike 90 expiry 30; close at 50% profit; commission 0"
    result = run_options(book, bars, parse(text), Costs(), Terms(10_000.0)).result
    sold = [trade for trade in result.trades if trade.shares < 0]
    assert [str(trade.entry_date) for trade in sold] == ["2024-01-02", "2024-01-07"]


def test_fully_paid_shares_are_no_reason_for_a_margin_call() -> None:
    bars = underlying([100.0, 100.0, 101.0, 101.0, 101.0])
    call = (1, 100.0, "2024-01-31")
    book = chain(bars, {call: [(2.0, 2.2), (2.0, 2.2), (6.0, 6.2), (6.0, 6.2), (6.0, 6.2)]})
    text = "sell call strike 100 expiry 30 and hold shares; close at 100% loss; commission 0"
    result = run_options(book, bars, parse(text), Costs(), Terms(10_000.0)).result
    # 200 in, 620 out: the cash is 420 short until the next set is sold for 600
    assert not any(event.kind == "margin call" for event in result.events)
    assert result.equity.tolist() == [10_000, 9_990, 9_690, 9_680, 9_670]


def test_after_an_assignment_the_next_set_is_sized_with_the_shares_on_their_way_out() -> None:
    bars = underlying([100.0, 100.0, 97.0, 97.0, 97.0], open=[100.0, 100.0, 97.0, 96.0, 97.0])
    book = chain(bars, {
        (-1, 98.0, "2024-01-03"): [(1.0, 1.1), (1.0, 1.1), (1.0, 1.1), None, None],
        (-1, 97.0, "2024-01-20"): [None, None, (2.0, 2.1), (2.0, 2.1), (2.0, 2.1)],
    })  # fmt: skip
    text = "sell put strike 100% expiry 12; size cash_secured; commission 0"
    result = run_options(book, bars, parse(text), Costs(), Terms(30_000.0)).result
    # assigned on the 3rd: 30,300 - 29,400 = 900 of cash, and 300 shares at 97, that the open sells for 28,800
    sold = [(str(trade.entry_date), trade.shares) for trade in result.trades if trade.shares < 0]
    assert sold == [("2024-01-02", -300), ("2024-01-04", -300)]  # 29,700 secures three times 9,700

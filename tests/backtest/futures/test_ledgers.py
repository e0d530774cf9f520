"""Futures accounts worked by hand: each session's cash, contract, position, variation margin, fee, margin, equity."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.backtest.futures import Board, FuturesRun, Margin, Roll, Root, continuous, fronts, simulate
from engine.backtest.result import Costs, Signals, Terms
from engine.backtest.targets import Targets
from tests.backtest.futures.boards import NAN, board, contract, table

WEEK = ("2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07", "2024-03-08")
DOLLARS = Margin(5_000.0, 4_000.0, "contract")


def follow(on: Board, target: list[float], roll: Roll, costs: Costs | None = None, **more: Any) -> FuturesRun:
    """Numbers of contracts wanted after each session."""
    front = fronts(on, roll)
    series = continuous(on, front, "X", 1, "difference")
    wants = Targets(
        Signals(np.array(target)[:, None], np.ones((len(target), 1), dtype=int), ("", "because")),
        counted=True,
    )
    terms = more.pop("terms", Terms(100_000.0))
    given = {name: more.pop(name) for name in ("margin", "rates", "moved") if name in more}
    return simulate([Root(on, front, **given)], series.market, wants, costs, terms, **more)


def test_a_position_is_settled_daily_and_rolled_as_one_trade() -> None:
    on = board(
        WEEK,
        (contract("XH4", "2024-03-15"), contract("XM4", "2024-06-21")),
        open=[[100, 104], [100, 104], [101, 105], [99.5, 103], [100, 104.5]],
        settle=[[100, 104], [101, 105], [99, 103], [100, 104], [101, 105]],
    )
    # six weekdays before the 15th is the 7th; half the spread is a quarter of a percent, then the tick of 0.25
    run = follow(
        on, [2, NAN, NAN, 0, NAN], Roll("calendar", 6), Costs(per_share=2.5, spread=0.005), margin=DOLLARS
    )
    assert table(run) == [
        # cash, contract, held, variation, fee, margin, equity
        (100_000.0, "", 0, 0.0, 0.0, 0.0, 100_000.0),
        # bought 2 at 100 + 0.25; (101 - 100.25) x 2 x 50
        (100_070.0, "XH4", 2, 75.0, 5.0, 10_000.0, 100_070.0),
        (99_870.0, "XH4", 2, -200.0, 0.0, 10_000.0, 99_870.0),  # (99 - 101) x 100
        # sold at 99.50 - 0.24875, 99.25; bought at 103 + 0.2575, 103.50: (99.25 - 99) x 100 + (104 - 103.50) x 100
        (99_935.0, "XM4", 2, 75.0, 10.0, 10_000.0, 99_935.0),
        (99_930.0, "", 0, 0.0, 5.0, 0.0, 99_930.0),  # sold at 104.50 - 0.26125, 104.00: as it was settled
    ]
    (trade,) = run.result.trades
    assert (trade.entry_price, trade.exit_price, trade.shares) == (100.25, 104.0, 2.0)
    assert trade.pnl == pytest.approx(-70.0)  # (104 - 100.25 - 4.25 of the roll) x 100 - 20
    assert trade.costs == pytest.approx(25 + 25 + 50 + 50 + 20)
    assert trade.return_ == pytest.approx(-70 / (100.25 * 100))
    assert trade.entry_reason == "XH4: because"
    assert trade.exit_reason == "XM4: because; rolled XH4 to XM4 on 2024-03-07, cost 85.00 USD"
    assert (run.rolls, run.roll_cost) == (1, pytest.approx(85.0))
    assert trade.mfe == pytest.approx(0.75 / 100.25)
    assert trade.mae == pytest.approx(-1.25 / 100.25)  # 99 of the 6th; 99.75 and 99.75 after the roll
    assert {kind: round(float(each.sum()), 6) for kind, each in run.result.costs.items()} == {
        "commission": 10.0, "roll": 85.0, "spread": 25.0 + 26.125, "tick": 23.875,
    }  # fmt: skip


def test_a_margin_call_cuts_at_the_next_open() -> None:
    on = board(
        WEEK,
        (contract("XM4", "2024-06-21", tick=0.0),),
        open=[[100], [100], [95], [88], [90]],
        settle=[[100], [99], [88], [90], [91]],
    )
    run = follow(on, [4, NAN, NAN, NAN, NAN], Roll("calendar", 5), margin=DOLLARS, terms=Terms(18_200.0))
    assert table(run) == [
        (18_200.0, "", 0, 0.0, 0.0, 0.0, 18_200.0),
        (18_050.0, "XM4", 3, -150.0, 0.0, 15_000.0, 18_050.0),  # 18,200 opens three of the four at 5,000
        (16_400.0, "XM4", 3, -1_650.0, 0.0, 15_000.0, 16_400.0),
        (16_700.0, "XM4", 3, 300.0, 0.0, 15_000.0, 16_700.0),
        (16_850.0, "XM4", 3, 150.0, 0.0, 15_000.0, 16_850.0),
    ]
    assert [(str(each.date), each.kind) for each in run.result.events] == [("2024-03-05", "margin")]
    deep = board(
        WEEK,
        (contract("XM4", "2024-06-21", tick=0.0),),
        open=[[100], [100], [95], [60], [62]],
        settle=[[100], [99], [60], [62], [63]],
    )
    run = follow(deep, [3, NAN, NAN, NAN, NAN], Roll(), margin=DOLLARS, terms=Terms(17_000.0))
    assert table(run) == [
        (17_000.0, "", 0, 0.0, 0.0, 0.0, 17_000.0),
        (16_850.0, "XM4", 3, -150.0, 0.0, 15_000.0, 16_850.0),
        (11_000.0, "XM4", 3, -5_850.0, 0.0, 15_000.0, 11_000.0),  # below 3 x 4,000: called
        (11_200.0, "XM4", 2, 200.0, 0.0, 10_000.0, 11_200.0),  # one sold at 60; 2 x 50 x 2
        (11_300.0, "XM4", 2, 100.0, 0.0, 10_000.0, 11_300.0),
    ]
    (call,) = run.result.events
    assert (call.kind, str(call.date)) == ("margin call", "2024-03-06")
    assert "11,000.00 is below the maintenance margin of 12,000.00" in call.text


def test_a_cash_settled_contract_pays_its_last_settlement_and_goes_on_in_the_next() -> None:
    terms = (contract("XH4", "2024-03-06", tick=0.0), contract("XM4", "2024-06-21", tick=0.0))
    on = board(
        WEEK,
        terms,
        open=[[100, 110], [100, 110], [102, 112], [NAN, 114], [NAN, 116]],
        settle=[[100, 110], [101, 111], [103, 113], [NAN, 115], [NAN, 117]],
    )
    run = follow(on, [1, NAN, NAN, NAN, NAN], Roll("calendar", 0), Costs(per_share=2.0), margin=DOLLARS)
    assert table(run) == [
        (100_000.0, "", 0, 0.0, 0.0, 0.0, 100_000.0),
        (100_048.0, "XH4", 1, 50.0, 2.0, 5_000.0, 100_048.0),
        (100_148.0, "", 0, 100.0, 0.0, 0.0, 100_148.0),  # settled at 103 for the last time
        (100_196.0, "XM4", 1, 50.0, 2.0, 5_000.0, 100_196.0),  # bought at 114; settled at 115
        (100_296.0, "XM4", 1, 100.0, 0.0, 5_000.0, 100_296.0),
    ]
    (trade,) = run.result.trades
    assert trade.open
    assert trade.pnl == pytest.approx(296.0)
    assert [each.kind for each in run.result.events] == ["expiry", "roll"]
    assert run.rolls == 1


def test_a_short_ends_with_its_contract_where_none_follows() -> None:
    on = board(
        WEEK[:4],
        (contract("XH4", "2024-03-06", tick=0.0),),
        open=[[100], [100], [102], [NAN]],
        settle=[[100], [101], [103], [NAN]],
    )
    run = follow(on, [-1, NAN, NAN, NAN], Roll("calendar", 0), margin=DOLLARS)
    assert [row[0] for row in table(run)] == [100_000.0, 99_950.0, 99_850.0, 99_850.0]
    (trade,) = run.result.trades
    assert (trade.exit_reason, trade.pnl, trade.open) == (
        "XH4: expired, cash settled",
        pytest.approx(-150.0),
        False,
    )
    assert trade.shares == -1.0


def test_a_physical_contract_is_left_before_its_first_notice() -> None:
    terms = contract("GCH4", "2024-03-26", "2024-03-08", tick=0.0, settlement="physical")
    on = board(
        WEEK, (terms,), open=[[100], [100], [101], [102], [103]], settle=[[100], [101], [102], [103], [104]]
    )
    run = follow(on, [1, NAN, NAN, NAN, NAN], Roll("calendar", 0), margin=DOLLARS)
    # notice on the 8th: out at the open of the 7th at 102, as it was settled the day before
    assert [(row[0], row[2]) for row in table(run)] == [
        (100_000.0, 0), (100_050.0, 1), (100_100.0, 1), (100_100.0, 0), (100_100.0, 0),
    ]  # fmt: skip
    (trade,) = run.result.trades
    assert trade.exit_reason == "GCH4: closed before delivery, no later contract is listed"


def test_an_account_in_another_currency_keeps_its_margin_there_at_each_days_rate() -> None:
    euros = contract("FXXP", "2024-06-21", tick=0.0, currency="EUR", multiplier=10.0)
    on = board(WEEK[:4], (euros,), open=[[500], [500], [510], [505]], settle=[[500], [510], [505], [505]])
    run = follow(
        on, [2, NAN, 0, NAN], Roll(), Costs(per_share=1.0), currency="USD", rates=np.array([1.1, 1.2, 1.0, 1.25]),
        margin=Margin(400.0, 300.0, "contract"), terms=Terms(10_000.0),
    )  # fmt: skip
    assert [row[0] for row in table(run, "USD")] == [10_000.0] * 4
    assert [(row[0], row[3], row[4]) for row in table(run, "EUR")] == [
        (0.0, 0.0, 0.0), (198.0, 200.0, 2.0), (98.0, -100.0, 0.0), (96.0, 0.0, 2.0),
    ]  # fmt: skip
    assert run.result.equity.tolist() == [10_000.0, 10_237.6, 10_098.0, 10_120.0]  # + 96 x 1.25
    assert run.margin.tolist() == [0.0, 960.0, 800.0, 0.0]
    (trade,) = run.result.trades
    assert trade.pnl == pytest.approx(200 * 1.2 - 2 * 1.2 - 100 * 1.0 - 2 * 1.25)


def test_cash_earns_its_rate_over_calendar_nights() -> None:
    days = ("2024-03-07", "2024-03-08", "2024-03-11")
    on = board(days, (contract("XM4", "2024-06-21"),), settle=[[100], [100], [100]])
    run = follow(on, [NAN, NAN, NAN], Roll(), Costs(cash_rate=0.036))
    assert [row[0] for row in table(run)] == [100_000.0, 100_010.0, 100_040.003]
    assert run.result.costs["interest"].tolist() == pytest.approx([0, -10.0, -30.003])


def test_a_contract_without_a_bar_is_left_at_its_next_one() -> None:
    terms = (contract("XH4", "2024-03-15", tick=0.0), contract("XM4", "2024-06-21", tick=0.0))
    on = board(
        WEEK,
        terms,
        open=[[100, 110], [100, 110], [101, 111], [NAN, 112], [104, 114]],
        settle=[[100, 110], [101, 111], [102, 112], [NAN, 113], [105, 115]],
    )
    run = follow(on, [1, NAN, NAN, NAN, NAN], Roll("calendar", 6), margin=DOLLARS)  # to roll on the 7th
    assert run.contracts == (("",), ("XH4",), ("XH4",), ("XH4",), ("XM4",))
    assert [row[0] for row in table(run)] == [100_000.0, 100_050.0, 100_100.0, 100_100.0, 100_250.0]
    assert [(each.kind, str(each.date)) for each in run.result.events] == [
        ("stale", "2024-03-07"), ("roll", "2024-03-08"),
    ]  # fmt: skip

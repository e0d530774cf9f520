"""Several roots in one account, and stops in the contract held: ledgers worked by hand, and what holds of all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest import rules
from engine.backtest.currencies import Entry
from engine.backtest.futures import Board, FuturesRun, Margin, Roll, Root, continuous, fronts, simulate
from engine.backtest.market import Market
from engine.backtest.money import MINOR
from engine.backtest.result import Costs, Signals, Terms
from engine.backtest.targets import Targets, decisions
from tests.backtest.futures.boards import NAN, board, contract, random_board

WEEK = ("2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07", "2024-03-08", "2024-03-11")
EASY = Margin(1e-6, 1e-6)


def beside(markets: list[Market]) -> Market:
    panels = ("open", "high", "low", "close", "volume", "split", "dividend", "pay")
    return replace(
        markets[0],
        symbols=tuple(f"R{at}" for at in range(len(markets))),
        ids=np.arange(len(markets)),
        last=np.full(len(markets), -1),
        final_return=np.full(len(markets), NAN),
        **{name: np.column_stack([getattr(each, name) for each in markets]) for name in panels},
    )


def together(boards: list[Board], wants: Any, roll: Roll, **more: Any) -> FuturesRun:
    """``wants``: of the series of all, or what makes it of them."""
    given = [fronts(each, roll) for each in boards]
    series = [
        continuous(each, front, "R", 1, "difference") for each, front in zip(boards, given, strict=True)
    ]
    market = beside([each.market for each in series])
    margins = more.pop("margins", [EASY] * len(boards))
    roots = [
        Root(*each)
        for each in zip(boards, given, margins, more.pop("rates", [None] * len(boards)), strict=True)
    ]
    wants = wants(market) if callable(wants) else wants
    return simulate(roots, market, wants, more.pop("costs", None), more.pop("terms", Terms(1e6)), **more)


def counts(target: list[list[float]]) -> Targets:
    return Targets(
        Signals(np.array(target), np.ones(np.shape(target), dtype=int), ("", "because")), counted=True
    )


def table(run: FuturesRun) -> list[tuple[Any, ...]]:
    """A session: cash, contracts, how many, variation, fees, margin, maintenance."""
    entries = [each for each in run.result.ledger if isinstance(each, Entry)]
    rows: list[tuple[Any, ...]] = []
    for place, date in enumerate(run.result.dates):
        own = [each for each in entries if each.date == date]
        paid = sum(each.amount for each in own if each.kind in ("variation", "trade", "roll"))
        fees = -sum(each.amount for each in own if each.kind == "commission")
        rows.append(
            (
                float(run.result.cash[place]), run.contracts[place], tuple(run.position[place]), paid / MINOR,
                fees / MINOR, run.margin[place], run.maintenance[place],
            )
        )  # fmt: skip
    assert run.result.equity.tolist() == run.result.cash.tolist()  # all is paid each session
    return rows


def test_two_roots_share_cash_and_margin_through_a_call_and_a_roll() -> None:
    first = board(
        WEEK,
        (contract("AH4", "2024-03-15", tick=0.0), contract("AM4", "2024-06-21", tick=0.0)),
        open=[[100, 104], [100, 104], [99, 103], [78, 82], [80, 84], [81, 85]],
        settle=[[100, 104], [99, 103], [79, 83], [80, 84], [81, 85], [82, 86]],
    )
    second = board(
        WEEK,
        (contract("BM4", "2024-06-21", tick=0.0, multiplier=100.0),),
        open=[[50], [50], [51], [59], [57], [57]],
        settle=[[50], [51], [58], [57], [57], [57]],
    )
    run = together(
        [first, second],
        counts([[2, -3], [NAN, NAN], [NAN, NAN], [4, 0], [NAN, NAN], [NAN, NAN]]),
        Roll("calendar", 6),  # A's first contract is left on the 7th
        costs=Costs(per_share=1.0),
        terms=Terms(17_000.0),
        margins=[Margin(5_000.0, 4_000.0, "contract"), Margin(2_000.0, 1_500.0, "contract")],
    )
    assert table(run) == [
        # cash, contracts, held, variation, fees, margin, maintenance
        (17_000.0, ("", ""), (0, 0), 0.0, 0.0, 0.0, 0.0),
        # (99 - 100) x 100 of A, -(51 - 50) x 300 of B
        (16_595.0, ("AH4", "BM4"), (2, -3), -400.0, 5.0, 16_000.0, 12_500.0),
        # -20 x 100, -7 x 300: 12,495 is below what must be maintained
        (12_495.0, ("AH4", "BM4"), (2, -3), -4_100.0, 0.0, 16_000.0, 12_500.0),
        # at the opens 12,095 of 16,000: one of 2 A and one of 3 B go, the other A rolls from 78 to 82.
        # A: 2 x (78 - 79) x 50 + (84 - 82) x 50; B: -(59 - 58) x 100 of what was bought, 2 x (58 - 57) x 100
        (12_591.0, ("AM4", "BM4"), (1, -2), 100.0, 4.0, 9_000.0, 7_000.0),
        # B is closed first; 12,589 then opens two A of the four wanted: (85 - 84) x 2 x 50
        (12_688.0, ("AM4", ""), (2, 0), 100.0, 3.0, 10_000.0, 8_000.0),
        (12_788.0, ("AM4", ""), (2, 0), 100.0, 0.0, 10_000.0, 8_000.0),
    ]
    assert [(str(each.date)[5:], each.kind, each.symbol) for each in run.result.events] == [
        ("03-06", "margin call", ""), ("03-07", "roll", "AM4"), ("03-08", "margin", "AM4"),
    ]  # fmt: skip
    assert [(each.symbol, each.shares, each.exit_reason) for each in run.result.trades] == [
        ("R0", 3.0, "rolled AH4 to AM4 on 2024-03-07, cost 2.00 USD"),
        ("R1", -3.0, "BM4: because"),
    ]
    assert run.result.trades.pnl.tolist() == pytest.approx(
        [(78 - 100) * 100 + (86 - 82) * 50 + (86 - 84) * 50 - 2 - 1 - 2 - 1, -900 - 1_400 - 3 - 1 - 2]
    )


def test_roots_in_two_currencies_keep_their_margin_in_each() -> None:
    dollars = board(WEEK[:3], (contract("AM4", "2024-06-21", tick=0.0),), settle=[[100], [102], [101]])
    euros = board(
        WEEK[:3], (contract("EM4", "2024-06-21", tick=0.0, currency="EUR", multiplier=10.0),),
        settle=[[500], [510], [520]],
    )  # fmt: skip
    run = together(
        [dollars, euros], counts([[1, 2], [NAN, NAN], [NAN, NAN]]), Roll(), currency="USD",
        rates=[None, np.array([1.1, 1.2, 1.25])], margins=[Margin(5_000, 4_000, "contract"), Margin(0.1, 0.05)],
    )  # fmt: skip
    # bought at the opens, which are the closes of that day: nothing gained on it; then -1 x 50 and 10 x 20 euros
    assert run.result.equity.tolist() == [1e6, 1e6, 1e6 - 50 + 200 * 1.25]
    assert run.margin.tolist() == pytest.approx([0, 5_000 + 0.1 * 10_200 * 1.2, 5_000 + 0.1 * 10_400 * 1.25])
    with pytest.raises(ValueError, match="needs rates of EUR in USD"):
        together([dollars, euros], counts([[1, 1]] * 3), Roll())
    with pytest.raises(ValueError, match="AM4 is a contract of two roots"):
        together([dollars, dollars], counts([[1, 1]] * 3), Roll())


def test_a_call_of_two_currencies_is_met_on_the_day_of_a_roll() -> None:
    dollars = board(
        WEEK[:5], (contract("AH4", "2024-03-15", tick=0.0), contract("AM4", "2024-06-21", tick=0.0)),
        open=[[100, 104], [100, 104], [99, 103], [66, 70], [71, 71]],
        settle=[[100, 104], [100, 104], [65, 69], [67, 71], [71, 71]],
    )  # fmt: skip
    euros = board(
        WEEK[:5], (contract("EM4", "2024-06-21", tick=0.0, currency="EUR", multiplier=10.0),),
        open=[[500], [500], [500], [490], [495]], settle=[[500], [500], [495], [495], [495]],
    )  # fmt: skip
    run = together(
        [dollars, euros], counts([[2, 2], *[[NAN, NAN]] * 4]), Roll("calendar", 6), terms=Terms(10_000.0),
        rates=[None, np.array([1.1, 1.1, 1.2, 1.25, 1.25])],
        margins=[Margin(1_500.0, 1_250.0, "contract"), Margin(2_000.0, 1_800.0, "contract")], currency="USD",
    )  # fmt: skip
    # the 6th: -35 x 100 dollars, -5 x 20 euros at 1.20: 6,380 of the 2,500 + 3,600 x 1.20 = 6,820 to be maintained.
    # The 7th, at the opens and still 1.20: 6,600 dollars and -200 euros are 6,360 of 3,000 + 4,000 x 1.20 = 7,800:
    # of two contracts of each one stays; that of A rolls from 66 to 70. USD: 6,500 + 2 x 50 + (71 - 70) x 50; EUR:
    # -100 - 5 x 10, and nothing from 495 to 495 on the one that stays: -150 at 1.25
    assert run.position.tolist() == [[0, 0], [2, 2], [2, 2], [1, 1], [1, 1]]
    assert [each[0] for each in run.contracts] == ["", "AH4", "AH4", "AM4", "AM4"]
    assert run.result.equity.tolist() == [10_000.0, 10_000.0, 6_380.0, 6_462.5, 6_462.5]
    assert run.margin.tolist() == [0.0, 7_400.0, 7_800.0, 4_000.0, 4_000.0]
    assert [each.kind for each in run.result.events] == ["margin call", "roll"]


def ruled(text: str) -> Any:
    return lambda market: decisions(rules.parse(text), market)


def rolled(low: float = 98.0, opened: float = 101.0, first: float = 99.5) -> Board:
    """Bought at 100 in XH4 on the 5th; XM4, four dearer, is held from the 7th on."""
    return board(
        WEEK[:5],
        (contract("XH4", "2024-03-15"), contract("XM4", "2024-06-21")),
        open=[[100, 104], [100, 104], [101, 105], [first, first + 4], [97, opened]],
        high=[[101, 105], [101, 105], [102, 106], [first + 1, first + 5], [99, 103]],
        low=[[99, 103], [99, 103], [99, 103], [first - 1, first + 3], [94, low]],
        settle=[[100, 104], [100, 104], [100, 104], [first, first + 4], [98, 102]],
    )


@pytest.mark.parametrize(
    ("on", "words", "price", "day"),
    [
        (rolled(), "stop 5%", 99.0, "03-08"),  # 95 of the entry, 4 more since the roll
        (rolled(opened=98.25), "stop 5%", 98.25, "03-08"),  # a gap fills at the open
        (rolled(first=94.0), "stop 5%", 94.0, "03-07"),  # met at the old contract's open: nothing is rolled
        (rolled(), "stop 5%; take 2%", 102.0, "03-06"),
        (rolled(low=99.25, opened=103.0), "trail 4%", 101.75, "03-08"),
    ],
)
def test_a_stop_goes_with_the_position_from_contract_to_contract(
    on: Board, words: str, price: float, day: str
) -> None:
    run = together([on], ruled(f"long when close > 0; {words}; size shares(2)"), Roll("calendar", 6))
    (trade,) = run.result.trades
    assert (trade.exit_price, str(trade.exit_date)[5:], trade.open) == (price, day, False)
    assert words.split(";")[0 if price != 102 else 1].strip() in trade.exit_reason
    step = 4.0 if day == "03-08" else 0.0
    assert run.result.equity[-1] == 1e6 + 2 * 50 * (price - 100 - step)
    assert trade.exit_reason.startswith("XH4: " if step == 0 else "XM4: ")


def test_costs_take_nothing_beyond_a_targets_price_and_levels_lie_on_ticks() -> None:
    run = together(
        [rolled()], ruled("long when close > 0; take 1.9%; size shares(1)"), Roll("calendar", 6),
        costs=Costs(slippage=0.001),
    )  # fmt: skip
    (trade,) = run.result.trades
    assert (
        trade.open
    )  # 100.10 is 100.25 on the tick; 1.9% above it is 102.15, which trades at 102.25: never reached
    run = together(
        [rolled()], ruled("long when close > 0; take 1.5%; size shares(1)"), Roll("calendar", 6),
        costs=Costs(slippage=0.001),
    )  # fmt: skip
    (trade,) = run.result.trades
    assert (trade.entry_price, trade.exit_price, str(trade.exit_date)[5:]) == (100.25, 102.0, "03-06")


def test_a_physical_contract_is_left_before_notice_though_its_successor_has_no_bar() -> None:
    terms = (
        contract("GJ4", "2024-03-26", "2024-03-08", tick=0.0, settlement="physical"),
        contract("GM4", "2024-06-26", "2024-05-31", tick=0.0, settlement="physical"),
    )
    on = board(
        WEEK, terms, open=[[100, 104], [100, NAN], [101, NAN], [102, NAN], [NAN, NAN], [NAN, 108]],
        settle=[[100, 104], [101, NAN], [102, NAN], [103, NAN], [NAN, NAN], [NAN, 109]], volume=[[9, NAN]] * 6,
    )  # fmt: skip
    run = together([on], counts([[1], *[[NAN]] * 5]), Roll("calendar", 2), costs=Costs(per_share=1.0))
    # out at 102 on the 7th, the last before the notice; in again at 108 on the 11th: one trade
    assert run.position[:, 0].tolist() == [0, 1, 1, 0, 0, 1]
    assert run.result.equity.tolist() == [1e6, 1e6 + 49, 1e6 + 99, 1e6 + 98, 1e6 + 98, 1e6 + 147]
    (trade,) = run.result.trades
    assert (trade.open, trade.pnl) == (True, pytest.approx(147.0))
    assert [each.kind for each in run.result.events] == ["stale", "roll"]
    assert run.thin == 1
    ended = together(
        [replace(on, open=np.where(on.open == 108, NAN, on.open))],
        counts([[1], *[[NAN]] * 5]),
        Roll("calendar", 2),
        costs=Costs(per_share=1.0),
    )
    (trade,) = ended.result.trades
    assert (trade.open, trade.pnl, trade.exit_reason) == (
        False, pytest.approx(98.0), "GJ4: left, and its successor had no bar",
    )  # fmt: skip


seeds = st.integers(0, 10_000)


def named(on: Board, letter: str) -> Board:
    return replace(on, contracts=tuple(replace(each, name=letter + each.name) for each in on.contracts))


def wishes(seed: int, scale: float = 1.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.choice([NAN, 0.0, 1.0, -1.0, 2.0], (60, 2), p=[0.7, 0.1, 0.1, 0.05, 0.05]) * scale


@settings(max_examples=12, deadline=None)
@given(seeds, st.booleans())
def test_two_roots_make_what_each_makes_by_itself_and_their_order_is_nothing(seed: int, stops: bool) -> None:
    boards = [named(random_board(seed), "A"), named(random_board(seed + 1), "B")]
    costs, roll = Costs(per_share=1.25, spread=0.001), Roll("volume", 2)
    target = wishes(seed)
    text = "long when close > sma(close, 5); short when close < sma(close, 9); stop 1*atr(3); take 3%; size shares(2)"

    def run(which: list[int]) -> FuturesRun:
        wants = ruled(text) if stops else counts(target[:, which].tolist())
        return together([boards[each] for each in which], wants, roll, costs=costs)

    both, turned, alone = run([0, 1]), run([1, 0]), [run([0]), run([1])]
    assert both.result.equity.tolist() == turned.result.equity.tolist()
    apart = sum(each.result.equity - 1e6 for each in alone)
    np.testing.assert_allclose(both.result.equity - 1e6, apart, atol=1e-6)
    assert both.rolls == sum(each.rolls for each in alone)
    pnl = float(both.result.trades.pnl.sum())
    assert pnl == pytest.approx(float(both.result.equity[-1]) - 1e6, abs=1e-2)


@settings(max_examples=12, deadline=None)
@given(seeds)
def test_margin_is_met_after_every_open_and_later_prices_change_nothing_earlier(seed: int) -> None:
    boards = [named(random_board(seed), "A"), named(random_board(seed + 1), "B")]
    target = wishes(seed, 6.0)
    margins, more = [Margin(), Margin()], {"costs": Costs(per_share=1.0), "terms": Terms(1e5)}
    run = together(boards, Signals(target), Roll("open_interest", 1), margins=margins, **more)
    closes = run.result.equity - run.maintenance
    called = {each.date for each in run.result.events if each.kind == "margin call"}
    assert called == {date for date, left in zip(run.result.dates, closes, strict=True) if left < 0}
    other = [
        replace(each, **{
            name: np.vstack([getattr(each, name)[:40], getattr(named(random_board(seed + 7), "Z"), name)[40:]])
            for name in ("open", "high", "low", "close", "settle", "volume", "open_interest")
        })
        for each in boards
    ]  # fmt: skip
    later = together(other, Signals(target), Roll("open_interest", 1), margins=margins, **more)
    assert run.result.equity[:40].tolist() == later.result.equity[:40].tolist()


def test_a_holiday_over_the_day_of_leaving_is_told_once_notice_may_be_given() -> None:
    terms = (
        contract("GH4", "2024-03-15", "2024-03-08", settlement="physical"),
        contract("GM4", "2024-06-21"),
    )
    first = board(
        WEEK, terms,
        settle=[[100, 101], [100, 101], [100, 101], [NAN, NAN], [NAN, NAN], [98, 99]],
    )  # fmt: skip
    other = board(WEEK, (contract("XM4", "2024-06-21"),), settle=[[10]] * 6)
    run = together([first, other], counts([[1, 0]] + [[NAN, NAN]] * 5), Roll("calendar", 0))
    assert [(str(each.date)[5:], each.kind) for each in run.result.events] == [
        ("03-08", "stale"), ("03-11", "roll"),
    ]  # fmt: skip
    assert run.unsettled == 0  # a day without a bar is no bar without a settlement


def test_bars_without_a_settlement_are_counted_and_days_without_a_bar_are_not() -> None:
    one = board(
        WEEK, (contract("XH4", "2024-06-21"), contract("XM4", "2024-09-20")),
        settle=[[100, 1], [100, 1], [NAN, 1], [NAN, 1], [100, 1], [100, 1]],
        close=[[100, 1], [100, 1], [100, 1], [NAN, 1], [100, 1], [100, 1]],
    )  # fmt: skip
    assert together([one], counts([[1]] + [[NAN]] * 5), Roll()).unsettled == 1

"""Orders against bars: each kind by hand, and what happens over several sessions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.backtest.orders import Bar, Order, meet
from engine.backtest.result import Costs
from tests.backtest.sim.markets import market
from tests.backtest.sim.tables import fills, follow

BAR = Bar(open=100, high=105, low=95, close=102, volume=1e6)


@pytest.mark.parametrize(
    ("shares", "kind", "limit", "stop", "price"),
    [
        (1, "market", None, None, 100),
        (1, "open", None, None, 100),
        (-1, "close", None, None, 102),
        (1, "limit", 98, None, 98),
        (1, "limit", 95, None, 95),  # touched
        (1, "limit", 94.99, None, None),
        (1, "limit", 101, None, 100),  # the open is better
        (-1, "limit", 104, None, 104),
        (-1, "limit", 99, None, 100),
        (-1, "limit", 105.01, None, None),
        (1, "stop", None, 103, 103),
        (1, "stop", None, 99, 100),  # a gap: at the open, worse
        (1, "stop", None, 106, None),
        (-1, "stop", None, 96, 96),
        (-1, "stop", None, 101, 100),
        (-1, "stop", None, 94, None),
        (1, "stop_limit", 104, 103, 103),
        (1, "stop_limit", 99, 98, 99),  # beyond at the open, back to the limit later
        (1, "stop_limit", 101, 98, 100),
        (1, "stop_limit", 101, 103, None),  # the stop within the bar, the limit perhaps before it
        (1, "stop_limit", 102.5, 103, 102.5),  # the close is within the limit: reached after the stop
        (-1, "stop_limit", 96, 97, 97),
        (-1, "stop_limit", 98, 97, 98),
    ],
)
def test_where_an_order_meets_a_bar(
    shares: float, kind: str, limit: float | None, stop: float | None, price: float | None
) -> None:
    order = Order("A", shares, kind, limit=limit, stop=stop)  # type: ignore[arg-type]
    touch = meet(order, BAR, stop, False, True)
    assert (touch.price if touch else None) == price


BARS = market(
    6,
    open=[100, 100, 101, 98, 90, 92],
    high=[100, 103, 104, 99, 93, 95],
    low=[100, 99, 97, 94, 88, 91],
    close=[100, 102, 98, 95, 92, 94],
)
DAY = [f"2024-01-0{day}" for day in range(1, 7)]


def test_a_limit_and_a_stop() -> None:
    orders = {0: [Order("A", 10, "limit", limit=97.5)], 2: [Order("A", -10, "stop", stop=94.5)]}
    run = follow(BARS, orders)
    assert fills(run) == [(DAY[2], 10, 97.5), (DAY[3], -10, 94.5)]
    assert run.cash[-1] == 10_000 - 975 + 945


def test_a_stop_is_worse_after_a_gap_and_pays_slippage_where_a_limit_does_not() -> None:
    orders = {0: [Order("A", 10, "limit", limit=99.5)], 1: [Order("A", -10, "stop", stop=93)]}
    run = follow(BARS, orders, Costs(slippage=0.01))
    assert fills(run) == [(DAY[1], 10, 99.5), (DAY[4], -10, pytest.approx(90 * 0.99))]


def test_of_stop_and_take_in_one_bar_the_stop_happens() -> None:
    pair = (
        Order("A", -10, "limit", limit=103.5, group="exit", closing=True, reason="take"),
        Order("A", -10, "stop", stop=97.5, group="exit", closing=True, reason="stop"),
    )
    run = follow(BARS, {0: [Order("A", 10, reason="in")], 1: pair})
    assert fills(run) == [(DAY[1], 10, 100), (DAY[2], -10, 97.5)]
    (trade,) = run.trades
    assert (trade.entry_reason, trade.exit_reason) == ("in", "stop")
    take = follow(BARS, {0: [Order("A", 10, then=pair[:1])]})
    assert fills(take) == [(DAY[1], 10, 100), (DAY[2], -10, 103.5)]


def test_orders_that_begin_with_a_fill_work_in_its_bar() -> None:
    stop = Order("A", -10, "stop", stop=99.25, group="exit", closing=True)
    take = Order("A", -10, "limit", limit=102.5, group="exit", closing=True)
    both = follow(BARS, {0: [Order("A", 10, then=(take, stop))]})
    assert fills(both) == [(DAY[1], 10, 100), (DAY[1], -10, 99.25)]
    only = follow(BARS, {0: [Order("A", 10, then=(take,))]})
    assert fills(only) == [(DAY[1], 10, 100), (DAY[1], -10, 102.5)]
    # bought within the bar: its high may have come before, so the take waits
    late = follow(BARS, {0: [Order("A", 10, "limit", limit=99.5, then=(take,))]})
    assert fills(late) == [(DAY[1], 10, 99.5), (DAY[2], -10, 102.5)]


def test_a_trailing_stop_follows_the_highs_of_sessions_past() -> None:
    trail = Order("A", -10, "trailing", trail=0.05, closing=True)
    run = follow(BARS, {0: [Order("A", 10), trail]})
    # from 100: 95; after 103: 97.85; reached on the third day
    assert fills(run) == [(DAY[1], 10, 100), (DAY[2], -10, pytest.approx(97.85))]


def test_orders_by_volume_fill_in_parts() -> None:
    bars = market(5, volume=[1, 1_000, 2_000, 500, 9_000])
    run = follow(bars, {0: [Order("A", 345)]}, Costs(participation=0.1, minimum=1.0), capital=100_000.0)
    assert [(shares, price) for _, shares, price in fills(run)] == [(100, 100), (200, 100), (45, 100)]
    assert run.cash.tolist() == [100_000, 89_999, 69_998, 65_497, 65_497]
    assert [event.kind for event in run.events] == ["partial", "partial"]


def test_orders_of_a_session_share_its_volume() -> None:
    bars = market(4, volume=np.full(4, 1_000.0))
    run = follow(bars, {0: [Order("A", 80), Order("A", -80, tag="other")]}, Costs(participation=0.1))
    assert [shares for _, shares, _ in fills(run)] == [80, -20, -60]


def test_a_stop_that_was_reached_follows_the_market_with_its_rest() -> None:
    thin = replace(BARS, volume=np.array([[1e6], [1e6], [50], [1e6], [1e6], [1e6]]))
    orders = {0: [Order("A", 10)], 1: [Order("A", -10, "stop", stop=97.5)]}
    run = follow(thin, orders, Costs(participation=0.1))
    assert fills(run) == [(DAY[1], 10, 100), (DAY[2], -5, 97.5), (DAY[3], -5, 98)]


def test_good_till_day_on_open_and_on_close() -> None:
    day = follow(BARS, {0: [Order("A", 10, "limit", limit=98, sessions=1)]})
    assert fills(day) == []
    assert [event.kind for event in day.events] == ["lapsed"]
    close = follow(BARS, {0: [Order("A", 10, "close")]})
    assert fills(close) == [(DAY[1], 10, 102)]
    thin = market(3, volume=100.0 * BARS.volume[:3, 0] / 1e6)
    part = follow(thin, {0: [Order("A", 30, "open")]}, Costs(participation=0.1))
    assert [shares for _, shares, _ in fills(part)] == [10]


def test_a_tag_replaces_and_cancels() -> None:
    first = Order("A", 10, "limit", limit=97.5, tag="entry")
    moved = Order("A", 10, "limit", limit=94.5, tag="entry")
    run = follow(BARS, {0: [first], 1: [moved]})
    assert fills(run) == [(DAY[3], 10, 94.5)]
    gone = follow(BARS, {0: [first], 1: [Order("A", 0, tag="entry")]})
    assert fills(gone) == []


def test_working_orders_go_through_a_split() -> None:
    bars = market(
        4, open=[100, 100, 50, 50], high=[100, 101, 51, 51], low=[100, 99, 47, 49], close=[100] * 2 + [50] * 2,
        split=[1, 1, 2, 1],
    )  # fmt: skip
    run = follow(bars, {0: [Order("A", 10), Order("A", -10, "stop", stop=96, closing=True)]})
    assert [(shares, price) for _, shares, price in fills(run)] == [(10, 100), (-20, 48)]


def test_an_order_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="limit above 0"):
        Order("A", 1, "limit")
    with pytest.raises(ValueError, match="stop above 0"):
        Order("A", 1, "stop_limit", limit=3)
    with pytest.raises(ValueError, match="below 1"):
        Order("A", 1, "trailing", trail=5)
    with pytest.raises(ValueError, match="one session"):
        Order("A", 1, sessions=0)
    with pytest.raises(ValueError, match="of A too"):
        Order("A", 1, then=(Order("B", -1),))
    with pytest.raises(ValueError, match="does not hold"):
        follow(BARS, {0: [Order("ZZ", 1)]})

"""Each kind of order as a statement: cash, shares, the mark's worth and the fee of each day, worked by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.backtest.orders import Order
from engine.backtest.result import Costs
from tests.backtest.sim.markets import market
from tests.backtest.sim.tables import amounts, fills, follow, table

#            day 0  day 1  day 2  day 3  day 4
OPEN = [100.0, 100.0, 103.0, 104.0, 95.0]
HIGH = [100.0, 106.0, 108.0, 105.0, 99.0]
LOW = [100.0, 95.0, 101.0, 92.0, 93.0]
CLOSE = [100.0, 102.0, 107.0, 94.0, 98.0]
FLAT = (10_000.0, 0)


@pytest.mark.parametrize(
    ("order", "price", "days"),
    # cash and shares after each of days 1 to 4; each fill pays a fee of 1
    [
        # at the first open after the decision
        ({"kind": "market"}, 100.0, [(8_999, 10), (8_999, 10), (8_999, 10), (8_999, 10)]),
        ({"kind": "open"}, 100.0, [(8_999, 10), (8_999, 10), (8_999, 10), (8_999, 10)]),
        # at the close
        ({"kind": "close"}, 102.0, [(8_979, 10), (8_979, 10), (8_979, 10), (8_979, 10)]),
        # the low of 95 touches a limit of 96; one of 94 waits for day 3
        ({"kind": "limit", "limit": 96.0}, 96.0, [(9_039, 10), (9_039, 10), (9_039, 10), (9_039, 10)]),
        ({"kind": "limit", "limit": 94.0}, 94.0, [FLAT, FLAT, (9_059, 10), (9_059, 10)]),
        # a limit above the open is filled at the open
        ({"kind": "limit", "limit": 101.0}, 100.0, [(8_999, 10), (8_999, 10), (8_999, 10), (8_999, 10)]),
        # bought when it rises to 105; to 107.50 on day 2; to 102.50, which day 2 opens above
        ({"kind": "stop", "stop": 105.0}, 105.0, [(8_949, 10), (8_949, 10), (8_949, 10), (8_949, 10)]),
        ({"kind": "stop", "stop": 107.5}, 107.5, [FLAT, (8_924, 10), (8_924, 10), (8_924, 10)]),
        # reached on day 1, whose close of 102 is above the limit; day 2 comes down to it
        ({"kind": "stop_limit", "stop": 105.0, "limit": 101.0}, 101.0,
         [FLAT, (8_989, 10), (8_989, 10), (8_989, 10)]),
        # sold short: below 98; at a tenth below the best so far: 90, 95.40, 97.20, which day 3 meets
        ({"kind": "stop", "stop": 98.0, "shares": -10}, 98.0, [(10_979, -10)] * 4),
        ({"kind": "trailing", "trail": 0.1, "shares": -10}, 97.2, [FLAT, FLAT, (10_971, -10), (10_971, -10)]),
        # a day order that nothing meets lapses
        ({"kind": "limit", "limit": 94.0, "sessions": 1}, None, [FLAT] * 4),
    ],
)  # fmt: skip
def test_a_statement_of_each_kind(
    order: dict[str, Any], price: float | None, days: list[tuple[float, int]]
) -> None:
    bars = market(5, open=OPEN, high=HIGH, low=LOW, close=CLOSE)
    run = follow(bars, {0: [Order("A", **{"shares": 10.0, **order})]}, Costs(minimum=1.0))
    expected = [(10_000.0, 0, 0, 10_000.0)]
    expected += [(cash, held, 0, cash + held * CLOSE[day + 1]) for day, (cash, held) in enumerate(days)]
    assert table(run) == expected
    assert [each[2] for each in fills(run)] == ([] if price is None else [pytest.approx(price)])
    assert amounts(run, "commission") == ([] if price is None else [-1.0])


def test_a_statement_of_an_order_that_volume_fills_in_parts() -> None:
    """A tenth of 40 shares a day: 4, 4 and 2, each with its own fee."""
    bars = market(5, open=OPEN, high=HIGH, low=LOW, close=CLOSE, volume=40.0)
    run = follow(bars, {0: [Order("A", 10.0)]}, Costs(minimum=1.0, participation=0.1))
    assert table(run) == [
        (10_000, 0, 0, 10_000),
        (9_599, 4, 0, 10_007),  # 400 and 1; 4 at 102
        (9_186, 8, 0, 10_042),  # 412 and 1; 8 at 107
        (8_977, 10, 0, 9_917),  # 208 and 1; 10 at 94
        (8_977, 10, 0, 9_957),
    ]
    assert amounts(run, "commission") == [-1.0, -1.0, -1.0]
    assert [event.text for event in run.events] == ["Filled 4 of 10 shares.", "Filled 4 of 6 shares."]


def test_a_stop_that_found_no_volume_follows_the_market() -> None:
    """4 bought at the open of day 1 are all the volume allowed; the stop of 98 is met there and sells on day 2."""
    bars = market(5, open=OPEN, high=HIGH, low=LOW, close=CLOSE, volume=40.0)
    orders = [Order("A", 4.0), Order("A", -4.0, "stop", stop=98.0)]
    run = follow(bars, {0: orders}, Costs(participation=0.1))
    assert [each[1:] for each in fills(run)] == [(4.0, 100.0), (-4.0, 103.0)]


def test_a_statement_of_fractions_of_shares() -> None:
    bars = market(5, open=OPEN, high=HIGH, low=LOW, close=CLOSE)
    run = follow(bars, {0: [Order("A", 0.12345678)]}, Costs(per_notional=0.001), fractional=True)
    # 12.345678 is booked as 12.3457, the fee of 0.01234568 as 0.0123; marks round likewise
    assert np.array(table(run))[:, [0, 3]].tolist() == [
        [10_000.0, 10_000.0],
        [9_987.6420, 10_000.2346],
        [9_987.6420, 10_000.8519],
        [9_987.6420, 9_999.2469],
        [9_987.6420, 9_999.7408],
    ]

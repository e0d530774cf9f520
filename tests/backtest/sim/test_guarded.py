"""Stops, trailing stops and targets of rules by hand: where they stand, what meets them, when one re-enters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.backtest import rules
from engine.backtest.guarded import run_guarded
from engine.backtest.inputs import Inputs, RunSpec
from engine.backtest.kernel_guarded import run_guarded_days
from engine.backtest.result import Costs, Result, Terms
from engine.backtest.run import run
from tests.backtest.sim.markets import market
from tests.backtest.sim.tables import fills, table
from tests.backtest.sim.test_guarded_agreement import exactly

GO = "long when go > 0; exit when go < 0; size shares(100)"


def followed(
    go: list[float], text: str, costs: Costs | None = None, capital: float = 20_000.0, **bars: Any
) -> Result:
    """Rules over bars of 100 but for those given, as orders (and in arrays, with the same result)."""
    given, terms = market(len(go), **bars), Terms(capital)
    costs, panels = costs or Costs(), {"go": np.array(go, dtype=float)[:, None]}
    plan = rules.plan(rules.parse(text, panels=("go",)), given, panels=panels)
    found = run_guarded(given, plan, costs, terms)
    for stretches in (False, True):
        exactly(run_guarded_days(given, plan, costs, terms, stretches=stretches), found)
    return found


def days(found: Result) -> list[tuple[int, float, float]]:
    """Row, shares and price of each fill."""
    first = found.dates[0]
    return [
        (int((np.datetime64(day) - first).astype(int)), shares, round(price, 6))
        for day, shares, price in fills(found)
    ]


def quiet(rows: int, **at: dict[int, float]) -> dict[str, np.ndarray]:
    """Bars of 100, but for some prices of some rows."""
    found = {name: np.full(rows, 100.0) for name in ("open", "high", "low", "close")}
    for name, prices in at.items():
        for row, price in prices.items():
            found[name][row] = price
    return found


def test_a_stop_stands_below_the_fill_and_waits_for_its_condition() -> None:
    """Day by day: bought at 100, stopped at 90 on day 2; go stays up, and only after it was down is day 6 bought."""
    bars = quiet(8, low={2: 85.0}, close={2: 95.0})
    found = followed([1, 1, 1, 1, -1, 1, 1, 1], f"{GO}; stop 10%", **bars)
    assert days(found) == [(1, 100, 100.0), (2, -100, 90.0), (6, 100, 100.0)]
    assert table(found) == [
        # cash, shares, owed, equity
        (20_000.0, 0, 0, 20_000.0),
        (10_000.0, 100, 0, 20_000.0),
        (19_000.0, 0, 0, 19_000.0),
        (19_000.0, 0, 0, 19_000.0),
        (19_000.0, 0, 0, 19_000.0),
        (19_000.0, 0, 0, 19_000.0),
        (9_000.0, 100, 0, 19_000.0),
        (9_000.0, 100, 0, 19_000.0),
    ]
    first = found.trades[0]
    assert (first.entry_reason, first.exit_reason) == ("long when go > 0", "stop 10%")


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        # a gap beyond the stop fills at the open
        ("stop 10%", {"open": {2: 80.0}, "low": {2: 79.0}}, (2, 80.0)),
        # within the bar of the entry
        ("stop 10%", {"low": {1: 70.0}}, (1, 90.0)),
        ("take 10%", {"high": {1: 115.0}}, (1, 110.0)),
        ("take 10%", {"open": {3: 120.0}, "high": {3: 121.0}}, (3, 120.0)),
        # both within one bar: the stop
        ("stop 10%; take 10%", {"low": {2: 85.0}, "high": {2: 115.0}}, (2, 90.0)),
        # the high of day 2 moves the trailing stop to 108 from day 3 on; its own low of 105 does not meet it
        ("trail 10%", {"high": {2: 120.0}, "low": {2: 105.0, 3: 107.0}, "open": {3: 110.0}, "close": {2: 110.0}},
         (3, 108.0)),
        # of a stop and a trailing stop the nearer one
        ("stop 5%; trail 10%", {"low": {3: 80.0}}, (3, 95.0)),
        ("stop 5%; trail 10%", {"high": {2: 120.0}, "open": {3: 110.0}, "low": {3: 80.0}}, (3, 108.0)),
        # in units of price: a tenth of the close of the decision's day, 10
        ("stop close / 10", {"low": {2: 89.0}, "close": {1: 200.0}}, (2, 90.0)),
        ("trail close / 10", {"high": {2: 130.0}, "open": {3: 125.0}, "low": {3: 80.0}}, (3, 120.0)),
        ("take close / 10", {"high": {2: 111.0}}, (2, 110.0)),
        # neither: what was decided
        ("stop 10%", {"low": {2: 90.5}}, (6, 100.0)),
        # decided exits go before a stop that the same open meets
        ("stop 10%", {"open": {6: 85.0}}, (6, 85.0)),
    ],
)  # fmt: skip
def test_where_a_long_ends(text: str, at: dict[str, dict[int, float]], expected: tuple[int, float]) -> None:
    found = followed([1, 1, 1, 1, 1, -1, -1, -1], f"{GO}; {text}", **quiet(8, **at))
    assert days(found) == [(1, 100, 100.0), (expected[0], -100, expected[1])]


@pytest.mark.parametrize(
    ("guard", "at", "expected"),
    [
        ("stop 10%", {"high": {2: 111.0}}, (2, 110.0)),
        ("stop 10%", {"open": {2: 130.0}, "high": {2: 131.0}}, (2, 130.0)),
        ("take 10%", {"low": {2: 89.0}}, (2, 90.0)),
        ("trail 10%", {"low": {2: 80.0}, "open": {3: 85.0}, "high": {3: 89.0}}, (3, 88.0)),
        ("stop 10%; take 10%", {"low": {2: 85.0}, "high": {2: 115.0}}, (2, 110.0)),
    ],
)
def test_where_a_short_ends(guard: str, at: dict[str, dict[int, float]], expected: tuple[int, float]) -> None:
    text = f"short when go > 0; cover when go < 0; size shares(100); {guard}"
    found = followed([1, 1, 1, 1, 1, -1, -1, -1], text, **quiet(8, **at))
    assert days(found) == [(1, -100, 100.0), (expected[0], 100, expected[1])]


def test_stops_are_counted_from_the_price_that_was_paid() -> None:
    """Bought at 101 (1% slippage): the stop at 90.90 sells at 89.991, the target at 111.10 pays no slippage."""
    costs = Costs(slippage=0.01)
    bars = quiet(4, low={2: 80.0})
    assert days(followed([1] * 4, f"{GO}; stop 10%; take 10%", costs, **bars)) == [
        (1, 100, 101.0),
        (2, -100, 89.991),
    ]
    bars = quiet(4, high={2: 120.0})
    assert days(followed([1] * 4, f"{GO}; stop 10%; take 10%", costs, **bars)) == [
        (1, 100, 101.0),
        (2, -100, 111.1),
    ]
    # a stop nearer than the slippage was passed when it began: it sells at the open, not above it
    assert days(followed([1] * 3, f"{GO}; stop 0.5%", costs, **quiet(3)))[1] == (1, -100, 99.0)


def test_splits_move_working_levels_and_what_was_decided_before_them() -> None:
    """2 for 1 on day 3: 200 shares, the stop of 90 is one of 45; and a distance of 10 decided before a split is 5."""
    bars = quiet(6, **{name: dict.fromkeys((3, 4, 5), 50.0) for name in ("open", "high", "low", "close")})
    split = np.array([1, 1, 1, 2, 1, 1.0])
    bars["low"][4] = 44.0
    assert days(followed([1] * 6, f"{GO}; stop 10%", split=split, **bars)) == [
        (1, 100, 100.0),
        (4, -200, 45.0),
    ]
    late = followed([0, 0, 1, 1, 1, 1], f"{GO}; stop close / 10", split=split, **bars)
    assert days(late) == [(3, 100, 50.0), (4, -100, 45.0)]
    trail = followed([1] * 6, f"{GO}; trail 10%", split=split, **bars)
    assert days(trail) == [(1, 100, 100.0), (4, -200, 45.0)]


def test_a_change_of_size_keeps_the_stop_of_the_entry() -> None:
    """Half the equity on day 1 (100 at 100); renewed on day 3 at 200: 25 sold, and the stop still is 90."""
    rise = {name: dict.fromkeys((2, 3), 200.0) for name in ("open", "high", "low", "close")}
    bars = quiet(6, **rise)
    bars["low"][4], bars["open"][4], bars["high"][4] = 80.0, 100.0, 100.0
    dates = np.array(
        ["2024-01-29", "2024-01-30", "2024-02-01", "2024-02-02", "2024-02-05", "2024-02-06"], "M8[D]"
    )
    text = "long when go > 0; exit when go < 0; size weight(50%); stop 10%; rebalance monthly"
    found = followed([1] * 6, text, dates=dates, **bars)
    assert fills(found) == [
        ("2024-01-30", 100.0, 100.0),
        ("2024-02-02", -25.0, 200.0),
        ("2024-02-05", -75.0, 90.0),
    ]


def test_an_entry_and_its_rest_end_with_the_stop() -> None:
    """A tenth of the volume a day. 30 of 100 on day 1, 30 on day 2, whose bar meets the stop; no more is bought, and
    the 60 go at the opens that follow, 30 a day."""
    bars = quiet(6, low={2: 85.0})
    found = followed([1] * 6, f"{GO}; stop 10%", Costs(participation=0.1), volume=300.0, **bars)
    assert days(found) == [(1, 30, 100.0), (2, 30, 100.0), (3, -30, 100.0), (4, -30, 100.0)]
    assert found.trades[0].exit_reason == "stop 10%"
    # 50 of 80 wanted, a stop within the next day's bar after 30 were bought: 20 sold at 90, 60 at the open after
    volume = np.array([500, 500, 500, 1000, 500, 500.0])
    found = followed(
        [1] * 6, f"{GO.replace('100', '80')}; stop 10%", Costs(participation=0.1), volume=volume, **bars
    )
    assert days(found) == [(1, 50, 100.0), (2, 30, 100.0), (2, -20, 90.0), (3, -60, 100.0)]


def test_a_delay_is_waited_for_and_what_was_decided_after_stands() -> None:
    """Delay 2: decided on day 0, bought on day 2, stopped there; nothing is bought again."""
    bars = quiet(6, low={2: 85.0})
    assert days(followed([1] * 6, f"{GO}; stop 10%; delay 2", **bars)) == [(2, 100, 100.0), (2, -100, 90.0)]


def test_held_so_long_and_no_longer() -> None:
    found = followed([1, 1, 1, 1, 1, 1, 0, 1], "long when go > 0; hold 2; size shares(10)", **quiet(8))
    assert [row for row, _, _ in days(found)] == [1, 3]
    assert found.trades[0].exit_reason == "hold 2"


def test_stops_fill_at_opens_only() -> None:
    given = Inputs(market(3), {"go": np.ones((3, 1))})
    with pytest.raises(ValueError, match="entries fill at the open, not at the close"):
        run(given, RunSpec(f"{GO}; stop 10%", fill="close"))
    assert run(given, RunSpec(GO, fill="close")).result.trades[0].entry_price == 100.0

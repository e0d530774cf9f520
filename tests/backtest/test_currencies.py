"""A ledger of several currencies: bookings by hand, partial closes, conversion, and what always holds."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.backtest.currencies import CurrencyLedger, Holding
from engine.backtest.money import MINOR, TICK, half_even

DAY = np.datetime64("2024-03-04")


def ledger(capital: float = 1_000.0) -> CurrencyLedger:
    return CurrencyLedger("USD", capital, DAY)


def test_a_spot_position_is_paid_for_and_a_margined_one_is_not() -> None:
    one = ledger()
    one.rate("EUR", 1.25)
    one.hold(Holding("SPOT", "EUR", margined=False))
    one.hold(Holding("FUTURE", "EUR", multiplier=10 * TICK))
    one.trade("SPOT", 4, 50.0)
    one.trade("FUTURE", 2, 50.0)
    assert one.cash == {"USD": 1_000 * MINOR, "EUR": -200 * MINOR}
    assert one.equity == 1_000 * MINOR
    one.mark("SPOT", 52.0)
    one.mark("FUTURE", 49.0)
    assert one.equity == round((1_000 + 1.25 * (8 - 20)) * MINOR)
    assert one.held["FUTURE"].notional == 980 * MINOR
    assert one.settle("FUTURE") == -20 * MINOR
    assert one.held["FUTURE"].value == 0
    assert one.cash["EUR"] == -220 * MINOR
    assert [(each.kind, each.currency, each.amount) for each in one.entries[-2:]] == [
        ("trade", "EUR", 0), ("variation", "EUR", -20 * MINOR),
    ]  # fmt: skip


def test_closing_a_part_realises_that_part_at_the_average() -> None:
    one = ledger()
    one.hold(Holding("PERP", "USD"))
    one.trade("PERP", 3, 100.0)
    one.trade("PERP", 1, 104.0)  # four at 101
    assert one.trade("PERP", -1, 105.0) == 4 * MINOR
    assert one.held["PERP"].basis == 303 * TICK
    assert one.trade("PERP", -5, 99.0) == -6 * MINOR  # three closed, two short at 99
    assert (one.held["PERP"].units, one.held["PERP"].basis) == (-2, -198 * TICK)
    one.mark("PERP", 98.0)
    assert one.equity == (1_000 + 4 - 6 + 2) * MINOR


@given(st.integers(-(10**30), 10**30), st.integers(-(10**12), 10**12).filter(bool))
def test_a_quotient_is_the_nearest_whole_number_whatever_the_signs(above: int, below: int) -> None:
    assert half_even(above, below) == round(Fraction(above, below))


def test_a_part_of_a_short_that_is_closed_leaves_its_basis_to_the_last_tick() -> None:
    one = ledger()
    one.hold(Holding("PERP", "USD"))
    one.trade("PERP", -4, 100.0)
    assert one.trade("PERP", 1, 99.0) == MINOR
    assert one.held["PERP"].basis == -300 * TICK
    assert one.trade("PERP", 3, 99.0) == 3 * MINOR
    assert one.held["PERP"].basis == 0


def test_conversion_is_booked_on_both_sides() -> None:
    one = ledger()
    one.exchange("EURUSD", 100 * MINOR, 1.2)
    one.rate("EUR", 1.25)
    assert one.cash == {"USD": 880 * MINOR, "EUR": 100 * MINOR}
    one.convert("EURUSD", "EUR", 100 * MINOR)
    assert one.cash == {"USD": 1_005 * MINOR, "EUR": 0}
    one.convert("EURUSD", "USD", 5)
    assert one.equity == one.cash_based == 1_005 * MINOR


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan")])
def test_a_rate_is_above_zero(rate: float) -> None:
    with pytest.raises(ValueError, match="above zero"):
        ledger().rate("EUR", rate)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-20, 20), st.floats(-50, 200)), min_size=1, max_size=12),
    st.booleans(), st.booleans(),
)  # fmt: skip
def test_what_is_flat_has_made_what_its_fills_say(
    fills: list[tuple[int, float]], margined: bool, settles: bool
) -> None:
    """Whatever the path, prices below zero too: cash is the sum of the fills to a rounding each."""
    one = ledger()
    one.hold(Holding("X", "USD", multiplier=TICK // 2, margined=margined))
    made = 0.0
    for units, price in [*fills, (-sum(each for each, _ in fills), 7.0)]:
        one.trade("X", units, price)
        made -= 0.5 * units * price
        if settles and margined:
            one.settle("X")
    assert one.held["X"].value == 0
    assert one.cash["USD"] == pytest.approx((1_000 + made) * MINOR, abs=len(fills) * 2 + 2)
    assert one.equity == one.cash["USD"]

"""Splits and dividends out of an adjusted close, on series worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from providers.actions import factor_steps


def adjusted_twin(closes: list[float], events: dict[int, tuple[float, float]]) -> pl.DataFrame:
    """Prices with the adjusted close that the vendor's rule gives: slow and obvious.

    ``events[i] = (ratio, dividend)`` on the i-th day. Backwards from the last day, a factor of
    ``C_t / (C_t + D) / ratio`` applies to every day before the event.
    """
    factor, adjusted = 0.731, [0.0] * len(closes)
    for at in reversed(range(len(closes))):
        adjusted[at] = closes[at] * factor
        if at in events:
            ratio, dividend = events[at]
            factor *= closes[at] / (closes[at] + dividend) / ratio
    days = [date(2020, 1, 1) + timedelta(at) for at in range(len(closes))]
    return pl.DataFrame(
        {"identity": ["x"] * len(closes), "session_date": days, "close": closes, "adjusted_close": adjusted}
    )


def steps(closes: list[float], events: dict[int, tuple[float, float]]) -> list[tuple[object, ...]]:
    return factor_steps(adjusted_twin(closes, events)).select("ex_date", "kind", "ratio", "amount").rows()


def test_nothing_happens_nothing_is_found() -> None:
    assert steps([10.0, 11.0, 9.0, 12.5], {}) == []


def test_a_two_for_one_split_shows_in_factor_and_price() -> None:
    assert steps([100.0, 102.0, 52.0, 53.0], {2: (2.0, 0.0)}) == [(date(2020, 1, 3), "split", 2.0, None)]


def test_seven_for_one_and_one_for_ten() -> None:
    found = steps([645.57, 93.7, 94.25, 930.0], {1: (7.0, 0.0), 3: (0.1, 0.0)})
    assert found == [(date(2020, 1, 2), "split", 7.0, None), (date(2020, 1, 4), "split", 0.1, None)]


def test_a_dividend_comes_out_to_the_cent() -> None:
    assert steps([109.0, 109.75, 110.0], {1: (1.0, 0.13)}) == [(date(2020, 1, 2), "dividend", None, 0.13)]


def test_a_special_dividend_is_no_split() -> None:
    assert steps([30.0, 27.39], {1: (1.0, 3.08)}) == [(date(2020, 1, 2), "dividend", None, 3.08)]


def test_a_crash_is_no_split() -> None:
    """AAPL fell 52% on 2000-09-29: the traded price halves, the factor stands still."""
    assert steps([53.5, 25.75, 24.0], {}) == []


def test_a_halved_factor_without_a_halved_price_is_neither() -> None:
    """The vendor adjusted for a split that these prices have already taken in: left for a person."""
    assert [row[1] for row in steps([100.0, 101.0], {1: (2.0, 0.0)})] == ["unexplained"]


def test_split_and_dividend_on_one_day_are_left_for_a_person() -> None:
    assert [row[1] for row in steps([100.0, 50.0], {1: (2.0, 0.4)})] == ["unexplained"]


@pytest.mark.parametrize("noise", [1e-13, 1e-11])
def test_rounding_of_the_factor_makes_no_dividends(noise: float) -> None:
    prices = adjusted_twin([100.0 + at for at in range(50)], {20: (1.0, 0.5)})
    wobble = pl.Series([1 + noise * (-1) ** at for at in range(50)])
    found = factor_steps(prices.with_columns(pl.col("adjusted_close") * wobble))
    assert found.select("kind", "amount").rows() == [("dividend", 0.5)]


def test_securities_do_not_touch_each_other() -> None:
    one, other = adjusted_twin([10.0, 11.0], {}), adjusted_twin([500.0, 510.0], {})
    both = pl.concat([one, other.with_columns(identity=pl.lit("y"), adjusted_close=pl.col("close"))])
    assert factor_steps(both).height == 0

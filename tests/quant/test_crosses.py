"""Cross rates: consistent with the pairs they come from, and with each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.quant.crosses import crosses

CODES = ("USD", "EUR", "JPY", "GBP", "CHF", "SEK")


def test_a_cross_goes_over_the_fewest_pairs() -> None:
    found = crosses({"EURUSD": 1.25, "EURJPY": 150.0, "USDJPY": 119.0, "EURGBP": 0.8}, CODES)
    assert found["EUR", "USD"].rate == 1.25
    assert found["USD", "JPY"].rate == 119.0  # its own pair, not 150 / 1.25
    assert found["USD", "JPY"].pairs == ("USDJPY",)
    assert found["GBP", "USD"].rate == pytest.approx(1.5625)
    assert found["GBP", "USD"].pairs == ("EURGBP", "EURUSD")
    assert ("CHF", "USD") not in found


def test_rates_that_are_none_are_passed_over() -> None:
    assert crosses({"EURUSD": 0.0, "GBPUSD": -1.0, "XX": 2.0}, CODES) == {}


@given(st.lists(st.floats(1e-4, 1e5), min_size=5, max_size=5))
def test_there_is_no_arbitrage_in_rates_against_one_currency(levels: list[float]) -> None:
    """Bought and sold around any three currencies, nothing is won: the reference rates are against one."""
    rates = {
        f"EUR{code}": level for code, level in zip(("USD", "JPY", "GBP", "CHF", "SEK"), levels, strict=True)
    }
    found = crosses(rates, CODES)
    assert len(found) == 30
    for one in CODES:
        for two in CODES:
            for three in CODES:
                if len({one, two, three}) == 3:
                    around = found[one, two].rate * found[two, three].rate * found[three, one].rate
                    assert around == pytest.approx(1.0, rel=1e-12)

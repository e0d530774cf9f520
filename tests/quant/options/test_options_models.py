"""European prices: parity, bounds, monotone, convex, and exact at the edges."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.options import bachelier, black76, bsm, garman_kohlhagen

KINDS = st.sampled_from([1.0, -1.0])
SPOTS, STRIKES = st.floats(1.0, 1e4), st.floats(1.0, 1e4)
YEARS, RATES, VOLS = st.floats(0.0, 30.0), st.floats(-0.05, 0.2), st.floats(0.0, 3.0)


@settings(max_examples=200, deadline=None)
@given(SPOTS, STRIKES, YEARS, RATES, RATES, VOLS)
def test_a_call_less_a_put_is_the_forward_less_the_strike(s, x, t, r, q, v):
    found = bsm(1, s, x, t, r, q, v) - bsm(-1, s, x, t, r, q, v)
    wanted = s * math.exp(-q * t) - x * math.exp(-r * t)
    assert found == pytest.approx(wanted, abs=1e-12 * max(s * math.exp(-q * t), x * math.exp(-r * t)))


@settings(max_examples=200, deadline=None)
@given(KINDS, SPOTS, STRIKES, YEARS, RATES, RATES, VOLS)
def test_a_price_lies_between_the_discounted_intrinsic_value_and_its_bound(k, s, x, t, r, q, v):
    carried, owed = s * math.exp(-q * t), x * math.exp(-r * t)
    slack = 1e-13 * max(carried, owed)
    assert (
        max(k * (carried - owed), 0.0) - slack
        <= bsm(k, s, x, t, r, q, v)
        <= (carried if k > 0 else owed) + slack
    )


@settings(max_examples=100, deadline=None)
@given(KINDS, SPOTS, st.floats(0.01, 10.0), RATES, RATES, st.floats(0.01, 2.0))
def test_prices_are_monotone_and_convex_in_the_strike_and_rise_with_volatility(k, s, t, r, q, v):
    strikes = np.linspace(0.2 * s, 3.0 * s, 60)
    prices, slack = bsm(k, s, strikes, t, r, q, v), 1e-12 * s * math.exp(0.2 * t)
    assert (k * np.diff(prices) <= slack).all()
    assert (np.diff(prices, 2) >= -slack).all()
    assert (bsm(k, s, strikes, t, r, q, 1.1 * v) >= prices - slack).all()


def test_at_expiry_and_without_volatility_it_is_the_payoff_on_the_forward():
    strikes = [80.0, 100.0, 120.0]
    np.testing.assert_array_equal(bsm(1, 100.0, strikes, 0.0, 0.05, 0.02, 0.3), [20.0, 0.0, 0.0])
    np.testing.assert_array_equal(bsm(-1, 100.0, strikes, 0.0, 0.05, 0.02, 0.3), [0.0, 0.0, 20.0])
    wanted = [100 * math.exp(-0.02) - x * math.exp(-0.05) for x in strikes[:2]] + [0.0]
    np.testing.assert_allclose(bsm(1, 100.0, strikes, 1.0, 0.05, 0.02, 0.0), wanted, rtol=1e-14)
    np.testing.assert_array_equal(bachelier([1, -1], 3.0, -2.0, 0.0, 5.0), [5.0, 0.0])


def test_extremes_have_their_limits_and_impossible_inputs_none():
    assert bsm(1, 100.0, 0.0, 1.0, 0.05, 0.02, 0.3) == pytest.approx(100 * math.exp(-0.02), rel=1e-15)
    assert bsm(-1, 0.0, 100.0, 1.0, 0.05, 0.02, 0.3) == pytest.approx(100 * math.exp(-0.05), rel=1e-15)
    assert black76(1, 100.0, 50.0, 1.0, 1e6) == 100.0
    assert bsm(1, 100.0, 100.0, 1e-12, 0.05, 0.0, 0.2) == pytest.approx(
        0.2e-6 * 100 / math.sqrt(2 * math.pi), rel=1e-6
    )
    assert np.isnan(black76(1, [100.0, 100.0, -1.0], 100.0, [-1.0, 1.0, 1.0], [0.2, -0.2, 0.2])).all()
    assert np.isnan(bsm(1, np.nan, 100.0, 1.0, 0.0, 0.0, 0.2))


def test_deep_out_of_the_money_prices_keep_their_digits():
    # 1e-300 against the tail's asymptotic series, whose next term is below 1e-4
    x, s = math.log(1000.0), 0.1875
    price, h, t = black76(1, 1.0, 1000.0, 1.0, s), -math.log(1000.0) / s, s / 2
    tail = math.sqrt(1000.0) * math.exp(-(h * h + t * t) / 2) / math.sqrt(2 * math.pi)
    wanted = tail * s**3 / x**2
    assert 1e-305 < price < 1e-290
    assert price == pytest.approx(wanted, rel=5e-3)


def test_the_models_are_one_another():
    garman = garman_kohlhagen([1, -1], 1.56, 1.6, 0.5, 0.06, 0.08, 0.12)
    forward, discount = 1.56 * math.exp(-0.02 * 0.5), math.exp(-0.03)
    np.testing.assert_allclose(garman, black76([1, -1], forward, 1.6, 0.5, 0.12, discount), rtol=1e-13)
    # for small deviations a lognormal forward moves normally, with the volatility times the forward
    normal = bachelier(1, 100.0, [99.9, 100.0, 100.1], 0.01, 1.0)
    np.testing.assert_allclose(normal, black76(1, 100.0, [99.9, 100.0, 100.1], 0.01, 0.01), rtol=5e-3)


def test_shapes_broadcast_and_numbers_answer_numbers():
    prices = bsm(np.array([[1.0], [-1.0]]), 100.0, np.linspace(80, 120, 9000), 1.0, 0.05, 0.0, 0.2)
    assert prices.shape == (2, 9000)
    assert prices[1, 4321] == bsm(-1, 100.0, np.linspace(80, 120, 9000)[4321], 1.0, 0.05, 0.0, 0.2)
    assert isinstance(bsm(1, 100.0, 100.0, 1.0, 0.05, 0.0, 0.2), float)
    assert bsm(1, np.zeros(0), 100.0, 1.0, 0.05, 0.0, 0.2).shape == (0,)


def test_a_kind_that_is_no_kind_is_refused():
    with pytest.raises(ValueError, match="call"):
        bsm([1, 0], 100.0, 100.0, 1.0, 0.05, 0.0, 0.2)

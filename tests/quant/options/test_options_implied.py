"""Implied volatility: round trips over the whole range, against a slow bisection, and every reason for none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import erfcx, log_ndtr, ndtri_exp

from engine.quant.options import REASONS, black76, bsm_greeks, implied_volatility

EPS = np.finfo(float).eps


def exact_price(distance, s):
    """An out-of-the-money price on a forward of exp(-distance) and a strike of 1, in logarithms: it may be 1e-300."""
    h, t = distance / s, s / 2
    value = erfcx((h - t) / math.sqrt(2)) - erfcx((h + t) / math.sqrt(2))
    return math.exp(-distance / 2 - (h * h + t * t) / 2) * value / 2


@settings(max_examples=400, deadline=None)
@given(st.floats(1e-3, 600.0), st.floats(0.05, 30.0), st.sampled_from([1.0, -1.0]), st.floats(1e-3, 1e3))
def test_the_round_trip_out_of_the_money_over_the_whole_range(distance, s, kind, scale):
    small, price = math.exp(-distance), exact_price(distance, s)
    assume(price * min(scale, 1.0) > 1e-300 and small > 1e-290 and price < small * (1 - 1e-9))
    forward, strike = (small, 1.0) if kind > 0 else (1.0, small)
    found = implied_volatility(price * scale, kind, forward * scale, strike * scale, 1.0)
    h, t = distance / s, s / 2
    vega = math.exp(-(h * h + t * t) / 2 - distance / 2) / math.sqrt(2 * math.pi)
    log_error = 4e3 * EPS  # of the twin's own price: the exponent is of order a thousand
    allowed = 1e-13 * s + log_error * price / vega
    assert found.reason == 0
    assert abs(found.volatility - s) <= allowed


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([1.0, -1.0]), st.floats(20.0, 500.0), st.floats(1 / 365, 10.0), st.floats(0.01, 3.0))
def test_the_round_trip_is_as_near_as_the_price_allows(kind, strike, years, volatility):
    discount = math.exp(-0.03 * years)
    price = black76(kind, 100.0, strike, years, volatility, discount)
    vega = bsm_greeks(kind, 100.0, strike, years, 0.0, 0.0, volatility).vega * discount
    found = implied_volatility(price, kind, 100.0, strike, years, discount)
    if vega > 1e-4 * max(strike, 100.0):
        assert abs(found.volatility - volatility) < 1e-9
    elif found.reason == 0:  # the price leaves the volatility open, which at least gives the price again
        again = black76(kind, 100.0, strike, years, found.volatility, discount)
        assert abs(again - price) <= 20 * EPS * max(strike, 100.0)


@settings(max_examples=100, deadline=None)
@given(st.floats(1e-9, 1e-2), st.floats(0.0, 1e-2))
def test_tiny_deviations_keep_their_digits(s, distance):
    assume(distance < 5 * s)
    # near the money Bachelier's series is exact to s^2: enough to hold the digits of a small deviation
    growth = math.expm1(distance)
    v = distance / s
    density = math.exp(-v * v / 2) / math.sqrt(2 * math.pi)
    mills = 1.0 - v * erfcx(v / math.sqrt(2)) * math.sqrt(math.pi / 2)
    price = s * density * mills
    assume(price > 1e-300)
    found = implied_volatility(price, 1.0, 1.0, 1.0 + growth, 1.0).volatility
    assert found == pytest.approx(s, rel=20 * (s + distance) + 1e-12)


def test_against_a_slow_bisection_in_logarithms():
    rng = np.random.default_rng(3)
    distance, target = rng.uniform(0.01, 5.0, 300), -rng.uniform(0.01, 600.0, 300)  # of ln(price / forward)
    forward = np.exp(-distance)
    low, high = np.full(300, 1e-4), np.full(300, 40.0)

    def log_price(s):
        d1, d2 = -distance / s + s / 2, -distance / s - s / 2
        return log_ndtr(d1) + np.log1p(-np.exp(distance + log_ndtr(d2) - log_ndtr(d1)))

    for _ in range(200):
        middle = (low + high) / 2
        below = log_price(middle) < target
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    found = implied_volatility(np.exp(target) * forward, 1, forward, 1.0, 1.0).volatility
    np.testing.assert_allclose(found, middle, rtol=1e-11)


def test_at_the_money_it_is_the_inverse_of_the_error_function():
    price = np.array([1e-300, 1e-12, 1e-4, 0.1, 0.5, 0.9, 1 - 1e-9])
    wanted = -2.0 * ndtri_exp(np.log1p(-price) - math.log(2.0))
    found = implied_volatility(price, 1, 1.0, 1.0, 1.0).volatility
    np.testing.assert_allclose(found[2:], wanted[2:], rtol=1e-11)
    np.testing.assert_allclose(found[:2], price[:2] * math.sqrt(2 * math.pi), rtol=1e-13)


def test_each_reason_and_nothing_else():
    price = [np.nan, -1.0, 0.0, 5.0, 5.0, 40.0, 50.0, 100.0, 101.0, 10.0]
    strike = [100.0, 100.0, 100.0, 100.0, -100.0, 50.0, 50.0, 100.0, 100.0, 100.0]
    years = [1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    found = implied_volatility(price, 1, 100.0, strike, years)
    assert found.reason.tolist() == [1, 2, 2, 3, 2, 4, 5, 6, 6, 0]
    assert np.isnan(found.volatility[:-1]).all()
    assert found.volatility[-1] > 0
    assert set(found.reason.tolist()) == set(REASONS)
    assert implied_volatility(5.0, 0.0, 100.0, 100.0, 1.0).reason == 1
    assert implied_volatility(5.0, 1.0, np.inf, 100.0, 1.0).reason == 1


def test_calls_and_puts_agree_by_parity_and_blocks_do_not_show():
    strikes = np.linspace(50, 200, 10_001)
    calls, puts = (black76(k, 100.0, strikes, 0.5, 0.3, 0.98) for k in (1, -1))
    one = implied_volatility(calls, 1, 100.0, strikes, 0.5, 0.98).volatility
    other = implied_volatility(puts, -1, 100.0, strikes, 0.5, 0.98).volatility
    np.testing.assert_allclose(one, 0.3, atol=1e-9)
    np.testing.assert_allclose(other, 0.3, atol=1e-9)

"""American options: bounds, symmetry, other methods, cash dividends against an integral, nothing global touched."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.options import (
    american,
    american_cash,
    american_cash_greeks,
    american_greeks,
    american_implied_volatility,
    bsm,
    bsm_greeks,
    european_cash,
    european_cash_greeks,
    present_value,
)

RNG = np.random.default_rng(11)
N = 60
KIND = np.where(RNG.random(N) < 0.5, 1.0, -1.0)
SPOT, STRIKE, YEARS = RNG.uniform(70, 130, N), np.full(N, 100.0), RNG.uniform(0.05, 2.0, N)
RATE, YIELD, VOL = RNG.uniform(0.0, 0.08, N), RNG.uniform(0.0, 0.08, N), RNG.uniform(0.1, 0.6, N)
MARKET = (KIND, SPOT, STRIKE, YEARS, RATE, YIELD, VOL)


@cache
def precise() -> np.ndarray:
    """What the finest scheme says of them; not at import, which every worker does."""
    return american(*MARKET, scheme="precise")


def tree(kind, s, x, t, r, q, v, n=2001):
    """Cox, Ross and Rubinstein's tree, two sizes averaged: the slow and obvious twin."""
    up = math.exp(v * math.sqrt(t / n))
    p, discount = (math.exp((r - q) * t / n) - 1 / up) / (up - 1 / up), math.exp(-r * t / n)
    ladder = s * up ** np.arange(-n, n + 1.0)
    value = np.maximum(kind * (ladder[::2] - x), 0.0)
    for level in range(n - 1, -1, -1):
        prices = ladder[n - level : n + level + 1 : 2]
        value = np.maximum(discount * (p * value[1:] + (1 - p) * value[:-1]), kind * (prices - x))
    return value[0]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([1.0, -1.0]), st.floats(10.0, 300.0), st.floats(0.0, 3.0), st.floats(-0.05, 0.15),
    st.floats(0.0, 0.15), st.floats(0.0, 1.0),
)  # fmt: skip
def test_never_below_the_european_price_nor_the_exercise_value(k, s, t, r, q, v):
    found = american(k, s, 100.0, t, r, q, v, "fast")
    assert found >= bsm(k, s, 100.0, t, r, q, v)
    assert found >= max(k * (s - 100.0), 0.0)
    assert (
        found <= max(s, s * math.exp(-q * t)) if k > 0 else found <= 100.0 * max(1.0, math.exp(-r * t)) + 1e-9
    )


def test_against_a_tree():
    for row in range(0, N, 12):
        inputs = [float(column[row]) for column in MARKET]
        wanted = (tree(*inputs, n=1000) + tree(*inputs, n=1001)) / 2
        assert precise()[row] == pytest.approx(wanted, abs=3e-3)


def test_the_schemes_err_as_told():
    for scheme, worst in (("fast", 3e-3), ("accurate", 3e-4)):
        assert np.abs(american(*MARKET, scheme=scheme) - precise()).max() < worst


def test_a_call_is_a_put_with_spot_and_strike_and_rate_and_yield_exchanged():
    mirror = american(-KIND, STRIKE, SPOT, YEARS, YIELD, RATE, VOL, "precise")
    np.testing.assert_allclose(mirror, precise(), atol=2e-8)


def test_without_a_reason_to_exercise_it_is_the_european_price():
    calls = american(1, SPOT, STRIKE, YEARS, RATE, 0.0, VOL)
    np.testing.assert_array_equal(calls, bsm(1, SPOT, STRIKE, YEARS, RATE, 0.0, VOL))
    puts = american(-1, SPOT, STRIKE, YEARS, 0.0, YIELD, VOL)
    np.testing.assert_array_equal(puts, bsm(-1, SPOT, STRIKE, YEARS, 0.0, YIELD, VOL))


def test_two_boundaries_under_negative_rates_go_to_finite_differences():
    found = american(-1, 100.0, 100.0, 1.0, -0.01, -0.06, 0.2)
    wanted = (
        tree(-1, 100.0, 100.0, 1.0, -0.01, -0.06, 0.2, 1500) + tree(-1, 100.0, 100.0, 1.0, -0.01, -0.06, 0.2)
    ) / 2
    assert found == pytest.approx(wanted, abs=5e-3)


def test_edges_are_exact():
    assert american(-1, 100.0, 120.0, 0.0, 0.05, 0.0, 0.2) == 20.0
    assert american(-1, 100.0, 120.0, 1.0, 0.05, 0.0, 0.0) == 20.0
    assert np.isnan(american(1, np.nan, 100.0, 1.0, 0.05, 0.0, 0.2))
    assert np.isnan(american(1, 100.0, 100.0, 1.0, 0.05, 0.0, -0.2))
    assert american(1, np.zeros((2, 0)), 100.0, 1.0, 0.05, 0.0, 0.2).shape == (2, 0)
    with pytest.raises(ValueError, match="there are fast"):
        american(1, 100.0, 100.0, 1.0, 0.05, 0.0, 0.2, scheme="best")


def test_quantlibs_evaluation_date_stays_where_it_was():
    ql = pytest.importorskip("QuantLib")
    settings_ = ql.Settings.instance()
    before = settings_.evaluationDate
    settings_.evaluationDate = ql.Date(1, 6, 2010)
    try:
        first = (
            american(-1, 100.0, 100.0, 1.0, 0.05, 0.05, 0.25),
            american_cash(-1, 100.0, 100.0, 1.0, 0.05, (), 0.25),
        )
        assert settings_.evaluationDate == ql.Date(1, 6, 2010)
        settings_.evaluationDate = ql.Date(1, 6, 2040)
        again = (
            american(-1, 100.0, 100.0, 1.0, 0.05, 0.05, 0.25),
            american_cash(-1, 100.0, 100.0, 1.0, 0.05, (), 0.25),
        )
    finally:
        settings_.evaluationDate = before
    assert first == again


def test_greeks_where_the_european_ones_are_known():
    rate = RATE + 0.002  # below zero early exercise pays: rho has a kink there
    found = american_greeks(1, SPOT, STRIKE, YEARS, rate, 0.0, VOL)
    wanted = bsm_greeks(1, SPOT, STRIKE, YEARS, rate, 0.0, VOL)
    for name in ("price", "delta", "gamma", "vega", "theta", "rho", "vanna", "volga", "charm"):
        of = getattr(wanted, name)
        np.testing.assert_allclose(
            getattr(found, name), of, rtol=2e-4, atol=2e-4 * np.abs(of).max(), err_msg=name
        )


def test_greeks_obey_symmetry_and_the_exercise_region():
    one = american_greeks(-1, 100.0, 105.0, 0.7, 0.05, 0.02, 0.3)
    two = american_greeks(1, 105.0, 100.0, 0.7, 0.02, 0.05, 0.3)
    assert one.vega == pytest.approx(two.vega, rel=1e-5)
    assert one.rho == pytest.approx(two.dividend_rho, rel=1e-5)
    assert one.theta == pytest.approx(two.theta, rel=1e-4)
    deep = american_greeks(-1, 60.0, 100.0, 0.5, 0.08, 0.0, 0.2)
    assert deep.price == pytest.approx(40.0, abs=1e-10)
    assert (deep.theta, deep.vega) == pytest.approx((0.0, 0.0), abs=1e-7)
    assert deep.delta == pytest.approx(-1.0, abs=1e-9)


def integral(kind, s, x, t, r, when, paid, v, exercise):
    """With one dividend: the value just before it, integrated over where the share then stands."""
    z = np.linspace(-9, 9, 20001)
    weight = np.exp(-z * z / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])
    share = s * np.exp((r - v * v / 2) * when + v * math.sqrt(when) * z)
    value = bsm(kind, np.maximum(share - paid, 1e-12), x, t - when, r, 0.0, v)
    return (
        math.exp(-r * when) * (weight * (np.maximum(value, kind * (share - x)) if exercise else value)).sum()
    )


@pytest.mark.parametrize(("paid", "when"), [(2.0, 0.5), (7.0, 0.5), (1.0, 0.1), (5.0, 0.9)])
def test_calls_on_a_share_with_one_dividend(paid, when):
    for strike in (80.0, 100.0, 120.0):
        for european in (False, True):
            inputs = 1, 100.0, strike, 1.0, 0.06
            found = american_cash(*inputs, [(when, paid)], 0.3, european=european)
            assert found == pytest.approx(integral(*inputs, when, paid, 0.3, not european), abs=3e-4)


def test_cash_dividends_that_do_not_matter_and_the_escrowed_model():
    none = american_cash(-1, 100.0, 100.0, 1.0, 0.05, [(0.0, 5.0), (1.5, 5.0)], 0.25, 0.02)
    assert none == pytest.approx(american(-1, 100.0, 100.0, 1.0, 0.05, 0.02, 0.25, "precise"), abs=3e-4)
    assert american_cash(1, 110.0, 100.0, 0.0, 0.05, (), 0.2) == 10.0
    assert np.isnan(american_cash(1, np.nan, 100.0, 1.0, 0.05, (), 0.2))
    assert present_value([(0.5, 1.0), (2.0, 1.0)], 0.05, [0.4, 1.0, 3.0]).tolist() == pytest.approx(
        [0.0, math.exp(-0.025), math.exp(-0.025) + math.exp(-0.1)]
    )
    call, put = (european_cash(k, 40.0, 40.0, 0.5, 0.09, [(0.2, 0.5)], 0.3) for k in (1, -1))
    assert call - put == pytest.approx(40.0 - 0.5 * math.exp(-0.018) - 40.0 * math.exp(-0.045), abs=1e-12)


def test_greeks_with_cash_dividends_are_near_those_with_none_when_none_is_due():
    one = american_cash_greeks(-1, 100.0, 100.0, 1.0, 0.05, (), 0.25, 0.02)
    two = american_greeks(-1, 100.0, 100.0, 1.0, 0.05, 0.02, 0.25)
    for name in ("price", "delta", "gamma", "vega", "theta", "rho"):
        assert getattr(one, name) == pytest.approx(getattr(two, name), rel=5e-3), name


def test_implied_volatility_of_american_prices_and_reasons_for_none():
    prices = american(*MARKET, scheme="accurate")
    found = american_implied_volatility(prices, *MARKET[:-1])
    open_ = (
        prices > np.maximum(KIND * (SPOT - STRIKE), 0.0) + 1e-3
    )  # below, early exercise leaves no volatility
    assert open_.sum() > 40
    np.testing.assert_allclose(found.volatility[open_], VOL[open_], atol=1e-6)
    told = american_implied_volatility([np.nan, -1.0, 19.0, 20.0, 101.0], -1, 80.0, 100.0, 1.0, 0.05, 0.0)
    assert told.reason.tolist() == [1, 2, 4, 5, 6]
    assert american_implied_volatility(5.0, 1, 100.0, 100.0, 0.0, 0.05, 0.0).reason == 3


@pytest.mark.parametrize("kind", [1, -1])
@pytest.mark.parametrize("carry", [0.0, 0.03])
def test_escrowed_greeks_are_the_differences_of_escrowed_prices(kind, carry):
    """The dividends' present value moves with the rate and with time, and delta with it."""

    def price(passed=0.0, rate=0.05, held=carry, volatility=0.25, spot=103.0):
        due = [(0.3 - passed, 2.5), (0.8 - passed, 3.0)]
        return european_cash(kind, spot, 100.0, 1.0 - passed, rate, due, volatility, held)

    greeks = european_cash_greeks(kind, 103.0, 100.0, 1.0, 0.05, [(0.3, 2.5), (0.8, 3.0)], 0.25, carry)
    step = 1e-4
    assert greeks.rho == pytest.approx(
        (price(rate=0.05 + step) - price(rate=0.05 - step)) / (2 * step), rel=1e-5
    )
    assert greeks.theta == pytest.approx((price(step) - price(-step)) / (2 * step), rel=1e-5)
    to_yield = (price(held=carry + step) - price(held=carry - step)) / (2 * step)
    assert greeks.dividend_rho == pytest.approx(to_yield, rel=1e-5)
    assert greeks.delta == pytest.approx((price(spot=103.01) - price(spot=102.99)) / 0.02, rel=1e-6)
    wide = 1e-3
    bent = (price(rate=0.05 + wide) - 2 * price() + price(rate=0.05 - wide)) / wide**2
    assert greeks.rho_convexity == pytest.approx(bent, rel=1e-4)
    assert greeks.theta_theta == pytest.approx((price(wide) - 2 * price() + price(-wide)) / wide**2, rel=1e-4)


@pytest.mark.parametrize("carry", [0.0, 0.03])
def test_both_models_of_cash_dividends_have_the_same_parity_beside_a_yield(carry):
    due, spot, rate = [(0.25, 2.0), (0.75, 2.0)], 100.0, 0.05
    rest = 95.0, 1.0, rate, due, 0.3, carry
    escrowed = european_cash(1, spot, *rest) - european_cash(-1, spot, *rest)
    spots = american_cash(1, spot, *rest, european=True) - american_cash(-1, spot, *rest, european=True)
    # a share bought and held: the yield is put back into it, the cash grows with what is left
    owned = spot * np.exp(-carry) - sum(paid * np.exp(-rate * t - carry * (1.0 - t)) for t, paid in due)
    assert escrowed == pytest.approx(owned - 95.0 * np.exp(-rate), abs=1e-12)
    assert spots == pytest.approx(escrowed, abs=2e-3)


def test_a_put_that_is_exercised_has_no_theta_with_cash_dividends():
    due = [(0.4, 0.5), (0.9, 0.5)]
    for spot in (70.0, 80.0, 81.0, 82.0, 83.0):  # worth the exercise value, but for the grid's error
        assert american_cash_greeks(-1, spot, 100.0, 1.0, 0.08, due, 0.2).theta == pytest.approx(
            0.0, abs=2e-3
        )
    held = american_cash_greeks(-1, 100.0, 100.0, 1.0, 0.08, due, 0.2)
    s, curve = 100.0, 0.5 * (0.2 * 100.0) ** 2 * held.gamma
    assert held.theta == pytest.approx(0.08 * (held.price - s * held.delta) - curve, rel=1e-2)

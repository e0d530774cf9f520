"""Parity gives back the forward and the rate that made the prices, with bad quotes and early exercise in them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.quant.options import american, black76
from engine.quant.surface import Chain, clean_chain, implied_forwards, parity_forward
from tests.quant.surface.chains import DISCOUNT, FORWARD, made

STRIKES = np.linspace(70, 140, 25)


def both(forward: float, discount: float, years: float) -> tuple[np.ndarray, np.ndarray]:
    call, put = (black76(kind, forward, STRIKES, years, 0.3, discount) for kind in (1.0, -1.0))
    return np.array(call), np.array(put)


@given(st.floats(60, 160), st.floats(-0.02, 0.15), st.floats(0.05, 3.0))
def test_model_prices_give_forward_and_rate_back(forward: float, rate: float, years: float) -> None:
    call, put = both(forward, float(np.exp(-rate * years)), years)
    found = parity_forward(STRIKES, call, put, years)
    assert found.forward == pytest.approx(forward, rel=1e-10)
    assert found.rate == pytest.approx(rate, abs=1e-10)


def test_bad_pairs_move_nothing() -> None:
    call, put = both(103.7, 0.97, 0.7)
    call[[3, 20]] += 2.0, -5.0
    put[11] += 1.0
    found = parity_forward(STRIKES, call, put, 0.7)
    assert found.forward == pytest.approx(103.7, abs=1e-9)
    assert found.outliers == 3


def test_errors_are_of_the_size_of_the_errors() -> None:
    """Over 300 noisy chains the forward and the rate spread as their standard errors say."""
    rng = np.random.default_rng(4)
    call, put = both(100.0, 0.98, 0.5)
    found = [
        parity_forward(STRIKES, call + rng.normal(0, 0.03, 25), put + rng.normal(0, 0.03, 25), 0.5)
        for _ in range(300)
    ]
    forwards, rates = (np.array([getattr(each, name) for each in found]) for name in ("forward", "rate"))
    assert np.mean([each.forward_error for each in found]) == pytest.approx(forwards.std(), rel=0.2)
    assert np.mean([each.rate_error for each in found]) == pytest.approx(rates.std(), rel=0.2)
    assert abs(forwards.mean() - 100.0) < 3 * forwards.std() / np.sqrt(300)


def test_a_given_discount_is_kept() -> None:
    call, put = both(100.0, 0.98, 0.5)
    found = parity_forward(STRIKES, call, put, 0.5, discount=0.98)
    assert (found.discount, found.given, found.rate_error) == (0.98, True, 0.0)
    assert found.forward == pytest.approx(100.0, abs=1e-11)


def test_too_few_pairs_have_no_forward() -> None:
    assert np.isnan(parity_forward([90.0, 100.0], [11.0, 4.0], [1.0, 4.0], 0.5).forward)
    with pytest.raises(ValueError, match="time above 0"):
        parity_forward(STRIKES, STRIKES, STRIKES, 0.0)


def test_every_expiry_of_a_european_chain() -> None:
    chain = made(half_spread=0.0)
    found = implied_forwards(chain, clean_chain(chain).kept)
    assert set(found.basis) == {"parity"}
    np.testing.assert_allclose(found.forward, FORWARD, rtol=1e-10)
    np.testing.assert_allclose(found.discount, DISCOUNT, rtol=1e-9)


def test_a_rate_that_an_expiry_cannot_tell_is_the_chains() -> None:
    chain = made(half_spread=0.01, seed=5)
    found = implied_forwards(chain, clean_chain(chain).kept)
    assert found.basis[0] == "pooled"
    np.testing.assert_allclose(found.forward, FORWARD, rtol=2e-3)
    assert abs(found.rate[0] - 0.034) < 0.004


def american_chain(rate: float, dividend_yield: float) -> Chain:
    years = np.repeat([0.25, 1.0], 18)
    strike = np.tile(np.repeat(np.linspace(92, 108, 9), 2), 2)
    kind = np.tile([1.0, -1.0], 18)
    price = american(kind, 100.0, strike, years, rate, dividend_yield, 0.25, scheme="accurate")
    return Chain(kind, strike, years, price - 0.01, price + 0.01, spot=100.0)


@pytest.mark.parametrize(("rate", "dividend_yield"), [(0.05, 0.0), (0.01, 0.03)])
def test_american_chains_give_rate_and_forward_once_the_premium_is_off(
    rate: float, dividend_yield: float
) -> None:
    chain = american_chain(rate, dividend_yield)
    found = implied_forwards(chain, clean_chain(chain).kept, pricer=lambda *a: american(*a, scheme="fast"))
    forward = 100.0 * np.exp((rate - dividend_yield) * found.years)
    np.testing.assert_allclose(found.rate, rate, atol=2e-3)
    np.testing.assert_allclose(found.forward, forward, rtol=1e-3)
    if rate > 0.02:  # without it both are biased: puts are dearer for being exercised early
        plain = implied_forwards(chain, clean_chain(chain).kept)
        assert abs(plain.rate - rate).max() > 4 * abs(found.rate - rate).max()


def test_a_given_curve_is_taken() -> None:
    chain = american_chain(0.04, 0.02)
    found = implied_forwards(
        chain, clean_chain(chain).kept, rates=lambda _: 0.04, pricer=lambda *a: american(*a, scheme="fast")
    )
    assert set(found.basis) == {"given"}
    np.testing.assert_allclose(found.forward, 100.0 * np.exp(0.02 * found.years), rtol=2e-4)

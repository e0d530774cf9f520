"""SSVI: parameters that satisfy the conditions give no arbitrage, and a fit satisfies them whatever the quotes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.surface import (
    Ssvi,
    check_arbitrage,
    fit_ssvi,
    ssvi_conditions,
    ssvi_phi,
    ssvi_total_variance,
    svi_total_variance,
)
from engine.quant.surface.ssvi import _bound, _model

YEARS = np.geomspace(0.02, 3.0, 12)
steps = st.lists(st.floats(1e-4, 0.05), min_size=12, max_size=12)


@settings(max_examples=80, deadline=None)
@given(steps, st.floats(-0.98, 0.98), st.floats(0.02, 1.0), st.floats(0.01, 0.5))
def test_parameters_within_the_conditions_are_free_of_arbitrage(
    theta: list[float], rho: float, share: float, gamma: float
) -> None:
    ssvi = Ssvi(np.cumsum(theta), rho, share * _bound(rho, gamma)[0], gamma)
    assert ssvi_conditions(ssvi).free
    report = check_arbitrage(ssvi.raw, YEARS)
    assert report.free.all()
    heavy = report.wing > 1.0  # the density falls so slowly that what lies beyond any grid counts
    np.testing.assert_allclose(report.mass[~heavy], 1.0, atol=1e-6)


def test_conditions_hold_for_every_theta() -> None:
    """The closed form of the most of theta phi^2 against a search."""
    theta = np.geomspace(1e-12, 1e6, 400_001)
    for gamma in (0.05, 0.2, 0.37, 0.49):
        found = (theta * ssvi_phi(theta, 1.3, gamma) ** 2).max() * 1.4
        told = ssvi_conditions(Ssvi(np.array([0.1]), -0.4, 1.3, gamma)).butterfly_curve
        assert found == pytest.approx(told, rel=1e-6)


def test_what_breaks_the_conditions_is_told() -> None:
    theta = np.array([0.01, 0.02])
    assert not ssvi_conditions(Ssvi(theta, -0.5, 3.0, 0.4)).free
    assert not ssvi_conditions(Ssvi(theta, -0.5, 1.0, 0.6)).free  # no bound near theta = 0
    assert not ssvi_conditions(Ssvi(theta[::-1], -0.5, 1.0, 0.4)).calendar
    crossing = check_arbitrage(Ssvi(theta[::-1], -0.5, 1.0, 0.4).raw, np.array([0.1, 0.2]))
    assert not crossing.calendar_free[1]
    assert crossing.calendar[1] < 0


def test_it_is_raw_svi() -> None:
    k = np.linspace(-1, 1, 21)
    ssvi = Ssvi(np.array([0.02, 0.05]), -0.4, 1.0, 0.3)
    one = svi_total_variance(k, ssvi.raw.column)
    np.testing.assert_allclose(one, ssvi_total_variance(k, ssvi.theta[:, None], -0.4, 1.0, 0.3), rtol=1e-13)


@settings(max_examples=25, deadline=None)
@given(steps, st.floats(-0.9, 0.9), st.floats(0.05, 0.95), st.floats(0.05, 0.45))
def test_a_surface_is_found_again(theta: list[float], rho: float, share: float, gamma: float) -> None:
    true = Ssvi(np.cumsum(theta), rho, share * _bound(rho, gamma)[0], gamma)
    k = np.linspace(-2.5, 2.5, 30) * np.sqrt(true.theta)[:, None]
    w = ssvi_total_variance(k, true.theta[:, None], rho, true.eta, gamma)
    fit = fit_ssvi(k, w, 1.0 / w)
    assert np.abs(fit.residuals / w).max() < 1e-5
    np.testing.assert_allclose(fit.ssvi.theta, true.theta, rtol=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_a_fit_of_crossing_quotes_has_no_arbitrage(seed: int) -> None:
    rng = np.random.default_rng(seed)
    theta = np.abs(rng.normal(0.04, 0.02, 6)) + 0.003  # in no order: calendars cross
    k = np.linspace(-0.6, 0.6, 20) * np.ones((6, 1))
    w = ssvi_total_variance(k, theta[:, None], -0.8, 2.5, 0.5) * (1 + 0.1 * rng.standard_normal(k.shape))
    fit = fit_ssvi(k, np.abs(w))
    assert fit.conditions.free
    assert check_arbitrage(fit.ssvi.raw, np.arange(1, 7) / 4).free.all()


def test_slopes_of_the_model() -> None:
    rng = np.random.default_rng(1)
    p = np.concatenate([rng.normal(-4, 0.5, 5), [-0.6, 0.4, 0.2]])
    slices = np.repeat(np.arange(5), 8)
    k = rng.normal(0, 0.4, 40)
    _, slopes = _model(p, k, slices)
    for at in range(len(p)):
        step = np.zeros(len(p))
        step[at] = 1e-6
        found = (_model(p + step, k, slices)[0] - _model(p - step, k, slices)[0]) / 2e-6
        np.testing.assert_allclose(slopes[:, at], found, rtol=1e-5, atol=1e-9)


def test_an_expiry_without_quotes_is_named() -> None:
    k = np.zeros((2, 3))
    w = np.array([[0.1, 0.1, 0.1], [np.nan] * 3])
    with pytest.raises(ValueError, match="number 1"):
        fit_ssvi(k, w)

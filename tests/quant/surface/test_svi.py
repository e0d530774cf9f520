"""SVI: three parameterisations of one smile, derivatives as differences say, fits that find what made it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares

from engine.quant.surface import (
    JumpWingSvi,
    RawSvi,
    check_arbitrage,
    fit_svi,
    jump_wings_to_raw,
    natural_to_raw,
    raw_to_jump_wings,
    raw_to_natural,
    svi_derivatives,
    svi_total_variance,
    without_butterflies,
)
from engine.quant.surface.svi_fit import _g_and_slopes

VOGT = RawSvi(-0.0410, 0.1331, 0.3060, 0.3586, 0.4153)  # Gatheral and Jacquier (2014), example 3.1
parameters = st.builds(
    RawSvi, st.floats(0.001, 0.1), st.floats(0.01, 0.6), st.floats(-0.95, 0.95),
    st.floats(-0.3, 0.3).filter(lambda m: abs(m) > 1e-3), st.floats(0.02, 0.8),
)  # fmt: skip
GRID = np.linspace(-0.7, 0.7, 41)


LOW, HIGH = np.array([0.01, 0.05, -0.8, -0.1, 0.1]), np.array([0.04, 0.3, 0.2, 0.1, 0.4])


def many(*raws: RawSvi) -> RawSvi:
    return RawSvi(*np.array([raw.values for raw in raws], dtype=float).T)


@given(parameters)
def test_natural_and_back(raw: RawSvi) -> None:
    back = natural_to_raw(raw_to_natural(raw))
    np.testing.assert_allclose(back.values, raw.values, rtol=1e-10, atol=1e-12)


@given(parameters, st.floats(0.02, 3.0))
def test_jump_wings_and_back(raw: RawSvi, years: float) -> None:
    wings = raw_to_jump_wings(raw, years)
    if abs(float(wings.psi)) < 1e-3 * float(wings.p + wings.c):
        return  # without skew they do not tell the curvature
    again = svi_total_variance(GRID, jump_wings_to_raw(wings))
    np.testing.assert_allclose(again, svi_total_variance(GRID, raw), rtol=1e-6, atol=1e-9)


def test_jump_wings_that_no_svi_has_are_refused() -> None:
    with pytest.raises(ValueError, match="psi must lie"):
        jump_wings_to_raw(JumpWingSvi(0.04, -0.9, 0.5, 0.5, 0.03, 1.0))
    with pytest.raises(ValueError, match="psi = 0"):
        jump_wings_to_raw(JumpWingSvi(0.04, 0.0, 0.5, 0.5, 0.04, 1.0))


@given(parameters)
def test_derivatives(raw: RawSvi) -> None:
    """Of a complex step: exact to rounding."""
    w, slope, curvature = svi_derivatives(GRID, raw)
    step = 1e-20j
    x = GRID + step - raw.m
    moved = raw.a + raw.b * (raw.rho * x + np.sqrt(x * x + raw.sigma**2))
    np.testing.assert_allclose(slope, moved.imag / 1e-20, rtol=1e-9, atol=1e-13)
    bend = raw.b * (raw.rho + x / np.sqrt(x * x + raw.sigma**2))
    np.testing.assert_allclose(curvature, bend.imag / 1e-20, rtol=1e-9, atol=1e-13)
    np.testing.assert_array_equal(w, svi_total_variance(GRID, raw))


def test_vogts_smile_has_a_butterfly_that_neither_slope_shows() -> None:
    report = check_arbitrage(many(VOGT), np.array([1.0]))
    assert not report.butterfly_free[0]
    assert report.butterfly[0] < -0.01
    assert 0.5 < report.butterfly_where[0] < 1.3  # as figure 1 of the paper draws g
    assert report.wing[0] < 2  # it is not the wings


def test_the_papers_repair_has_none() -> None:
    wings = raw_to_jump_wings(VOGT, 1.0)
    fixed = jump_wings_to_raw(without_butterflies(wings))
    assert check_arbitrage(many(fixed), np.array([1.0])).free[0]


def test_slopes_of_the_penalty() -> None:
    x = np.array([[-4.0, -2.0, -0.5, 0.05, -1.5]])
    _, slopes = _g_and_slopes(GRID[None], x)
    for at in range(5):
        step = np.zeros((1, 5))
        step[0, at] = 1e-6
        up, down = _g_and_slopes(GRID[None], x + step)[0], _g_and_slopes(GRID[None], x - step)[0]
        np.testing.assert_allclose(slopes[..., at], (up - down) / 2e-6, rtol=1e-5, atol=1e-7)


@settings(max_examples=60, deadline=None)
@given(parameters)
def test_what_made_the_smile_is_found(raw: RawSvi) -> None:
    fit = fit_svi(GRID, svi_total_variance(GRID, raw), butterflies=True)
    assert np.nanmax(np.abs(fit.residuals)) < 1e-9


def test_several_expiries_at_once_are_each_by_itself() -> None:
    rng = np.random.default_rng(3)
    k = np.sort(rng.uniform(-0.5, 0.5, (4, 30)), axis=1)
    raw = RawSvi(*rng.uniform(LOW[:, None], HIGH[:, None], (5, 4)))
    w = svi_total_variance(k, raw.column) * (1 + 0.01 * rng.standard_normal(k.shape))
    k[2, 20:] = w[2, 20:] = np.nan
    together = fit_svi(k, w)
    for row in range(4):
        alone = fit_svi(k[row][np.isfinite(w[row])], w[row][np.isfinite(w[row])])
        np.testing.assert_allclose(together.cost[row], alone.cost[0], rtol=1e-8)


def test_no_worse_than_scipy_from_many_starts() -> None:
    """The least squares that scipy's trust region finds from eight starts each, on noisy smiles."""
    rng = np.random.default_rng(11)
    for _ in range(5):
        true = rng.uniform(LOW, HIGH)
        k = np.sort(rng.uniform(-0.5, 0.5, 30))
        w = svi_total_variance(k, RawSvi(*true)) * (1 + 0.02 * rng.standard_normal(30))

        def residual(p: np.ndarray, k: np.ndarray = k, w: np.ndarray = w) -> np.ndarray:
            return svi_total_variance(k, RawSvi(*p)) - w

        best = min(
            least_squares(
                residual, rng.uniform([0, 0.01, -0.9, -0.3, 0.05], [0.05, 0.5, 0.5, 0.3, 0.6]),
                bounds=([-1, 0, -0.999, -2, 1e-4], [1, 2, 0.999, 2, 5]), xtol=1e-14, ftol=1e-14,
            ).cost
            for _ in range(8)
        )  # fmt: skip
        assert fit_svi(k, w, butterflies=True).cost[0] <= best * (1 + 1e-6)


def test_a_fit_may_not_have_butterflies() -> None:
    k = np.linspace(-0.8, 1.4, 40)
    fit = fit_svi(k, svi_total_variance(k, VOGT))
    assert fit.constrained[0]
    assert check_arbitrage(fit.raw, np.array([1.0])).butterfly_free[0]
    assert np.abs(fit.residuals).max() < 0.01  # and it stays near the quotes


def test_weights_and_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match="negative"):
        fit_svi(GRID, GRID**2 + 0.1, -np.ones_like(GRID))
    with pytest.raises(ValueError, match="shape"):
        fit_svi(GRID, GRID[:-1])
    assert np.isnan(
        np.asarray(fit_svi(GRID[:4], GRID[:4] ** 2 + 0.1).raw.a)
    ).all()  # fewer quotes than parameters


def test_a_quote_without_weight_is_as_if_it_were_not_there() -> None:
    w = svi_total_variance(GRID, VOGT)
    spoiled, weight = w.copy(), np.ones_like(w)
    spoiled[7], weight[7] = 9.0, 0.0
    fit = fit_svi(GRID, spoiled, weight, butterflies=True)
    np.testing.assert_allclose([float(v[0]) for v in fit.raw.values], VOGT.values, rtol=1e-6)

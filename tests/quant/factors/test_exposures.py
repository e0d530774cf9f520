"""Exposures and contributions: parts that add up exactly, to what a regression of the portfolio finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.factors import (
    MODELS,
    custom_model,
    loadings,
    portfolio_exposures,
    regress,
    return_contributions,
    risk_contributions,
)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 6), st.integers(1, 4))
def test_parts_add_up_to_the_portfolio(seed: int, symbols: int, factors: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=symbols)
    f = rng.normal(0.001, 0.01, (120, factors))
    r = f @ rng.normal(size=(factors, symbols)) + rng.normal(0.0005, 0.02, (120, symbols))
    found = loadings(r, f)
    whole = r @ weights
    direct = regress(whole, f)
    residual = np.atleast_2d(np.cov(found.residuals.T))
    risk = risk_contributions(weights, found.betas, np.atleast_2d(np.cov(f.T)), residual)
    np.testing.assert_allclose(risk.exposures, direct.coefficients[1:], atol=1e-11)
    np.testing.assert_allclose(portfolio_exposures(weights, found.betas), risk.exposures)
    assert risk.volatility == pytest.approx(whole.std(ddof=1), rel=1e-10)
    assert risk.factors.sum() + risk.specific.sum() == pytest.approx(risk.volatility, rel=1e-12)
    assert risk.symbols.sum() == pytest.approx(risk.volatility, rel=1e-12)
    np.testing.assert_allclose(risk.by_symbol.sum(axis=0), risk.factors, atol=1e-14)
    assert risk.factor_share == pytest.approx(direct.r_squared, abs=1e-9)
    earned = return_contributions(weights, found.alpha, found.betas, f.mean(axis=0), 0.0001)
    assert earned.total == pytest.approx(whole.mean() + 0.0001, abs=1e-13)
    assert earned.alpha.sum() + earned.factors.sum() + earned.risk_free == pytest.approx(
        earned.total, abs=1e-16
    )


def test_contributions_are_marginal_changes() -> None:
    """Euler: weight x d sigma / d weight, by central differences."""
    rng = np.random.default_rng(1)
    weights, betas = np.array([0.5, 0.8, -0.3]), rng.normal(size=(3, 2))
    f, own = np.array([[4.0, 1.0], [1.0, 2.0]]) * 1e-4, np.array([1.0, 2.0, 3.0]) * 1e-4
    risk = risk_contributions(weights, betas, f, own)
    for place in range(3):
        step = np.zeros(3)
        step[place] = 1e-6
        ends = [risk_contributions(weights + s, betas, f, own).volatility for s in (step, -step)]
        assert risk.symbols[place] == pytest.approx(weights[place] * (ends[0] - ends[1]) / 2e-6, rel=1e-6)


def test_nothing_held_has_no_risk_and_shapes_are_checked() -> None:
    none = risk_contributions([0.0], [[1.0]], [[1.0]], [1.0])
    assert none.volatility == 0.0
    assert none.symbols.sum() == 0.0
    with pytest.raises(ValueError, match="betas are"):
        portfolio_exposures([0.5, 0.5], [[1.0]])
    with pytest.raises(ValueError, match="positive semi-definite"):
        risk_contributions([1.0], [[1.0]], [[-4.0]], [1.0])


def test_models_have_names_and_a_custom_one_takes_any() -> None:
    assert MODELS["FF3"].factors == ("MKTRF", "SMB", "HML")
    assert MODELS["FF5MOM"].factors == (*MODELS["FF5"].factors, "MOM")
    assert custom_model(["spx", "HML"]).factors == ("SPX", "HML")
    with pytest.raises(ValueError, match="stands once"):
        custom_model(["A", "a"])
    with pytest.raises(ValueError, match="one factor at least"):
        custom_model([])

"""Held portfolios, shares of risk, attribution, views: identities and published examples."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.portfolio import (
    brinson,
    diversification_ratio,
    effective_holdings,
    historical_mean,
    hold,
    implied_returns,
    linked,
    posterior,
    risk_shares,
    shrunk_mean,
)


def returns(seed: int, n: int = 300, k: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0005, 0.015, (n, k))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_a_portfolio_never_touched_grows_as_its_parts(seed: int) -> None:
    values = returns(seed)
    weights = np.random.default_rng(seed).dirichlet(np.ones(4))
    held = hold(values, weights, "never")
    assert np.prod(1 + held.returns) == pytest.approx(float(weights @ np.prod(1 + values, axis=0)), rel=1e-10)
    np.testing.assert_allclose(held.turnover, 0.0, atol=1e-12)
    np.testing.assert_allclose(held.weights.sum(axis=1), 1.0)


def test_rebalanced_each_period_it_is_the_weighted_mean() -> None:
    values, weights = returns(1), np.array([0.4, 0.3, 0.2, 0.1])
    held = hold(values, weights)
    np.testing.assert_allclose(held.returns, values @ weights)
    assert (held.turnover[1:] > 0).all()


def test_calendar_rebalancing_goes_back_at_the_first_period_of_the_month() -> None:
    values, weights = returns(2, 90), np.array([0.25] * 4)
    dates = np.datetime64("2020-01-01") + np.arange(90)
    held = hold(values, weights, "monthly", dates)
    firsts = np.flatnonzero(dates.astype("datetime64[M]")[1:] != dates.astype("datetime64[M]")[:-1]) + 1
    np.testing.assert_allclose(held.weights[firsts], 0.25)
    assert (held.turnover > 1e-12).sum() == len(firsts)
    with pytest.raises(ValueError, match="dates"):
        hold(values, weights, "monthly")


def test_what_the_weights_lack_is_cash() -> None:
    values = np.array([[0.1], [0.1]])
    assert hold(values, np.array([0.5]), "never").returns.tolist() == pytest.approx([0.05, 0.055 / 1.05])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_components_of_risk_add_up(seed: int) -> None:
    covariance = np.cov(returns(seed), rowvar=False)
    weights = np.random.default_rng(seed).normal(0.3, 0.5, 4)
    shares = risk_shares(weights, covariance)
    assert shares.component.sum() == pytest.approx(shares.volatility)
    bumped = weights + np.array([1e-6, 0, 0, 0])
    slope = (risk_shares(bumped, covariance).volatility - shares.volatility) / 1e-6
    assert slope == pytest.approx(shares.marginal[0], abs=1e-6)


def test_diversification_of_one_and_of_unrelated_assets() -> None:
    assert diversification_ratio([1.0, 0.0], np.diag([0.04, 0.09])) == pytest.approx(1.0)
    assert diversification_ratio([0.25] * 4, np.eye(4)) == pytest.approx(2.0)
    assert effective_holdings([0.25] * 4) == pytest.approx(4.0)
    assert effective_holdings([1.0, 0.0]) == pytest.approx(1.0)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12))
def test_effects_add_up_to_the_difference_linked_or_not(seed: int, periods: int) -> None:
    rng = np.random.default_rng(seed)
    w, v = rng.dirichlet(np.ones(3), size=periods), rng.dirichlet(np.ones(3), size=periods)
    r, b = rng.normal(0.01, 0.05, (2, periods, 3))
    effects = brinson(w, r, v, b)
    mine, theirs = (w * r).sum(axis=1), (v * b).sum(axis=1)
    np.testing.assert_allclose(effects.total.sum(axis=1), mine - theirs, atol=1e-12)
    whole = linked(effects, mine, theirs)
    assert whole.total.sum() == pytest.approx(np.prod(1 + mine) - np.prod(1 + theirs), abs=1e-12)


def test_the_effects_of_a_worked_example() -> None:
    """By hand: benchmark 60/40 earning 5% and 2% (3.8% in all), portfolio 50/50 earning 6% and 1%."""
    found = brinson([0.5, 0.5], [0.06, 0.01], [0.6, 0.4], [0.05, 0.02])
    np.testing.assert_allclose(found.allocation, [-0.1 * 0.012, 0.1 * -0.018])
    np.testing.assert_allclose(found.selection, [0.6 * 0.01, 0.4 * -0.01])
    np.testing.assert_allclose(found.interaction, [-0.1 * 0.01, 0.1 * -0.01])


def test_a_group_that_one_side_lacks_has_no_selection() -> None:
    found = brinson([0.7, 0.3], [0.02, 0.04], [1.0, 0.0], [0.03, np.nan])
    assert found.selection[1] == 0.0
    assert found.total.sum() == pytest.approx(0.7 * 0.02 + 0.3 * 0.04 - 0.03)


def test_without_views_or_with_sure_ones() -> None:
    covariance = np.cov(returns(5), rowvar=False) * 252
    prior = implied_returns(covariance, [0.25] * 4)
    picks = np.array([[1.0, -1.0, 0.0, 0.0]])
    sure = posterior(prior, covariance, picks, [0.05], confidences=[1.0])
    assert float(picks[0] @ sure.expected) == pytest.approx(0.05)
    agreeing = posterior(prior, covariance, picks, picks @ prior)
    np.testing.assert_allclose(agreeing.expected, prior, atol=1e-12)
    half = posterior(prior, covariance, picks, [0.05], confidences=[0.5])
    assert float(picks[0] @ half.expected) == pytest.approx((0.05 + float(picks[0] @ prior)) / 2)


def test_views_by_the_other_form_of_the_formula() -> None:
    """He and Litterman's equation 8 with inverses: [(tC)^-1 + P'O^-1P]^-1 [(tC)^-1 pi + P'O^-1 q]."""
    covariance = np.cov(returns(6), rowvar=False) * 252
    prior, tau = implied_returns(covariance, [0.4, 0.3, 0.2, 0.1]), 0.05
    picks, views = np.array([[1.0, 0, 0, 0], [0, 1.0, -0.5, -0.5]]), np.array([0.08, 0.02])
    omega = np.array([0.0004, 0.0009])
    found = posterior(prior, covariance, picks, views, uncertainty=omega, tau=tau)
    precision = np.linalg.inv(tau * covariance) + picks.T @ np.diag(1 / omega) @ picks
    expected = np.linalg.solve(
        precision, np.linalg.solve(tau * covariance, prior) + picks.T @ (views / omega)
    )
    np.testing.assert_allclose(found.expected, expected, rtol=1e-8)
    np.testing.assert_allclose(found.covariance, covariance + np.linalg.inv(precision), rtol=1e-6)


def test_implied_returns_make_the_weights_the_best() -> None:
    from engine.quant.portfolio import Constraints, mean_variance

    covariance = np.cov(returns(7), rowvar=False) * 252
    weights = np.array([0.4, 0.3, 0.2, 0.1])
    prior = implied_returns(covariance, weights, 3.0)
    free = Constraints(low=-np.inf, high=np.inf)
    found = mean_variance(prior, covariance, free, risk_aversion=3.0)
    np.testing.assert_allclose(found, weights, atol=1e-5)


def test_means_by_either_compounding() -> None:
    values = np.array([[0.1, np.nan], [-0.1, 0.2]])
    np.testing.assert_allclose(historical_mean(values, 2), [0.0, 0.4])
    np.testing.assert_allclose(historical_mean(values, 2, "geometric"), [1.1 * 0.9 - 1, 1.2**2 - 1])


def test_shrunk_means_lie_between_their_own_and_one() -> None:
    values = returns(8, 250)
    shrunk, share = shrunk_mean(values)
    plain = historical_mean(values)
    assert 0 < share < 1
    assert np.ptp(shrunk) == pytest.approx((1 - share) * np.ptp(plain))

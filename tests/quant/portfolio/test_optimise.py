"""Optima against closed forms, against skfolio, and by their own conditions."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.portfolio import (
    Constraints,
    Group,
    Infeasible,
    diversification_ratio,
    efficient_frontier,
    hierarchical_risk_parity,
    maximum_diversification,
    maximum_sharpe,
    mean_variance,
    minimum_shortfall,
    minimum_variance,
    risk_parity,
    risk_shares,
    sector_groups,
)

FREE = Constraints(low=-np.inf, high=np.inf)


def sample(seed: int, n: int = 600, k: int = 6) -> np.ndarray:
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0004, 0.01, n)
    return market[:, None] * rng.uniform(0.5, 1.5, k) + rng.normal(0.0001, 0.008, (n, k)) * rng.uniform(
        0.5, 2, k
    )


def moments(seed: int, k: int = 6) -> tuple[np.ndarray, np.ndarray]:
    values = sample(seed, k=k)
    return values.mean(axis=0) * 252, np.cov(values, rowvar=False) * 252


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_without_bounds_the_optima_are_closed_forms(seed: int) -> None:
    mu, covariance = moments(seed)
    ones = np.ones(len(mu))
    least = np.linalg.solve(covariance, ones)
    np.testing.assert_allclose(minimum_variance(covariance, FREE), least / least.sum(), atol=2e-5)
    excess = np.linalg.solve(covariance, mu - 0.01)
    if excess.sum() > 0.5:  # else no portfolio that adds up to one attains the highest ratio
        np.testing.assert_allclose(
            maximum_sharpe(mu, covariance, 0.01, FREE),
            excess / excess.sum(),
            atol=2e-4 * np.abs(excess).max(),
        )


def test_the_optima_are_skfolios() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from skfolio import RiskMeasure
        from skfolio.optimization import MaximumDiversification, MeanRisk, RiskBudgeting

        values = sample(3)
        covariance = np.cov(values, rowvar=False)
        pairs = [
            (MeanRisk(), minimum_variance(covariance)),
            (MaximumDiversification(), maximum_diversification(covariance)),
            (RiskBudgeting(), risk_parity(covariance)),
            (MeanRisk(risk_measure=RiskMeasure.CVAR, cvar_beta=0.95), minimum_shortfall(values, 0.95)),
        ]
        # skfolio hands the solver daily variances unscaled, and stops three digits earlier
        for estimator, found in pairs:
            np.testing.assert_allclose(
                found, estimator.fit(values).weights_, atol=1e-3, err_msg=str(estimator)
            )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 8))
def test_risk_parity_shares_the_risk_as_asked(seed: int, k: int) -> None:
    _, covariance = moments(seed, k)
    even = risk_parity(covariance)
    np.testing.assert_allclose(risk_shares(even, covariance).share, 1 / k, atol=1e-9)
    budgets = np.random.default_rng(seed).uniform(0.2, 1.0, k)
    uneven = risk_parity(covariance, budgets)
    np.testing.assert_allclose(risk_shares(uneven, covariance).share, budgets / budgets.sum(), atol=1e-9)
    assert uneven.sum() == pytest.approx(1.0)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_no_other_allowed_weights_are_better(seed: int) -> None:
    mu, covariance = moments(seed)
    values = sample(seed)
    rng = np.random.default_rng(seed)
    others = rng.dirichlet(np.ones(len(mu)), size=300)
    variances = np.einsum("ij,jk,ik->i", others, covariance, others)
    best = minimum_variance(covariance)
    assert best @ covariance @ best <= variances.min() * (1 + 1e-6)
    top = maximum_diversification(covariance)
    assert diversification_ratio(top, covariance) >= max(
        diversification_ratio(each, covariance) for each in others
    ) * (1 - 1e-6)
    if mu.max() > 0.02:
        sharp = maximum_sharpe(mu, covariance, 0.02)
        ratios = (others @ mu - 0.02) / np.sqrt(variances)
        assert (sharp @ mu - 0.02) / np.sqrt(sharp @ covariance @ sharp) >= ratios.max() * (1 - 1e-6)

    def shortfall(weights: np.ndarray) -> float:
        losses = np.sort(-(values @ weights))[::-1]
        return float(losses[:30].mean())

    safest = minimum_shortfall(values, 0.95)
    assert shortfall(safest) <= min(shortfall(each) for each in others) * (1 + 1e-6)


def test_the_frontier_is_a_frontier() -> None:
    mu, covariance = moments(11)
    found = efficient_frontier(mu, covariance, points=15)
    assert (np.diff(found.returns) > -1e-9).all()
    assert (np.diff(found.volatilities) > -1e-9).all()
    assert (
        np.diff(np.diff(found.returns) / np.maximum(np.diff(found.volatilities), 1e-12)) < 1e-3
    ).all()  # concave
    np.testing.assert_allclose(found.weights[0], minimum_variance(covariance), atol=1e-6)
    assert found.returns[-1] == pytest.approx(mu.max(), rel=1e-5)
    middle = float(found.volatilities[7])
    np.testing.assert_allclose(
        mean_variance(mu, covariance, target_volatility=middle) @ mu, found.returns[7], rtol=1e-4
    )
    np.testing.assert_allclose(
        mean_variance(mu, covariance, target_return=float(found.returns[7])), found.weights[7], atol=1e-3
    )


def test_bounds_groups_gross_and_turnover_hold() -> None:
    mu, covariance = moments(12)
    start = np.full(6, 1 / 6)
    sectors = ("tech", "tech", "oil", "oil", "bank", "bank")
    allowed = Constraints(
        low=0.05,
        high=0.4,
        turnover=0.3,
        current=start,
        groups=sector_groups(sectors, {"oil": 0.3}, {"tech": 0.35}),
    )
    for weights in (
        minimum_variance(covariance, allowed),
        maximum_sharpe(mu, covariance, 0.0, allowed),
        minimum_shortfall(sample(12), 0.95, allowed),
        maximum_diversification(covariance, allowed),
    ):
        assert weights.sum() == pytest.approx(1.0)
        assert weights.min() > 0.05 - 1e-6
        assert weights.max() < 0.4 + 1e-6
        assert np.abs(weights - start).sum() < 0.3 + 1e-5
        assert weights[:2].sum() < 0.35 + 1e-6
        assert weights[2:4].sum() > 0.3 - 1e-6
    short = minimum_variance(covariance, Constraints(low=-1, high=1, gross=1.4))
    assert np.abs(short).sum() < 1.4 + 1e-5


@pytest.mark.parametrize(
    ("allowed", "words"),
    [
        (Constraints(low=0.0, high=0.1), "add up"),
        (Constraints(low=0.5, high=0.4), "above its upper"),
        (Constraints(turnover=0.1), "current"),
        (Constraints(groups=(Group("all", tuple(range(6)), high=0.5),)), "loosen"),
    ],
)
def test_what_cannot_be_is_told(allowed: Constraints, words: str) -> None:
    with pytest.raises(Infeasible, match=words):
        minimum_variance(moments(1)[1], allowed)


def test_a_rate_above_every_return_has_no_best_ratio() -> None:
    mu, covariance = moments(2)
    with pytest.raises(Infeasible):
        maximum_sharpe(np.full(6, 0.01), covariance, 0.05)
    with pytest.raises(Infeasible):
        mean_variance(mu, covariance, target_return=10.0)


def test_what_is_no_covariance_is_refused() -> None:
    for bad in (
        np.array([[1.0, 2.0], [2.0, 1.0]]),
        np.array([[1.0, 0.1], [0.0, 1.0]]),
        np.full((2, 2), np.nan),
    ):
        with pytest.raises(ValueError, match=r"covariance"):
            minimum_variance(bad)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["single", "complete", "average", "ward"]))
def test_hierarchical_weights_are_long_and_whole(seed: int, linkage: str) -> None:
    _, covariance = moments(seed, 7)
    weights = hierarchical_risk_parity(covariance, linkage=linkage)
    assert (weights > 0).all()
    assert weights.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(weights, hierarchical_risk_parity(covariance * 4, linkage=linkage), rtol=1e-9)


def test_two_assets_share_by_inverse_variance() -> None:
    covariance = np.diag([0.04, 0.01])
    np.testing.assert_allclose(hierarchical_risk_parity(covariance), [0.2, 0.8])
    np.testing.assert_allclose(risk_parity(covariance), [1 / 3, 2 / 3], atol=1e-12)

"""Covariance, correlation, nearest matrices, Euler's parts, shocks and reverse stress."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant import risk

SEEDS = st.integers(0, 10**6)


def panel(seed: int = 1, n: int = 400, k: int = 5) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_t(5, (n, k)) @ (np.eye(k) + 0.4 * rng.normal(size=(k, k))) * 0.01


def slow_ledoit_wolf(x: np.ndarray) -> tuple[np.ndarray, float]:
    """The formulas of Ledoit and Wolf (2004), lemma 3.2 to 3.4, one day at a time."""
    x = x - x.mean(axis=0)
    n, p = x.shape
    s = x.T @ x / n
    m = np.trace(s) / p
    d2 = ((s - m * np.eye(p)) ** 2).sum() / p
    b2 = sum((((np.outer(row, row) - s) ** 2).sum() / p) for row in x) / n**2
    share = min(b2, d2) / d2
    return share * m * np.eye(p) + (1 - share) * s, share


def slow_oas(x: np.ndarray) -> tuple[np.ndarray, float]:
    """Chen, Wiesel, Eldar and Hero (2010), equation 23, as scikit-learn reads it."""
    x = x - x.mean(axis=0)
    n, p = x.shape
    s = x.T @ x / n
    alpha, mu = (s**2).mean(), np.trace(s) / p
    share = min(1.0, (alpha + mu**2) / ((n + 1) * (alpha - mu**2 / p)))
    return (1 - share) * s + share * mu * np.eye(p), share


def test_estimators_against_their_formulas() -> None:
    x = panel(n=60)
    for ours, twin in (
        (risk.ledoit_wolf_covariance(x), slow_ledoit_wolf(x)),
        (risk.oas_covariance(x), slow_oas(x)),
    ):
        np.testing.assert_allclose(ours.matrix, twin[0], rtol=1e-8, atol=1e-14)
        assert ours.shrinkage == pytest.approx(twin[1], rel=1e-8)
    np.testing.assert_allclose(risk.sample_covariance(x).matrix, np.cov(x.T), rtol=1e-12)
    w = 0.94 ** np.arange(59, -1, -1)
    slow = sum(each * np.outer(row, row) for each, row in zip(w / w.sum(), x, strict=True))
    np.testing.assert_allclose(risk.ewma_covariance(x).matrix, slow, rtol=1e-10)
    assert risk.covariance(x, "ewma").method == "ewma"
    with pytest.raises(ValueError, match="no covariance estimator"):
        risk.covariance(x, "best")  # type: ignore[arg-type]


def test_factor_covariance_against_statsmodels() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(3)
    f = rng.normal(0, 0.01, (500, 2))
    x = f @ rng.normal(1, 0.3, (2, 4)) + rng.normal(0, 0.005, (500, 4))
    found = risk.factor_covariance(x, f).matrix
    fits = [sm.OLS(column, sm.add_constant(f)).fit() for column in x.T]
    b = np.array([fit.params[1:] for fit in fits])
    slow = b @ np.cov(f.T) @ b.T + np.diag([fit.mse_resid for fit in fits])
    np.testing.assert_allclose(found, slow, rtol=1e-9)


def test_nearest_correlation_of_highams_paper() -> None:
    """Higham 2002, section 4: off-diagonals 0.7607 and 0.1573; the 4 x 4 of section 4 too."""
    found = risk.nearest_correlation([[1, 1, 0], [1, 1, 1], [0, 1, 1]])
    np.testing.assert_allclose(
        found, [[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]], atol=1e-4
    )
    four = risk.nearest_correlation([[2, -1, 0, 0], [-1, 2, -1, 0], [0, -1, 2, -1], [0, 0, -1, 2]])
    np.testing.assert_allclose(four[0], [1, -0.8084, 0.1916, 0.1068], atol=1e-4)
    np.testing.assert_allclose(four[1, 2], -0.6562, atol=1e-4)


@given(SEEDS, st.integers(2, 8), st.floats(-1, 1))
@settings(max_examples=40, deadline=None)
def test_shifted_correlations_are_correlations(seed: int, k: int, shift: float) -> None:
    matrix = np.cov(panel(seed, 50, k).T)
    found = risk.shift_correlations(matrix, shift)
    np.testing.assert_allclose(np.diag(found.covariance), np.diag(matrix), rtol=1e-12)
    assert np.linalg.eigvalsh(found.correlation)[0] > -1e-9
    assert np.abs(found.correlation).max() <= 1
    if not found.projected:
        assert found.moved == 0


@given(SEEDS, st.integers(1, 6), st.sampled_from([0.95, 0.99]))
@settings(max_examples=40, deadline=None)
def test_parts_add_up_to_the_whole(seed: int, k: int, level: float) -> None:
    x, w = panel(seed, 300, k), np.random.default_rng(seed).normal(0.3, 0.5, k)
    for measure in ("value_at_risk", "expected_shortfall"):
        normal = risk.normal_components(x.mean(axis=0), np.atleast_2d(np.cov(x.T)), w, level, measure)
        past = risk.historical_components(x, w, level, measure)
        for found in (normal, past):
            assert found.component.sum() == pytest.approx(found.total, rel=1e-8, abs=1e-12)
        assert past.total == pytest.approx(
            float(risk.sample_tail(-x @ w, level)[0 if measure == "value_at_risk" else 1]), abs=1e-14
        )


def test_marginal_is_the_slope_and_incremental_the_difference() -> None:
    x, w = panel(2), np.array([0.4, 0.3, 0.2, 0.2, -0.1])
    mean, cov = x.mean(axis=0), np.cov(x.T)
    found = risk.normal_components(mean, cov, w, 0.99)
    for i in range(5):
        step = np.eye(5)[i] * 1e-6
        up, down = (risk.normal_components(mean, cov, w + s, 0.99).total for s in (step, -step))
        assert found.marginal[i] == pytest.approx((up - down) / 2e-6, rel=1e-5)
        without = np.where(np.arange(5) == i, 0, w)
        assert found.incremental[i] == pytest.approx(
            found.total - risk.normal_components(mean, cov, without, 0.99).total
        )
    past = risk.historical_components(x, w, 0.975, "expected_shortfall")
    step = np.eye(5)[0] * 1e-9  # the worst days stay the same ones
    up, down = (
        risk.historical_components(x, w + s, 0.975, "expected_shortfall").total for s in (step, -step)
    )
    assert past.marginal[0] == pytest.approx((up - down) / 2e-9, rel=1e-4)


def test_correlations_against_scipy() -> None:
    from scipy import stats

    x = panel(4, 120, 3)
    for measure, theirs in (
        ("pearson", stats.pearsonr), ("spearman", stats.spearmanr), ("kendall", stats.kendalltau),
    ):  # fmt: skip
        found = risk.correlations(x, measure)  # type: ignore[arg-type]
        for i, j in ((0, 1), (0, 2), (1, 2)):
            answer = theirs(x[:, i], x[:, j])
            assert found.matrix[i, j] == pytest.approx(answer.statistic, rel=1e-10)
            near = 0.05 if measure == "kendall" else 1e-8  # its exact p against the normal one
            assert found.p_values[i, j] == pytest.approx(answer.pvalue, rel=near, abs=1e-12)
    interval = stats.pearsonr(x[:, 0], x[:, 1]).confidence_interval(0.95)
    found = risk.correlations(x)
    assert (found.low[0, 1], found.high[0, 1]) == pytest.approx(tuple(interval), rel=1e-8)
    weighted = risk.correlations(x, "ewma", decay=0.97)
    assert weighted.observations < 70
    rolled = risk.rolling_correlation(x[:, 0], x[:, 1], 30)
    assert np.isnan(rolled[:29]).all()
    assert rolled[77] == pytest.approx(np.corrcoef(x[48:78, 0], x[48:78, 1])[0, 1], rel=1e-12)
    assert np.isnan(risk.rolling_correlation(np.zeros(40), x[:40, 0], 10)).all()


def test_kendall_of_many_is_that_of_pairs() -> None:
    from scipy import stats

    from engine.quant.risk.kendall import by_signs

    x = np.round(panel(8, 90, 14), 2)  # with ties
    every = risk.correlations(x, "kendall").matrix
    np.testing.assert_allclose(by_signs(x[:, :3]), risk.correlations(x[:, :3], "kendall").matrix, atol=1e-12)
    assert every[3, 11] == pytest.approx(stats.kendalltau(x[:, 3], x[:, 11]).statistic, abs=1e-12)


def test_clusters_stand_together_and_common_moves_are_counted() -> None:
    rng = np.random.default_rng(5)
    one, two = rng.normal(size=(300, 1)), rng.normal(size=(300, 1))
    x = np.hstack([one, two, one, two, one]) + 0.3 * rng.normal(size=(300, 5))
    order = risk.cluster_order(risk.correlations(x).matrix)
    assert {frozenset(order[:3]), frozenset(order[:2])} & {frozenset({0, 2, 4}), frozenset({1, 3})}
    assert risk.common_moves(np.eye(4), 100).effective == pytest.approx(4)
    assert risk.common_moves(np.ones((3, 3)), 100).share == pytest.approx(1)


def test_conditional_expectation_is_the_regression() -> None:
    """Shocks carried over equal the least-squares prediction, and the deviation left is the residual's."""
    x = panel(6, 2000, 4)
    x = x - x.mean(axis=0)
    cov = x.T @ x / len(x)
    found = risk.propagate(cov, [0, 2], [-0.1, 0.05])
    slope = np.linalg.lstsq(x[:, [0, 2]], x[:, [1, 3]], rcond=None)[0]
    np.testing.assert_allclose(found.expected[[1, 3]], np.array([-0.1, 0.05]) @ slope, rtol=1e-9)
    left = x[:, [1, 3]] - x[:, [0, 2]] @ slope
    np.testing.assert_allclose(found.covariance[np.ix_([1, 3], [1, 3])], left.T @ left / len(x), rtol=1e-8)
    assert found.deviation[[0, 2]].max() == 0
    with pytest.raises(ValueError, match="move as one"):
        risk.propagate(np.ones((2, 2)), [0, 1], [0.1, 0.2])
    with pytest.raises(ValueError, match="each once"):
        risk.propagate(cov, [0, 0], [0.1, 0.1])


@given(SEEDS)
@settings(max_examples=20, deadline=None)
def test_reverse_stress_is_the_nearest_scenario(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cov, w = np.cov(panel(seed, 200, 4).T), rng.normal(0.3, 0.4, 4)
    found = risk.reverse_stress(cov, w, 0.2)
    assert float(w @ found.scenario) == pytest.approx(-0.2)
    inverse = np.linalg.inv(cov)
    assert found.distance == pytest.approx(np.sqrt(found.scenario @ inverse @ found.scenario), rel=1e-6)
    for _ in range(10):  # others that lose as much are farther
        other = found.scenario + (move := rng.normal(0, 0.02, 4)) - w * (w @ move) / (w @ w)
        assert np.sqrt(other @ inverse @ other) >= found.distance - 1e-9


def test_replay_fills_what_did_not_trade() -> None:
    cov = np.array([[4.0, 3.0], [3.0, 9.0]]) * 1e-4
    found = risk.replay([-0.2, np.nan], cov, 20)
    assert found.returns[1] == pytest.approx(np.expm1(3 / 4 * np.log1p(-0.2)))
    assert found.estimated.tolist() == [False, True]
    left = np.sqrt((9 - 9 / 4) * 1e-4 * 20)
    assert found.deviation[1] == pytest.approx((1 + found.returns[1]) * left)
    assert np.isnan(risk.replay([np.nan, np.nan], cov, 20).returns).all()
    assert risk.replay([0.1, 0.2], cov, 20).covariance.max() == 0


def test_episodes_are_dated_and_heard_of_only_afterwards() -> None:
    from datetime import date

    years = {episode.key[:4] for episode in risk.EPISODES}
    assert years >= {"1987", "1998", "2000", "2008", "2011", "2015", "2018", "2020", "2022"}
    assert all(
        episode.start < episode.end and episode.source and episode.rationale for episode in risk.EPISODES
    )
    assert [episode.key for episode in risk.episodes_by(date(2008, 9, 15))] == ["1987", "1998", "2000"]

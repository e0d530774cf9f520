"""Value at risk and shortfall: closed forms, slow twins, outside answers, and what must hold of every sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.quant import risk
from engine.quant.risk.tails import bootstrap_tail, order_interval

LEVELS = st.sampled_from([0.9, 0.95, 0.975, 0.99])
LOSSES = arrays(np.float64, st.integers(2, 60), elements=st.floats(-0.25, 0.25, width=32))


def student(n: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_t(4, n) * 0.01


def slow_shortfall(losses: np.ndarray, level: float) -> float:
    """Mean of the quantile function over the tail, worked out loss by loss (Acerbi and Tasche 2002)."""
    left, total, n = 1 - level, 0.0, len(losses)
    for loss in sorted(losses, reverse=True):
        taken = min(left, 1 / n)
        total, left = total + taken * loss, left - taken
        if left <= 1e-15:
            break
    return total / (1 - level)


@given(LOSSES, LEVELS)
@settings(max_examples=60, deadline=None)
def test_sample_tail_against_numpy_and_a_slow_twin(losses: np.ndarray, level: float) -> None:
    var, shortfall = risk.sample_tail(losses, level)
    assert var == pytest.approx(np.quantile(losses, level), abs=1e-12)
    assert shortfall == pytest.approx(max(slow_shortfall(losses, level), var), abs=1e-12)
    assert shortfall >= var


@given(LOSSES, LEVELS, st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_shortfall_is_coherent(losses: np.ndarray, level: float, seed: int) -> None:
    other = np.random.default_rng(seed).permutation(losses)[::-1] * 0.7
    both = float(risk.sample_tail(losses + other, level)[1])
    apart = float(risk.sample_tail(losses, level)[1]) + float(risk.sample_tail(other, level)[1])
    assert both <= apart + 1e-12
    # twice the book, twice the risk; cash takes away its own amount
    assert float(risk.sample_tail(2 * losses, level)[1]) == pytest.approx(
        2 * float(risk.sample_tail(losses, level)[1]), abs=1e-12
    )
    moved = risk.sample_tail(losses - 0.05, level)
    assert moved[1] == pytest.approx(risk.sample_tail(losses, level)[1] - 0.05, abs=1e-12)


@given(LOSSES, LEVELS)
@settings(max_examples=40, deadline=None)
def test_equal_weights_are_no_weights_for_the_shortfall(losses: np.ndarray, level: float) -> None:
    var, shortfall = risk.weighted_tail(losses, np.ones(len(losses)), level)
    assert shortfall == pytest.approx(risk.sample_tail(losses, level)[1], abs=1e-9) or shortfall >= var
    assert (losses > var).mean() <= 1 - level + 1e-12


def test_age_weights_of_the_paper() -> None:
    """Boudoukh, Richardson and Whitelaw 1998, table 1: lambda 0.98, K 100: the newest weighs 0.0231."""
    weights = risk.age_weights(100, 0.98)
    assert weights.sum() == pytest.approx(1.0)
    assert weights[-1] == pytest.approx(0.0231, abs=5e-5)
    assert weights[-3] == pytest.approx(0.0221, abs=7e-5)


def test_volatility_scaled_returns_have_todays_volatility() -> None:
    calm, wild = student(600, 3) * 0.5, student(300, 4) * 3
    found = risk.volatility_scaled_risk(np.concatenate([calm, wild]), 0.99)
    plain = risk.historical_risk(np.concatenate([calm, wild]), 0.99)
    assert found.value_at_risk > plain.value_at_risk
    assert found.observations == 880


def test_parametric_tails_against_integrals() -> None:
    from scipy import integrate, stats

    for level in (0.95, 0.99):
        mean, shortfall = 0.0005, risk.t_tail(0.0005, 0.02, 5.0, level)[1]
        scale = 0.02 * np.sqrt(3 / 5)
        slow = integrate.quad(lambda u: mean + scale * stats.t.ppf(u, 5), 0, 1 - level)[0]  # noqa: B023
        assert shortfall == pytest.approx(-slow / (1 - level), rel=1e-8)
        normal = integrate.quad(lambda u: 0.02 * stats.norm.ppf(u), 0, 1 - level)[0]
        assert risk.normal_tail(0.0, 0.02, level)[1] == pytest.approx(-normal / (1 - level), rel=1e-8)
        bent = [
            risk.cornish_fisher_tail(0.001, 0.02, -0.4, 1.5, 1 - u)[0]
            for u in np.linspace(1e-7, 1 - level, 40001)
        ]
        step = risk.cornish_fisher_tail(0.001, 0.02, -0.4, 1.5, level)[1]
        assert step == pytest.approx(np.mean(bent), rel=1e-3)


def test_cornish_fisher_knows_where_it_bends_back() -> None:
    assert risk.cornish_fisher_valid(0.0, 0.0)
    assert risk.cornish_fisher_valid(-0.5, 2.0)
    assert not risk.cornish_fisher_valid(0.0, 9.0)
    assert not risk.cornish_fisher_valid(-2.0, 1.0)
    z = np.linspace(-6, 6, 4001)
    for s, k in ((-0.5, 2.0), (0.3, 4.0), (0.9, 1.0), (0.0, 7.9), (0.0, 8.1), (-1.2, 3.0)):
        w = z + (z**2 - 1) * s / 6 + (z**3 - 3 * z) * k / 24 - (2 * z**3 - 5 * z) * s**2 / 36
        assert risk.cornish_fisher_valid(s, k) == bool((np.diff(w) > 0).all()), (s, k)


def test_student_fit_against_scipy() -> None:
    from scipy import stats

    r = student(1500)
    found = risk.t_risk(r, 0.99)
    degrees, location, scale = stats.t.fit(r)
    assert found.value_at_risk == pytest.approx(-location + scale * stats.t.ppf(0.99, degrees), rel=1e-3)
    assert found.es_interval[0] < found.expected_shortfall < found.es_interval[1]


def test_pareto_against_scipy() -> None:
    from scipy import stats

    losses = stats.genpareto.rvs(0.25, scale=0.01, size=3000, random_state=5)
    fit = risk.fit_pareto(losses, 0.005)
    shape, _, scale = stats.genpareto.fit(losses[losses > 0.005] - 0.005, floc=0)
    own = stats.genpareto.logpdf(losses[losses > 0.005] - 0.005, fit.shape, scale=fit.scale).sum()
    theirs = stats.genpareto.logpdf(losses[losses > 0.005] - 0.005, shape, scale=scale).sum()
    assert fit.log_likelihood == pytest.approx(own, rel=1e-10)
    assert own >= theirs - 1e-6
    assert fit.shape == pytest.approx(shape, abs=2e-3)
    light = stats.genpareto.rvs(-0.3, scale=0.01, size=2000, random_state=6)
    assert risk.fit_pareto(light, 0.001).shape == pytest.approx(-0.3, abs=0.08)


def test_pareto_says_what_it_cannot_do() -> None:
    with pytest.raises(ValueError, match="too few"):
        risk.fit_pareto(np.linspace(0, 1, 100), 0.95)
    fit = risk.fit_pareto(-student(1000), 0.01)
    with pytest.raises(ValueError, match="below the threshold"):
        risk.pareto_tail(fit, 0.6)
    assert risk.pareto_tail(risk.Pareto(1.0, 1.2, 1.0, 50, 500, 0.0), 0.99)[1] == float("inf")


def test_order_interval_covers_the_quantile_as_often_as_it_says() -> None:
    rng = np.random.default_rng(11)
    from scipy import stats

    true, hits = float(stats.norm.ppf(0.95)), 0
    for _ in range(600):
        low, high = order_interval(rng.standard_normal(400), 0.95, 0.9)
        hits += low <= true <= high
    assert 0.88 <= hits / 600 <= 0.96  # ranks are whole: at least as often as asked


def test_delta_and_bootstrap_intervals_have_the_size_of_the_error() -> None:
    """Against the spread of the estimate over many samples."""
    rng = np.random.default_rng(12)
    many = [risk.normal_risk(rng.normal(0, 0.01, 500), 0.99) for _ in range(300)]
    spread = np.std([each.value_at_risk for each in many])
    half = np.mean([each.var_interval[1] - each.value_at_risk for each in many])
    assert half / 1.96 == pytest.approx(spread, rel=0.12)
    tails = [risk.sample_tail(-rng.normal(0, 0.01, 500), 0.95)[1] for _ in range(400)]
    _, (low, high) = bootstrap_tail(-rng.normal(0, 0.01, 500), 0.95, 0.95, 800, 3)
    assert (high - low) / 3.92 == pytest.approx(np.std(tails), rel=0.35)


def test_every_method_agrees_on_normal_returns_and_is_repeatable() -> None:
    r = np.random.default_rng(21).normal(0.0, 0.01, 4000)
    expected = risk.normal_tail(float(r.mean()), float(r.std()), 0.975)
    methods = (
        risk.historical_risk, risk.age_weighted_risk, risk.volatility_scaled_risk, risk.filtered_risk,
        risk.normal_risk, risk.t_risk, risk.cornish_fisher_risk, risk.evt_risk, risk.conditional_evt_risk,
    )  # fmt: skip
    for method in methods:
        found = method(r, 0.975)
        # an EWMA of 33 days' worth errs by an eighth even where volatility never moves
        near = 0.25 if method is risk.volatility_scaled_risk else 0.12
        assert found.value_at_risk == pytest.approx(expected[0], rel=near), method.__name__
        assert found.expected_shortfall == pytest.approx(expected[1], rel=near), method.__name__
        assert found.expected_shortfall > found.value_at_risk
        assert found.var_interval[0] <= found.value_at_risk <= found.var_interval[1]
        assert method(r, 0.975) == found


def test_copulas_agree_with_the_normal_and_keep_the_tail() -> None:
    rng = np.random.default_rng(5)
    cov = np.array([[1.0, 0.6, 0.2], [0.6, 1.0, 0.3], [0.2, 0.3, 1.0]]) * 1e-4
    w = np.array([0.5, 0.3, 0.2])
    r = rng.multivariate_normal(np.zeros(3), cov, 3000)
    found = risk.copula_risk(r, w, 0.975, draws=20, seed=2)
    assert found.value_at_risk == pytest.approx(1.96 * np.sqrt(w @ cov @ w), rel=0.05)
    assert risk.copula_risk(r, w, 0.975, draws=20, seed=2) == found
    joint = rng.standard_t(4, (4000, 1)) * 0 + np.sqrt(4 / rng.chisquare(4, (4000, 1)))
    heavy = rng.multivariate_normal(np.zeros(3), cov, 4000) * joint
    fit = risk.fit_copula(heavy, "t")
    assert fit.degrees == pytest.approx(4, abs=1.0)
    assert fit.correlation[0, 1] == pytest.approx(0.6, abs=0.05)
    assert risk.fit_copula(r, "t").degrees > 20
    fitted = risk.copula_scenarios(heavy, family="t", marginals="t", simulations=20000, seed=1)
    assert np.quantile(fitted[:, 0], 0.01) == pytest.approx(np.quantile(heavy[:, 0], 0.01), rel=0.12)


def test_horizons() -> None:
    r = student(1200)
    one, ten = risk.normal_risk(r, 0.99), risk.normal_risk(r, 0.99, horizon=10)
    z = 2.3263478740408408
    assert ten.value_at_risk == pytest.approx(-10 * r.mean() + z * np.sqrt(10) * r.std(ddof=1))
    assert risk.scaled(one, 4).value_at_risk == pytest.approx(2 * one.value_at_risk)
    assert risk.scaled(one, 1) is one
    paths = risk.filtered_risk(r, 0.99, horizon=10, seed=1)
    assert 1.5 < paths.value_at_risk / risk.filtered_risk(r, 0.99).value_at_risk < 5


@pytest.mark.parametrize(
    ("values", "level", "words"),
    [
        ([0.1, np.nan], 0.99, "gaps"),
        ([0.1], 0.99, "too few"),
        ([[0.1], [0.2]], 0.99, "one series"),
        ([0.1, 0.2], 99, "level"),
    ],
)
def test_wrong_input_is_told(values: list[float], level: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        risk.historical_risk(values, level)


def test_an_estimate_of_simulated_paths_lies_within_its_own_intervals() -> None:
    """A second draw of as many paths as days would put one estimate in twenty outside."""
    returns = np.random.default_rng(0).standard_t(5, 900) * 0.01
    garch = risk.fit_garch(returns)
    for seed in range(20):
        found = risk.filtered_risk(
            returns, 0.99, horizon=10, simulations=3000, draws=200, seed=seed, garch=garch
        )
        assert found.var_interval[0] <= found.value_at_risk <= found.var_interval[1]
        assert found.es_interval[0] <= found.expected_shortfall <= found.es_interval[1]
        assert found.var_interval[1] - found.var_interval[0] > 0.01  # as wide as 900 days leave it


@pytest.mark.parametrize(
    "returns", [np.zeros(300), np.full(300, 0.001), np.full(300, 1e200) * (-1.0) ** np.arange(300)]
)
def test_cornish_fisher_refuses_returns_without_moments(returns: np.ndarray) -> None:
    with pytest.raises(ValueError, match="never move"):
        risk.cornish_fisher_risk(returns)

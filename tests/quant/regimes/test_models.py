"""Fitted regimes against simulated truth, against hmmlearn and scipy, and under other samples and seeds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from engine.quant.regimes import (
    GaussianRegimes,
    change_points,
    ewma_regimes,
    ewma_volatility,
    fit_gaussian,
    fit_markov,
    likeliest,
    performance_by_regime,
    run_lengths,
    transition_counts,
    transition_matrix,
    walk_forward,
)

MEANS, DEVIATIONS = np.array([0.0008, -0.001]), np.array([0.006, 0.02])
MOVES = np.array([[0.985, 0.015], [0.04, 0.96]])


def simulated(seed: int, count: int = 2500) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    states = np.zeros(count, dtype=np.int64)
    for at in range(1, count):
        states[at] = rng.choice(2, p=MOVES[states[at - 1]])
    return rng.normal(MEANS[states], DEVIATIONS[states]), states


@pytest.fixture(scope="module")
def model() -> GaussianRegimes:
    return fit_gaussian(simulated(1)[0], 2, starts=6)


def test_simulated_parameters_come_back(model: GaussianRegimes) -> None:
    np.testing.assert_allclose(model.volatilities, DEVIATIONS, rtol=0.08)
    np.testing.assert_allclose(np.diag(model.transition), np.diag(MOVES), atol=0.015)
    assert model.names[0].startswith("calm")
    assert model.names[1].startswith("wild")


def test_the_filter_finds_the_states(model: GaussianRegimes) -> None:
    returns, states = simulated(2)
    assert (likeliest(model.filter(returns).probabilities) == states).mean() > 0.93


def test_densities_are_scipys(model: GaussianRegimes) -> None:
    returns = simulated(3, 50)[0]
    expected = [
        stats.norm.logpdf(returns, mean, deviation)
        for mean, deviation in zip(model.means[:, 0], model.volatilities, strict=True)
    ]
    np.testing.assert_allclose(model.log_density(returns), np.array(expected).T, rtol=1e-12)


def test_the_likelihood_and_smoothing_are_hmmlearns(model: GaussianRegimes) -> None:
    from hmmlearn.hmm import GaussianHMM

    returns = simulated(4, 800)[0]
    twin = GaussianHMM(2, covariance_type="full")
    twin.startprob_, twin.transmat_ = model.start, model.transition
    twin.means_, twin.covars_ = model.means, model.covariances
    assert model.filter(returns).log_likelihood == pytest.approx(twin.score(returns[:, None]), rel=1e-12)
    np.testing.assert_allclose(model.smooth(returns), twin.predict_proba(returns[:, None]), atol=1e-9)
    np.testing.assert_array_equal(model.path(returns), twin.predict(returns[:, None]))
    # what one gets from hmmlearn without a filter: the last smoothed row of every prefix
    prefixes = np.array([twin.predict_proba(returns[: n + 1, None])[-1] for n in range(0, 800, 97)])
    np.testing.assert_allclose(model.filter(returns).probabilities[::97], prefixes, atol=1e-9)


def test_the_reported_likelihood_is_that_of_the_sample() -> None:
    returns = simulated(5, 1500)[0]
    model = fit_gaussian(returns, 2, starts=4)
    assert model.filter(returns).log_likelihood == pytest.approx(model.log_likelihood, abs=0.5)


def test_units_do_not_matter() -> None:
    returns = simulated(6, 1500)[0]
    one, other = fit_gaussian(returns, 2, starts=4), fit_gaussian(100 * returns, 2, starts=4)
    np.testing.assert_allclose(100 * one.volatilities, other.volatilities, rtol=1e-6)


def test_seeds_agree_and_labels_do_not_swap() -> None:
    returns = simulated(7, 2000)[0]
    models = [fit_gaussian(returns, 2, starts=6, seed=seed) for seed in range(4)]
    again = fit_gaussian(returns, 2, starts=6, seed=0)
    assert again.log_likelihood == models[0].log_likelihood
    for each in models:
        assert each.volatilities[0] < each.volatilities[1]
        np.testing.assert_allclose(each.volatilities, models[0].volatilities, rtol=0.02)


def test_bic_finds_two_states_in_two() -> None:
    assert fit_gaussian(simulated(8)[0], None, starts=4, most_states=3).states == 2


def test_two_series_are_told_by_both() -> None:
    returns, states = simulated(9, 1500)
    rng = np.random.default_rng(9)
    both = np.column_stack([returns, rng.normal(0, np.where(states == 0, 0.004, 0.012))])
    model = fit_gaussian(both, 2, starts=4)
    alone = fit_gaussian(returns, 2, starts=4)
    right = [
        (likeliest(m.filter(x).probabilities) == states).mean() for m, x in ((model, both), (alone, returns))
    ]
    assert right[0] > right[1]


@pytest.mark.parametrize(
    ("returns", "states"), [(np.zeros(500), 2), (np.ones(30) * 0.1, 2), (np.arange(500.0), 9)]
)
def test_what_has_no_regimes_is_refused(returns: np.ndarray, states: int) -> None:
    with pytest.raises(ValueError, match=r"few|move|states"):
        fit_gaussian(returns, states)


def test_walking_forward_earns_less_than_looking_ahead() -> None:
    returns, _ = simulated(10, 1800)
    walked = walk_forward(returns, 2, least=600, every=300, starts=3)
    ahead = fit_gaussian(returns, 2, starts=4)
    used = slice(601, None)

    def sharpe(states: np.ndarray, lag: int) -> float:
        held = np.where(np.roll(states, lag)[used] == 0, returns[used], 0.0)
        return float(held.mean() / held.std())

    honest = sharpe(likeliest(walked.probabilities), 1)
    assert sharpe(ahead.path(returns), 0) > honest
    assert np.isnan(walked.probabilities[:600]).all()
    assert np.isfinite(walked.probabilities[600:]).all()


def test_markov_switching_finds_the_simulated_variances() -> None:
    returns = simulated(11, 1200)[0] * 100
    found = fit_markov(returns, searches=2)
    np.testing.assert_allclose(np.sqrt(found.variances), DEVIATIONS * 100, rtol=0.12)
    np.testing.assert_allclose(found.transition.sum(axis=1), 1.0)
    assert found.filtered.shape == (1200, 2)


def test_ewma_volatility_is_its_recursion() -> None:
    returns = simulated(12, 300)[0]
    variance = returns[0] ** 2
    expected = [variance]
    for value in returns[1:]:
        variance = 0.94 * variance + 0.06 * value**2
        expected.append(variance)
    np.testing.assert_allclose(ewma_volatility(returns), np.sqrt(np.array(expected) * 252), rtol=1e-12)


def test_volatility_states_follow_the_truth_without_flicker() -> None:
    returns, states = simulated(13)
    found = ewma_regimes(returns, (0.7,), least=250)
    assert (found.states[:249] == -1).all()
    assert (found.states[500:] == states[500:]).mean() > 0.8
    loose = ewma_regimes(returns, (0.7,), least=250, band=0.0)
    assert np.abs(np.diff(found.states)).sum() < np.abs(np.diff(loose.states)).sum()


def test_change_points_are_where_variance_changes() -> None:
    rng = np.random.default_rng(14)
    returns = np.concatenate([rng.normal(0, s, 300) for s in (0.01, 0.03, 0.008)])
    found = change_points(returns)
    assert len(found) == 2
    assert np.abs(found - [300, 600]).max() < 15
    assert not len(change_points(rng.normal(0, 0.01, 900)))


def test_change_points_are_the_best_of_all_segmentations() -> None:
    rng = np.random.default_rng(15)
    returns = np.concatenate([rng.normal(0, 0.01, 40), rng.normal(0, 0.05, 40)])
    penalty, least = 6.0, 5

    def cost(start: int, end: int) -> float:
        return (end - start) * float(np.log(returns[start:end].var()))

    best = np.full(81, np.inf)
    best[0], last = -penalty, {}
    for end in range(least, 81):
        starts = [s for s in range(0, end - least + 1) if np.isfinite(best[s])]
        costs = [best[s] + cost(s, end) + penalty for s in starts]
        best[end], last[end] = min(costs), starts[int(np.argmin(costs))]
    expected, at = [], 80
    while last[at] > 0:
        at = last[at]
        expected.append(at)
    assert change_points(returns, penalty=penalty, least=least).tolist() == expected[::-1]


def test_run_lengths_fall_at_a_change_and_never_before() -> None:
    rng = np.random.default_rng(16)
    returns = np.concatenate([rng.normal(0, 0.006, 400), rng.normal(0, 0.03, 200)])
    found = run_lengths(returns)
    assert found.expected[399] > 200
    assert found.expected[430] < 60
    assert found.recent[410:419].max() > 0.9


def test_performance_is_of_the_state_known_before() -> None:
    returns = np.array([0.01, 0.02, -0.01, 0.03, -0.02, 0.01])
    states = np.array([0, 0, 1, 1, 0, 0])
    calm, wild = performance_by_regime(returns, states, 2)
    # lag one: returns 1, 2 and 5 follow state 0; returns 3 and 4 follow state 1
    assert calm.periods == 3
    assert calm.share == pytest.approx(0.6)
    assert calm.hit_rate == pytest.approx(2 / 3)
    assert wild.annual_return == pytest.approx((1.03 * 0.98) ** (252 / 2) - 1)
    assert calm.max_drawdown == pytest.approx(-0.01)
    own, _ = performance_by_regime(returns, states, 2, lag=0)
    assert own.periods == 4


def test_transitions_are_counted_across_known_days_only() -> None:
    states = np.array([0, 0, 1, -1, 1, 0])
    assert transition_counts(states, 2).tolist() == [[1, 1], [1, 0]]
    assert transition_matrix(states, 2).tolist() == [[0.5, 0.5], [1.0, 0.0]]


@pytest.mark.parametrize(
    ("seed", "least", "penalty"), [(3, 3, 0.5), (17, 21, 0.5), (33, 12, 2.0), (53, 2, 2.0)]
)
def test_change_points_are_the_best_where_short_segments_are_forbidden(
    seed: int, least: int, penalty: float
) -> None:
    """A change beaten today may still be the best until a segment from today is long enough."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(60, 160))
    rng.integers(2, 25)
    noise = rng.normal(size=n)
    wild = np.repeat(rng.choice([0.5, 1.0, 3.0], size=n // 10 + 1), 10)[:n]
    level = np.repeat(rng.normal(size=n // 15 + 1), 15)[:n]
    returns = noise * wild + level
    centred = returns - returns.mean()

    def cost(start: int, end: int) -> float:
        return (end - start) * float(np.log(max(centred[start:end].var(), 1e-8 * centred.var())))

    best = np.full(n + 1, np.inf)
    best[0] = -penalty
    for end in range(least, n + 1):
        starts = [s for s in range(0, end - least + 1) if np.isfinite(best[s])]
        best[end] = min(best[s] + cost(s, end) + penalty for s in starts)
    found = [0, *change_points(returns, penalty=penalty, least=least).tolist(), n]
    reached = sum(cost(a, b) + penalty for a, b in pairwise(found)) - penalty
    assert min(np.diff(found)) >= least
    assert reached == pytest.approx(best[n], abs=1e-8)


def test_a_search_stops_within_a_run_and_not_only_between_runs() -> None:
    rng = np.random.default_rng(4)
    returns = 100 * rng.normal(size=600) * np.repeat([0.007, 0.02], 300)
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    with pytest.raises(ValueError, match="stopped"):
        fit_markov(returns, 2, searches=5, cancelled=cancelled)
    assert asked == 4

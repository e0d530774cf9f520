"""Inference in a chain against enumeration, against hmmlearn, and in properties."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.regimes import backward, expected_durations, forward, smooth, stationary, viterbi


def random_chain(seed: int, count: int, states: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    start = rng.dirichlet(np.ones(states))
    transition = rng.dirichlet(np.ones(states), size=states)
    return np.log(rng.uniform(0.01, 2.0, (count, states))), start, transition


def enumerated(
    log_likelihood: np.ndarray, start: np.ndarray, transition: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray, tuple[int, ...]]:
    """Every path by itself: total, smoothed, filtered at the end, and the best path."""
    count, states = log_likelihood.shape
    weights = {}
    for path in product(range(states), repeat=count):
        weight = start[path[0]] * np.exp(log_likelihood[0, path[0]])
        for at in range(1, count):
            weight *= transition[path[at - 1], path[at]] * np.exp(log_likelihood[at, path[at]])
        weights[path] = weight
    total = sum(weights.values())
    marginal = np.zeros((count, states))
    for path, weight in weights.items():
        for at, state in enumerate(path):
            marginal[at, state] += weight / total
    return np.log(total), marginal, marginal[-1], max(weights, key=lambda each: weights[each])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(1, 3))
def test_one_pass_equals_all_paths(seed: int, count: int, states: int) -> None:
    chain = random_chain(seed, count, states)
    total, marginal, last, best = enumerated(*chain)
    found = forward(*chain)
    assert found.log_likelihood == pytest.approx(total, abs=1e-10)
    np.testing.assert_allclose(found.probabilities[-1], last, atol=1e-12)
    np.testing.assert_allclose(smooth(*chain), marginal, atol=1e-12)
    assert tuple(viterbi(*chain)[0]) == best


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_a_prefix_is_filtered_as_in_the_whole(seed: int) -> None:
    densities, start, transition = random_chain(seed, 60, 3)
    whole = forward(densities, start, transition)
    part = forward(densities[:37], start, transition)
    np.testing.assert_array_equal(whole.probabilities[:37], part.probabilities)
    np.testing.assert_allclose(whole.probabilities.sum(axis=1), 1.0, atol=1e-12)
    # at the end of a sample there is nothing ahead: smoothed is filtered
    np.testing.assert_allclose(smooth(densities, start, transition)[-1], whole.probabilities[-1], atol=1e-12)


def test_a_missing_observation_is_predicted_through() -> None:
    densities, start, transition = random_chain(3, 10, 2)
    densities[4] = np.nan
    found = forward(densities, start, transition)
    np.testing.assert_allclose(found.probabilities[4], found.probabilities[3] @ transition)


def test_densities_far_below_one_do_not_vanish() -> None:
    densities, start, transition = random_chain(5, 400, 2)
    shifted = forward(densities - 5000.0, start, transition)
    plain = forward(densities, start, transition)
    np.testing.assert_allclose(shifted.probabilities, plain.probabilities, atol=1e-12)
    assert shifted.log_likelihood == pytest.approx(plain.log_likelihood - 400 * 5000.0)
    assert np.isfinite(backward(densities - 5000.0, transition)).all()


@given(st.integers(0, 10_000), st.integers(2, 5))
def test_the_stationary_distribution_stays(seed: int, states: int) -> None:
    transition = np.random.default_rng(seed).dirichlet(np.ones(states), size=states)
    share = stationary(transition)
    np.testing.assert_allclose(share @ transition, share, atol=1e-9)


def test_durations_are_geometric_means() -> None:
    assert expected_durations(np.array([[0.9, 0.1], [0.0, 1.0]])).tolist() == [pytest.approx(10.0), np.inf]


@pytest.mark.parametrize("fault", ["shape", "row"])
def test_what_is_no_chain_is_refused(fault: str) -> None:
    densities, start, transition = random_chain(1, 5, 2)
    bad = transition[:1] if fault == "shape" else transition * 2
    with pytest.raises(ValueError, match=r"transition|distribution"):
        forward(densities, start, bad)

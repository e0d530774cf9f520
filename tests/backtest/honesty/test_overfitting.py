"""The probability of backtest overfitting: known truths, a slow twin, another library."""

from __future__ import annotations

from itertools import combinations
from math import comb, log

import numpy as np
import pytest
from scipy import stats

from engine.backtest.honesty import Overfitting, backtest_overfitting


def twin(matrix: np.ndarray, blocks: int) -> tuple[list[float], list[float], list[float]]:
    """One combination, one configuration at a time, straight from the paper's steps."""
    parts = np.array_split(np.arange(len(matrix)), blocks)
    logits, inside, outside = [], [], []
    for chosen in combinations(range(blocks), blocks // 2):
        sample = np.concatenate([parts[i] for i in chosen])
        rest = np.concatenate([parts[i] for i in range(blocks) if i not in chosen])
        first = [np.mean(c[sample]) / np.std(c[sample], ddof=1) for c in matrix.T]
        second = [np.mean(c[rest]) / np.std(c[rest], ddof=1) for c in matrix.T]
        best = int(np.argmax(first))
        rank = stats.rankdata(second)[best] / (matrix.shape[1] + 1)
        logits.append(log(rank / (1 - rank)))
        inside.append(first[best])
        outside.append(second[best])
    return logits, inside, outside


def test_the_slow_twin_agrees(rng: np.random.Generator) -> None:
    matrix = rng.normal(0.0003, 0.01, (203, 7)) + 5.0  # a level shared by all rows must not cost digits
    matrix -= 5.0
    found = backtest_overfitting(matrix, 6)
    logits, inside, outside = twin(matrix, 6)
    assert len(found.logits) == comb(6, 3)
    np.testing.assert_allclose(found.logits, logits, atol=1e-12)
    np.testing.assert_allclose(found.inside, inside, rtol=1e-9)
    np.testing.assert_allclose(found.outside, outside, rtol=1e-9, atol=1e-12)
    line = stats.linregress(inside, outside)
    assert found.slope == pytest.approx(line.slope)
    assert found.intercept == pytest.approx(line.intercept)
    assert found.r_squared == pytest.approx(line.rvalue**2)
    assert found.loss == np.mean(np.array(outside) < 0)


def test_noise_gives_a_half_and_an_edge_next_to_nothing() -> None:
    noise, edge = [], []
    for seed in range(40):
        matrix = np.random.default_rng(seed).normal(0, 0.01, (1008, 20))
        noise.append(backtest_overfitting(matrix, 8).probability)
        matrix[:, 3] += 0.0015
        edge.append(backtest_overfitting(matrix, 8).probability)
    assert np.mean(noise) == pytest.approx(0.5, abs=0.08)
    assert np.mean(edge) < 0.06


def test_noise_degrades_and_a_dominant_edge_does_not_lose(rng: np.random.Generator) -> None:
    slopes = [backtest_overfitting(rng.normal(0, 1, (400, 30)), 8).slope for _ in range(10)]
    assert np.mean(slopes) < -0.2  # what is drawn in sample is missing outside
    sure = rng.normal(0, 1, (400, 5))
    sure[:, 0] += 2
    found = backtest_overfitting(sure, 10)
    assert (found.probability, found.loss) == (0.0, 0.0)
    assert set(found.selected) == {0}
    np.testing.assert_allclose(found.logits, log(5))


def test_the_orientation_is_asked_about(rng: np.random.Generator) -> None:
    with pytest.raises(ValueError, match="It looks transposed"):
        backtest_overfitting(rng.normal(size=(20, 200)), 4)
    assert isinstance(backtest_overfitting(rng.normal(size=(20, 200)), 4, wide=True), Overfitting)


def test_twins_tie_and_idle_configurations_score_nothing(rng: np.random.Generator) -> None:
    one = rng.normal(0.01, 1, (64, 1))
    found = backtest_overfitting(np.hstack([one, one]), 4)
    np.testing.assert_allclose(found.logits, 0.0, atol=1e-12)
    idle = np.hstack([np.zeros((64, 1)), np.full((64, 1), 0.1), -np.abs(one)])
    judged = backtest_overfitting(idle, 4)
    assert (judged.inside == 0).all()
    half = np.hstack([one, np.vstack([np.zeros((32, 1)), one[32:]])])
    assert np.isfinite(backtest_overfitting(half, 4).inside).all()


def test_a_callable_scores_as_its_name_does(rng: np.random.Generator) -> None:
    matrix = rng.normal(0, 1, (90, 6))
    named = backtest_overfitting(matrix, 6, "mean")
    called = backtest_overfitting(matrix, 6, lambda rows: rows.mean(axis=0))
    np.testing.assert_allclose(named.logits, called.logits)
    np.testing.assert_allclose(named.inside, called.inside)
    with pytest.raises(ValueError, match="one number a configuration"):
        backtest_overfitting(matrix, 6, lambda rows: rows.mean(axis=1))


def test_permuting_configurations_permutes_the_selection_only(rng: np.random.Generator) -> None:
    matrix = rng.normal(0, 1, (120, 9))
    order = rng.permutation(9)
    plain, moved = backtest_overfitting(matrix, 6), backtest_overfitting(matrix[:, order], 6)
    np.testing.assert_allclose(plain.logits, moved.logits)
    assert np.array_equal(plain.selected, order[moved.selected])


@pytest.mark.parametrize(
    ("matrix", "blocks", "words"),
    [
        (np.zeros((50, 2)), 5, "even number"),
        (np.zeros((50, 1)), 4, "two configurations"),
        (np.full((50, 2), np.nan), 4, "missing"),
        (np.zeros((6, 2)), 4, "too few"),
    ],
)
def test_refusals_are_sentences(matrix: np.ndarray, blocks: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        backtest_overfitting(matrix, blocks)


def test_purgedcv_agrees(rng: np.random.Generator) -> None:
    purgedcv = pytest.importorskip("purgedcv", reason="purgedcv is a peer, not a dependency")
    matrix = rng.normal(0.0002, 0.01, (250, 12))
    theirs = purgedcv.probability_of_backtest_overfitting(matrix.T, n_splits=8)
    ours = backtest_overfitting(matrix, 8)
    assert ours.probability == theirs.pbo
    assert ours.slope == pytest.approx(theirs.slope)
    np.testing.assert_allclose(np.sort(ours.logits), np.sort(theirs.logits))

"""Resampled rows and block lengths: laws they must follow, and arch."""

from __future__ import annotations

import numpy as np
import pytest

from engine.backtest.honesty import block_length, circular_rows, stationary_rows


def test_stationary_blocks_are_geometric_and_every_row_is_as_likely() -> None:
    rows = stationary_rows(50, 5, 4000, 1)
    assert rows.shape == (4000, 50)
    goes_on = (rows[:, 1:] == (rows[:, :-1] + 1) % 50).mean()
    assert goes_on == pytest.approx(
        1 - 1 / 5 + 1 / 5 / 50, abs=0.004
    )  # a fresh start may be the next row too
    counts = np.bincount(rows.ravel(), minlength=50)
    assert counts.std() / counts.mean() < 0.08


def test_the_stationary_rows_slow_twin() -> None:
    rng = np.random.default_rng(3)
    fresh, starts = rng.random((6, 9)) < 1 / 3, rng.integers(0, 9, (6, 9))
    wanted = np.empty((6, 9), dtype=int)
    for r in range(6):
        for t in range(9):
            wanted[r, t] = starts[r, t] if t == 0 or fresh[r, t] else (wanted[r, t - 1] + 1) % 9
    assert np.array_equal(stationary_rows(9, 3, 6, 3), wanted)


def test_circular_blocks_have_one_length() -> None:
    rows = circular_rows(23, 5, 300, 2)
    inside = np.arange(1, 23) % 5 != 0
    follows = rows[:, 1:] == (rows[:, :-1] + 1) % 23
    assert follows[:, inside].all()
    assert follows[:, ~inside].mean() < 0.15
    assert rows.shape == (300, 23)


def test_a_seed_draws_the_same_and_a_block_of_one_is_independence() -> None:
    assert np.array_equal(stationary_rows(30, 4, 9, 7), stationary_rows(30, 4, 9, np.random.default_rng(7)))
    assert not np.array_equal(stationary_rows(30, 4, 9, 7), stationary_rows(30, 4, 9, 8))
    follows = stationary_rows(40, 1, 3000, 0)
    assert (follows[:, 1:] == (follows[:, :-1] + 1) % 40).mean() == pytest.approx(1 / 40, abs=0.003)


def test_the_bootstrap_variance_of_a_mean_is_politis_and_romanos() -> None:
    """Var* of the mean is in closed form: sum of kappa(i) R(i) / n (Politis & Romano 1994, lemma 1)."""
    rng = np.random.default_rng(5)
    x = np.convolve(rng.normal(size=203), np.ones(4), "valid")
    n, block = len(x), 8.0
    centred, p = x - x.mean(), 1 / block
    lags = np.arange(1, n)
    cov = np.array([centred[i:] @ centred[: n - i] for i in range(n)]) / n
    kappa = (1 - lags / n) * (1 - p) ** lags + lags / n * (1 - p) ** (n - lags)
    wanted = (cov[0] + 2 * (kappa * cov[1:]).sum()) / n
    means = x[stationary_rows(n, block, 20_000, 1)].mean(axis=1)
    assert means.var() == pytest.approx(wanted, rel=0.03)


def test_arch_finds_the_same_block_lengths() -> None:
    """Its correlations are scaled over a slightly other sample: where one is at the band's edge, M may differ."""
    from arch.bootstrap import optimal_block_length

    rng = np.random.default_rng(17)
    series = []
    for phi in (0.0, 0.2, 0.5, 0.8):
        for _ in range(10):
            shocks, x = rng.normal(size=600), np.zeros(600)
            for t in range(1, 600):
                x[t] = phi * x[t - 1] + shocks[t]
            series.append(x)
    values = np.array(series).T
    theirs, ours = optimal_block_length(values), block_length(values)
    bounded = np.maximum(theirs.to_numpy(), 1.0)  # a block shorter than a row is a row
    same = np.isclose(ours.stationary, bounded[:, 0], rtol=1e-9)
    assert same.mean() >= 0.9
    np.testing.assert_allclose(ours.circular[same], bounded[same, 1], rtol=1e-9)


def test_block_length_grows_with_dependence_and_ignores_scale() -> None:
    rng = np.random.default_rng(2)
    noise = rng.normal(size=2000)
    slow = np.convolve(noise, np.ones(30), "valid")
    assert block_length(slow).stationary[0] > 4 * block_length(noise).stationary[0]
    assert block_length(slow * 9 + 4).stationary[0] == pytest.approx(block_length(slow).stationary[0])
    assert block_length(np.ones(50)).circular[0] == 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: stationary_rows(10, 0.5, 5, 1), "at least one row"),
        (lambda: circular_rows(10, 2.5, 5, 1), "whole number"),
        (lambda: stationary_rows(0, 2, 5, 1), "one replication"),
        (lambda: block_length(np.ones(5)), "20 rows"),
        (lambda: block_length(np.append(np.ones(30), np.nan)), "missing"),
    ],
)
def test_refusals_are_sentences(call, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()

"""Bootstrap intervals: other libraries, coverage of a known truth, invariants."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.backtest.honesty import headline_intervals, stationary_rows
from engine.backtest.honesty.intervals import HEADLINES, _accelerations, bca_levels, headline_figures
from engine.quant.performance import (
    cagr,
    calmar_ratio,
    max_drawdown,
    realized_volatility,
    sharpe_ratio,
    sortino_ratio,
    total_return,
)


def test_figures_of_replications_are_the_measures_of_each(rng: np.random.Generator) -> None:
    values = rng.normal(0.0005, 0.01, 300)
    found = headline_intervals(values, block=5, replications=40, seed=3)
    rows = stationary_rows(300, 5, 40, 3)
    measures = (
        cagr, realized_volatility, sharpe_ratio, max_drawdown, calmar_ratio, total_return, sortino_ratio,
    )  # fmt: skip
    for name, measure in zip(HEADLINES, measures, strict=True):
        slow = [measure(values[each]) for each in rows]
        np.testing.assert_allclose(found.samples[name], slow, rtol=1e-9)
        assert found.intervals[name].estimate == pytest.approx(measure(values))
        assert found.intervals[name].standard_error == pytest.approx(np.std(slow, ddof=1))


def test_percentiles_are_the_samples_quantiles(rng: np.random.Generator) -> None:
    values = rng.normal(0.0005, 0.01, 300)
    found = headline_intervals(values, method="percentile", level=0.9, replications=200)
    for name in HEADLINES:
        low, high = np.quantile(found.samples[name], [0.05, 0.95])
        one = found.intervals[name]
        assert (one.low, one.high) == pytest.approx((low, high), rel=1e-12)


def test_scipys_bca_reads_the_same_levels(rng: np.random.Generator) -> None:
    """Of independent rows and a jackknife of single ones, scipy's interval is ours up to the draw."""
    values = rng.exponential(0.01, 200) - 0.009
    found = headline_intervals(values, "yearly", block=1, replications=20_000, seed=1)

    def volatility(rows: np.ndarray, axis: int = -1) -> np.ndarray:
        return rows.std(axis=axis, ddof=1)

    theirs = stats.bootstrap(
        (values,), volatility, n_resamples=20_000, method="BCa", rng=np.random.default_rng(2)
    ).confidence_interval
    ours = found.intervals["realized_volatility"]
    wide = theirs.high - theirs.low
    assert ours.low == pytest.approx(theirs.low, abs=0.03 * wide)
    assert ours.high == pytest.approx(theirs.high, abs=0.03 * wide)


def test_the_acceleration_of_single_rows_is_efrons(rng: np.random.Generator) -> None:
    values = rng.exponential(0.01, 120) - 0.009
    left = np.array(
        [[each[0] for each in headline_figures(np.delete(values, i)[:, None]).values()] for i in range(120)]
    )
    away = left.mean(axis=0) - left
    slow = (away**3).sum(axis=0) / (6 * (away**2).sum(axis=0) ** 1.5)
    np.testing.assert_allclose([*_accelerations(values, "daily", 1.0).values()], slow, rtol=1e-6)


def test_the_jackknife_leaves_out_blocks(rng: np.random.Generator) -> None:
    values = rng.exponential(0.01, 300) - 0.009
    left = [cagr(np.delete(values, range(i, i + 10))) for i in range(0, 300, 10)]
    away = np.mean(left) - np.array(left)
    slow = (away**3).sum() / (6 * (away**2).sum() ** 1.5)
    assert _accelerations(values, "daily", 10.0)["cagr"] == pytest.approx(slow)


def test_without_bias_and_acceleration_the_levels_stay() -> None:
    sample = np.arange(-50, 51.0)
    np.testing.assert_allclose(bca_levels(0.0, sample, np.array([0.05, 0.95]), 0.0), [0.05, 0.95])
    moved = bca_levels(10.0, sample, np.array([0.05, 0.95]), 0.0)
    assert (moved > [0.05, 0.95]).all()
    assert np.isfinite(bca_levels(999.0, sample, np.array([0.05, 0.95]), 0.1)).all()


def test_intervals_cover_a_known_truth() -> None:
    """AR(1) returns: 90% intervals of the Sharpe ratio hold the true one about nine times in ten; iid rows do not."""
    hits, naive, phi, runs = 0, 0, 0.35, 120
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        shocks, values = rng.normal(0, 0.01, 700), np.zeros(700)
        for t in range(1, 700):
            values[t] = phi * values[t - 1] + shocks[t]
        values = values[100:] + 0.001
        truth = 0.001 / (0.01 / np.sqrt(1 - phi**2)) * np.sqrt(252)
        for block in (None, 1.0):
            found = headline_intervals(values, level=0.9, replications=300, seed=seed, block=block)
            one = found.intervals["sharpe_ratio"]
            inside = one.low <= truth <= one.high
            hits, naive = hits + (inside and block is None), naive + (inside and block == 1.0)
    assert 0.8 < hits / runs < 0.97
    assert naive / runs < hits / runs


def test_missing_returns_are_no_observations_and_seeds_repeat(rng: np.random.Generator) -> None:
    values = rng.normal(0.0005, 0.01, 100)
    plain = headline_intervals(values, replications=50, seed=9)
    holes = headline_intervals(np.insert(values, [3, 50], np.nan), replications=50, seed=9)
    again = headline_intervals(values, replications=50, seed=np.random.default_rng(9))
    assert plain.intervals == holes.intervals == again.intervals
    assert plain.intervals != headline_intervals(values, replications=50, seed=10).intervals


def test_what_has_no_drawdown_has_no_calmar_and_says_so(rng: np.random.Generator) -> None:
    rising = headline_intervals(rng.uniform(0.001, 0.002, 60), replications=50)
    calmar = rising.intervals["calmar_ratio"]
    assert np.isnan([calmar.estimate, calmar.low, calmar.high]).all()
    assert calmar.undefined == 50
    assert rising.intervals["max_drawdown"].low == 0
    assert rising.intervals["cagr"].undefined == 0


def test_the_circular_bootstrap_serves_too(rng: np.random.Generator) -> None:
    values = rng.normal(0.0005, 0.01, 250)
    circular = headline_intervals(values, bootstrap="circular", block=10, replications=500)
    stationary = headline_intervals(values, block=10, replications=500)
    for name in HEADLINES[:3]:
        left, right = circular.intervals[name], stationary.intervals[name]
        assert left.standard_error == pytest.approx(right.standard_error, rel=0.25)
        assert left.low < left.estimate < left.high


@pytest.mark.parametrize(
    ("values", "options", "words"),
    [
        (np.zeros((30, 2)), {}, "one history"),
        (np.zeros(19), {}, "too few"),
        (np.append(np.zeros(30), -1.0), {}, "loses everything"),
        (np.ones(30), {"level": 1.0}, "between 0 and 1"),
        (np.ones(30), {"bootstrap": "moving", "block": 3}, "no bootstrap"),
        (np.ones(30), {"bootstrap": "circular", "block": 2.5}, "whole number"),
        (np.ones(30), {"method": "bc"}, "no method"),
    ],
)
def test_refusals_are_sentences(values: np.ndarray, options: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        headline_intervals(values, **options)

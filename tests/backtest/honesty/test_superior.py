"""Reality check and SPA: arch on the same resampled rows, size and power on known truths."""

from __future__ import annotations

import numpy as np
import pytest

from engine.backtest.honesty import superior_ability
from engine.backtest.honesty.superior import long_run_variance, superiority


def test_arch_agrees_on_the_same_rows(rng: np.random.Generator) -> None:
    """arch never divides by the deviation: with equal deviations its order is ours, and White's is its upper."""
    from arch.bootstrap import SPA, StationaryBootstrap

    for shift in (-0.15, 0.0, 0.1):
        values = rng.normal(shift, 1, (150, 6))
        values[:, 2] -= 0.9
        values = (values - values.mean(axis=0)) / np.sqrt(long_run_variance(values, 5)) + values.mean(axis=0)
        peer = SPA(np.zeros(150), -values, block_size=5, reps=400, seed=9)
        peer.compute()
        replay = StationaryBootstrap(5, -values, seed=9)
        rows = np.array([replay.index.copy() for _ in replay.bootstrap(400)])
        ours = superiority(values, 5, iter([rows[:150], rows[150:]]))
        np.testing.assert_allclose(long_run_variance(values, 5), peer._loss_diff_var, rtol=1e-9)
        assert ours.reality_check == pytest.approx(peer.pvalues["upper"], abs=1e-12)
        if values.mean(axis=0).max() > 0:  # below, Hansen's statistic is 0 and arch's is not
            found = [ours.lower, ours.consistent, ours.upper]
            np.testing.assert_allclose(found, peer.pvalues.to_numpy(), atol=1e-12)


def test_arch_agrees_in_law(rng: np.random.Generator) -> None:
    from arch.bootstrap import SPA

    values = rng.normal(0.08, 1, (300, 8))
    peer = SPA(np.zeros(300), -values, block_size=4, reps=3000, seed=1)
    peer.compute()
    ours = superior_ability(values, block=4, replications=3000, seed=2)
    assert ours.reality_check == pytest.approx(peer.pvalues["upper"], abs=0.03)


def test_the_slow_twin_agrees(rng: np.random.Generator) -> None:
    values = rng.normal(0.05, 1, (60, 4)) * np.array([1, 2, 0.5, 1])
    rows = rng.integers(0, 60, (200, 60))
    found = superiority(values, 3.0, iter([rows]))
    mean, w = values.mean(axis=0), np.sqrt(long_run_variance(values, 3.0))
    t = max(0.0, *(np.sqrt(60) * mean / w))
    counted = np.zeros(4)
    bound = -np.sqrt(2 * np.log(np.log(60)) / 60)
    for drawn in rows:
        star = values[drawn].mean(axis=0)
        centres = [
            np.maximum(mean, 0),
            [m if m / s >= bound else 0 for m, s in zip(mean, w, strict=True)],
            mean,
        ]
        for place, centre in enumerate(centres):
            counted[place] += max(0.0, *(np.sqrt(60) * (star - centre) / w)) > t
        counted[3] += max(star - mean) > max(mean)
    assert [found.lower, found.consistent, found.upper, found.reality_check] == list(counted / 200)


def test_the_closed_form_variance_is_the_bootstraps(rng: np.random.Generator) -> None:
    from engine.backtest.honesty import stationary_rows

    values = np.convolve(rng.normal(size=122), np.ones(3), "valid")
    means = values[stationary_rows(120, 6, 20_000, 4)].mean(axis=1)
    assert 120 * means.var() == pytest.approx(long_run_variance(values[:, None], 6.0)[0], rel=0.03)


def test_size_under_the_null_and_power_with_a_truth(rng: np.random.Generator) -> None:
    null = [
        superior_ability(
            np.random.default_rng(s).normal(0, 1, (120, 10)), block=2, replications=200, seed=s
        ).consistent
        for s in range(120)
    ]
    assert np.mean(np.array(null) < 0.1) == pytest.approx(0.1, abs=0.07)
    strong = rng.normal(0, 1, (250, 10))
    strong[:, 4] += 0.35
    found = superior_ability(strong, replications=500)
    assert found.best == 4
    assert found.consistent < 0.01


def test_bad_strategies_do_not_blunt_hansens_test_as_they_blunt_whites(rng: np.random.Generator) -> None:
    good = rng.normal(0.13, 1, (300, 2))
    bad = rng.normal(-1.5, 6, (300, 25))  # hopeless and loud
    found = superior_ability(np.hstack([good, bad]), block=1, replications=500)
    assert found.consistent < 0.2 < found.reality_check
    assert found.lower <= found.consistent <= found.upper


def test_the_benchmark_is_taken_off_and_itself_proves_nothing(rng: np.random.Generator) -> None:
    market = rng.normal(0.1, 1, 200)
    edge = rng.normal(0.3, 0.5, 200)
    both = np.column_stack([market, market + edge])
    found = superior_ability(both, market, replications=300)
    assert found.t[0] == 0
    assert found.consistent < 0.01
    with pytest.raises(ValueError, match="nothing can be tested"):
        superior_ability(market[:, None], market)


def test_a_seed_answers_the_same(rng: np.random.Generator) -> None:
    values = rng.normal(0.05, 1, (100, 3))
    one = superior_ability(values, block=3, replications=100, seed=5)
    two = superior_ability(values, block=3, replications=100, seed=np.random.default_rng(5))
    assert (one.consistent, one.reality_check) == (two.consistent, two.reality_check)
    with pytest.raises(ValueError, match="at least one row"):
        superior_ability(values, block=0)
    with pytest.raises(ValueError, match="missing"):
        superior_ability(np.full((30, 2), np.nan))

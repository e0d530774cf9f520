"""What a search is worth: noise is told from skill, and tests see no training row."""

from __future__ import annotations

import numpy as np
import pytest

from engine.backtest.honesty import combinatorial_purged, label_spans
from engine.backtest.sweep import cross_validated, judge, walked
from engine.quant.performance import sharpe_ratio


def noise(columns: int = 12, rows: int = 600, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.01, (rows, columns))


def test_noise_is_not_taken_for_skill() -> None:
    returns = noise()
    best = int((returns.mean(axis=0) / returns.std(axis=0)).argmax())
    found = judge(returns, best, replications=200)
    assert found.overfitting is not None
    assert found.superior is not None
    assert found.overfitting.probability > 0.2
    assert found.superior.consistent > 0.05
    assert found.deflation.raw.trials == 12
    assert found.deflation.raw.probability < 0.8 < found.deflation.probabilistic


def test_skill_is_seen() -> None:
    returns = noise()
    returns[:, 7] += 0.0025
    found = judge(returns, 7, replications=200)
    assert found.overfitting is not None
    assert found.superior is not None
    assert found.overfitting.probability < 0.05
    assert found.superior.consistent < 0.01
    assert found.deflation.raw.probability > 0.95


def test_what_never_traded_is_counted_and_said() -> None:
    found = judge(np.zeros((100, 5)), 0)
    assert found.overfitting is None
    assert found.superior is None
    assert found.deflation.raw.trials == 5
    assert "ever traded" in found.told[0]


def test_the_seed_settles_it() -> None:
    one, two = (judge(noise(5, 200), 3, seed=5, replications=50).superior for _ in range(2))
    assert one is not None
    assert two is not None
    assert one.consistent == two.consistent


def test_walking_forward_by_hand() -> None:
    returns = np.zeros((12, 2))
    returns[:6] = [[0.01, -0.01], [0.03, 0.00], [0.02, 0.01]] * 2
    returns[6:] = [[-0.02, 0.02], [0.01, 0.03], [0.00, 0.01]] * 2
    found = walked(returns, 5, 3)
    # the last training row's decision earns the first test row: it is left out of training
    assert found.train.tolist() == [[0, 3], [3, 6], [6, 9]]
    assert found.test.tolist() == [[5, 7], [8, 10], [11, 11]]
    assert found.chosen.tolist() == [0, 0, 1]
    np.testing.assert_array_equal(found.returns, [*returns[5:11, 0], returns[11, 1]])
    assert found.inside[0] == pytest.approx(sharpe_ratio(returns[0:4, 0], periods=1))
    assert found.outside[0] == pytest.approx(sharpe_ratio(returns[5:8, 0], periods=1))


def test_a_test_window_decides_nothing_of_its_own_choice() -> None:
    returns = noise(rows=400)
    later = returns.copy()
    later[300:] += np.linspace(-0.1, 0.1, returns.shape[1])
    one, two = walked(returns, 200, 100), walked(later, 200, 100)
    np.testing.assert_array_equal(one.chosen, two.chosen[:2])


def test_paths_are_joined_of_the_chosen_columns_tests() -> None:
    returns = noise(rows=240)
    found = cross_validated(returns, 6, 2)
    splits = combinatorial_purged(label_spans(240, horizon=1), 6, 2)
    assert len(found.chosen) == 15
    assert len(found.paths) == 5
    for split, column, inside in zip(splits.splits, found.chosen, found.inside, strict=True):
        each = sharpe_ratio(returns[split.train], periods=1)
        assert column == int(np.asarray(each).argmax())
        assert inside == pytest.approx(np.asarray(each).max())
    path = splits.join(np.stack([returns[:, column] for column in found.chosen]))[2]
    assert found.paths[2] == pytest.approx(sharpe_ratio(path, periods=1))

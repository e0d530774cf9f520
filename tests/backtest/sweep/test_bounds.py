"""What a line may ask of a machine: grids that cannot be counted, splits by points that do not fit into memory."""

from __future__ import annotations

import numpy as np
import pytest

from engine.backtest.sweep import GridError, cross_validated, outside, read_grid


def test_a_grid_of_more_points_than_a_number_holds_is_refused() -> None:
    with pytest.raises(GridError, match="points"):
        read_grid("long when close > 1" + "".join(f" + {{{at},{at + 1}}}" for at in range(200)))


def test_splits_are_judged_a_part_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    returns = np.random.default_rng(5).normal(0.0003, 0.01, (400, 30))
    whole = cross_validated(returns, 8, 3)
    asked = []

    def scores(given: np.ndarray, masks: np.ndarray) -> np.ndarray:
        asked.append(masks.shape[0])
        return real(given, masks)

    real = outside._scores
    monkeypatch.setattr(outside, "CELLS", 400 * 10)
    monkeypatch.setattr(outside, "_scores", scores)
    parts = cross_validated(returns, 8, 3)
    assert max(asked[:-1]) <= 10  # 56 splits in parts of ten
    assert np.array_equal(parts.chosen, whole.chosen)
    assert parts.inside == pytest.approx(whole.inside, rel=1e-12)
    assert parts.paths == pytest.approx(whole.paths, rel=1e-12)

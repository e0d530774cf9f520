"""Cross-sections of each day against one least squares at a time."""

from __future__ import annotations

import numpy as np
import pytest

from engine.quant.factors import fama_macbeth, newey_west_lags

ROWS, SYMBOLS = 90, 40


def sample(level: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    x = rng.normal(0.0, 1.0, (ROWS, SYMBOLS, 3)) + level
    y = np.full((ROWS, SYMBOLS), np.nan)
    y[1:] = (x[:-1] - level) @ np.array([0.2, 0.0, -0.1]) + rng.normal(0.0, 1.0, (ROWS - 1, SYMBOLS))
    return y, x


def plain(y: np.ndarray, x: np.ndarray, lag: int) -> np.ndarray:
    found = np.full((len(y), x.shape[2] + 1), np.nan)
    for row in range(lag, len(y)):
        held = np.isfinite(y[row]) & np.isfinite(x[row - lag]).all(axis=1)
        if held.sum() >= x.shape[2] + 2:
            level = x[row - lag, held].mean(axis=0)
            design = np.column_stack([np.ones(held.sum()), x[row - lag, held] - level])
            found[row] = np.linalg.lstsq(design, y[row, held], rcond=None)[0]
            found[row, 0] -= level @ found[row, 1:]
    return found


@pytest.mark.parametrize("level", [0.0, 30.0, 1e6])
@pytest.mark.parametrize("gaps", [False, True])
def test_premia_of_each_row(level: float, gaps: bool) -> None:
    y, x = sample(level)
    if gaps:
        rng = np.random.default_rng(2)
        y[rng.random(y.shape) < 0.1] = np.nan
        x[rng.random(x.shape) < 0.05] = np.nan
        x[20, 3:] = np.nan  # three symbols are too few
    found, expected = fama_macbeth(y, x), plain(y, x, 1)
    np.testing.assert_allclose(found.premia[:, 1:], expected[:, 1:], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.premia[:, 0], expected[:, 0], rtol=0, atol=1e-9 * max(1.0, level))
    assert np.isnan(found.premia[0]).all()
    if gaps:
        assert np.isnan(found.premia[21]).all()
        assert found.observations[21] <= 3


def test_errors_of_the_mean_as_statsmodels() -> None:
    import statsmodels.api as sm

    y, x = sample()
    alone, wide = fama_macbeth(y, x, lags=0), fama_macbeth(y, x)
    series = alone.premia[1:]
    np.testing.assert_allclose(
        alone.standard_errors, series.std(axis=0, ddof=1) / np.sqrt(ROWS - 1), rtol=1e-12
    )
    assert wide.lags == newey_west_lags(ROWS - 1)
    for place in range(4):
        other = sm.OLS(series[:, place], np.ones(ROWS - 1)).fit(
            cov_type="HAC", cov_kwds={"maxlags": wide.lags, "use_correction": True}
        )
        assert wide.standard_errors[place] == pytest.approx(other.bse[0], rel=1e-10)
        assert wide.t_statistics[place] == pytest.approx(other.tvalues[0], rel=1e-9)


def test_the_day_a_characteristic_is_known_comes_before_the_return() -> None:
    """With a lag of one, what is told on the last day explains nothing yet."""
    y, x = sample()
    changed = x.copy()
    changed[-1] = 1e3
    np.testing.assert_array_equal(fama_macbeth(y, x).premia, fama_macbeth(y, changed).premia)


def test_one_characteristic_may_be_a_panel_and_a_constant_one_earns_nothing() -> None:
    y, x = sample()
    np.testing.assert_array_equal(
        fama_macbeth(y, x[:, :, 0]).premia, fama_macbeth(y, x[:, :, :1]).premia
    )  # fmt: skip
    x[40, :, 0] = 3.0
    assert np.isnan(fama_macbeth(y, x).premia[41]).all()
    with pytest.raises(ValueError, match="characteristics are"):
        fama_macbeth(y, x[:-1])
    with pytest.raises(ValueError, match="fewer than two rows"):
        fama_macbeth(np.full_like(y, np.nan), x)

"""Loadings of many symbols: full sample, every window, every beginning, against one regression at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.factors import (
    RollingLoadings,
    expanding_loadings,
    loadings,
    newey_west_lags,
    regress,
    rolling_loadings,
)

ROWS, SYMBOLS, FACTORS, WINDOW = 700, 8, 5, 126
TOLERANCE = 1e-10  # what a window may differ by from its own QR


def sample(level: float = 0.0, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(0.0, 1.0, (ROWS, FACTORS))
    y = 0.1 + x @ rng.normal(0.0, 1.0, (FACTORS, SYMBOLS)) + rng.normal(0.0, 1.0, (ROWS, SYMBOLS))
    return y, x + level


def late(y: np.ndarray, seed: int = 9) -> np.ndarray:
    """Symbols that begin late, end early, and have gaps."""
    rng = np.random.default_rng(seed)
    broken = y.copy()
    for symbol in range(0, SYMBOLS, 2):
        broken[: 60 * symbol, symbol] = np.nan
    broken[500:, 4] = np.nan
    broken[300:320, 3] = np.nan
    broken[rng.random(y.shape) < 0.02] = np.nan
    return broken


def compare(
    found: RollingLoadings, y: np.ndarray, x: np.ndarray, window: int, least: int, **how: object
) -> int:
    """Rows against a regression of the window itself; how many there were."""
    compared = 0
    for row in [*range(least - 2, len(y), 29), len(y) - 1]:
        begin = max(0, row - window + 1)
        for symbol in range(y.shape[1]):
            own, factors = y[begin : row + 1, symbol], x[begin : row + 1]
            held = np.isfinite(own) & np.isfinite(factors).all(axis=1)
            assert found.observations[row, symbol] == held.sum()
            if held.sum() < least:
                assert np.isnan(found.alpha[row, symbol])
                assert np.isnan(found.betas[row, symbol]).all()
                continue
            direct = regress(own[held], factors[held], **how)  # type: ignore[arg-type]
            size = max(1.0, float(np.abs(x[np.isfinite(x)]).max()))  # alpha stands at zero of the factors
            assert found.alpha[row, symbol] == pytest.approx(direct.coefficients[0], abs=TOLERANCE * size)
            assert found.alpha_errors[row, symbol] == pytest.approx(
                direct.standard_errors[0], abs=TOLERANCE * size
            )
            np.testing.assert_allclose(
                found.betas[row, symbol], direct.coefficients[1:], rtol=0, atol=TOLERANCE
            )
            np.testing.assert_allclose(
                found.beta_errors[row, symbol], direct.standard_errors[1:], rtol=0, atol=TOLERANCE
            )
            assert found.r_squared[row, symbol] == pytest.approx(direct.r_squared, abs=TOLERANCE)
            assert found.residual_deviation[row, symbol] == pytest.approx(
                direct.residual_deviation, abs=TOLERANCE
            )
            compared += 1
    return compared


@pytest.mark.parametrize("level", [0.0, 1e4])
def test_windows_are_their_own_regressions(level: float) -> None:
    y, x = sample(level)
    assert compare(rolling_loadings(y, x, WINDOW), y, x, WINDOW, WINDOW) > 100


def test_factors_that_drift_far() -> None:
    """A level that walks from 10^4 to 2 x 10^4: no one center serves it."""
    y, x = sample()
    x = x + np.linspace(1e4, 2e4, ROWS)[:, None] * np.array([1.0, 0.0, 0.0, 0.0, 0.0])
    assert compare(rolling_loadings(y, x, WINDOW), y, x, WINDOW, WINDOW) > 100


def test_an_outlier_that_left_the_window_leaves_nothing_behind() -> None:
    y, x = sample()
    y[100], x[100] = 1e9, -1e9
    found = rolling_loadings(y, x, WINDOW)
    clean_y, clean_x = y[101:], x[101:]
    again = rolling_loadings(clean_y, clean_x, WINDOW)
    np.testing.assert_allclose(found.betas[400:], again.betas[299:], rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("least", [WINDOW, 60])
def test_symbols_that_begin_late_or_have_gaps(least: int) -> None:
    y, x = sample(level=50.0)
    x[210], x[333, 2] = np.nan, np.inf
    broken = late(y)
    found = rolling_loadings(broken, x, WINDOW, least=least)
    assert compare(found, broken, x, WINDOW, least) > (100 if least < WINDOW else 0)


def test_a_gap_elsewhere_changes_nothing_here() -> None:
    y, x = sample()
    broken = y.copy()
    broken[650, 2] = np.nan
    whole, found = rolling_loadings(y, x, WINDOW), rolling_loadings(broken, x, WINDOW, least=100)
    np.testing.assert_array_equal(found.betas[WINDOW - 1 : 650], whole.betas[WINDOW - 1 : 650])
    np.testing.assert_array_equal(found.betas[WINDOW - 1 :, 3], whole.betas[WINDOW - 1 :, 3])


def test_expanding_windows_begin_with_the_first_row() -> None:
    y, x = sample(level=1e4)
    broken = late(y)
    assert compare(expanding_loadings(broken, x, 60), broken, x, ROWS, 60) > 100


@pytest.mark.parametrize("window", [WINDOW, ROWS])
def test_newey_west_of_windows(window: int) -> None:
    y, x = sample(level=100.0)
    y = np.cumsum(y, axis=0) * 0.1 + y  # residuals that remember
    if window == ROWS:
        found = expanding_loadings(y[:, :3], x, 90, errors="newey-west", lags=6)
        assert compare(found, y[:, :3], x, ROWS, 90, covariance="newey-west", lags=6) > 50
    else:
        found = rolling_loadings(y, x, WINDOW, errors="newey-west")
        how = {"covariance": "newey-west", "lags": newey_west_lags(WINDOW)}
        assert compare(found, y, x, WINDOW, WINDOW, **how) > 100


def test_a_window_whose_factors_depend_on_each_other_has_no_loadings() -> None:
    y, x = sample()
    x[200:400, 4] = x[200:400, 0] + x[200:400, 1]
    x[450:600, 3] = 7.0
    found = rolling_loadings(y, x, WINDOW)
    assert np.isnan(found.betas[200 + WINDOW - 1 : 400]).all()
    assert np.isnan(found.betas[450 + WINDOW - 1 : 600]).all()
    assert np.isfinite(found.betas[WINDOW - 1 : 200]).all()
    assert np.isfinite(found.betas[410:450]).all()


@pytest.mark.parametrize(
    ("window", "least"), [(6, None), (126, 5), (126, 200)]
)  # fmt: skip
def test_windows_too_short_are_refused(window: int, least: int | None) -> None:
    with pytest.raises(ValueError, match="5 factors need windows of 7 rows at least"):
        rolling_loadings(*sample(), window, least=least)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.floats(-3, 3), st.floats(0.01, 100.0), st.integers(10, 40))
def test_what_is_added_of_a_factor_is_added_to_its_loading(
    seed: int, more: float, scale: float, window: int
) -> None:
    rng = np.random.default_rng(seed)
    y, x = rng.normal(size=(90, 2)), rng.normal(size=(90, 2))
    base = rolling_loadings(y, x, window)
    other = rolling_loadings(scale * y + more * x[:, :1], x, window)
    np.testing.assert_allclose(
        other.betas[window:, :, 0], scale * base.betas[window:, :, 0] + more, atol=1e-9 * scale
    )
    np.testing.assert_allclose(
        other.betas[window:, :, 1], scale * base.betas[window:, :, 1], atol=1e-9 * scale
    )
    np.testing.assert_allclose(
        other.beta_errors[window:], scale * base.beta_errors[window:], atol=1e-9 * scale
    )


@pytest.mark.parametrize("errors", ["ols", "white", "newey-west"])
def test_full_sample_of_many_symbols(errors: str) -> None:
    y, x = sample(level=1e4)
    y = late(y)
    x[17] = np.nan
    y[:, 7] = np.nan
    found = loadings(y, x, errors=errors)  # type: ignore[arg-type]
    for symbol in range(SYMBOLS - 1):
        held = np.isfinite(y[:, symbol]) & np.isfinite(x).all(axis=1)
        direct = regress(y[held, symbol], x[held], covariance=errors, lags=0)  # type: ignore[arg-type]
        np.testing.assert_allclose(found.coefficients[symbol], direct.coefficients, rtol=1e-8)
        assert found.r_squared[symbol] == pytest.approx(direct.r_squared, abs=1e-12)
        assert found.residual_deviation[symbol] == pytest.approx(direct.residual_deviation, rel=1e-12)
        np.testing.assert_allclose(found.residuals[held, symbol], direct.residuals, atol=1e-9)
        assert np.isnan(found.residuals[~held, symbol]).all()
        assert found.observations[symbol] == held.sum()
        if errors != "newey-west":  # gaps are lags there: see below
            np.testing.assert_allclose(found.standard_errors[symbol], direct.standard_errors, rtol=1e-8)
            np.testing.assert_allclose(found.p_values[symbol], direct.p_values, rtol=1e-6, atol=1e-13)
    assert np.isnan(found.coefficients[7]).all()


def test_newey_west_of_many_symbols_as_statsmodels() -> None:
    import statsmodels.api as sm

    y, x = sample()
    y[:300, 2] = np.nan  # begins late: lags of its own number of rows
    found = loadings(y, x, errors="newey-west")
    for symbol, begin in ((0, 0), (2, 300), (5, 0)):
        lags = newey_west_lags(ROWS - begin)
        assert found.lags[symbol] == lags
        other = sm.OLS(y[begin:, symbol], sm.add_constant(x[begin:])).fit(
            cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}
        )
        np.testing.assert_allclose(found.standard_errors[symbol], other.bse, rtol=1e-9)


def test_over_a_gap_nothing_is_correlated() -> None:
    """Scores of missing rows are zeros: the definition lag by lag over the calendar."""
    y, x = sample()
    y = y[:, :1]
    y[100:140, 0] = np.nan
    found = loadings(y, x, errors="newey-west", lags=3, small_sample=False)
    held = np.isfinite(y[:, 0])
    design = np.column_stack([np.ones(ROWS), x])
    scores = np.where(held[:, None], design * np.nan_to_num(found.residuals[:, :1]), 0.0)
    meat = scores.T @ scores
    for lag in (1, 2, 3):
        gamma = scores[lag:].T @ scores[:-lag]
        meat += (1 - lag / 4) * (gamma + gamma.T)
    bread = np.linalg.inv(design[held].T @ design[held])
    np.testing.assert_allclose(found.covariance[0], bread @ meat @ bread, rtol=1e-8, atol=1e-14)

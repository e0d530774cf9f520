"""Rolling measures are the plain measures of each window, bit by bit stable where running sums are not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant import performance as p
from engine.quant.performance.windows import window_moments

rng = np.random.default_rng(8)
RETURNS = rng.normal(0.0004, 0.012, (300, 3))
RETURNS[40:55, 1] = np.nan
RETURNS[:90, 2] = np.nan
MARKET = rng.normal(0.0003, 0.01, 300)
PAIRS: list[tuple[str, Callable[..., object], Callable[..., object]]] = [
    ("return", p.rolling_return, p.total_return),
    ("mean", p.rolling_mean, lambda r: np.nanmean(r, axis=0)),
    ("volatility", p.rolling_volatility, p.realized_volatility),
    ("sharpe", p.rolling_sharpe, p.sharpe_ratio),
    ("sharpe over 1%", partial(p.rolling_sharpe, risk_free=0.01), partial(p.sharpe_ratio, risk_free=0.01)),
    ("sortino", p.rolling_sortino, p.sortino_ratio),
    ("skewness", p.rolling_skewness, p.skewness),
    ("kurtosis", p.rolling_kurtosis, p.kurtosis),
    ("max_drawdown", p.rolling_max_drawdown, p.max_drawdown),
    ("hit_rate", p.rolling_hit_rate, p.hit_rate),
]
RELATIVE: list[tuple[str, Callable[..., object], Callable[..., object]]] = [
    ("beta", p.rolling_beta, p.beta),
    ("alpha", p.rolling_alpha, lambda r, b: p.market_model(r, b).alpha_annual),
    ("correlation", p.rolling_correlation, p.correlation),
    ("tracking_error", p.rolling_tracking_error, p.tracking_error),
    ("information_ratio", p.rolling_information_ratio, p.information_ratio),
]


@pytest.mark.parametrize("window", [5, 21, 64])
@pytest.mark.parametrize(("name", "rolling", "whole"), PAIRS, ids=[each[0] for each in PAIRS])
def test_each_value_is_the_measure_of_its_window(
    name: str, rolling: Callable[..., object], whole: Callable[..., object], window: int
) -> None:
    found = np.asarray(rolling(RETURNS, window, least=4))
    assert found.shape == RETURNS.shape
    assert np.isnan(found[: window - 1]).all()
    for t in range(window - 1, 300, 3):
        part = RETURNS[t - window + 1 : t + 1]
        enough = np.isfinite(part).sum(axis=0) >= 4
        with np.errstate(all="ignore"):
            expected = np.asarray(whole(part[:, enough]))
        np.testing.assert_allclose(found[t, enough], expected, rtol=1e-9, atol=1e-12)
        assert np.isnan(found[t, ~enough]).all()


@pytest.mark.parametrize(("name", "rolling", "whole"), RELATIVE, ids=[each[0] for each in RELATIVE])
def test_relative_measures_too(
    name: str, rolling: Callable[..., object], whole: Callable[..., object]
) -> None:
    found = np.asarray(rolling(RETURNS, MARKET, 30, least=10))
    for t in range(29, 300, 3):
        part = RETURNS[t - 29 : t + 1]
        enough = np.isfinite(part).sum(axis=0) >= 10
        expected = np.asarray(whole(part[:, enough], MARKET[t - 29 : t + 1]))
        np.testing.assert_allclose(found[t, enough], expected, rtol=1e-9, atol=1e-12)
        assert np.isnan(found[t, ~enough]).all()


def test_without_a_least_every_row_of_the_window_must_be_known() -> None:
    found = p.rolling_volatility(RETURNS, 20)
    assert np.isnan(found[40:74, 1]).all()
    assert np.isfinite(found[74:, 1]).all()
    assert np.isfinite(found[19:40, 1]).all()


def test_nists_numacc4_as_a_rolling_variance() -> None:
    """Sample deviation 0.1 of numbers around 1e7 (StRD NumAcc4): one-pass formulas answer 0."""
    values = np.array([10000000.2] + [10000000.1, 10000000.3] * 500)
    found = p.rolling_volatility(values, 1001, periods=1)
    assert found[-1] == pytest.approx(0.1, rel=1e-8)
    short = p.rolling_volatility(values, 51, periods=1)
    assert short[-1] == pytest.approx(np.std(values[-51:], ddof=1), rel=1e-8)


def test_one_wild_value_leaves_no_trace() -> None:
    """A running sum keeps the rounding error of what has left the window."""
    values = np.random.default_rng(1).normal(0, 0.01, 400)
    wild = values.copy()
    wild[50] = 1e9
    quiet = p.rolling_volatility(values, 20)
    np.testing.assert_array_equal(p.rolling_volatility(wild, 20)[100:], quiet[100:])


def test_a_flat_window_has_exactly_no_dispersion() -> None:
    flat = np.full(100, 0.1 + 0.2)
    assert (p.rolling_volatility(flat, 30)[29:] == 0).all()
    assert np.isinf(p.rolling_sharpe(flat, 30)[29:]).all()
    assert np.isnan(p.rolling_beta(RETURNS[:, 0][:100], flat, 30)).all()


def test_a_loss_of_everything_has_no_logarithm() -> None:
    returns = np.full(60, 0.01)
    returns[20] = -1.0
    found = p.rolling_return(returns, 10)
    assert np.isnan(found[20:30]).all()
    assert found[30] == pytest.approx(1.01**10 - 1)
    assert p.rolling_max_drawdown(returns, 10)[25] == -1.0


def test_windows_out_of_bounds_are_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        p.rolling_volatility(RETURNS, 1)
    with pytest.raises(ValueError, match="between 1 and 10, not 11"):
        p.rolling_sharpe(RETURNS, 10, least=11)
    assert np.isnan(p.rolling_mean(RETURNS[:5], 10)).all()
    assert p.rolling_mean(RETURNS[:0], 10).shape == (0, 3)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=1, max_size=60),
    st.integers(2, 20),
)
def test_moments_of_any_numbers(values: list[float], window: int) -> None:
    column = np.array(values)[:, None]
    found = window_moments(column, window, 1)
    for t in range(window - 1, len(values)):
        part = column[t - window + 1 : t + 1, 0]
        part = part[np.isfinite(part)]
        if not len(part):
            assert np.isnan(found.mean[t, 0])
            continue
        assert found.count[t, 0] == len(part)
        spread = np.ptp(part) + np.abs(part).max() * 1e-9 + 1e-300
        near = column[
            max(t - 2 * window, 0) : t + window
        ]  # a block's pivot may stand just outside the window
        most = float(np.nanmax(np.abs(near)))
        assert found.mean[t, 0] == pytest.approx(part.mean(), abs=1e-9 * spread + 1e-14 * most + 1e-12)
        squares = ((part - part.mean()) ** 2).sum()
        assert found.squares[t, 0] == pytest.approx(
            squares, rel=1e-7, abs=1e-9 * spread**2 + 1e-14 * most**2 + 1e-12
        )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-0.9, 3.0), min_size=1, max_size=60), st.integers(1, 20))
def test_rolling_drawdowns_of_any_path(values: list[float], window: int) -> None:
    returns = np.array(values)
    found = p.rolling_max_drawdown(returns, window)
    for t in range(window - 1, len(values)):
        assert found[t] == pytest.approx(p.max_drawdown(returns[t - window + 1 : t + 1]), abs=1e-12)

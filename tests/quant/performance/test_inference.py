"""Sharpe ratios' errors against simulation, and the papers' formulas against each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.quant import performance as p


def test_standard_errors_are_what_simulation_finds() -> None:
    """5,000 samples of 500 skewed, heavy-tailed returns: Mertens' error, not the normal law's."""
    rng = np.random.default_rng(11)
    draws = rng.gamma(1.0, 1.0, (500, 5000)) * 0.01 - 0.006  # skewness 2, kurtosis 9
    ratios = np.asarray(p.sharpe_ratio(draws, periods=1))
    true = (0.01 - 0.006) / 0.01
    error = p.sharpe_standard_error(true, 500, 2.0, 9.0)
    assert ratios.std() == pytest.approx(error, rel=0.03)
    assert np.asarray(p.sharpe_error_of(draws)).mean() == pytest.approx(error, rel=0.05)
    assert abs(p.sharpe_standard_error(true, 500) / error - 1) > 0.1


def test_autocorrelation_widens_the_error() -> None:
    """Returns of a first-order moving average: the long-run error is what simulation finds, Lo's iid one is not."""
    rng = np.random.default_rng(12)
    shocks = rng.normal(0, 0.01, (1001, 3000))
    returns = 0.001 + shocks[1:] + 0.5 * shocks[:-1]
    spread = np.asarray(p.sharpe_ratio(returns, periods=1)).std()
    hac = np.asarray(p.sharpe_error_of(returns[:, :300], method="hac")).mean()
    iid = np.asarray(p.sharpe_error_of(returns[:, :300])).mean()
    assert hac == pytest.approx(spread, rel=0.06)
    assert iid < 0.85 * spread


def test_the_error_of_the_sample_is_mertens_formula_of_its_moments() -> None:
    returns = np.random.default_rng(3).standard_t(6, 400) * 0.01 + 0.001
    ratio = p.sharpe_ratio(returns, periods=1, ddof=0)
    formula = p.sharpe_standard_error(ratio, 400, p.skewness(returns), p.kurtosis(returns))
    assert p.sharpe_error_of(returns) == pytest.approx(formula, rel=1e-9)
    assert p.sharpe_error_of(returns, method="hac", lags=0) == pytest.approx(formula, rel=1e-9)


@given(st.floats(0.01, 1.0), st.floats(-2, 2), st.floats(0, 10), st.floats(-0.5, 0.9), st.floats(0.6, 0.99))
def test_the_least_record_is_where_the_probability_is_reached(
    sharpe: float, skew: float, over: float, gap: float, confidence: float
) -> None:
    kurtosis = 1 + skew**2 + over  # no law has less
    benchmark = sharpe * gap
    needed = p.minimum_track_record(sharpe, skew, kurtosis, benchmark, confidence)
    reached = p.probabilistic_sharpe_ratio(sharpe, needed, skew, kurtosis, benchmark)
    assert reached == pytest.approx(confidence, abs=1e-9)
    assert p.minimum_track_record(benchmark, skew, kurtosis, sharpe, confidence) == np.inf


def test_the_expected_maximum_is_what_simulation_finds() -> None:
    rng = np.random.default_rng(4)
    for trials in (10, 100, 1000):
        best = rng.normal(0, 0.05, (4000, trials)).max(axis=1).mean()
        assert p.expected_maximum_sharpe(trials, 0.05**2) == pytest.approx(best, rel=0.03)
    assert p.expected_maximum_sharpe(1, 0.05**2) == 0.0


def test_deflating_is_a_harder_benchmark() -> None:
    plain = p.probabilistic_sharpe_ratio(0.1, 1000)
    deflated = p.deflated_sharpe_ratio(0.1, 1000, np.array([1, 10, 100]), 0.002)
    assert deflated[0] == pytest.approx(plain)
    assert (np.diff(deflated) < 0).all()

"""Measures against other libraries, closed forms, and each other; gaps, edges, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant import performance as p

rng = np.random.default_rng(21)
RETURNS = rng.standard_t(5, (500, 4)) * 0.01 + 0.0005
MARKET = rng.normal(0.0004, 0.01, 500)
MEASURES = (
    p.total_return, p.cagr, p.realized_volatility, p.sharpe_ratio, p.sortino_ratio, p.calmar_ratio, p.omega_ratio,
    p.martin_ratio, p.kappa_ratio, p.downside_deviation, p.partial_moment, p.max_drawdown, p.ulcer_index,
    p.pain_index, p.skewness, p.kurtosis, p.best, p.worst, p.hit_rate, p.payoff_ratio, p.tail_ratio, p.stability,
    p.sharpe_error_of,
)  # fmt: skip
RELATIVE = (
    p.beta, p.correlation, p.tracking_error, p.information_ratio, p.capture_ratio, p.treynor_ratio,
)  # fmt: skip
returns_lists = st.lists(
    st.floats(-0.5, 1.0).filter(lambda r: r == 0 or abs(r) > 1e-6), min_size=3, max_size=50
)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda each: each.__name__)
def test_a_panel_is_its_columns_and_gaps_are_left_out(measure: object) -> None:
    gapped = RETURNS.copy()
    gapped[10:20, 1] = np.nan
    gapped[0, 2] = np.inf
    gapped[:, 3] = np.nan
    found = measure(gapped)  # type: ignore[operator]
    assert found.shape == (4,)
    for column in range(3):
        kept = gapped[np.isfinite(gapped[:, column]), column]
        assert found[column] == pytest.approx(measure(kept), rel=1e-12)  # type: ignore[operator]
    assert np.isnan(found[3])


@pytest.mark.parametrize("measure", RELATIVE, ids=lambda each: each.__name__)
def test_relative_measures_take_rows_that_both_have(measure: object) -> None:
    gapped, market = RETURNS.copy(), MARKET.copy()
    gapped[10:20, 1] = np.nan
    market[30:35] = np.nan
    found = measure(gapped, market)  # type: ignore[operator]
    for column in range(4):
        kept = np.isfinite(gapped[:, column]) & np.isfinite(market)
        expected = measure(gapped[kept, column], market[kept])  # type: ignore[operator]
        assert found[column] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda each: each.__name__)
def test_nothing_is_nan(measure: object) -> None:
    assert np.isnan(measure(np.array([])))  # type: ignore[operator]
    assert measure(np.empty((0, 2))).shape == (2,)  # type: ignore[operator]


def test_moments_are_scipys() -> None:
    for bias in (True, False):
        np.testing.assert_allclose(p.skewness(RETURNS, bias=bias), scipy.stats.skew(RETURNS, bias=bias))
        theirs = scipy.stats.kurtosis(RETURNS, bias=bias, fisher=False)
        np.testing.assert_allclose(p.kurtosis(RETURNS, bias=bias), theirs)
    assert p.kurtosis(RETURNS[:, 0], excess=True) == p.kurtosis(RETURNS[:, 0]) - 3


def test_the_market_model_is_statsmodels() -> None:
    found = p.market_model(RETURNS, MARKET, 0.0001, 252)
    for column in range(4):
        fit = sm.OLS(RETURNS[:, column] - 0.0001, sm.add_constant(MARKET - 0.0001)).fit()
        assert (found.alpha[column], found.beta[column]) == pytest.approx(tuple(fit.params), rel=1e-9)
        assert (found.alpha_se[column], found.beta_se[column]) == pytest.approx(tuple(fit.bse), rel=1e-9)
        assert found.r_squared[column] == pytest.approx(fit.rsquared, rel=1e-9)
        assert found.observations[column] == 500


def test_a_shared_level_does_not_cancel_digits() -> None:
    """NIST StRD NumAcc4: mean 10000000.2, deviation 0.1."""
    values = np.array([10000000.2] + [10000000.1, 10000000.3] * 500)
    assert p.realized_volatility(values, 1) == pytest.approx(0.1, rel=1e-8)
    assert p.sharpe_ratio(values, 0.0, 1) == pytest.approx(10000000.2 / 0.1, rel=1e-8)


def test_drawdowns_of_a_path_by_hand() -> None:
    #          100  90  81  99 110  104.5 ...
    returns = [-0.1, -0.1, 0.1 / 0.81 + 0.1, 0.2, -0.05, 0.0, 0.1, -0.5]
    first, second, third = p.drawdown_table(returns, 5)
    assert (first.depth, first.peak, first.trough, first.recovery) == (pytest.approx(-0.5), 6, 7, None)
    assert (first.length, first.to_trough, first.to_recovery) == (1, 1, None)
    assert second.depth == pytest.approx(-0.19)
    assert (second.peak, second.trough, second.recovery, second.length) == (-1, 1, 3, 4)
    assert (third.peak, third.trough, third.recovery, third.to_recovery) == (3, 4, 6, 2)
    assert p.max_drawdown(returns) == first.depth
    assert p.drawdown_table([0.1, 0.2]) == ()
    with pytest.raises(ValueError, match="a column at a time"):
        p.drawdown_table(RETURNS)


@settings(max_examples=80, deadline=None)
@given(returns_lists)
def test_drawdowns_hang_together(values: list[float]) -> None:
    series = p.drawdowns(values)
    assert (series <= 0).all()
    table = p.drawdown_table(values, 100)
    assert p.max_drawdown(values) == min((each.depth for each in table), default=0.0)
    assert [each.depth for each in table] == sorted(each.depth for each in table)
    inside = np.zeros(len(values), dtype=bool)
    for each in table:
        end = len(values) if each.recovery is None else each.recovery
        assert not inside[each.peak + 1 : end].any()
        inside[each.peak + 1 : end] = True
        assert series[each.trough] == each.depth
    assert (inside == (series < 0)).all()


@settings(max_examples=80, deadline=None)
@given(returns_lists, st.floats(0.1, 5.0))
def test_ratios_do_not_mind_leverage(values: list[float], scale: float) -> None:
    returns = np.array(values)
    for measure in (p.sharpe_ratio, p.sortino_ratio, p.omega_ratio, p.payoff_ratio, p.hit_rate, p.tail_ratio):
        np.testing.assert_allclose(measure(returns * scale), measure(returns), rtol=1e-6, atol=1e-9)
    if (returns < 0).any():
        assert p.omega_ratio(returns) - 1 == pytest.approx(p.kappa_ratio(returns, 0.0, 1), rel=1e-6, abs=1e-9)
    else:
        assert np.isnan(p.omega_ratio(returns))


def test_growth() -> None:
    prices = np.array([[100.0, 50.0], [110.0, np.nan], [99.0, 60.0]])
    np.testing.assert_allclose(p.simple_returns(prices)[:, 0], [0.1, -0.1])
    assert np.isnan(p.simple_returns(prices)[:, 1]).all()
    np.testing.assert_allclose(np.expm1(p.log_returns(prices)[:, 0]), [0.1, -0.1])
    assert p.total_return([0.1, np.nan, -0.1]) == pytest.approx(-0.01)
    assert p.cagr([0.21, 0.0], "yearly") == pytest.approx(0.1)
    assert p.cagr([-1.0, 0.5]) == -1.0
    assert np.isnan(p.cagr([-1.5, 0.5]))
    np.testing.assert_allclose(p.cumulative_returns([0.1, np.nan, 0.1], 100), [110, 110, 121])


def test_compounding_to_longer_periods() -> None:
    days = np.arange("2023-12-25", "2024-01-16", dtype="datetime64[D]")  # a Monday
    returns = np.full((len(days), 2), 0.01)
    returns[:, 1] = np.nan
    ends, weekly = p.aggregate_returns(returns, days, "weekly")
    assert ends.astype(str).tolist() == ["2023-12-31", "2024-01-07", "2024-01-14", "2024-01-15"]
    np.testing.assert_allclose(weekly[:, 0], np.array([1.01**7, 1.01**7, 1.01**7, 1.01]) - 1)
    assert np.isnan(weekly[:, 1]).all()
    for to, count in (("monthly", 2), ("quarterly", 2), ("yearly", 2)):
        ends, longer = p.aggregate_returns(returns[:, 0], days, to)  # type: ignore[arg-type]
        assert len(longer) == count
        assert ends[0] == np.datetime64("2023-12-31")
        assert p.total_return(longer) == pytest.approx(p.total_return(returns[:, 0]))
    with pytest.raises(ValueError, match="ascend"):
        p.aggregate_returns(returns[:, 0], days[::-1], "weekly")
    with pytest.raises(ValueError, match="not to 'daily'"):
        p.aggregate_returns(returns[:, 0], days, "daily")


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="no frequency: take one of daily"):
        p.sharpe_ratio(RETURNS, periods="hourly")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="above zero, not 0"):
        p.sharpe_ratio(RETURNS, periods=0)
    with pytest.raises(ValueError, match="rows must be the same"):
        p.beta(RETURNS, MARKET[:-1])
    with pytest.raises(ValueError, match="3 axes"):
        p.sharpe_ratio(np.zeros((2, 2, 2)))
    with pytest.raises(ValueError, match="At least one trial"):
        p.expected_maximum_sharpe(0, 0.1)

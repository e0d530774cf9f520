"""Errors in closed form and by bootstrap: published values, plain loops, coverage of a known truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from engine.backtest.honesty import (
    beta_error,
    mean_error,
    profit_factor_error,
    resampled,
    sortino_error,
    wilson,
)
from engine.quant.performance import sharpe_error_of, sortino_ratio


def test_wilsons_interval_is_statsmodels_and_tells_something_of_two_wins_of_two() -> None:
    from statsmodels.stats.proportion import proportion_confint

    for won, trades in ((2, 2), (0, 7), (3, 4), (61, 100)):
        assert wilson(won, trades) == pytest.approx(
            proportion_confint(won, trades, method="wilson"), abs=1e-12
        )
    assert wilson(2, 2) == pytest.approx((0.342380, 1.0), abs=1e-6)  # 1 / (1 + 1.96**2 / 2)
    assert np.isnan(wilson(0, 0)).all()


def test_the_error_of_a_mean_is_newey_and_wests(rng: np.random.Generator) -> None:
    import statsmodels.api as sm

    values = np.convolve(rng.normal(size=400), np.ones(5) / 5, "valid")
    fit = sm.OLS(values, np.ones(len(values))).fit(cov_type="HAC", cov_kwds={"maxlags": 6})
    assert mean_error(values, 6) == pytest.approx(float(fit.bse[0]))
    assert mean_error(values, 0) == pytest.approx(values.std() / np.sqrt(len(values)))
    assert np.isnan(mean_error([1.0]))


def test_the_error_of_a_beta_is_newey_and_wests(rng: np.random.Generator) -> None:
    import statsmodels.api as sm

    market = rng.standard_t(4, 600) * 0.01
    mine = 0.3 * market + rng.normal(0, 0.01, 600) * (1 + 40 * np.abs(market))
    lags = int(4 * (600 / 100) ** (2 / 9))
    fit = sm.OLS(mine, sm.add_constant(market)).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    assert beta_error(mine, market) == pytest.approx(float(fit.bse[1]))
    assert np.isnan(beta_error(np.ones(9), np.ones(9)))


def test_the_error_of_a_sortino_ratio_is_what_histories_show(rng: np.random.Generator) -> None:
    told, found = [], []
    for _ in range(400):
        values = rng.normal(0.0005, 0.01, 500)
        told.append(sortino_error(values))
        found.append(sortino_ratio(values, periods=1))
    assert np.mean(told) == pytest.approx(np.std(found), rel=0.08)
    assert np.isnan(sortino_error(np.ones(20)))


def test_the_error_of_a_profit_factor_is_what_histories_show(rng: np.random.Generator) -> None:
    told, found = [], []
    for _ in range(400):
        made = rng.normal(20, 100, 300)
        told.append(profit_factor_error(made))
        found.append(made[made > 0].sum() / -made[made < 0].sum())
    assert np.mean(told) == pytest.approx(np.std(found), rel=0.1)
    assert np.isnan(profit_factor_error([1.0, 2.0]))


def test_trades_are_drawn_one_by_one_and_cover_their_mean(rng: np.random.Generator) -> None:
    """The mean of 40 draws lies within the interval about 95 times in a hundred."""
    inside = 0
    for at in range(200):
        one = resampled(rng.normal(1.0, 2.0, (40, 1)), lambda drawn: drawn[:, :, 0].mean(axis=1),
                        together=False, replications=300, seed=at)  # fmt: skip
        inside += one.low <= 1.0 <= one.high
    assert 0.88 <= inside / 200 <= 0.98


def test_sessions_that_hang_together_are_drawn_in_blocks(rng: np.random.Generator) -> None:
    """Of a moving average of 10 the mean is sqrt(10) less certain than of as many independent rows."""
    noise = rng.normal(size=2_009)
    values = np.convolve(noise, np.ones(10), "valid")[:, None]

    def mean(drawn: np.ndarray) -> np.ndarray:
        return drawn[:, :, 0].mean(axis=1)

    blocks, alone = (resampled(values, mean, together=each, replications=400) for each in (True, False))
    assert blocks.standard_error == pytest.approx(10 / np.sqrt(2_000), rel=0.25)
    assert alone.standard_error == pytest.approx(np.sqrt(10 / 2_000), rel=0.15)
    assert blocks == resampled(values, mean, replications=400)


def test_what_cannot_be_drawn() -> None:
    def mean(drawn: np.ndarray) -> np.ndarray:
        return drawn[:, :, 0].mean(axis=1)

    assert np.isnan(resampled(np.ones((1, 1)), mean).low)
    with pytest.raises(ValueError, match="no number missing"):
        resampled(np.array([[1.0], [np.nan]]), mean)


def test_the_error_of_a_sharpe_ratio_beside_the_bootstraps(rng: np.random.Generator) -> None:
    values = rng.standard_t(5, 1_000) * 0.01 + 0.001

    def sharpe(drawn: np.ndarray) -> np.ndarray:
        return drawn[:, :, 0].mean(axis=1) / drawn[:, :, 0].std(axis=1, ddof=1)

    one = resampled(values[:, None], sharpe, replications=800)
    assert one.standard_error == pytest.approx(float(sharpe_error_of(values, method="hac")), rel=0.15)
    assert stats.norm.cdf(one.estimate / one.standard_error) > 0.9

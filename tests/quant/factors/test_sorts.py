"""Sorts, spreads, turnover and information coefficients against loops that say the same slowly."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.quant.factors import (
    decay,
    forward_returns,
    group_weights,
    held_groups,
    information_coefficients,
    long_short_weights,
    quantile_groups,
    quantile_returns,
    row_correlations,
    summarized,
    turnover,
    two_by_three,
)

ROWS, SYMBOLS = 60, 40


def sample(seed: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(ROWS, SYMBOLS))
    returns = rng.normal(0.0, 0.02, (ROWS, SYMBOLS))
    returns[1:] += 0.01 * scores[:-1]
    caps = rng.uniform(1.0, 100.0, (ROWS, SYMBOLS))
    scores[rng.random(scores.shape) < 0.05] = np.nan
    returns[rng.random(returns.shape) < 0.05] = np.nan
    return scores, returns, caps


def test_groups_are_cut_at_quantiles_and_ties_stay_together() -> None:
    scores, *_ = sample()
    groups = quantile_groups(scores, 5)
    for row in range(ROWS):
        held = np.isfinite(scores[row])
        cuts = np.quantile(scores[row, held], [0.2, 0.4, 0.6, 0.8])
        np.testing.assert_array_equal(groups[row, held], np.searchsorted(cuts, scores[row, held]))
        assert (groups[row, ~held] == -1).all()
        assert np.ptp(np.bincount(groups[row, held])) <= 1
    tied = quantile_groups(np.array([[1.0, 1.0, 1.0, 1.0, 2.0, 3.0]]), 3)
    np.testing.assert_array_equal(tied, [[0, 0, 0, 0, 2, 2]])
    assert (quantile_groups(np.array([[1.0, 2.0, np.nan, np.nan]]), 3) == -1).all()
    with pytest.raises(ValueError, match="ascending quantiles"):
        quantile_groups(scores, 3, cuts=(0.7, 0.3))


def test_cuts_may_be_those_of_some_symbols() -> None:
    scores = np.arange(10.0)[None]
    groups = quantile_groups(scores, 2, breakpoints=np.arange(10) >= 6)  # the median of 6 7 8 9
    np.testing.assert_array_equal(groups[0], [0] * 8 + [1, 1])


@pytest.mark.parametrize("weighted", [False, True])
def test_returns_of_groups_formed_the_row_before(weighted: bool) -> None:
    scores, returns, caps = sample()
    groups = quantile_groups(scores, 4)
    found = quantile_returns(groups, returns, 4, weights=caps if weighted else None)
    assert np.isnan(found.groups[0]).all()
    for row in range(1, ROWS):
        for group in range(4):
            member = (groups[row - 1] == group) & np.isfinite(returns[row])
            weights = caps[row - 1, member] if weighted else np.ones(member.sum())
            assert found.groups[row, group] == pytest.approx(
                np.average(returns[row, member], weights=weights)
            )
    np.testing.assert_allclose(found.spread, found.groups[:, 3] - found.groups[:, 0])
    assert np.nanmean(found.spread) > 0.01  # what was put in


def test_groups_are_held_until_they_are_formed_anew() -> None:
    groups = np.array([[0, 1], [1, 0], [1, 1], [0, 0]])
    held = held_groups(groups, [False, True, False, True])
    np.testing.assert_array_equal(held, [[-1, -1], [1, 0], [1, 0], [0, 0]])


def test_a_long_short_book_is_as_long_as_short() -> None:
    scores, _, caps = sample()
    weights = long_short_weights(quantile_groups(scores, 5), 5, caps)
    np.testing.assert_allclose(weights.sum(axis=1), 0.0, atol=1e-12)
    np.testing.assert_allclose(np.abs(weights).sum(axis=1), 2.0)
    made = group_weights(quantile_groups(scores, 5), 5)
    np.testing.assert_allclose(made.sum(axis=2), 1.0)


def test_turnover_is_what_is_traded() -> None:
    weights = np.array([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(turnover(weights), [np.nan, 0.0, 0.5, 0.5])
    returns = np.array([[0.0] * 3, [0.1, -0.1, 0.3], [0.0] * 3, [np.nan] * 3])
    np.testing.assert_allclose(
        turnover(weights, returns), [np.nan, 0.05, 0.5, 0.5]
    )  # 55:45 set back to 50:50


def test_two_by_three_as_fama_and_french_say_it() -> None:
    scores, returns, caps = sample()
    formed = np.arange(ROWS) % 20 == 0
    found = two_by_three(returns, caps, scores, formed=formed)
    for row in (1, 15, 21, 59):
        at = (row - 1) // 20 * 20
        held = np.isfinite(scores[at])
        big = caps[at] > np.median(caps[at, held])
        low, high = np.quantile(scores[at, held], [0.3, 0.7])
        thirds = (scores[at] > low).astype(int) + (scores[at] > high)
        for large in (False, True):
            for third in range(3):
                member = held & (big == large) & (thirds == third) & np.isfinite(returns[row])
                expected = np.average(returns[row, member], weights=caps[row - 1, member])
                assert found.portfolios[row, 3 * large + third] == pytest.approx(expected)
    six = found.portfolios[30]
    assert found.factor[30] == pytest.approx((six[2] + six[5]) / 2 - (six[0] + six[3]) / 2)
    assert found.small_minus_big[30] == pytest.approx(six[:3].mean() - six[3:].mean())


@pytest.mark.parametrize("horizon", [1, 5])
@pytest.mark.parametrize("method", ["rank", "pearson"])
def test_coefficients_stand_on_the_row_on_which_they_are_known(horizon: int, method: str) -> None:
    from scipy.stats import pearsonr, spearmanr

    scores, returns, _ = sample()
    found = information_coefficients(scores, returns, horizon, method=method)  # type: ignore[arg-type]
    assert np.isnan(found[:horizon]).all()
    for row in range(horizon, ROWS, 7):
        after = np.prod(1 + returns[row - horizon + 1 : row + 1], axis=0) - 1
        held = np.isfinite(scores[row - horizon]) & np.isfinite(after)
        by = spearmanr if method == "rank" else pearsonr
        assert found[row] == pytest.approx(by(scores[row - horizon, held], after[held]).statistic, abs=1e-12)


def test_a_coefficient_is_not_known_before_its_horizon_is_over() -> None:
    scores, returns, _ = sample()
    later = returns.copy()
    later[31:] = -later[31:]
    one = information_coefficients(scores, returns, 5)
    other = information_coefficients(scores, later, 5)
    np.testing.assert_array_equal(one[:31], other[:31])  # of scores up to row 25
    assert one[31] != other[31]


def test_coefficients_of_perfect_and_of_no_order() -> None:
    scores, *_ = sample()
    returns = np.vstack([np.zeros(SYMBOLS), np.nan_to_num(scores[:-1]) * 0.01])
    returns[1:][np.isnan(scores[:-1])] = np.nan
    found = information_coefficients(scores, returns)
    np.testing.assert_allclose(found[1:], 1.0)
    assert np.isnan(row_correlations(np.ones((1, 9)), np.arange(9.0)[None]))[0]
    assert np.isnan(information_coefficients(scores, returns, universe=np.arange(SYMBOLS) < 2)[1:]).all()


def test_the_mean_coefficient_has_newey_wests_t() -> None:
    import statsmodels.api as sm

    scores, returns, _ = sample()
    series = information_coefficients(scores, returns, 5)
    found = summarized(series, horizon=5)
    clean = series[np.isfinite(series)]
    assert found.lags == 4  # overlapping on four rows; the rule says 3 for 55
    other = sm.OLS(clean, np.ones(len(clean))).fit(
        cov_type="HAC", cov_kwds={"maxlags": 4, "use_correction": True}
    )
    assert found.mean == pytest.approx(clean.mean())
    assert found.t_statistic == pytest.approx(other.tvalues[0], rel=1e-9)
    assert found.information_ratio == pytest.approx(clean.mean() / clean.std(ddof=1))
    assert math.isnan(summarized([np.nan, 0.1]).mean)


def test_what_is_known_for_a_day_fades() -> None:
    scores, returns, _ = sample()
    found = decay(scores, returns, (1, 10))
    assert found[1].mean > found[10].mean > 0
    assert found[1].t_statistic > 5
    with pytest.raises(ValueError, match="a horizon is 1 to 59"):
        forward_returns(returns, ROWS)

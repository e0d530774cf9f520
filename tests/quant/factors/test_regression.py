"""One regression: certified values to how many digits, statsmodels' covariances, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant.factors import moments, newey_west_lags, regress
from engine.quant.factors.covariance import bartlett
from tests.quant.golden import FOLDER, rows
from tests.quant.golden_cases import nist_strd

# Digits (log relative error) that each data set's worst quantity must reach. Of doubles' 15.9: Wampler's powers to
# the fifth have a condition of 10^6; NumAcc3 and 4 lose what their offset of 10^6 and 10^7 takes from the data.
DIGITS = {
    "Norris": 11.0, "Longley": 11.0, "Wampler1": 8.0, "Wampler2": 11.0, "NoInt1": 13.0, "NoInt2": 13.0,
    "NIST_lew": 13.0, "NIST_lottery": 13.0, "NIST_mavro": 11.0, "NIST_michelson": 13.0, "NIST_pidigits": 13.0,
    "NIST_numacc1": 15.0, "NIST_numacc2": 13.0, "NIST_numacc3": 9.0, "NIST_numacc4": 8.0,
}  # fmt: skip


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the golden values in ../shared are not here")
def test_digits_of_certified_values() -> None:
    worst = dict.fromkeys(DIGITS, 16.0)
    for row in rows("nist_strd"):
        found = nist_strd.CASES[row.function](row.inputs, row.quantity)
        error = abs(found - row.expected)
        digits = -math.log10(error / abs(row.expected)) if error else 16.0
        worst[row.inputs["dataset"]] = min(worst[row.inputs["dataset"]], digits)
    assert {name: digits for name, digits in worst.items() if digits < DIGITS[name]} == {}


def sample(seed: int = 3, rows_: int = 300) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(0.0, 1.0, (rows_, 3)) + np.array([0.0, 5.0, -2.0])
    noise = rng.normal(0.0, 1.0, rows_) * (1.0 + np.abs(x[:, 0]))
    noise[1:] += 0.5 * noise[:-1]
    return 0.3 + x @ np.array([1.0, -0.5, 0.0]) + noise, x


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"covariance": "ols"}, {}),
        ({"covariance": "white"}, {"cov_type": "HC1"}),
        ({"covariance": "white", "small_sample": False}, {"cov_type": "HC0"}),
        ({"covariance": "newey-west", "lags": 7, "small_sample": False},
         {"cov_type": "HAC", "cov_kwds": {"maxlags": 7}}),
        ({"covariance": "newey-west", "lags": 4},
         {"cov_type": "HAC", "cov_kwds": {"maxlags": 4, "use_correction": True}}),
        ({"covariance": "newey-west", "lags": 0, "small_sample": False}, {"cov_type": "HC0"}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("intercept", [True, False])
def test_as_statsmodels(ours: dict[str, object], theirs: dict[str, object], intercept: bool) -> None:
    import statsmodels.api as sm

    y, x = sample()
    found = regress(y, x, intercept=intercept, **ours)  # type: ignore[arg-type]
    other = sm.OLS(y, sm.add_constant(x) if intercept else x).fit(use_t=True, **theirs)
    np.testing.assert_allclose(found.coefficients, other.params, rtol=1e-10)
    np.testing.assert_allclose(found.standard_errors, other.bse, rtol=1e-9)
    np.testing.assert_allclose(found.t_statistics, other.tvalues, rtol=1e-8)
    np.testing.assert_allclose(found.p_values, other.pvalues, rtol=1e-6, atol=1e-14)
    assert found.r_squared == pytest.approx(other.rsquared, rel=1e-12)
    assert found.adjusted_r_squared == pytest.approx(other.rsquared_adj, rel=1e-12)
    assert found.residual_deviation == pytest.approx(math.sqrt(other.mse_resid), rel=1e-12)


def test_clusters_as_statsmodels() -> None:
    import statsmodels.api as sm

    y, x = sample()
    firms, years = np.arange(300) // 10, np.arange(300) % 10
    one = regress(y, x, covariance="cluster", groups=[firms])
    fit = sm.OLS(y, sm.add_constant(x))
    other = fit.fit(cov_type="cluster", cov_kwds={"groups": firms})
    np.testing.assert_allclose(one.standard_errors, other.bse, rtol=1e-9)
    words = np.array([f"firm {number}" for number in firms])
    again = regress(y, x, covariance="cluster", groups=[words])
    np.testing.assert_allclose(again.standard_errors, one.standard_errors, rtol=1e-14)
    two = regress(y, x, covariance="cluster", groups=[firms, years])
    other = fit.fit(cov_type="cluster", cov_kwds={"groups": np.column_stack([firms, years])})
    np.testing.assert_allclose(two.standard_errors, other.bse, rtol=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 12), st.integers(20, 60), st.integers(0, 2**31))
def test_the_running_sum_is_the_weighted_sum(lags: int, count: int, seed: int) -> None:
    """Bartlett's definition, lag by lag."""
    scores = np.random.default_rng(seed).normal(size=(count, 3))
    plain = scores.T @ scores
    for lag in range(1, lags + 1):
        gamma = scores[lag:].T @ scores[:-lag]
        plain += (1 - lag / (lags + 1)) * (gamma + gamma.T)
    found = bartlett(scores.T, lags)
    np.testing.assert_allclose(found, plain, atol=1e-11)
    assert np.linalg.eigvalsh(found).min() > -1e-10


def test_rows_without_a_value_are_left_out() -> None:
    y, x = sample()
    y[7] = np.nan
    x[11, 1] = np.inf
    kept = np.ones(300, dtype=bool)
    kept[[7, 11]] = False
    found, direct = regress(y, x), regress(y[kept], x[kept])
    np.testing.assert_array_equal(found.coefficients, direct.coefficients)
    assert (found.used == kept).all()
    assert found.observations == 298


def test_far_from_zero_is_as_exact() -> None:
    y, x = sample()
    near, far = regress(y, x), regress(y, x + 1e7)
    np.testing.assert_allclose(
        far.coefficients[1:], near.coefficients[1:], rtol=1e-7
    )  # data keep 9 digits there
    np.testing.assert_allclose(far.standard_errors[1:], near.standard_errors[1:], rtol=1e-7)


def test_refusals_say_what_is_wrong() -> None:
    y, x = sample()
    with pytest.raises(ValueError, match="factor 2 is constant"):
        regress(y, np.column_stack([x[:, 0], np.full(300, 1e4)]))
    with pytest.raises(ValueError, match="factor 3 is a combination"):
        regress(y, np.column_stack([x[:, :2], x[:, 0] - 2 * x[:, 1]]))
    with pytest.raises(ValueError, match="do not determine"):
        regress(y[:3], x[:3])
    with pytest.raises(ValueError, match="same days"):
        regress(y[:-1], x)


def test_lags_by_the_rule() -> None:
    assert [newey_west_lags(count) for count in (0, 100, 120, 252, 2520)] == [0, 4, 4, 4, 8]


def test_moments_of_nothing_and_of_a_constant() -> None:
    assert math.isnan(moments([]).mean)
    one = moments([2.0, 2.0, np.nan, 2.0])
    assert (one.observations, one.mean, one.deviation) == (3, 2.0, 0.0)
    assert math.isnan(one.autocorrelation)

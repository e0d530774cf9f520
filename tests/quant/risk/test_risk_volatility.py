"""Filters against their slow twins; GARCH against arch; unit roots against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest

from engine.quant import risk


def test_filters_against_loops() -> None:
    r = np.random.default_rng(1).normal(0, 0.01, 200)
    h, weight, total = [0.0], 0.0, 0.0
    for value in r:
        total, weight = 0.94 * total + 0.06 * value**2, 0.94 * weight + 0.06
        h.append(total / weight)
    np.testing.assert_allclose(risk.ewma_variances(r), h, rtol=1e-11)
    g = [1e-6 + 0.98 * 1e-4]
    for value in r:
        g.append(risk.garch_step(g[-1], value, 1e-6, 0.08, 0.9))
    np.testing.assert_allclose(risk.garch_variances(r, 1e-6, 0.08, 0.9, 1e-4), g, rtol=1e-11)
    assert risk.ewma_variances(np.column_stack([r, 2 * r]))[-1, 1] == pytest.approx(4 * h[-1])


def simulated(n: int = 3000) -> np.ndarray:
    rng, h, found = np.random.default_rng(2), 1e-4, []
    for _ in range(n):
        e = np.sqrt(h) * rng.standard_normal()
        found.append(0.0005 + e)
        h = 2e-6 + 0.1 * e * e + 0.88 * h
    return np.array(found)


def test_garch_against_arch() -> None:
    from arch import arch_model

    r = simulated()
    fit = risk.fit_garch(r)
    scaled = r / r.std()
    theirs = arch_model(scaled, rescale=False).fit(disp="off", backcast=float(np.var(scaled)))
    assert fit.alpha == pytest.approx(theirs.params["alpha[1]"], rel=5e-3)
    assert fit.beta == pytest.approx(theirs.params["beta[1]"], rel=5e-3)
    forecast = theirs.forecast(horizon=1).variance.to_numpy()[-1, 0] * r.std() ** 2
    assert fit.forecast == pytest.approx(forecast, rel=5e-3)
    assert fit.persistence == pytest.approx(0.98, abs=0.03)
    assert fit.standardised.std() == pytest.approx(1.0, abs=0.02)
    quick = risk.fit_garch(r, exact=False)
    assert fit.log_likelihood >= quick.log_likelihood - 1e-6
    assert np.isnan(quick.standard_errors).all()


def test_garch_does_not_depend_on_units() -> None:
    one, hundred = risk.fit_garch(simulated(800)), risk.fit_garch(simulated(800) * 100)
    assert hundred.alpha == pytest.approx(one.alpha, rel=1e-6)
    assert hundred.omega == pytest.approx(one.omega * 1e4, rel=1e-6)
    with pytest.raises(ValueError, match="never move"):
        risk.fit_garch(np.full(200, 0.01))
    with pytest.raises(ValueError, match="no long run"):
        risk.garch_long_run(1e-6, 0.2, 0.8)


def test_unit_roots_against_statsmodels() -> None:
    import warnings

    from statsmodels.tsa.stattools import adfuller
    from statsmodels.tsa.stattools import kpss as their_kpss

    walk = np.cumsum(np.random.default_rng(4).normal(0, 1, 400))
    ours = risk.augmented_dickey_fuller(walk, lags=3)
    theirs = adfuller(walk, maxlag=3, autolag=None, result_object=False)
    assert ours.statistic == pytest.approx(theirs[0], rel=1e-9)
    assert ours.p_value == pytest.approx(theirs[1], rel=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        level = their_kpss(walk, "c", nlags=12)
    assert risk.kpss(walk, lags=12).statistic == pytest.approx(level[0], rel=1e-9)
    assert risk.kpss(walk).p_value < 0.05
    assert risk.augmented_dickey_fuller(np.diff(walk)).p_value < 1e-6

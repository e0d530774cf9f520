"""Each Greek against the complex step, or central differences of one that the complex step has verified."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import erf

from engine.quant.options import (
    Greeks,
    bachelier,
    bachelier_greeks,
    black76,
    black76_greeks,
    bsm,
    bsm_greeks,
    bsm_sensitivities,
    garman_kohlhagen_greeks,
)

RNG = np.random.default_rng(5)
N = 200
KIND = np.where(RNG.random(N) < 0.5, 1.0, -1.0)
POINT = {
    "spot": RNG.uniform(60, 150, N),
    "strike": np.full(N, 100.0) * RNG.uniform(0.9, 1.1, N),
    "years": RNG.uniform(0.05, 3.0, N),
    "rate": RNG.uniform(-0.02, 0.1, N),
    "dividend_yield": RNG.uniform(-0.01, 0.08, N),
    "volatility": RNG.uniform(0.08, 0.8, N),
}
FOUND = bsm_greeks(KIND, **POINT)
FIRST = [
    ("delta", "spot", 1), ("vega", "volatility", 1), ("theta", "years", -1), ("rho", "rate", 1),
    ("dividend_rho", "dividend_yield", 1), ("dual_delta", "strike", 1),
]  # fmt: skip
SECOND = [
    ("gamma", "delta", "spot", 1), ("vanna", "delta", "volatility", 1), ("volga", "vega", "volatility", 1),
    ("charm", "delta", "years", -1), ("veta", "vega", "years", -1), ("vera", "rho", "volatility", 1),
    ("delta_rho", "delta", "rate", 1), ("rho_convexity", "rho", "rate", 1), ("theta_rho", "theta", "rate", 1),
    ("theta_theta", "theta", "years", -1), ("speed", "gamma", "spot", 1), ("color", "gamma", "years", -1),
    ("zomma", "gamma", "volatility", 1), ("ultima", "volga", "volatility", 1),
    ("dual_gamma", "dual_delta", "strike", 1),
]  # fmt: skip


def analytic(spot, strike, years, rate, dividend_yield, volatility):
    """The formula over complex numbers: slow, obvious, and not the library's."""
    s = volatility * np.sqrt(years)
    d1 = (np.log(spot / strike) + (rate - dividend_yield + volatility**2 / 2) * years) / s

    def normal(z):
        return 0.5 * (1.0 + erf(KIND * z / math.sqrt(2.0)))

    owed = strike * np.exp(-rate * years)
    return KIND * (spot * np.exp(-dividend_yield * years) * normal(d1) - owed * normal(d1 - s))


@pytest.mark.parametrize(("greek", "by", "sign"), FIRST)
def test_first_order_by_complex_step(greek, by, sign):
    step = 1e-30
    wanted = sign * analytic(**{**POINT, by: POINT[by] + 1j * step}).imag / step
    np.testing.assert_allclose(getattr(FOUND, greek), wanted, rtol=1e-10, atol=1e-11 * np.abs(wanted).max())


@pytest.mark.parametrize(("greek", "of", "by", "sign"), SECOND)
def test_higher_orders_by_differences_of_the_order_below(greek, of, by, sign):
    step = 2e-4 * (POINT[by] if by not in ("rate", "dividend_yield") else np.full(N, 0.5))

    def moved(times):
        return getattr(bsm_greeks(KIND, **{**POINT, by: POINT[by] + times * step}), of)

    wanted = (
        sign * (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * step)
    )  # error of fourth order
    np.testing.assert_allclose(getattr(FOUND, greek), wanted, rtol=2e-6, atol=2e-8 * np.abs(wanted).max())


def test_the_quick_half_is_the_same():
    quick = bsm_sensitivities(KIND, **POINT)
    for name in ("price", "delta", "gamma", "vega", "theta", "rho"):
        np.testing.assert_allclose(getattr(quick, name), getattr(FOUND, name), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(FOUND.price, bsm(KIND, **POINT), rtol=1e-12, atol=1e-13)


def test_the_pricing_equation_holds():
    r, q, s, v = (POINT[name] for name in ("rate", "dividend_yield", "spot", "volatility"))
    left = FOUND.theta + (r - q) * s * FOUND.delta + 0.5 * (v * s) ** 2 * FOUND.gamma
    np.testing.assert_allclose(left, r * FOUND.price, atol=1e-11)


@pytest.mark.parametrize(
    ("model", "greeks", "scale"), [(black76, black76_greeks, 1.0), (bachelier, bachelier_greeks, 1e2)]
)
def test_greeks_of_forwards_by_differences(model, greeks, scale):
    kind, f, x, t, v, r = 1.0, 103.0, 100.0, 0.7, 0.3 * scale, 0.04
    found = greeks(kind, f, x, t, v, r)

    def price(f=f, x=x, t=t, v=v, r=r):
        return float(model(kind, f, x, t, v, math.exp(-r * t)))

    def slope(of, name, h):
        value = {"f": f, "x": x, "t": t, "v": v, "r": r}[name]
        return (of(**{name: value + h}) - of(**{name: value - h})) / (2 * h)

    def greek(name):
        return lambda f=f, x=x, t=t, v=v, r=r: float(getattr(greeks(kind, f, x, t, v, r), name))

    h = {"f": 1e-3, "x": 1e-3, "t": 1e-5, "v": 1e-5 * scale, "r": 1e-5}
    pairs = [("delta", price, "f", 1), ("vega", price, "v", 1), ("theta", price, "t", -1), ("rho", price, "r", 1),
             ("dual_delta", price, "x", 1)]  # fmt: skip
    pairs += [
        (g, greek(of), by[0], sign) for g, of, by, sign in SECOND if by not in ("rate", "spot", "years")
    ]
    pairs += [(g, greek(of), {"spot": "f", "rate": "r", "years": "t"}[by], sign) for g, of, by, sign in SECOND
              if by in ("rate", "spot", "years")]  # fmt: skip
    for name, of, by, sign in pairs:
        to = "x" if name == "dual_gamma" else by
        assert getattr(found, name) == pytest.approx(sign * slope(of, to, h[to]), rel=1e-5, abs=1e-9), name
    assert found.dividend_rho == 0.0
    assert isinstance(garman_kohlhagen_greeks(1, 1.1, 1.1, 1, 0.05, 0.03, 0.1), Greeks)


def test_limits_at_expiry_and_without_volatility():
    at = bsm_greeks([1, 1, 1], 100.0, [90.0, 100.0, 110.0], 0.0, 0.05, 0.0, 0.2)
    np.testing.assert_array_equal(at.delta, [1.0, 0.5, 0.0])
    np.testing.assert_array_equal(at.gamma, [0.0, np.inf, 0.0])
    np.testing.assert_array_equal(at.vega, 0.0)
    np.testing.assert_array_equal(at.theta, [-0.05 * 90.0, -np.inf, 0.0])
    still = bsm_greeks(-1, 100.0, [90.0, 120.0], 1.0, 0.05, 0.01, 0.0)
    np.testing.assert_allclose(still.delta, [0.0, -math.exp(-0.01)])
    for name in Greeks.__dataclass_fields__:
        if name != "elasticity":
            assert np.isfinite(getattr(still, name)).all(), name
    tiny = bsm_greeks(1, 100.0, [1e-3, 1e5], 1e-9, -0.05, 0.0, 1e-3)
    np.testing.assert_array_equal(tiny.delta, [1.0, 0.0])

"""SVI fits beside scipy's and QuantLib's, and SSVI of a chain of 1,000 quotes with its arbitrage checks.

Every side fits the same smiles: 40 noisy quotes an expiry. Sides are run in turn, one smile (or batch) after the
other, and must come to the same least squares first. QuantLib weighs nothing and fits volatilities; the others total
variances.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np
import QuantLib as ql
import scipy
from scipy.optimize import least_squares

from engine.quant import surface
from engine.quant.surface import RawSvi, Ssvi, check_arbitrage, fit_ssvi, fit_svi, ssvi_total_variance

SMILES, QUOTES, YEARS = 60, 40, 0.5
ROUNDS = 5


def smiles(seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Log-moneyness and total variance of 60 expiries, with 1% noise."""
    rng = np.random.default_rng(seed)
    low, high = np.array([0.01, 0.05, -0.8, -0.1, 0.1]), np.array([0.04, 0.3, 0.2, 0.1, 0.4])
    raw = RawSvi(*rng.uniform(low[:, None], high[:, None], (5, SMILES)))
    k = np.sort(rng.uniform(-0.5, 0.5, (SMILES, QUOTES)), axis=1)
    return k, surface.svi_total_variance(k, raw.column) * (1 + 0.01 * rng.standard_normal(k.shape))


def by_scipy(k: np.ndarray, w: np.ndarray) -> float:
    """Half the sum of squares of a trust-region fit with the analytic Jacobian."""

    def residual(p: np.ndarray) -> np.ndarray:
        x = k - p[3]
        return p[0] + p[1] * (p[2] * x + np.sqrt(x * x + p[4] ** 2)) - w

    def jacobian(p: np.ndarray) -> np.ndarray:
        x = k - p[3]
        root = np.sqrt(x * x + p[4] ** 2)
        columns = (np.ones_like(x), p[2] * x + root, p[1] * x, -p[1] * (p[2] + x / root), p[1] * p[4] / root)
        return np.stack(columns, axis=1)

    start = np.array([w.min() * 0.5, 0.1, -0.3, 0.0, 0.2])
    bounds = ([-1.0, 0.0, -0.999, -2.0, 1e-4], [1.0, 2.0, 0.999, 2.0, 5.0])
    return float(
        least_squares(residual, start, jacobian, bounds=bounds, xtol=1e-12, ftol=1e-12, gtol=1e-12).cost
    )


def by_quantlib(k: np.ndarray, w: np.ndarray) -> float:
    """Root mean squared error, in volatility, of QuantLib's own SVI smile section."""
    today = ql.Date(1, 6, 2026)
    ql.Settings.instance().evaluationDate = today
    vols = np.sqrt(w / YEARS)
    section = ql.SviInterpolatedSmileSection(
        today + round(YEARS * 365), 100.0, [float(v) for v in 100 * np.exp(k)], False,
        float(np.interp(0.0, k, vols)), [float(v) for v in vols], 0.02, 0.1, 0.2, -0.3, 0.0,
        False, False, False, False, False, False,
    )  # fmt: skip
    return float(section.rmsError())


def ours_rmse(k: np.ndarray, w: np.ndarray) -> float:
    fit = fit_svi(k, w, 1.0 / (2.0 * np.sqrt(w * YEARS)), butterflies=True)
    return float(np.sqrt(np.mean((np.sqrt((w + fit.residuals[0]) / YEARS) - np.sqrt(w / YEARS)) ** 2)))


def chain(expiries: int = 20, each: int = 50) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """k, noisy total variance, weights and years of 1,000 quotes."""
    rng = np.random.default_rng(2)
    years = np.geomspace(0.02, 2.5, expiries)
    true = Ssvi(0.25**2 * years * (1 + 0.1 * np.exp(-years)), -0.6, 1.1, 0.42)
    k = np.sort(rng.uniform(-2.5, 2.0, (expiries, each)), axis=1) * np.sqrt(true.theta)[:, None]
    w = ssvi_total_variance(k, true.theta[:, None], true.rho, true.eta, true.gamma)
    w = w * (1 + 0.02 * rng.standard_normal(w.shape))
    return k, w, 1.0 / (2.0 * np.sqrt(w * years[:, None]) * 0.005), years


def checked(k: np.ndarray, w: np.ndarray, weight: np.ndarray, years: np.ndarray) -> None:
    fit = fit_ssvi(k, w, weight)
    assert fit.conditions.free
    assert check_arbitrage(fit.ssvi.raw, years).free.all()


def seconds(work: Callable[[], object]) -> float:
    """Of the processor, not of the wall: all sides are one thread, and others work on the machine."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    k, w = smiles()
    for row in range(SMILES):  # the same minimum first
        cost, other = fit_svi(k[row], w[row], butterflies=True).cost[0], by_scipy(k[row], w[row])
        assert cost <= other * (1 + 1e-6), (row, cost, other)
    worse = [by_quantlib(k[row], w[row]) / ours_rmse(k[row], w[row]) for row in range(SMILES)]
    sides: dict[str, tuple[int, Callable[[], object]]] = {
        "ours, all expiries at once": (SMILES, lambda: fit_svi(k, w, butterflies=True)),
        "ours, at once, without butterflies": (SMILES, lambda: fit_svi(k, w)),
        "ours, one at a time": (
            SMILES,
            lambda: [fit_svi(k[r], w[r], butterflies=True) for r in range(SMILES)],
        ),
        "scipy least_squares, analytic Jacobian": (
            SMILES,
            lambda: [by_scipy(k[r], w[r]) for r in range(SMILES)],
        ),
        "QuantLib SviInterpolatedSmileSection": (
            SMILES,
            lambda: [by_quantlib(k[r], w[r]) for r in range(SMILES)],
        ),
    }
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, (_, work) in sides.items():
            times[name].append(seconds(work))
    print(f"numpy {np.__version__}, scipy {scipy.__version__}, QuantLib {ql.__version__}")
    for name, (count, _) in sides.items():
        print(f"{name}: {count / median(times[name]):,.0f} fits a second")
    print(f"QuantLib's error / ours: median {median(worse):.3f}, most {max(worse):.3f}")
    inputs = chain()
    checked(*inputs)
    fits, both = [], []
    for _ in range(21):
        fits.append(seconds(lambda: fit_ssvi(*inputs[:3])))
        both.append(seconds(lambda: checked(*inputs)))
    print(
        f"SSVI of 1,000 quotes: fit {median(fits) * 1e3:.1f} ms, fit and checks {median(both) * 1e3:.1f} ms"
    )


if __name__ == "__main__":
    main()

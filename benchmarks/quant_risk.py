"""Risk beside arch, pandas, scikit-learn and statsmodels.

Both sides get the same arrays, run alternately in one process at one BLAS thread, and must agree before they are
timed; medians of ``ROUNDS``.

    python -m benchmarks quant_risk
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np

from engine.quant import risk

DAYS, SYMBOLS, WINDOW, ROUNDS = 2520, 500, 250, 5
Row = tuple[str, float, float, str]  # what, seconds ours, seconds theirs, in words


def timed(ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, float]:
    """Medians, alternating, each warmed up once."""
    one: list[float] = []
    other: list[float] = []
    ours()
    theirs()
    for _ in range(rounds):
        for call, kept in ((ours, one), (theirs, other)):
            start = time.perf_counter()
            call()
            kept.append(time.perf_counter() - start)
    return statistics.median(one), statistics.median(other)


def returns(k: int = SYMBOLS) -> np.ndarray:
    rng = np.random.default_rng(1)
    common = rng.standard_t(5, (DAYS, 1)) * 0.008
    return common + rng.standard_t(5, (DAYS, k)) * 0.01


def garch() -> list[Row]:
    from arch import arch_model
    from arch.univariate.recursions import garch_recursion

    r = returns(1)[:, 0]
    residuals = r - r.mean()
    start = float(np.mean(residuals**2))
    parameters, bounds = np.array([2e-6, 0.08, 0.9]), np.tile([1e-12, 1e6], (DAYS, 1))

    def theirs() -> np.ndarray:
        out = np.empty(DAYS)
        garch_recursion(parameters, residuals**2, np.sign(residuals), out, 1, 0, 1, DAYS, start, bounds)
        return out

    def ours() -> np.ndarray:
        return risk.garch_variances(residuals, *parameters, start)

    np.testing.assert_allclose(ours()[:-1], theirs(), rtol=1e-9)
    rows: list[Row] = [("GARCH filter, 2,520 days: arch's recursion", *timed(ours, theirs, 50), "")]
    unit = r / r.std()

    def fit() -> Any:
        return arch_model(unit, rescale=False).fit(
            disp="off", backcast=float(np.var(unit)), show_warning=False
        )

    exact = risk.fit_garch(r)
    assert abs(fit().params["alpha[1]"] - exact.alpha) < 0.02
    note = "ours: arch, then Newton to ten digits and exact standard errors"
    return [*rows, ("GARCH fit: arch alone", *timed(lambda: risk.fit_garch(r), fit), note)]


def tails() -> list[Row]:
    import pandas as pd

    r = returns(1)[:, 0]
    frame = pd.Series(r)

    def theirs() -> Any:
        return frame.rolling(WINDOW).quantile(0.01)

    def ours() -> Any:
        return risk.rolling_risk(r, "historical", 0.99, window=WINDOW)

    np.testing.assert_allclose(
        -ours().value_at_risk[WINDOW:], theirs().to_numpy()[WINDOW - 1 : -1], rtol=1e-9
    )
    note = "ours: shortfall too; theirs: value at risk alone"
    rows: list[Row] = [("rolling historical, 2,270 windows: pandas", *timed(ours, theirs), note)]

    def applied() -> Any:
        return frame.rolling(WINDOW).apply(lambda x: x[x <= np.quantile(x, 0.01)].mean(), raw=True)

    return [*rows, ("the same with shortfall: pandas apply", *timed(ours, applied, 2), "")]


def matrices() -> list[Row]:
    import pandas as pd
    from statsmodels.stats.correlation_tools import corr_nearest

    x = returns()
    frame = pd.DataFrame(x)

    def ewma() -> np.ndarray:
        return risk.ewma_covariance(x).matrix

    def theirs() -> np.ndarray:
        # pandas has no EWMA of the last day alone without means: its weights, applied by numpy
        w = 0.94 ** np.arange(DAYS - 1, -1, -1)
        return np.einsum("t,ti,tj->ij", w / w.sum(), x, x, optimize=True)

    np.testing.assert_allclose(ewma(), theirs(), rtol=1e-8, atol=1e-14)
    rows: list[Row] = [("EWMA covariance, 500: numpy einsum", *timed(ewma, theirs), "")]

    def spearman() -> np.ndarray:
        return risk.correlations(x, "spearman").matrix

    np.testing.assert_allclose(spearman(), frame.corr("spearman").to_numpy(), atol=1e-9)
    rows.append(
        (
            "Spearman with p and intervals, 500: pandas",
            *timed(spearman, lambda: frame.corr("spearman"), 2),
            "",
        )
    )
    shifted = np.clip(risk.correlations(x[:, :60]).matrix - 0.45, -1, 1)
    np.fill_diagonal(shifted, 1.0)
    ours_, theirs_ = risk.nearest_correlation(shifted), corr_nearest(shifted, threshold=1e-15, n_fact=200)
    far = [float(np.linalg.norm(each - shifted)) for each in (ours_, theirs_)]
    note = f"Frobenius distance ours {far[0]:.4f}, theirs {far[1]:.4f}"
    pair = timed(lambda: risk.nearest_correlation(shifted), lambda: corr_nearest(shifted, n_fact=200), 1)
    return [*rows, ("nearest correlation, 60: statsmodels", *pair, note)]


def copulas() -> list[Row]:
    from statsmodels.distributions.copula.api import GaussianCopula, StudentTCopula

    x = returns(10)
    gaussian, student = risk.fit_copula(x), risk.fit_copula(x, "t")
    rows: list[Row] = []
    for name, fit, peer in (
        ("Gaussian", gaussian, GaussianCopula(gaussian.correlation, 10)),
        ("t", student, StudentTCopula(student.correlation, student.degrees, 10)),
    ):

        def theirs(peer: Any = peer) -> np.ndarray:
            u = peer.rvs(20_000, random_state=1)
            return np.column_stack([np.quantile(x[:, i], u[:, i]) for i in range(10)])

        def ours(fit: risk.Copula = fit) -> np.ndarray:
            return risk.copula_scenarios(x, copula=fit, simulations=20_000, seed=1)

        tails = [risk.sample_tail(-each().mean(axis=1), 0.99)[0] for each in (ours, theirs)]
        assert abs(tails[0] / tails[1] - 1) < 0.08
        rows.append((f"{name} copula, 20,000 x 10: statsmodels", *timed(ours, theirs), ""))
    return rows


def main() -> None:
    warnings.simplefilter("ignore")  # peers tell of iteration limits and of keywords to come
    print(
        f"numpy {np.__version__}", *(f"{p} {version(p)}" for p in ("scipy", "arch", "pandas", "statsmodels"))
    )
    print("| seconds | ours | theirs | theirs / ours | |\n|---|---:|---:|---:|---|")
    for what, ours, theirs, note in (*garch(), *tails(), *matrices(), *copulas()):
        print(f"| {what} | {ours:.5f} | {theirs:.5f} | {theirs / ours:.1f} | {note} |", flush=True)


if __name__ == "__main__":
    main()

"""Factor regressions of 500 symbols beside plain numpy, statsmodels, polars_ols and linearmodels.

Both sides get the same arrays, run alternately in one process at one BLAS thread, and must agree before they are
timed; medians of ``ROUNDS``. statsmodels' RollingOLS is timed on a few symbols and scaled to all (it takes minutes),
as is linearmodels where it takes seconds. Peers that are not installed are left out and named.

    python -m benchmarks quant_factors
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np

from engine.quant import factors

DAYS, SYMBOLS, FACTORS, WINDOW, ROUNDS = 2520, 500, 5, 252, 5
Row = tuple[str, float, float, str]  # what, seconds ours, seconds theirs, how theirs was measured


def market(seed: int = 1, level: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(0.0, 0.01, (DAYS, FACTORS))
    y = x @ rng.normal(0.5, 0.5, (FACTORS, SYMBOLS)) + rng.normal(0.0, 0.02, (DAYS, SYMBOLS))
    return y, x + level


def timed(ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, float]:
    """Medians, alternating."""
    one, other = [], []
    ours()
    for _ in range(rounds):
        for call, kept in ((ours, one), (theirs, other)):
            start = time.perf_counter()
            call()
            kept.append(time.perf_counter() - start)
    return statistics.median(one), statistics.median(other)


def running_sums(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The bar: numpy's cumulative sums of products about the first window's means, differenced; betas only."""
    design = np.column_stack([np.ones(len(x)), x - x[:WINDOW].mean(axis=0)])
    moved = y - y[:WINDOW].mean(axis=0)

    def over(values: np.ndarray) -> np.ndarray:
        sums = np.cumsum(values, axis=0)
        sums[WINDOW:] -= sums[:-WINDOW].copy()
        return sums[WINDOW - 1 :]

    gram = over(design[:, :, None] * design[:, None, :])
    cross = over(design[:, :, None] * moved[:, None, :])
    return np.linalg.solve(gram, cross)[:, 1:].transpose(0, 2, 1)


def worst(y: np.ndarray, x: np.ndarray, found: np.ndarray, picks: int = 200) -> float:
    """Largest difference of a loading from the window's own QR."""
    rng, most = np.random.default_rng(0), 0.0
    for row, symbol in zip(
        rng.integers(WINDOW - 1, DAYS, picks), rng.integers(0, SYMBOLS, picks), strict=True
    ):
        begin = row - WINDOW + 1
        direct = factors.regress(y[begin : row + 1, symbol], x[begin : row + 1])
        most = max(most, float(np.abs(direct.coefficients[1:] - found[row - len(y), symbol]).max()))
    return most


def rolling() -> list[Row]:
    y, x = market()
    ours = lambda: factors.rolling_loadings(y, x, WINDOW)  # noqa: E731
    found = ours()
    for level in (0.0, 1e4):
        far_y, far_x = market(level=level)
        far_y, scaled = far_y * 100.0, (far_x - level) * 100.0 + level  # factors that move by 1 at 10^4
        error = worst(far_y, scaled, factors.rolling_loadings(far_y, scaled, WINDOW).betas)
        plain = worst(far_y, scaled, running_sums(far_y, scaled))
        print(
            f"worst loading against its window's QR, factors at {level:g}: ours {error:.1e}, numpy sums {plain:.1e}"
        )
        assert error < 1e-10
    assert np.abs(running_sums(y, x) - found.betas[WINDOW - 1 :]).max() < 1e-9
    rows = [("rolling: numpy running sums, betas only", *timed(ours, lambda: running_sums(y, x)), "")]
    if find_spec("statsmodels"):
        rows.append(_rolling_statsmodels(y, x, ours, found))
    if find_spec("polars_ols"):
        rows.append(_rolling_polars(y, x, ours, found))
    gaps = y.copy()
    gaps[np.random.default_rng(3).random(y.shape) < 0.01] = np.nan
    once = [time.perf_counter()]
    factors.rolling_loadings(gaps, x, WINDOW, least=200)
    print(f"rolling, every symbol with gaps: {time.perf_counter() - once[0]:.2f} s")
    return rows


def _rolling_statsmodels(y: np.ndarray, x: np.ndarray, ours: Callable[[], Any], found: Any) -> Row:
    from statsmodels.regression.rolling import RollingOLS
    from statsmodels.tools import add_constant

    design, few = add_constant(x), 4
    fit = RollingOLS(y[:, 0], design, window=WINDOW).fit()
    assert np.abs(fit.params[WINDOW - 1 :, 1:] - found.betas[WINDOW - 1 :, 0]).max() < 1e-9
    assert np.abs(fit.bse[WINDOW - 1 :, 1:] - found.beta_errors[WINDOW - 1 :, 0]).max() < 1e-9

    def theirs() -> None:
        for symbol in range(few):
            RollingOLS(y[:, symbol], design, window=WINDOW).fit()

    one, other = timed(ours, theirs, 3)
    return "rolling: statsmodels RollingOLS", one, other * SYMBOLS / few, f"{few} symbols, scaled"


def _rolling_polars(y: np.ndarray, x: np.ndarray, ours: Callable[[], Any], found: Any) -> Row:
    import polars as pl
    import polars_ols  # noqa: F401

    names = [f"x{place}" for place in range(FACTORS)]
    long = pl.DataFrame(
        {
            "symbol": np.repeat(np.arange(SYMBOLS), DAYS), "y": y.T.ravel(),
            **{name: np.tile(x[:, place], SYMBOLS) for place, name in enumerate(names)},
        }
    )  # fmt: skip
    fit = pl.col("y").least_squares.rolling_ols(  # type: ignore[attr-defined]
        *names, window_size=WINDOW, add_intercept=True, mode="coefficients"
    )

    def theirs() -> pl.DataFrame:
        return long.select("symbol", fit.over("symbol").alias("b"))

    first = theirs().filter(pl.col("symbol") == 0).unnest("b").select(names).to_numpy()
    assert np.nanmax(np.abs(first[WINDOW:] - found.betas[WINDOW:, 0])) < 1e-6
    return "rolling: polars_ols", *timed(ours, theirs, 3), "betas only"


def newey_west() -> list[Row]:
    y, x = market()
    lags = factors.newey_west_lags(DAYS)
    ours = lambda: factors.loadings(y, x, errors="newey-west", lags=lags)  # noqa: E731
    design = np.column_stack([np.ones(DAYS), x])

    def plain() -> np.ndarray:
        """numpy, lag by lag for all symbols at once."""
        bread = np.linalg.inv(design.T @ design)
        residuals = y - design @ (bread @ (design.T @ y))
        scores = (design.T[None] * residuals.T[:, None, :]).copy()
        meat = scores @ scores.transpose(0, 2, 1)
        for lag in range(1, lags + 1):
            gamma = scores[:, :, lag:] @ scores[:, :, :-lag].transpose(0, 2, 1)
            meat += (1 - lag / (lags + 1)) * (gamma + gamma.transpose(0, 2, 1))
        variance = np.diagonal(bread @ meat @ bread, axis1=1, axis2=2)
        return np.sqrt(variance * DAYS / (DAYS - FACTORS - 1))

    found = ours()
    assert np.abs(plain() / found.standard_errors - 1).max() < 1e-8
    rows = [("Newey-West: numpy, lag by lag", *timed(ours, plain), "")]
    if find_spec("statsmodels"):
        import statsmodels.api as sm

        def theirs() -> list[Any]:
            return [
                sm.OLS(y[:, symbol], design).fit(
                    cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}
                ).bse
                for symbol in range(SYMBOLS)
            ]  # fmt: skip

        assert np.abs(np.array(theirs()) / found.standard_errors - 1).max() < 1e-8
        rows.append(("Newey-West: statsmodels OLS, HAC", *timed(ours, theirs, 3), ""))
    return rows


def cross_sections() -> list[Row]:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(DAYS, SYMBOLS, 3)), rng.normal(0.0, 0.02, (DAYS, SYMBOLS))
    ours = lambda: factors.fama_macbeth(y, x, lag=0, lags=5)  # noqa: E731

    def plain() -> np.ndarray:
        """numpy: batched normal equations, and the deviation of the premia."""
        design = np.concatenate([np.ones((DAYS, SYMBOLS, 1)), x], axis=2)
        across = design.transpose(0, 2, 1)
        premia = np.linalg.solve(across @ design, across @ y[:, :, None])[:, :, 0]
        return np.asarray(premia.mean(axis=0))

    found = ours()
    assert np.abs(plain() - found.mean).max() < 1e-12
    rows = [("Fama-MacBeth: numpy normal equations", *timed(ours, plain), "")]
    if find_spec("linearmodels"):
        import pandas as pd
        from linearmodels.panel import FamaMacBeth

        index = pd.MultiIndex.from_product([range(SYMBOLS), pd.date_range("2010-01-01", periods=DAYS)])
        design = np.column_stack([np.ones(DAYS * SYMBOLS), x.transpose(1, 0, 2).reshape(-1, 3)])
        exog = pd.DataFrame(design, index=index, columns=["const", "a", "b", "c"])
        endog = pd.Series(y.T.ravel(), index=index, name="y")
        theirs = lambda: FamaMacBeth(endog, exog).fit(cov_type="kernel", bandwidth=5)  # noqa: E731
        assert np.abs(theirs().params.to_numpy() - found.mean).max() < 1e-12
        rows.append(("Fama-MacBeth: linearmodels", *timed(ours, theirs, 3), "kernel covariance"))
    return rows


def main() -> None:
    names = ("numpy", "scipy", "statsmodels", "polars", "polars_ols", "linearmodels")
    told = [
        f"{name} {version(name.replace('_', '-'))}" if find_spec(name) else f"{name} absent" for name in names
    ]
    print(
        f"{DAYS} days x {SYMBOLS} symbols, {FACTORS} factors, windows of {WINDOW}; one thread; {', '.join(told)}\n"
    )
    rows = [*rolling(), *newey_west(), *cross_sections()]
    print("\n| against | ours, s | theirs, s | theirs / ours | |\n|---|---:|---:|---:|---|")
    for what, ours, theirs, how in rows:
        print(f"| {what} | {ours:.3f} | {theirs:.3f} | {theirs / ours:.1f} | {how} |")


if __name__ == "__main__":
    main()

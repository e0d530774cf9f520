"""Honest statistics of backtests beside purgedcv, arch and skfolio.

Both sides get the same arrays, run alternately in one process at one BLAS thread, and must agree before they are
timed; medians of ``ROUNDS``. What draws numbers of its own agrees within what its replications allow.

    python -m benchmarks backtest_honesty
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from engine.backtest import honesty

DAYS, ROUNDS = 2520, 3
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


def returns(k: int) -> np.ndarray:
    return np.random.default_rng(1).normal(0.0002, 0.01, (DAYS, k))


def overfitting() -> list[Row]:
    try:
        from purgedcv import probability_of_backtest_overfitting
    except ImportError:
        return []
    matrix = returns(50)

    def ours() -> honesty.Overfitting:
        return honesty.backtest_overfitting(matrix, 10)

    def theirs() -> Any:
        return probability_of_backtest_overfitting(matrix.T, n_splits=10)

    one, other = ours(), theirs()
    assert one.probability == other.pbo
    np.testing.assert_allclose(np.sort(one.logits), np.sort(other.logits))
    assert abs(one.slope - other.slope) < 1e-9
    words = f"probability {one.probability:.3f} both, logits to 1e-7"
    return [("PBO, 50 configurations, 10 blocks (purgedcv)", *timed(ours, theirs), words)]


def splits() -> list[Row]:
    from skfolio.model_selection import CombinatorialPurgedCV

    empty = np.zeros((DAYS, 1))

    def ours() -> honesty.CombinatorialSplits:
        return honesty.combinatorial_purged(honesty.label_spans(DAYS, horizon=5), 10, 3, 10)

    def theirs() -> Any:
        return list(
            CombinatorialPurgedCV(n_folds=10, n_test_folds=3, purged_size=5, embargo_size=10).split(empty)
        )

    for split, (train, tests) in zip(ours().splits, theirs(), strict=True):
        assert np.array_equal(split.train, train)
        assert np.array_equal(split.test, np.concatenate(tests))
    return [("CPCV, 10 groups, 3 tested: 120 splits (skfolio)", *timed(ours, theirs), "the same rows")]


def intervals() -> list[Row]:
    from arch.bootstrap import StationaryBootstrap

    from engine.backtest.honesty.intervals import HEADLINES, headline_figures

    values = returns(1)[:, 0]

    def ours() -> honesty.HeadlineIntervals:
        return honesty.headline_intervals(values, method="percentile", block=10, replications=1000)

    def theirs() -> np.ndarray:
        bootstrap = StationaryBootstrap(10, values, seed=3)

        def figures(rows: np.ndarray) -> np.ndarray:
            return np.array([each[0] for each in headline_figures(rows[:, None]).values()])

        return np.asarray(bootstrap.conf_int(figures, reps=1000, method="percentile"))

    found, other = ours(), theirs()
    for place, name in enumerate(HEADLINES):
        one = found.intervals[name]
        off = max(abs(one.low - other[0, place]), abs(one.high - other[1, place]))
        assert off < 0.5 * one.standard_error, name
    words = "1,000 replications each; ends within half a standard error"
    return [("five intervals of ten years, by blocks (arch, our figures)", *timed(ours, theirs), words)]


def superior() -> list[Row]:
    from arch.bootstrap import SPA

    values = returns(200)

    def ours() -> honesty.SuperiorAbility:
        return honesty.superior_ability(values, block=10, replications=1000)

    def theirs() -> Any:
        test = SPA(np.zeros(DAYS), -values, block_size=10, reps=1000, seed=3)
        test.compute()
        return test.pvalues

    one, other = ours(), theirs()
    assert abs(one.reality_check - other["upper"]) < 0.06
    words = (
        f"reality check {one.reality_check:.3f} and {other['upper']:.3f}; ours studentises SPA, arch does not"
    )
    return [("SPA of 200 strategies, 1,000 replications (arch)", *timed(ours, theirs), words)]


def alone() -> list[tuple[str, float]]:
    """What nobody here does beside us, in seconds."""
    wide, prices = returns(400), 100 * np.cumprod(1 + returns(50), axis=0)
    begin = np.arange(500) * 5
    calls: list[tuple[str, Callable[[], Any]]] = [
        ("PBO, 400 configurations, 16 blocks: 12,870 samples", lambda: honesty.backtest_overfitting(wide)),
        ("BCa intervals, 2,000 replications", lambda: honesty.headline_intervals(wide[:, 0])),
        ("clusters of 100 trials", lambda: honesty.independent_trials(wide[:, :100])),
        (
            "500 random entries in 50 symbols, 1,000 times",
            lambda: honesty.random_entry(prices, np.arange(500) % 50, begin, begin + 4),
        ),
        ("1,000 orders of 500 trades", lambda: honesty.trade_order(wide[:500, 0])),
    ]
    found = []
    for words, call in calls:
        call()
        start = time.perf_counter()
        call()
        found.append((words, time.perf_counter() - start))
    return found


def main() -> None:
    for package in ("numpy", "arch", "skfolio", "purgedcv"):
        try:
            print(f"{package} {version(package)}")
        except PackageNotFoundError:
            print(f"{package} is not installed: left out")
    for part in (overfitting, splits, intervals, superior):
        for what, one, other, words in part():
            print(f"{what}: {one:.4f} s, theirs {other:.4f} s, {other / one:.1f} times; {words}")
    for what, seconds in alone():
        print(f"{what}: {seconds:.3f} s")


if __name__ == "__main__":
    main()

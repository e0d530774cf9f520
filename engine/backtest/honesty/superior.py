"""Whether the best of many strategies beats the benchmark by more than searching would: reality check and SPA.

White (2000), "A reality check for data snooping", Econometrica 68(5); Hansen (2005), "A test for superior predictive
ability", Journal of Business & Economic Statistics 23(4). The null: no strategy has a higher mean than the benchmark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.backtest.honesty.resampling import Seed, block_length, stationary_rows

Floats: TypeAlias = NDArray[np.float64]
_CELLS = 2_000_000  # rows drawn at a time


@dataclass(frozen=True, slots=True, eq=False)
class SuperiorAbility:
    """P-values of the null that no strategy is better, and who came nearest to refuting it.

    ``reality_check``: White's, of means without studentisation. ``lower``, ``consistent``, ``upper``: Hansen's; his
    test is the consistent one, the others bound it. ``best``: the column of the largest t; ``t``: each one's, (k,).
    """

    reality_check: float
    lower: float
    consistent: float
    upper: float
    best: int
    t: Floats
    block: float
    replications: int


def superior_ability(
    returns: ArrayLike,
    benchmark: ArrayLike | float = 0.0,
    *,
    block: float | None = None,
    replications: int = 1000,
    seed: Seed = 0,
) -> SuperiorAbility:
    """Test all strategies tried against a benchmark, by the stationary bootstrap of their differences d = r - b.

    T = max(0, max_k sqrt(n) mean(d_k) / w_k), w_k**2 = R(0) + 2 sum kappa(i) R(i) the stationary bootstrap's own
    variance (Hansen 2005, section 3: kappa(i) = (n - i) / n (1 - p)**i + i / n (1 - p)**(n - i), p = 1 / block).
    Resampled means are centred by g(mean d): d's mean ("upper", White's), only where it is at least
    -w sqrt(2 ln ln n / n) ("consistent"), or max(0, it) ("lower"). A p-value is the share of resampled T above T.

    Parameters
    ----------
    returns : (n, k), all strategies tried, none missing
    benchmark : a number a period, or (n,)
    block : mean block length; where None the largest that Politis & White ask for among the differences
    replications, seed : of the bootstrap

    Raises
    ------
    ValueError
        A missing return, fewer than 20 periods, a benchmark of another length, or no difference that varies.
    """
    difference = _differences(returns, benchmark)
    if replications < 1 or (block is not None and not 1 <= block < np.inf):
        raise ValueError("A block has at least one row, and one replication is the least.")
    moves = np.ptp(difference, axis=0) > 0
    if not moves.any():
        raise ValueError(
            "No strategy differs from the benchmark by anything that varies: nothing can be tested."
        )
    length = float(block_length(difference[:, moves]).stationary.max()) if block is None else block
    size = max(1, _CELLS // len(difference))
    rng = np.random.default_rng(seed)
    drawn = (
        stationary_rows(len(difference), length, min(size, replications - done), rng)
        for done in range(0, replications, size)
    )
    return superiority(difference, length, drawn)


def _differences(returns: ArrayLike, benchmark: ArrayLike | float) -> Floats:
    columns = np.asarray(returns, dtype=np.float64)
    if columns.ndim != 2 or len(columns) < 20 or not columns.shape[1]:
        raise ValueError("Strategies are columns of a matrix (periods, strategies) of 20 periods or more.")
    beside = np.asarray(benchmark, dtype=np.float64)
    if beside.ndim and beside.shape != (len(columns),):
        raise ValueError(
            f"The benchmark has shape {beside.shape}; the strategies have {len(columns)} periods."
        )
    difference = columns - (beside[:, None] if beside.ndim else beside)
    if not np.isfinite(difference).all():
        raise ValueError("A return is missing: strategies and benchmark are compared over the same periods.")
    return difference


def superiority(difference: Floats, block: float, drawn: Iterator[NDArray[np.int64]]) -> SuperiorAbility:
    """The test over given resampled rows, batches of (replications, n)."""
    n, mean = len(difference), difference.mean(axis=0)
    deviation = np.sqrt(np.maximum(long_run_variance(difference, block), 0.0))
    root = np.sqrt(n)
    varies = (np.ptp(difference, axis=0) > 0) & (deviation > 0)
    divided = np.where(varies, deviation, np.inf)
    t = root * mean / divided
    near = mean >= -deviation * np.sqrt(2 * np.log(np.log(n)) / n)
    centres = np.maximum(mean, 0.0), np.where(near, mean, 0.0), mean
    observed, plain = max(0.0, float(t.max())), float(mean.max())
    above, count = np.zeros(4), 0
    for rows in drawn:
        means = _resampled(difference, rows)
        count += len(means)
        for place, centre in enumerate(centres):
            statistic = np.maximum((root * (means - centre) / divided).max(axis=1), 0.0)
            above[place] += (statistic > observed).sum()
        above[3] += ((means - mean).max(axis=1) > plain).sum()
    lower, consistent, upper, white = (float(each) for each in above / count)
    return SuperiorAbility(white, lower, consistent, upper, int(t.argmax()), t, float(block), count)


def _resampled(difference: Floats, rows: NDArray[np.int64]) -> Floats:
    """Means of resampled rows, as counts of each row times the differences: one product instead of a gather."""
    r, n = rows.shape
    counts = np.bincount((rows + np.arange(r)[:, None] * n).ravel(), minlength=r * n).reshape(r, n)
    return np.asarray(counts @ difference / n)


def long_run_variance(values: Floats, block: float) -> Floats:
    """n times the stationary bootstrap's variance of the mean, in closed form, of each column (k,)."""
    n, p = len(values), 1.0 / block
    centred = values - values.mean(axis=0)
    spectrum = np.fft.rfft(centred, 2 * n, axis=0)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2, 2 * n, axis=0)[:n] / n
    lags = np.arange(1, n)[:, None]
    kappa = (n - lags) / n * (1 - p) ** lags + lags / n * (1 - p) ** (n - lags)
    return np.asarray(covariance[0] + 2 * (kappa * covariance[1:]).sum(axis=0))

"""Bootstrap intervals of any figure of rows: sessions in blocks, or trades one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.backtest.honesty.intervals import Interval
from engine.backtest.honesty.resampling import Seed, block_length, stationary_rows

Floats: TypeAlias = NDArray[np.float64]
Figure: TypeAlias = Callable[[Floats], Floats]
_CELLS = 1_000_000  # resampled numbers held at a time


def resampled(
    rows: ArrayLike, figure: Figure, *, together: bool = True, replications: int = 1000, level: float = 0.95,
    seed: Seed = 0,
) -> Interval:  # fmt: skip
    """The percentile interval (Efron 1979) of a figure of rows (n, c), drawn anew with replacement.

    Parameters
    ----------
    figure : of samples (r, n, c) the figure of each, (r,)
    together : rows in stationary blocks of Politis & White's length for the first column, as sessions hang together;
        one at a time else, as trades do not

    Returns
    -------
    The interval is NaN where fewer than two rows, or fewer than two replications with a figure, are there.

    Raises
    ------
    ValueError
        Rows that are no matrix, or with a number missing.
    """
    values = np.asarray(rows, dtype=np.float64)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise ValueError("Rows to draw from are a matrix (n, columns), no number missing.")
    n, nothing = len(values), float("nan")
    estimate = float(figure(values[None])[0]) if n else nothing
    if n < 2:
        return Interval(estimate, nothing, nothing, nothing, replications)
    rng = np.random.default_rng(seed)
    block = _block(values[:, 0]) if together else 1.0
    size, found = max(1, _CELLS // values.size), []
    for done in range(0, replications, size):
        count = min(size, replications - done)
        drawn = stationary_rows(n, block, count, rng) if together else rng.integers(0, n, (count, n))
        found.append(figure(values[drawn]))
    sample = np.concatenate(found)
    there = sample[np.isfinite(sample)]
    if len(there) < 2 or not np.isfinite(estimate):
        return Interval(estimate, nothing, nothing, nothing, len(sample) - len(there))
    low, high = np.quantile(there, [(1 - level) / 2, (1 + level) / 2])
    return Interval(estimate, float(low), float(high), float(there.std(ddof=1)), len(sample) - len(there))


def _block(values: Floats) -> float:
    if len(values) < 20 or np.ptp(values) == 0:
        return 1.0
    return float(block_length(values).stationary[0])

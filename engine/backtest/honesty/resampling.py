"""Row numbers of resampled histories that keep serial dependence, and the block length that suits a series.

Stationary bootstrap (Politis & Romano 1994): blocks of geometric length with a given mean, wrapped around the end.
Circular block bootstrap (Politis & Romano 1992): blocks of one length, wrapped around. Length by Politis & White
(2004) with the correction of Patton, Politis & White (2009).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Seed: TypeAlias = int | np.random.Generator


@dataclass(frozen=True, slots=True, eq=False)
class BlockLength:
    """Mean block length for the stationary and length for the circular bootstrap, rows (k,); 1 is independence."""

    stationary: Floats
    circular: Floats


def stationary_rows(observations: int, block: float, replications: int, seed: Seed) -> Ints:
    """Rows (replications, n) of the stationary bootstrap: each row goes on to the next with chance 1 - 1 / block.

    Parameters
    ----------
    observations : n, rows of the history
    block : mean length of a block, 1 or more
    replications : histories to draw
    seed : a number or a Generator; the same one draws the same rows
    """
    _check(observations, block, replications)
    rng = np.random.default_rng(seed)
    fresh = rng.random((replications, observations)) < 1.0 / block
    fresh[:, 0] = True
    starts = rng.integers(0, observations, (replications, observations))
    place = np.arange(observations)
    since = np.maximum.accumulate(np.where(fresh, place, 0), axis=1)  # where each row's block began
    rows: Ints = (np.take_along_axis(starts, since, axis=1) + place - since) % observations
    return rows


def circular_rows(observations: int, block: float, replications: int, seed: Seed) -> Ints:
    """Rows (replications, n) of the circular block bootstrap: blocks of ``block`` rows, the last cut to fit.

    Parameters as of ``stationary_rows``; ``block`` is a whole number.
    """
    _check(observations, block, replications)
    if block != int(block):
        raise ValueError(f"Blocks of the circular bootstrap have a whole number of rows, not {block}.")
    rng = np.random.default_rng(seed)
    count = -(-observations // int(block))
    starts = rng.integers(0, observations, (replications, count, 1))
    rows = (starts + np.arange(int(block))) % observations
    return np.asarray(rows.reshape(replications, -1)[:, :observations], dtype=np.int64)


def _check(observations: int, block: float, replications: int) -> None:
    if observations < 1 or replications < 1:
        raise ValueError("There must be at least one row and one replication to draw.")
    if not 1 <= block < np.inf:
        raise ValueError(f"A block has at least one row, not {block}.")


def block_length(values: ArrayLike) -> BlockLength:
    """The block length that makes the bootstrap's variance of the mean most exact, of each series.

    b = (2 G**2 / D)**(1/3) n**(1/3), G = sum h(k/M) |k| R(k), S = sum h(k/M) R(k) over -M..M, D = 2 S**2 (stationary)
    or 4/3 S**2 (circular), h the flat-top kernel min(1, 2 (1 - |x|)), R the autocovariances over n. M is twice the
    first of K = max(5, log10 n) successive lags whose correlations are within 2 sqrt(log10 n / n), at most
    ceil(sqrt n) + K; b at most ceil(min(3 sqrt n, n / 3)) and at least 1. As in Patton's program, the first lag
    of that quiet run is taken for m; read to the letter the paper's is one less.

    Parameters
    ----------
    values : (n,) or (n, k), at least 20 rows, none missing

    Raises
    ------
    ValueError
        Fewer rows, or a missing value: its gap has no place in an autocovariance.
    """
    array = np.asarray(values, dtype=np.float64)
    columns = array[:, None] if array.ndim == 1 else array
    if columns.ndim != 2 or len(columns) < 20:
        raise ValueError("A block length takes (n,) or (n, k) with 20 rows or more.")
    if not np.isfinite(columns).all():
        raise ValueError("A value is missing: leave incomplete rows out first.")
    found = np.array([_lengths(column) for column in columns.T])
    return BlockLength(found[:, 0], found[:, 1])


def _lengths(values: Floats) -> tuple[float, float]:
    n = len(values)
    run = max(5, int(np.log10(n)))
    most = int(np.ceil(np.sqrt(n))) + run
    centred = values - values.mean()
    covariance = np.array([centred[lag:] @ centred[: n - lag] for lag in range(min(most, n - 1) + 1)]) / n
    if np.ptp(values) == 0:
        return 1.0, 1.0
    quiet = np.abs(covariance[1:] / covariance[0]) < 2 * np.sqrt(np.log10(n) / n)
    runs = np.convolve(quiet, np.ones(run), "valid") == run
    width = min(2 * (int(runs.argmax()) + 1), most) if runs.any() else most
    lags = np.arange(1, min(width, len(covariance) - 1) + 1)
    kernel = np.minimum(1.0, 2 * (1 - lags / width))
    weighted = 2 * (kernel * lags * covariance[lags]).sum()
    long_run = covariance[0] + 2 * (kernel * covariance[lags]).sum()
    ceiling = np.ceil(min(3 * np.sqrt(n), n / 3))
    if long_run == 0:
        return float(ceiling), float(ceiling)
    scale = (2 * weighted**2 * n / long_run**2) ** (1 / 3)
    lengths = np.clip([scale / 2 ** (1 / 3), scale / (4 / 3) ** (1 / 3)], 1.0, ceiling)
    return float(lengths[0]), float(lengths[1])

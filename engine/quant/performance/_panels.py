"""What every measure here does with its input: columns of observations, gaps left out, answers shaped alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Frequency: TypeAlias = Literal["daily", "weekly", "monthly", "quarterly", "yearly"]
PERIODS_PER_YEAR: Mapping[str, float] = {
    "daily": 252.0, "weekly": 52.0, "monthly": 12.0, "quarterly": 4.0, "yearly": 1.0,
}  # fmt: skip


def periods_per_year(periods: Frequency | float) -> float:
    """Periods in a year, of a word (daily is 252 sessions) or of a number given as it is.

    Raises
    ------
    ValueError
        An unknown word, or a number that is not above zero.
    """
    if isinstance(periods, str):
        if periods not in PERIODS_PER_YEAR:
            raise ValueError(f"{periods!r} is no frequency: take one of {', '.join(PERIODS_PER_YEAR)}.")
        return PERIODS_PER_YEAR[periods]
    if not 0 < periods < np.inf:
        raise ValueError(f"Periods in a year must be above zero, not {periods}.")
    return float(periods)


def panel(values: ArrayLike, name: str = "returns") -> tuple[Floats, bool]:
    """``values`` as (n, k) float64 with infinities made NaN, and whether they came as (n,)."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim not in (1, 2):
        raise ValueError(f"{name} has {array.ndim} axes; give (periods,) or (periods, symbols).")
    single = array.ndim == 1
    columns = array[:, None] if single else array
    if not np.isfinite(columns).all():
        columns = np.where(np.isfinite(columns), columns, np.nan)
    return columns, single


def beside(values: ArrayLike | float, columns: Floats, name: str) -> Floats:
    """A number, a series (n,) or a panel (n, k) beside ``columns``; shape (n, k), (n, 1) or (1, 1)."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 0:
        return array.reshape(1, 1)
    array = array[:, None] if array.ndim == 1 else array
    if array.shape[0] != columns.shape[0] or array.shape[1] not in (1, columns.shape[1]):
        raise ValueError(
            f"{name} has shape {array.shape}, the returns {columns.shape}: rows must be the same."
        )
    return np.asarray(np.where(np.isfinite(array), array, np.nan))


def answer(values: Floats, single: bool) -> Floats | float:
    """A number of (n,) input, an array (k,) of (n, k) input."""
    return float(values[0]) if single else values


def series(values: Floats, single: bool) -> Floats:
    """(n,) of (n,) input, (n, k) of (n, k) input."""
    return values[:, 0] if single else values


def count(columns: Floats) -> Floats:
    """Observations of each column."""
    return np.asarray(np.isfinite(columns).sum(axis=0), dtype=np.float64)


def compounded(columns: Floats) -> Floats:
    """Worth after each period of 1 before the first; a missing return leaves it as it was."""
    return np.asarray(np.cumprod(1.0 + np.nan_to_num(columns), axis=0), dtype=np.float64)


def moments(columns: Floats, most: int = 2) -> tuple[Floats, Floats, tuple[Floats, ...]]:
    """Count, mean, and the central sums of powers 2 to ``most``, each (k,).

    Deviations are taken from each column's first observation, then from the mean: what a level shares
    with all rows cannot cancel digits, and a constant column has exactly no dispersion.
    """
    there = np.isfinite(columns)
    counts = there.sum(axis=0).astype(np.float64)
    if not len(columns):
        empty = np.full(columns.shape[1], np.nan)
        return counts, empty, (empty,) * (most - 1)
    pivot = np.nan_to_num(columns[there.argmax(axis=0), np.arange(columns.shape[1])])
    shifted = np.where(there, columns - pivot, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        offset = shifted.sum(axis=0) / counts
        deviations = np.where(there, shifted - offset, 0.0)
        powers = [deviations]  # by products: a power of 3 or 4 takes ten times as long
        for _ in range(2, most + 1):
            powers.append(powers[-1] * deviations)
        sums = tuple(each.sum(axis=0) for each in powers[1:])
    nothing = counts == 0
    return counts, pivot + offset, tuple(np.where(nothing, np.nan, each) for each in sums)


def deviation(columns: Floats, ddof: int) -> tuple[Floats, Floats, Floats]:
    """Count, mean and standard deviation; NaN where there are not more than ``ddof`` observations."""
    counts, mean, (squares,) = moments(columns)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(squares / np.where(counts > ddof, counts - ddof, np.nan))
    return counts, mean, spread


def ratio(top: Floats, bottom: Floats) -> Floats:
    """``top / bottom`` with 0 / 0 NaN and x / 0 infinite, silently."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(top / bottom)

"""Losses from a peak: the series, the worst of them with their dates, and what they average to.

The path starts at 1 before the first return, so that a loss in the first period is a drawdown. Missing returns
leave the path as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.performance._panels import Floats, answer, compounded, count, panel, ratio, series


@dataclass(frozen=True, slots=True)
class Drawdown:
    """One fall below a peak. Places are rows of the returns; a peak of -1 stands before the first return.

    ``depth`` is negative. ``recovery`` is None where the peak was not regained by the last row; ``length`` then
    runs to the last row.
    """

    depth: float
    peak: int  # the last row at the peak
    trough: int
    recovery: int | None  # the first row back at the peak or above
    length: int  # periods from the peak to the recovery

    @property
    def to_trough(self) -> int:
        """Periods from the peak to the trough."""
        return self.trough - self.peak

    @property
    def to_recovery(self) -> int | None:
        """Periods from the trough to the recovery."""
        return None if self.recovery is None else self.recovery - self.trough


def drawdowns(returns: ArrayLike) -> Floats:
    """W[t] / max(1, W[0..t]) - 1 with W the compounded returns; the shape of ``returns``, 0 or negative."""
    columns, single = panel(returns)
    return series(_drawdowns(columns), single)


def _drawdowns(columns: Floats) -> Floats:
    path = compounded(columns)
    peak = np.maximum(np.maximum.accumulate(path, axis=0), 1.0) if len(path) else path
    return np.asarray(path / peak - 1.0)


def max_drawdown(returns: ArrayLike) -> Floats | float:
    """The deepest drawdown, 0 or negative; NaN without an observation."""
    columns, single = panel(returns)
    if not len(columns):
        return answer(np.full(columns.shape[1], np.nan), single)
    return answer(np.where(count(columns) > 0, _drawdowns(columns).min(axis=0), np.nan), single)


def ulcer_index(returns: ArrayLike) -> Floats | float:
    """Root mean square of the drawdowns (Martin & McCann 1989), a fraction."""
    columns, single = panel(returns)
    squares = np.where(np.isfinite(columns), _drawdowns(columns) ** 2, 0.0).sum(axis=0)
    return answer(np.sqrt(ratio(squares, count(columns))), single)


def pain_index(returns: ArrayLike) -> Floats | float:
    """Mean size of the drawdowns (Becker 2006), a fraction."""
    columns, single = panel(returns)
    sizes = np.where(np.isfinite(columns), -_drawdowns(columns), 0.0).sum(axis=0)
    return answer(ratio(sizes, count(columns)), single)


def drawdown_table(returns: ArrayLike, worst: int = 5) -> tuple[Drawdown, ...]:
    """The ``worst`` drawdowns of one series, deepest first; a fall that has not recovered is among them.

    Parameters
    ----------
    returns : (n,), simple; a missing return is a period in which nothing moved
    worst : how many at most

    Raises
    ------
    ValueError
        A panel is given: its columns have tables of their own.
    """
    columns, single = panel(returns)
    if not single:
        raise ValueError("A table of drawdowns is one series': give (n,), a column at a time.")
    depths = _drawdowns(columns)[:, 0]
    below = depths < 0
    starts = np.flatnonzero(below & ~np.append(False, below[:-1]))
    ends = np.flatnonzero(below & ~np.append(below[1:], False))
    found = [_one(depths, int(start), int(end)) for start, end in zip(starts, ends, strict=True)]
    return tuple(sorted(found, key=lambda each: (each.depth, each.peak))[:worst])


def _one(depths: Floats, start: int, end: int) -> Drawdown:
    trough = start + int(depths[start : end + 1].argmin())
    recovered = end + 1 < len(depths)
    return Drawdown(
        float(depths[trough]), start - 1, trough, end + 1 if recovered else None,
        (end + 1 if recovered else end) - (start - 1),
    )  # fmt: skip

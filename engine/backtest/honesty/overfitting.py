"""How often the best of many configurations in sample is a poor one out of sample.

Combinatorially symmetric cross-validation (Bailey, Borwein, Lopez de Prado & Zhu 2017, "The probability of backtest
overfitting", Journal of Computational Finance 20(4)).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.backtest.honesty.splits import fold_bounds

Floats: TypeAlias = NDArray[np.float64]
Score: TypeAlias = Callable[[Floats], Floats]
_CELLS = 2_000_000  # of one batch of combinations by configurations


@dataclass(frozen=True, slots=True, eq=False)
class Overfitting:
    """What selecting the best configuration in sample led to, over all combinations.

    ``probability``: share of combinations in which the one selected ranked at or below the median out of sample
    (logit <= 0). ``logits``: ln(w / (1 - w)) of its relative rank w = rank / (configurations + 1), one a combination.
    ``selected``: which it was. ``inside``, ``outside``: its score in and out of sample. ``slope``, ``intercept``,
    ``r_squared``: of outside on inside (performance degradation). ``loss``: share with a negative score outside.
    """

    probability: float
    loss: float
    slope: float
    intercept: float
    r_squared: float
    logits: Floats
    selected: NDArray[np.int64]
    inside: Floats
    outside: Floats
    blocks: int


def backtest_overfitting(
    returns: ArrayLike,
    blocks: int = 16,
    score: Literal["sharpe", "mean"] | Score = "sharpe",
    *,
    wide: bool = False,
) -> Overfitting:
    """Probability of backtest overfitting of a search over configurations.

    The rows are cut into S contiguous blocks; each choice of S/2 of them is a sample, the rest judges. Without any
    skill about half of the selections land below the median; with one truly better configuration nearly none do. The
    median itself counts as overfit: of an odd number N of configurations noise shows (N + 1) / (2 N).

    Parameters
    ----------
    returns : (n_obs, n_configs): ROWS ARE PERIODS, COLUMNS ARE CONFIGURATIONS, returns a period, none missing
    blocks : S, even; 16 makes 12,870 combinations. Where S does not divide the rows, the first blocks have one more
    score : larger is better: "sharpe" (mean / sd, ddof 1; 0 where nothing varies), "mean", or a callable taking
        (rows, configs) and answering (configs,), called twice a combination
    wide : more configurations than periods are meant; without it such a matrix is refused as transposed

    Raises
    ------
    ValueError
        A matrix that looks transposed, has a missing value, fewer than two configurations or two rows a block; a
        number of blocks that is odd; a score that is not finite.
    """
    matrix = _checked(returns, blocks, wide)
    parts = [*_scores(matrix, blocks, score)]
    logits, selected, inside, outside = (np.concatenate([part[i] for part in parts]) for i in range(4))
    slope, intercept, r_squared = _degradation(inside, outside)
    return Overfitting(
        float((logits <= 0).mean()), float((outside < 0).mean()), slope, intercept, r_squared,
        logits, selected.astype(np.int64), inside, outside, blocks,
    )  # fmt: skip


def _checked(returns: ArrayLike, blocks: int, wide: bool) -> Floats:
    matrix = np.asarray(returns, dtype=np.float64)
    if matrix.ndim != 2:
        raise ValueError("Returns are a matrix: rows are periods, columns configurations.")
    rows, configs = matrix.shape
    if configs > rows and not wide:
        raise ValueError(
            f"The matrix has {rows} rows and {configs} columns; rows are periods, columns configurations. It looks "
            "transposed, which would give a wrong number silently: transpose it, or say wide=True if it is meant."
        )
    if configs < 2:
        raise ValueError("A selection needs two configurations or more to choose from.")
    if blocks < 2 or blocks % 2 or blocks > 20:
        raise ValueError(
            f"Half of the blocks are the sample: give an even number from 2 to 20, not {blocks}."
        )
    if rows < 2 * blocks:
        raise ValueError(f"{rows} periods are too few for {blocks} blocks of two or more: take fewer blocks.")
    if not np.isfinite(matrix).all():
        raise ValueError(
            "Some returns are missing: configurations are compared on the same periods. Give a period without a "
            "position its return of 0, or leave out the periods that not all configurations have."
        )
    return matrix


def _scores(matrix: Floats, blocks: int, score: str | Score) -> Iterator[tuple[Floats, ...]]:
    bounds = fold_bounds(len(matrix), blocks)
    choices = combinations(range(blocks), blocks // 2)
    fast = None if callable(score) else _Sums(matrix, bounds, score)
    size = max(1, _CELLS // matrix.shape[1])
    while batch := [*islice(choices, size)]:
        member = np.zeros((len(batch), blocks))
        np.put_along_axis(member, np.array(batch), 1.0, axis=1)
        if fast is not None:
            yield _judged(fast(member), fast(1.0 - member))
        elif callable(score):
            yield _judged(*_slow(matrix, bounds, member, score))


class _Sums:
    """Scores of unions of blocks from the blocks' sums: of deviations from each column's mean, lest digits cancel."""

    def __init__(self, matrix: Floats, bounds: list[tuple[int, int]], score: str) -> None:
        if score not in ("sharpe", "mean"):
            raise ValueError(f"{score!r} is no score: take 'sharpe', 'mean' or a callable.")
        self.mean = np.where(np.ptp(matrix, axis=0) == 0, matrix[0], matrix.mean(axis=0))
        centred, starts = matrix - self.mean, [first for first, _ in bounds]
        self.first = np.add.reduceat(centred, starts, axis=0)
        self.second = np.add.reduceat(centred**2, starts, axis=0)
        self.count = np.array([last - first + 1.0 for first, last in bounds])
        self.sharpe = score == "sharpe"

    def __call__(self, member: Floats) -> Floats:
        count = (member @ self.count)[:, None]
        shift = member @ self.first / count
        if not self.sharpe:
            return np.asarray(self.mean + shift)
        square = member @ self.second / count
        spread = square - shift**2
        varies = spread > 1e-13 * square  # below, it is the rounding of a sample in which nothing moved
        deviation = np.sqrt(np.where(varies, spread * count / (count - 1), 1.0))
        return np.where(varies, (self.mean + shift) / deviation, 0.0)


def _slow(
    matrix: Floats, bounds: list[tuple[int, int]], member: Floats, score: Score
) -> tuple[Floats, Floats]:
    block = np.repeat(np.arange(len(bounds)), [last - first + 1 for first, last in bounds])
    masks = [chosen[block] > 0 for chosen in member]
    inside = np.array([score(matrix[mask]) for mask in masks], dtype=np.float64)
    outside = np.array([score(matrix[~mask]) for mask in masks], dtype=np.float64)
    shape = (len(member), matrix.shape[1])
    if inside.shape != shape or outside.shape != shape:
        raise ValueError("The score answers one number a configuration, (configs,).")
    if not (np.isfinite(inside).all() and np.isfinite(outside).all()):
        raise ValueError("The score is not finite somewhere: give it a value for samples without dispersion.")
    return inside, outside


def _judged(inside: Floats, outside: Floats) -> tuple[Floats, ...]:
    """Logit, selected configuration, and its two scores, of each combination. Equal to 1e-12 is a tie."""
    top = inside.max(axis=1, keepdims=True)
    best = (inside >= top - 1e-12 * np.maximum(1.0, np.abs(top))).argmax(axis=1)  # the first of equals
    rows = np.arange(len(inside))
    own = outside[rows, best][:, None]
    near = 1e-12 * np.maximum(1.0, np.abs(own))
    below = (outside < own - near).sum(axis=1)
    equal = (np.abs(outside - own) <= near).sum(axis=1)
    relative = (below + (equal + 1) / 2) / (inside.shape[1] + 1)
    return np.log(relative / (1 - relative)), best.astype(np.float64), inside[rows, best], own[:, 0]


def _degradation(inside: Floats, outside: Floats) -> tuple[float, float, float]:
    """Least squares of outside on inside; NaN where inside does not vary."""
    x, y = inside - inside.mean(), outside - outside.mean()
    if (x**2).sum() <= 1e-24 * max(1.0, (inside**2).sum()):
        return float("nan"), float("nan"), float("nan")
    slope = float((x * y).sum() / (x**2).sum())
    total = float((y**2).sum())
    r_squared = slope * float((x * y).sum()) / total if total > 0 else float("nan")
    return slope, float(outside.mean() - slope * inside.mean()), r_squared

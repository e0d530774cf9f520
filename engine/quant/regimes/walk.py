"""Regimes as they could have been told day by day: parameters refitted on the past, probabilities filtered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.quant.regimes.chain import Floats
from engine.quant.regimes.gaussian import GaussianRegimes, fit_gaussian


@dataclass(frozen=True, slots=True)
class WalkForward:
    """``probabilities`` (n, k), NaN before the first fit; ``refits`` (m,), the row from which each model holds."""

    probabilities: Floats
    refits: NDArray[np.int64]
    models: tuple[GaussianRegimes, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return self.models[-1].names


def walk_forward(
    returns: Floats,
    states: int,
    *,
    least: int = 504,
    every: int = 126,
    starts: int = 8,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> WalkForward:
    """Filtered probabilities in which no day uses a later one, not in its parameters either.

    A model fitted on rows before ``t`` serves the rows from ``t`` on until the next refit, every ``every`` rows from
    ``least`` on. Each refit also starts from the model before it; states are ordered by volatility, so that labels
    do not swap.

    Raises
    ------
    ValueError
        As ``fit_gaussian`` on the first ``least`` rows.
    """
    data = np.asarray(returns, dtype=np.float64)
    rows = np.arange(least, len(data), every)
    if not len(rows):
        raise ValueError(f"{len(data)} returns are too few to walk forward from the first {least}")
    probabilities = np.full((len(data), states), np.nan)
    models: list[GaussianRegimes] = []
    for at, row in enumerate(rows):
        if cancelled():
            break
        if progress is not None:
            progress(at, len(rows))
        near = models[-1] if models else None
        models.append(_refit(data[:row], states, near, starts, seed))
        until = rows[at + 1] if at + 1 < len(rows) else len(data)
        # filtered from the start, so that the state of knowledge at the row is whole
        probabilities[row:until] = models[-1].filter(data[:until]).probabilities[row:]
    if not models:
        raise ValueError("it was stopped before the first model")
    return WalkForward(probabilities, rows[: len(models)].astype(np.int64), tuple(models))


def _refit(
    past: Floats, states: int, near: GaussianRegimes | None, starts: int, seed: int
) -> GaussianRegimes:
    """A new model of the past; where none is usable the one before it stands."""
    try:
        return fit_gaussian(past, states, starts=starts, seed=seed, near=near)
    except ValueError:
        if near is None:
            raise
        return near

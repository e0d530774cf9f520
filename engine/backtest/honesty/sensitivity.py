"""Does a result stand if costs are higher, orders later, or parameters a little off?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.quant.performance import Frequency, cagr, sharpe_ratio

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CostGrid:
    """Net figures (c,) at each cost a unit of turnover, and the cost at which the mean net return is nothing.

    ``break_even`` is infinite where nothing is traded and the gross mean is positive, negative where it is.
    """

    costs: Floats
    sharpe: Floats
    cagr: Floats
    break_even: float


@dataclass(frozen=True, slots=True, eq=False)
class CostDelayGrid:
    """Net figures (delays, costs), all over the same ``sessions``."""

    delays: NDArray[np.int64]
    costs: Floats
    sharpe: Floats
    cagr: Floats
    sessions: int


@dataclass(frozen=True, slots=True, eq=False)
class Plateau:
    """How lonely the best cell of a parameter grid is.

    ``best``: its place. ``kept``: share of its neighbours that keep at least ``keep`` of it, NaN where it is not
    above 0. ``kept_of_all``: the same over the whole grid. ``worst``: the lowest neighbour. ``roughness``: mean
    absolute difference of adjacent cells over the deviation of all; a smooth slope is near 0, independent noise
    2 / sqrt(pi) = 1.13. ``smoothed``: each cell's mean with its neighbours; ``robust``: the best of those.
    """

    best: tuple[int, ...]
    value: float
    kept: float
    kept_of_all: float
    worst: float
    roughness: float
    smoothed: Floats
    robust: tuple[int, ...]


def cost_grid(
    gross: ArrayLike, turnover: ArrayLike, costs: ArrayLike, periods: Frequency | float = "daily"
) -> CostGrid:
    """Net of each cost: gross - turnover x cost.

    Parameters
    ----------
    gross : (n,), returns before costs; a missing one is left out
    turnover : (n,), traded notional over equity, both sides counted, 0 or more
    costs : (c,), a fraction of notional traded
    periods : periods in a year

    Raises
    ------
    ValueError
        Arrays that do not fit, turnover that is missing or negative, a cost that is missing.
    """
    earned, traded, each = (np.asarray(one, dtype=np.float64) for one in (gross, turnover, costs))
    if earned.ndim != 1 or traded.shape != earned.shape or each.ndim != 1 or not len(each):
        raise ValueError("Give gross returns (n,), turnover (n,) and a list of costs.")
    there = np.isfinite(earned)
    if not (np.isfinite(traded) & (traded >= 0)).all() or not np.isfinite(each).all():
        raise ValueError("Turnover is 0 or more in every period, and costs are numbers: none is missing.")
    net = np.where(there[:, None], earned[:, None] - traded[:, None] * each, np.nan)
    mean, spent = (float(one[there].mean()) if there.any() else float("nan") for one in (earned, traded))
    with np.errstate(divide="ignore", invalid="ignore"):
        even = float(np.float64(mean) / np.float64(spent))
    return CostGrid(
        each, np.asarray(sharpe_ratio(net, periods=periods)), np.asarray(cagr(net, periods)), even
    )


def cost_delay_grid(
    weights: ArrayLike,
    returns: ArrayLike,
    costs: ArrayLike,
    delays: ArrayLike = (1, 2, 3, 5),
    periods: Frequency | float = "daily",
    traded: ArrayLike | None = None,
) -> CostDelayGrid:
    """Net figures if orders came later and cost more.

    The return of session t is earned by the weights decided ``delay`` sessions before: sum w[t - delay] r[t], less
    cost x sum |w[t - delay] - w[t - delay - 1]|, or x ``traded[t - delay]``. All delays are judged over the same
    sessions, from the one in which the longest has weights.

    Parameters
    ----------
    weights : (n, k), decided after each session's close; a missing one is 0
    returns : (n, k), of each session; a missing one where a weight stands earns 0
    costs : (c,), a fraction of notional traded
    delays : (d,), whole sessions, 1 or more: 0 would earn what the decision has seen
    traded : (n,), notional over equity that took the account to each session's weights; where None, ``weights`` are
        targets, and their changes are all traded

    Raises
    ------
    ValueError
        Arrays that do not fit, a delay below 1, or fewer than two sessions left.
    """
    held, earned = np.asarray(weights, dtype=np.float64), np.asarray(returns, dtype=np.float64)
    each, late = np.asarray(costs, dtype=np.float64), np.asarray(delays)
    if held.ndim != 2 or held.shape != earned.shape or each.ndim != 1 or late.ndim != 1:
        raise ValueError(
            "Give weights and returns (sessions, symbols) of one shape, lists of costs and delays."
        )
    if not np.isfinite(each).all() or not len(each):
        raise ValueError("Costs are one or more numbers, none missing.")
    if late.dtype.kind not in "iu" or not len(late) or (late < 1).any():
        raise ValueError("Delays are whole sessions, 1 or more: a delay of 0 would look ahead.")
    first = int(late.max())
    if len(held) - first < 2:
        raise ValueError(f"A delay of {first} leaves fewer than two of {len(held)} sessions.")
    held = np.where(np.isfinite(held), held, 0.0)
    earned = np.where(np.isfinite(earned), earned, 0.0)
    turned = np.abs(np.diff(held, axis=0, prepend=0.0)).sum(axis=1)
    if traded is not None:
        turned = np.asarray(traded, dtype=np.float64)
        if turned.shape != (len(held),) or not (turned >= 0).all():
            raise ValueError("What was traded is one number a session, 0 or more, none missing.")
    rows = np.arange(first, len(held))
    net = np.stack(
        [
            (held[rows - lag] * earned[rows]).sum(axis=1)[:, None] - turned[rows - lag][:, None] * each
            for lag in late
        ],
        axis=1,
    ).reshape(len(rows), -1)
    shape = (len(late), len(each))
    return CostDelayGrid(
        late.astype(np.int64), each, np.asarray(sharpe_ratio(net, periods=periods)).reshape(shape),
        np.asarray(cagr(net, periods)).reshape(shape), len(rows),
    )  # fmt: skip


def plateau(values: ArrayLike, radius: int = 1, keep: float = 0.8) -> Plateau:
    """Whether a sweep's optimum stands on a plateau or on a needle.

    Parameters
    ----------
    values : a grid of any number of parameters, larger is better; a missing cell (a run that failed) keeps nothing,
        and is left out of means and differences
    radius : neighbours are cells within so many steps along every axis (a box), within the grid
    keep : share of the optimum that counts as kept

    Raises
    ------
    ValueError
        No finite cell, a radius below 1, or a share outside 0..1.
    """
    grid = np.asarray(values, dtype=np.float64)
    if not grid.ndim or not np.isfinite(grid).any():
        raise ValueError("No cell of the grid has a value: there is no optimum.")
    if radius < 1 or not 0 < keep <= 1:
        raise ValueError("Neighbours are one step or more away, and the share kept is above 0, at most 1.")
    grid = np.where(np.isfinite(grid), grid, np.nan)
    best = _place(grid)
    top = float(grid[best])
    box = tuple(slice(max(0, at - radius), at + radius + 1) for at in best)
    near = np.delete(grid[box].ravel(), _flat(best, box, grid))
    rest = np.delete(grid.ravel(), int(np.ravel_multi_index(best, grid.shape)))
    smoothed = _smoothed(grid, radius)
    return Plateau(
        best, top, _share(near, top, keep), _share(rest, top, keep),
        float(np.nanmin(near)) if np.isfinite(near).any() else float("nan"),
        _roughness(grid), smoothed, _place(smoothed),
    )  # fmt: skip


def _place(grid: Floats) -> tuple[int, ...]:
    return tuple(int(at) for at in np.unravel_index(int(np.nanargmax(grid)), grid.shape))


def _flat(best: tuple[int, ...], box: tuple[slice, ...], grid: Floats) -> int:
    inside = tuple(at - one.start for at, one in zip(best, box, strict=True))
    return int(np.ravel_multi_index(inside, grid[box].shape))


def _share(cells: Floats, top: float, keep: float) -> float:
    return float((cells >= keep * top).mean()) if len(cells) and top > 0 else float("nan")


def _roughness(grid: Floats) -> float:
    steps = np.concatenate([np.abs(np.diff(grid, axis=axis)).ravel() for axis in range(grid.ndim)])
    steps, spread = steps[np.isfinite(steps)], float(np.nanstd(grid))
    return float(steps.mean()) / spread if len(steps) and spread > 0 else float("nan")


def _smoothed(grid: Floats, radius: int) -> Floats:
    """Mean over the box around each cell of those in the grid that have a value; missing where the cell is."""
    there = np.isfinite(grid)
    padded = np.pad(np.where(there, grid, 0.0), radius)
    counted = np.pad(there.astype(np.float64), radius)
    total, count = np.zeros(grid.shape), np.zeros(grid.shape)
    for shift in product(range(2 * radius + 1), repeat=grid.ndim):
        window = tuple(slice(at, at + size) for at, size in zip(shift, grid.shape, strict=True))
        total += padded[window]
        count += counted[window]
    return np.where(there, total / np.maximum(count, 1.0), np.nan)

"""A day's universe: tails drawn in, scores, ranks, sectors. Each row stands by itself, so that none looks ahead."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.quant.factors._arrays import Floats, panel


def inside(values: Floats, universe: ArrayLike | None) -> Floats:
    """``values`` (n, k), NaN outside ``universe`` (n, k) or (k,) of booleans, and where not finite."""
    held = np.isfinite(values)
    if universe is not None:
        held = held & np.broadcast_to(np.asarray(universe, dtype=bool), values.shape)
    return np.where(held, values, np.nan)


def row_quantiles(values: ArrayLike, levels: ArrayLike) -> Floats:
    """Quantiles of each row's finite values, (n, q): linear between order statistics (Hyndman and Fan's type 7)."""
    ordered = np.sort(inside(panel(values, "values"), None), axis=1)  # NaN last
    count = np.isfinite(ordered).sum(axis=1)
    place = np.maximum(count - 1, 0)[:, None] * np.atleast_1d(np.asarray(levels, dtype=np.float64))[None, :]
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(count - 1, 0)[:, None])
    below, above = np.take_along_axis(ordered, low, axis=1), np.take_along_axis(ordered, high, axis=1)
    return np.asarray(below + (above - below) * (place - low))


def winsorize(values: ArrayLike, tail: float = 0.01, *, universe: ArrayLike | None = None) -> Floats:
    """Values beyond the ``tail`` and 1 - ``tail`` quantiles of their row are drawn in to them; (n, k).

    Raises
    ------
    ValueError
        A tail outside 0 to below 0.5.
    """
    if not 0.0 <= tail < 0.5:
        raise ValueError(f"a tail is a share from 0 to below 0.5, not {tail}")
    held = inside(panel(values, "values"), universe)
    if tail == 0.0:
        return held
    ends = row_quantiles(held, [tail, 1.0 - tail])
    return np.asarray(np.clip(held, ends[:, :1], ends[:, 1:]))


def neutralized(values: ArrayLike, sectors: ArrayLike) -> Floats:
    """Values less the mean of their sector on that row, (n, k).

    ``sectors`` (k,) or (n, k) of labels (numbers or words; "" and negative numbers: unknown). A symbol of unknown
    sector, or alone in its own, has nothing to be compared with and is NaN.
    """
    held = inside(panel(values, "values"), None)
    codes = np.broadcast_to(_codes(np.asarray(sectors)), held.shape)
    found = np.full(held.shape, np.nan)
    for code in range(int(codes.max(initial=-1)) + 1):
        member = (codes == code) & np.isfinite(held)
        count = member.sum(axis=1)[:, None]
        mean = np.where(member, held, 0.0).sum(axis=1)[:, None] / np.maximum(count, 1)
        np.copyto(found, held - mean, where=member & (count > 1))
    return found


def zscores(
    values: ArrayLike,
    *,
    universe: ArrayLike | None = None,
    tail: float = 0.01,
    sectors: ArrayLike | None = None,
    least: int = 3,
) -> Floats:
    """(x - mean) / deviation within each row's universe, tails drawn in first; (n, k).

    The deviation divides by one less than the number of symbols. With ``sectors`` values are taken against their
    sector's mean (after the tails are drawn in), and the deviation is that of what is left. A row with fewer than
    ``least`` values, or without spread, is NaN.
    """
    held = winsorize(values, tail, universe=universe)
    if sectors is not None:
        held = neutralized(held, sectors)
    count = np.isfinite(held).sum(axis=1)[:, None]
    some = np.maximum(count, 1)
    mean = np.where(np.isfinite(held), held, 0.0).sum(axis=1)[:, None] / some
    moved = held - mean
    squares = np.where(np.isfinite(moved), moved * moved, 0.0).sum(axis=1)[:, None]
    deviation = np.sqrt(squares / np.maximum(count - 1, 1))
    flat = (count < max(least, 2)) | (deviation <= 1e-13 * np.abs(mean))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(flat, np.nan, moved / deviation)


def ranks(values: ArrayLike) -> Floats:
    """Ranks 1 to m of each row's finite values, ties at their mean; NaN stays; (n, k)."""
    held = inside(panel(values, "values"), None)
    order = np.argsort(held, axis=1, kind="stable")
    ordered = np.take_along_axis(held, order, axis=1)
    size = held.shape[1]
    place = np.broadcast_to(np.arange(size), held.shape)
    fresh = np.ones(held.shape, dtype=bool)
    fresh[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    first = np.maximum.accumulate(np.where(fresh, place, 0), axis=1)
    final = np.ones(held.shape, dtype=bool)
    final[:, :-1] = fresh[:, 1:]
    last = np.minimum.accumulate(np.where(final, place, size)[:, ::-1], axis=1)[:, ::-1]
    found = np.empty(held.shape)
    np.put_along_axis(found, order, (first + last) / 2.0 + 1.0, axis=1)
    return np.where(np.isfinite(held), found, np.nan)


def _codes(labels: NDArray[Any]) -> NDArray[np.int64]:
    """0, 1, ... by label, -1 where it is unknown."""
    if labels.dtype.kind in "iu":
        return labels.astype(np.int64)
    words = np.array(["" if label is None else str(label) for label in labels.ravel()]).reshape(labels.shape)
    names, codes = np.unique(words, return_inverse=True)
    return np.where((words == "") | (words == "nan"), -1, codes.reshape(words.shape)) if len(names) else codes

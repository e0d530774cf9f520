"""Sums over rolling windows that cannot cancel: the ground under every rolling measure.

A running sum adds what comes in and takes away what goes out, and keeps the rounding errors of everything it ever
saw: a variance of returns after one wild price, or of numbers around 1e7, is wrong in its first digits. Here rows are
cut into blocks of the window's length (van Herk 1992; Gil & Werman 1993). Each window is the tail of one block and
the head of the next, so that its sums are one suffix sum plus one prefix sum: additions only, of its own rows only,
O(n) whatever the length. Powers are taken about a value of the block's end (a pivot within the window), so that
levels do not cancel either. A window's sums use its own rows alone, bit for bit: causal by construction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.quant.performance._panels import Floats, ratio


@dataclass(frozen=True, slots=True)
class WindowMoments:
    """Of each window, at its last row: observations, mean, and central sums of squares, cubes, fourth powers.

    All (n, k); NaN in the first ``window`` - 1 rows, where fewer than ``least`` values are known, and of powers that
    were not asked for.
    """

    count: Floats
    mean: Floats
    squares: Floats
    cubes: Floats
    fourths: Floats


def check_window(window: int, least: int | None, smallest: int = 1) -> int:
    """The least number of observations; ``window`` where none is given. Raises ValueError out of bounds."""
    if window < smallest:
        raise ValueError(f"A window of {window} is too short: it takes {smallest} rows or more.")
    if least is not None and not 1 <= least <= window:
        raise ValueError(f"The least number of observations must lie between 1 and {window}, not {least}.")
    return window if least is None else least


class Blocks:
    """Columns (n, k) cut into blocks of ``window`` rows, and the pivots of the windows."""

    def __init__(self, columns: Floats, window: int) -> None:
        self.rows: int = columns.shape[0]
        self.symbols: int = columns.shape[1]
        self.window = window
        self.there = self._cut(np.isfinite(columns), False)
        self.blocks = self._cut(columns, np.nan)
        self.pivots = self._pivots()

    def _cut(self, values: np.ndarray, fill: float | bool) -> np.ndarray:
        missing = -self.rows % self.window
        padded = np.concatenate([values, np.full((missing, self.symbols), fill, dtype=values.dtype)])
        return padded.reshape(-1, self.window, self.symbols)

    def _pivots(self) -> Floats:
        """Of each block its last value; of one without any, the first of the next block; else 0."""
        last = self.window - 1 - self.there[:, ::-1].argmax(axis=1)
        first = self.there.argmax(axis=1)
        own = np.take_along_axis(self.blocks, last[:, None], axis=1)[:, 0]
        heads = np.take_along_axis(self.blocks, first[:, None], axis=1)[:, 0]
        following = np.concatenate([heads[1:], np.zeros_like(heads[:1])])[: len(own)]
        return np.nan_to_num(np.where(np.isfinite(own), own, following))

    def about_pivot(self) -> tuple[Floats, Floats]:
        """Deviations from the own block's pivot (for tails) and from the pivot before (for heads); 0 where
        nothing is known."""
        before = np.concatenate([np.zeros_like(self.pivots[:1]), self.pivots[:-1]])
        tails = np.where(self.there, self.blocks - self.pivots[:, None], 0.0)
        heads = np.where(self.there, self.blocks - before[:, None], 0.0)
        return tails, heads

    def sums(self, tails: Floats, heads: Floats) -> Floats:
        """Of each whole window, (n - window + 1, k): the tail's sum plus the head's."""
        suffix = np.cumsum(tails[:, ::-1], axis=1)[:, ::-1].reshape(-1, self.symbols)[: self.whole]
        prefix = np.cumsum(heads, axis=1)
        prefix[:, -1] = 0.0  # a window that is one block has no head
        suffix += prefix.reshape(-1, self.symbols)[self.window - 1 : self.rows]
        return suffix

    @property
    def whole(self) -> int:
        """How many windows are whole."""
        return max(self.rows - self.window + 1, 0)

    @property
    def counts(self) -> Floats:
        there = self.there.astype(np.float64)
        return self.sums(there, there)

    @property
    def pivot(self) -> Floats:
        """The pivot of each whole window."""
        return np.repeat(self.pivots, self.window, axis=0)[: self.whole]

    def spread_out(self, values: Floats, known: np.ndarray) -> Floats:
        """Values of whole windows at their last rows, NaN before and where not ``known``."""
        found = np.full((self.rows, self.symbols), np.nan)
        if self.whole:
            found[self.window - 1 :] = np.where(known, values, np.nan)
        return found


def window_moments(columns: Floats, window: int, least: int, most: int = 4) -> WindowMoments:
    """Moments of every window of ``window`` rows with ``least`` observations; powers up to ``most``."""
    cut = Blocks(columns, window)
    tails, heads = cut.about_pivot()
    counts = cut.counts
    known = counts >= least
    one = cut.sums(tails, heads)
    offset = ratio(one, counts)
    found = [counts, cut.pivot + offset]
    if most >= 2:
        tail_power, head_power = tails * tails, heads * heads
        two = cut.sums(tail_power, head_power)
        found.append(np.maximum(two - offset * one, 0.0))
    if most >= 3:
        tail_power, head_power = tail_power * tails, head_power * heads
        three = cut.sums(tail_power, head_power)
        found.append(three - 3 * offset * two + 2 * counts * offset**3)
    if most >= 4:
        four = cut.sums(tail_power * tails, head_power * heads)
        square = offset * offset
        found.append(four - 4 * offset * three + 6 * square * two - 3 * counts * square * square)
    wide = [cut.spread_out(each, known) for each in found]
    blank = np.broadcast_to(np.nan, columns.shape)
    return WindowMoments(*wide, *(blank for _ in range(5 - len(wide))))


def window_products(x: Floats, y: Floats, window: int) -> Floats:
    """Central sum of products of each window, (n, k). Both are NaN in the same places."""
    a, b = Blocks(x, window), Blocks(y, window)
    (a_tails, a_heads), (b_tails, b_heads) = a.about_pivot(), b.about_pivot()
    counts = a.counts
    product = a.sums(a_tails * b_tails, a_heads * b_heads)
    means = ratio(a.sums(a_tails, a_heads) * b.sums(b_tails, b_heads), counts)
    return a.spread_out(product - means, counts > 0)


def window_drawdowns(path: Floats, window: int) -> Floats:
    """The deepest fall within each window of ``window`` rows of a path of wealth (n, k), without gaps.

    Of a tail and a head the deepest fall is the tail's, the head's, or from the tail's peak to the head's trough.
    """
    cut = Blocks(path, window)
    blocks = np.where(cut.there, cut.blocks, np.nan)
    low = np.fmin.accumulate(blocks[:, ::-1], axis=1)[:, ::-1]
    peak = np.fmax.accumulate(blocks[:, ::-1], axis=1)[:, ::-1]
    tail = np.fmin.accumulate((ratio(low, blocks) - 1.0)[:, ::-1], axis=1)[:, ::-1]
    head = np.fmin.accumulate(ratio(blocks, np.fmax.accumulate(blocks, axis=1)) - 1.0, axis=1)
    trough = np.fmin.accumulate(blocks, axis=1)
    head[:, -1] = np.nan  # a window that is one block has no head
    trough[:, -1] = np.nan
    flat = [each.reshape(-1, cut.symbols) for each in (tail, peak, head, trough)]
    ends = slice(window - 1, cut.rows)
    across = ratio(flat[3][ends], flat[1][: cut.whole]) - 1.0
    deepest = np.fmin(np.fmin(flat[0][: cut.whole], flat[2][ends]), across)
    return cut.spread_out(deepest, np.isfinite(deepest))

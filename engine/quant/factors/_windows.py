"""Sums over rolling windows without cancellation.

A window that ends inside a block of its own length is the tail of the block before and the head of this one. Sums
of tails and heads only ever add: nothing that left a window is subtracted again, so that an outlier, or a level far
from zero, leaves no rounding behind it (van Herk 1992, Pattern Recognition Letters 13, does so for maxima).
What is added is taken about the mean of the block before, which is known when the block begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.quant.factors._arrays import Flags, Floats

_WIDE = 512  # numbers in a row from which the loop beats cumsum


@dataclass(frozen=True, slots=True)
class Pair:
    """Rows [start, middle) are the block before, [middle, stop) the block whose windows are summed."""

    start: int
    middle: int
    stop: int


def pairs(rows: int, window: int) -> Iterator[Pair]:
    """Blocks of ``window`` rows, each with the one before it (none before the first)."""
    for middle in range(0, rows, window):
        yield Pair(max(0, middle - window), middle, min(middle + window, rows))


def added_up(values: Floats) -> Floats:
    """Running sums along axis 0. Wide rows are added one to the next, which streams through memory: three times as
    fast as ``cumsum``, which goes down each column; the sums are the same to the last bit."""
    if values[0].size < _WIDE:
        return np.cumsum(values, axis=0)
    total = values.copy()
    for row in range(1, len(total)):
        total[row] += total[row - 1]
    return total


def windowed(values: Floats, pair: Pair) -> Floats:
    """Sums over the window that ends on each row of the block; ``values`` are the pair's rows, axis 0."""
    before = pair.middle - pair.start
    head = added_up(values[before:])
    if before:
        tail = added_up(values[before - 1 :: -1])[::-1]  # tail[i]: rows i .. end of the block before
        most = min(len(head), before - 1)
        head[:most] += tail[1 : most + 1]
    return head


def level_before(values: Floats, held: Flags, pair: Pair) -> Floats:
    """What each column is taken about in a block: its mean over the block before, or its first value; (c,).

    ``held`` flags the values that count, shape of ``values`` (n, c). A level that is known when the first row that
    uses it is.
    """
    before = slice(pair.start, pair.middle)
    counted = held[before].sum(axis=0)
    sums = np.where(held[before], values[before], 0.0).sum(axis=0)
    first = held[pair.middle : pair.stop].argmax(axis=0) + pair.middle
    own = values[first, np.arange(values.shape[1])]
    found = np.where(counted > 0, sums / np.maximum(counted, 1), own)
    return np.where(np.isfinite(found), found, 0.0)

"""Inputs broadcast together and worked through in blocks that stay in the processor's cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
BLOCK = 4096  # elements: about twenty float64 temporaries of it fit a 1 MB second-level cache
TINY = 1e-150  # stands for a zero divisor: its square is still a number


class Inputs:
    """Several inputs of one shape; what is a single number stays one (nothing is repeated in memory)."""

    __slots__ = ("flat", "shape", "size")

    def __init__(self, *values: ArrayLike) -> None:
        arrays = [np.asarray(value, dtype=np.float64) for value in values]
        self.shape = np.broadcast_shapes(*(array.shape for array in arrays))
        self.size = int(np.prod(self.shape))
        self.flat = [self._flatten(array) for array in arrays]

    def _flatten(self, array: Floats) -> Floats:
        if array.size == 1:
            return array.reshape(())
        return np.ascontiguousarray(np.broadcast_to(array, self.shape)).reshape(-1)

    def blocks(self) -> Iterator[tuple[slice, list[Any]]]:
        """Each block's place, and the inputs there."""
        for start in range(0, self.size, BLOCK):
            part = slice(start, min(start + BLOCK, self.size))
            yield part, [array if array.ndim == 0 else array[part] for array in self.flat]


def blockwise(kernel: Callable[..., tuple[Any, ...]], outputs: int, *values: ArrayLike) -> list[Any]:
    """Every output of ``kernel(*inputs)`` over the broadcast inputs.

    Parameters
    ----------
    kernel : callable
        Elementwise; answers ``outputs`` arrays (or numbers) per block.
    outputs : int
        How many.
    *values : array_like
        Inputs that broadcast together.

    Returns
    -------
    list of ndarray or float64
        In the broadcast shape; numbers where every input was one.
    """
    inputs = Inputs(*values)
    found = np.empty((outputs, inputs.size))
    with np.errstate(all="ignore"):
        for part, block in inputs.blocks():
            for row, answer in enumerate(kernel(*block)):
                found[row, part] = answer
    return [row.reshape(inputs.shape)[()] for row in found]


def signs(kind: ArrayLike) -> Floats:
    """The kinds as floats.

    Raises
    ------
    ValueError
        Where one is neither +1 (call) nor -1 (put).
    """
    array = np.asarray(kind, dtype=np.float64)
    if not (np.abs(array) == 1.0).all():
        raise ValueError("An option's kind is +1 for a call and -1 for a put; there is another number in it.")
    return array


def deviation(volatility: Any, root: Any) -> Any:
    """The standard deviation at expiry: never zero, and NaN where the volatility or the time is negative."""
    total = np.asarray(volatility * root)
    if total.size and not total.min() > 0.0:  # rare, and so outside the quick path; NaN comes here as well
        total = np.where(total < 0.0, np.nan, np.maximum(total, TINY))
    return total

"""What every module of the package does to arrays first: floats, shapes, two-pass means."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Integers: TypeAlias = NDArray[np.int64]


def vector(values: ArrayLike, name: str) -> Floats:
    """``values`` as float64 (n,)."""
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1:
        raise ValueError(f"{name} is one series, shape (n,); it has shape {found.shape}")
    return found


def panel(values: ArrayLike, name: str) -> Floats:
    """``values`` as float64 (n, k); one series becomes one column."""
    found = np.asarray(values, dtype=np.float64)
    if found.ndim == 1:
        found = found[:, None]
    if found.ndim != 2:
        raise ValueError(f"{name} has time on axis 0 and symbols on axis 1; it has shape {found.shape}")
    return found


def same_rows(one: NDArray[Any], other: NDArray[Any], names: str) -> None:
    if len(one) != len(other):
        raise ValueError(f"{names} are rows of the same days: {len(one)} and {len(other)} were given")


def complete(values: Floats) -> Flags:
    """Which entries have every value along the last axis."""
    return np.asarray(np.isfinite(values).all(axis=-1), dtype=bool)


def mean0(values: Floats) -> Floats:
    """Means along axis 0 in two passes: the second takes up what rounding left of the first."""
    first = values.mean(axis=0)
    return np.asarray(first + (values - first).mean(axis=0), dtype=np.float64)

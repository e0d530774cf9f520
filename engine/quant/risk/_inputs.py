"""What every risk function asks of its inputs, and how it says what is wrong with them."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]
Seed: TypeAlias = int | np.random.Generator


def series_of(returns: ArrayLike, least: int = 2) -> Floats:
    """A finite series (n,), n at least ``least``.

    Raises
    ------
    ValueError
        It is no series, is too short, or has gaps.
    """
    values = np.asarray(returns, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"one series of returns is needed, not an array of {values.ndim} dimensions")
    return _finite(values, least)


def panel_of(returns: ArrayLike, least: int = 2) -> Floats:
    """A finite panel (n, k): time on axis 0, assets on axis 1. A series is a panel of one asset."""
    values = np.asarray(returns, dtype=np.float64)
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2:
        raise ValueError(f"a panel of returns has two dimensions, not {values.ndim}")
    return _finite(values, least)


def _finite(values: Floats, least: int) -> Floats:
    if len(values) < least:
        raise ValueError(f"{len(values)} returns are too few: {least} are needed")
    if not np.isfinite(values).all():
        raise ValueError("returns have gaps: leave out rows with NaN before estimating")
    return values


def weights_of(weights: ArrayLike, count: int) -> Floats:
    """Portfolio weights (k,), finite, one an asset."""
    values = np.asarray(weights, dtype=np.float64)
    if values.shape != (count,) or not np.isfinite(values).all():
        raise ValueError(f"{count} assets need {count} finite weights, not shape {values.shape}")
    return values


def square_of(matrix: ArrayLike) -> Floats:
    """A finite symmetric matrix (k, k), made exactly symmetric."""
    values = np.asarray(matrix, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] != values.shape[1] or not np.isfinite(values).all():
        raise ValueError(f"a finite square matrix is needed, not shape {values.shape}")
    if not np.allclose(values, values.T, rtol=1e-8, atol=1e-12):
        raise ValueError("the matrix is not symmetric")
    return (values + values.T) / 2


def level_of(level: float) -> float:
    """A confidence level strictly between one half and one: 0.99 asks for the worst hundredth."""
    if not 0.5 < level < 1.0:
        raise ValueError(f"a level lies between 0.5 and 1 (0.99 is the worst hundredth), not {level}")
    return float(level)


def generator(seed: Seed) -> np.random.Generator:
    return seed if isinstance(seed, np.random.Generator) else np.random.default_rng(seed)


def normal_quantile(probability: float) -> float:
    """The standard normal's quantile: 2.326 at 0.99."""
    from scipy.special import ndtri

    return float(ndtri(probability))


def normal_density(z: float) -> float:
    return float(np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi))

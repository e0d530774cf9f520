"""Windows' sums of products to coefficients, standard errors and fit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.quant.factors._arrays import Flags, Floats, Integers

if TYPE_CHECKING:
    from engine.quant.factors.rolling import RollingLoadings

_DEPENDENT = (
    1e-10  # share of a factor's variance that the factors before it leave, below which it has no loading
)
_FLAT = (
    1e-12  # a factor's variance against its squared distance from the center, below which it is a constant
)


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums of windows about ``center`` (f,), (k,): t windows, f factors, c = 1 (shared) or k (each symbol's own).

    ``count`` (t, c), ``x`` (t, f, c), ``xx`` (t, f, f, c), ``y`` (t, k), ``xy`` (t, f, k), ``yy`` (t, k).
    """

    count: Floats
    x: Floats
    xx: Floats
    y: Floats
    xy: Floats
    yy: Floats
    center: tuple[Floats, Floats]


def solved(
    made: RollingLoadings,
    rows: slice,
    columns: slice | Integers,
    sums: Moments,
    need: int,
    where: Flags | None = None,
) -> None:
    """Write the regressions of ``sums`` into ``made``; of ``where`` (t, k) only, where it is given."""
    with np.errstate(divide="ignore", invalid="ignore"):
        found = _regressed(sums, need)
    for name, values in found.items():
        target = getattr(made, name)
        if where is None:
            target[rows, columns] = values
            continue
        kept = target[rows, columns]
        mask = where if kept.ndim == 2 else where[:, :, None]
        target[rows, columns] = np.where(mask, values, kept)


def _regressed(sums: Moments, need: int) -> dict[str, Floats]:
    count = np.where(sums.count >= need, sums.count, np.nan)
    width = sums.x.shape[1]
    mean_x = sums.x / count[:, None, :]
    mean_y = sums.y / count
    spread = sums.xx - sums.x[:, :, None, :] * mean_x[:, None, :, :]
    together = sums.xy - mean_x * sums.y[:, None, :]
    total = np.maximum(sums.yy - sums.y * mean_y, 0.0)
    diagonal = np.arange(width)
    own = spread[:, diagonal, diagonal, :]
    own = np.where(own > _FLAT * sums.xx[:, diagonal, diagonal, :], own, np.nan)
    scale = 1.0 / np.sqrt(own)
    inverse = _inverse(spread * scale[:, :, None, :] * scale[:, None, :, :])
    betas = _times(inverse, together * scale) * scale
    left = np.maximum(total - (betas * together).sum(axis=1), 0.0)
    variance = left / (count - width - 1)
    level = mean_x + sums.center[0][:, None]
    steep = level * scale
    lever = 1.0 / count + (steep * _times(inverse, steep)).sum(axis=1)
    reach = np.sqrt(inverse[:, diagonal, diagonal, :]) * scale
    deviation = np.sqrt(variance)
    return {
        "alpha": mean_y + sums.center[1] - (betas * level).sum(axis=1),
        "betas": betas.transpose(0, 2, 1),
        "alpha_errors": deviation * np.sqrt(lever),
        "beta_errors": (deviation[:, None, :] * reach).transpose(0, 2, 1),
        "r_squared": np.where(total > 0, 1.0 - left / total, np.nan) + 0.0 * betas[:, 0],
        "residual_deviation": deviation,
        "observations": np.broadcast_to(sums.count, sums.y.shape),
    }


def _times(matrix: Floats, values: Floats) -> Floats:
    """Matrix (t, f, f, c) times vector (t, f, k) for each window; c is 1 or k."""
    if matrix.shape[3] == 1:
        return np.asarray(matrix[..., 0] @ values)
    # added factor by factor, so that a symbol's sum does not depend on its neighbours in the chunk
    found = matrix[:, :, 0] * values[:, None, 0]
    for j in range(1, matrix.shape[2]):
        found += matrix[:, :, j] * values[:, None, j]
    return found


def _inverse(matrix: Floats) -> Floats:
    """Inverses of correlation matrices (t, f, f, c) by sweeping each factor in turn (Goodnight 1979, The American
    Statistician 33); NaN where a factor is a combination of those before it."""
    a = matrix.copy()
    for j in range(a.shape[1]):
        pivot = a[:, j, j, :]
        pivot = np.where(pivot > _DEPENDENT, pivot, np.nan)
        row = a[:, j] / pivot[:, None, :]
        column = a[:, :, j].copy()
        column[:, j] = 0.0
        a -= column[:, :, None, :] * row[:, None, :, :]
        row[:, j] = 1.0 / pivot
        a[:, j] = row
        a[:, :, j] = -column / pivot[:, None, :]
        a[:, j, j] = 1.0 / pivot
    return a

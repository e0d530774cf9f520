"""Quotes of several expiries in one array: rows are expiries, what is missing has no weight."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.surface.svi import Floats


def padded(
    k: ArrayLike, total_variance: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    """Two-dimensional copies; what has no value has no weight and stands at the expiry's first quote."""
    x = np.atleast_2d(np.asarray(k, dtype=np.float64))
    w = np.atleast_2d(np.asarray(total_variance, dtype=np.float64))
    weight = np.ones_like(w) if weights is None else np.atleast_2d(np.asarray(weights, dtype=np.float64))
    if not x.shape == w.shape == weight.shape:
        raise ValueError(
            f"Moneyness {x.shape}, variance {w.shape} and weights {weight.shape} differ in shape."
        )
    known = np.isfinite(x) & np.isfinite(w) & np.isfinite(weight)
    if (weight[known] < 0).any():
        raise ValueError("A weight is negative: weights multiply residuals, and 0 leaves a quote out.")
    known &= (weight > 0) & (w > 0)
    first = np.argmax(known, axis=1)
    rows = np.arange(len(x))
    with np.errstate(invalid="ignore"):
        return (
            np.where(known, x, np.nan_to_num(x[rows, first])[:, None]),
            np.where(known, w, np.nan_to_num(w[rows, first])[:, None]),
            np.where(known, weight, 0.0),
        )

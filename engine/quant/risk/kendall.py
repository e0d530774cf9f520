"""Kendall's tau b of every pair of a panel."""

from __future__ import annotations

import numpy as np

from engine.quant.risk._inputs import Floats

_FEW = 12  # assets up to which pair by pair is faster
_CELLS = 2_000_000  # signs held at once


def kendall_matrix(values: Floats) -> Floats:
    """``(concordant - discordant) / sqrt(untied in x * untied in y)`` of a panel (n, k), shape (k, k).

    Few assets are taken pair by pair, in ``n ln n`` each (scipy's); many at once as products of the signs of all
    differences, which are whole numbers, so that both ways answer the same.

    Raises
    ------
    ValueError
        An asset never moves.
    """
    if (np.ptp(values, axis=0) == 0).any():
        raise ValueError("an asset that never moves has no correlation")
    return _pairs(values) if values.shape[1] <= _FEW else by_signs(values)


def _pairs(values: Floats) -> Floats:
    from scipy.stats import kendalltau

    count = values.shape[1]
    found = np.eye(count)
    for i in range(count):
        for j in range(i):
            found[i, j] = found[j, i] = kendalltau(values[:, i], values[:, j]).statistic
    return found


def by_signs(values: Floats) -> Floats:
    """All pairs from blocks of signs; sums of a block stay below what single precision counts exactly."""
    n, count = values.shape
    agreed = np.zeros((count, count))
    rows = max(1, min(_CELLS // (n * count), 2**24 // n))
    for first in range(0, n, rows):
        signs = np.sign(values[first : first + rows, None, :] - values[None, :, :]).astype(np.float32)
        flat = signs.reshape(-1, count)
        agreed += flat.T @ flat
    untied = np.sqrt(np.diag(agreed))
    found = np.clip(agreed / np.outer(untied, untied), -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found, dtype=np.float64)

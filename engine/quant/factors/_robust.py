"""Newey-West standard errors of windows, from the windows' own residuals."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.quant.factors._arrays import Floats, Integers
from engine.quant.factors.covariance import bartlett

_CHUNK = 1 << 19  # numbers of a chunk of windows: a few megabytes


def window_errors(
    y: Floats, x: Floats, alpha: Floats, betas: Floats, window: int, lags: int, rows: Integers
) -> tuple[Floats, Floats]:
    """Standard errors of alpha (r,) and betas (r, f) of one symbol's windows that end on ``rows``.

    ``y`` (n,), ``x`` (n, f), ``alpha`` (n,), ``betas`` (n, f). Residuals are each window's own; rows that are
    missing are zeros, so that lags are rows of the calendar. Scaled by n / (n - f - 1).
    """
    width = x.shape[1]
    padded_y = np.concatenate([np.full(window - 1, np.nan), y])
    padded_x = np.vstack([np.full((window - 1, width), np.nan), x])
    windows_y = sliding_window_view(padded_y, window)
    windows_x = sliding_window_view(padded_x, window, axis=0)
    step = max(1, _CHUNK // (window * (width + 1)))
    made = np.empty((len(rows), width + 1))
    for start in range(0, len(rows), step):
        at = rows[start : start + step]
        made[start : start + step] = _chunk(windows_y[at], windows_x[at], alpha[at], betas[at], lags)
    return made[:, 0], made[:, 1:]


def _chunk(y: Floats, x: Floats, alpha: Floats, betas: Floats, lags: int) -> Floats:
    """``y`` (c, w), ``x`` (c, f, w) to standard errors (c, f + 1), alpha's first."""
    held = np.isfinite(y) & np.isfinite(x).all(axis=1)
    count = held.sum(axis=1).astype(np.float64)
    width = x.shape[1]
    clean = np.where(held[:, None, :], x, 0.0)
    level = clean.sum(axis=2) / count[:, None]
    moved = np.where(held[:, None, :], x - level[:, :, None], 0.0)
    fitted = alpha[:, None] + (betas[:, None, :] @ clean)[:, 0]
    residuals = np.where(held, y - fitted, 0.0)
    scores = np.concatenate([residuals[:, None, :], moved * residuals[:, None, :]], axis=1)
    meat = bartlett(scores, lags) * (count / (count - width - 1))[:, None, None]
    bread = np.zeros((len(y), width + 1, width + 1))
    bread[:, 0, 0] = 1.0 / count
    bread[:, 1:, 1:] = np.linalg.inv(moved @ moved.transpose(0, 2, 1))
    # alpha stands at zero of the factors, not at their means: alpha = a - level' b
    bread[:, 0, 1:] = -(level[:, None, :] @ bread[:, 1:, 1:])[:, 0]
    covariance = bread @ meat @ bread.transpose(0, 2, 1)
    return np.asarray(np.sqrt(np.diagonal(covariance, axis1=1, axis2=2)))

"""Levenberg-Marquardt for many small problems at once: one a row, each with its own damping."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from engine.quant.surface.svi import Floats

# parameters (e, p) of the rows in ``which`` (e,) -> residuals (e, n) and their derivatives (e, n, p)
Model: TypeAlias = Callable[[Floats, np.ndarray], tuple[Floats, Floats]]
_ENOUGH = 1e-14  # of the cost: a step that saves less is the last
_STILL = 1e-13  # of a parameter: a step that moves less is the last


def minimise(
    model: Model, start: Floats, lower: Floats, upper: Floats, most: int = 80
) -> tuple[Floats, Floats, np.ndarray]:
    """Least squares of every row; parameters stay within ``lower`` and ``upper``, (p,) or (e, p).

    Marquardt (1963), damped by the diagonal of J'J, with Nielsen's gain-ratio rule for the damping (Madsen, Nielsen
    and Tingleff 2004, algorithm 3.16). Steps beyond a bound end on it.

    Returns
    -------
    Parameters (e, p), half the sum of squares (e,), and how many steps each took (e,); ``most`` where it had
    not come to rest.
    """
    best = np.clip(start, lower, upper)
    rows, count = best.shape
    low, high = np.broadcast_to(lower, best.shape), np.broadcast_to(upper, best.shape)
    every = np.arange(rows)
    residual, jacobian = model(best, every)
    cost = 0.5 * np.einsum("en,en->e", residual, residual)
    damping, factor = np.full(rows, 1e-3), np.full(rows, 2.0)
    steps = np.full(rows, most)
    active = every
    diagonal = np.arange(count)
    for step in range(most):
        normal = np.matmul(jacobian.transpose(0, 2, 1), jacobian)
        gradient = np.matmul(jacobian.transpose(0, 2, 1), residual[..., None])[..., 0]
        scale = np.maximum(normal[:, diagonal, diagonal], 1e-300)
        scale = np.maximum(scale, 1e-12 * scale.max(axis=1, keepdims=True))
        here = best[active]
        # a parameter on its bound that would leave it stands still
        fixed = ((here <= low[active]) & (gradient > 0)) | ((here >= high[active]) & (gradient < 0))
        gradient = np.where(fixed, 0.0, gradient)
        normal = np.where(fixed[:, :, None] | fixed[:, None, :], 0.0, normal)
        normal[:, diagonal, diagonal] += np.where(fixed, 1.0, damping[active][:, None] * scale)
        move = -np.linalg.solve(normal, gradient[..., None])[..., 0]
        trial = np.clip(here + move, low[active], high[active])
        move = trial - here
        trial_residual, trial_jacobian = model(trial, active)
        trial_cost = 0.5 * np.einsum("en,en->e", trial_residual, trial_residual)
        expected = -0.5 * (move * (gradient - damping[active][:, None] * scale * move)).sum(axis=1)
        saved = cost[active] - trial_cost
        better = saved > 0
        gain = saved / np.maximum(expected, 1e-300)
        eased = damping[active] * np.maximum(1.0 / 3.0, 1.0 - (2.0 * np.clip(gain, 0.0, 1.0) - 1.0) ** 3)
        damping[active] = np.where(better, np.maximum(eased, 1e-15), damping[active] * factor[active])
        factor[active] = np.where(better, 2.0, factor[active] * 2.0)
        moved = np.abs(move).max(axis=1) > _STILL * (1.0 + np.abs(here).max(axis=1))
        rests = np.where(better, saved <= _ENOUGH * cost[active], ~moved | (damping[active] > 1e12))
        best[active[better]] = trial[better]
        cost[active[better]] = trial_cost[better]
        residual = np.where(better[:, None], trial_residual, residual)
        jacobian = np.where(better[:, None, None], trial_jacobian, jacobian)
        steps[active[rests]] = step + 1
        if rests.any():
            active, residual, jacobian = active[~rests], residual[~rests], jacobian[~rests]
        if not len(active):
            break
    return best, cost, steps

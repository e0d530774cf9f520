"""One way to the solver: cvxpy's Clarabel, with its failures told in words."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.portfolio.constraints import Floats, Infeasible, modelling


def solved(problem: Any, what: str) -> None:
    """Solve in place.

    Raises
    ------
    Infeasible
        No weights fulfil the wishes, or the problem has no end.
    ValueError
        The solver failed.
    """
    import warnings

    cp = modelling()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            problem.solve(solver=cp.CLARABEL)
    except cp.error.SolverError as fault:
        raise ValueError(f"{what}: the solver stopped without an answer ({fault})") from fault
    if problem.status in (cp.INFEASIBLE, cp.INFEASIBLE_INACCURATE):
        raise Infeasible(
            f"{what}: no weights fulfil all that is asked; loosen a bound, a group, or the target"
        )
    if problem.status in (cp.UNBOUNDED, cp.UNBOUNDED_INACCURATE):
        raise Infeasible(f"{what}: without bounds there is no best; bound the weights")
    if problem.value is None:
        raise ValueError(f"{what}: the solver gave no answer ({problem.status})")


def root_of(covariance: ArrayLike) -> Floats:
    """A matrix R with R'R the covariance, whose quadratic form the solver takes as a norm: better scaled than the
    form itself. A covariance that is not positive semi-definite is refused.

    Raises
    ------
    ValueError
        Not square, not symmetric, not finite, or an eigenvalue below zero by more than rounding.
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.isfinite(matrix).all():
        raise ValueError("a covariance is a finite square matrix")
    if not np.allclose(matrix, matrix.T, rtol=1e-8, atol=1e-14):
        raise ValueError("a covariance is symmetric")
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    if values.min() < -1e-8 * max(values.max(), 1e-300):
        raise ValueError("the covariance is not positive semi-definite: take its nearest one first")
    root: Floats = np.sqrt(np.clip(values, 0.0, None))[:, None] * vectors.T
    return root


def tidy(weights: Any, budget: float) -> Floats:
    """The solver's weights with its rounding taken off: dust is zero, and they add up to the budget exactly."""
    found = np.asarray(weights, dtype=np.float64).copy()
    found[np.abs(found) < 1e-7] = 0.0
    total = found.sum()
    if budget and total:
        found *= budget / total
    return found

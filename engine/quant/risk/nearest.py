"""The nearest correlation and covariance matrices that are positive semi-definite (Higham 2002)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import Floats, square_of


def nearest_correlation(matrix: ArrayLike, *, tolerance: float = 1e-10, most: int = 2000) -> Floats:
    """The nearest correlation matrix in Frobenius norm, by alternating projections with Dykstra's correction
    (Higham 2002, algorithm 3.3). A matrix that is one already comes back unchanged.

    Raises
    ------
    ValueError
        The matrix is no symmetric finite square, or the projections did not meet within ``most`` rounds.
    """
    found = square_of(matrix)
    if is_correlation(found):
        return found
    correction = np.zeros_like(found)
    for _ in range(most):
        before = found
        target = found - correction
        projected = _semidefinite(target)
        correction = projected - target
        found = projected.copy()
        np.fill_diagonal(found, 1.0)
        if np.linalg.norm(found - before) <= tolerance * np.linalg.norm(found):
            break
    else:
        raise ValueError(f"no correlation matrix was met within {most} projections")
    # a last scaling takes away the rounding: exactly one on the diagonal, no eigenvalue below -1e-15
    root = np.sqrt(np.diag(projected))
    scaled = projected / np.outer(root, root)
    np.fill_diagonal(scaled, 1.0)
    return np.asarray(np.clip((scaled + scaled.T) / 2, -1.0, 1.0), dtype=np.float64)


def is_correlation(matrix: Floats, tolerance: float = 1e-12) -> bool:
    """Ones on the diagonal, nothing beyond them, and no negative eigenvalue."""
    fine = np.allclose(np.diag(matrix), 1.0, atol=tolerance, rtol=0) and np.abs(matrix).max() <= 1 + tolerance
    return bool(fine and np.linalg.eigvalsh(matrix)[0] >= -tolerance)


def nearest_covariance(matrix: ArrayLike) -> Floats:
    """The same variances with the nearest correlation matrix.

    Raises
    ------
    ValueError
        A variance is not positive.
    """
    values = square_of(matrix)
    deviation = np.diag(values)
    if (deviation <= 0).any():
        raise ValueError("every variance must be positive")
    scale = np.sqrt(deviation)
    return np.asarray(nearest_correlation(values / np.outer(scale, scale)) * np.outer(scale, scale))


def _semidefinite(matrix: Floats) -> Floats:
    """The nearest positive semi-definite matrix: negative eigenvalues become 0."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 0.0)) @ vectors.T, dtype=np.float64)

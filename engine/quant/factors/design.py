"""Regressors made orthonormal once, for any number of regressands and any covariance of the estimates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.quant.factors._arrays import Floats, mean0

_DEPENDENT = 1e-11  # the sine of a regressor's angle to those before it, below which it is their combination
_CONSTANT = 1e-13  # spread against level below which a regressor is a constant


@dataclass(frozen=True, slots=True)
class Design:
    """``coefficients = transform @ basis.T @ y``; ``basis`` (n, q) has orthonormal columns.

    Column 0 is the intercept's where there is one. Since basis' basis = I, the covariance of the coefficients is
    transform @ meat @ transform.T, with s^2 I as the meat of ordinary least squares.
    """

    basis: Floats
    transform: Floats
    intercept: bool


def design(factors: Floats, *, intercept: bool = True) -> Design:
    """Centred (with an intercept), scaled, and factored by Householder QR.

    Centring keeps regressors far from zero (levels of 10^4 that move by 1) as exact as their moves; QR on scaled
    columns errs by eps x condition where normal equations err by its square (Golub and Van Loan, Matrix
    Computations, 4th ed., 5.3.8).

    Parameters
    ----------
    factors : (n, f), all finite.

    Raises
    ------
    ValueError
        Fewer rows than coefficients, or a factor that is constant or a combination of those before it.
    """
    rows, count = factors.shape
    if rows <= count + intercept:
        raise ValueError(f"{rows} observations do not determine {count + intercept} coefficients")
    means = mean0(factors) if intercept else np.zeros(count)
    moved = factors - means
    scale = np.sqrt((moved * moved).sum(axis=0))
    flat = scale <= _CONSTANT * np.sqrt(rows) * np.abs(factors).max(axis=0, initial=0.0)
    if flat.any():
        raise ValueError(f"factor {int(np.argmax(flat)) + 1} is constant: it has no loading of its own")
    basis, upper = np.linalg.qr(moved / scale)
    dependent = np.abs(np.diag(upper)) < _DEPENDENT
    if dependent.any():
        raise ValueError(f"factor {int(np.argmax(dependent)) + 1} is a combination of those before it")
    back = np.linalg.solve(upper, np.eye(count)) / scale[:, None]
    if not intercept:
        return Design(basis, back, False)
    whole = np.zeros((count + 1, count + 1))
    whole[0, 0] = 1.0 / np.sqrt(rows)
    whole[0, 1:] = -means @ back
    whole[1:, 1:] = back
    ones = np.full((rows, 1), 1.0 / np.sqrt(rows))
    return Design(np.hstack([ones, basis]), whole, True)


def fitted(made: Design, y: Floats) -> tuple[Floats, Floats]:
    """Coefficients (q, k) and residuals (n, k) of each column of ``y`` (n, k).

    Regressands are centred first and the projection is repeated on the residuals, which takes up its rounding.
    """
    level = mean0(y) if made.intercept else np.zeros(y.shape[1])
    moved = y - level
    projected = made.basis.T @ moved
    residuals = moved - made.basis @ projected
    again = made.basis.T @ residuals
    residuals -= made.basis @ again
    coefficients = made.transform @ (projected + again)
    if made.intercept:
        coefficients[0] += level
    return coefficients, residuals

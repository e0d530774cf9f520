"""One regression with everything that is told of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr

from engine.quant.factors import covariance as of
from engine.quant.factors._arrays import Floats, complete, panel, same_rows, vector
from engine.quant.factors.design import Design, design, fitted

Covariance: TypeAlias = Literal["ols", "white", "newey-west", "cluster"]


@dataclass(frozen=True, slots=True)
class Regression:
    """Least squares of one series. ``coefficients`` (q,), the intercept first where there is one.

    ``covariance`` (q, q) of the coefficients; ``residuals`` (n,) of the rows that were used, which ``used`` (n0,)
    flags; ``r_squared`` about the mean, or about zero without an intercept.
    """

    coefficients: Floats
    covariance: Floats
    residuals: Floats
    used: NDArray[np.bool_]
    r_squared: float
    intercept: bool
    kind: Covariance
    lags: int = 0

    @property
    def observations(self) -> int:
        return len(self.residuals)

    @property
    def degrees_of_freedom(self) -> int:
        return self.observations - len(self.coefficients)

    @property
    def adjusted_r_squared(self) -> float:
        """1 - (1 - R2) (n - 1) / (n - q); n instead of n - 1 without an intercept."""
        return 1.0 - (1.0 - self.r_squared) * (self.observations - self.intercept) / self.degrees_of_freedom

    @property
    def residual_deviation(self) -> float:
        """sqrt(sum of squared residuals / (n - q)), a period."""
        return math.sqrt(float(self.residuals @ self.residuals) / self.degrees_of_freedom)

    @property
    def standard_errors(self) -> Floats:
        return np.sqrt(np.diag(self.covariance))

    @property
    def t_statistics(self) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.coefficients / self.standard_errors)

    @property
    def p_values(self) -> Floats:
        """Two-sided, by Student's t with n - q degrees of freedom."""
        return np.asarray(2.0 * stdtr(self.degrees_of_freedom, -np.abs(self.t_statistics)))


def regress(
    y: ArrayLike,
    x: ArrayLike,
    *,
    intercept: bool = True,
    covariance: Covariance = "ols",
    lags: int | None = None,
    groups: Sequence[ArrayLike] = (),
    small_sample: bool = True,
) -> Regression:
    """Ordinary least squares of ``y`` on ``x``, with the covariance asked for.

    b = argmin sum (y - a - x b)^2 by Householder QR of centred, scaled regressors.

    Parameters
    ----------
    y : (n,), ``x`` : (n, f). Rows with a value that is not finite are left out.
    covariance : "ols" s^2 (X'X)^-1; "white" heteroscedasticity-consistent; "newey-west" with Bartlett weights;
        "cluster" by ``groups`` (one or two labels a row).
    lags : of Newey-West; by ``newey_west_lags`` of the rows used where None.
    small_sample : White and Newey-West are multiplied by n / (n - q) (White's is then HC1). Clusters always carry
        their factor.

    Raises
    ------
    ValueError
        Shapes that do not fit, too few rows, or regressors that depend on each other.
    """
    target, factors = vector(y, "y"), panel(x, "x")
    same_rows(target, factors, "y and x")
    used = np.isfinite(target) & complete(factors)
    made = design(factors[used], intercept=intercept)
    found, left = fitted(made, target[used][:, None])
    coefficients, residuals = found[:, 0], left[:, 0]
    count, newey = len(residuals), 0
    if covariance == "newey-west":
        newey = of.newey_west_lags(count) if lags is None else min(lags, count - 1)
    picked = [np.asarray(group)[used] for group in groups]
    meat = _meat(made, residuals, covariance, newey, picked, small_sample)
    spread = target[used] - target[used].mean() if intercept else target[used]
    whole = float(spread @ spread)
    r_squared = 1.0 - float(residuals @ residuals) / whole if whole > 0 else math.nan
    return Regression(
        coefficients, made.transform @ meat @ made.transform.T, residuals, used, r_squared, intercept,
        covariance, newey,
    )  # fmt: skip


def _meat(
    made: Design,
    residuals: Floats,
    kind: Covariance,
    lags: int,
    groups: Sequence[NDArray[Any]],
    small_sample: bool,
) -> Floats:
    rows, parameters = made.basis.shape
    if kind == "ols":
        return np.asarray(np.eye(parameters) * float(residuals @ residuals) / (rows - parameters))
    scores = made.basis * residuals[:, None]
    if kind == "cluster":
        return of.clustered(scores, groups, parameters)
    meat = of.white(scores) if kind == "white" else of.bartlett(scores.T, lags)
    return np.asarray(meat * (rows / (rows - parameters) if small_sample else 1.0))

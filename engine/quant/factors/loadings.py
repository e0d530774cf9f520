"""Full-sample loadings of many symbols on one set of factors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr

from engine.quant.factors import covariance as of
from engine.quant.factors._arrays import Flags, Floats, Integers, complete, panel, same_rows
from engine.quant.factors.design import Design, design, fitted

Errors: TypeAlias = Literal["ols", "white", "newey-west"]
_CHUNK = 16  # symbols whose scores stay in the processor's cache together


@dataclass(frozen=True, slots=True)
class Loadings:
    """Regressions of k symbols on f factors, an intercept each; NaN where a symbol has too few rows.

    ``coefficients`` (k, f + 1), alpha first; ``covariance`` (k, f + 1, f + 1) of them; ``residuals`` (n, k), NaN
    where a symbol has no row; ``r_squared``, ``residual_deviation`` (a period, n - f - 1), ``observations`` and
    ``lags`` (k,).
    """

    coefficients: Floats
    covariance: Floats
    residuals: Floats
    r_squared: Floats
    residual_deviation: Floats
    observations: Integers
    lags: Integers
    kind: Errors

    @property
    def alpha(self) -> Floats:
        return self.coefficients[:, 0]

    @property
    def betas(self) -> Floats:
        return self.coefficients[:, 1:]

    @property
    def standard_errors(self) -> Floats:
        """(k, f + 1), alpha's first."""
        return np.sqrt(np.diagonal(self.covariance, axis1=1, axis2=2))

    @property
    def t_statistics(self) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.coefficients / self.standard_errors)

    @property
    def p_values(self) -> Floats:
        """Two-sided, by Student's t with the symbol's n - f - 1 degrees of freedom."""
        freedom = self.observations - self.coefficients.shape[1]
        return np.asarray(2.0 * stdtr(np.maximum(freedom, 1)[:, None], -np.abs(self.t_statistics)))


def loadings(
    returns: ArrayLike,
    factors: ArrayLike,
    *,
    errors: Errors = "ols",
    lags: int | None = None,
    small_sample: bool = True,
    least: int | None = None,
) -> Loadings:
    """r_kt = alpha_k + b_k' f_t + e_kt by least squares over all rows, for each symbol.

    Parameters
    ----------
    returns : (n, k) excess returns; NaN where a symbol has none (not yet listed, a gap).
    factors : (n, f); a row with a NaN is left out for all.
    errors : covariance of the estimates. Newey-West's lags are rows of the calendar: over a gap nothing is
        correlated (the amplitude-modulated estimator, Datta and Du 2012, Federal Reserve IFDP 1060), which is the
        textbook's for a symbol without gaps.
    lags : by ``newey_west_lags`` of each symbol's observations where None.
    small_sample : multiply White's and Newey-West's by n / (n - f - 1).
    least : observations below which a symbol's row is NaN; f + 2 where None.

    Raises
    ------
    ValueError
        Shapes that do not fit, or factors that depend on each other.
    """
    y, x = panel(returns, "returns"), panel(factors, "factors")
    same_rows(y, x, "returns and factors")
    (rows, count), width = y.shape, x.shape[1] + 1
    whole = complete(x)
    held = np.isfinite(y) & whole[:, None]
    made = Loadings(
        np.full((count, width), np.nan), np.full((count, width, width), np.nan), np.full((rows, count), np.nan),
        np.full(count, np.nan), np.full(count, np.nan), held.sum(axis=0), np.zeros(count, dtype=np.int64), errors,
    )  # fmt: skip
    enough = made.observations >= max(width + 1, least or 0)
    for columns in _alike(held, enough):
        rows_held = held[:, columns[0]]
        whole_design = design(x[rows_held])
        _fill(made, columns, rows_held, whole_design, y[np.ix_(rows_held, columns)], lags, small_sample)
    return made


def _alike(held: Flags, enough: Flags) -> list[Integers]:
    """Symbols with the same rows, which share one factorisation."""
    wanted = np.flatnonzero(enough)
    packed = np.packbits(held[:, wanted], axis=0)
    groups: dict[bytes, list[int]] = {}
    for place, symbol in enumerate(wanted):
        groups.setdefault(packed[:, place].tobytes(), []).append(int(symbol))
    return [np.array(group, dtype=np.int64) for group in groups.values()]


def _fill(
    made: Loadings, columns: Integers, held: Flags, on: Design, y: Floats, lags: int | None, small: bool
) -> None:
    found, residuals = fitted(on, y)
    rows, width = on.basis.shape
    squares = np.einsum("nk,nk->k", residuals, residuals)
    spread = y - y.mean(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.einsum("nk,nk->k", spread, spread)
        made.r_squared[columns] = np.where(total > 0, 1.0 - squares / total, np.nan)
    made.coefficients[columns] = found.T
    made.residual_deviation[columns] = np.sqrt(squares / (rows - width))
    made.residuals[np.ix_(held, columns)] = residuals
    if made.kind == "ols":
        meat = np.eye(width) * (squares / (rows - width))[:, None, None]
    else:
        chosen = 0
        if made.kind == "newey-west":
            chosen = of.newey_west_lags(rows) if lags is None else min(lags, rows - 1)
        made.lags[columns] = chosen
        meat = _robust(on, residuals, held, chosen) * (rows / (rows - width) if small else 1.0)
    made.covariance[columns] = on.transform @ meat @ on.transform.T


def _robust(on: Design, residuals: Floats, held: Flags, lags: int) -> Floats:
    """White's or Newey-West's sums (c, q, q), symbols in chunks; rows that are missing inside are zeros."""
    first, last = np.flatnonzero(held)[[0, -1]]
    span = held[first : last + 1]
    basis = np.zeros((on.basis.shape[1], len(span)))
    basis[:, span] = on.basis.T
    left = np.zeros((residuals.shape[1], len(span)))
    left[:, span] = residuals.T
    meat = np.empty((len(left), len(basis), len(basis)))
    for start in range(0, len(left), _CHUNK):
        scores = basis[None] * left[start : start + _CHUNK, None, :]
        meat[start : start + _CHUNK] = of.bartlett(scores, lags)
    return meat

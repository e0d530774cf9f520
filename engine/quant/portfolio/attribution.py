"""Why a portfolio earned other than its benchmark: Brinson's effects by group, linked over periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.portfolio.constraints import Floats


@dataclass(frozen=True, slots=True)
class Brinson:
    """Effects by group, (g,) or (t, g): they add up to the portfolio's return less the benchmark's.

    ``allocation`` is (w - v)(b - B), ``selection`` v (r - b), ``interaction`` (w - v)(r - b): w, v the portfolio's
    and benchmark's weights, r, b their returns in the group, B the benchmark's in all (Brinson, Hood and Beebower,
    1986; allocation as Brinson and Fachler, 1985).
    """

    allocation: Floats
    selection: Floats
    interaction: Floats

    @property
    def total(self) -> Floats:
        """The group's whole effect."""
        return self.allocation + self.selection + self.interaction


def brinson(
    weights: ArrayLike, returns: ArrayLike, benchmark_weights: ArrayLike, benchmark_returns: ArrayLike
) -> Brinson:
    """Effects of one period, or of each row of many.

    Parameters
    ----------
    weights, benchmark_weights : (g,) or (t, g), at the beginning of the period
    returns, benchmark_returns : the same shape; where a side holds nothing its return is taken as the other's
    """
    w, r, v, b = (
        np.atleast_2d(np.asarray(each, dtype=np.float64))
        for each in (weights, returns, benchmark_weights, benchmark_returns)
    )
    if not w.shape == r.shape == v.shape == b.shape:
        raise ValueError("weights and returns of both sides have one shape")
    known_r, known_b = np.where(np.isfinite(r), r, b), np.where(np.isfinite(b), b, r)
    r, b = np.nan_to_num(known_r), np.nan_to_num(known_b)
    whole = (v * b).sum(axis=1, keepdims=True)
    parts = ((w - v) * (b - whole), v * (r - b), (w - v) * (r - b))
    shape = np.shape(weights)
    return Brinson(*(part.reshape(shape) for part in parts))


def linked(effects: Brinson, returns: ArrayLike, benchmark_returns: ArrayLike) -> Brinson:
    """Effects of many periods in one: (g,), adding up to the compounded difference (Carino 1999).

    Each period's effects are scaled by k_t / K, k = (ln(1 + r) - ln(1 + b)) / (r - b).

    Parameters
    ----------
    effects : of shape (t, g)
    returns, benchmark_returns : (t,), of the whole portfolio and benchmark
    """
    r, b = np.asarray(returns, dtype=np.float64), np.asarray(benchmark_returns, dtype=np.float64)
    if (r <= -1).any() or (b <= -1).any():
        raise ValueError("a period that loses everything cannot be linked")
    total, whole = np.prod(1 + r) - 1, np.prod(1 + b) - 1
    scale = _carino(r, b) / _carino(np.array([total]), np.array([whole]))[0]
    parts = (effects.allocation, effects.selection, effects.interaction)
    return Brinson(*((scale[:, None] * part).sum(axis=0) for part in parts))


def _carino(r: Floats, b: Floats) -> Floats:
    gap = r - b
    near = np.abs(gap) < 1e-10
    ratio = (np.log1p(r) - np.log1p(b)) / np.where(near, 1.0, gap)
    found: Floats = np.where(near, 1.0 / (1.0 + (r + b) / 2), ratio)
    return found

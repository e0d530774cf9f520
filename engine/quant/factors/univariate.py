"""Mean, deviation and autocorrelation of one series without cancellation."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.factors._arrays import vector


@dataclass(frozen=True, slots=True)
class Moments:
    """``deviation`` divides by n - 1; ``autocorrelation`` is that of lag 1."""

    observations: int
    mean: float
    deviation: float
    autocorrelation: float


def moments(values: ArrayLike) -> Moments:
    """Mean, standard deviation (n - 1) and lag-1 autocorrelation, NaN passed over.

    mean = sum x / n (exactly rounded sum); s^2 = (sum d^2 - (sum d)^2 / n) / (n - 1) with d = x - mean, the
    corrected two-pass formula; r1 = sum d_t d_(t-1) / sum d^2. One-pass formulas return 0 for NIST's NumAcc4.

    Sources: Chan, Golub and LeVeque (1983), The American Statistician 37, eq. 1.7; NIST StRD, univariate.
    """
    x = vector(values, "values")
    x = x[np.isfinite(x)]
    if not len(x):
        return Moments(0, math.nan, math.nan, math.nan)
    mean = math.fsum(x) / len(x)
    d = x - mean
    squares = math.fsum(d * d)
    corrected = squares - math.fsum(d) ** 2 / len(x)
    deviation = math.sqrt(corrected / (len(x) - 1)) if len(x) > 1 else math.nan
    first = math.fsum(d[1:] * d[:-1]) / squares if squares > 0 else math.nan
    return Moments(len(x), mean, deviation, first)

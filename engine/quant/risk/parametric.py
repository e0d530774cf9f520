"""Value at risk from a distribution: normal, Student's t, and the normal corrected for skew and kurtosis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import (
    Floats,
    Seed,
    generator,
    level_of,
    normal_density,
    normal_quantile,
    series_of,
)  # fmt: skip
from engine.quant.risk.students import fit_t, t_delta
from engine.quant.risk.tails import TailRisk, around, percentiles


def normal_tail(mean: float, deviation: float, level: float) -> tuple[float, float]:
    """``-mean + z s`` and ``-mean + s phi(z) / (1 - level)`` (McNeil, Frey and Embrechts 2005, 2.18 and 2.24)."""
    z = normal_quantile(level_of(level))
    return -mean + z * deviation, -mean + deviation * normal_density(z) / (1 - level)


def t_tail(mean: float, deviation: float, degrees: float, level: float) -> tuple[float, float]:
    """Of a Student's t with this mean and standard deviation: the deviation, not the scale, is given
    (McNeil, Frey and Embrechts 2005, examples 2.14 and 2.19).

    Raises
    ------
    ValueError
        ``degrees`` is 2 or less: there is no deviation.
    """
    from scipy.special import stdtrit

    if degrees <= 2:
        raise ValueError(f"a t with {degrees} degrees of freedom has no variance: more than 2 are needed")
    scale = deviation * np.sqrt((degrees - 2) / degrees)
    q = float(stdtrit(degrees, level_of(level)))
    density = _t_density(q, degrees)
    beyond = density / (1 - level) * (degrees + q * q) / (degrees - 1)
    return float(-mean + scale * q), float(-mean + scale * beyond)


def _t_density(x: float, degrees: float) -> float:
    from scipy.special import gammaln

    constant = gammaln((degrees + 1) / 2) - gammaln(degrees / 2) - 0.5 * np.log(degrees * np.pi)
    return float(np.exp(constant - (degrees + 1) / 2 * np.log1p(x * x / degrees)))


def normal_risk(
    returns: ArrayLike, level: float = 0.99, *, horizon: int = 1, ddof: int = 1, confidence: float = 0.95
) -> TailRisk:
    """A normal with the sample's mean and deviation (``ddof`` 1 divides by n - 1, 0 by n), over ``horizon``
    independent days: mean times days, deviation times their square root.

    Intervals by the delta method: the variance of ``-m + k s`` is ``s^2 (1 + k^2 / 2) / n``.
    """
    values = series_of(returns)
    mean, deviation, n = float(values.mean()), float(values.std(ddof=ddof)), len(values)
    var, shortfall = normal_tail(mean * horizon, deviation * np.sqrt(horizon), level)
    z = normal_quantile(level)
    k = normal_density(z) / (1 - level)

    def error(factor: float) -> float:
        return deviation * float(np.sqrt((horizon**2 + horizon * factor**2 / 2) / n))

    notes = (f"mean x {horizon}, deviation x square root of {horizon}",) if horizon > 1 else ()
    return TailRisk(
        "normal", level, var, shortfall, around(var, error(z), confidence), around(shortfall, error(k), confidence),
        confidence, "delta method", n, notes,
    )  # fmt: skip


def t_risk(returns: ArrayLike, level: float = 0.99, *, confidence: float = 0.95) -> TailRisk:
    """A Student's t with location, scale and degrees of freedom by maximum likelihood; intervals by the delta
    method on the observed information."""
    values = series_of(returns, 30)
    fit = fit_t(values)
    deviation = fit.scale * np.sqrt(fit.degrees / (fit.degrees - 2))
    var, shortfall = t_tail(fit.location, deviation, fit.degrees, level)

    def both(location: float, scale: float, degrees: float) -> Floats:
        return np.array(t_tail(location, scale * np.sqrt(degrees / (degrees - 2)), degrees, level))

    error = t_delta(fit, both)
    notes = (f"{fit.degrees:.1f} degrees of freedom" if fit.degrees < 200 else "practically normal",)
    return TailRisk(
        "Student t", level, var, shortfall, around(var, error[0], confidence),
        around(shortfall, error[1], confidence), confidence, "delta method", len(values), notes,
    )  # fmt: skip


def cornish_fisher_tail(
    mean: Any, deviation: Any, skewness: Any, excess_kurtosis: Any, level: float
) -> tuple[Any, Any]:
    """The normal quantile bent by skewness S and excess kurtosis K, and the mean of that bent quantile beyond.

    ``w = z + (z^2-1) S/6 + (z^3-3z) K/24 - (2z^3-5z) S^2/36`` at ``z = -z(level)`` (Cornish and Fisher 1937;
    Zangari 1996), VaR ``-mean - s w``; ES ``-mean + s phi(z)/(1-level) (1 + z S/6 + (z^2-1) K/24 -
    (2z^2-1) S^2/36)``, its exact average over the tail (Maillard 2012, section 3.2). Numbers or arrays.
    """
    z = -normal_quantile(level_of(level))
    s, k = skewness, excess_kurtosis
    w = z + (z**2 - 1) * s / 6 + (z**3 - 3 * z) * k / 24 - (2 * z**3 - 5 * z) * s**2 / 36
    mean_beyond = 1 + z * s / 6 + (z**2 - 1) * k / 24 - (2 * z**2 - 1) * s**2 / 36
    shortfall = -mean + deviation * normal_density(z) / (1 - level) * mean_beyond
    return -mean - deviation * w, shortfall


def cornish_fisher_valid(skewness: float, excess_kurtosis: float) -> bool:
    """Whether the bent quantile rises everywhere, so that it is one: its derivative ``a z^2 + b z + c`` has
    no root (Maillard 2012, section 2)."""
    s, k = skewness, excess_kurtosis
    a, b, c = k / 8 - s**2 / 6, s / 3, 1 - k / 8 + 5 * s**2 / 36
    return bool(c > 0 and (b * b < 4 * a * c or (a == 0 and b == 0)))


def moments(values: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Mean, deviation (ddof 0), skewness and excess kurtosis (moments, ddof 0) over the last axis; the latter two
    NaN where nothing moves."""
    mean = values.mean(axis=-1)
    off = values - mean[..., None]
    square = off * off
    variance = square.mean(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        third, fourth = (
            (square * off).mean(axis=-1) / variance**1.5,
            (square * square).mean(axis=-1) / variance**2,
        )
    return mean, np.sqrt(variance), third, fourth - 3


def cornish_fisher_risk(
    returns: ArrayLike, level: float = 0.99, *, confidence: float = 0.95, draws: int = 1000, seed: Seed = 0
) -> TailRisk:
    """Cornish and Fisher's with the sample's moments (all with ddof 0); percentile bootstrap intervals.

    Raises
    ------
    ValueError
        Too few returns, or they never move (or by so much or little that powers of them are no numbers).
    """
    values = series_of(returns, 20)
    with np.errstate(all="ignore"):
        mean, deviation, skewness, kurtosis = (float(each) for each in moments(values))
    if not np.isfinite([skewness, kurtosis]).all() or deviation <= 1e-12 * float(np.abs(values).max()):
        raise ValueError("returns that never move have no skewness and no kurtosis")
    var, shortfall = cornish_fisher_tail(mean, deviation, skewness, kurtosis, level)
    drawn = moments(values[generator(seed).integers(0, len(values), (draws, len(values)))])
    vars_, shortfalls = cornish_fisher_tail(*drawn, level)
    valid = cornish_fisher_valid(skewness, kurtosis)
    notes = () if valid else (
        f"skewness {skewness:.2f} and excess kurtosis {kurtosis:.2f} lie outside what the expansion can bend: its "
        "quantiles do not rise throughout",
    )  # fmt: skip
    return TailRisk(
        "Cornish-Fisher", level, var, shortfall, percentiles(np.asarray(vars_), confidence),
        percentiles(np.asarray(shortfalls), confidence), confidence, "percentile bootstrap", len(values), notes,
    )  # fmt: skip

"""Joint returns by simulation: each asset's own distribution, tied together by a Gaussian or t copula."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.risk._inputs import Floats, Seed, generator, level_of, panel_of, weights_of
from engine.quant.risk.kendall import kendall_matrix
from engine.quant.risk.nearest import nearest_correlation
from engine.quant.risk.students import fit_t
from engine.quant.risk.tails import TailRisk, percentiles, sample_tail

Family = Literal["gaussian", "t"]
Marginals = Literal["empirical", "t"]
_DEGREES = (2.1, 100.0)


@dataclass(frozen=True, slots=True)
class Copula:
    """``correlation`` (k, k) of the copula, and its degrees of freedom (infinite: Gaussian)."""

    correlation: Floats
    degrees: float


def fit_copula(returns: ArrayLike, family: Family = "gaussian") -> Copula:
    """A copula from ranks alone, so that no marginal distribution is assumed.

    Gaussian: the correlation of normal scores. t: ``sin(pi tau / 2)`` of Kendall's tau, made a correlation
    matrix where it is none, then degrees of freedom by maximum likelihood over ranks (McNeil, Frey and
    Embrechts 2005, section 5.5.1 and example 5.59).
    """
    values = panel_of(returns, 10)
    if family == "gaussian":
        return Copula(_normal_scores(values), float("inf"))
    if family != "t":
        raise ValueError(f"a copula is 'gaussian' or 't', not {family!r}")
    correlation = nearest_correlation(np.sin(np.pi / 2 * kendall_matrix(values)))
    return Copula(correlation, _degrees(_ranks(values), correlation))


def _ranks(values: Floats) -> Floats:
    """Ranks over ``n + 1``; ties share their mean."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(values, axis=0) / (len(values) + 1), dtype=np.float64)


def _normal_scores(values: Floats) -> Floats:
    from scipy.special import ndtri

    if (np.ptp(values, axis=0) == 0).any():
        raise ValueError("an asset that never moves has no correlation")
    return _tidy(np.corrcoef(ndtri(_ranks(values)), rowvar=False))


def _tidy(correlation: ArrayLike) -> Floats:
    found = np.atleast_2d(np.asarray(correlation, dtype=np.float64))
    found = np.clip((found + found.T) / 2, -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return found


def _degrees(ranks: Floats, correlation: Floats) -> float:
    """Degrees of freedom that make the ranks likeliest, the correlation given; one asset has no copula."""
    from scipy.optimize import minimize_scalar

    if ranks.shape[1] == 1:
        return _DEGREES[1]
    factor: Floats = np.linalg.cholesky(correlation + 1e-10 * np.eye(len(correlation))).astype(np.float64)
    found = minimize_scalar(
        lambda log_v: -_t_height(float(np.exp(log_v)), ranks, factor),
        bounds=tuple(np.log(_DEGREES)), method="bounded", options={"xatol": 1e-4},
    )  # fmt: skip
    return float(np.exp(found.x))


def _t_height(v: float, ranks: Floats, root: Floats) -> float:
    """Log-likelihood of a t copula (McNeil, Frey and Embrechts 2005, equation 5.53's density)."""
    from scipy.special import gammaln, stdtrit

    n, k = ranks.shape
    x = stdtrit(v, ranks)
    whitened = np.linalg.solve(root, x.T)
    joint = gammaln((v + k) / 2) - gammaln(v / 2) - np.log(np.diag(root)).sum()
    single = gammaln((v + 1) / 2) - gammaln(v / 2)
    far = (v + k) / 2 * np.log1p((whitened**2).sum(axis=0) / v).sum()
    return float(n * (joint - k * single) - far + (v + 1) / 2 * np.log1p(x * x / v).sum())


def copula_scenarios(
    returns: ArrayLike, *, family: Family = "gaussian", marginals: Marginals = "empirical",
    simulations: int = 20_000, seed: Seed = 0, copula: Copula | None = None,
) -> Floats:  # fmt: skip
    """Simulated returns (simulations, k): the copula's ranks through each asset's own quantiles.

    ``marginals``: "empirical" interpolates the sample's quantiles and never goes beyond its extremes; "t" fits
    a Student's t to each asset.
    """
    values = panel_of(returns, 30)
    fit = copula or fit_copula(values, family)
    uniform = _uniform(fit, generator(seed), simulations)
    if marginals == "t":
        return np.column_stack(
            [_t_quantile(column, u) for column, u in zip(values.T, uniform.T, strict=True)]
        )
    if marginals != "empirical":
        raise ValueError(f"marginals are 'empirical' or 't', not {marginals!r}")
    return _empirical(values, uniform)


def _uniform(fit: Copula, rng: np.random.Generator, simulations: int) -> Floats:
    from scipy.special import ndtr, stdtr

    k = len(fit.correlation)
    normal = rng.standard_normal((simulations, k)) @ _root(fit.correlation).T
    if np.isinf(fit.degrees):
        return np.asarray(ndtr(normal), dtype=np.float64)
    mixed = normal / np.sqrt(rng.chisquare(fit.degrees, (simulations, 1)) / fit.degrees)
    return np.asarray(stdtr(fit.degrees, mixed), dtype=np.float64)


def _root(correlation: Floats) -> Floats:
    """A square root of a matrix that may be singular (two share classes of one firm)."""
    values, vectors = np.linalg.eigh(correlation)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)), dtype=np.float64)


def _empirical(values: Floats, uniform: Floats) -> Floats:
    ordered, n = np.sort(values, axis=0), len(values)
    at = uniform * (n - 1)
    low = np.minimum(at.astype(np.int64), n - 2)
    below = np.take_along_axis(ordered, low, axis=0)
    return np.asarray(below + (at - low) * (np.take_along_axis(ordered, low + 1, axis=0) - below))


def _t_quantile(column: Floats, uniform: Floats) -> Floats:
    from scipy.special import stdtrit

    fit = fit_t(column)
    return np.asarray(fit.location + fit.scale * stdtrit(fit.degrees, uniform), dtype=np.float64)


def copula_risk(
    returns: ArrayLike, weights: ArrayLike, level: float = 0.99, *, family: Family = "gaussian",
    marginals: Marginals = "empirical", simulations: int = 20_000, confidence: float = 0.95, draws: int = 100,
    seed: int = 0, step: Callable[[], None] = lambda: None,
) -> TailRisk:  # fmt: skip
    """Risk of a portfolio over simulated joint returns.

    The interval is a bootstrap of the history: days drawn with replacement, the correlation and marginals
    made again from them (degrees of freedom held), the same random numbers used throughout. ``step`` is called
    before each, where a caller wants to stop.
    """
    return copula_risks(
        returns, weights, (level,), family=family, marginals=marginals, simulations=simulations,
        confidence=confidence, draws=draws, seed=seed, step=step,
    )[0]  # fmt: skip


def copula_risks(
    returns: ArrayLike, weights: ArrayLike, levels: Sequence[float], *, family: Family = "gaussian",
    marginals: Marginals = "empirical", simulations: int = 20_000, confidence: float = 0.95, draws: int = 100,
    seed: int = 0, step: Callable[[], None] = lambda: None,
) -> tuple[TailRisk, ...]:  # fmt: skip
    """The same at several levels, from the same simulations."""
    asked, values = [level_of(level) for level in levels], panel_of(returns, 30)
    held = weights_of(weights, values.shape[1])
    fit = fit_copula(values, family)
    drawn = copula_scenarios(values, marginals=marginals, simulations=simulations, seed=seed, copula=fit)
    losses, again = -drawn @ held, np.empty((draws, len(asked), 2))
    rng = np.random.default_rng([seed, 1])
    for at in range(draws):
        step()
        days = values[rng.integers(0, len(values), len(values))]
        lost = -_redrawn(days, fit, marginals, min(simulations, 5000), seed) @ held
        again[at] = [sample_tail(lost, level) for level in asked]
    degrees = "" if np.isinf(fit.degrees) else f", {fit.degrees:.1f} degrees of freedom"
    found = []
    for at, level in enumerate(asked):
        var, shortfall = sample_tail(losses, level)
        found.append(TailRisk(
            f"Monte Carlo, {'Gaussian' if family == 'gaussian' else 't'} copula", level, float(var),
            float(shortfall), percentiles(again[:, at, 0], confidence), percentiles(again[:, at, 1], confidence),
            confidence, f"bootstrap of the history, {draws} draws", len(values),
            (f"{simulations:,} simulations, {marginals} marginals{degrees}",),
        ))  # fmt: skip
    return tuple(found)


def _redrawn(days: Floats, fit: Copula, marginals: Marginals, simulations: int, seed: int) -> Floats:
    """Joint returns simulated from a resampled history."""
    if np.isinf(fit.degrees):
        correlation = _normal_scores(days)
    else:
        correlation = nearest_correlation(np.sin(np.pi / 2 * kendall_matrix(days)))
    copula = Copula(correlation, fit.degrees)
    return copula_scenarios(days, marginals=marginals, simulations=simulations, seed=seed, copula=copula)

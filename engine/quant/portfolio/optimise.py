"""Weights by mean and variance, and the frontier of what they can be. Solved by cvxpy (Clarabel).

Expected returns, covariances and rates are of one period, a year say, and all of the same one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.portfolio.constraints import Constraints, Floats, Infeasible, modelling
from engine.quant.portfolio.solve import root_of, solved, tidy

FREE = Constraints()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The efficient frontier: (m,) volatilities and expected returns, ascending, and weights (m, k)."""

    volatilities: Floats
    returns: Floats
    weights: Floats


def minimum_variance(covariance: ArrayLike, constraints: Constraints = FREE) -> Floats:
    """The weights of least variance (Markowitz 1952), (k,)."""
    cp = modelling()

    root = root_of(covariance)
    weights = cp.Variable(len(root))
    scale = _scale(root)
    problem = cp.Problem(cp.Minimize(cp.sum_squares(root / scale @ weights)), constraints.of(weights))
    solved(problem, "minimum variance")
    return tidy(weights.value, constraints.budget)


def mean_variance(
    expected: ArrayLike,
    covariance: ArrayLike,
    constraints: Constraints = FREE,
    *,
    target_return: float | None = None,
    target_volatility: float | None = None,
    risk_aversion: float | None = None,
) -> Floats:
    """Least variance at a return, highest return at a volatility, or the most of ``mu'w - aversion / 2 w'Cw``.

    Exactly one of the three is given.

    Raises
    ------
    Infeasible
        No weights reach the target.
    """
    cp = modelling()

    given = [target_return, target_volatility, risk_aversion]
    if sum(each is not None for each in given) != 1:
        raise ValueError("give one of target_return, target_volatility and risk_aversion")
    mu, root = _means(expected, covariance)
    weights = cp.Variable(len(mu))
    rules, scale = constraints.of(weights), _scale(root)
    if target_return is not None:
        goal = cp.Minimize(cp.sum_squares(root / scale @ weights))
        rules.append(mu @ weights >= target_return)
    elif target_volatility is not None:
        goal = cp.Maximize(mu @ weights)
        rules.append(cp.norm(root / scale @ weights) <= target_volatility / scale)
    else:
        goal = cp.Maximize(mu @ weights - 0.5 * float(risk_aversion or 0.0) * cp.sum_squares(root @ weights))
    solved(cp.Problem(goal, rules), "mean and variance")
    return tidy(weights.value, constraints.budget)


def maximum_sharpe(
    expected: ArrayLike, covariance: ArrayLike, rate: float = 0.0, constraints: Constraints = FREE
) -> Floats:
    """The weights of the highest (mu'w - rate) / sqrt(w'Cw).

    Solved for y = kappa w with (mu - rate)'y = 1, in which the ratio is convex (Cornuejols and Tutuncu 2006,
    section 8.2); every constraint scales with kappa.

    Raises
    ------
    Infeasible
        No allowed weights are expected to earn more than the rate.
    """
    cp = modelling()

    mu, root = _means(expected, covariance)
    scaled, kappa = cp.Variable(len(mu)), cp.Variable(nonneg=True)
    excess = (
        mu - rate * constraints.budget / max(abs(constraints.budget), 1e-12) if constraints.budget else mu
    )
    if constraints.budget <= 0:
        raise Infeasible("the highest Sharpe ratio needs a budget above zero")
    height = max(float(np.abs(excess).max()), 1e-12)
    rules = [*constraints.of(scaled, kappa), (excess / height) @ scaled == 1.0]
    solved(
        cp.Problem(cp.Minimize(cp.sum_squares(root / _scale(root) @ scaled)), rules), "highest Sharpe ratio"
    )
    if kappa.value is None or float(kappa.value) <= 1e-12:
        raise Infeasible("no allowed weights are expected to earn more than the risk-free rate")
    return tidy(scaled.value / float(kappa.value), constraints.budget)


def efficient_frontier(
    expected: ArrayLike, covariance: ArrayLike, constraints: Constraints = FREE, points: int = 25
) -> Frontier:
    """Least variance at returns from that of the least variance up to the highest that is allowed."""
    cp = modelling()

    mu, root = _means(expected, covariance)
    lowest = minimum_variance(covariance, constraints)
    weights, target = cp.Variable(len(mu)), cp.Parameter()
    rules = constraints.of(weights)
    top = cp.Problem(cp.Maximize(mu @ weights), rules)
    solved(top, "highest expected return")
    aim = cp.Minimize(cp.sum_squares(root / _scale(root) @ weights))
    problem = cp.Problem(aim, [*rules, mu @ weights >= target])
    found = [lowest]
    levels = np.linspace(float(mu @ lowest), float(top.value), points)
    for level in levels[1:]:
        target.value = float(level) - 1e-9 * max(abs(float(level)), 1e-6)  # the end itself is one point wide
        solved(problem, "efficient frontier")
        found.append(tidy(weights.value, constraints.budget))
    table = np.array(found)
    return Frontier(np.sqrt(np.maximum(((table @ root.T) ** 2).sum(axis=1), 0.0)), table @ mu, table)


def _means(expected: ArrayLike, covariance: ArrayLike) -> tuple[Floats, Floats]:
    mu, root = np.asarray(expected, dtype=np.float64), root_of(covariance)
    if mu.shape != (len(root),) or not np.isfinite(mu).all():
        raise ValueError("expected returns are finite, one for each asset of the covariance")
    return mu, root


def _scale(root: Floats) -> float:
    """A typical deviation, by which a problem is divided: the solver's tolerances are absolute."""
    return float(np.sqrt((root**2).sum() / len(root))) or 1.0

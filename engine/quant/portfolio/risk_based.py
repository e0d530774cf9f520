"""Weights that need no expected returns: risk parity, diversification, least tail loss, hierarchical parity."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.portfolio.constraints import Constraints, Floats, Infeasible, modelling
from engine.quant.portfolio.solve import root_of, solved, tidy

FREE = Constraints()


def risk_parity(covariance: ArrayLike, budgets: ArrayLike | None = None) -> Floats:
    """Long weights whose shares of the risk, w_i (Cw)_i / w'Cw, are ``budgets`` (alike where None).

    The unique solution of min 1/2 x'Cx - sum b_i log x_i, scaled to add up to one (Maillard, Roncalli and Teiletche
    2010; Spinu 2013). Bounds do not apply: with them shares cannot be chosen.

    Raises
    ------
    ValueError
        A budget is not positive, or an asset does not move.
    """
    cp = modelling()

    root = root_of(covariance)
    count = len(root)
    wanted = np.full(count, 1.0 / count) if budgets is None else np.asarray(budgets, dtype=np.float64)
    if wanted.shape != (count,) or not (wanted > 0).all():
        raise ValueError("risk budgets are above zero, one for each asset")
    deviations = np.sqrt((root**2).sum(axis=0))
    if not (deviations > 0).all():
        raise ValueError("an asset does not move: it can have no share of the risk")
    unit = root / deviations  # correlations: well scaled whatever the deviations
    scaled = cp.Variable(count, pos=True)
    aim = 0.5 * cp.sum_squares(unit @ scaled) - (wanted / wanted.sum()) @ cp.log(scaled)
    solved(cp.Problem(cp.Minimize(aim)), "risk parity")
    return _polished(np.asarray(scaled.value), unit.T @ unit, wanted / wanted.sum(), deviations)


def _polished(start: Floats, correlation: Floats, wanted: Floats, deviations: Floats) -> Floats:
    """A few Newton steps on x_i (Rx)_i = b_i, since the cone solver stops at seven digits."""
    point = start
    for _ in range(20):
        gradient = correlation @ point - wanted / point
        step = np.linalg.solve(correlation + np.diag(wanted / point**2), gradient)
        moved = point - step
        point = (
            moved
            if (moved > 0).all()
            else point - 0.5 * step * np.min(np.where(step > 0, point / step, np.inf))
        )
        if np.abs(gradient).max() < 1e-14:
            break
    weights: Floats = point / deviations
    weights /= weights.sum()
    return weights


def maximum_diversification(covariance: ArrayLike, constraints: Constraints = FREE) -> Floats:
    """The highest ratio of the weighted deviations to the portfolio's deviation (Choueifaty and Coignard 2008)."""
    from engine.quant.portfolio.optimise import maximum_sharpe

    matrix = np.asarray(covariance, dtype=np.float64)
    return maximum_sharpe(np.sqrt(np.diag(matrix)), matrix, 0.0, constraints)


def minimum_shortfall(
    returns: ArrayLike,
    level: float = 0.95,
    constraints: Constraints = FREE,
    *,
    expected: ArrayLike | None = None,
    target_return: float | None = None,
) -> Floats:
    """The weights of least expected shortfall over the rows of ``returns`` (mean-CVaR).

    The linear programme of Rockafellar and Uryasev (2000), equation 17: min a + 1 / ((1 - level) n) sum u_t with
    u_t >= -r_t'w - a and u_t >= 0.

    Parameters
    ----------
    returns : (n, k), finite, one row a scenario
    target_return : with ``expected`` (k,), a floor of the expected return
    """
    cp = modelling()

    values = np.asarray(returns, dtype=np.float64)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise ValueError("returns are a finite matrix of scenarios and assets")
    if not 0.5 <= level < 1.0:
        raise ValueError("the level lies between 0.5 and 1")
    weights, worst, over = cp.Variable(values.shape[1]), cp.Variable(), cp.Variable(len(values), nonneg=True)
    rules = [*constraints.of(weights), over >= -values @ weights - worst]
    if target_return is not None:
        if expected is None:
            raise ValueError("a target return needs expected returns")
        rules.append(np.asarray(expected, dtype=np.float64) @ weights >= target_return)
    aim = worst + cp.sum(over) / ((1.0 - level) * len(values))
    solved(cp.Problem(cp.Minimize(aim), rules), "least expected shortfall")
    return tidy(weights.value, constraints.budget)


def hierarchical_risk_parity(
    covariance: ArrayLike, correlation: ArrayLike | None = None, *, linkage: str = "single"
) -> Floats:
    """Weights shared out down a tree of clusters by inverse variance (Lopez de Prado 2016, snippets 1-3).

    Distances sqrt((1 - rho) / 2), and the Euclidean distance between their columns; the tree by scipy. Each half of
    the ordered assets gets weight in inverse proportion to its variance under inverse-variance weights.

    Parameters
    ----------
    correlation : (k, k); that of the covariance where None
    linkage : single, complete, average or ward
    """
    from scipy.cluster.hierarchy import leaves_list
    from scipy.cluster.hierarchy import linkage as tree_of
    from scipy.spatial.distance import squareform

    matrix = np.asarray(covariance, dtype=np.float64)
    root_of(matrix)
    count = len(matrix)
    if count == 1:
        return np.ones(1)
    deviations = np.sqrt(np.diag(matrix))
    if not (deviations > 0).all():
        raise Infeasible("an asset does not move: its inverse variance is infinite")
    rho = matrix / np.outer(deviations, deviations) if correlation is None else np.asarray(correlation)
    distance = np.sqrt(np.clip((1.0 - rho) / 2.0, 0.0, 1.0))
    np.fill_diagonal(distance, 0.0)
    order = leaves_list(tree_of(squareform(distance, checks=False), method=linkage))
    weights = np.ones(count)
    waiting = [order]
    while waiting:
        cluster = waiting.pop()
        if len(cluster) < 2:
            continue
        left, right = cluster[: len(cluster) // 2], cluster[len(cluster) // 2 :]
        one, other = _cluster_variance(matrix, left), _cluster_variance(matrix, right)
        share = 1.0 - one / (one + other)
        weights[left] *= share
        weights[right] *= 1.0 - share
        waiting += [left, right]
    return weights


def _cluster_variance(matrix: Floats, members: np.ndarray) -> float:
    inside = matrix[np.ix_(members, members)]
    weights = 1.0 / np.diag(inside)
    weights /= weights.sum()
    return float(weights @ inside @ weights)

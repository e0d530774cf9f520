"""Portfolios: weights by any of the usual aims, what they come to, and why they earned what they did.

    weights = minimum_variance(covariance, Constraints(low=0.0, high=0.2))
    frontier = efficient_frontier(expected, covariance)
    held = hold(returns, weights, "monthly", dates)

Optimisation is cvxpy's (Clarabel); the tree of hierarchical risk parity is scipy's.
"""

from engine.quant.portfolio.attribution import Brinson, brinson, linked
from engine.quant.portfolio.black_litterman import Posterior, implied_returns, posterior
from engine.quant.portfolio.constraints import Constraints, Group, Infeasible, sector_groups
from engine.quant.portfolio.expected import historical_mean, shrunk_mean
from engine.quant.portfolio.holding import (
    Held,
    RiskShares,
    diversification_ratio,
    effective_holdings,
    hold,
    risk_shares,
)
from engine.quant.portfolio.optimise import (
    Frontier,
    efficient_frontier,
    maximum_sharpe,
    mean_variance,
    minimum_variance,
)
from engine.quant.portfolio.risk_based import (
    hierarchical_risk_parity,
    maximum_diversification,
    minimum_shortfall,
    risk_parity,
)

__all__ = [
    "Brinson",
    "Constraints",
    "Frontier",
    "Group",
    "Held",
    "Infeasible",
    "Posterior",
    "RiskShares",
    "brinson",
    "diversification_ratio",
    "effective_holdings",
    "efficient_frontier",
    "hierarchical_risk_parity",
    "historical_mean",
    "hold",
    "implied_returns",
    "linked",
    "maximum_diversification",
    "maximum_sharpe",
    "mean_variance",
    "minimum_shortfall",
    "minimum_variance",
    "posterior",
    "risk_parity",
    "risk_shares",
    "sector_groups",
    "shrunk_mean",
]

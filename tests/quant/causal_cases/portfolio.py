"""Portfolios: what is held through time is causal; the rest is of one moment's estimates."""

from __future__ import annotations

import numpy as np

from engine.quant.portfolio import hold
from tests.quant.causal import SYMBOLS, Floats, Market

WEIGHTS = np.linspace(1, 2, SYMBOLS) / np.linspace(1, 2, SYMBOLS).sum()


def held(data: Market, how: str) -> Floats:
    found = hold(data.panel_returns, WEIGHTS, how, data.dates)  # type: ignore[arg-type]
    return np.column_stack([found.returns, found.weights, found.turnover])


_ESTIMATES = "of one moment's estimates, which are its caller's"
CASES = {
    "portfolio.hold": lambda data: held(data, "monthly"),
    "portfolio.hold[never]": lambda data: held(data, "never"),
    "portfolio.hold[every period]": lambda data: held(data, "every period"),
}
TIMELESS = {
    **{
        f"portfolio.{name}": _ESTIMATES
        for name in (
            "diversification_ratio", "effective_holdings", "efficient_frontier", "hierarchical_risk_parity",
            "implied_returns", "maximum_diversification", "maximum_sharpe", "mean_variance", "minimum_variance",
            "posterior", "risk_parity", "risk_shares", "sector_groups",
        )
    },
    "portfolio.brinson": "each period by itself",
    "portfolio.linked": "sums up whole periods",
    "portfolio.historical_mean": "sums up the whole sample that it is given",
    "portfolio.shrunk_mean": "sums up the whole sample that it is given",
    "portfolio.minimum_shortfall": "of scenarios, which have no order",
}  # fmt: skip

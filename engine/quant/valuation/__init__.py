"""Fundamental valuation: discounted cash flows and what they rest on, implied growth, peers.

assumed = Assumptions(revenue=100.0, growth=0.08, margin=0.2, target_margin=0.22, tax_rate=0.21, discount_rate=0.09,
                      terminal_growth=0.025, sales_to_capital=2.0, terminal_return=0.12, net_debt=-10.0,
                      minority_interest=0.0, shares=10.0)
value(assumed).value_per_share
implied(assumed, price=40.0, which="growth")
sensitivity(assumed, "discount_rate", [0.08, 0.09, 0.10], "growth", [0.05, 0.08])
"""

from engine.quant.valuation.capital import EQUITY_PREMIUM, CapitalCost, adjusted_beta, cost_of_capital
from engine.quant.valuation.dcf import Assumptions, Valued, value
from engine.quant.valuation.peers import Among, among, percentile_ranks, price_at_multiple, price_at_yield
from engine.quant.valuation.reading import Rung, gordon_growth, implied, rungs, sensitivity
from engine.quant.valuation.starting import Start, Starting, starting

__all__ = [
    "EQUITY_PREMIUM",
    "Among",
    "Assumptions",
    "CapitalCost",
    "Rung",
    "Start",
    "Starting",
    "Valued",
    "adjusted_beta",
    "among",
    "cost_of_capital",
    "gordon_growth",
    "implied",
    "percentile_ranks",
    "price_at_multiple",
    "price_at_yield",
    "rungs",
    "sensitivity",
    "starting",
    "value",
]

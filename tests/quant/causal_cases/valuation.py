"""Valuation: of one day's figures."""

from __future__ import annotations

CASES: dict[str, object] = {}
TIMELESS = {
    f"valuation.{name}": "of one day's figures, which are its caller's"
    for name in (
        "adjusted_beta", "among", "cost_of_capital", "gordon_growth", "implied", "percentile_ranks",
        "price_at_multiple", "price_at_yield", "rungs", "sensitivity", "starting", "value",
    )
}  # fmt: skip

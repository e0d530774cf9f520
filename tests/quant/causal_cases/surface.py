"""Surfaces are of one instant's quotes; only realised volatility has a time axis."""

from __future__ import annotations

from engine.quant import surface
from tests.quant.causal import Floats, Market


def _premium(market: Market) -> Floats:
    implied = 0.1 + 0.0001 * market.close
    return surface.variance_risk_premium(implied, surface.realized_volatility(market.close, 21))


CASES = {
    "surface.realized_volatility": lambda market: surface.realized_volatility(market.close, 21),
    "surface.realized_volatility[panel]": lambda market: surface.realized_volatility(market.closes, 63)[:, 0],
    "surface.variance_risk_premium": _premium,
}
_ONE = "quotes of one instant in, figures of that instant out: there is no time axis of observations"
_FORMULA = "a formula of its parameters"
TIMELESS = {
    **{
        f"surface.{name}": _ONE
        for name in (
            "american_volatility", "build_surface", "clean_chain", "executable_arbitrage", "fit_quality", "fit_ssvi",
            "fit_svi", "implied_forwards", "parity_forward", "premium_free", "quote_volatilities",
        )
    },
    **{
        f"surface.{name}": _FORMULA
        for name in (
            "butterfly_g", "call_delta", "chance_above", "check_arbitrage", "delta_moneyness", "delta_volatility",
            "density", "forward_volatility", "jump_wings_to_raw", "moneyness_grid", "natural_to_raw",
            "raw_to_jump_wings", "raw_to_natural", "sabr_implied_volatility", "smile_measures", "ssvi_conditions",
            "ssvi_phi", "ssvi_to_raw", "ssvi_total_variance", "svi_derivatives", "svi_total_variance",
            "without_butterflies",
        )
    },
}  # fmt: skip

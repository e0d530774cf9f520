"""Black-76, Garman-Kohlhagen and implied volatilities: Hull, Haug 1998, QuantLib's grid."""

import math

from engine.quant.options import black76, garman_kohlhagen, implied_volatility
from tests.quant.golden_cases.options_bsm_european import KIND, terms


def _black76(inputs, quantity):
    forward, strike, years = (inputs[name] for name in ("F", "K", "T"))
    return black76(
        KIND[inputs["type"]], forward, strike, years, inputs["sigma"], math.exp(-inputs["r"] * years)
    )


def _implied(inputs, quantity):
    years = inputs["T"]
    carried = inputs["S"] * math.exp((inputs["r"] - inputs["q"]) * years) if "S" in inputs else inputs["F"]
    found = implied_volatility(
        inputs["price"], KIND[inputs["type"]], carried, inputs["K"], years, math.exp(-inputs["r"] * years)
    )
    return found.volatility


CASES = {
    "black76": _black76,
    "garman_kohlhagen": lambda inputs, quantity: garman_kohlhagen(*terms(inputs)),
    "implied_vol": _implied,
}

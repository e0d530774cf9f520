"""Option pricing over arrays: European models with every Greek, implied volatility, American and exotic options.

A kind is +1 for a call and -1 for a put; rates, yields and volatilities are fractions a year, times years. Everything
broadcasts, and numbers answer numbers.

>>> from engine.quant import options
>>> float(options.bsm(+1, 100.0, 100.0, 1.0, 0.05, 0.0, 0.2))
10.450583572185579
>>> float(options.bsm_greeks(-1, 100.0, [95.0, 100.0], 0.5, 0.05, 0.01, 0.2).vega[1].round(6))
27.444288
>>> float(options.implied_volatility(10.0, +1, 105.0, 100.0, 1.0, discount=0.95).volatility.round(12))
0.190381731207
>>> options.REASONS[int(options.implied_volatility(200.0, +1, 105.0, 100.0, 1.0).reason)]
'the price is at or above what the option can be worth at any volatility'
>>> float(options.american(-1, 100.0, 100.0, 1.0, 0.05, 0.05, 0.25).round(4))
9.5694
"""

from engine.quant.options.american import SCHEMES, american
from engine.quant.options.american_greeks import AmericanGreeks, american_cash_greeks, american_greeks
from engine.quant.options.american_implied import american_implied_volatility
from engine.quant.options.discrete import american_cash, european_cash, european_cash_greeks, present_value
from engine.quant.options.exotics import BARRIERS, barrier, chooser, digital, digital_barrier, gap
from engine.quant.options.forwards import bachelier_greeks, black76_greeks, garman_kohlhagen_greeks
from engine.quant.options.greeks import Greeks, Sensitivities, bsm_greeks, bsm_sensitivities
from engine.quant.options.implied import REASONS, Implied, implied_volatility
from engine.quant.options.models import bachelier, black76, bsm, garman_kohlhagen

__all__ = [
    "BARRIERS", "REASONS", "SCHEMES", "AmericanGreeks", "Greeks", "Implied", "Sensitivities", "american",
    "american_cash", "american_cash_greeks", "american_greeks",
    "american_implied_volatility", "bachelier", "bachelier_greeks", "barrier",
    "black76", "black76_greeks", "bsm", "bsm_greeks", "bsm_sensitivities", "chooser", "digital", "digital_barrier",
    "european_cash", "european_cash_greeks", "gap", "garman_kohlhagen", "garman_kohlhagen_greeks",
    "implied_volatility", "present_value",
]  # fmt: skip

"""Options.

>>> from engine.quant import options
>>> float(options.bsm(+1, 100.0, 100.0, 1.0, 0.05, 0.0, 0.2))
10.450583572185579
"""

from engine.quant.options.greeks import Greeks, Sensitivities, bsm_greeks, bsm_sensitivities
from engine.quant.options.implied import REASONS, Implied, implied_volatility
from engine.quant.options.models import bachelier, black76, bsm, garman_kohlhagen

__all__ = [
    "REASONS", "Greeks", "Implied", "Sensitivities", "bachelier", "black76", "bsm", "bsm_greeks", "bsm_sensitivities",
    "garman_kohlhagen", "implied_volatility",
]  # fmt: skip

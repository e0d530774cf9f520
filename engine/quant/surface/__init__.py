"""From a chain of option quotes to an arbitrage-checked volatility surface.

>>> import numpy as np
>>> from engine.quant.options import black76
>>> from engine.quant import surface
>>> strike = np.tile(np.arange(80.0, 125.0, 5.0), 2)
>>> kind = np.repeat([1.0, -1.0], 9)
>>> price = black76(kind, 101.0, strike, 0.5, 0.2, 0.98)
>>> chain = surface.Chain(kind, strike, np.full(18, 0.5), price - 0.01, price + 0.01, spot=100.0)
>>> built = surface.build_surface(chain)
>>> [round(float(each), 6) for each in (built.forwards.forward[0], built.forwards.discount[0])]
[101.0, 0.98]
>>> round(float(built.surface.implied_volatility(np.log(90.0 / 101.0), 0.5)), 4)
0.2
>>> bool(built.report.free.all())
True

The parts stand by themselves: ``clean_chain``, ``parity_forward`` and ``implied_forwards``, ``fit_svi`` and
``fit_ssvi``, ``check_arbitrage``, ``delta_volatility`` and ``smile_measures``. Total variance is implied_volatility
** 2 * years, ``k`` is log(strike / forward), time in years.
"""

from engine.quant.surface.american import Pricer, american_volatility, premium_free
from engine.quant.surface.build import ChainSurface, build_surface
from engine.quant.surface.chain import Chain, Cleaned, Reason, Rules, clean_chain
from engine.quant.surface.checks import (
    ArbitrageReport,
    butterfly_g,
    chance_above,
    check_arbitrage,
    density,
    moneyness_grid,
)
from engine.quant.surface.forwards import Forwards, implied_forwards
from engine.quant.surface.parity import Parity, parity_forward
from engine.quant.surface.quotes import Quality, QuoteVolatilities, fit_quality, quote_volatilities
from engine.quant.surface.realised import realized_volatility, variance_risk_premium
from engine.quant.surface.sabr import sabr_implied_volatility
from engine.quant.surface.smile import (
    SmileMeasures,
    call_delta,
    delta_moneyness,
    delta_volatility,
    forward_volatility,
    smile_measures,
)
from engine.quant.surface.ssvi import (
    Ssvi,
    SsviConditions,
    SsviFit,
    fit_ssvi,
    ssvi_conditions,
    ssvi_phi,
    ssvi_to_raw,
    ssvi_total_variance,
)
from engine.quant.surface.static import executable_arbitrage
from engine.quant.surface.surface import VolSurface
from engine.quant.surface.svi import (
    JumpWingSvi,
    NaturalSvi,
    RawSvi,
    jump_wings_to_raw,
    natural_to_raw,
    raw_to_jump_wings,
    raw_to_natural,
    svi_derivatives,
    svi_total_variance,
    without_butterflies,
)
from engine.quant.surface.svi_fit import SviFit, fit_svi

__all__ = [
    "ArbitrageReport", "Chain", "ChainSurface", "Cleaned", "Forwards", "JumpWingSvi", "NaturalSvi", "Parity",
    "Pricer", "Quality", "QuoteVolatilities", "RawSvi", "Reason", "Rules", "SmileMeasures", "Ssvi",
    "SsviConditions", "SsviFit", "SviFit", "VolSurface", "american_volatility", "build_surface", "butterfly_g",
    "call_delta", "chance_above", "check_arbitrage", "clean_chain", "delta_moneyness", "delta_volatility",
    "density", "executable_arbitrage", "fit_quality", "fit_ssvi", "fit_svi", "forward_volatility",
    "implied_forwards", "jump_wings_to_raw", "moneyness_grid", "natural_to_raw", "parity_forward", "premium_free",
    "quote_volatilities", "raw_to_jump_wings", "raw_to_natural", "realized_volatility", "sabr_implied_volatility",
    "smile_measures", "ssvi_conditions", "ssvi_phi", "ssvi_to_raw", "ssvi_total_variance", "svi_derivatives",
    "svi_total_variance", "variance_risk_premium", "without_butterflies",
]  # fmt: skip

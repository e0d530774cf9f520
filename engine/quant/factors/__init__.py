"""Factor models over arrays: regressions, loadings, exposures, characteristics, sorts, information coefficients.

Time is axis 0, symbols are axis 1, NaN is a value that is missing; returns are fractions a period. Nothing here has
a clock: what is given is what is known, and row t of an answer uses rows up to t (functions that tell of the whole
sample, as ``loadings``, say so).

>>> import numpy as np
>>> from engine.quant import factors
>>> rng = np.random.default_rng(1)
>>> f = rng.normal(0, 0.01, (500, 3))
>>> r = f @ np.array([[1.1, 0.9], [0.3, -0.2], [0.0, 0.5]]) + rng.normal(0, 0.01, (500, 2))
>>> found = factors.loadings(r, f, errors="newey-west")
>>> found.betas.shape, found.lags.tolist()
((2, 3), [5, 5])
>>> rolling = factors.rolling_loadings(r, f, window=252)
>>> bool(np.allclose(rolling.betas[-1, 0], factors.regress(r[-252:, 0], f[-252:]).coefficients[1:]))
True
>>> parts = factors.risk_contributions([0.6, 0.4], found.betas, np.cov(f.T), found.residual_deviation**2)
>>> bool(np.isclose(parts.factors.sum() + parts.specific.sum(), parts.volatility))
True
"""

from engine.quant.factors.characteristics import (
    SIGNS,
    composite,
    investment,
    low_volatility,
    momentum,
    profitability,
    quality,
    size,
    value,
)
from engine.quant.factors.coefficients import (
    CoefficientSummary,
    decay,
    forward_returns,
    information_coefficients,
    row_correlations,
    summarized,
)
from engine.quant.factors.covariance import newey_west_lags
from engine.quant.factors.cross_section import neutralized, ranks, row_quantiles, winsorize, zscores
from engine.quant.factors.exposures import (
    ReturnParts,
    RiskParts,
    portfolio_exposures,
    return_contributions,
    risk_contributions,
)
from engine.quant.factors.fama_macbeth import FamaMacBeth, fama_macbeth
from engine.quant.factors.known import known_panel
from engine.quant.factors.loadings import Loadings, loadings
from engine.quant.factors.models import MODELS, FactorModel, custom_model
from engine.quant.factors.regression import Regression, regress
from engine.quant.factors.rolling import RollingLoadings, expanding_loadings, rolling_loadings
from engine.quant.factors.sorts import (
    QuantileReturns,
    TwoByThree,
    group_weights,
    held_groups,
    long_short_weights,
    quantile_groups,
    quantile_returns,
    turnover,
    two_by_three,
)
from engine.quant.factors.univariate import Moments, moments

__all__ = [
    "MODELS",
    "SIGNS",
    "CoefficientSummary",
    "FactorModel",
    "FamaMacBeth",
    "Loadings",
    "Moments",
    "QuantileReturns",
    "Regression",
    "ReturnParts",
    "RiskParts",
    "RollingLoadings",
    "TwoByThree",
    "composite",
    "custom_model",
    "decay",
    "expanding_loadings",
    "fama_macbeth",
    "forward_returns",
    "group_weights",
    "held_groups",
    "information_coefficients",
    "investment",
    "known_panel",
    "loadings",
    "long_short_weights",
    "low_volatility",
    "moments",
    "momentum",
    "neutralized",
    "newey_west_lags",
    "portfolio_exposures",
    "profitability",
    "quality",
    "quantile_groups",
    "quantile_returns",
    "ranks",
    "regress",
    "return_contributions",
    "risk_contributions",
    "rolling_loadings",
    "row_correlations",
    "row_quantiles",
    "size",
    "summarized",
    "turnover",
    "two_by_three",
    "value",
    "winsorize",
    "zscores",
]

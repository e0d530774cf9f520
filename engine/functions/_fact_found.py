"""FACT's numbers: one regression of the whole, one of each symbol, and what they contribute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import DataError
from engine.functions._fact_data import Study

if TYPE_CHECKING:
    from engine.quant.factors import Loadings, Regression, ReturnParts, RiskParts, RollingLoadings


@dataclass(frozen=True, slots=True)
class Findings:
    """Of the whole with ordinary and with Newey-West errors; of each symbol; of windows (None: too few rows).

    ``risk`` and ``earned`` are a period's, of the whole.
    """

    ols: Regression
    robust: Regression
    symbols: Loadings
    windows: RollingLoadings | None
    risk: RiskParts
    earned: ReturnParts
    volatility: float


def find(study: Study) -> Findings:
    """Everything that the page shows.

    Raises
    ------
    DataError
        Factors that depend on each other over these rows.
    """
    import numpy as np

    from engine.quant import factors as library

    held, x = study.held, study.factors
    try:
        ols = library.regress(study.portfolio, x)
        robust = library.regress(study.portfolio, x, covariance="newey-west", lags=study.lags)
        symbols = library.loadings(study.excess, x, errors="newey-west", lags=study.lags)
    except ValueError as fault:
        raise DataError(
            f"{', '.join(study.model.names)} on {len(x)} {study.step} rows: {fault}. Take other FACTORS=, or a "
            "longer range."
        ) from fault
    windows = None
    if len(x) > study.window > x.shape[1] + 2:
        windows = library.rolling_loadings(study.portfolio, x, study.window)
    spread = np.atleast_2d(np.cov(x.T))
    own = np.atleast_2d(np.cov(symbols.residuals.T))
    risk = library.risk_contributions(held.weights, symbols.betas, spread, own)
    earned = library.return_contributions(
        held.weights, symbols.alpha, symbols.betas, x.mean(axis=0), float(study.rate.mean())
    )
    return Findings(ols, robust, symbols, windows, risk, earned, float(np.std(study.portfolio, ddof=1)))

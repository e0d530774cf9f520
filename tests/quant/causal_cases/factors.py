"""Factors: loadings, characteristics, scores, sorts and coefficients up to a day, whatever comes later."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from engine.quant import factors
from tests.quant.causal import DAYS, SYMBOLS, Case, Floats, Market

SECTORS = np.arange(SYMBOLS) % 3


def gapped(market: Market) -> Floats:
    """Symbols that begin late and have gaps."""
    values = market.panel_returns.copy()
    for symbol in range(0, SYMBOLS, 2):
        values[: 20 * symbol, symbol] = np.nan
        values[symbol + 5 :: 37, symbol] = np.nan
    return values


def all_of(found: factors.RollingLoadings) -> Floats:
    return np.column_stack(
        [
            found.alpha, found.betas.reshape(DAYS, -1), found.alpha_errors, found.beta_errors.reshape(DAYS, -1),
            found.r_squared, found.residual_deviation, found.observations.astype(np.float64),
        ]
    )  # fmt: skip


def known(market: Market) -> Floats:
    """A figure for each 30 days, told 20 days after they end, and half of them told anew 40 days later."""
    instants = market.dates.astype("datetime64[us]")
    rows = [
        (symbol, instants[end].item().date(), instants[told].item(), market.characteristics[told, symbol])
        for symbol in range(SYMBOLS)
        for end in range(0, DAYS, 30)
        for told in (end + 20, *((end + 60,) if symbol % 2 else ()))
        if told < DAYS
    ]
    schema = {
        "security_id": pl.Int64,
        "period_end": pl.Date,
        "known_at": pl.Datetime("us"),
        "value": pl.Float64,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    now = factors.known_panel(frame, instants, range(SYMBOLS))
    return np.hstack([now, factors.known_panel(frame, instants, range(SYMBOLS), back=360)])


def groups(market: Market) -> np.ndarray:
    return factors.quantile_groups(market.characteristics, 4)


def bought(market: Market) -> Floats:
    return factors.turnover(factors.long_short_weights(groups(market), 4), market.panel_returns)[:, None]


def sorted_returns(market: Market) -> Floats:
    found = factors.quantile_returns(groups(market), market.panel_returns, 4, weights=market.sizes, lag=1)
    return np.column_stack([found.groups, found.spread])


def crossed(market: Market) -> Floats:
    formed = np.arange(DAYS) % 21 == 0
    found = factors.two_by_three(market.panel_returns, market.sizes, market.characteristics, formed=formed)
    return np.column_stack([found.portfolios, found.factor, found.small_minus_big])


CASES: Mapping[str, Case] = {
    "factors.rolling_loadings": lambda m: all_of(factors.rolling_loadings(m.panel_returns, m.factors, 126)),
    "factors.rolling_loadings[gaps]": lambda m: all_of(
        factors.rolling_loadings(gapped(m), m.factors, 120, least=60)
    ),
    "factors.rolling_loadings[newey-west]": lambda m: all_of(
        factors.rolling_loadings(gapped(m)[:, :3], m.factors, 100, least=50, errors="newey-west")
    ),
    "factors.expanding_loadings": lambda m: all_of(
        factors.expanding_loadings(gapped(m), m.factors, least=40)
    ),
    "factors.expanding_loadings[newey-west]": lambda m: all_of(
        factors.expanding_loadings(gapped(m)[:, :2], m.factors, least=40, errors="newey-west")
    ),
    "factors.fama_macbeth": lambda m: factors.fama_macbeth(m.panel_returns, m.characteristics).premia,
    "factors.size": lambda m: factors.size(m.sizes),
    "factors.value": lambda m: factors.value(m.sizes[:, ::-1], m.sizes),
    "factors.profitability": lambda m: factors.profitability(m.characteristics, m.sizes),
    "factors.investment": lambda m: factors.investment(m.sizes, np.roll(m.sizes, 1, axis=1)),
    "factors.momentum": lambda m: factors.momentum(m.closes),
    "factors.low_volatility": lambda m: factors.low_volatility(gapped(m), window=126),
    "factors.quality": lambda m: factors.quality(
        m.characteristics, m.sizes, debt=m.sizes[:, ::-1], net_income=m.characteristics,
        cash_from_operations=m.characteristics[:, ::-1],
    ),
    "factors.composite": lambda m: factors.composite([m.characteristics, m.closes]),
    "factors.winsorize": lambda m: factors.winsorize(m.characteristics, 0.1),
    "factors.row_quantiles": lambda m: factors.row_quantiles(m.characteristics, [0.1, 0.5]),
    "factors.zscores": lambda m: factors.zscores(m.characteristics),
    "factors.zscores[sectors]": lambda m: factors.zscores(m.characteristics, sectors=SECTORS),
    "factors.neutralized": lambda m: factors.neutralized(m.characteristics, SECTORS),
    "factors.ranks": lambda m: factors.ranks(m.characteristics),
    "factors.known_panel": known,
    "factors.quantile_groups": lambda m: groups(m).astype(np.float64),
    "factors.held_groups": lambda m: factors.held_groups(groups(m), np.arange(DAYS) % 21 == 0).astype(float),
    "factors.group_weights": lambda m: factors.group_weights(groups(m), 4, m.sizes).reshape(DAYS, -1),
    "factors.long_short_weights": lambda m: factors.long_short_weights(groups(m), 4),
    "factors.turnover": bought,
    "factors.quantile_returns": sorted_returns,
    "factors.two_by_three": crossed,
    "factors.row_correlations": lambda m: factors.row_correlations(m.characteristics, m.closes),
    "factors.forward_returns": lambda m: factors.forward_returns(m.panel_returns, 5),
    "factors.information_coefficients": lambda m: factors.information_coefficients(
        m.characteristics, m.panel_returns, 5
    ),
    "factors.information_coefficients[pearson]": lambda m: factors.information_coefficients(
        m.characteristics, m.panel_returns, 21, method="pearson"
    ),
}  # fmt: skip

_WHOLE = "tells of the whole sample that it is given, and says so"
_NONE = "has no time axis"
TIMELESS: Mapping[str, str] = {
    "factors.loadings": _WHOLE,
    "factors.regress": _WHOLE,
    "factors.moments": _WHOLE,
    "factors.summarized": _WHOLE,
    "factors.decay": _WHOLE,
    "factors.portfolio_exposures": _NONE,
    "factors.risk_contributions": _NONE,
    "factors.return_contributions": _NONE,
    "factors.newey_west_lags": _NONE,
    "factors.custom_model": _NONE,
}

"""Implied volatilities of a chain's out-of-the-money quotes, and how near a surface comes to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.quant.options import implied_volatility
from engine.quant.surface.american import Pricer, american_volatility
from engine.quant.surface.chain import Chain
from engine.quant.surface.forwards import Forwards
from engine.quant.surface.svi import Floats

_LEAST_SPREAD = 0.001  # a tenth of a point of volatility: no quote is more certain than that


@dataclass(frozen=True, slots=True)
class QuoteVolatilities:
    """One row a quote of the chain (n,); NaN and -1 where it has none."""

    expiry: NDArray[np.int64]  # row of the forwards
    k: Floats  # log(strike / forward)
    bid: Floats  # implied volatility of the bid; 0 where the bid is below what is intrinsic
    mid: Floats
    ask: Floats
    weight: Floats  # of the residual in total variance: 1 / (2 sigma t spread in volatility)


@dataclass(frozen=True, slots=True)
class Quality:
    """How near the fit comes; arrays (E,) an expiry. Errors in volatility (0.01 is one point)."""

    quotes: NDArray[np.int64]
    rmse: Floats  # root of the mean squared error against the mids
    worst: Floats  # greatest absolute error
    inside: Floats  # share of quotes whose fitted volatility lies within bid and ask


def quote_volatilities(
    chain: Chain, kept: NDArray[np.bool_], forwards: Forwards, pricer: Pricer | None = None
) -> QuoteVolatilities:
    """Black volatilities of bid, mid and ask on each expiry's forward, of quotes at or out of the money.

    Notes
    -----
    A call is used where the strike is at or above the forward, a put below. With ``pricer`` quotes are American:
    the mid's volatility is that of the American price (``american_volatility``), and bid and ask are moved by as
    much as it differs from the European one.
    """
    count = len(chain.strike)
    row = np.where(kept, forwards.row(chain.years), -1)
    known = row >= 0
    forward = (
        np.where(known, forwards.forward[row], np.nan) if len(forwards.years) else np.full(count, np.nan)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        k = np.log(chain.strike / forward)
    otm = known & np.where(chain.kind > 0, k >= 0, k < 0)
    columns = {name: np.full(count, np.nan) for name in ("bid", "mid", "ask", "weight")}
    at = np.flatnonzero(otm)
    if not len(at):
        return QuoteVolatilities(np.where(otm, row, -1), k, **columns)
    kind, strike, years, f, d = (
        chain.kind[at], chain.strike[at], chain.years[at], forward[at], forwards.discount[row[at]]
    )  # fmt: skip
    bid, mid, ask = (
        np.asarray(implied_volatility(price[at], kind, f, strike, years, d).volatility)
        for price in (chain.bid, chain.mid, chain.ask)
    )
    if pricer is not None and np.isfinite(chain.spot):
        rate = forwards.rate[row[at]]
        yield_ = rate - np.log(f / chain.spot) / years
        american = american_volatility(
            chain.mid[at], kind, chain.spot, strike, years, rate, yield_, pricer, mid
        )
        shift = american - mid
        bid, mid, ask = bid + shift, american, ask + shift
    bid = np.where(np.isnan(bid), 0.0, np.maximum(bid, 0.0))
    spread = np.maximum(ask - bid, _LEAST_SPREAD)
    columns["bid"][at], columns["mid"][at], columns["ask"][at] = bid, mid, ask
    columns["weight"][at] = 1.0 / (2.0 * mid * years * spread)
    return QuoteVolatilities(np.where(otm, row, -1), k, **columns)


def fit_quality(quotes: QuoteVolatilities, used: NDArray[np.bool_], fitted: Floats, expiries: int) -> Quality:
    """Errors of ``fitted`` volatilities (n,) against the quotes ``used``, per expiry."""
    error = fitted - quotes.mid
    within = (fitted >= quotes.bid) & (fitted <= quotes.ask)
    rows = quotes.expiry[used]
    number = np.bincount(rows, minlength=expiries)[:expiries]
    with np.errstate(invalid="ignore", divide="ignore"):
        square = np.bincount(rows, error[used] ** 2, expiries)[:expiries] / number
        share = np.bincount(rows, within[used].astype(float), expiries)[:expiries] / number
    worst = np.full(expiries, np.nan)
    np.fmax.at(worst, rows, np.abs(error[used]))
    return Quality(number, np.sqrt(square), worst, share)

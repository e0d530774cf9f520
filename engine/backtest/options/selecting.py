"""Which contracts a strategy's legs name on a session, from that session's quotes alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.backtest.market import Floats
from engine.backtest.options.book import Leg
from engine.backtest.options.chain import ChainMarket, Ints, Quotes

DAYS = 365.0
NEAR_DAYS, NEAR_PART = 10, 0.5  # an expiry is near enough within ten days, or half of what is aimed at
NEAR_DELTA, NEAR_STRIKE = 0.10, 0.05  # further off is another contract than the rules name


@dataclass(frozen=True, slots=True)
class Chosen:
    """Contracts, one a leg; or none, and why."""

    contracts: tuple[int, ...] = ()
    missing: str = ""


def choose(
    chain: ChainMarket, quotes: Quotes, legs: tuple[Leg, ...], row: int, spot: float, rate: float
) -> Chosen:
    """The contract of each leg among those quoted on both sides after the close of session ``row``.

    The expiry nearest to the days a leg aims at (of two the earlier), the same for all legs of as many days; in
    it the delta, or the strike, nearest to the one named (of two the lower strike). Contracts that expire on
    the next calendar day or before are not chosen: a fill comes a session later.
    """
    two_sided = np.isfinite(quotes.mid) & (quotes.bid > 0)
    days = (chain.expiry[quotes.contract] - chain.dates[row]) / np.timedelta64(1, "D")
    usable = two_sided & (days > 1)
    found = []
    for leg in legs:
        expiry = _expiry(days, usable, leg.days)
        if expiry is None:
            return Chosen(missing=f"no expiry near {leg.days} days is quoted")
        at = np.flatnonzero(two_sided & (days == expiry))
        place = _strike(chain, quotes, at, leg, spot, rate, expiry / DAYS)
        if place is None:
            return Chosen(missing=f"no {leg.right} near the {leg.strike} of {leg.value:g} is quoted")
        found.append(int(quotes.contract[place]))
    if len(set(found)) < len(found):
        return Chosen(missing="two legs fall on one contract: the chain is too thin for the rules")
    return Chosen(tuple(found))


def _expiry(days: Floats, usable: np.ndarray, aim: int) -> float | None:
    there = np.unique(days[usable])
    if not len(there):
        return None
    best = float(there[np.argmin(np.abs(there - aim))])
    return best if abs(best - aim) <= max(NEAR_DAYS, NEAR_PART * aim) else None


def _strike(
    chain: ChainMarket, quotes: Quotes, at: Ints, leg: Leg, spot: float, rate: float, years: float
) -> int | None:
    """The quote of one expiry that is nearest to what the leg names."""
    kind = 1 if leg.right == "call" else -1
    mine = at[chain.kind[quotes.contract[at]] == kind]
    mine = mine[np.argsort(chain.strike[quotes.contract[mine]], kind="stable")]
    strikes = chain.strike[quotes.contract[mine]]
    if leg.strike == "delta":
        forward = parity_forward(chain, quotes, at, spot, rate, years)
        far = np.abs(np.abs(deltas(kind, quotes.mid[mine], strikes, forward, spot, rate, years)) - leg.value)
        most = NEAR_DELTA
    else:
        aim = leg.value * spot if leg.strike == "share" else leg.value
        far, most = np.abs(strikes / aim - 1), NEAR_STRIKE
    if not np.isfinite(far).any() or np.nanmin(far) > most:
        return None
    return int(mine[np.nanargmin(far)])


def parity_forward(
    chain: ChainMarket, quotes: Quotes, at: Ints, spot: float, rate: float, years: float
) -> float:
    """The forward of an expiry from the pair whose call and put are nearest in price.

    ``strike + exp(rate * years) * (call - put)`` on mids, as the VIX takes it (Cboe, "VIX Index mathematics", 2019);
    the spot carried at the rate where no strike has both.
    """
    of = quotes.contract[at]
    calls, puts = at[chain.kind[of] > 0], at[chain.kind[of] < 0]
    strikes, one, other = np.intersect1d(
        chain.strike[quotes.contract[calls]], chain.strike[quotes.contract[puts]], return_indices=True
    )
    carried = spot * float(np.exp(rate * years))
    if not len(strikes):
        return carried
    gap = quotes.mid[calls[one]] - quotes.mid[puts[other]]
    nearest = int(np.argmin(np.abs(gap)))
    found = float(strikes[nearest] + np.exp(rate * years) * gap[nearest])
    return found if abs(found / carried - 1) < 0.25 else carried


def deltas(
    kind: int, mid: Floats, strike: Floats, forward: float, spot: float, rate: float, years: float
) -> Floats:
    """Spot deltas (n,) at each quote's own implied volatility (Black 1976), NaN where it implies none.

    ``kind * discount * forward / spot * N(kind * d1)``: Hull (2018), chapter 19, with the yield that the
    forward tells. An American premium of early exercise is left in the volatility.
    """
    from scipy.special import ndtr

    from engine.quant.options import implied_volatility

    discount = float(np.exp(-rate * years))
    found = implied_volatility(mid, float(kind), forward, strike, years, discount)
    deviation = np.asarray(found.volatility) * np.sqrt(years)
    with np.errstate(divide="ignore", invalid="ignore"):
        d1 = np.log(forward / strike) / deviation + deviation / 2
    result: Floats = kind * discount * forward / spot * ndtr(kind * d1)
    return result

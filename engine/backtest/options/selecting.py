"""Which contracts a strategy's legs name on a session, from that session's quotes alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats
from engine.backtest.options.book import Leg
from engine.backtest.options.chain import ChainMarket, Ints, Quotes

DAYS = 365.0
NEAR_DAYS, NEAR_PART = 10, 0.5  # an expiry is near enough within ten days, or half of what is aimed at
_TOGETHER = 128  # sessions decided ahead of that are worked out at once
NEAR_DELTA, NEAR_STRIKE = 0.10, 0.05  # further off is another contract than the rules name


@dataclass(frozen=True, slots=True)
class Chosen:
    """Contracts, one a leg; or none, and why."""

    contracts: tuple[int, ...] = ()
    missing: str = ""


@dataclass(slots=True)
class Chooser:
    """Contracts by session, from quotes as decisions know them.

    They hang on quotes alone and not on the account: of ``days`` (sessions of which it is known that they decide,
    ascending) many are worked out together, as the volatilities of a whole year take hardly longer than those of
    a day.
    """

    chain: ChainMarket
    legs: tuple[Leg, ...]
    known: Floats
    rates: Floats
    days: Ints
    whole: bool = False  # whether sets stay until they expire, and the next is chosen then
    _found: dict[int, Chosen] = field(default_factory=dict)

    def at(self, row: int) -> Chosen:
        """The contract of each leg among those quoted on both sides after the close of session ``row``.

        The expiry nearest to the days a leg aims at (of two the earlier), the same for all legs of as many days; in
        it the delta, or the strike, nearest to the one named (of two the lower strike). Contracts that expire
        on the next calendar day or before are not chosen: a fill comes a session later.
        """
        if row not in self._found:
            ahead = self._following(row)
            self._found |= self._all(ahead if row in ahead else [row])
        return self._found[row]

    def _following(self, row: int) -> list[int]:
        """Sessions that are likely to decide next: those known beforehand, or when each set's first leg expires."""
        if not self.whole:
            return [int(each) for each in self.days[np.searchsorted(self.days, row) :][:_TOGETHER]]
        found: list[int] = []
        while row not in self._found and row not in found[-1:] and len(found) < _TOGETHER:
            found.append(row)
            days = [_expiry(self._there(row)[2], leg.days) for leg in self.legs]
            near = min((each for each in days if each is not None), default=0)
            row = int(np.searchsorted(self.chain.dates, self.chain.dates[row] + near, side="right")) - 1
        return found

    def _there(self, row: int) -> tuple[Ints, NDArray[np.bool_], Ints]:
        """Days to expiry of a session's quotes, which are two-sided, and the days of those that may be chosen."""
        quotes = self.chain.session(row)
        days = (
            (self.chain.expiry[quotes.contract] - self.chain.dates[row])
            .astype("timedelta64[D]")
            .astype(np.int64)
        )
        two_sided = (quotes.bid > 0) & (quotes.ask >= quotes.bid)
        there = days[two_sided & (days > 1)]
        if len(there):
            there = there[np.concatenate([[True], there[1:] != there[:-1]])]
        return days, two_sided, there

    def _all(self, rows: list[int]) -> dict[int, Chosen]:
        rows = [
            row for row in rows if math.isfinite(self.known[row]) and len(self.chain.session(row).contract)
        ]
        aims = [self._aims(row) for row in rows]
        if any(leg.strike == "delta" for leg in self.legs):
            with_deltas([smile for _, smiles in aims for smile in smiles.values()])
        return {row: self._chosen(row, *each) for row, each in zip(rows, aims, strict=True)}

    def _aims(self, row: int) -> tuple[list[int | None], dict[int, Smile]]:
        """The expiry of each leg, in days, and the quotes of each."""
        chain, quotes = self.chain, self.chain.session(row)
        days, two_sided, there = self._there(row)
        found = [_expiry(there, leg.days) for leg in self.legs]
        smiles = {}
        for each in {each for each in found if each is not None}:
            at = np.flatnonzero(two_sided & (days == each))
            deltas = any(
                leg.strike == "delta" for leg, own in zip(self.legs, found, strict=True) if own == each
            )
            smiles[each] = smile_of(
                chain, quotes, at, float(self.known[row]), float(self.rates[row]), each / DAYS, deltas
            )
        return found, smiles

    def _chosen(self, row: int, days: list[int | None], smiles: dict[int, Smile]) -> Chosen:
        found = []
        for leg, each in zip(self.legs, days, strict=True):
            if each is None:
                return Chosen(missing=f"no expiry near {leg.days} days is quoted")
            contract = smiles[each].nearest(leg, float(self.known[row]))
            if contract is None:
                return Chosen(missing=f"no {leg.right} near the {leg.strike} of {leg.value:g} is quoted")
            found.append(contract)
        if len(set(found)) < len(found):
            return Chosen(missing="two legs fall on one contract: the chain is too thin for the rules")
        return Chosen(tuple(found))


def _expiry(there: Ints, aim: int) -> int | None:
    """Of the days there are the ones nearest to an aim, the earlier of two, where they are near enough."""
    if not len(there):
        return None
    far = np.abs(there - aim)
    best = int(there[far == far.min()].min())
    return best if abs(best - aim) <= max(NEAR_DAYS, NEAR_PART * aim) else None


@dataclass(slots=True)
class Smile:
    """Two-sided quotes (m,) of one expiry on one session, ascending by strike. ``deltas``: spot deltas, empty until
    they are worked out, and where no leg asks for them.
    """

    contract: Ints
    kind: Ints
    strike: Floats
    mid: Floats
    spot: float
    forward: float
    discount: float
    years: float
    deltas: Floats

    def nearest(self, leg: Leg, spot: float) -> int | None:
        """The contract that is nearest to what a leg names; None where none is near."""
        mine = np.flatnonzero(self.kind == (1 if leg.right == "call" else -1))
        if leg.strike == "delta":
            far, most = np.abs(np.abs(self.deltas[mine]) - leg.value), NEAR_DELTA
        else:
            aim = leg.value * spot if leg.strike == "share" else leg.value
            far, most = np.abs(self.strike[mine] / aim - 1), NEAR_STRIKE
        if not np.isfinite(far).any() or np.nanmin(far) > most:
            return None
        return int(self.contract[mine[np.nanargmin(far)]])


def smile_of(
    chain: ChainMarket, quotes: Quotes, at: Ints, spot: float, rate: float, years: float, deltas: bool
) -> Smile:
    """The quotes at some places of a session, and their forward where deltas are asked for."""
    of = quotes.contract[at]
    order = np.argsort(chain.strike[of], kind="stable")
    at, of = at[order], of[order]
    mid = (quotes.bid[at] + quotes.ask[at]) / 2
    kind, strike = chain.kind[of], chain.strike[of]
    forward = parity_forward(kind, strike, mid, spot, rate, years) if deltas else spot
    empty: Floats = np.array([])
    return Smile(of, kind, strike, mid, spot, forward, float(np.exp(-rate * years)), years, empty)


def parity_forward(kind: Ints, strike: Floats, mid: Floats, spot: float, rate: float, years: float) -> float:
    """The forward of an expiry from the pair whose call and put are nearest in price.

    ``strike + exp(rate * years) * (call - put)`` on mids, as the VIX takes it (Cboe, "VIX Index mathematics", 2019);
    the spot carried at the rate where no strike has both.
    """
    calls, puts = kind > 0, kind < 0
    strikes, one, other = np.intersect1d(strike[calls], strike[puts], return_indices=True)
    carried = spot * float(np.exp(rate * years))
    if not len(strikes):
        return carried
    gap = mid[calls][one] - mid[puts][other]
    nearest = int(np.argmin(np.abs(gap)))
    found = float(strikes[nearest] + np.exp(rate * years) * gap[nearest])
    return found if abs(found / carried - 1) < 0.25 else carried


def with_deltas(smiles: list[Smile]) -> None:
    """Spot deltas at each quote's own implied volatility (Black 1976), NaN where it implies none; all smiles at once.

    ``kind * discount * forward / spot * N(kind * d1)``: Hull (2018), chapter 19, with the yield that the
    forward tells. An American premium of early exercise is left in the volatility.
    """
    from scipy.special import ndtr

    from engine.quant.options import implied_volatility

    if not smiles:
        return
    counts = [len(each.mid) for each in smiles]
    kind, strike, mid = (
        np.concatenate([getattr(each, name) for each in smiles]) for name in ("kind", "strike", "mid")
    )
    forward, spot, years, discount = (
        np.repeat([getattr(each, name) for each in smiles], counts)
        for name in ("forward", "spot", "years", "discount")
    )
    found = implied_volatility(mid, kind.astype(np.float64), forward, strike, years, discount)
    deviation = np.asarray(found.volatility) * np.sqrt(years)
    with np.errstate(divide="ignore", invalid="ignore"):
        d1 = np.log(forward / strike) / deviation + deviation / 2
    deltas = kind * discount * forward / spot * ndtr(kind * d1)
    for each, values in zip(smiles, np.split(deltas, np.cumsum(counts)[:-1]), strict=True):
        each.deltas = values

"""A chain of option quotes as it comes, and which of its quotes a surface may rest on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.quant.surface.static import executable_arbitrage
from engine.quant.surface.svi import Floats


class Reason(StrEnum):
    """Why a quote was thrown out, in the order in which it is asked."""

    EXPIRED = "expires too soon"
    NO_QUOTE = "no bid and no ask"
    CROSSED = "bid above ask"
    ZERO_BID = "no bid: one-sided"
    NO_ASK = "no ask: one-sided"
    STALE = "stale: quoted long before the rest of the chain"
    WIDE = "spread too wide"
    BOUND = "outside what the option can be worth"
    ADJUSTED = "a second contract of this strike (adjusted, or settled otherwise)"
    VERTICAL = "dearer than a strike that pays more: a spread could be had for less than nothing"
    BUTTERFLY = "a butterfly with its neighbours could be had for less than nothing"
    NO_FORWARD = "its expiry has no forward: fewer than three pairs of call and put"
    NO_VOLATILITY = "no volatility gives its price"
    IN_THE_MONEY = "in the money: the other side of the strike is used"
    FEW = "its expiry has fewer than five usable quotes"
    OFF_SMILE = "far off its expiry's smile"


@dataclass(frozen=True, slots=True)
class Chain:
    """Quotes of options on one underlying, arrays (n,); NaN where a number is missing.

    ``kind`` is +1 for a call, -1 for a put; ``years`` to expiry at the time of the quotes; ``spot`` the
    underlying's price then, NaN where unknown. ``quoted_at`` may be None where all quotes are of one time.
    """

    kind: Floats
    strike: Floats
    years: Floats
    bid: Floats
    ask: Floats
    spot: float = float("nan")
    last: Floats | None = None
    volume: Floats | None = None
    open_interest: Floats | None = None
    quoted_at: NDArray[np.datetime64] | None = None

    def __post_init__(self) -> None:
        shapes = {len(self.kind), len(self.strike), len(self.years), len(self.bid), len(self.ask)}
        if len(shapes) > 1:
            raise ValueError("A chain's columns have one length: kind, strike, years, bid and ask differ.")

    @property
    def mid(self) -> Floats:
        return (self.bid + self.ask) / 2

    @property
    def spread(self) -> Floats:
        return self.ask - self.bid


@dataclass(frozen=True, slots=True)
class Rules:
    """What a quote must hold; times in seconds, years and fractions."""

    least_years: float = 1.0 / 365  # less than a day: neither parity nor a smile says anything
    stale_seconds: float = 1_800.0  # behind the newest quote of the chain
    wide: float = 0.5  # spread / mid ...
    tick: float = 0.05  # ... where the spread is also above this, in money
    off_smile: float = 6.0  # robust deviations from the smile; None in effect where infinite


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Which quotes stay, and of each other one why not: ``reason`` (n,) holds "" or a ``Reason``."""

    reason: NDArray[np.object_]

    @property
    def kept(self) -> NDArray[np.bool_]:
        return np.asarray(self.reason == "")

    @property
    def counts(self) -> Mapping[Reason, int]:
        """How many were thrown out for each reason that was met."""
        found = Counter(Reason(each) for each in self.reason if each)
        return {reason: found[reason] for reason in Reason if reason in found}

    def marked(self, where: NDArray[np.bool_], reason: Reason) -> Cleaned:
        """The same with ``reason`` for those of ``where`` that have none yet."""
        new = self.reason.copy()
        new[where & self.kept] = reason
        return Cleaned(new)


def clean_chain(chain: Chain, rules: Rules | None = None, *, american: bool = False) -> Cleaned:
    """Throw out what cannot be a price now; each quote for the first reason of ``Reason`` that holds.

    Notes
    -----
    Bounds: a call is worth no more than the underlying, a put no more than its strike, and, where options are
    ``american``, an ask below what exercising now gives (less a tick) is no ask. Verticals and butterflies count
    only where they can be traded for a gain at the quoted bids and asks; of the quotes that make one, the one that
    is in most of them goes.
    """
    rules = rules or Rules()
    bid, ask, spot = chain.bid, chain.ask, chain.spot
    cleaned = Cleaned(np.full(len(bid), "", dtype=object))
    no_bid, no_ask = ~(bid > 0), ~(ask > 0)
    cleaned = cleaned.marked(~(chain.years >= rules.least_years), Reason.EXPIRED)
    cleaned = cleaned.marked(no_bid & no_ask, Reason.NO_QUOTE)
    cleaned = cleaned.marked((bid > ask) & ~no_ask, Reason.CROSSED)
    cleaned = cleaned.marked(no_bid, Reason.ZERO_BID)
    cleaned = cleaned.marked(no_ask, Reason.NO_ASK)
    if chain.quoted_at is not None and len(bid):
        behind = (chain.quoted_at.max() - chain.quoted_at) / np.timedelta64(1, "s")
        cleaned = cleaned.marked(behind > rules.stale_seconds, Reason.STALE)
    wide = (chain.spread > rules.wide * chain.mid) & (chain.spread > rules.tick * (1 + 1e-9))
    cleaned = cleaned.marked(wide, Reason.WIDE)
    if np.isfinite(spot):
        intrinsic = np.maximum(chain.kind * (spot - chain.strike), 0.0)
        most = np.where(chain.kind > 0, spot, chain.strike)
        slack = np.maximum(rules.tick, 0.002 * spot)  # the underlying's price is not of the same second
        cleaned = cleaned.marked((american & (ask < intrinsic - slack)) | (bid > most), Reason.BOUND)
    cleaned = cleaned.marked(_second(chain, cleaned.kept), Reason.ADJUSTED)
    for years in np.unique(chain.years[cleaned.kept]):
        for kind in (1.0, -1.0):
            rows = np.flatnonzero(cleaned.kept & (chain.years == years) & (chain.kind == kind))
            rows = rows[np.argsort(chain.strike[rows])]
            vertical, butterfly = executable_arbitrage(kind, chain.strike[rows], bid[rows], ask[rows])
            cleaned = cleaned.marked(_mask(len(bid), rows[vertical]), Reason.VERTICAL)
            cleaned = cleaned.marked(_mask(len(bid), rows[butterfly]), Reason.BUTTERFLY)
    return cleaned


def _mask(count: int, rows: NDArray[np.intp]) -> NDArray[np.bool_]:
    mask = np.zeros(count, dtype=bool)
    mask[rows] = True
    return mask


def _second(chain: Chain, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of contracts of one expiry, strike and right, all but the one with most open interest (else least spread)."""
    interest = np.zeros(len(kept)) if chain.open_interest is None else np.nan_to_num(chain.open_interest)
    order = np.lexsort(
        (np.nan_to_num(chain.spread, nan=np.inf), -interest, chain.strike, chain.kind, chain.years)
    )
    order = order[kept[order]]
    key = np.stack([chain.years[order], chain.kind[order], chain.strike[order]])
    same = (
        np.concatenate([[False], (key[:, 1:] == key[:, :-1]).all(axis=0)])
        if len(order)
        else np.zeros(0, bool)
    )
    return _mask(len(kept), order[same])

"""What short options tie up: the exchanges' strategy-based margin, and the worst that a set can lose.

Cboe, "Margin Manual" (April 2000), pages 5 to 8, and Rule 10.3 (FINRA Rule 4210(f)(2)): a naked short option
takes its market value and 20% of the underlying (15% of a broad index) less what it is out of the money, at
least 10% of the underlying for a call and of the strike for a put; of a short call and a short put the greater,
and the other's market value; a spread no more than it can lose at expiry (FINRA Rule 4210(f)(2)(H)(v)); a call
against shares held nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

STOCK, INDEX, LEAST = 0.20, 0.15, 0.10


class Position(NamedTuple):
    """Units of the underlying (negative short) under an option, its price a unit, and its last day as a number."""

    kind: int
    strike: float
    units: int
    price: float
    expiry: int


def naked(positions: Sequence[Position], spot: float, part: float = STOCK) -> float:
    """Margin of the short options of a set, each as if nothing stood against it."""
    value = calls = puts = worth_calls = worth_puts = 0.0
    for kind, strike, units, price, _ in positions:
        if units >= 0:
            continue
        out = max(kind * (strike - spot), 0.0)
        least = LEAST * (spot if kind > 0 else strike)
        tied, worth = -units * max(part * spot - out, least), -units * price
        value += worth
        if kind > 0:
            calls, worth_calls = calls + tied, worth_calls + worth
        else:
            puts, worth_puts = puts + tied, worth_puts + worth
    return value + (calls if calls + worth_calls >= puts + worth_puts else puts)


def worst(positions: Sequence[Position], shares: int = 0, spot: float = 0.0) -> float:
    """The most that a set can owe at expiry, with ``shares`` bought at ``spot`` beside it; infinite where there
    is no most.

    The pay-off runs straight between strikes: its least lies at zero, at a strike, or nowhere.
    """
    if shares + sum(one.units for one in positions if one.kind > 0) < 0:
        return float("inf")
    least = 0.0
    for price in (0.0, *(one.strike for one in positions)):
        paid = 0.0
        for kind, strike, units, _, _ in positions:
            paid += units * max(kind * (price - strike), 0.0)
        least = min(least, paid + shares * (price - spot))
    return -least + 0.0


def requirement(
    positions: Sequence[Position], spot: float, part: float = STOCK, shares: int = 0
) -> tuple[float, int]:
    """What a set ties up in money, and how many of ``shares`` cover its calls.

    Long options stand against short ones that expire no later than they do; they have no loan value of their own.
    """
    covered = 0
    open_: list[Position] = []
    for one in positions:
        if one.kind > 0 and one.units < 0 and shares > covered:
            freed = min(-one.units, shares - covered)
            covered += freed
            if one.units + freed:
                open_.append(one._replace(units=one.units + freed))
        else:
            open_.append(one)
    shorts = [one for one in open_ if one.units < 0]
    if not shorts:
        return 0.0, covered
    return min(naked(shorts, spot, part), worst(lasting(open_))), covered


def lasting(positions: Sequence[Position]) -> list[Position]:
    """The short options, and the long ones that expire no earlier than any of them: those stand against them."""
    last = max((one.expiry for one in positions if one.units < 0), default=0)
    return [one for one in positions if one.units < 0 or one.expiry >= last]

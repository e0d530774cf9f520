"""An option strategy as it was read: legs, how many sets, when one is entered and what ends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Place: TypeAlias = tuple[int, int]  # offsets in the text
Right: TypeAlias = Literal["call", "put"]
StrikeKind: TypeAlias = Literal["delta", "share", "price"]
Every: TypeAlias = Literal["flat", "daily", "weekly", "monthly", "quarterly", "yearly"]
SizeKind: TypeAlias = Literal["contracts", "cash_secured", "notional", "margin"]

QUOTES = 0.5  # of the spread from the mid: a purchase pays the ask, a sale gets the bid
COMMISSION = 0.65  # a contract, what US retail brokers ask


@dataclass(frozen=True, slots=True)
class Leg:
    """One contract of a set. ``side`` 1 is bought, -1 sold; ``count`` of them a set.

    ``strike``: "delta" takes the contract whose delta is nearest ``value`` (without its sign), "share" the strike
    nearest ``value`` times the underlying's close, "price" the strike nearest ``value``. ``days``: calendar days to
    the expiry aimed at.
    """

    side: Literal[1, -1]
    count: int
    right: Right
    strike: StrikeKind
    value: float
    days: int
    at: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class OptionSize:
    """How many sets: contracts(n) n; cash_secured as many as cash can pay for at the worst; notional(w) w of the
    equity in underlying; margin(w) as many as w of the equity carries."""

    kind: SizeKind = "contracts"
    value: float = 1.0


@dataclass(frozen=True, slots=True)
class Simulated:
    """Prices made by a model where there are no quotes: realised volatility of ``window`` sessions, a ``spread`` as a
    fraction of the price."""

    window: int = 63
    spread: float = 0.04


@dataclass(frozen=True, slots=True)
class OptionRules:
    """What was read, with all that was left unsaid filled in.

    ``hold``: shares of the underlying are held against each set. ``profit``, ``loss``: parts of the premium at
    which a position is closed; ``before``: calendar days before expiry on which it is. ``every``: when a set is
    entered; "flat" is whenever none is open. ``fill``: how far from the mid, in spreads, an order fills.
    ``commission``: a contract.
    """

    legs: tuple[Leg, ...]
    hold: bool = False
    profit: float | None = None
    loss: float | None = None
    before: int | None = None
    every: Every = "flat"
    size: OptionSize = OptionSize()
    fill: float = QUOTES
    prices: Simulated | None = None
    commission: float = COMMISSION

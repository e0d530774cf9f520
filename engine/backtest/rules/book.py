"""A whole book of rules: who is held, when, how much of it, and what ends a position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from engine.backtest.rules.tree import Node, Place

Calendar: TypeAlias = Literal["daily", "weekly", "monthly", "quarterly", "yearly"]
CALENDARS: tuple[Calendar, ...] = ("daily", "weekly", "monthly", "quarterly", "yearly")
SizeKind: TypeAlias = Literal[
    "equal", "weight", "volatility_target", "shares",
    "minimum_variance", "risk_parity", "hierarchical_risk_parity", "maximum_diversification", "maximum_sharpe",
    "minimum_shortfall", "inverse_volatility", "mean_variance", "mean_variance_return", "mean_variance_volatility",
    "hierarchical_risk_parity_average", "hierarchical_risk_parity_complete", "hierarchical_risk_parity_ward",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ranking:
    """The ``count`` highest or lowest by ``of`` (of 100 where ``percent``) among the members of ``universe`` (all
    symbols where it is empty) of a rebalance day."""

    side: Literal["top", "bottom"]
    count: float
    percent: bool
    of: Node
    universe: str = ""
    at: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Size:
    """How much of the account a position takes when it is opened, and on rebalance days.

    equal: one part of as many as the rules may hold; weight(w): w of the equity; volatility_target(v, bars, most):
    an equal part times v / realised volatility of so many bars, at most ``most`` times; shares(m): m shares;
    minimum_variance(bars, most, least) and the other optimisers: weights of the names wanted on a rebalance day
    (``optimised``), from so many bars, none above ``most`` or below ``least``.
    """

    kind: SizeKind = "equal"
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Distance:
    """How far from a price: a share of it (``fraction``; ``of`` is a number), or in units of price."""

    of: Node
    fraction: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """What was parsed, with all that was left unsaid filled in.

    A symbol is entered long where ``long`` is true and ``longs`` selects it (each where given), left where ``exit``
    is true or the selection drops it; ``short``, ``shorts`` and ``cover`` likewise. ``hold``: sessions after which a
    position is closed; ``delay``: sessions from a decision to its fill, 1 is the next open.
    """

    long: Node | None = None
    exit: Node | None = None
    short: Node | None = None
    cover: Node | None = None
    longs: Ranking | None = None
    shorts: Ranking | None = None
    size: Size = Size()
    stop: Distance | None = None
    trail: Distance | None = None
    take: Distance | None = None
    hold: int | None = None
    rebalance: Calendar | None = None
    delay: int = 1

    def conditions(self) -> Iterator[Node]:
        """Every expression that is answered, in the order in which rules are printed."""
        for each in (self.long, self.exit, self.short, self.cover):
            if each is not None:
                yield each
        for ranking in (self.longs, self.shorts):
            if ranking is not None:
                yield ranking.of
        for distance in (self.stop, self.trail, self.take):
            if distance is not None:
                yield distance.of

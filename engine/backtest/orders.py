"""Orders, and what a bar makes of them.

A bar tells four prices, not their order. The path assumed: the open comes first; of what may have happened after
it the worse for the trader did. So a gap beyond an order's price fills at the open; a stop and a take both within
the bar end at the stop; a stop-limit whose limit lies behind its stop fills in the bar of its stop only where the
close is within the limit; a trailing level moves after the session, by that session's extreme. A limit that is
touched fills.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

Kind = Literal["market", "limit", "stop", "stop_limit", "trailing", "open", "close"]
PASSIVE = ("limit", "stop_limit")  # never worse than their limit


class Bar(NamedTuple):
    open: float
    high: float
    low: float
    close: float
    volume: float


class Touch(NamedTuple):
    """Where an order meets a bar; ``first`` at its open."""

    price: float
    first: bool


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done from the next session on. ``shares``: bought, or (negative) sold.

    ``limit``, ``stop``: prices as traded. ``trail``: a trailing stop's distance as a fraction of the best price
    since it was given. ``sessions``: how long it works (1: day), None until cancelled; on open and on close work
    for one session. ``group``: of orders with one group, the first fill cancels the others (stop and take).
    ``tag``: a new order replaces the one of the same tag; with 0 shares it only cancels. ``closing``: never more
    than closes what is held. ``then``: orders that begin to work in the bar of this one's fill, a stop at once, a
    take only after a fill at the open; or what answers them, given the price of the fill. ``units``: the account's
    lots that ``shares`` are, where a float has too few digits for them.
    """

    symbol: str
    shares: float
    kind: Kind = "market"
    limit: float | None = None
    stop: float | None = None
    trail: float | None = None
    sessions: int | None = None
    group: str = ""
    tag: str = ""
    closing: bool = False
    reason: str = ""
    then: tuple[Order, ...] | Callable[[float], tuple[Order, ...]] = ()
    units: int | None = None

    def __post_init__(self) -> None:
        needs = {
            "limit": ("limit",),
            "stop": ("stop",),
            "stop_limit": ("limit", "stop"),
            "trailing": ("trail",),
        }
        for name in needs.get(self.kind, ()):
            value = getattr(self, name)
            if value is None or not value > 0:
                raise ValueError(f"a {self.kind} order needs {name} above 0, not {value}")
        if self.trail is not None and not self.trail < 1:
            raise ValueError(f"trail is {self.trail}; it is a fraction of the price, below 1")
        if not callable(self.then) and any(one.symbol != self.symbol for one in self.then):
            raise ValueError(f"orders that follow a fill of {self.symbol} are of {self.symbol} too")
        if self.sessions is not None and self.sessions < 1:
            raise ValueError(f"sessions is {self.sessions}; an order works for one session at least")

    def split(self, ratio: float) -> Order:
        """The same order in the shares after a split."""
        return replace(
            self,
            shares=self.shares * ratio,
            limit=None if self.limit is None else self.limit / ratio,
            stop=None if self.stop is None else self.stop / ratio,
            then=self.then if callable(self.then) else tuple(one.split(ratio) for one in self.then),
        )


def meet(order: Order, bar: Bar, stop: float | None, triggered: bool, opened: bool) -> Touch | None:
    """Where an order fills in a bar, None where it does not.

    ``stop``: its level now (a trailing one's moves). ``triggered``: a stop-limit that was. ``opened``: whether it
    worked at the open already; one that began within the bar cannot fill there.
    """
    side = 1 if order.shares > 0 else -1
    if order.kind in ("market", "open"):
        return Touch(bar.open, True) if opened else None
    if order.kind == "close":
        return Touch(bar.close, False)
    if order.kind == "limit" or triggered:
        return _limit(order.limit or 0.0, side, bar, opened)
    level = stop or 0.0
    if opened and (bar.open - level) * side >= 0:
        if order.kind != "stop_limit":
            return Touch(bar.open, True)
        return _limit(order.limit or 0.0, side, bar, opened)
    if not reaches(level, side, bar):
        return None
    if order.kind != "stop_limit":
        return Touch(level, False)
    limit = order.limit or 0.0
    if (limit - level) * side >= 0:
        return Touch(level, False)
    return Touch(limit, False) if (limit - bar.close) * side >= 0 else None


def reaches(level: float, side: int, bar: Bar) -> bool:
    """Whether the bar goes to a stop's level: up to a buy's, down to a sale's."""
    return bar.high >= level if side > 0 else bar.low <= level


def _limit(limit: float, side: int, bar: Bar, opened: bool) -> Touch | None:
    if opened and (limit - bar.open) * side >= 0:
        return Touch(bar.open, True)
    touched = bar.low <= limit if side > 0 else bar.high >= limit
    return Touch(limit, False) if touched else None

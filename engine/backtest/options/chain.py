"""Quotes of option contracts by session of their underlying: what was known after each close."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats

Ints = NDArray[np.int64]
PHYSICAL, CASH_PM, CASH_AM = 0, 1, 2  # how a contract settles: in shares, in cash on the close, on the open


@dataclass(frozen=True, slots=True)
class Quotes:
    """The quotes of one session (q,), ascending by contract; ``mid`` is NaN where a side is missing or crossed."""

    contract: Ints
    bid: Floats
    ask: Floats

    @property
    def mid(self) -> Floats:
        good = (self.bid >= 0) & (self.ask > 0) & (self.ask >= self.bid)
        return np.where(good, (self.bid + self.ask) / 2, np.nan)

    def of(self, contract: int) -> tuple[float, float] | None:
        """Bid and ask of a contract, a missing one NaN; None where it was not quoted or crossed."""
        at = int(np.searchsorted(self.contract, contract))
        if at == len(self.contract) or self.contract[at] != contract:
            return None
        bid, ask = float(self.bid[at]), float(self.ask[at])
        return None if bid > ask else (bid, ask)


def middle(found: tuple[float, float] | None) -> float | None:
    """The mid of a bid and an ask; None where a side is missing."""
    if found is None or not (found[0] >= 0 and found[1] > 0):
        return None
    return (found[0] + found[1]) / 2


@dataclass(frozen=True, slots=True)
class ChainMarket:
    """Contracts (m,) and their quotes (q,), those of session t in ``first[t]:first[t + 1]``, ascending by contract.

    ``kind`` 1 is a call, -1 a put; ``multiplier``: units of the underlying a contract; ``american``: whether it
    may be exercised before its expiry; ``settlement``: ``PHYSICAL``, ``CASH_PM`` or ``CASH_AM``. ``expiry`` is
    a date: the last session up to it is the last one of trading, of ``CASH_AM`` contracts the one that settles
    at its open. ``basis`` says whether a market quoted them or a model made them.
    """

    dates: NDArray[np.datetime64]
    symbols: tuple[str, ...]
    kind: Ints
    strike: Floats
    expiry: NDArray[np.datetime64]
    multiplier: Ints
    american: NDArray[np.bool_]
    settlement: Ints
    first: Ints
    contract: Ints
    bid: Floats
    ask: Floats
    basis: Literal["quoted", "simulated"] = "quoted"

    def __post_init__(self) -> None:
        count = len(self.symbols)
        for name in ("kind", "strike", "expiry", "multiplier", "american", "settlement"):
            if len(getattr(self, name)) != count:
                raise ValueError(f"{name} has {len(getattr(self, name))} values; contracts are {count}")
        if len(self.first) != len(self.dates) + 1 or (len(self.first) and self.first[-1] != len(self.bid)):
            raise ValueError("first has one place a session and the number of quotes at its end")
        if not len(self.contract) == len(self.bid) == len(self.ask):
            raise ValueError("contract, bid and ask have one value a quote")
        steps = np.diff(self.contract)
        inside = np.ones(len(steps), dtype=bool)
        cuts = self.first[1:-1] - 1
        inside[cuts[(cuts >= 0) & (cuts < len(steps))]] = False
        if (steps[inside] <= 0).any():
            raise ValueError("a session's quotes ascend by contract, each once")

    def session(self, row: int) -> Quotes:
        """What was quoted of a session."""
        part = slice(int(self.first[row]), int(self.first[row + 1]))
        return Quotes(self.contract[part], self.bid[part], self.ask[part])

    def quote(self, row: int, contract: int) -> tuple[float, float] | None:
        """Bid and ask of a contract on a session, as ``Quotes.of``."""
        low, high = self.first[row], self.first[row + 1]
        at = low + self.contract[low:high].searchsorted(contract)
        if at == high or self.contract[at] != contract:
            return None
        bid, ask = float(self.bid[at]), float(self.ask[at])
        return None if bid > ask else (bid, ask)

    def find(self, kind: int, strike: float, expiry: np.datetime64, row: int) -> int | None:
        """The contract of these terms (the strike to half a cent); of several the first quoted from a session on."""
        same = (self.kind == kind) & (self.expiry == expiry) & (np.abs(self.strike - strike) <= 0.0051)
        found = np.flatnonzero(same)
        if len(found) > 1:
            later = self.contract[int(self.first[row]) :]
            found = np.array([one for one in found if (later == one).any()] or found[:1])
        return int(found[0]) if len(found) else None


def label(symbol: str, kind: int, strike: float, expiry: np.datetime64) -> str:
    """A contract as a sentence names it: AAPL 2014-06-20 P 90."""
    return f"{symbol} {expiry} {'C' if kind > 0 else 'P'} {strike:.10g}"


def labels(symbol: str, kind: Ints, strike: Floats, expiry: NDArray[np.datetime64]) -> tuple[str, ...]:
    """Contracts (m,) as sentences name them."""
    days, sides = np.datetime_as_string(expiry.astype("datetime64[D]")).tolist(), (kind > 0).tolist()
    parts = zip(days, sides, strike.tolist(), strict=True)
    return tuple(f"{symbol} {day} {'C' if call else 'P'} {at:.10g}" for day, call, at in parts)


def chain_of(
    dates: NDArray[np.datetime64], symbols: tuple[str, ...], terms: dict[str, NDArray[np.generic]],
    row: Ints, contract: Ints, bid: Floats, ask: Floats, basis: Literal["quoted", "simulated"] = "quoted",
) -> ChainMarket:  # fmt: skip
    """A chain from quotes in any order: ``row`` (q,) is the session of each. ``terms`` are the contracts' columns."""
    order = np.lexsort((contract, row))
    first = np.searchsorted(row[order], np.arange(len(dates) + 1))
    return ChainMarket(
        dates, symbols, **terms, first=first.astype(np.int64), contract=contract[order].astype(np.int64),  # type: ignore[arg-type]
        bid=bid[order].astype(np.float64), ask=ask[order].astype(np.float64), basis=basis,
    )  # fmt: skip

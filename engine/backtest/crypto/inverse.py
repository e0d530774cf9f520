"""The money of an account of one inverse perpetual: margin, profit, fees and funding are coins, counted in 1e-8.

A long of ``N`` contracts of face ``s`` entered at ``e`` has made ``N s (1 / e - 1 / p)`` coins at ``p``. Told in the
quote currency all of it is worth the coin's mark: the margin itself gains and loses with the coin. (BitMEX, Deribit:
"inverse" or "reversed" contracts; the liquidation price solves ``C + N s (1/e - 1/p) = least |N| s / p``.)
"""

from __future__ import annotations

import math

import numpy as np

from engine.backtest.currencies import Entry
from engine.backtest.money import FRACTION, MINOR, TICK, half_even, to_ticks

_FINE = 10**12  # parts of 1e-8 coins in which what was paid for a position is kept


class Inverse:
    """One symbol. ``coins`` of cash in 1e-8; ``basis``: coins that the face was worth when it was opened."""

    def __init__(
        self, symbol: str, coin: str, face: float, capital: float, price: float, date: np.datetime64
    ) -> None:
        if not price > 0:
            raise ValueError(f"{symbol} was at {price:g}, at which no capital is changed into {coin}")
        self.symbol, self.coin, self.face = symbol, coin, face
        self.date = date
        self.coins = 0
        self.held, self.basis = 0, 0
        self.ticks = to_ticks(price)
        self.entries: list[Entry] = []
        self._book("deposit", round(capital / price * FRACTION), 0, price)

    def _book(self, kind: str, amount: int, contracts: int, price: float) -> None:
        self.coins += amount
        symbol = "" if kind == "deposit" else self.symbol
        self.entries.append(
            Entry(self.date, kind, symbol, float(contracts), price, self.coin, amount, self.coins)
        )

    def _worth(self, units: int, ticks: int) -> int:
        """The face of contracts in coins at a price, in ``_FINE`` parts."""
        return half_even(units * round(self.face * MINOR) * FRACTION * _FINE * TICK, MINOR * ticks)

    @property
    def owned(self) -> int:
        """Coins of the account at the mark: its cash and what the position has made, in 1e-8."""
        return self.coins + half_even(self.basis - self._worth(self.held, self.ticks), _FINE)

    @property
    def equity(self) -> int:
        return half_even(self.owned * self.ticks * MINOR, FRACTION * TICK)

    @property
    def cash_based(self) -> int:
        return half_even(self.coins * self.ticks * MINOR, FRACTION * TICK)

    def begin(self, date: np.datetime64) -> None:
        self.date = date

    def units(self, column: int) -> int:  # noqa: ARG002
        return self.held

    def price(self, column: int) -> float:  # noqa: ARG002
        return self.ticks / TICK

    def mark(self, column: int, price: float) -> None:  # noqa: ARG002
        self.ticks = to_ticks(price)

    def moved(self, column: int) -> float:  # noqa: ARG002
        """What a position entered at ``e`` made, at the price it has: ``N s (1/e - 1/p) p = N s (p - e) / e``."""
        return self.basis / (_FINE * FRACTION) / self.held if self.held else 0.0

    def value(self, price: float) -> float:
        return self.face / price

    def each(self, column: int, price: float) -> float:  # noqa: ARG002
        return self.face

    def notional(self, column: int) -> float:  # noqa: ARG002
        return self.held * self.face

    def trade(self, column: int, units: int, price: float, kind: str) -> None:  # noqa: ARG002
        """Closing realises its part of the basis; opening adds to it."""
        ticks, closed = to_ticks(price), 0
        if self.held * units < 0:
            closed = min(abs(units), abs(self.held)) * (1 if self.held > 0 else -1)
        part = half_even(self.basis * abs(closed), abs(self.held)) if closed else 0
        made = half_even(part - self._worth(closed, ticks), _FINE)
        self.basis += self._worth(units + closed, ticks) - part
        self.held += units
        self.ticks = ticks
        self._book(kind, made, units, price)

    def charge(self, column: int, kind: str, money: float, price: float) -> None:  # noqa: ARG002
        if amount := round(money / price * FRACTION):
            self._book(kind, -amount, 0, price)

    def fund(self, column: int, rate: float) -> float:  # noqa: ARG002
        price = self.ticks / TICK
        amount = -round(self.held * self.face / price * rate * FRACTION)
        if amount:
            self._book("funding", amount, 0, price)
        return amount / FRACTION * price

    def level(self, column: int, least: float) -> float:  # noqa: ARG002
        """Below it a long, above it a short leaves less than must be maintained; 0 or infinite where none does."""
        side = 1 if self.held > 0 else -1
        have = (self.coins + self.basis / _FINE) / FRACTION * side
        if have <= 0:
            return math.inf
        return abs(self.held) * self.face * (1 + side * least) / have

    def safe(self, column: int, price: float, least: float) -> bool:  # noqa: ARG002
        return False

"""An account kept exactly: integer cash, integer positions, each change a booking.

``equity == cash + receivable + sum of positions at their marks``, to the last minor unit, after every booking. Sums
over positions are kept as they change; of integers they cannot drift.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.backtest.money import MINOR, amount, to_minor, to_ticks


@dataclass(frozen=True, slots=True)
class Booking:
    """A row of the ledger: ``amount`` moves the cash to ``balance`` (both in minor units, 1e-4 of the currency).

    ``kind``: deposit, trade, commission, fraction, split, dividend, withholding (booked as receivable: the cash
    does not move), payment, interest, rebate, borrow, delisting, merger. ``shares`` is the change of the position.
    """

    date: np.datetime64
    kind: str
    symbol: str
    shares: float
    price: float
    amount: int
    balance: int


class Ledger:
    """Cash, positions and what is owed, of one account in one currency. ``lots`` to the share."""

    def __init__(self, symbols: tuple[str, ...], capital: float, lots: int, date: np.datetime64) -> None:
        self.symbols = symbols
        self.lots = lots
        self.date = date
        self.cash = 0
        self.units = [0] * len(symbols)
        self.marks = [0] * len(symbols)  # ticks
        self.owed: list[tuple[int, int, int]] = []  # row due, column, minor units
        self.bookings: list[Booking] = []
        self._held: set[int] = set()
        self._values = [0] * len(symbols)
        self._net = 0
        self.gross = 0  # sum of positions' absolute values
        self.book("deposit", -1, 0, 0.0, to_minor(capital))

    def book(self, kind: str, column: int, units: int, price: float, minor: int) -> None:
        """One change of cash and position."""
        self.cash += minor
        if units:
            self.units[column] += units
            (self._held.add if self.units[column] else self._held.discard)(column)
            self._revalue(column)
        symbol = self.symbols[column] if column >= 0 else ""
        self.bookings.append(Booking(self.date, kind, symbol, units / self.lots, price, minor, self.cash))

    def trade(self, column: int, units: int, price: float, commission: float, kind: str = "trade") -> int:
        """Bought (or, negative, sold) at a price; what it moved, in minor units."""
        moved = -amount(units, self.lots, to_ticks(price))
        self.book(kind, column, units, price, moved)
        charged = to_minor(commission)
        if charged:
            self.book("commission", column, 0, 0.0, -charged)
        return moved - charged

    def accrue(self, kind: str, column: int, due: int, minor: int) -> None:
        """Owed to the account (negative: by it) until the session ``due``: counted in equity, not in cash."""
        self.owed.append((due, column, minor))
        self.bookings.append(Booking(self.date, kind, self.symbols[column], 0.0, 0.0, minor, self.cash))

    def settle(self, row: int) -> None:
        """Pays what is due."""
        due = [one for one in self.owed if one[0] <= row]
        if due:
            self.owed = [one for one in self.owed if one[0] > row]
            for _, column, minor in due:
                self.book("payment", column, 0, 0.0, minor)

    def mark(self, column: int, price: float) -> None:
        """Values a position at a price from now on."""
        self.marks[column] = to_ticks(price)
        self._revalue(column)

    def _revalue(self, column: int) -> None:
        before = self._values[column]
        value = amount(self.units[column], self.lots, self.marks[column])
        self._values[column] = value
        self._net += value - before
        self.gross += abs(value) - abs(before)

    def value(self, column: int) -> int:
        """A position at its mark, in minor units."""
        return self._values[column]

    @property
    def receivable(self) -> int:
        return sum(minor for _, _, minor in self.owed)

    @property
    def held(self) -> list[int]:
        """Columns with a position."""
        return sorted(self._held)

    @property
    def equity(self) -> int:
        """Cash, what is owed, and positions at their marks, in minor units."""
        return self.cash + self.receivable + self._net

    @property
    def sized(self) -> int:
        """What sizes are of: money owed to the account does not buy yet, what it owes is not its own."""
        return self.equity - max(self.receivable, 0)

    def shares(self, column: int) -> float:
        return self.units[column] / self.lots

    def money(self, minor: int) -> float:
        """Minor units in the currency."""
        return minor / MINOR

"""Positions from flat to flat, told in the account's currency, whatever currency and contract they are held in.

A position's gain is each price move at that moment's value of one price unit (multiplier x rate), less its costs.
What balances in other currencies then gained or lost by their own rates is the account's, not the trade's. A future
that is rolled goes on: only its price changes by the step from the old contract to the new.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats
from engine.backtest.result import Ints, Trades

_DUST = 1e-9  # of what was opened
_NUMBERS = ("entry_price", "exit_price", "shares", "pnl", "costs", "return_", "mae", "mfe")


@dataclass(slots=True)
class _Round:
    entry: int
    reason: str
    quantity: float = 0.0
    last: float = 0.0
    opened: float = 0.0
    opened_for: float = 0.0
    paid: float = 0.0  # what was opened, in the account's currency
    closed: float = 0.0
    closed_for: float = 0.0
    shift: float = 0.0  # steps of rolls since the entry
    pnl: float = 0.0
    costs: float = 0.0
    worst: float = 0.0
    best: float = 0.0
    notes: list[str] = field(default_factory=list)
    marked: bool = False

    def move(self, price: float, value: float) -> None:
        self.pnl += self.quantity * (price - self.last) * value
        self.last = price

    def charge(self, slipped: float, commission: float) -> None:
        self.pnl -= commission
        self.costs += slipped + commission

    def see(self, price: float) -> None:
        """A price while held, as a return over the entry's."""
        entry = self.opened_for / self.opened
        seen = float(np.sign(self.opened)) * (price - self.shift - entry) / abs(entry) if entry else 0.0
        self.worst = min(self.worst, seen) if self.marked else seen
        self.best = max(self.best, seen) if self.marked else seen
        self.marked = True


class Rounds:
    """Follows fills and marks of symbols (places); ``finish`` tells the trades."""

    def __init__(self, dates: NDArray[np.datetime64], symbols: tuple[str, ...]) -> None:
        self.dates = dates
        self.symbols = symbols
        self._open: dict[int, _Round] = {}
        self._rows: list[dict[str, Any]] = []

    def fill(
        self, row: int, column: int, quantity: float, price: float, value: float, slipped: float,
        commission: float, reason: str,
    ) -> None:  # fmt: skip
        """Bought (negative: sold) at a price; ``value``: of one price unit of one; ``slipped``: what the fill was
        worse than its reference (in the price already)."""
        held = self._open.get(column)
        if held is not None and held.quantity * quantity < 0:
            closing = float(np.sign(quantity)) * min(abs(quantity), abs(held.quantity))
            share = closing / quantity
            held.move(price, value)
            held.charge(slipped * share, commission * share)
            self._close(row, column, held, closing, price, reason)
            quantity, slipped, commission = (x * (1 - share) for x in (quantity, slipped, commission))
            if abs(quantity) <= _DUST * abs(held.opened):
                return
            held = self._open.get(column)
        if held is None:
            held = self._open[column] = _Round(row, reason, last=price)
        held.move(price, value)
        held.charge(slipped, commission)
        held.quantity += quantity
        held.opened += quantity
        held.opened_for += quantity * (price - held.shift)
        held.paid += abs(quantity * price) * value

    def _close(self, row: int, column: int, held: _Round, closing: float, price: float, reason: str) -> None:
        held.quantity += closing
        held.closed -= closing
        held.closed_for -= closing * price
        if abs(held.quantity) <= _DUST * abs(held.opened):
            held.see(price)
            self._end(row, column, held, reason, still=False)

    def move(self, column: int, price: float, value: float) -> None:
        """A price on the way to a fill that changes what a price unit is worth."""
        held = self._open.get(column)
        if held is not None:
            held.move(price, value)

    def pay(self, column: int, amount: float) -> None:
        """What the position brought (negative: cost) beside its price: rollover, funding."""
        held = self._open.get(column)
        if held is not None:
            held.pnl += amount

    def roll(
        self, column: int, old: float, new: float, value: float, slipped: float, commission: float, note: str
    ) -> None:
        """From one contract at a price to another at its: the same trade."""
        held = self._open[column]
        held.move(old, value)
        held.last = new
        held.shift += new - old
        held.charge(slipped, commission)
        held.notes.append(note)

    def mark(self, column: int, price: float, value: float) -> None:
        """The close of a session on which it is held."""
        held = self._open.get(column)
        if held is not None:
            held.move(price, value)
            held.see(price)

    def marks(self, columns: Ints, prices: Floats, values: Floats, paid: Floats) -> None:
        """``mark`` of symbols (m,) at the closes (n, m) of sessions in a row, on which each also brought ``paid``."""
        those = [self._open[column] for column in columns.tolist()]
        before = np.vstack([[each.last for each in those], prices[:-1]])
        moved = ((prices - before) * values).sum(axis=0)
        told = (moved, prices[-1], prices.min(axis=0), prices.max(axis=0), paid)
        for held, made, last, least, most, more in zip(those, *(each.tolist() for each in told), strict=True):
            held.pnl += held.quantity * made + more
            held.last = last
            held.see(least)
            held.see(most)

    def finish(self, row: int) -> Trades:
        """All trades; what is still held is valued at its last mark."""
        for column in sorted(self._open):
            held = self._open[column]
            held.closed += held.quantity
            held.closed_for += held.quantity * held.last
            self._end(row, column, held, "", still=True)
        rows = sorted(self._rows, key=lambda each: (each["symbol"], each["entry"]))
        whole = {
            name: np.array([each[name] for each in rows], dtype=np.int64)
            for name in ("symbol", "entry", "exit")
        }
        told = {name: np.array([each[name] for each in rows], dtype=np.float64) for name in _NUMBERS}
        return Trades(
            self.dates, self.symbols, whole["symbol"], whole["entry"], whole["exit"], told["entry_price"],
            told["exit_price"], told["shares"], told["pnl"], told["costs"], told["return_"], told["mae"],
            told["mfe"], np.array([each["open"] for each in rows], dtype=np.bool_),
            tuple(each["entry_reason"] for each in rows), tuple(each["exit_reason"] for each in rows),
        )  # fmt: skip

    def _end(self, row: int, column: int, held: _Round, reason: str, *, still: bool) -> None:
        del self._open[column]
        self._rows.append(
            {
                "symbol": column,
                "entry": held.entry,
                "exit": row,
                "entry_price": held.opened_for / held.opened,
                "exit_price": held.closed_for / held.closed,
                "shares": held.opened,
                "pnl": held.pnl,
                "costs": held.costs,
                "return_": held.pnl / held.paid if held.paid else np.nan,
                "mae": held.worst,
                "mfe": held.best,
                "open": still,
                "entry_reason": held.reason,
                "exit_reason": "; ".join([*([reason] if reason else []), *held.notes]),
            }
        )

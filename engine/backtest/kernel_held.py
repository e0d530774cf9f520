"""Money of an account in plain floats of minor units, and what happens to one of its symbols session by session."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.backtest.actions import ended_text
from engine.backtest.costs import nearest_lots
from engine.backtest.exact import amounts
from engine.backtest.happened import Happened
from engine.backtest.inputs import Bools
from engine.backtest.kernel_scalar import night, ticks_of, worth
from engine.backtest.kernel_symbol import Common, Symbol
from engine.backtest.kernel_told import Told
from engine.backtest.kernel_turns import Turn, first, marked
from engine.backtest.market import Floats, Market
from engine.backtest.money import MINOR, TICK
from engine.backtest.result import Costs, Terms
from engine.backtest.tape import Tape


class Nights(NamedTuple):
    """What holding costs and earns: calendar days before each session (n,), and where it is told."""

    costs: Costs
    days: list[float]
    tape: Tape


def nights(market: Market, costs: Costs, tape: Tape) -> Nights | None:
    """None where nothing is financed."""
    days = np.diff(market.dates, prepend=market.dates[:1]) / np.timedelta64(1, "D")
    return Nights(costs, days.tolist(), tape) if costs.financed else None


class Purse:
    """``owed``: by the session it is due in. ``booked`` and ``owing``: what changed cash and what is owed, by
    session. ``row``: the session of the moment."""

    def __init__(self, terms: Terms, nights: Nights | None) -> None:
        self.nights, self.row = nights, 0
        self.begun = self.cash = float(round(terms.capital * MINOR))
        self.owed: dict[int, float] = {}
        self.booked: list[tuple[int, float]] = []
        self.owing: list[tuple[int, float]] = []

    def pay(self, row: int, cash: float) -> None:
        self.cash += cash
        self.booked.append((row, cash))

    def owe(self, row: int, due: int, cash: float) -> None:
        self.owed[due] = self.owed.get(due, 0.0) + cash
        self.owing.append((row, cash))

    def settle(self, row: int) -> None:
        """Pays what is due by a session."""
        if not self.owed:
            return
        for due in [each for each in self.owed if each <= row]:
            cash = self.owed.pop(due)
            self.pay(due, cash)
            self.owing.append((due, -cash))

    def until(self, row: int, held: Sequence[Held]) -> None:
        """Interest, rebates and borrow fees up to a session, and what is due before it; positions stood still."""
        if self.nights is None:
            return
        costs, days, tape = self.nights
        short = sum(
            (one.short(self.row, row) for one in held if one.symbol.units < 0), np.zeros(row - self.row)
        )
        for day, sold in enumerate(short.tolist(), self.row + 1):
            for kind, booked in night(costs, self.cash - sold, sold, days[day]):
                self.pay(day, booked)
                tape.cost(day, kind, -booked / MINOR)
            if day < row and day in self.owed:
                self.settle(day)
        self.row = row

    @property
    def free(self) -> float:
        """Money owed to the account does not buy yet, what it owes is not its own."""
        return self.cash + min(sum(self.owed.values()), 0.0) if self.owed else self.cash

    def by_row(self, rows: int) -> tuple[Floats, Floats]:
        """Cash, and with what is owed to the account (rows,)."""
        cash: Floats = self.begun + _summed(self.booked, rows)
        return cash, cash + _summed(self.owing, rows) if self.owing else cash


def _summed(changes: Sequence[tuple[int, float]], rows: int) -> Floats:
    if not changes:
        return np.zeros(rows)
    at, by = zip(*changes, strict=True)
    return np.asarray(np.cumsum(np.bincount(at, by, rows)), dtype=np.float64)


class Held:
    """A symbol and its account. ``marks`` (n, k): of closes, carried on, in ticks; a split of what is held without a
    bar moves them. ``rows`` and ``units``: what was held from a session on."""

    def __init__(
        self, common: Common, column: int, purse: Purse, told: Told, marks: Floats, happened: Happened
    ) -> None:
        self.symbol, self.column, self.purse, self.told = Symbol(common, column, self), column, purse, told
        self.market, self.marks, self.happened = common.market, marks, happened
        self.lots, self.withholding = common.prices.lots, common.prices.costs.withholding
        acting = (self.market.split[:, column] != 1.0) | (self.market.dividend[:, column] > 0)
        self.acting = marked(acting)
        self.last = int(self.market.last[column])
        self.rows, self.units = [0], [0.0]

    def next(self, row: int) -> int:
        """The first session from ``row`` on in which anything happens."""
        found = first(self.acting, row)
        if row <= self.last < found:
            found = self.last
        return self.symbol.next(row, found)

    def fill(
        self, row: int, phase: int, moved: float, price: float, limit: float | None, code: int | Turn
    ) -> float:
        """Books a fill: the price it got."""
        filled, fee = self.told.fill(row, phase, self.column, moved, price, limit, code)
        self.purse.pay(row, -worth(moved, self.lots, ticks_of(filled)) - float(round(fee * MINOR)))
        return filled

    def short(self, row: int, end: int) -> Floats:
        """What a position sold short is worth at the closes from a session on."""
        return -amounts(np.array([self.symbol.units]), self.lots, self.marks[row:end, self.column])

    # a session -----------------------------------------------------------------------------------------------

    def begin(self, row: int) -> None:
        """A split, and rights to a dividend."""
        if self.acting[row]:
            ratio = float(self.market.split[row, self.column])
            if ratio != 1.0 and ratio > 0:
                self._split(row, ratio)
                self.symbol.split(ratio)
            paid = float(self.market.dividend[row, self.column])
            if paid > 0 and self.symbol.units:
                self._dividend(row, paid)

    def _split(self, row: int, ratio: float) -> None:
        """Units after a split; what is no whole lot is paid in cash."""
        one, column = self.symbol, self.column
        if not one.units:
            return
        mark = (self.marks.item(row - 1, column) if row else 0.0) / TICK / ratio
        if not one.there(row):
            end = len(self.marks) if one.trades is None else first(one.trades, row)
            self.marks[row:end, column] = ticks_of(mark)
        exact = one.units * ratio
        one.units = float(nearest_lots(exact, self.lots)) + 0.0
        fraction = exact - one.units
        if abs(fraction) <= 1e-9 * max(1.0, abs(exact)):
            fraction = 0.0
        opened = one.open.item(row)
        price = opened if math.isfinite(opened) else mark
        self.purse.pay(row, float(round(fraction / self.lots * price * MINOR)))
        if fraction:
            self.told.close(row, 0, column, -fraction / self.lots, price, "fraction of a split")

    def _dividend(self, row: int, paid: float) -> None:
        gross = float(round(self.symbol.units / self.lots * paid * MINOR))
        kept = float(round(gross * self.withholding)) if gross > 0 else 0.0
        due = row + max(int(self.market.pay[row, self.column]), 0)
        self.told.tape.cost(row, "withholding", kept / MINOR)
        self.purse.owe(row, due, gross - kept)
        self.told.tape.flow(row, self.column, (gross - kept) / MINOR)

    def opens(self, row: int) -> float:
        """What the position is worth at an open, or at its mark without a bar."""
        one = self.symbol
        if not one.units:
            return 0.0
        mark = ticks_of(one.open.item(row)) if one.there(row) else self.marks.item(row, self.column)
        return worth(one.units, self.lots, mark)

    def session(self, row: int, equity: float) -> None:
        """Trades, a delisting after the close, and what is decided then."""
        one = self.symbol
        one.trade(row, equity)
        if row == self.last:
            one.wait = None
            if one.units:
                self._delist(row)
        one.after(row)
        if one.units != self.units[-1]:
            self.rows.append(row)
            self.units.append(one.units)

    def _delist(self, row: int) -> None:
        one, final = self.symbol, float(self.market.final_return[self.column])
        last = self.marks.item(row, self.column) / TICK
        price = last * (1 + final) if math.isfinite(final) else last
        self.purse.pay(row, worth(one.units, self.lots, ticks_of(price)))
        self.told.close(row, 1, self.column, -one.units / self.lots, price, "delisted")
        self.happened.tell(row, self.column, "delisting", ended_text(final))
        one.units = 0.0

    def by_row(self, rows: int) -> Floats:
        """Units after each session (rows,)."""
        return np.repeat(self.units, np.diff(self.rows, append=rows))


def carried(marks: Floats, trading: Bools) -> Floats:
    """Marks carried on over the sessions without a bar; 0 before the first."""
    rows = np.maximum.accumulate(np.where(trading, np.arange(1, len(marks) + 1)[:, None], 0), axis=0)
    return np.asarray(np.take_along_axis(np.vstack([np.zeros_like(marks[:1]), marks]), rows, axis=0))

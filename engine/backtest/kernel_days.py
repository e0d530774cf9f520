"""Weights in one account or in one by symbol, a session at a time, all symbols at once.

Sessions in which nothing but prices move are passed over in one step: marks, values and equity of all of them at
once, up to a close that calls for margin. The nights of one account are financed on the way, one after the other.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.backtest.costs import in_lots, wanted
from engine.backtest.exact import amounts, ticks
from engine.backtest.inputs import Bools
from engine.backtest.kernel_account import Account
from engine.backtest.kernel_scalar import night
from engine.backtest.market import Floats, Market
from engine.backtest.money import MINOR
from engine.backtest.result import Costs, Ints, Result, Signals, Terms
from engine.backtest.window import paid_out

UNASKED = -2  # instead of the session of a decision: a merger brought it


def run_days(
    market: Market,
    signals: Signals,
    costs: Costs,
    terms: Terms,
    accounts: bool,
    changes: bool,
    moved: Floats | None,
    told: Callable[[int, int], None] | None = None,
) -> Result:
    """See ``kernel.run_fast``."""
    market = paid_out(market) if accounts else market
    run = Days(market, signals, costs, terms, accounts, moved)
    rows, columns = market.close.shape
    values, worth = np.zeros((rows, columns)), np.zeros((rows, len(run.cash)))
    money = np.zeros(rows)
    before = np.zeros(columns) if changes else None
    busy = run.busy()
    row = 0
    while row < rows:
        run.begin(row)
        run.trade(row)
        run.close(row)
        values[row], worth[row], money[row] = run.value, run.equity, run.cash.sum()
        run.want(row, before)
        after = run.next(row, busy)
        if after > row + 1:
            after = run.quiet(row + 1, after, values, worth, money)
        row = after
        if told is not None:
            told(row, rows)
    return run.result(values, worth, money)


class Days(Account):
    """An account that follows weights; ``pending`` and ``decided`` are opinions that no open has met yet."""

    def __init__(
        self,
        market: Market,
        signals: Signals,
        costs: Costs,
        terms: Terms,
        accounts: bool,
        moved: Floats | None,
    ) -> None:
        super().__init__(market, costs, terms, accounts, moved)
        self.later = False
        columns = len(market.symbols)
        self.signals = signals
        self.pending = np.full(columns, np.nan)
        self.decided: Ints = np.full(columns, -1, dtype=np.int64)
        self.code: Ints = np.zeros(columns, dtype=np.int64)  # of the order at work
        self.named((*signals.names, ""))

    def busy(self) -> Ints:
        """Sessions in which something may happen, whatever comes of the ones before; ends with one past the last."""
        rows = len(self.market.dates)
        if self.financed and len(self.cash) > 1:
            return np.arange(rows + 1)
        decided: Bools = np.asarray(~np.isnan(self.signals.target).all(axis=1))
        decided[1:] |= decided[:-1].copy()
        decided |= self.acting
        decided[list(self.ending)] = True
        return np.append(np.flatnonzero(decided), rows)

    def next(self, row: int, busy: Ints) -> int:
        """The next session in which something happens: decided before, due to be paid, called, or waiting for a bar
        or for volume."""
        if self.margin.calling or (self.pending == self.pending).any() or self.rest.any():
            return row + 1
        after = int(busy[np.searchsorted(busy, row, side="right")])
        return min((after, *self.owed))

    def quiet(self, begin: int, end: int, values: Floats, worth: Floats, money: Floats) -> int:
        """Sessions in which nothing but prices move, up to a close that calls for margin: the session after them."""
        part = slice(begin, end)
        closes = ticks(self.market.close[part])
        marks = closes if self.trading is None else self._carried(closes, self.trading[part])
        found = amounts(self.units, self.lots, marks)
        sums = found if self.accounts else found.sum(axis=1, keepdims=True)
        cash, booked = (
            self._nights(begin, np.vstack([self.value, found[:-1]])) if self.financed else (self.cash, [])
        )
        equity = cash + self.owing + sums
        last = end - begin - 1
        least = self.margin.maintenance
        if least is not None:
            gross = np.abs(found) if self.accounts else np.abs(found).sum(axis=1, keepdims=True)
            below = ((gross > 0) & (equity < least * gross)).any(axis=1)
            if below.any():
                last = int(np.argmax(below))
                self.margin.over(self, begin + last, equity[last], gross[last])
        after = begin + last + 1
        values[begin:after], worth[begin:after] = found[: last + 1], equity[: last + 1]
        money[begin:after] = cash[: last + 1, 0] if self.financed else cash.sum()
        if self.financed:
            self.cash = cash[last].copy()
            for row, kind, paid in booked:
                if row < after:
                    self.tape.cost(row, kind, -paid / MINOR)
        self.mark, self.value = marks[last].copy(), found[last].copy()
        return after

    def _nights(self, begin: int, before: Floats) -> tuple[Floats, list[tuple[int, str, float]]]:
        """Cash of the one account after each night of a stretch (m, 1), and what they booked; ``before`` (m, k):
        positions at the close before each."""
        short = np.maximum(-before, 0.0).sum(axis=1).tolist()
        days = np.diff(self.market.dates[begin - 1 : begin + len(short)]) / np.timedelta64(1, "D")
        cash, path, booked = float(self.cash[0]), [], []
        for row, (sold, nights) in enumerate(zip(short, days.tolist(), strict=True), begin):
            for kind, paid in night(self.costs, cash - sold, sold, nights):
                cash += paid
                booked.append((row, kind, paid))
            path.append(cash)
        return np.array(path)[:, None], booked

    def _carried(self, closes: Floats, trading: Bools) -> Floats:
        """Marks of sessions, over those without a bar too."""
        marks = np.vstack([self.mark, np.where(trading, closes, np.nan)])
        known = np.where(np.isfinite(marks), np.arange(len(marks))[:, None], 0)
        return np.asarray(np.take_along_axis(marks, np.maximum.accumulate(known, axis=0), axis=0)[1:])

    def want(self, row: int, before: Floats | None) -> None:
        """Takes a session's opinions; with ``before`` (what was last wanted) only those that changed."""
        opinion = self.signals.target[row]
        fresh = ~np.isnan(opinion)
        if before is not None:
            fresh &= opinion != before
            before[fresh] = opinion[fresh]
        if fresh.any():
            self.pending[fresh] = opinion[fresh]
            self.decided[fresh] = row
            self.rest[fresh] = 0.0

    def trade(self, row: int) -> None:
        """Fills what waits and can trade at this open, and what is left of orders before."""
        trading = True if self.trading is None else self.trading[row]
        at = np.flatnonzero((self.pending == self.pending) & trading)
        if len(at):
            equity = self.sized(at)
            shares = wanted(self.costs, self.pending[at], equity, self.market.open[row, at])
            moved = in_lots(shares, self.lots, self.lot) - self.units[at]
            self.pending[at] = np.nan
            self.code[at] = self._reasons(at)
            if self.limited:
                self.rest[at] = moved
        if self.limited:
            at = np.flatnonzero((self.rest != 0) & trading)
            moved = self.rest[at]
        elif len(at) and not moved.all():
            at, moved = at[moved != 0], moved[moved != 0]
        if len(at):
            self.targets(row, at, moved, self.code[at])

    def _reasons(self, at: Ints) -> Ints:
        """Places in the tape's names: of what was decided, of what a merger brought, of nothing told."""
        decided, signals = self.decided[at], self.signals
        count = len(signals.names)
        found = np.full(len(at), count, dtype=np.int64)
        if signals.reasons is not None:
            codes = signals.reasons[np.maximum(decided, 0), at]
            found = np.where((codes >= 0) & (codes < count), codes, count)
        return np.where(decided == UNASKED, self.received, found)

    def forget(self, column: int) -> None:
        self.pending[column] = np.nan

    def receive(self, column: int) -> None:
        if np.isnan(self.pending[column]):
            self.pending[column], self.decided[column] = 0.0, UNASKED

"""What happens to positions in arrays without a trade: ``actions`` of one account, or of one by symbol."""

from __future__ import annotations

import numpy as np

from engine.backtest.actions import ended_text, merged_text
from engine.backtest.costs import nearest_lots
from engine.backtest.exact import amounts, ticks
from engine.backtest.happened import Happened
from engine.backtest.market import Floats, Market
from engine.backtest.money import MINOR, TICK
from engine.backtest.result import Costs, Ints
from engine.backtest.tape import Tape


class Held:
    """Positions of one account, or of one by symbol; who has what waits for them says how it ends."""

    market: Market
    costs: Costs
    accounts: bool
    lots: int
    cash: Floats
    owed: dict[int, Floats]
    units: Floats
    mark: Floats
    value: Floats
    rest: Floats
    tape: Tape
    happened: Happened

    def sums(self, values: Floats) -> Floats:
        """By account."""
        raise NotImplementedError

    def forget(self, column: int) -> None:
        """Drops what waits for an open of a symbol that has none any more."""
        raise NotImplementedError

    def receive(self, column: int) -> None:
        """Shares came that nobody asked for: they are sold at the next open."""
        raise NotImplementedError

    def pay(self, at: Ints, booked: Floats) -> None:
        """Cash to the accounts of some symbols."""
        if self.accounts:
            self.cash[at] += booked
        else:
            self.cash += booked.sum()

    def finance(self, row: int) -> None:
        """Interest, rebates and borrow fees of the nights before."""
        costs, market = self.costs, self.market
        days = (market.dates[row] - market.dates[row - 1]) / np.timedelta64(1, "D")
        short = self.sums(np.maximum(-self.value, 0.0))
        free = self.cash - short
        debit = costs.cash_rate if costs.debit_rate is None else costs.debit_rate
        for kind, balance, rate in (
            ("interest", free, np.where(free >= 0, costs.cash_rate, debit)),
            ("rebate", short, costs.short_rebate),
            ("borrow", -short, costs.borrow_rate),
        ):
            booked = np.rint(balance * rate * days / costs.day_count)
            self.cash += booked
            self.tape.cost(row, kind, -float(booked.sum()) / MINOR)

    def split(self, row: int) -> None:
        """Units after a split, and what is left of orders; what is no whole lot is paid in cash."""
        ratio = self.market.split[row]
        splits = np.flatnonzero((ratio != 1.0) & (ratio > 0))
        self.rest[splits] = nearest_lots(self.rest[splits] * ratio[splits], self.lots) + 0.0  # no -0.0
        at = splits[self.units[splits] != 0]
        if not len(at):
            return
        mark = self.mark[at] / TICK / ratio[at]
        self.mark[at] = ticks(mark)
        exact = self.units[at] * ratio[at]
        self.units[at] = nearest_lots(exact, self.lots) + 0.0
        fraction = exact - self.units[at]
        fraction[np.abs(fraction) <= 1e-9 * np.maximum(1.0, np.abs(exact))] = 0.0
        first = self.market.open[row, at]
        price = np.where(np.isfinite(first), first, mark)
        self.pay(at, np.rint(fraction / self.lots * price * MINOR))
        for column, part, paid in zip(at.tolist(), fraction.tolist(), price.tolist(), strict=True):
            if part:
                self.tape.close(row, column, -part / self.lots, paid, "fraction of a split")

    def dividend(self, row: int) -> None:
        """Rights to dividends on their ex-date."""
        paid = self.market.dividend[row]
        at = np.flatnonzero((paid > 0) & (self.units != 0))
        gross = np.rint(self.units[at] / self.lots * paid[at] * MINOR)
        kept = np.where(gross > 0, np.rint(gross * self.costs.withholding), 0.0)
        self.tape.cost(row, "withholding", float(kept.sum()) / MINOR)
        for column, cash in zip(at.tolist(), (gross - kept).tolist(), strict=True):
            due = row + max(int(self.market.pay[row, column]), 0)
            owed = self.owed.setdefault(due, np.zeros(len(self.cash)))
            owed[column if self.accounts else 0] += cash
            self.tape.flow(row, column, cash / MINOR)

    def end(self, row: int) -> None:
        """Delistings after the close: what waits ends, a position is paid."""
        for column in np.flatnonzero(self.market.last == row).tolist():
            self.forget(column)
            self.rest[column] = 0.0
            if self.units[column] and not self._merge(row, column):
                self._delist(row, column)

    def _delist(self, row: int, column: int) -> None:
        last, final = float(self.mark[column]) / TICK, float(self.market.final_return[column])
        price = last * (1 + final) if np.isfinite(final) else last
        at = np.array([column])
        self.pay(at, amounts(self.units[at], self.lots, ticks(np.array([price]))))
        self.tape.close(row, column, -float(self.units[column]) / self.lots, price, "delisted")
        self.happened.tell(row, column, "delisting", ended_text(final))
        self.units[column] = 0.0

    def _merge(self, row: int, column: int) -> bool:
        """Shares of a successor and cash for a position, as ``actions.merge``; whether there is one."""
        found = self.market.successor(column, row)
        if found is None:
            return False
        (merger, price), lots, units = found, self.lots, float(self.units[column])
        into, exact, held = merger.into, units * merger.ratio, self.units[merger.into]
        whole = float(nearest_lots(exact, lots))
        fraction = exact - whole if abs(exact - whole) > 1e-9 * max(1.0, abs(exact)) else 0.0
        self.cash += amounts(np.array([units]), lots, ticks(merger.cash)) + np.rint(
            fraction / lots * price * MINOR
        )
        self.units[column], self.units[into] = 0.0, held + whole
        self.mark[into] = ticks(price)
        names = self.market.symbols
        value = merger.ratio * price + merger.cash
        self.tape.close(row, column, -units / lots, value, f"merged into {names[into]}")
        if whole:
            self.tape.receive(row, into, whole / lots, price, f"merger of {names[column]}")
        self.happened.tell(row, column, "merger", merged_text(merger, names[into]))
        if not held:
            self.receive(into)
        return True

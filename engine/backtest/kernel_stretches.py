"""Few symbols under rules with stops: from one session in which anything happens to the next, not session by session.

Between two of them units stand still, and cash but for interest, so marks, values and equity of all sessions are
worked out at once in the end. Symbols of one account meet in its cash alone, and only where something is sized. What
it books is what ``kernel_guarded`` and ``guarded`` book, to the last unit.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.backtest.assemble import assemble
from engine.backtest.deciding import Deciding
from engine.backtest.exact import amounts, ticks
from engine.backtest.happened import Happened
from engine.backtest.inputs import Bools
from engine.backtest.kernel_held import Held, Purse, carried, nights
from engine.backtest.kernel_scalar import Prices
from engine.backtest.kernel_symbol import Common
from engine.backtest.kernel_told import Told
from engine.backtest.kernel_turns import marked
from engine.backtest.market import Floats, Market
from engine.backtest.money import MINOR
from engine.backtest.result import Costs, Result, Terms
from engine.backtest.rules.plan import Plan

MOST = 200  # symbols, and
BUSY = 7  # trades to the session: of more, all symbols session by session are the faster way
Progress = Callable[[int, int], None]


def suits(market: Market, costs: Costs, terms: Terms) -> bool:
    """Whether nothing but nights' interest happens to an account between what happens to its symbols, each by
    itself."""
    bound = (terms.initial_margin, terms.maintenance_margin, costs.participation)
    return all(each is None for each in bound) and not market.mergers


def few(plan: Plan, nightly: bool) -> bool:
    """Whether so little is to be done that going from one session to the next in which anything trades is faster:
    each entry begins and ends a position, of which some half are there to be resized. ``nightly``: each symbol's
    account is financed by itself, a night for a tenth of a trade."""
    rows, columns = plan.long.entry.shape
    if columns > MOST:
        return False
    entries = sum(np.count_nonzero(each.entry[1:] & ~each.entry[:-1]) for each in (plan.long, plan.short))
    resized = int(np.count_nonzero(plan.rebalance)) * columns / 2
    financed = rows * columns / 10 if nightly else 0
    return bool(2 * entries + resized + financed <= BUSY * rows)


def run_stretches(
    market: Market,
    plan: Plan,
    costs: Costs,
    terms: Terms,
    accounts: bool,
    moved: Floats | None,
    told: Progress | None = None,
) -> Result:
    """``kernel_guarded.run_guarded_days`` of what ``suits``."""
    run = _Run(market, plan, costs, terms, accounts, moved)
    if accounts:
        run.apart(told)
    else:
        run.together(told)
    return run.result()


class _Run:
    """Symbols and the accounts that they are held in: one of all, or one each."""

    def __init__(
        self, market: Market, plan: Plan, costs: Costs, terms: Terms, accounts: bool, moved: Floats | None
    ) -> None:
        self.market, self.plan, self.terms, self.accounts = market, plan, terms, accounts
        self.rows, columns = market.close.shape
        all_: Bools = np.isfinite(market.open) & np.isfinite(market.close)
        trading = None if all_.all() else all_
        deciding, self.prices = Deciding(plan, market), Prices(market, costs, terms, moved)
        self.told, self.happened = Told(self.prices, deciding.names), Happened()
        self.marks = ticks(market.close) if trading is None else carried(ticks(market.close), trading)
        common = Common(
            market, plan, self.prices, trading, marked(plan.rebalance), deciding.factor, deciding.guard_code
        )
        costly = nights(market, costs, self.told.tape)
        self.purses = [Purse(terms, costly) for _ in range(columns if accounts else 1)]
        self.held = [
            Held(common, column, self.purses[column if accounts else 0], self.told, self.marks, self.happened)
            for column in range(columns)
        ]

    def apart(self, told: Progress | None) -> None:
        """Each symbol in an account of its own, one after the other."""
        for column, one in enumerate(self.held):
            row, purse, symbol = one.next(0), one.purse, one.symbol
            while row < self.rows:
                purse.until(row, [one])
                one.begin(row)
                purse.settle(row)
                ready = symbol.ready(row)
                one.session(row, (purse.free + one.opens(row)) / MINOR if ready else 0.0)
                row = one.next(row + 1)
            if told is not None:
                told(column + 1, len(self.held))

    def together(self, told: Progress | None) -> None:
        """All symbols in one account, session after session."""
        purse = self.purses[0]
        calendar: list[list[Held]] = [[] for _ in range(self.rows + 1)]
        for one in self.held:
            calendar[one.next(0)].append(one)
        for row, due in enumerate(calendar[: self.rows]):
            if not due:
                continue
            due.sort(key=_place)
            purse.until(row, self.held)
            for one in due:
                one.begin(row)
            purse.settle(row)
            equity = 0.0
            if sum([one.symbol.ready(row) for one in due]):  # all take in what was decided
                worth = sum([one.opens(row) for one in self.held if one.symbol.units])
                equity = (purse.free + worth) / MINOR
            for one in due:
                one.session(row, equity)
                calendar[one.next(row + 1)].append(one)
            if told is not None and row + 1 < self.rows:
                told(row + 1, self.rows)
        if told is not None:
            told(self.rows, self.rows)

    def result(self) -> Result:
        """Marks, values and equity of all sessions."""
        for place, purse in enumerate(self.purses):
            purse.until(self.rows - 1, self.held[place : place + 1] if self.accounts else self.held)
            purse.settle(self.rows - 1)
        units = np.column_stack([one.by_row(self.rows) for one in self.held])
        values = amounts(units, self.prices.lots, self.marks)
        paths = [purse.by_row(self.rows) for purse in self.purses]
        money: Floats = np.sum([cash for cash, _ in paths], axis=0)
        worth = np.column_stack([with_owed for _, with_owed in paths])
        worth += values if self.accounts else values.sum(axis=1, keepdims=True)
        values, worth, money = (np.divide(each, MINOR, out=each) for each in (values, worth, money))
        own = worth if self.accounts else None
        tape = self.told.finished(self.plan)
        return assemble(
            self.market, self.terms, worth.sum(axis=1), money, values, tape, self.happened, accounts=own
        )


def _place(one: Held) -> int:
    return one.column

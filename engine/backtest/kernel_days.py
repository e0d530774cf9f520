"""One account or one by symbol, a session at a time, all symbols at once: actions, financing and weights at the open.

The steps and their order are those of ``simulate``; cash is kept in minor units, marks in ticks, and every booking is
rounded as the ledger rounds it (``exact``): what both simulations book is the same to the last unit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.backtest.actions import RECEIVED, ended_text, merged_text
from engine.backtest.assemble import assemble
from engine.backtest.costs import commission, in_lots, nearest_lots, rates, wanted
from engine.backtest.exact import amounts, ticks
from engine.backtest.inputs import Bools
from engine.backtest.market import Floats, Market
from engine.backtest.money import FRACTION, MINOR, TICK, WHOLE
from engine.backtest.result import Costs, Event, Ints, Result, Signals, Terms
from engine.backtest.tape import Tape
from engine.backtest.window import paid_out

SAFE = 1.0 - 1e-9  # of what the margin allows: nearer is left to the path of orders
UNASKED = -2  # instead of the session of a decision: a merger brought it


class MarginBinds(ValueError):
    """Margin may cut an order or call for one: what happens then hangs on the path of orders (``run_events``)."""


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
    run = Days(market, costs, terms, accounts, moved)
    run.margin = Margin.of(terms)
    run.tape.names = (*signals.names, "", RECEIVED)
    rows, columns = market.close.shape
    values, worth = np.zeros((rows, columns)), np.zeros((rows, len(run.cash)))
    money = np.zeros(rows)
    before = np.zeros(columns)
    busy = run.busy(signals)
    row = 0
    while row < rows:
        run.actions(row)
        run.trade(row, signals)
        run.close(row)
        opinion = signals.target[row]
        fresh = ~np.isnan(opinion)
        if changes:
            fresh &= opinion != before
            before[fresh] = opinion[fresh]
        if fresh.any():
            run.pending[fresh] = opinion[fresh]
            run.decided[fresh] = row
        after = run.next(row, busy)
        values[row], worth[row] = run.value, run.equity
        money[row:after] = run.cash.sum()
        if after > row + 1:
            run.quiet(slice(row + 1, after), values, worth)
        run.called(values[row:after], worth[row:after])
        row = after
        if told is not None:
            told(row, rows)
    values, worth, money = values / MINOR, worth / MINOR, money / MINOR
    happened, own = tuple(run.events), worth if accounts else None
    return assemble(market, terms, worth.sum(axis=1), money, values, run.tape, happened, accounts=own)


@dataclass(frozen=True, slots=True)
class Margin:
    """Equity over exposure that a position which grows needs, and that every close needs; None for no such rule."""

    initial: float | None = None
    maintenance: float | None = None

    @classmethod
    def of(cls, terms: Terms) -> Margin:
        return cls(terms.initial_margin, terms.maintenance_margin)


class Days:
    """The state between sessions. Money in minor units; ``cash`` and sums have one value an account."""

    def __init__(
        self, market: Market, costs: Costs, terms: Terms, accounts: bool, moved: Floats | None
    ) -> None:
        columns = len(market.symbols)
        self.market = market
        self.costs = costs
        self.accounts = accounts
        self.lots, self.lot = FRACTION if terms.fractional else WHOLE, terms.lot
        self.cash = np.full(columns if accounts else 1, np.rint(terms.capital * MINOR))
        self.owed: dict[int, Floats] = {}
        self.units, self.mark = np.zeros(columns), np.zeros(columns)  # ticks
        self.value = np.zeros(columns)
        self.pending = np.full(columns, np.nan)
        self.decided: Ints = np.full(columns, -1, dtype=np.int64)
        self.tape = Tape()
        self.events: list[Event] = []
        self.volatility = moved
        fixed = {} if costs.scaled else rates(costs, 0.0, 0.0, 0.0)
        self.rates = {
            kind: float(rate) for kind, rate in fixed.items()
        }  # where they are the same of every fill
        self.margin = Margin()
        self.began = self.units  # of the session, before any fill
        self.acting = ((market.split != 1.0) | (market.dividend > 0)).any(axis=1)
        self.ending = set(market.last[market.last >= 0].tolist())

    def busy(self, signals: Signals) -> Ints:
        """Sessions in which something may happen, whatever comes of the ones before; ends with one past the last."""
        rows = len(self.market.dates)
        if self.costs.financed:
            return np.arange(rows + 1)
        decided: Bools = np.asarray(~np.isnan(signals.target).all(axis=1))
        decided[1:] |= decided[:-1].copy()
        decided |= self.acting
        decided[list(self.ending)] = True
        return np.append(np.flatnonzero(decided), rows)

    def next(self, row: int, busy: Ints) -> int:
        """The next session in which something happens: decided before, due to be paid, or waiting for a bar."""
        if (self.pending == self.pending).any():
            return row + 1
        after = int(busy[np.searchsorted(busy, row, side="right")])
        return min((after, *self.owed))

    def quiet(self, part: slice, values: Floats, worth: Floats) -> None:
        """Sessions in which nothing but prices move: marks, values and equity of all of them at once."""
        closes = self.market.close[part]
        known = np.isfinite(closes) & np.isfinite(self.market.open[part])
        marks = np.where(known, ticks(closes), np.nan)
        if not known.all():
            marks = np.vstack([self.mark, marks])
            last = np.maximum.accumulate(
                np.where(np.isfinite(marks), np.arange(len(marks))[:, None], 0), axis=0
            )
            marks = np.take_along_axis(marks, last, axis=0)[1:]
        self.mark = marks[-1].copy()
        values[part] = amounts(self.units, self.lots, marks)
        owed = sum(self.owed.values(), np.zeros(len(self.cash)))
        sums = values[part] if self.accounts else values[part].sum(axis=1, keepdims=True)
        worth[part] = self.cash + owed + sums
        self.value = values[part][-1].copy()

    def sums(self, values: Floats) -> Floats:
        """By account."""
        found: Floats = values if self.accounts else values.sum(keepdims=True)
        return found

    def worth(self, marks: Floats) -> Floats:
        """Positions at prices in ticks, each rounded."""
        return amounts(self.units, self.lots, marks)

    @property
    def equity(self) -> Floats:
        owed = sum(self.owed.values(), np.zeros(len(self.cash)))
        return self.cash + owed + self.sums(self.value)

    def buying(self, trading: Bools, opens: Floats) -> Floats:
        """What sizes are of, at the open: money owed to the account does not buy yet, what it owes is not its own."""
        owed = np.minimum(sum(self.owed.values(), np.zeros(len(self.cash))), 0.0)
        return (self.cash + owed + self.sums(self.worth(np.where(trading, ticks(opens), self.mark)))) / MINOR

    def called(self, values: Floats, worth: Floats) -> None:
        """Raises MarginBinds where equity falls below the maintenance margin at one of some closes."""
        if self.margin.maintenance is None:
            return
        gross = np.abs(values) if self.accounts else np.abs(values).sum(axis=1, keepdims=True)
        if ((gross > 0) & (worth * SAFE < self.margin.maintenance * gross)).any():
            raise MarginBinds("Equity falls below the maintenance margin.")

    def allowed(self, row: int, at: Ints, moved: Floats, price: Floats, cost: Floats) -> None:
        """Raises MarginBinds where the initial margin may refuse part of some fills, in whatever order they come.

        Exposure is bounded from above by the session's first positions and all that grows, at the higher of open and
        last mark; equity from below by the lower of both, less all that the fills cost.
        """
        if self.margin.initial is None:
            return
        grown = np.maximum(np.abs(self.units[at] + moved) - np.abs(self.units[at]), 0.0)
        if not grown.any():
            return
        opens = self.market.open[row]
        first = np.where(np.isfinite(opens), ticks(opens), self.mark)
        most = np.maximum(np.abs(self.began), np.abs(self.units))
        gross = np.maximum(*(amounts(most, self.lots, each) for each in (first, self.mark)))
        gross[at] += amounts(grown, self.lots, ticks(price))
        spent = np.zeros(len(self.units))
        spent[at] = cost * MINOR
        least = np.minimum(self.worth(first), self.worth(self.mark)) - spent
        owed = np.minimum(sum(self.owed.values(), np.zeros(len(self.cash))), 0.0)
        room = (self.cash + owed + self.sums(least)) / self.margin.initial
        if (self.sums(gross) > room * SAFE).any():
            raise MarginBinds("The initial margin may cut an order.")

    def actions(self, row: int) -> None:
        """Interest of the nights before, splits, ex-dates, payments."""
        if row and self.costs.financed:
            self._finance(row)
        if self.acting[row]:
            self._split(row)
            self._dividend(row)
        if row in self.owed:
            self.cash += self.owed.pop(row)
        if self.margin.initial is not None:
            self.began = self.units.copy()

    def _finance(self, row: int) -> None:
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

    def _split(self, row: int) -> None:
        ratio = self.market.split[row]
        at = np.flatnonzero((ratio != 1.0) & (ratio > 0) & (self.units != 0))
        if not len(at):
            return
        mark = self.mark[at] / TICK / ratio[at]
        self.mark[at] = ticks(mark)
        exact = self.units[at] * ratio[at]
        self.units[at] = nearest_lots(exact, self.lots)
        fraction = exact - self.units[at]
        fraction[np.abs(fraction) <= 1e-9 * np.maximum(1.0, np.abs(exact))] = 0.0
        first = self.market.open[row, at]
        price = np.where(np.isfinite(first), first, mark)
        self._pay(at, np.rint(fraction / self.lots * price * MINOR))
        for column, part, paid in zip(at.tolist(), fraction.tolist(), price.tolist(), strict=True):
            if part:
                self.tape.close(row, column, -part / self.lots, paid, "fraction of a split")

    def _pay(self, at: Ints, booked: Floats) -> None:
        if self.accounts:
            self.cash[at] += booked
        else:
            self.cash += booked.sum()

    def _dividend(self, row: int) -> None:
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

    def trade(self, row: int, signals: Signals) -> None:
        """Fills the weights that wait and can trade, all at this open."""
        market, costs = self.market, self.costs
        opens = market.open[row]
        trading = np.isfinite(opens) & np.isfinite(market.close[row])
        at = np.flatnonzero((self.pending == self.pending) & trading)
        if not len(at):
            return
        equity = self.buying(trading, opens)
        price = opens[at]
        goal = in_lots(
            wanted(costs, self.pending[at], equity[at] if self.accounts else equity, price),
            self.lots,
            self.lot,
        )
        moved = goal - self.units[at]
        self.pending[at] = np.nan
        some = moved != 0
        at, price, goal, moved = at[some], price[some], goal[some], moved[some]
        shares = moved / self.lots
        scale = 0.0 if self.volatility is None else self.volatility[row, at]
        worse = self.rates or rates(costs, shares, market.volume[row, at], scale)
        filled = price * (1 + np.sign(moved) * sum(worse.values()))
        fee = commission(costs, shares, filled)
        self.allowed(row, at, moved, price, np.abs(shares) * np.abs(filled - price) + fee)
        self._pay(at, -amounts(moved, self.lots, ticks(filled)) - np.rint(fee * MINOR))
        self.units[at] = goal
        self.tape.batch(row, at, (shares, filled, price, fee), self._reasons(signals, at), worse)

    def _reasons(self, signals: Signals, at: Ints) -> Ints:
        """Places in the tape's names: of what was decided, of what a merger brought, of nothing told."""
        decided, count = self.decided[at], len(signals.names)
        found = np.full(len(at), count, dtype=np.int64)
        if signals.reasons is not None:
            codes = signals.reasons[np.maximum(decided, 0), at]
            found = np.where((codes >= 0) & (codes < count), codes, count)
        return np.where(decided == UNASKED, count + 1, found)

    def close(self, row: int) -> None:
        """Marks, after the end of what is delisted."""
        market = self.market
        closes = market.close[row]
        known = np.isfinite(closes) & np.isfinite(market.open[row])
        self.mark = np.where(known, ticks(closes), self.mark)
        if row in self.ending:
            self._end(row)
        self.value = self.worth(self.mark)

    def _end(self, row: int) -> None:
        market = self.market
        ended = np.flatnonzero(market.last == row)
        self._forget(ended)
        at = ended[self.units[ended] != 0]
        if market.mergers:
            at = np.array([column for column in at.tolist() if not self._merge(row, column)], dtype=np.int64)
        final = market.final_return[at]
        last = self.mark[at] / TICK
        price = np.where(np.isfinite(final), last * (1 + final), last)
        self._pay(at, amounts(self.units[at], self.lots, ticks(price)))
        for column, paid, known in zip(at.tolist(), price.tolist(), final.tolist(), strict=True):
            self.tape.close(row, column, -float(self.units[column]) / self.lots, paid, "delisted")
            self._happened(row, "delisting", column, ended_text(known))
        self.units[at] = 0.0

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
        self._happened(row, "merger", column, merged_text(merger, names[into]))
        if not held:
            self._received(into)
        return True

    def _received(self, column: int) -> None:
        """Shares that nobody asked for are sold at the next open."""
        if np.isnan(self.pending[column]):
            self.pending[column], self.decided[column] = 0.0, UNASKED

    def _happened(self, row: int, kind: str, column: int, text: str) -> None:
        self.events.append(Event(self.market.dates[row], kind, self.market.symbols[column], text))

    def _forget(self, columns: Ints) -> None:
        """Drops what waits for an open of symbols that have none any more."""
        self.pending[columns] = np.nan

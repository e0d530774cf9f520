"""A futures account: sessions of one root or several, with one pool of cash and margin.

A session: interest of the nights before; a cut that the margin demands; stops that the opens are beyond; rolls that
the close before decided, and what is wanted, at the open, what shrinks first; stops within the bar; the settlement in
cash, contract by contract; the last settlement of what expires; the margin of all. An account in another currency
keeps its variation margin in the contracts', valued at each session's rate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from engine.backtest.calm import Calm, Unmet
from engine.backtest.following import Following
from engine.backtest.futures.book import Book
from engine.backtest.futures.root import Line, Root
from engine.backtest.guards import Met
from engine.backtest.market import Floats
from engine.backtest.money import MINOR, TICK, to_minor
from engine.backtest.result import Costs, Terms

_NONE = (math.nan, math.nan)


class _Goal(NamedTuple):
    """What a root is to hold from this open on, in lots of the contract at ``place``."""

    line: Line
    place: int
    units: int
    reason: str
    asked: bool  # by the rules, not only by a roll


class Account(Book):
    """``held`` (n, k): contracts at each close; ``places`` (n, k): which, -1 where flat. ``plain``: sessions without
    events may be settled many at once; ``unmet``: of the guard of a contract (column, place), when it is met."""

    def __init__(
        self, roots: Sequence[Root], symbols: tuple[str, ...], costs: Costs, terms: Terms, currency: str,
        follows: Following,
    ) -> None:  # fmt: skip
        super().__init__(roots, symbols, costs, terms, currency)
        self.follows, self.guards = follows, follows.guards
        self.foreign = {each.root.currency: each for each in self.lines if each.root.currency != currency}
        self.called = False
        self.days = list(self.dates)
        late = self.guards is not None and self.guards.plan.delay > 1
        self.plain = not (late or self.foreign or costs.financed)
        self.calm = None if self.guards is None or late else Calm(self.guards.plan)
        self.unmet: dict[int, tuple[int, Unmet]] = {}
        shape = (len(self.dates), len(roots))
        self.held: Floats = np.zeros(shape)
        self.places = np.full(shape, -1, dtype=np.int64)

    def session(self, row: int) -> None:
        """All of a session, and what is decided after it."""
        self.ledger.date = self.dates[row]
        self._rate(max(row - 1, 0))
        self._interest(row)
        pending = self.follows.pending
        busy = [each for each in self.lines if each.units or each.carry or each.column in pending]
        if busy:
            self._open(row, busy)
            if self.guards is not None:
                self._within(row, busy)
        self._rate(row)
        for line in busy:
            self.settle(row, line)
        self.pay()
        for line in busy:
            if line.units and line.expires(row):
                self.expire(row, line)
        self._look(row, busy)
        self.decide(row)

    def decide(self, row: int) -> None:
        """What is decided after a session."""
        if self.guards is None:
            self.follows.after(row, (), (), ())
            return
        trails = self.guards.plan.trail is not None
        bars = [each.extremes(row) if trails and each.units else _NONE for each in self.lines]
        held = [each.count for each in self.lines]
        self.follows.after(row, held, [high for high, _ in bars], [low for _, low in bars])

    def finish(self) -> None:
        """Trades whose contract ended and whose successor never had a bar end with it."""
        for line in self.lines:
            if line.carry:
                count, line.carry = line.carry, 0
                reason = self.told("left, and its successor had no bar", line, line.place)
                self.dropped(len(self.dates) - 1, line, count, reason)

    def _rate(self, row: int) -> None:
        for code, line in self.foreign.items():
            self.ledger.rate(code, line.rates[row])

    # at the open ---------------------------------------------------------------------------------------------

    def _open(self, row: int, busy: Sequence[Line]) -> None:
        for line in busy:
            if line.units and math.isfinite(opened := line.price("open", row, line.place)):
                self.ledger.mark(line.contract.name, opened)
        self._cut(row, busy)
        equity = max(self.ledger.equity, 0) if self.follows.pending else 0
        if self.guards is not None:
            self._gapped(row, busy)
        goals = [goal for line in busy if (goal := self._goal(row, line, equity)) is not None]
        for goal in goals:
            self._move(row, goal)
        grown = [goal for goal in goals if _grows(goal.line.units, goal.units)]
        for goal, units in zip(grown, self._allowed(row, grown), strict=True):
            self._reach(row, goal, units)
        if self.guards is not None:
            for goal in goals:
                if goal.asked:
                    line, tick = goal.line, goal.line.at(goal.place).tick
                    self.guards.filled(row, line.column, line.count, line.paid, tick)

    def _gapped(self, row: int, busy: Sequence[Line]) -> None:
        """Stops and targets that an open is beyond; what is pending and void goes."""
        if self.guards is None:
            return
        for line in busy:
            opened = line.price("open", row, line.place) if line.units else math.nan
            if line.units and not math.isfinite(opened):
                continue
            met = self.guards.at_open(line.column, line.count, opened, self.follows.pending)
            if met is not None:
                self._close(row, line, met)

    def _close(self, row: int, line: Line, met: Met) -> None:
        reason = self.told(met.reason, line, line.place)
        self.trade(row, line, line.place, -line.units, reason, met.price, met.limit)

    def _goal(self, row: int, line: Line, equity: int) -> _Goal | None:
        """What is to be held; None where that cannot be traded today, or nothing is to be done."""
        place, pending = line.front[row], self.follows.pending
        moving = bool(line.units) and line.place != place
        if not (moving or line.carry or line.column in pending):
            return None
        if moving and not math.isfinite(line.price("open", row, line.place)):
            if line.there[row] or line.overdue(row):
                self.wait(row, line.contract.name)
            return None
        if place < 0:
            asked = pending.pop(line.column, None) is not None
            return _Goal(line, place, 0, self.why_out(line), asked) if line.count else None
        if not math.isfinite(line.price("open", row, place)):
            if moving and line.must_leave(row):
                self.leave(row, line)
            return None
        wanted = pending.pop(line.column, None)
        if wanted is None:
            return _Goal(line, place, line.count, "", False)
        return _Goal(line, place, self._units(row, line, place, wanted[0], equity), wanted[1], True)

    def _units(self, row: int, line: Line, place: int, target: float, equity: int) -> int:
        """Lots that a target asks for, towards nothing."""
        if self.follows.counted:
            return math.trunc(target * self.lots)
        contract = line.at(place)
        each = abs(line.price("open", row, place)) * contract.multiplier
        each = each * self.ledger.rates[contract.currency] / TICK
        if not each:
            return line.count
        return math.trunc(target * equity / MINOR / each * self.lots * (1 + 1e-12))

    def _move(self, row: int, goal: _Goal) -> None:
        """The roll, and what shrinks."""
        line, place = goal.line, goal.place
        if line.carry:
            self.renew(row, line, place, goal.units, self.told(goal.reason, line, line.place))
        elif line.units and line.place != place:
            if goal.units * line.units > 0:
                self.roll(row, line, place)
            else:
                opened = line.price("open", row, line.place)
                reason = self.told(goal.reason, line, line.place)
                self.trade(row, line, line.place, -line.units, reason, opened)
        if not _grows(line.units, goal.units):
            self._reach(row, goal, goal.units)

    def _reach(self, row: int, goal: _Goal, units: int) -> None:
        line, place = goal.line, goal.place
        if units != line.units:
            reason = self.told(goal.reason, line, place)
            self.trade(row, line, place, units - line.units, reason, line.price("open", row, place))

    def _within(self, row: int, busy: Sequence[Line]) -> None:
        """Stops and targets that bars reach after their open."""
        guarded = () if self.guards is None else self.guards.guards
        for line in busy:
            if line.column in guarded and line.units and self.guards is not None:
                high, low = line.extremes(row)
                opened = line.price("open", row, line.place)
                if not math.isfinite(opened):
                    opened = high if line.units > 0 else low
                met = self.guards.within(line.column, opened, high, low)
                if met is not None:
                    self._close(row, line, met)

    # margin --------------------------------------------------------------------------------------------------

    def _required(self, line: Line, value: float, place: int, units: int, price: float) -> int:
        """Margin of a position, in minor units of the account's currency."""
        count, contract = units / self.lots, line.at(place)
        needed = line.root.margin.of(value, count * price * contract.multiplier, count)
        return self.ledger.based(to_minor(needed), contract.currency)

    def _initial(self, row: int, line: Line, place: int, units: int) -> int:
        """What the units need at the open; at the last mark where there is none."""
        opened = line.price("open", row, place)
        if not math.isfinite(opened):
            opened = self.ledger.held[line.at(place).name].mark / TICK
        return self._required(line, line.root.margin.initial, place, units, opened)

    def _allowed(self, row: int, grown: Sequence[_Goal]) -> list[int]:
        """As much of goals that grow as the initial margin of everything lets be opened: of all one part."""
        if not grown:
            return []
        own = {goal.line.column for goal in grown}
        kept = sum(self._initial(row, each, each.place, each.units) for each in self.lines
                   if each.units and each.column not in own)  # fmt: skip
        need = sum(self._initial(row, goal.line, goal.place, goal.units) for goal in grown)
        room = max(max(self.ledger.equity, 0) - kept, 0)
        if need <= room:
            return [goal.units for goal in grown]
        return [self._part(row, goal, room, need) for goal in grown]

    def _part(self, row: int, goal: _Goal, room: int, need: int) -> int:
        held = goal.line.units
        least = held if goal.units * held > 0 else 0
        cut = abs(goal.units) * room // need * (1 if goal.units > 0 else -1)
        kept = max(cut, least, key=abs)
        text = f"The initial margin allows {kept / self.lots:g} contracts of the {goal.units / self.lots:g} wanted."
        self.records.tell(row, "margin", goal.line.at(goal.place).name, text)
        return kept

    def _cut(self, row: int, busy: Sequence[Line]) -> None:
        """Every position reduced by one part until the initial margin of all is met, where the margin was called."""
        if not self.called:
            return
        self.called = False
        held = [each for each in busy if each.units]
        need = sum(self._initial(row, each, each.place, each.units) for each in held)
        equity = max(self.ledger.equity, 0)
        if need <= equity:
            return
        for line in held:
            opened = line.price("open", row, line.place)
            left = abs(line.units) * equity // need * (1 if line.units > 0 else -1)
            if not math.isfinite(opened):
                self.called = True  # cannot be cut without a bar: the call stands
            else:
                reason = self.told("margin call", line, line.place)
                self.trade(row, line, line.place, left - line.units, reason, opened)

    def _interest(self, row: int) -> None:
        """On cash of the nights since the session before; what is owed pays the debit rate."""
        if not row or not self.costs.financed:
            return
        nights = (self.dates[row] - self.dates[row - 1]) / np.timedelta64(1, "D")
        debit = self.costs.cash_rate if self.costs.debit_rate is None else self.costs.debit_rate
        for currency, minor in list(self.ledger.cash.items()):
            rate = self.costs.cash_rate if minor > 0 else debit
            earned = round(minor * rate * nights / self.costs.day_count)
            if earned:
                self.ledger.book("interest", "", currency, earned)
                self.records.tape.cost(row, "interest", -self.ledger.based(earned, currency) / MINOR)

    def _look(self, row: int, busy: Sequence[Line]) -> None:
        """Money and margin at the close; a call where equity is below what must be maintained."""
        records, equity = self.records, self.ledger.equity
        records.equity[row], records.cash[row] = equity / MINOR, self.ledger.cash_based / MINOR
        held = [each for each in busy if each.units]
        if not held:
            return
        needs, least = 0, 0
        for line in held:
            holding, margin = self.ledger.held[line.contract.name], line.root.margin
            records.values[row, line.column] = self.ledger.based(holding.notional, holding.currency) / MINOR
            self.held[row, line.column], self.places[row, line.column] = line.units / self.lots, line.place
            price = holding.mark / TICK
            needs += self._required(line, margin.initial, line.place, line.units, price)
            least += self._required(line, margin.maintenance, line.place, line.units, price)
        records.margin[row], records.maintenance[row] = needs / MINOR, least / MINOR
        if equity < least:
            self.call(row, held, least)

    def call(self, row: int, held: Sequence[Line], least: int) -> None:
        """The margin of what is held is below what must be maintained."""
        self.called, records = True, self.records
        name = held[0].contract.name if len(held) == 1 else ""
        text = f"Equity of {records.equity[row]:,.2f} is below the maintenance margin of {least / MINOR:,.2f}"
        records.tell(row, "margin call", name, f"{text}: cut at the next open.")


def _grows(held: int, goal: int) -> bool:
    """Whether a goal is more than what is held, or on the other side of nothing."""
    return goal not in (0, held) and (goal * held < 0 or abs(goal) > abs(held))

"""An account of currency pairs: fills that book two legs, rollover at the close, margin on the notional.

A session: interest of the nights before on the account's own money; a cut that the margin demands; what is wanted, at
the open, sales first; the rollover at the close; the profit of pairs that became flat changed into the account's
currency; the margin. Legs are valued at the pair's own price where it leads to the account's currency.
"""

from __future__ import annotations

import math
from collections.abc import MutableMapping

import numpy as np

from engine.backtest import costs as formulas
from engine.backtest.currencies import CurrencyLedger
from engine.backtest.fx.rates import Fixings, Ways, carried
from engine.backtest.fx.rollover import nights
from engine.backtest.fx.terms import CLOSE_OUT, INITIAL, FxTerms, pip
from engine.backtest.market import Floats, Market
from engine.backtest.money import MINOR, TICK, to_minor
from engine.backtest.records import Records
from engine.backtest.result import Costs, Terms

Pending = MutableMapping[int, tuple[float, str]]


class Account:
    """One account over the market's sessions. ``units``: of each pair's base currency, in minor
    units; ``legs``: what each pair has moved of its quote currency since it was last flat."""

    def __init__(
        self,
        market: Market,
        costs: Costs,
        terms: Terms,
        fx: FxTerms,
        fixings: Fixings,
        moves: Floats,
    ) -> None:
        self.dates, self.pairs = market.dates, market.symbols
        self.open = market.open
        self.marks = np.column_stack([carried(each) for each in market.close.T])
        self.costs, self.terms, self.fx, self.moves = costs, terms, fx, moves
        self.fixed = {
            pair: rates.tolist() for pair, rates in fixings.rates.items() if pair not in market.symbols
        }
        self.initial = terms.initial_margin or INITIAL
        self.least = terms.maintenance_margin or CLOSE_OUT * self.initial
        self.lot = 1 if terms.fractional else round(fx.lot * MINOR)
        self.ledger = CurrencyLedger(fx.currency, terms.capital, self.dates[0])
        self.records = Records(self.dates, market.symbols, terms.capital)
        self.units = [0] * len(self.pairs)
        self.legs = [0] * len(self.pairs)
        self.nights = np.column_stack([nights(self.dates, pair) for pair in self.pairs]).tolist()
        codes = {fx.currency} | {code for pair in self.pairs for code in (pair[:3], pair[3:])}
        self.currencies = tuple(sorted(codes))
        self.ways = Ways(self.currencies, fx.currency)
        self.positions: Floats = np.zeros(self.open.shape)
        self.balances: dict[str, Floats] = {code: np.zeros(len(self.dates)) for code in self.currencies}
        self.called = False
        self.unrolled = 0

    def session(self, row: int, pending: Pending, counted: bool) -> None:
        """All of a session; what could be traded is taken from ``pending``."""
        self.ledger.date = self.dates[row]
        self._interest(row)
        self._rate(row, self.open[row], max(row - 1, 0))
        self._cut(row)
        goals = {
            column: self._goal(row, column, pending[column][0], counted)
            for column in sorted(pending)
            if math.isfinite(self.open[row, column])
        }
        goals = self._allowed(row, goals) if goals else goals
        for column in sorted(goals, key=lambda each: abs(goals[each]) > abs(self.units[each])):
            self._trade(row, column, goals[column] - self.units[column], pending.pop(column)[1])
        self._rate(row, self.marks[row], row)
        self._roll(row)
        self._sweep()
        self._look(row)

    def _rate(self, row: int, prices: Floats, fixed: int) -> None:
        """Rates that stand: the pairs at these prices, what is not traded at the fixings of session ``fixed``."""
        known = dict(zip(self.pairs, prices.tolist(), strict=True))
        for column, pair in enumerate(self.pairs):
            if not math.isfinite(known[pair]):
                known[pair] = float(self.marks[max(row - 1, 0), column])
        known |= {pair: each[fixed] for pair, each in self.fixed.items()}
        for code, rate in self.ways.worth(known).items():
            self.ledger.rate(code, rate)

    def _value(self, column: int) -> float:
        """Of a price of 1 of the quote currency, in the account's."""
        return self.ledger.rates[self.pairs[column][3:]] / TICK

    def _goal(self, row: int, column: int, target: float, counted: bool) -> int:
        """Minor units of the base currency that a target asks for, in lots, towards nothing."""
        if counted:
            wanted = target * MINOR
        else:
            wanted = (
                target * max(self.ledger.equity, 0) / (float(self.open[row, column]) * self._value(column))
            )
        return math.trunc(wanted / self.lot * (1 + 1e-12)) * self.lot

    def _notional(self, column: int, units: int, price: float) -> float:
        """In minor units of the account's currency."""
        return abs(units) * price * self._value(column)

    def _grows(self, column: int, goal: int) -> bool:
        """Whether a goal is more than what is held, or on the other side."""
        held = self.units[column]
        return goal != held and (goal * held <= 0 or abs(goal) > abs(held)) and goal != 0

    def _allowed(self, row: int, goals: dict[int, int]) -> dict[int, int]:
        """Goals scaled so that the initial margin of all positions is met; those that shrink are as wanted."""
        prices = np.where(np.isfinite(self.open[row]), self.open[row], self.marks[max(row - 1, 0)])
        kept, grown = 0.0, 0.0
        for column in range(len(self.pairs)):
            goal = goals.get(column, self.units[column])
            notional = self._notional(column, goal, float(prices[column])) if goal else 0.0
            held = goal == self.units[column] or (
                goal * self.units[column] > 0 and abs(goal) < abs(self.units[column])
            )
            kept, grown = (kept + notional, grown) if held else (kept, grown + notional)
        room = max(self.ledger.equity, 0) / self.initial
        if not grown or kept + grown <= room * (1 + 1e-12):
            return goals
        part = max(room - kept, 0.0) / grown
        found = {}
        for column, goal in goals.items():
            grows = self._grows(column, goal)
            found[column] = math.trunc(goal * part / self.lot) * self.lot if grows else goal
            if grows:
                text = f"The initial margin allows {found[column] / MINOR:,.0f} of the {goal / MINOR:,.0f} wanted."
                self.records.tell(row, "margin", self.pairs[column], text)
        return found

    def _trade(self, row: int, column: int, units: int, reason: str) -> None:
        """Buys minor units of the base currency for the quote's at the open, worse by spread and slippage."""
        if not units:
            return
        pair, opened, quantity = self.pairs[column], float(self.open[row, column]), units / MINOR
        found = formulas.rates(self.costs, quantity, math.nan, float(self.moves[row, column]))
        parts = {name: float(part) * opened for name, part in found.items() if part}
        parts["spread"] = parts.get("spread", 0.0) + self.fx.pips * pip(pair) / 2
        price = opened + math.copysign(sum(parts.values()), units)
        self.legs[column] += self.ledger.exchange(pair, units, price)
        charged = float(formulas.commission(self.costs, abs(quantity), price))
        if minor := to_minor(charged):
            self.ledger.book("commission", pair, pair[3:], -minor)
            self.legs[column] -= minor
        self.units[column] += units
        value, tape = self._value(column), self.records.tape
        for name, part in parts.items():
            tape.cost(row, name, abs(quantity) * part * value)
        tape.cost(row, "commission", charged * value)
        self.records.traded(row, quantity * price * value)
        slipped = abs(quantity) * sum(parts.values()) * value
        self.records.rounds.fill(row, column, quantity, price, value, slipped, charged * value, reason)

    def _cut(self, row: int) -> None:
        """Every position reduced by one part at the open until the initial margin is met."""
        if not self.called:
            return
        self.called = False
        held = [column for column, units in enumerate(self.units) if units]
        prices = np.where(np.isfinite(self.open[row]), self.open[row], self.marks[max(row - 1, 0)])
        gross = sum(self._notional(column, self.units[column], float(prices[column])) for column in held)
        keep = max(self.ledger.equity, 0) / self.initial / gross if gross else 1.0
        for column in held:
            if keep < 1 and not math.isfinite(self.open[row, column]):
                self.called = True  # cannot be cut without a bar: the call stands
            elif keep < 1:
                left = math.trunc(self.units[column] * keep / self.lot) * self.lot
                self._trade(row, column, left - self.units[column], "margin call")

    def _roll(self, row: int) -> None:
        """Moves each position's value date on to the next session's."""
        for column, pair in enumerate(self.pairs):
            if not self.units[column]:
                continue
            days = self.nights[row][column]
            spot = float(self.marks[row, column])
            each = self.fx.rollover.brings(pair, row, spot, days)
            if each is None:
                self.unrolled += days
                each = 0.0
            charge = self.fx.rollover.markup * spot * days / 360
            minor = round(self.units[column] * each - abs(self.units[column]) * charge)
            if minor:
                self.ledger.book("rollover", pair, pair[3:], minor, 0.0, spot)
                self.legs[column] += minor
                brought = minor / MINOR * self._value(column)
                self.records.tape.cost(row, "rollover", -brought)
                self.records.rounds.pay(column, brought)

    def _sweep(self) -> None:
        """What pairs that are flat made, changed into the account's currency."""
        if not self.fx.sweep:
            return
        for column, pair in enumerate(self.pairs):
            if self.units[column] or not self.legs[column]:
                continue
            self.ledger.convert(pair, pair[3:], self.legs[column])
            self.legs[column] = 0

    def _interest(self, row: int) -> None:
        """On the account's own money of the nights before: its cash less the legs of open pairs, which roll."""
        if not row or not self.costs.financed:
            return
        nights = (self.dates[row] - self.dates[row - 1]) / np.timedelta64(1, "D")
        own = self.ledger.cash.get(self.fx.currency, 0)
        for column, pair in enumerate(self.pairs):
            own -= self.units[column] if pair[:3] == self.fx.currency else 0
            own -= self.legs[column] if pair[3:] == self.fx.currency else 0
        debit = self.costs.cash_rate if self.costs.debit_rate is None else self.costs.debit_rate
        rate = self.costs.cash_rate if own > 0 else debit
        if minor := round(own * rate * nights / self.costs.day_count):
            self.ledger.book("interest", "", self.fx.currency, minor)
            self.records.tape.cost(row, "interest", -minor / MINOR)

    def _look(self, row: int) -> None:
        """Money, positions and margin at the close; a call where equity is below what must be maintained."""
        records = self.records
        records.close(row, self.ledger)
        for column, units in enumerate(self.units):
            price, value = float(self.marks[row, column]), self._value(column)
            if units:
                records.values[row, column] = units / MINOR * price * value
                records.rounds.mark(column, price, value)
            self.positions[row, column] = units / MINOR
        for code, balance in self.balances.items():
            balance[row] = self.ledger.cash.get(code, 0) / MINOR
        gross = float(np.abs(records.values[row]).sum())
        records.margin[row], records.maintenance[row] = self.initial * gross, self.least * gross
        if gross and records.equity[row] < self.least * gross:
            self.called = True
            text = f"Equity of {records.equity[row]:,.2f} is below the {self.least * gross:,.2f} to be maintained"
            records.tell(row, "margin call", "", f"{text}: cut at the next open.")

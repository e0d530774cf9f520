"""An account of currency pairs: fills that book two legs, stops, rollover at the close, margin on the notional.

A session: interest of the nights before on the account's own money; a cut that the margin demands; stops that the
open is beyond; what is wanted, at the open, sales first; stops within the bar; the rollover at the close; the profit
of pairs that became flat changed into the account's currency; the margin. Legs are valued at the pair's own price
where it leads to the account's currency.
"""

from __future__ import annotations

import math

import numpy as np

from engine.backtest import costs as formulas
from engine.backtest.currencies import CurrencyLedger
from engine.backtest.following import Following
from engine.backtest.fx.quiet import quiet
from engine.backtest.fx.rates import Fixings
from engine.backtest.fx.sessions import Sessions
from engine.backtest.fx.terms import CLOSE_OUT, INITIAL, FxTerms, pip
from engine.backtest.guards import Met, capped
from engine.backtest.margined import allowed
from engine.backtest.market import Floats, Market
from engine.backtest.money import MINOR, TICK, to_minor
from engine.backtest.records import Records
from engine.backtest.result import Costs, Terms
from engine.backtest.still import Still


class Account:
    """One account over the market's sessions. ``units``: of each pair's base currency, in minor
    units; ``legs``: what each pair has moved of its quote currency since it was last flat."""

    def __init__(
        self, market: Market, costs: Costs, terms: Terms, fx: FxTerms, fixings: Fixings, moves: Floats,
        wants: Following,
    ) -> None:  # fmt: skip
        self.dates, self.pairs, self.wants, self.guards = market.dates, market.symbols, wants, wants.guards
        self.market, self.costs, self.fx, self.moves = market, costs, fx, moves
        self.still = Still(wants, market)
        self.told = Sessions(market, fx, fixings)
        self.initial = terms.initial_margin or INITIAL
        self.least = terms.maintenance_margin or CLOSE_OUT * self.initial
        self.lot = 1 if terms.fractional and fx.lot == 1.0 else round(fx.lot * MINOR)
        self.ledger = CurrencyLedger(fx.currency, terms.capital, self.dates[0])
        self.records = Records(self.dates, market.symbols, terms.capital)
        self.units = [0] * len(self.pairs)
        self.legs = [0] * len(self.pairs)
        self.columns = range(len(self.pairs))
        self.positions: Floats = np.zeros(market.open.shape)
        self.balances: dict[str, Floats] = {code: np.zeros(len(self.dates)) for code in self.told.currencies}
        self.opens: list[float] = []
        self.called = False
        self.unrolled = 0

    def sessions_from(self, row: int) -> int:
        """Carries out a session, or as many as are quiet; how many."""
        busy = self.called or self.costs.financed
        count = 0 if busy else self.still.count(row, self.units)
        done = quiet(self, row, row + count - 1) if count > 1 else 0
        if done:
            self.still.through(row + done - 1, self._held())
        else:
            self.session(row)
        return done or 1

    def set_rates(self, row: int) -> None:
        """Those of a close stand."""
        self.ledger.rates.update(self.told.at_close(row))

    def session(self, row: int) -> None:
        """All of a session, and what is decided after it."""
        self.ledger.date = self.dates[row]
        self._interest(row)
        self.opens = self.told.opens[row]
        held = any(self.units)
        if held or self.wants.pending or self.called:
            self.ledger.rates.update(self.told.at_open(row))
            self._cut(row)
            self._gaps(row)
            self._open(row)
            self._within(row)
        self.set_rates(row)
        if held or any(self.units):
            self._roll(row)
        if self.fx.sweep:
            self._sweep()
        self._look(row)
        high, low = ([], []) if self.guards is None else self.told.range(row)
        self.wants.after(row, self._held(), high, low)

    def _held(self) -> list[float]:
        return [each / MINOR for each in self.units] if self.guards is not None else []

    def _value(self, column: int) -> float:
        """Of a price of 1 of the quote currency, in the account's."""
        return self.ledger.rates[self.pairs[column][3:]] / TICK

    def _valued(self, column: int) -> bool:
        """Whether both currencies can be told in the account's yet, and the pair can be traded."""
        pair = self.pairs[column]
        known = pair[:3] in self.ledger.rates and pair[3:] in self.ledger.rates
        return known and math.isfinite(self.opens[column])

    def _gaps(self, row: int) -> None:
        """Stops and targets that the open is beyond."""
        for column in self.columns if self.guards is not None else ():
            if math.isfinite(self.opens[column]) and self.guards is not None:
                held = self.units[column] / MINOR
                self._meet(
                    row, column, self.guards.at_open(column, held, self.opens[column], self.wants.pending)
                )

    def _within(self, row: int) -> None:
        """Stops and targets that the rest of the bar reaches, at the rates of the open."""
        if self.guards is None or not self.guards.guards:
            return
        high, low = self.told.range(row)
        for column in self.columns:
            if self.units[column] and math.isfinite(self.opens[column]):
                self._meet(
                    row, column, self.guards.within(column, self.opens[column], high[column], low[column])
                )

    def _meet(self, row: int, column: int, met: Met | None) -> None:
        if met is not None:
            self._trade(row, column, -self.units[column], met.price, met.reason, met.limit)

    def _open(self, row: int) -> None:
        """What is wanted, at the open."""
        pending = self.wants.pending
        wanted = {
            column: self._goal(column, pending[column][0])
            for column in sorted(pending)
            if self._valued(column)
        }
        goals = self._allowed(row, wanted) if wanted else wanted
        for column in sorted(goals, key=lambda each: abs(goals[each]) > abs(self.units[each])):
            reason = pending.pop(column)[1]
            change = goals[column] - self.units[column]
            price = self._trade(row, column, change, self.opens[column], reason)
            if self.guards is not None:
                self.guards.filled(row, column, self.units[column] / MINOR, price)

    def _goal(self, column: int, target: float) -> int:
        """Minor units of the base currency that a target asks for, in lots, towards nothing."""
        if self.wants.counted:
            wanted = target * MINOR
        else:
            wanted = target * max(self.ledger.equity, 0) / (self.opens[column] * self._value(column))
        return math.trunc(wanted / self.lot * (1 + 1e-12)) * self.lot

    def _notional(self, column: int, units: int, price: float) -> float:
        """In minor units of the account's currency."""
        return abs(units) * price * self._value(column)

    def _now(self, row: int, column: int) -> float:
        """The open, or the mark before where there is none."""
        opened = self.opens[column]
        return opened if math.isfinite(opened) else self.told.marks[max(row - 1, 0)][column]

    def _allowed(self, row: int, goals: dict[int, int]) -> dict[int, int]:
        """Goals cut so that the initial margin of all positions is met."""
        held = {column: units for column, units in enumerate(self.units) if units}
        each = {column: self._now(row, column) * self._value(column) for column in sorted({*held, *goals})}
        found = allowed(held, goals, each, max(self.ledger.equity, 0) / self.initial)
        for column, goal in goals.items():
            if found[column] != goal:
                found[column] = int(found[column] / self.lot) * self.lot
                text = f"The initial margin allows {found[column] / MINOR:,.0f} of the {goal / MINOR:,.0f} wanted."
                self.records.tell(row, "margin", self.pairs[column], text)
        return found

    def _trade(
        self, row: int, column: int, units: int, reference: float, reason: str, limit: float = math.nan
    ) -> float:
        """Buys minor units of the base currency for the quote's, worse by spread and slippage: the fill's price."""
        if not units:
            return reference
        pair, quantity, side = self.pairs[column], units / MINOR, 1 if units > 0 else -1
        parts = self._worse(row, column, quantity, reference)
        part = capped(reference, sum(parts.values()), side, limit)
        parts = {name: each * part for name, each in parts.items()}
        price = limit if part < 1 else reference + math.copysign(sum(parts.values()), units)
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
        return price

    def _worse(self, row: int, column: int, quantity: float, reference: float) -> dict[str, float]:
        """By kind, in price."""
        found = formulas.rates(self.costs, quantity, math.nan, float(self.moves[row, column]))
        parts = {name: float(part) * reference for name, part in found.items() if part}
        if self.fx.pips:
            parts["spread"] = parts.get("spread", 0.0) + self.fx.pips * pip(self.pairs[column]) / 2
        return parts

    def _cut(self, row: int) -> None:
        """Every position reduced by one part at the open until the initial margin is met."""
        if not self.called:
            return
        self.called = False
        held = [column for column, units in enumerate(self.units) if units]
        gross = sum(self._notional(column, self.units[column], self._now(row, column)) for column in held)
        keep = max(self.ledger.equity, 0) / self.initial / gross if gross else 1.0
        for column in held:
            if keep < 1 and not math.isfinite(self.opens[column]):
                self.called = True  # cannot be cut without a bar: the call stands
            elif keep < 1:
                left = math.trunc(self.units[column] * keep / self.lot) * self.lot
                self._trade(row, column, left - self.units[column], self.opens[column], "margin call")

    def _roll(self, row: int) -> None:
        """Moves each position's value date on to the next session's."""
        for column, units in enumerate(self.units):
            if not units:
                continue
            each, charge = self.told.brings[row][column], self.told.charges[row][column]
            if math.isnan(each):  # a short rate is not known
                self.unrolled += self.told.nights[row][column]
                each = 0.0
            minor = round(units * each - abs(units) * charge)
            if minor:
                pair = self.pairs[column]
                self.ledger.book("rollover", pair, pair[3:], minor, 0.0, self.told.marks[row][column])
                self.legs[column] += minor
                brought = minor / MINOR * self._value(column)
                self.records.tape.cost(row, "rollover", -brought)
                self.records.rounds.pay(column, brought)

    def _sweep(self) -> None:
        """What pairs that are flat made, changed into the account's currency."""
        for column, leg in enumerate(self.legs):
            if leg and not self.units[column]:
                pair = self.pairs[column]
                self.ledger.convert(pair, pair[3:], leg)
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
        records, gross = self.records, 0.0
        records.close(row, self.ledger)
        for column, units in enumerate(self.units):
            if units:
                price, value = self.told.marks[row][column], self._value(column)
                worth = units / MINOR * price * value
                records.values[row, column], gross = worth, gross + abs(worth)
                records.rounds.mark(column, price, value)
                self.positions[row, column] = units / MINOR
        for code, minor in self.ledger.cash.items():
            self.balances[code][row] = minor / MINOR
        records.margin[row], records.maintenance[row] = self.initial * gross, self.least * gross
        if gross and records.equity[row] < self.least * gross:
            self.called = True
            text = f"Equity of {records.equity[row]:,.2f} is below the {self.least * gross:,.2f} to be maintained"
            records.tell(row, "margin call", "", f"{text}: cut at the next open.")

"""An account of coins or of perpetuals: fills at a bar's open, funding, liquidation within the bar.

A bar: interest; funding due at its start, of what was held; positions below maintenance at the open liquidated; what
is wanted, at the open, sales first; funding within the bar, at its open (a bar tells no price of that moment);
liquidation where the bar's worst price lies beyond its level; marks at the close. Of several perpetuals in one
account each is looked at by itself, the others at their last marks.
"""

from __future__ import annotations

import math
from collections.abc import MutableMapping
from dataclasses import replace

import numpy as np

from engine.backtest import costs as formulas
from engine.backtest.crypto.funding import Funding
from engine.backtest.crypto.terms import CryptoTerms
from engine.backtest.currencies import CurrencyLedger, Holding
from engine.backtest.market import Floats, Market
from engine.backtest.money import FRACTION, MINOR, TICK, to_minor
from engine.backtest.records import Records
from engine.backtest.result import Costs, Terms

Pending = MutableMapping[int, tuple[float, str]]


class Account:
    """One account in the quote currency over the market's bars."""

    def __init__(
        self,
        market: Market,
        costs: Costs,
        terms: Terms,
        crypto: CryptoTerms,
        funding: Funding | None,
        moves: Floats,
    ) -> None:
        self.market, self.costs, self.crypto, self.moves = market, costs, crypto, moves
        self.initial = terms.initial_margin or crypto.initial
        self.least = terms.maintenance_margin or crypto.maintenance
        self.ledger = CurrencyLedger(market.currency, terms.capital, market.dates[0])
        self.records = Records(market.dates, market.symbols, terms.capital)
        self.held = [
            self.ledger.hold(Holding(symbol, market.currency, FRACTION, TICK, crypto.perpetual))
            for symbol in market.symbols
        ]
        self.funding = funding if crypto.perpetual else None
        self.due = None if self.funding is None else self.funding.by_row(market.dates)
        self.positions: Floats = np.zeros(market.close.shape)
        self.fee = costs if crypto.maker is None else replace(costs, per_notional=crypto.maker)

    def bar(self, row: int, pending: Pending, counted: bool) -> None:
        """All of a bar; what could be traded is taken from ``pending``."""
        self.ledger.date = self.market.dates[row]
        self._interest(row)
        flat = not any(each.units for each in self.held)
        if flat and not pending:
            self.records.close(row, self.ledger)
            return
        for column, opened in enumerate(self.market.open[row].tolist()):
            if math.isfinite(opened) and self.held[column].units:
                self.ledger.mark(self.held[column].symbol, opened)
        if self.due is not None:
            self._fund(row, self.due[row][0])
        if pending:  # else the look at the bar's worst price finds the same, at the same open
            self._liquidate(row, self.market.open[row], self.market.open[row])
            self._open(row, pending, counted)
        if self.due is not None:
            self._fund(row, self.due[row][1])
        self._liquidate(row, self._worst(row), self.market.open[row])
        self._look(row)

    def _worst(self, row: int) -> Floats:
        """Lows of what is held long, highs of what is short."""
        sides = np.array([each.units > 0 for each in self.held])
        found: Floats = np.where(sides, self.market.low[row], self.market.high[row])
        return found

    def _open(self, row: int, pending: Pending, counted: bool) -> None:
        ready = [column for column in sorted(pending) if math.isfinite(self.market.open[row, column])]
        goals = {column: self._goal(row, column, pending[column][0], counted) for column in ready}
        if self.crypto.perpetual:
            goals = self._allowed(row, goals)
        for column in sorted(goals, key=lambda each: goals[each] > self.held[each].units):
            reason = pending.pop(column)[1]
            change = goals[column] - self.held[column].units
            self._trade(
                row, column, self._paid_for(row, column, change), float(self.market.open[row, column]), reason
            )

    def _goal(self, row: int, column: int, target: float, counted: bool) -> int:
        """Lots (1e-8 coins) that a target asks for; a coin's weight pays for its costs as well."""
        opened = float(self.market.open[row, column])
        if not self.crypto.perpetual and target < 0:
            raise ValueError(
                f"{self.market.symbols[column]} is held in coins, which cannot be sold short: take the short side "
                "out of the rules, or run it as a perpetual"
            )
        if counted:
            return math.trunc(target * FRACTION * formulas.NUDGE)
        equity = max(self.ledger.equity, 0) / MINOR
        if self.crypto.perpetual:
            return math.trunc(target * equity / opened * FRACTION)
        return math.trunc(float(formulas.wanted(self.fee, target, equity, opened)) * FRACTION)

    def _allowed(self, row: int, goals: dict[int, int]) -> dict[int, int]:
        """Goals scaled to what the initial margin allows."""
        notional = 0.0
        for column, holding in enumerate(self.held):
            units = goals.get(column, holding.units)
            price = float(self.market.open[row, column]) if column in goals else holding.mark / TICK
            notional += abs(units) / FRACTION * price
        room = max(self.ledger.equity, 0) / MINOR / self.initial
        if notional <= room * (1 + 1e-12):
            return goals
        part = room / notional
        for column, goal in goals.items():
            if goal:
                text = f"The initial margin allows {part:.2%} of the {goal / FRACTION:,.8g} wanted."
                self.records.tell(row, "margin", self.market.symbols[column], text)
        return {column: math.trunc(goal * part) for column, goal in goals.items()}

    def _paid_for(self, row: int, column: int, change: int) -> int:
        """Of a purchase of coins, as much as the cash pays."""
        if self.crypto.perpetual or change <= 0:
            return change
        opened, cash = float(self.market.open[row, column]), self.ledger.cash[self.ledger.base] / MINOR
        affordable = math.trunc(float(formulas.wanted(self.fee, 1.0, cash, opened)) * FRACTION)
        if affordable < change * (1 - 1e-6):
            text = f"Cash pays {affordable / FRACTION:,.8g} of the {change / FRACTION:,.8g} wanted."
            self.records.tell(row, "cash", self.market.symbols[column], text)
        return max(min(change, affordable), 0)

    def _trade(
        self, row: int, column: int, units: int, reference: float, reason: str, kind: str = "trade"
    ) -> None:
        """A fill, its fee booked; a liquidation pays its own fee and no slippage beyond its price."""
        if not units:
            return
        symbol, quantity, forced = self.market.symbols[column], units / FRACTION, kind == "liquidation"
        found = (
            {} if forced else formulas.rates(self.costs, quantity, math.nan, float(self.moves[row, column]))
        )
        parts = {name: float(part) for name, part in found.items() if part}
        price = reference * (1 + math.copysign(sum(parts.values()), units))
        self.ledger.trade(symbol, units, price, kind)
        charged = float(formulas.commission(self.fee, abs(quantity), price))
        if forced:
            charged = self.crypto.liquidation_fee * abs(quantity) * price
        if minor := to_minor(charged):
            self.ledger.book("commission", symbol, self.ledger.base, -minor)
        tape, notional = self.records.tape, abs(quantity) * reference
        for name, part in parts.items():
            tape.cost(row, name, notional * part)
        tape.cost(row, "liquidation" if forced else "commission", charged)
        self.records.traded(row, quantity * price)
        slipped = notional * sum(parts.values())
        self.records.rounds.fill(row, column, quantity, price, 1.0, slipped, charged, reason)

    def _fund(self, row: int, places: list[int]) -> None:
        """Longs pay (rate above zero) and shorts receive, on the notional at the bar's open."""
        if self.funding is None:
            return
        for place in places:
            for column, holding in enumerate(self.held):
                rate = float(self.funding.rates[place, column])
                if not holding.units or not math.isfinite(rate):
                    continue
                minor = -round(holding.notional * rate)
                if minor:
                    mark = holding.mark / TICK
                    self.ledger.book("funding", holding.symbol, holding.currency, minor, 0.0, mark)
                    self.records.tape.cost(row, "funding", -minor / MINOR)
                    self.records.rounds.pay(column, minor / MINOR)

    def _liquidate(self, row: int, worst: Floats, opened: Floats) -> None:
        """Closes perpetuals whose worst price leaves the account less than it must maintain."""
        if not self.crypto.perpetual:
            return
        for column, holding in enumerate(self.held):
            price = float(worst[column])
            if not holding.units or not math.isfinite(price):
                continue
            level = self._level(column)
            beyond = price < level if holding.units > 0 else price > level
            if beyond:
                at = (
                    min(float(opened[column]), level)
                    if holding.units > 0
                    else max(float(opened[column]), level)
                )
                text = f"Liquidated at {at:,.8g}: {self.least:.2%} of notional was no longer there."
                self.records.tell(row, "liquidation", holding.symbol, text)
                self._trade(row, column, -holding.units, at, "liquidation", "liquidation")

    def _level(self, column: int) -> float:
        """The price ``p`` at which the equity is the maintenance margin: ``E + q (p - m) = M + least |q| p``, with
        ``m`` the mark, ``q`` coins, ``M`` what the other positions must maintain."""
        holding = self.held[column]
        coins, mark = holding.units / FRACTION, holding.mark / TICK
        others = sum(abs(each.notional) for place, each in enumerate(self.held) if place != column) / MINOR
        level = (self.least * others - self.ledger.equity / MINOR + coins * mark) / (
            coins - self.least * abs(coins)
        )
        return max(level, 0.0)

    def _interest(self, row: int) -> None:
        if not row or not self.costs.financed:
            return
        days = (self.market.dates[row] - self.market.dates[row - 1]) / np.timedelta64(1, "D")
        cash = self.ledger.cash[self.ledger.base]
        debit = self.costs.cash_rate if self.costs.debit_rate is None else self.costs.debit_rate
        rate = self.costs.cash_rate if cash > 0 else debit
        if minor := round(cash * rate * float(days) / self.costs.day_count):
            self.ledger.book("interest", "", self.ledger.base, minor)
            self.records.tape.cost(row, "interest", -minor / MINOR)

    def _look(self, row: int) -> None:
        """Marks at the close, money, margin."""
        records = self.records
        for column, holding in enumerate(self.held):
            if not holding.units:
                continue
            close = float(self.market.close[row, column])
            if math.isfinite(close):
                self.ledger.mark(holding.symbol, close)
            records.rounds.mark(column, holding.mark / TICK, 1.0)
            records.values[row, column] = holding.notional / MINOR
            self.positions[row, column] = holding.units / FRACTION
        if self.crypto.perpetual:
            gross = float(np.abs(records.values[row]).sum())
            records.margin[row], records.maintenance[row] = self.initial * gross, self.least * gross
        records.close(row, self.ledger)

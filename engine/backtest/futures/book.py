"""What futures book: fills, rolls from contract to contract, daily settlement, expiry; of roots in one pool."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.backtest.currencies import CurrencyLedger, Holding
from engine.backtest.futures.fills import fill
from engine.backtest.futures.root import Line, Root
from engine.backtest.guards import Guards
from engine.backtest.money import FRACTION, TICK, WHOLE, to_minor, to_ticks
from engine.backtest.records import Records
from engine.backtest.result import Costs, Terms


class Book:
    """The ledger and the records of one account, and what moves them."""

    def __init__(
        self, roots: Sequence[Root], symbols: tuple[str, ...], costs: Costs, terms: Terms, currency: str
    ) -> None:
        self.dates = roots[0].board.dates
        self.costs, self.terms, self.currency = costs, terms, currency
        self.lines = [
            Line(column, symbol, root)
            for column, (symbol, root) in enumerate(zip(symbols, roots, strict=True))
        ]
        self.ledger = CurrencyLedger(currency, terms.capital, self.dates[0])
        self.records = Records(self.dates, symbols, terms.capital)
        self.lots = FRACTION if terms.fractional else WHOLE
        self.guards: Guards | None = None
        self.rolls = self.unsettled = self.thin = 0
        self.waiting: set[str] = set()

    def told(self, reason: str, line: Line, place: int) -> str:
        return f"{line.at(place).name}: {reason}".removesuffix(": ")

    def why_out(self, line: Line) -> str:
        word = "closed before delivery" if line.contract.settlement == "physical" else "closed before its end"
        return f"{word}, no later contract is listed"

    def wait(self, row: int, name: str) -> None:
        """Says once that a contract that is to be left has no bar."""
        if name not in self.waiting:
            self.waiting.add(name)
            text = f"{name} is to be left and has no bar: it is left at its next one, marked at its last until then."
            self.records.tell(row, "stale", name, text)

    def leg(
        self, row: int, line: Line, place: int, units: int, kind: str, at: float, limit: float = math.nan
    ) -> tuple[float, float, float]:
        """One fill and its commission booked: price, what it slipped, commission (account's currency)."""
        contract, quantity = line.at(place), units / self.lots
        volume = line.price("volume", row, place)
        done = fill(
            self.costs, quantity, at, contract.multiplier, contract.tick, volume, line.moved(row), limit
        )
        self.ledger.hold(Holding(contract.name, contract.currency, self.lots, to_ticks(contract.multiplier)))
        self.ledger.trade(contract.name, units, done.price, kind)
        if charged := to_minor(done.commission):
            self.ledger.book("commission", contract.name, contract.currency, -charged)
        rate, tape = line.rates[row], self.records.tape
        costs = (
            {"roll": done.slipped + done.commission}
            if kind == "roll"
            else {"commission": done.commission} | done.kinds
        )
        for name, cash in costs.items():
            tape.cost(row, name, cash * rate)
        self.records.traded(row, quantity * done.price * contract.multiplier * rate)
        return done.price, done.slipped * rate, done.commission * rate

    def trade(
        self, row: int, line: Line, place: int, units: int, reason: str, at: float, limit: float = math.nan
    ) -> None:
        """Buys (negative: sells) a contract; ``at``: the price before costs, which do not go beyond ``limit``."""
        if not units:
            return
        price, slipped, charged = self.leg(row, line, place, units, "trade", at, limit)
        value, quantity = line.value(row, place), units / self.lots
        self.records.rounds.fill(row, line.column, quantity, price, value, slipped, charged, reason)
        line.units += units
        line.place, line.paid = place, price

    def roll(self, row: int, line: Line, place: int) -> None:
        """Closes the old contract and opens as many of the new, both at their opens: the trade goes on."""
        units, opened = line.units, line.price("open", row, line.place)
        old = self.leg(row, line, line.place, -units, "roll", opened)
        self._go_on(row, line, place, units, old, opened)

    def leave(self, row: int, line: Line) -> None:
        """Closes a contract that may be held no longer, while its successor has no bar to go on in."""
        name = line.contract.name
        line.last = self.leg(row, line, line.place, -line.units, "roll", line.price("open", row, line.place))
        self.records.rounds.mark(line.column, line.last[0], line.value(row, line.place))
        line.carry, line.units = line.units, 0
        text = f"{name} was left before delivery, and its successor had no bar: it goes on at that one's next open."
        self.records.tell(row, "stale", name, text)

    def renew(self, row: int, line: Line, place: int, goal: int, reason: str) -> None:
        """Goes on in the successor of one that ended, at its opening costs; or does not."""
        count, line.carry = line.carry, 0
        if goal * count > 0:
            self._go_on(row, line, place, count, line.last, line.last[0])
        else:
            self.dropped(row, line, count, reason)

    def dropped(self, row: int, line: Line, count: int, reason: str) -> None:
        """The trade of a contract that ended is over with it."""
        price, slipped, charged = line.last
        value = line.value(row, line.place)
        self.records.rounds.fill(row, line.column, -count / self.lots, price, value, slipped, charged, reason)

    def _go_on(
        self, row: int, line: Line, place: int, units: int, old: tuple[float, float, float], before: float
    ) -> None:
        """Opens the successor. Levels of stops go with it, by its open over the price ``before``."""
        names, opened = (line.contract.name, line.at(place).name), line.price("open", row, place)
        new = self.leg(row, line, place, units, "roll", opened)
        cost = old[1] + old[2] + new[1] + new[2]
        text = f"rolled {names[0]} to {names[1]} on {self.dates[row]}, cost {cost:,.2f} {self.currency}"
        self.records.rounds.roll(
            line.column, old[0], new[0], line.value(row, place), old[1] + new[1], old[2] + new[2], text
        )
        self.records.tell(row, "roll", names[1], f"{text}: {old[0]:g} to {new[0]:g}.")
        if self.guards is not None:
            self.guards.shift(line.column, opened - before)
        line.place, line.units = place, units
        self.rolls += 1
        seen = next((at for at in range(row - 1, -1, -1) if line.there[at]), row)
        self.thin += not line.price("volume", seen, place) > 0

    def settle(self, row: int, line: Line) -> None:
        """Marks what is held at the settlement."""
        if not line.units:
            return
        price = line.price("settle", row, line.place)
        if not math.isfinite(price):
            price = line.price("close", row, line.place)
            self.unsettled += math.isfinite(price)
        if math.isfinite(price):
            self.ledger.mark(line.contract.name, price)
            self.records.rounds.mark(line.column, price, line.value(row, line.place))

    def pay(self) -> None:
        """Variation margin of what was held or traded; contracts that are done with leave the books."""
        for name, holding in list(self.ledger.held.items()):
            self.ledger.settle(name)
            if not holding.units:
                del self.ledger.held[name]

    def expire(self, row: int, line: Line) -> None:
        """The last settlement of a cash-settled contract, and whether it goes on in a later one."""
        contract = line.contract
        price = self.ledger.held[contract.name].mark / TICK
        self.ledger.trade(contract.name, -line.units, price, "expiry")
        line.last = (price, 0.0, 0.0)
        following = line.front[row + 1] if row + 1 < len(line.front) else -1
        text = f"{contract.name} expired at its last settlement of {price:g}."
        self.records.tell(row, "expiry", contract.name, text)
        count, line.units = line.units, 0
        if following >= 0 and following != line.place:
            line.carry = count
        else:
            self.dropped(row, line, count, self.told("expired, cash settled", line, line.place))

"""A futures account: the roll, the trades, the settlement, the expiry and the margin of one session after another.

A session: interest of the nights before; a cut that the margin demands; the roll decided on the close before; what is
wanted, at the open; the settlement in cash; the last settlement of a contract that expires; the margin. An account in
another currency keeps its variation margin in the contract's, valued at each session's rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from engine.backtest.currencies import CurrencyLedger, Holding
from engine.backtest.futures.board import Board, Contract, Margin
from engine.backtest.futures.fills import fill
from engine.backtest.futures.rolling import Ints
from engine.backtest.market import Floats
from engine.backtest.money import FRACTION, MINOR, TICK, WHOLE, to_minor, to_ticks
from engine.backtest.records import Records
from engine.backtest.result import Costs, Terms


@dataclass(slots=True)
class Position:
    """What is held: ``place`` of the contract, ``units`` in lots; ``carry``: units of one that expired and is
    to go on in its successor."""

    place: int = -1
    units: int = 0
    carry: int = 0
    settled: float = math.nan


@dataclass(slots=True)
class Account:
    """One root's position in one account. ``rates``: the contracts' currency in the account's, by session;
    ``moves``: a day's volatility before each session, for costs that scale with it."""

    board: Board
    front: Ints
    costs: Costs
    terms: Terms
    margin: Margin
    currency: str
    rates: Floats
    symbol: str
    moves: Floats
    ledger: CurrencyLedger = field(init=False)
    records: Records = field(init=False)
    held: Position = field(default_factory=Position)
    called: bool = False
    rolls: int = 0
    unsettled: int = 0
    waiting: set[str] = field(default_factory=set)
    names: list[str] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = CurrencyLedger(self.currency, self.terms.capital, self.board.dates[0])
        self.records = Records(self.board.dates, (self.symbol,), self.terms.capital)

    @property
    def lots(self) -> int:
        return FRACTION if self.terms.fractional else WHOLE

    @property
    def foreign(self) -> str:
        return self.board.contracts[0].currency

    def contract(self, place: int) -> Contract:
        return self.board.contracts[place]

    def value(self, row: int, place: int) -> float:
        """Of a price of 1, in the account's currency."""
        return self.contract(place).multiplier * float(self.rates[row])

    def session(self, row: int, wanted: tuple[float, str] | None, counted: bool) -> bool:
        """All of a session; whether what was wanted could be traded."""
        self.ledger.date = self.board.dates[row]
        self.ledger.rate(self.foreign, float(self.rates[max(row - 1, 0)]))
        self._interest(row)
        place, held = int(self.front[row]), self.held
        if held.units and math.isfinite(opened := float(self.board.open[row, held.place])):
            self.ledger.mark(self.contract(held.place).name, opened)
        self._cut(row)
        done = self._open(row, place, wanted, counted)
        self.ledger.rate(self.foreign, float(self.rates[row]))
        self._settle(row)
        self._look(row)
        return done

    def _open(self, row: int, place: int, wanted: tuple[float, str] | None, counted: bool) -> bool:
        """The roll and what is wanted, where the contracts have an open."""
        held = self.held
        moving = bool(held.units) and held.place != place
        if moving and not math.isfinite(self.board.open[row, held.place]):
            self._wait(row, self.contract(held.place).name)
            return False
        if place < 0:
            if held.carry:
                self._renew(row, place, 0, self._told(self._why_out(held.place), held.place))
            elif moving:
                self._trade(row, held.place, -held.units, self._told(self._why_out(held.place), held.place))
            return True
        if not math.isfinite(self.board.open[row, place]):
            return False
        count = held.units or held.carry
        goal = count if wanted is None else self._units(row, place, wanted[0], counted)
        reason = "" if wanted is None else wanted[1]
        if held.carry:
            self._renew(row, place, goal, self._told(reason, held.place))
        elif moving and goal * held.units > 0:
            self._roll(row, place)
        elif moving:
            self._trade(row, held.place, -held.units, self._told(reason, held.place))
        if goal != held.units:
            self._trade(row, place, self._allowed(row, place, goal) - held.units, self._told(reason, place))
        return True

    def _wait(self, row: int, name: str) -> None:
        """Says once that a contract that is to be left has no bar."""
        if name not in self.waiting:
            self.waiting.add(name)
            text = f"{name} is to be left and has no bar: it is left at its next one, marked at its last until then."
            self.records.tell(row, "stale", name, text)

    def _told(self, reason: str, place: int) -> str:
        return f"{reason} [{self.contract(place).name}]".strip()

    def _why_out(self, place: int) -> str:
        contract = self.contract(place)
        word = "closed before delivery" if contract.settlement == "physical" else "closed before its end"
        return f"{word}, no later contract is listed"

    def _units(self, row: int, place: int, target: float, counted: bool) -> int:
        """Lots that a target asks for, towards nothing."""
        if counted:
            return math.trunc(target * self.lots)
        opened = abs(float(self.board.open[row, place]))
        each = opened * self.contract(place).multiplier * self.ledger.rates[self.foreign] / TICK
        if not each:
            return self.held.units
        return math.trunc(target * max(self.ledger.equity, 0) / MINOR / each * self.lots * (1 + 1e-12))

    def _required(self, value: float, place: int, units: int, price: float) -> int:
        """Margin of a position, in minor units of the account's currency."""
        count = units / self.lots
        notional = count * price * self.contract(place).multiplier
        return self.ledger.based(to_minor(self.margin.of(value, notional, count)), self.foreign)

    def _allowed(self, row: int, place: int, goal: int) -> int:
        """As much of a goal as the initial margin lets be opened."""
        if abs(goal) <= abs(self.held.units) and goal * self.held.units >= 0:
            return goal
        need = self._required(self.margin.initial, place, goal, float(self.board.open[row, place]))
        equity = max(self.ledger.equity, 0)
        if need <= equity:
            return goal
        least = self.held.units if goal * self.held.units > 0 else 0
        cut = int(abs(goal) * equity // need) * (1 if goal > 0 else -1)
        kept = max(cut, least, key=abs)
        text = f"The initial margin allows {kept / self.lots:g} contracts of the {goal / self.lots:g} wanted."
        self.records.tell(row, "margin", self.contract(place).name, text)
        return kept

    def _cut(self, row: int) -> None:
        """Reduces the position until the initial margin is met, where the margin was called."""
        held = self.held
        if not self.called or not held.units:
            self.called = False
            return
        opened = float(self.board.open[row, held.place])
        if not math.isfinite(opened):
            return  # the call stands
        self.called = False
        need = self._required(self.margin.initial, held.place, held.units, opened)
        equity = max(self.ledger.equity, 0)
        if need > equity:
            left = int(abs(held.units) * equity // need) * (1 if held.units > 0 else -1)
            self._trade(row, held.place, left - held.units, self._told("margin call", held.place))

    def _leg(self, row: int, place: int, units: int, kind: str) -> tuple[float, float, float]:
        """One fill and its commission booked: price, what it slipped, commission (account's currency)."""
        contract, quantity = self.contract(place), units / self.lots
        done = fill(
            self.costs, quantity, float(self.board.open[row, place]), contract.multiplier, contract.tick,
            float(self.board.volume[row, place]), float(self.moves[row]),
        )  # fmt: skip
        self.ledger.hold(Holding(contract.name, contract.currency, self.lots, to_ticks(contract.multiplier)))
        self.ledger.trade(contract.name, units, done.price, kind)
        if charged := to_minor(done.commission):
            self.ledger.book("commission", contract.name, contract.currency, -charged)
        rate, tape = float(self.rates[row]), self.records.tape
        costs = (
            {"roll": done.slipped + done.commission}
            if kind == "roll"
            else {"commission": done.commission} | done.kinds
        )
        for name, cash in costs.items():
            tape.cost(row, name, cash * rate)
        self.records.traded(row, quantity * done.price * contract.multiplier * rate)
        return done.price, done.slipped * rate, done.commission * rate

    def _trade(self, row: int, place: int, units: int, reason: str) -> None:
        if not units:
            return
        price, slipped, charged = self._leg(row, place, units, "trade")
        value = self.value(row, place)
        self.records.rounds.fill(row, 0, units / self.lots, price, value, slipped, charged, reason)
        self.held.units += units
        self.held.place = place

    def _roll(self, row: int, place: int) -> None:
        """Closes the old contract and opens as many of the new, both at their opens: the trade goes on."""
        held = self.held
        old = self._leg(row, held.place, -held.units, "roll")
        self._to(row, place, held.units, old)

    def _renew(self, row: int, place: int, goal: int, reason: str) -> None:
        """Goes on in the successor of one that expired: only its opening costs."""
        held = self.held
        count, held.carry = held.carry, 0
        last = (held.settled, 0.0, 0.0)
        if goal * count > 0:
            self._to(row, place, count, last)
        else:
            value = self.value(row, held.place)
            self.records.rounds.fill(row, 0, -count / self.lots, held.settled, value, 0.0, 0.0, reason)

    def _to(self, row: int, place: int, units: int, old: tuple[float, float, float]) -> None:
        held, names = self.held, (self.contract(self.held.place).name, self.contract(place).name)
        new = self._leg(row, place, units, "roll")
        cost = old[1] + old[2] + new[1] + new[2]
        text = f"rolled {names[0]} to {names[1]} on {self.board.dates[row]}, cost {cost:,.2f} {self.currency}"
        self.records.rounds.roll(
            0, old[0], new[0], self.value(row, place), old[1] + new[1], old[2] + new[2], text
        )
        self.records.tell(row, "roll", names[1], f"{text}: {old[0]:g} to {new[0]:g}.")
        held.place, held.units = place, units
        self.rolls += 1

    def _settle(self, row: int) -> None:
        """Marks what is held, and what was closed today, at the settlement and pays the variation margin."""
        held = self.held
        if held.units:
            name, price = self.contract(held.place).name, float(self.board.settle[row, held.place])
            if not math.isfinite(price):
                price = float(self.board.close[row, held.place])
                self.unsettled += 1
            if math.isfinite(price):
                self.ledger.mark(name, price)
                self.records.rounds.mark(0, price, self.value(row, held.place))
        for name in list(self.ledger.held):
            self.ledger.settle(name)
        if held.units and self._expires(row):
            self._expire(row)

    def _expires(self, row: int) -> bool:
        """Whether this session is the last of a cash-settled contract."""
        contract = self.contract(self.held.place)
        if contract.settlement != "cash" or np.isnat(contract.last_trade):
            return False
        following = row + 1 == len(self.board.dates) or self.board.dates[row + 1] > contract.last_trade
        return bool(self.board.dates[row] <= contract.last_trade and following and self._over(row, contract))

    def _over(self, row: int, contract: Contract) -> bool:
        """At the sample's end a contract is over only on its last day; before it, also where that had no session."""
        return row + 1 < len(self.board.dates) or bool(self.board.dates[row] == contract.last_trade)

    def _expire(self, row: int) -> None:
        held = self.held
        contract = self.contract(held.place)
        holding = self.ledger.held[contract.name]
        held.settled = holding.mark / TICK
        self.ledger.trade(contract.name, -held.units, held.settled, "expiry")
        following = int(self.front[row + 1]) if row + 1 < len(self.front) else -1
        goes_on = following >= 0 and following != held.place
        text = f"{contract.name} expired at its last settlement of {held.settled:g}."
        self.records.tell(row, "expiry", contract.name, text)
        if goes_on:
            held.carry = held.units
        else:
            reason = f"expired, cash settled [{contract.name}]"
            value = self.value(row, held.place)
            self.records.rounds.fill(row, 0, -held.units / self.lots, held.settled, value, 0.0, 0.0, reason)
        held.units = 0

    def _interest(self, row: int) -> None:
        """On cash of the nights since the session before; what is owed pays the debit rate."""
        if not row or not self.costs.financed:
            return
        nights = (self.board.dates[row] - self.board.dates[row - 1]) / np.timedelta64(1, "D")
        debit = self.costs.cash_rate if self.costs.debit_rate is None else self.costs.debit_rate
        for currency, minor in list(self.ledger.cash.items()):
            rate = self.costs.cash_rate if minor > 0 else debit
            earned = round(minor * rate * nights / self.costs.day_count)
            if earned:
                self.ledger.book("interest", "", currency, earned)
                self.records.tape.cost(row, "interest", -self.ledger.based(earned, currency) / MINOR)

    def _look(self, row: int) -> None:
        """Money and margin at the close; a call where equity is below what must be maintained."""
        held, records = self.held, self.records
        records.close(row, self.ledger)
        self.names.append(self.contract(held.place).name if held.units else "")
        self.counts.append(held.units / self.lots)
        if not held.units:
            return
        holding = self.ledger.held[self.contract(held.place).name]
        price = holding.mark / TICK
        records.values[row, 0] = self.ledger.based(holding.notional, self.foreign) / MINOR
        margin, least = (
            self._required(value, held.place, held.units, price)
            for value in (self.margin.initial, self.margin.maintenance)
        )
        records.margin[row], records.maintenance[row] = margin / MINOR, least / MINOR
        if self.ledger.equity < least:
            self.called = True
            text = f"Equity of {records.equity[row]:,.2f} is below the maintenance margin of {least / MINOR:,.2f}"
            records.tell(row, "margin call", holding.symbol, f"{text}: cut at the next open.")

"""An account of coins or of perpetuals: fills at a bar's open, stops, funding, liquidation within the bar.

A bar: interest; funding due at its start, of what was held; positions below maintenance at the open liquidated; stops
that the open is beyond, then what is wanted, at the open, sales first; funding within the bar, at its open (a bar
tells no price of that moment); within the bar a stop or a liquidation, whichever the price comes to first; marks at
the close. Of several perpetuals in one account each is looked at by itself, the others at their last marks, and the
one nearest to its stop or liquidation first.
"""

from __future__ import annotations

import math

import numpy as np

from engine.backtest.crypto.books import Linear
from engine.backtest.crypto.fills import Fills
from engine.backtest.crypto.funding import Funding
from engine.backtest.crypto.inverse import Inverse
from engine.backtest.crypto.quiet import quiet
from engine.backtest.crypto.terms import CryptoTerms
from engine.backtest.following import Following
from engine.backtest.guards import Met
from engine.backtest.margined import allowed
from engine.backtest.market import Floats, Market
from engine.backtest.money import MINOR
from engine.backtest.records import Records
from engine.backtest.result import Costs, Terms
from engine.backtest.still import Still


class Account:
    """One account over the market's bars. ``rests``: goals, in lots, that volume has not let be reached, why, and the
    targets that they were of."""

    def __init__(
        self, market: Market, costs: Costs, terms: Terms, crypto: CryptoTerms, funding: Funding | None, moves: Floats,
        wants: Following,
    ) -> None:  # fmt: skip
        self.market, self.costs, self.crypto = market, costs, crypto
        self.wants, self.guards, self.pending = wants, wants.guards, wants.pending
        self.still = Still(wants, market)
        self.initial = terms.initial_margin or crypto.initial
        self.least = terms.maintenance_margin or crypto.maintenance
        self.lots, self.step = crypto.lots, max(round(crypto.step * crypto.lots), 1)
        self.books = _books(market, terms.capital, crypto)
        self.records = Records(market.dates, market.symbols, terms.capital)
        self.fills = Fills(market, costs, crypto, moves, self.books, self.records)
        self.funding = funding if crypto.perpetual else None
        self.due = None if self.funding is None else self.funding.by_row(market.dates)
        if self.funding is not None:
            self.due_rows, self.due_places, _ = self.funding.placed(market.dates)
        self.positions: Floats = np.zeros(market.close.shape)
        self.columns = range(len(market.symbols))
        self.rests: dict[int, tuple[int, str, float]] = {}
        self.bars: tuple[list[float], ...] = ([], [], [], [])

    def bars_from(self, row: int) -> int:
        """Carries out a bar, or as many as are quiet; how many."""
        units = [self.books.units(each) for each in self.columns]
        count = 0 if self.rests or self.costs.financed else self.still.count(row, units)
        done = quiet(self, row, row + count - 1) if count > 1 else 0
        if done:
            self.still.through(row + done - 1, [each / self.lots for each in units])
        else:
            self.bar(row)
        return done or 1

    def bar(self, row: int) -> None:
        """All of a bar, and what is decided after it."""
        market = self.market
        self.books.begin(market.dates[row])
        self._interest(row)
        self.bars = tuple(each[row].tolist() for each in (market.open, market.high, market.low, market.close))
        flat = not any(self.books.units(each) for each in self.columns)
        if not flat or self.pending or self.rests:
            self._bar(row)
        self._look(row)
        held = [self.books.units(each) / self.lots for each in self.columns]
        self.wants.after(row, held, self.bars[1], self.bars[2])

    def _bar(self, row: int) -> None:
        for column, opened in enumerate(self.bars[0]):
            if math.isfinite(opened) and (self.books.units(column) or self.crypto.face):
                self.books.mark(column, opened)
        if self.due is not None:
            self._fund(row, self.due[row][0])
        self.fills.begin()
        within = [] if self.due is None else self.due[row][1]
        if (
            self.pending or self.rests or within or self.guards is not None
        ):  # else the bar's worst finds the same
            self._beyond(row)
            self._gaps(row)
            self._open(row)
        self._fund(row, within)
        for column in self._nearest():
            self._within(row, column)

    def _beyond(self, row: int) -> None:
        """Positions that the open leaves less than they must maintain."""
        for column in self._nearest() if self.crypto.perpetual else ():
            opened = self.bars[0][column]
            if (opened - self._level(column, opened)) * self._side(column) < 0:
                self._liquidate(row, column, opened)

    def _level(self, column: int, price: float) -> float:
        """Where the position is liquidated; NaN where a price is far from that."""
        if not self.crypto.perpetual or self.books.safe(column, price, self.least):
            return math.nan
        return self.books.level(column, self.least)

    def _nearest(self) -> list[int]:
        """Positions with a bar: what is liquidated frees what others need, so that the one whose stop or liquidation
        lies nearest to its open goes first."""
        opens = self.bars[0]
        there = [each for each in self.columns if self.books.units(each) and math.isfinite(opens[each])]
        return sorted(there, key=self._away) if len(there) > 1 else there

    def _away(self, column: int) -> float:
        """How far over the open the price may go before the bar meets the nearer of stop and liquidation; infinite
        where it meets neither."""
        opened, high, low = (each[column] for each in self.bars[:3])
        side = self._side(column)
        worst = low if side > 0 else high
        guard = None if self.guards is None else self.guards.guards.get(column)
        levels = (self._level(column, worst), math.nan if guard is None else guard.level)
        met = [(opened - each) * side / opened for each in levels if (worst - each) * side <= 0]
        return min(met, default=math.inf)

    def _gaps(self, row: int) -> None:
        """Stops and targets that the open is beyond."""
        if self.guards is None:
            return
        for column, opened in enumerate(self.bars[0]):
            if math.isfinite(opened):
                held = self.books.units(column) / self.lots
                self._meet(row, column, self.guards.at_open(column, held, opened, self.pending))

    def _meet(self, row: int, column: int, met: Met | None) -> None:
        """Closes what a stop or a target closes; what volume leaves of it follows at the next open."""
        if met is None:
            return
        self.rests.pop(column, None)
        held = self.books.units(column)
        units = self.fills.within_volume(row, column, -held)
        self.fills.trade(row, column, units, met.price, met.reason, limit=met.limit)
        if units != -held:
            self.rests[column] = (0, met.reason, 0.0)

    def _side(self, column: int) -> int:
        return 1 if self.books.units(column) > 0 else -1

    def _open(self, row: int) -> None:
        """What is wanted, and what volume left of what was wanted before, at the open."""
        opens, pending = self.bars[0], self.pending
        for column in pending:
            self.rests.pop(column, None)
        there = [column for column in sorted({*pending, *self.rests}) if math.isfinite(opens[column])]
        wanted = {
            column: self._goal(column, pending[column][0]) if column in pending else self._rest(column)
            for column in there
        }  # fmt: skip
        goals = self._allowed(row, wanted) if self.crypto.perpetual else wanted
        bought = {each: goals[each] for each in goals if goals[each] > self.books.units(each)}
        for column in goals:
            if column not in bought:
                self._reach(row, column, goals[column], math.inf)
        budgets = self._budgets(bought)
        for column, goal in bought.items():
            self._reach(row, column, goal, budgets[column])

    def _budgets(self, goals: dict[int, int]) -> dict[int, float]:
        """Cash for each purchase of coins: of what all may spend the part that it is of them at the opens."""
        if self.crypto.perpetual or not isinstance(self.books, Linear):
            return dict.fromkeys(goals, math.inf)
        spent = {each: (goal - self.books.units(each)) * self.bars[0][each] for each, goal in goals.items()}
        return {each: self.books.cash * own / sum(spent.values()) for each, own in spent.items()}

    def _rest(self, column: int) -> int:
        """What is left of an order, no more of it than its weight is of the equity by now."""
        goal, _, target = self.rests[column]
        held, most = self.books.units(column), self._goal(column, target)
        if self.wants.counted or abs(goal) <= abs(most) or abs(goal) <= abs(held):
            return goal
        return most if abs(most) > abs(held) or most * held < 0 else held

    def _reach(self, row: int, column: int, goal: int, cash: float) -> None:
        """Trades towards a goal as far as cash and volume go."""
        opened, held = self.bars[0][column], self.books.units(column)
        _, reason, target = self.rests.get(column, (0, "", 0.0))
        target, reason = self.pending.get(column, (target, reason))
        paid = self._paid_for(row, column, goal - held, cash)
        change = self.fills.within_volume(row, column, paid)
        if paid and not change:
            return  # nobody traded: it waits as it is
        if cash < math.inf and (part := self.fills.covered(row, column, change, opened, cash)) < 1:
            least = self._steps(change * part)
            paid, change = paid - (change - least), least
        price = self.fills.trade(row, column, change, opened, reason)
        self.rests.pop(column, None)
        if change != paid:
            self.rests[column] = (held + paid, reason, target)
        if self.pending.pop(column, None) is not None and self.guards is not None:
            self.guards.filled(row, column, self.books.units(column) / self.lots, price)

    def _goal(self, column: int, target: float) -> int:
        """Lots that a target asks for, in steps; a coin's weight pays for its costs as well."""
        opened = self.bars[0][column]
        if not self.crypto.perpetual and target < 0:
            raise ValueError(
                f"{self.market.symbols[column]} is held in coins, which cannot be sold short: take the short side "
                "out of the rules, or run it as a perpetual"
            )
        if self.wants.counted:
            return self._steps(target * self.lots)
        equity = max(self.books.equity, 0) / MINOR
        if self.crypto.perpetual:
            return self._steps(target * equity / self.books.each(column, opened))
        return self._steps(self.fills.affordable(target, equity, opened) * self.lots)

    def _steps(self, lots: float) -> int:
        return math.trunc(lots / self.step * (1 + 1e-12)) * self.step

    def _allowed(self, row: int, goals: dict[int, int]) -> dict[int, int]:
        """Goals cut to what the initial margin allows."""
        held = {column: units for column in self.columns if (units := self.books.units(column))}
        prices = {
            column: self.bars[0][column] if column in goals else self.books.price(column)
            for column in {*held, *goals}
        }
        each = {column: self.books.each(column, price) for column, price in prices.items()}
        room = max(self.books.equity, 0) / MINOR / self.initial
        found = allowed(held, goals, each, room)
        for column, goal in goals.items():
            if found[column] != goal:
                found[column] = int(found[column] / self.step) * self.step
                part = found[column] / goal if goal else 0.0
                text = f"The initial margin allows {part:.2%} of the {goal / self.lots:,.8g} wanted."
                self.records.tell(row, "margin", self.market.symbols[column], text)
        return found

    def _paid_for(self, row: int, column: int, change: int, cash: float) -> int:
        """Of a purchase of coins, as much as the cash pays."""
        if cash == math.inf:
            return change
        affordable = self._steps(self.fills.affordable(1.0, cash, self.bars[0][column]) * self.lots)
        if affordable < change * (1 - 1e-6):
            text = f"Cash pays {affordable / self.lots:,.8g} of the {change / self.lots:,.8g} wanted."
            self.records.tell(row, "cash", self.market.symbols[column], text)
        return max(min(change, affordable), 0)

    def _fund(self, row: int, places: list[int]) -> None:
        """Funding of what is held, on the notional at the bar's open."""
        if self.funding is None:
            return
        for place in places:
            for column, rate in enumerate(self.funding.rates[place].tolist()):
                if self.books.units(column) and math.isfinite(rate):
                    brought = self.books.fund(column, rate)
                    self.records.tape.cost(row, "funding", -brought)
                    self.records.rounds.pay(column, brought)

    def _within(self, row: int, column: int) -> None:
        """The rest of the bar: of a stop and a liquidation the nearer to the open comes first, a target last."""
        opened, high, low = (each[column] for each in self.bars[:3])
        side = self._side(column)
        worst = low if side > 0 else high
        level = self._level(column, worst)
        forced = (worst - level) * side < 0
        guard = None if self.guards is None else self.guards.guards.get(column)
        stop = math.nan if guard is None else guard.level
        if forced and not (stop - level) * side > 0:
            self._liquidate(row, column, min(opened, level) if side > 0 else max(opened, level))
        elif self.guards is not None:
            self._meet(row, column, self.guards.within(column, opened, high, low))
            if forced and self.books.units(column):  # the stop's volume was not enough
                self._liquidate(row, column, min(opened, level) if side > 0 else max(opened, level))

    def _liquidate(self, row: int, column: int, at: float) -> None:
        symbol = self.market.symbols[column]
        text = f"Liquidated at {at:,.8g}: {self.least:.2%} of notional was no longer there."
        self.records.tell(row, "liquidation", symbol, text)
        self.rests.pop(column, None)
        self.fills.trade(row, column, -self.books.units(column), at, "liquidation", kind="liquidation")

    def _interest(self, row: int) -> None:
        if not row or not self.costs.financed or not isinstance(self.books, Linear):
            return
        days = (self.market.dates[row] - self.market.dates[row - 1]) / np.timedelta64(1, "D")
        rate = self.costs.cash_rate
        debit = rate if self.costs.debit_rate is None else self.costs.debit_rate
        brought = self.books.interest(rate, debit, float(days) / self.costs.day_count)
        self.records.tape.cost(row, "interest", -brought)

    def _look(self, row: int) -> None:
        """Marks at the close, money, margin."""
        records, closes = self.records, self.bars[3]
        for column in self.columns:
            units, close = self.books.units(column), closes[column]
            if math.isfinite(close) and (units or self.crypto.face):
                self.books.mark(column, close)
            if units:
                price = self.books.price(column)
                records.rounds.mark(column, price, self.books.moved(column))
                records.values[row, column] = self.books.notional(column)
                self.positions[row, column] = units / self.lots
        if self.crypto.perpetual:
            gross = float(np.abs(records.values[row]).sum())
            records.margin[row], records.maintenance[row] = self.initial * gross, self.least * gross
        records.close(row, self.books)


def _books(market: Market, capital: float, crypto: CryptoTerms) -> Linear | Inverse:
    if crypto.face is None:
        return Linear(market.symbols, market.currency, capital, crypto.perpetual, market.dates[0])
    if len(market.symbols) != 1:
        raise ValueError(
            f"An inverse perpetual keeps its margin in its coin: {' and '.join(market.symbols)} are several "
            "accounts. Run one at a time, or SWEEP them"
        )
    symbol, closes = market.symbols[0], market.close[np.isfinite(market.close[:, 0]), 0]
    if not len(closes):
        raise ValueError(f"{symbol} has no price in these bars")
    coin, price = symbol.removesuffix(market.currency) or symbol, float(closes[0])
    return Inverse(symbol, coin, crypto.face, capital, price, market.dates[0])

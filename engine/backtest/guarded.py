"""Rules with stops, targets or numbers of shares, as orders against bars.

After a fill that opens a position its stop, trailing stop and target begin to work within the same bar, counted from
that fill's price; a later change of its size does not move them. What was decided trades at the open: an exit goes
before a stop met there, a stop before a change of size and before what is left of an entry. Sizes are of the equity
at the open, before its fills.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from engine.backtest.actions import RECEIVED
from engine.backtest.assemble import joined
from engine.backtest.costs import in_lots, volatility, wanted
from engine.backtest.deciding import Deciding, Due
from engine.backtest.inputs import Bools
from engine.backtest.market import Floats, Market
from engine.backtest.money import MINOR
from engine.backtest.orders import Bar, Order
from engine.backtest.result import Costs, Result, Terms
from engine.backtest.rules.plan import Plan
from engine.backtest.simulate import Simulation
from engine.backtest.window import column_of, plan_column

ALL = 1e18  # shares of an order that closes whatever is held


@dataclass(slots=True)
class _Waits:
    """A decision that trades at the next open: ``sized`` in one session, its stops known in ``decided``."""

    side: int
    resize: bool
    sized: int
    decided: int
    reason: str


@dataclass(slots=True)
class _Guard:
    """Where the stops of a position stand; NaN where there is none. ``apart``: the trailing stop from the extreme."""

    side: int
    stop: float
    trail: float
    take: float
    apart: float

    @property
    def trails(self) -> bool:
        """Whether the trailing stop is the nearer one."""
        return math.isfinite(self.trail) and not (self.trail - self.stop) * self.side <= 0

    @property
    def level(self) -> float:
        return self.trail if self.trails else self.stop

    def met(self, bar: Bar) -> bool:
        """Whether the open is beyond a stop or the target."""
        return (self.level - bar.open) * self.side >= 0 or (bar.open - self.take) * self.side >= 0

    def reached(self, bar: Bar) -> str:
        """What the bar meets of them; empty where nothing."""
        if (self.level - bar.open) * self.side >= 0:
            return "trail" if self.trails else "stop"
        if (bar.open - self.take) * self.side >= 0:
            return "take"
        worst, best = (bar.low, bar.high) if self.side > 0 else (bar.high, bar.low)
        if (self.level - worst) * self.side >= 0:
            return "trail" if self.trails else "stop"
        return "take" if (best - self.take) * self.side >= 0 else ""


class Guarded(Simulation):
    """One account that follows a plan."""

    def __init__(self, market: Market, plan: Plan, costs: Costs, terms: Terms, moved: Floats | None) -> None:
        super().__init__(market, costs, terms, moved)
        self.plan = plan
        self.deciding = Deciding(plan, market)
        self.waits: dict[int, _Waits] = {}
        self.guards: dict[int, _Guard] = {}
        self.entries: dict[int, _Waits] = {}  # of the last order of each symbol, where that opens a position
        self.closed: Bools = np.zeros(len(market.symbols), dtype=bool)

    def day(self, row: int) -> None:
        """A session, what its stops closed, and what is decided after it."""
        self.session(row)
        units = self.ledger.units
        if self.costs.participation is not None:
            self._starved()
        for column in [each for each, guard in self.guards.items() if units[each] * guard.side <= 0]:
            self._stopped(column)  # by a margin call or a delisting
            self._unguard(column)
            if units[column]:  # a merger's shares turned it round
                self._received(column)
        self._trail(row)
        due = self.deciding.step(row, self.closed)
        self.closed[:] = False
        if due is not None:
            self._take_in(due)

    def _take_in(self, due: Due) -> None:
        """Decisions for the next open. A change of size leaves an entry that still waits, for a bar or for volume, an
        entry, and does not undo what waits to end the position."""
        codes = self.deciding.codes(due)
        for column, side, resize, code in zip(
            due.columns.tolist(), due.side.tolist(), due.resize.tolist(), codes.tolist(), strict=True
        ):
            old = self.waits.get(column)
            if resize and old is not None:
                old.sized = due.row if old.side == side else old.sized
                continue
            starved = self._starved_entry(column, side) if resize else None
            self.broker.drop(self._tag(column))
            if starved is not None:
                self.waits[column] = replace(starved, sized=due.row)
            else:
                self.waits[column] = _Waits(side, resize, due.row, due.row, self.deciding.names[code])

    def _starved_entry(self, column: int, side: int) -> _Waits | None:
        """The entry to a side that is at work while nothing is held there."""
        one, entry = self.broker.tagged.get(self._tag(column)), self.entries.get(column)
        if one is None or one.gone or not one.units or entry is None or entry.side != side:
            return None
        return entry if self.ledger.units[column] * side <= 0 else None

    def _tag(self, column: int) -> str:
        return f"target {self.market.symbols[column]}"

    def _actions(self, row: int) -> None:
        super()._actions(row)
        for column in self.acting.get(row, ()):
            ratio, guard = float(self.market.split[row, column]), self.guards.get(column)
            if guard is not None and ratio > 0 and ratio != 1.0:
                guard.stop, guard.trail, guard.take, guard.apart = (
                    each / ratio for each in (guard.stop, guard.trail, guard.take, guard.apart)
                )

    def _targets(self, bars: list[Bar | None]) -> list[Order]:
        if self.costs.participation is not None:
            for column, guard in self.guards.items():
                if (bar := bars[column]) is not None and guard.met(bar):
                    self.broker.drop(self._tag(column))
        ready = [column for column in sorted(self.waits) if bars[column] is not None]
        if not ready:
            return []
        self._mark_open(bars)
        ledger = self.ledger
        equity = ledger.sized / MINOR
        waits = [self.waits.pop(column) for column in ready]
        opens = np.array([bar.open for column in ready if (bar := bars[column]) is not None])
        weights, shares = self.deciding.wants(
            np.array([each.sized for each in waits]), np.array(ready), np.array([each.side for each in waits])
        )
        if weights is not None:
            shares = wanted(self.costs, weights, equity, opens)
        goals = in_lots(shares, ledger.lots, self.terms.lot).astype(object)
        found = [
            self._ordered(column, one, int(goal), bars[column])
            for column, one, goal in zip(ready, waits, goals, strict=True)
        ]
        return sorted((each for each in found if each is not None), key=lambda order: order.shares > 0)

    def _ordered(self, column: int, one: _Waits, goal: int, bar: Bar | None) -> Order | None:
        held, guard = self.ledger.units[column], self.guards.get(column)
        stays = one.side * held > 0
        if (one.resize and not stays) or (stays and guard is not None and bar is not None and guard.met(bar)):
            return None
        if not stays:
            self._unguard(column)
            guard = None
        then = partial(self._opened, column, one) if guard is None else ()
        if goal == held:
            return None
        self.entries.pop(column, None)
        if guard is None and one.side and not one.resize:
            self.entries[column] = one
        shares, symbol = (goal - held) / self.ledger.lots, self.market.symbols[column]
        return Order(symbol, shares, tag=self._tag(column), reason=one.reason, then=then, units=goal - held)

    def _opened(self, column: int, one: _Waits, price: float) -> tuple[Order, ...]:
        """What guards a position from the fill that opened it."""
        if column in self.guards or self.ledger.units[column] * one.side <= 0:
            return ()
        decided, columns, row = np.array([one.decided]), np.array([column]), self.broker.row
        stop, trail, take = (
            float(self.deciding.away(level, decided, columns, row, np.array([price]))[0])
            for level in (self.plan.stop, self.plan.trail, self.plan.take)
        )
        side = one.side
        lines = (price - side * stop, price - side * trail)
        first, trailing = (each if each > 0 or side > 0 else math.nan for each in lines)  # sold below nothing
        guard = _Guard(side, first, trailing, price + side * take, trail)
        self.guards[column] = guard
        return (*self._stop(column, guard), *self._take(column, guard))

    def _stop(self, column: int, guard: _Guard) -> tuple[Order, ...]:
        name, level = "trail" if guard.trails else "stop", guard.level
        if not level > 0:
            return ()
        return (self._guarding(column, guard, "stop", name, level),)

    def _take(self, column: int, guard: _Guard) -> tuple[Order, ...]:
        if not guard.take > 0:
            return ()
        return (self._guarding(column, guard, "limit", "take", guard.take),)

    def _guarding(self, column: int, guard: _Guard, kind: str, name: str, level: float) -> Order:
        symbol, reason = self.market.symbols[column], self.deciding.names[self.deciding.guard_code[name]]
        return Order(
            symbol,
            -guard.side * ALL,
            "stop" if kind == "stop" else "limit",
            limit=level if kind == "limit" else None,
            stop=level if kind == "stop" else None,
            group=f"guard {symbol}",
            tag=f"{kind} {symbol}",
            closing=True,
            reason=reason,
            then=partial(self._met, column, reason),
        )

    def _met(self, column: int, reason: str, price: float) -> tuple[Order, ...]:  # noqa: ARG002
        """A stop or target was filled; what volume left of it follows at the next open."""
        self._stopped(column)
        if self.ledger.units[column]:
            self._unguard(column)
            self.waits[column] = _Waits(0, False, -1, -1, reason)
        return ()

    def _stopped(self, column: int) -> None:
        self.guards.pop(column, None)
        self.broker.drop(self._tag(column))
        self.closed[column] = True

    def _starved(self) -> None:
        """Stops and targets met while other orders had taken all volume: the position is left at the next open."""
        for column, guard in list(self.guards.items()):
            bar = self.broker.bars[column]
            if bar is not None and self.ledger.units[column] and (name := guard.reached(bar)):
                self._met(column, self.deciding.names[self.deciding.guard_code[name]], 0.0)

    def _unguard(self, column: int) -> None:
        self.guards.pop(column, None)
        symbol = self.market.symbols[column]
        self.broker.drop(f"stop {symbol}")
        self.broker.drop(f"limit {symbol}")

    def _trail(self, row: int) -> None:
        """Trailing stops follow the session's extreme, and only that way."""
        if self.plan.trail is None:
            return
        fraction = self.plan.trail.fraction
        for column, guard in self.guards.items():
            bar, side = self.broker.bars[column], guard.side
            best = math.nan if bar is None else (bar.high if side > 0 else bar.low)
            level = best - side * (guard.apart if fraction is None else best * fraction)
            if (level - guard.trail) * side > 0:
                guard.trail = level
                orders = self._stop(column, guard)
                self.broker.submit(orders, self.market.close[row].tolist())

    def _received(self, column: int) -> None:
        self.waits.setdefault(column, _Waits(0, False, -1, -1, RECEIVED))

    def _end(self, row: int, column: int) -> None:
        self.waits.pop(column, None)
        super()._end(row, column)


def run_guarded(
    market: Market,
    plan: Plan,
    costs: Costs,
    terms: Terms,
    *,
    accounts: bool = False,
    moved: Floats | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Result:
    """Simulates a plan of rules order by order (see ``run_events``)."""
    if accounts:
        parts, symbols = [], len(market.symbols)
        moved = volatility(market) if costs.scaled and moved is None else moved
        for column in range(symbols):
            own = None if moved is None else moved[:, column : column + 1]
            alone = column_of(market, column), plan_column(plan, column)
            parts.append(run_guarded(*alone, costs, terms, moved=own))
            if told is not None:
                told(column + 1, symbols)
        return joined(market, parts)
    run = Guarded(market, plan, costs, terms, moved)
    for row in range(len(market.dates)):
        run.day(row)
        if told is not None:
            told(row + 1, len(market.dates))
    return run.result()

"""What guards a position in accounts that are not of shares: ``stop``, ``trail``, ``take``, and what is decided.

The conventions are those of shares (``guarded``): counted from the price of the fill that opened the position, at
work within the same bar; a change of size does not move them. An exit that was decided goes before a stop met at the
open, that one before a change of size. A gap fills at the open; of a bar that reaches both, the stop. A position that
ended so is entered anew only once its condition was false (``Machine``). All of it is closed: volume is not asked.

An account calls, in a session: ``at_open`` of each instrument with a bar, before it trades what is ``pending``;
``filled`` after that; ``within`` for the rest of the bar; ``decide`` after the close.
"""

from __future__ import annotations

import math
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from engine.backtest.deciding import Deciding
from engine.backtest.inputs import Bools
from engine.backtest.market import Floats, Market
from engine.backtest.rules.plan import Plan
from engine.backtest.rules.sizing import Level

Pending: TypeAlias = MutableMapping[int, tuple[float, str]]  # by column: what is wanted, and why
SLACK = 1e-9  # of a tick: a price that is on it but for its last bits


class Met(NamedTuple):
    """A position is to be closed at ``price``, before costs; ``limit``: a target's, which costs do not worsen
    (``capped``), NaN for a stop."""

    price: float
    reason: str
    limit: float = math.nan


@dataclass(slots=True)
class Guard:
    """Where the stops of a position stand, in the traded instrument's prices; NaN where there is none.

    ``apart``: the trailing stop from the extreme; ``fraction`` of it, where that is how it was told. ``tick``: levels
    are the next prices that trade, away from the position; 0 where any price does.
    """

    side: int
    stop: float
    trail: float
    take: float
    apart: float = math.nan
    fraction: float | None = None
    tick: float = 0.0

    def __post_init__(self) -> None:
        self.stop, self.trail = self._on(self.stop, -self.side), self._on(self.trail, -self.side)
        self.take = self._on(self.take, self.side)

    def _on(self, level: float, way: int) -> float:
        return on_tick(level, self.tick, up=way > 0) if math.isfinite(level) else level

    @property
    def trails(self) -> bool:
        """Whether the trailing stop is the nearer one."""
        return math.isfinite(self.trail) and not (self.trail - self.stop) * self.side <= 0

    @property
    def level(self) -> float:
        return self.trail if self.trails else self.stop

    def opens(self, opened: float) -> str:
        """Which of them an open is beyond; empty where none."""
        if (self.level - opened) * self.side >= 0:
            return "trail" if self.trails else "stop"
        return "take" if (opened - self.take) * self.side >= 0 else ""

    def reached(self, high: float, low: float) -> str:
        """Which of them a bar reaches, the stop first; empty where none."""
        worst, best = (low, high) if self.side > 0 else (high, low)
        return self.opens(worst) if (self.level - worst) * self.side >= 0 else self._taken(best)

    def _taken(self, best: float) -> str:
        return "take" if (best - self.take) * self.side >= 0 else ""

    def follow(self, high: float, low: float) -> None:
        """The trailing stop after a session's extreme: only ever nearer."""
        best = high if self.side > 0 else low
        away = self.apart if self.fraction is None else abs(best) * self.fraction
        level = self._on(best - self.side * away, -self.side)
        if (level - self.trail) * self.side > 0:
            self.trail = level

    def shift(self, by: float) -> None:
        """All levels by one step: the position goes on in another contract, dearer by it."""
        self.stop, self.trail, self.take = self.stop + by, self.trail + by, self.take + by


@dataclass(slots=True)
class _Waits:
    """A decision that has not traded, taken after session ``decided``."""

    side: int
    resize: bool
    decided: int


class Guards:
    """Follows a plan for an account of the market's symbols (columns).

    Parameters
    ----------
    plan : decisions of the account's sessions (``plan_from`` its first)
    market : of the prices that the rules are told, on the same sessions
    unit : (n, k), a distance of 1 in those prices is this much in the instrument's that is traded on that session;
        the same where None
    """

    def __init__(self, plan: Plan, market: Market, unit: Floats | None = None) -> None:
        self.plan, self.unit = plan, unit
        self.deciding = Deciding(plan, market)
        self.guards: dict[int, Guard] = {}
        self.waits: dict[int, _Waits] = {}
        self.closed: set[int] = set()

    @property
    def counted(self) -> bool:
        """Whether what is wanted are contracts, coins or units, not weights."""
        return self.plan.weights is None

    def at_open(self, column: int, held: float, opened: float, pending: Pending) -> Met | None:
        """What an open does to a position of ``held``, before what is pending: taken from there where it is void."""
        guard = self.guards.get(column)
        if guard is not None and not held:
            self._ended(column)
            guard = None
        wait = self.waits.get(column) if column in pending else None
        stays = wait is None or wait.side * held > 0
        if wait is not None and wait.resize and not stays:
            del pending[column]
            stays = True
        if guard is None or not stays:
            return None
        name = guard.opens(opened)
        if not name:
            return None
        pending.pop(column, None)
        return self._met(column, guard, name, opened)

    def filled(self, row: int, column: int, held: float, price: float, tick: float = 0.0) -> None:
        """What was pending is done, at ``price``: ``held`` now. A position that it opened is guarded from here on."""
        wait = self.waits.pop(column, None)
        guard = self.guards.get(column)
        if guard is not None and guard.side * held > 0:
            return
        self.guards.pop(column, None)
        if wait is None or wait.side * held <= 0:
            return
        side, plan = wait.side, self.plan
        stop, trail, take = (
            self._away(level, wait.decided, column, row, price)
            for level in (plan.stop, plan.trail, plan.take)
        )
        fraction = None if plan.trail is None else plan.trail.fraction
        self.guards[column] = Guard(
            side, price - side * stop, price - side * trail, price + side * take, trail, fraction, tick
        )

    def within(self, column: int, opened: float, high: float, low: float) -> Met | None:
        """What the bar does to a position after its open."""
        guard = self.guards.get(column)
        if guard is None:
            return None
        name = guard.reached(high, low)
        if not name:
            return None
        # a stop nearer than its entry's slippage was passed when it began
        worse = min if guard.side > 0 else max
        return self._met(column, guard, name, guard.take if name == "take" else worse(guard.level, opened))

    def shift(self, column: int, by: float) -> None:
        """A roll to a contract that is dearer by ``by``."""
        guard = self.guards.get(column)
        if guard is not None:
            guard.shift(by)

    def decide(
        self, row: int, held: Sequence[float], high: Sequence[float], low: Sequence[float], pending: Pending
    ) -> None:
        """After the close: trailing stops follow the bars of what is held (k,), and what the rules decide waits in
        ``pending`` for the next open. What is flat though nothing here closed it (a margin call, a liquidation, an
        expiry) is as if stopped."""
        for column in list(self.guards):
            if not held[column]:
                self._ended(column)
            elif self.plan.trail is not None:
                self.guards[column].follow(high[column], low[column])
        due = self.deciding.step(row, self._closed())
        if due is None:
            return
        weights, counts = self.deciding.wants(np.full(len(due.columns), due.row), due.columns, due.side)
        told = (
            due.columns,
            due.side,
            due.resize,
            self.deciding.codes(due),
            counts if weights is None else weights,
        )
        for column, side, resize, code, target in zip(*(each.tolist() for each in told), strict=True):
            old = self.waits.get(column) if column in pending else None
            if resize and old is not None and old.side == side:
                pending[column] = (target, pending[column][1])  # an entry that waits stays one
            else:
                self.waits[column] = _Waits(side, resize, due.row)
                pending[column] = (target, self.deciding.names[code])

    def _closed(self) -> Bools | None:
        """What ended in this session without a decision (k,)."""
        if not self.closed:
            return None
        found: Bools = np.zeros(len(self.deciding.market.symbols), dtype=bool)
        found[list(self.closed)] = True
        self.closed.clear()
        return found

    def _away(self, level: Level | None, decided: int, column: int, row: int, price: float) -> float:
        if level is None:
            return math.nan
        if level.distance is None:
            return abs(price) * (level.fraction or 0.0)
        found = self.deciding.away(level, np.array([decided]), np.array([column]), row, np.array([price]))
        return float(found[0]) * (1.0 if self.unit is None else float(self.unit[row, column]))

    def _met(self, column: int, guard: Guard, name: str, price: float) -> Met:
        self._ended(column)
        reason = self.deciding.names[self.deciding.guard_code[name]]
        return Met(price, reason, guard.take if name == "take" else math.nan)

    def _ended(self, column: int) -> None:
        self.guards.pop(column, None)
        self.closed.add(column)


def capped(reference: float, worse: float, side: int, limit: float) -> float:
    """The part (0 to 1) of what a fill is ``worse`` than its reference, in price, that a limit lets through.

    ``side``: 1 bought, -1 sold; a ``limit`` of NaN lets all through.
    """
    beyond = (reference + side * worse - limit) * side > 0
    return max(abs(limit - reference) / worse, 0.0) if beyond and worse > 0 else 1.0


def on_tick(price: float, tick: float, *, up: bool) -> float:
    """The next price that can trade, above or below; any can where ``tick`` is 0."""
    if tick <= 0:
        return price
    steps = price / tick
    return (math.ceil(steps - SLACK) if up else math.floor(steps + SLACK)) * tick

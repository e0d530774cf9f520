"""From decisions to positions, session after session: the same steps for arrays and for a simulation with orders."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.backtest.result import Signals
from engine.backtest.rules.plan import Bools, Plan
from engine.backtest.rules.told import codes as reasons
from engine.backtest.rules.told import reason_names

States: TypeAlias = NDArray[np.int8]
FEW = 16  # symbols: with more of them a loop over sessions is the faster way


class Machine:
    """Which side of the market each symbol is wanted on: 1 long, 0 out, -1 short.

    A simulation calls ``step`` after the close of each session, in order, and says which positions its own orders
    (stops, targets, margin calls, delistings) closed since the step before: they are entered again only after
    ``Side.again``, as those that ``hold`` closes are.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        symbols = plan.long.entry.shape[1]
        self.state: States = np.zeros(symbols, dtype=np.int8)
        self.since = np.zeros(symbols, dtype=np.int64)  # session of the decision to enter
        self.waits_long: Bools = np.zeros(symbols, dtype=bool)  # closed, and not yet to be entered again
        self.waits_short: Bools = np.zeros(symbols, dtype=bool)
        self.waiting = False  # any of them
        self.shorts = bool(plan.short.entry.any())
        self.both = self.shorts and bool(plan.long.entry.any())

    def step(self, row: int, closed: Bools | None = None) -> States:
        """What is wanted after session ``row``, (k,); the array is a copy."""
        plan, before = self.plan, self.state
        if closed is not None:
            closed = closed & (before != 0)
        if plan.hold is not None:
            held = (before != 0) & (row - self.since >= plan.hold)
            closed = held if closed is None else closed | held
        if closed is not None and closed.any():
            self.waits_long = self.waits_long | (closed & (before == 1))
            self.waits_short = self.waits_short | (closed & (before == -1))
            self.waiting = True
            before = np.where(closed, np.int8(0), before)
        buys, sells = plan.long.entry[row], plan.short.entry[row]
        if self.waiting:
            self.waits_long = self.waits_long & ~plan.long.again[row]
            self.waits_short = self.waits_short & ~plan.short.again[row]
            self.waiting = bool(self.waits_long.any() or self.waits_short.any())
            buys, sells = buys & ~self.waits_long, sells & ~self.waits_short
        after = self._clipped(before, buys, sells, row)
        if plan.hold is not None:
            self.since[(after != 0) & (after != before)] = row
        self.state = after
        return after.copy()

    def _clipped(self, before: States, buys: Bools, sells: Bools, row: int) -> States:
        """The state after a session; a side that no rule enters has no bounds to keep."""
        plan = self.plan
        if self.both:
            low, high = _bounds(buys, sells, plan.long.exit[row], plan.short.exit[row])
            found: States = np.minimum(np.maximum(before, low), high)
        elif self.shorts:  # entered: -1; left: 0; else as before
            found = np.maximum(before, plan.short.exit[row].view(np.int8) - np.int8(1))
            np.minimum(found, -sells.view(np.int8), out=found)
        else:
            found = np.minimum(before, np.int8(1) - plan.long.exit[row].view(np.int8))
            np.maximum(found, buys.view(np.int8), out=found)
        return found


def _bounds(buys: Bools, sells: Bools, leaves: Bools, covers: Bools) -> tuple[States, States]:
    """The lowest and the highest that a state may be after a session: a step is a clip to them.

    An entry allows one state only (and turns what was on the other side); leaving the long side allows none above 0,
    leaving the short side none below. No side is entered and left at once (``Side``), nor both entered.
    """
    one, two = np.int8(1), np.int8(2)
    low = np.maximum(covers.view(np.int8) - one, buys.view(np.int8) * two - one)
    high = np.minimum(one - leaves.view(np.int8), one - sells.view(np.int8) * two)
    return low, high


def states(plan: Plan) -> States:
    """What is wanted after each session (n, k), without stops: nothing but the rules closes a position."""
    shape = plan.long.entry.shape
    found = np.zeros(shape, dtype=np.int8)
    if plan.hold is not None:
        machine = Machine(plan)
        for row in range(shape[0]):
            found[row] = machine.step(row)
        return found
    long, short = plan.long, plan.short
    if shape[1] <= FEW:
        up = _latched(long.entry, long.exit | short.entry)
        down = _latched(short.entry, short.exit | long.entry)
        return up.view(np.int8) - down.view(np.int8)
    low, high = _bounds(long.entry, short.entry, long.exit, short.exit)
    state = np.zeros(shape[1], dtype=np.int8)
    for row in range(shape[0]):
        np.maximum(state, low[row], out=state)
        np.minimum(state, high[row], out=state)
        found[row] = state
    return found


def _latched(on: Bools, off: Bools) -> Bools:
    """True from a session of ``on`` to one of ``off`` (n, k): the last that happened of the two, neither at first."""
    rows = np.where(on | off, np.arange(1, len(on) + 1)[:, None], 0)
    last = np.maximum.accumulate(rows, axis=0)
    found: Bools = np.take_along_axis(np.vstack([np.zeros_like(on[:1]), on]), last, axis=0)
    return found


def signals(plan: Plan) -> Signals:
    """Weights decided after each session, for the path without orders; NaN where nothing is decided.

    A weight stands where a position is opened, turned, resized on a rebalance day, or closed (0). Of a ``delay``
    above 1 everything stands that many sessions less one later: what is left is the next open.

    Raises
    ------
    ValueError
        The rules have stops, targets or a number of shares: they need a simulation of orders.
    """
    if plan.needs_fills or plan.weights is None:
        raise ValueError(
            "Stops, targets and numbers of shares depend on fills: these rules are simulated with orders only."
        )
    state = states(plan)
    before = np.vstack([np.zeros((1, state.shape[1]), dtype=np.int8), state[:-1]])
    told = state != before
    if plan.rebalance.any():
        told |= plan.rebalance[:, None] & (state != 0) & np.isfinite(plan.weights)
    at = np.nonzero(told)
    now = state[at]
    target, codes = np.full(state.shape, np.nan), np.zeros(state.shape, dtype=np.int64)
    target[at] = np.where(now == 0, 0.0, now * plan.weights[at])
    codes[at] = reasons(plan, at, before[at], now)
    late = min(plan.delay - 1, len(state))
    if late:
        kept = len(state) - late
        target = np.vstack([np.full((late, state.shape[1]), np.nan), target[:kept]])
        codes = np.vstack([np.zeros((late, state.shape[1]), dtype=np.int64), codes[:kept]])
    return Signals(target, codes, reason_names(plan.rules))

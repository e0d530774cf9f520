"""How long a plan says nothing, and how long stops are not met: what lets an account settle many sessions at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.backtest.guards import SLACK, Guard
from engine.backtest.inputs import Bools
from engine.backtest.market import Floats
from engine.backtest.rules.machine import Machine
from engine.backtest.rules.plan import Plan


class _Side(NamedTuple):
    """By column and row, the first row from there on on which the mask is true; the number of rows where none is."""

    entry: list[list[int]]
    exit: list[list[int]]
    again: list[list[int]]


class Calm:
    """Rows on which the machine of a plan may do anything, given where it stands. Of plans without a delay."""

    def __init__(self, plan: Plan) -> None:
        self.rows = len(plan.dates)
        self.hold = plan.hold
        self.sides = [
            _Side(_next(each.entry), _next(each.exit), _next(each.again)) for each in (plan.long, plan.short)
        ]
        self.rebalance = _next(plan.rebalance[:, None])[0]

    def until(self, machine: Machine, row: int) -> int:
        """The first row from ``row`` on after which something may be decided, if nothing is closed before."""
        found, (long, short) = self.rows, self.sides
        states, waits_long, waits_short = (
            each.tolist() for each in (machine.state, machine.waits_long, machine.waits_short)
        )
        for column, state in enumerate(states):
            up = (long.again if waits_long[column] else long.entry)[column][row]
            down = (short.again if waits_short[column] else short.entry)[column][row]
            if state > 0:
                up = long.exit[column][row]
            elif state < 0:
                down = short.exit[column][row]
            found = min(found, up, down)
            if state and self.hold is not None:
                found = min(found, int(machine.since[column]) + self.hold)
        return max(min(found, self.rebalance[row]) if any(states) else found, row)


def _next(mask: Bools) -> list[list[int]]:
    rows = len(mask)
    places = np.where(mask, np.arange(rows)[:, None], rows)
    found: list[list[int]] = np.minimum.accumulate(places[::-1], axis=0)[::-1].T.tolist()
    return found


class Unmet(NamedTuple):
    """A guard over the bars from ``begin`` on: the first row that meets it (``rows`` past them where none does), and
    the trailing stop before each row (n + 1,)."""

    guard: Guard
    begin: int
    row: int
    trail: Floats


def unmet(guard: Guard, begin: int, opened: Floats, high: Floats, low: Floats) -> Unmet:
    """Bars (n,) of what is held, from row ``begin`` on; NaN where there is none."""
    side = guard.side
    worst, best = (low, high) if side > 0 else (high, low)
    trail = np.full(len(best) + 1, guard.trail)
    if np.isfinite(guard.trail):
        away = guard.apart if guard.fraction is None else np.abs(best) * guard.fraction
        told = (best - side * away) * side
        if guard.tick > 0:  # rounded away from the position, as the guard does it
            told = np.floor(told / guard.tick + SLACK) * guard.tick
        trail[1:] = np.where(np.isfinite(told), told, -np.inf) * side
        trail = np.maximum.accumulate(trail * side) * side
    level = np.fmax(guard.stop * side, trail[:-1] * side)
    take = guard.take * side
    met = (level >= worst * side) | (best * side >= take) | (level >= opened * side) | (opened * side >= take)
    return Unmet(guard, begin, begin + (int(np.argmax(met)) if met.any() else len(met)), trail)

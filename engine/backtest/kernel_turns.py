"""What a plan decides on one symbol, from one session in which it may say anything to the next: ``rules.machine``
and ``deciding`` without the sessions between."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from engine.backtest.inputs import Bools
from engine.backtest.rules.plan import Plan


class Turn(NamedTuple):
    """A decision of session ``row``, to trade at the open of ``due``: to ``side``, or only of another size on it."""

    row: int
    due: int
    side: int
    resize: bool
    was: int


def marked(mask: Bools) -> bytes:
    """A mask (n,) as bytes, which find the next true row."""
    return np.ascontiguousarray(mask).tobytes()


def first(mask: bytes, row: int) -> int:
    """The first true row from ``row`` on; the number of rows where none is."""
    found = mask.find(1, row)
    return len(mask) if found < 0 else found


class Turns:
    """Follows one symbol. ``waits_*``: closed by a stop or by ``hold``, and not yet to be entered again."""

    def __init__(self, plan: Plan, column: int, rebalance: bytes) -> None:
        self.hold, self.delay, self.rebalance = plan.hold, plan.delay, rebalance
        self.weights = None if plan.weights is None else plan.weights[:, column]
        self.enters_long, self.leaves_long, self.again_long = (
            marked(each[:, column]) for each in (plan.long.entry, plan.long.exit, plan.long.again)
        )
        self.enters_short, self.leaves_short, self.again_short = (
            marked(each[:, column]) for each in (plan.short.entry, plan.short.exit, plan.short.again)
        )
        self.state, self.since, self.changed = 0, 0, -plan.delay
        self.waits_long = self.waits_short = False

    def next(self, row: int) -> int:
        """The first session from ``row`` on after which something may be decided, if nothing is closed before."""
        state = self.state
        up = self.again_long if self.waits_long else self.enters_long
        down = self.again_short if self.waits_short else self.enters_short
        if state > 0:
            up = self.leaves_long
        elif state < 0:
            down = self.leaves_short
        found = min(first(up, row), first(down, row))
        if state:
            found = min(found, first(self.rebalance, row))
            if self.hold is not None:
                found = min(found, self.since + self.hold)
        return max(found, row)

    def step(self, row: int, closed: bool) -> Turn | None:
        """The decision after a session, if any; ``closed``: the position ended in it without one.

        A decision on its way that changes the side stands: it was taken for after what was closed.
        """
        before = self.state
        if closed and before and self.changed <= row - self.delay:
            before = self._close(before)
        after = self._after(row, before)
        resize = after == before
        if resize and not (after and self.rebalance[row] and self._sized(row)):
            self.state = after
            return None
        self.state = after
        if not resize:
            self.changed = row
        return Turn(row, row + self.delay, after, resize, before)

    def _close(self, side: int) -> int:
        if side > 0:
            self.waits_long = True
        else:
            self.waits_short = True
        return 0

    def _after(self, row: int, before: int) -> int:
        """The machine's next state."""
        if before and self.hold is not None and row - self.since >= self.hold:
            before = self._close(before)
        self.waits_long = self.waits_long and not self.again_long[row]
        self.waits_short = self.waits_short and not self.again_short[row]
        after = before
        if self.enters_long[row] and not self.waits_long:
            after = 1
        elif self.enters_short[row] and not self.waits_short:
            after = -1
        elif (self.leaves_long if before > 0 else self.leaves_short)[row]:
            after = 0
        if after != before:
            self.since = row
        return after

    def _sized(self, row: int) -> bool:
        return self.weights is None or math.isfinite(self.weights[row])

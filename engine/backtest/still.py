"""How many bars an account of pairs or coins only holds through: nothing waits at their opens, and no stop is met."""

from __future__ import annotations

from collections.abc import Sequence

from engine.backtest.calm import Calm, Unmet, unmet
from engine.backtest.following import Following
from engine.backtest.guards import Guard
from engine.backtest.market import Market


class Still:
    """Looks ahead over bars whose outcome no decision uses: what may be decided on them is known from the rules
    alone, and where their stops stand from the fills before."""

    def __init__(self, wants: Following, market: Market) -> None:
        self.wants, self.market, self.guards = wants, market, wants.guards
        late = self.guards is not None and self.guards.plan.delay > 1
        self.calm = None if self.guards is None or late else Calm(self.guards.plan)
        self.known: dict[int, Unmet] = {}

    def count(self, row: int, held: Sequence[int]) -> int:
        """Bars from ``row`` on, with the positions ``held``; after the last of them something may be decided."""
        rows = len(self.market.dates)
        if self.guards is None:
            return self.wants.quiet(row, rows)
        if self.calm is None or self.wants.pending or self.guards.closed:
            return 0
        if not all(held[column] for column in self.guards.guards):
            return 0
        end = min(rows, self.calm.until(self.guards.deciding.machine, row) + 1)
        return max(min([end, *(self._met(*one, row) for one in self.guards.guards.items())]) - row, 0)

    def _met(self, column: int, guard: Guard, row: int) -> int:
        """The first bar from ``row`` on that meets a position's stop or target."""
        known = self.known.get(column)
        if known is None or known.guard is not guard:
            bars = (each[row:, column] for each in (self.market.open, self.market.high, self.market.low))
            known = self.known[column] = unmet(guard, row, *bars)
        return known.row

    def through(self, last: int, held: Sequence[float]) -> None:
        """Bars up to ``last`` are done: trailing stops stand where they stood before it, and its close decides."""
        for column in self.guards.guards if self.guards is not None else ():
            known = self.known[column]
            known.guard.trail = float(known.trail[last - known.begin])
        high, low = (each[last].tolist() for each in (self.market.high, self.market.low))
        self.wants.after(last, held, high, low)

"""A plan of rules session by session: what is to be traded next, and where the stops of a position stand.

Both simulations of rules with stops take their decisions here; how they are filled is theirs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.backtest.inputs import Bools
from engine.backtest.market import Floats, Market
from engine.backtest.result import Ints
from engine.backtest.rules.machine import Machine, States
from engine.backtest.rules.plan import Plan
from engine.backtest.rules.sizing import Level
from engine.backtest.rules.told import codes, reason_names
from engine.backtest.rules.written import distance

GUARDS = ("stop", "trail", "take")


class Due(NamedTuple):
    """Decisions that trade at the next open, (m,) each: of ``columns``, to ``side``, taken after session ``row``.

    ``resize``: it only changes the size of a position on that side. ``was``: the side before it.
    """

    row: int
    columns: Ints
    side: Ints
    resize: Bools
    was: States


class Deciding:
    """Decisions after each session, from what the rules say and what stops closed; ``delay`` is waited for here."""

    def __init__(self, plan: Plan, market: Market) -> None:
        self.plan = plan
        self.market = market
        self.machine = Machine(plan)
        self.waiting: list[Due | None] = [None] * (plan.delay - 1)
        rules = plan.rules
        guards = (rules.stop, rules.trail, rules.take)
        self.names = reason_names(rules)
        self.guard_code = {name: len(self.names) + at for at, name in enumerate(GUARDS)}
        self.names += tuple(
            "" if each is None else f"{name} {distance(each)}"
            for name, each in zip(GUARDS, guards, strict=True)
        )
        self.factor = market.forward_factor() if (market.split != 1.0).any() else None

    def step(self, row: int, closed: Bools | None) -> Due | None:
        """What trades at the next open; ``closed``: positions that ended this session without a decision, if any.

        A decision on its way that changes the side stands: it was taken for after what was closed.
        """
        for late in self.waiting:
            if late is not None and closed is not None:
                closed = closed.copy()
                closed[late.columns[~late.resize]] = False
        before = self.machine.state
        ended = None if closed is None else closed & (before != 0)
        after = self.machine.step(row, ended)
        if ended is not None:
            before = np.where(ended, np.int8(0), before)
        changed: Bools = after != before
        resized = self._resized(row, after, changed)
        columns = (changed if resized is None else changed | resized).nonzero()[0]
        found = None
        if len(columns):
            side = after[columns].astype(np.int64)
            found = Due(row, columns, side, ~changed[columns], before[columns])
        if not self.waiting:
            return found
        self.waiting.append(found)
        return self.waiting.pop(0)

    def _resized(self, row: int, after: States, changed: Bools) -> Bools | None:
        if not self.plan.rebalance[row]:
            return None
        found: Bools = (after != 0) & ~changed
        return found if self.plan.weights is None else found & np.isfinite(self.plan.weights[row])

    def codes(self, due: Due) -> Ints:
        """Places in ``names`` of why it was decided."""
        return codes(self.plan, (due.row, due.columns), due.was, due.side.astype(np.int8))

    def codes_of(self, all_: list[Due]) -> Ints:
        """Places in ``names`` of many decisions, one after the other."""
        if not all_:
            return np.empty(0, dtype=np.int64)
        rows = np.repeat([each.row for each in all_], [len(each.columns) for each in all_])
        columns, was, side = (
            np.concatenate([getattr(each, name) for each in all_]) for name in ("columns", "was", "side")
        )
        return codes(self.plan, (rows, columns), was, side.astype(np.int8))

    def wants(self, row: Ints, columns: Ints, side: Ints) -> tuple[Floats | None, Floats]:
        """Weights of the equity (None: shares) and shares that decisions of ``row`` ask for, negative short."""
        if self.plan.weights is None:
            return None, (side * float(self.plan.shares or 0.0)).astype(np.float64)
        weights = np.where(side == 0, 0.0, side * self.plan.weights[np.maximum(row, 0), columns])
        return weights, np.zeros(len(columns))

    def away(self, level: Level | None, decided: Ints, columns: Ints, row: int, price: Floats) -> Floats:
        """How far from a fill at ``price`` in session ``row`` a level stands, in that session's shares."""
        if level is None:
            return np.full(len(columns), np.nan)
        if level.distance is None:
            return np.asarray(price * (level.fraction or 0.0))
        found = level.distance[decided, columns]
        if self.factor is not None:
            found = found * (self.factor[decided, columns] / self.factor[row, columns])
        return np.asarray(found)

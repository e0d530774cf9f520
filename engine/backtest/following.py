"""What an account that is not of shares does at the next open: signals worked out before, or a plan with stops."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.backtest.guards import Guards
from engine.backtest.market import Floats, Market
from engine.backtest.result import Signals
from engine.backtest.rules import Plan
from engine.backtest.targets import Targets


class Following:
    """``pending``, by column: what is wanted (a weight, or a count where ``counted``) and why; the account takes out
    what it has traded. ``guards``: of a plan, None of signals, which no fill changes.

    Parameters
    ----------
    wants : over the sessions and symbols of ``market``, whose prices they were decided on
    unit : see ``Guards``
    """

    def __init__(self, wants: Targets | Signals | Plan, market: Market, unit: Floats | None = None) -> None:
        self.pending: dict[int, tuple[float, str]] = {}
        self.guards = Guards(wants, market, unit) if isinstance(wants, Plan) else None
        self.counted = self.guards.counted if self.guards is not None else False
        self._said: dict[int, list[tuple[int, float, str]]] = {}
        self._order: NDArray[np.int64] | None = None
        if isinstance(wants, Plan):
            return
        signals = wants.signals if isinstance(wants, Targets) else wants
        self.counted = isinstance(wants, Targets) and wants.counted
        for row, column in zip(
            *(each.tolist() for each in np.nonzero(np.isfinite(signals.target))), strict=True
        ):
            told = (column, float(signals.target[row, column]), signals.reason(row, column))
            self._said.setdefault(row, []).append(told)

    def quiet(self, row: int, rows: int) -> int:
        """At how many opens from ``row`` on, of ``rows`` sessions, nothing waits; 0 where fills decide."""
        if self.guards is not None or self.pending:
            return 0
        if self._order is None:
            self._order = np.array(sorted(self._said), dtype=np.int64)
        place = int(np.searchsorted(self._order, row))
        last = int(self._order[place]) if place < len(self._order) else rows - 1
        return last - row + 1

    def after(self, row: int, held: Sequence[float], high: Sequence[float], low: Sequence[float]) -> None:
        """What is decided after a session: ``held`` (k,) at its close, ``high`` and ``low`` (k,) of what is held."""
        if self.guards is not None:
            self.guards.decide(row, held, high, low, self.pending)
        for column, target, reason in self._said.get(row, ()):
            self.pending[column] = (target, reason)

"""Why a position was opened, resized or closed: codes, and the rules' own words."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.backtest.rules.book import Ranking, Rules
from engine.backtest.rules.plan import Plan
from engine.backtest.rules.tree import Node
from engine.backtest.rules.written import expression, ranked

Ints: TypeAlias = NDArray[np.int64]
NOTHING, LONG, SHORT, EXIT, COVER, DROPPED, BOUGHT_BACK, HELD, RESIZED = range(9)


def reason_names(rules: Rules) -> tuple[str, ...]:
    """The words of each code."""
    return (
        "",
        _entry("long", rules.long, rules.longs),
        _entry("short", rules.short, rules.shorts),
        "" if rules.exit is None else f"exit when {expression(rules.exit)}",
        "" if rules.cover is None else f"cover when {expression(rules.cover)}",
        "" if rules.longs is None else f"no longer {ranked(rules.longs)}",
        "" if rules.shorts is None else f"no longer {ranked(rules.shorts)}",
        "" if rules.hold is None else f"hold {rules.hold}",
        "" if rules.rebalance is None else f"rebalance {rules.rebalance}",
    )


def codes(plan: Plan, at: tuple[Any, ...], was: NDArray[np.int8], now: NDArray[np.int8]) -> Ints:
    """Why states at some places, ``at`` (rows, columns), went from ``was`` to ``now``; where both are one: resized.

    A position that leaves its selection says so before it says that its condition ended; one that neither explains
    was closed by ``hold``.
    """
    told = np.full(len(was), RESIZED, dtype=np.int64)
    told[(was != now) & (now == 1)] = LONG
    told[(was != now) & (now == -1)] = SHORT
    for held, side, left, dropped in (
        (1, plan.long, EXIT, DROPPED), (-1, plan.short, COVER, BOUGHT_BACK)
    ):  # fmt: skip
        closed = (was == held) & (now == 0)
        if not closed.any():
            continue
        out = np.zeros(len(was), dtype=bool) if side.selected is None else ~side.selected[at]
        told[closed] = np.where(out, dropped, np.where(side.exit[at], left, HELD))[closed]
    return told


def _entry(name: str, condition: Node | None, ranking: Ranking | None) -> str:
    """``long when ...``, ``long top 20 by ...``, or both."""
    told = [f"when {expression(condition)}"] if condition is not None else []
    told += [ranked(ranking)] if ranking is not None else []
    return f"{name} {', '.join(told)}" if told else ""

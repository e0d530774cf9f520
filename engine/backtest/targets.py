"""What rules want after each session: a weight of the equity as notional, or a number of contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from engine.backtest.inputs import Bools
from engine.backtest.market import Floats, Market
from engine.backtest.result import Costs, Signals
from engine.backtest.rules import Plan, Rules, plan, signals
from engine.backtest.window import plan_from


@dataclass(frozen=True, slots=True)
class Targets:
    """``counted``: the signals' targets are contracts (coins, units), not weights."""

    signals: Signals
    counted: bool = False


def decisions(
    rules: Rules, market: Market, begin: int = 0, panels: Mapping[str, Floats] | None = None
) -> Targets | Plan:
    """The rules' answer over a market of signal prices, from row ``begin`` on (rows before it only warm up).

    A plan where stops or targets close positions within a bar, so that what is decided hangs on fills (``Guards``).
    """
    found = plan_from(plan(rules, market, panels=panels), begin)
    if any(each is not None for each in (found.stop, found.trail, found.take)):
        return found
    return _signalled(found)


def _signalled(found: Plan) -> Targets:
    if found.shares is None:
        return Targets(signals(found))
    count = float(found.shares)  # a number is as good as a weight to what turns decisions into signals
    counted = replace(
        found, shares=None, weights=np.full(found.long.entry.shape, count), rebalance=_never(found)
    )
    return Targets(signals(counted), counted=True)


def _never(found: Plan) -> Bools:
    return np.zeros(found.rebalance.shape, dtype=bool)


def refuse(costs: Costs, *, impact: bool, borrow: bool = True) -> None:
    """Costs that cannot be charged here are refused, not passed over.

    Raises
    ------
    ValueError
        A participation limit; impact where volume is not in units traded; borrow fees and rebates.
    """
    if costs.participation is not None:
        raise ValueError(
            "No part of a session's volume limits orders here, they fill whole at the open: leave PARTICIPATION= out"
        )
    if costs.impact and not impact:
        raise ValueError(
            "IMPACT= needs volume in the units that are traded, which these bars do not have: SLIP= charges instead"
        )
    if borrow and (costs.borrow_rate or costs.short_rebate):
        raise ValueError("Nothing is borrowed to be short here: leave BORROW= and REBATE= out")

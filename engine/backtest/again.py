"""The same strategy once more: at other costs, or with its decisions carried out later.

What is decided hangs on neither, but for code that gives orders itself and sees its account: decisions are made once,
and only their trading is simulated again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from engine.backtest.inputs import Code, Inputs, RunSpec
from engine.backtest.result import Costs, Result, Signals
from engine.backtest.run import Told, run_ordered, run_plan, run_weights
from engine.backtest.window import plan_from, signals_from


class Trade(Protocol):
    """Trades at these costs, every decision ``later`` sessions than it was; ``told`` as in ``run``."""

    def __call__(self, costs: Costs, later: int = 0, told: Told | None = None) -> Result: ...


@dataclass(frozen=True, slots=True)
class Again:
    """A strategy ready to be traded again. ``later``: whether it can be carried out later, too."""

    trade: Trade
    later: bool


def again(inputs: Inputs, spec: RunSpec, told: Told | None = None) -> Again:
    """Decides once, as ``run`` does.

    Of rules ``later`` adds to their ``delay``; weights of code move down as many rows, and what they wanted before
    the first session stands there. At the run's own costs and 0 sessions later the result is that of ``run``. Orders
    of code are given anew in every run, for they answer to the account, and cannot come later.

    Raises
    ------
    RuleError, StrategyError
        As ``run``.
    """
    if isinstance(spec.strategy, Code):
        return _of_code(inputs, spec, spec.strategy, told)
    return Again(_of_rules(inputs, spec, spec.strategy), True)


def _of_rules(inputs: Inputs, spec: RunSpec, text: str) -> Trade:
    from engine.backtest import rules

    read = rules.parse(text, panels=tuple(inputs.panels), universes=tuple(inputs.members) or None)
    plan = rules.plan(read, inputs.decided, panels=inputs.panels, members=inputs.members, alone=spec.accounts)
    own = plan_from(plan, inputs.begin)
    alone = spec.accounts or len(inputs.market.symbols) == 1
    changes = alone and read.rebalance is None
    known: dict[int, Signals] = {}

    def trade(costs: Costs, later: int = 0, told: Told | None = None) -> Result:
        late, at = replace(own, delay=own.delay + later), replace(spec, costs=costs)
        if own.needs_fills:
            return run_plan(inputs, at, late, told).result
        if later not in known:
            known[later] = rules.signals(late)
        return run_weights(inputs, at, known[later], changes, told).result

    return trade


def _of_code(inputs: Inputs, spec: RunSpec, code: Code, told: Told | None) -> Again:
    from engine.backtest import strategy

    made = strategy.loads(code.source, code.name, code.parameters).strategy
    if isinstance(made, strategy.OrderStrategy):
        return Again(_of_orders(inputs, spec, code), False)
    wanted = strategy.decisions(made, inputs.decided, panels=inputs.panels, told=told).target
    reasons = np.zeros(wanted.shape, dtype=np.int64)

    def trade(costs: Costs, later: int = 0, told: Told | None = None) -> Result:
        moved = wanted
        if later:
            moved = np.full(wanted.shape, np.nan)
            moved[later:] = wanted[:-later]
        own = signals_from(Signals(moved, reasons, (code.name,)), inputs.begin)
        return run_weights(inputs, replace(spec, costs=costs), own, spec.accounts, told).result

    return Again(trade, True)


def _of_orders(inputs: Inputs, spec: RunSpec, code: Code) -> Trade:
    from engine.backtest import strategy

    def trade(costs: Costs, later: int = 0, told: Told | None = None) -> Result:
        given = strategy.loads(code.source, code.name, code.parameters).strategy
        if later or not isinstance(given, strategy.OrderStrategy):
            raise ValueError("Orders of code answer to the account: they cannot come later")
        return run_ordered(inputs, replace(spec, costs=costs), given, told).result

    return trade

"""A run: a strategy over what it is given, decided after each close, filled at the next session, accounted for.

Rules and weights run in arrays, whatever they cost and whatever margin they keep. The simulation of orders, which
books the same to the last unit, is for strategies that give orders themselves (``simulate.run_events``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from engine.backtest import conventions
from engine.backtest.costs import volatility
from engine.backtest.inputs import FILLS, Code, Inputs, Outcome, RunSpec
from engine.backtest.kernel import run_fast
from engine.backtest.kernel_guarded import run_guarded_days
from engine.backtest.market import Floats, Market
from engine.backtest.result import Signals
from engine.backtest.rules.plan import Plan
from engine.backtest.window import filled_at, market_from, plan_from, signals_from

if TYPE_CHECKING:
    from engine.backtest.strategy import OrderStrategy

Told = Callable[[int, int], None]


def run(inputs: Inputs, spec: RunSpec, told: Told | None = None) -> Outcome:
    """Simulates a strategy from ``inputs.begin`` on.

    Parameters
    ----------
    told : called with the steps done and all of them; what it raises ends the run

    Returns
    -------
    Outcome
        Its result has the rows from ``inputs.begin`` on. The account starts there with its capital; the first
        decision is made after that session's close, and rows before it only warm up what is computed.

    Raises
    ------
    RuleError, StrategyError
        What is wrong with the strategy, and where.
    ValueError
        Terms that do not go together: stops with fills elsewhere than at the open.

    Notes
    -----
    Rules begin flat: a condition that holds at the first session enters there, a crossing of before does not. What
    code last wanted before the first session stands at it.
    """
    if spec.fill not in FILLS:
        raise ValueError(f"fill is {spec.fill!r}; it is one of {', '.join(FILLS)}")
    if isinstance(spec.strategy, Code):
        return _run_code(inputs, spec, spec.strategy, told)
    return _run_rules(inputs, spec, spec.strategy, told)


def _run_rules(inputs: Inputs, spec: RunSpec, text: str, told: Told | None) -> Outcome:
    from engine.backtest import rules

    read = rules.parse(text, panels=tuple(inputs.panels), universes=tuple(inputs.members) or None)
    plan = rules.plan(read, inputs.decided, panels=inputs.panels, members=inputs.members, alone=spec.accounts)
    own = plan_from(plan, inputs.begin)
    if plan.needs_fills:
        return run_plan(inputs, spec, own, told)
    # weights that only open and close differ from one to the next: the trades are the same, and faster found
    alone = spec.accounts or len(inputs.market.symbols) == 1
    changes = alone and read.rebalance is None
    return run_weights(inputs, spec, rules.signals(own), changes, told)


def _run_code(inputs: Inputs, spec: RunSpec, code: Code, told: Told | None) -> Outcome:
    from engine.backtest import strategy

    made = strategy.loads(code.source, code.name, code.parameters)
    if isinstance(made.strategy, strategy.OrderStrategy):
        return run_ordered(inputs, spec, made.strategy, told)
    asked = len(inputs.market.dates)
    steps = 2 * asked - inputs.begin
    wanted = strategy.decisions(
        made.strategy, inputs.decided, panels=inputs.panels, told=_part(told, 0, steps)
    ).target
    named = Signals(wanted, np.zeros(wanted.shape, dtype=np.int64), (code.name,))
    own = signals_from(named, inputs.begin)
    return run_weights(inputs, spec, own, spec.accounts, _part(told, asked, steps))


def run_ordered(inputs: Inputs, spec: RunSpec, given: OrderStrategy, told: Told | None) -> Outcome:
    """Code that gives orders itself."""
    from engine.backtest.strategy.ordering import run_orders

    moved = volatility(inputs.market)[inputs.begin :] if spec.costs.scaled else None
    result = run_orders(inputs, spec, given, moved=moved, told=told)
    return Outcome(result, "events", conventions.of_given_orders(spec, result))


def run_plan(inputs: Inputs, spec: RunSpec, plan: Plan, told: Told | None) -> Outcome:
    """Rules with stops, targets or numbers of shares."""
    if spec.fill != "open" and any((plan.stop, plan.trail, plan.take)):
        raise ValueError(
            f"Stops and targets work within a session from its open on, so entries fill at the open, not at the "
            f"{spec.fill}: leave FILL out, or take the stops out of the rules."
        )
    market, moved = _market(inputs, spec)

    result = run_guarded_days(
        market, plan, spec.costs, spec.terms, accounts=spec.accounts, moved=moved, told=told
    )
    return Outcome(result, "fast", conventions.of_orders(inputs, spec, plan, result))


def _part(told: Told | None, before: int, steps: int) -> Told | None:
    """Steps of a part, told as those of the whole."""
    return None if told is None else lambda done, _: told(before + done, steps)


def run_weights(inputs: Inputs, spec: RunSpec, signals: Signals, changes: bool, told: Told | None) -> Outcome:
    """Weights."""
    market, moved = _market(inputs, spec)
    result = run_fast(
        market,
        signals,
        spec.costs,
        spec.terms,
        accounts=spec.accounts,
        on_change=changes,
        moved=moved,
        told=told,
    )
    return Outcome(result, "fast", conventions.of_weights(inputs, spec, result))


def _market(inputs: Inputs, spec: RunSpec) -> tuple[Market, Floats | None]:
    """The market of the account, and how much prices moved before each of its sessions, from those before it too."""
    market = market_from(filled_at(inputs.market, spec.fill), inputs.begin)
    moved = volatility(inputs.market)[inputs.begin :] if spec.costs.scaled else None
    return market, moved

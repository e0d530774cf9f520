"""The proof by trial that a run's decisions use nothing later: the future is altered, and no decision may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.backtest.inputs import Inputs, RunSpec
    from engine.backtest.market import Market
    from engine.backtest.orders import Order
    from engine.backtest.strategy import OrderStrategy, Violation

CUTS = 6
_CELLS = 3_000_000  # of a market, above which fewer symbols are looked at


def prove(inputs: Inputs, spec: RunSpec, seed: int = 0) -> tuple[int, tuple[Violation, ...]]:
    """How many sessions were tried, and the decisions that changed once what came after one was altered.

    Membership is not altered: who belongs to a universe on a day is read as known then.
    """
    from engine.backtest import strategy
    from engine.backtest.inputs import Code

    if isinstance(spec.strategy, Code):
        made = strategy.loads(spec.strategy.source, spec.strategy.name, spec.strategy.parameters)
        if isinstance(made.strategy, strategy.OrderStrategy):
            return CUTS, _orders_changed(inputs, spec, made.strategy, seed)
        return CUTS, strategy.prove_causal(made.strategy, inputs.decided, CUTS, seed, panels=inputs.panels)
    text = spec.strategy
    cuts = CUTS if inputs.market.close.size < _CELLS else 2

    def answer(market: Market, panels: object) -> NDArray[np.generic]:
        return _decisions(text, inputs, market, panels)

    return cuts, strategy.changes(answer, inputs.decided, cuts, seed, panels=inputs.panels)


def _orders_changed(inputs: Inputs, spec: RunSpec, given: OrderStrategy, seed: int) -> tuple[Violation, ...]:
    """The same of orders, which hang on the account too: everything is simulated anew."""
    from engine.backtest import strategy

    strategy.copied(given)  # says so where it cannot be

    def answer(market: Market, panels: object) -> NDArray[np.float64]:
        return _ordered(inputs, spec, strategy.copied(given), market, panels)

    return strategy.changes(answer, inputs.decided, CUTS, seed, panels=inputs.panels)


def _ordered(
    inputs: Inputs, spec: RunSpec, given: OrderStrategy, market: Market, panels: object
) -> NDArray[np.float64]:
    """Shares ordered after each session (n, k); what else an order says shows in the last digits."""
    from dataclasses import replace
    from zlib import crc32

    import numpy as np

    from engine.backtest.costs import volatility
    from engine.backtest.strategy.ordering import run_orders

    found = np.zeros(market.close.shape)
    if len(found) <= inputs.begin:
        return found

    def enter(row: int, orders: tuple[Order, ...]) -> None:
        for one in orders:
            plain = replace(one, then=()) if callable(one.then) else one
            found[row, market.symbols.index(one.symbol)] += one.shares + crc32(repr(plain).encode()) * 1e-16

    seen: dict[str, NDArray[np.float64]] = dict(panels)  # type: ignore[call-overload]
    altered = replace(inputs, market=market, seen=None, panels=seen, members={})
    moved = volatility(market)[inputs.begin :] if spec.costs.scaled else None
    run_orders(altered, spec, given, moved=moved, given=enter)
    return found


def _decisions(text: str, inputs: Inputs, market: Market, panels: object) -> NDArray[np.float64]:
    """What the rules want on each session (n, k): entries and exits of both sides, and sizes."""
    import numpy as np

    from engine.backtest import rules

    rows = len(market.dates)
    seen: dict[str, NDArray[np.float64]] = dict(panels)  # type: ignore[call-overload]
    members = {name: mask[:rows] for name, mask in inputs.members.items()}
    read = rules.parse(text, panels=tuple(seen), universes=tuple(members) or None)
    plan = rules.plan(read, market, panels=seen, members=members)
    codes = plan.long.entry + 2.0 * plan.long.exit + 4.0 * plan.short.entry + 8.0 * plan.short.exit
    sizes = np.zeros(codes.shape) if plan.weights is None else np.nan_to_num(plan.weights, nan=-1.0)
    return np.asarray(codes + sizes / 1024.0, dtype=np.float64)

"""The proof by trial that a run's decisions use nothing later: the future is altered, and no decision may change."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.backtest.inputs import Inputs, RunSpec
    from engine.backtest.market import Market
    from engine.backtest.strategy import Violation

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
        return CUTS, strategy.prove_causal(made.strategy, inputs.decided, CUTS, seed, panels=inputs.panels)
    text = spec.strategy
    cuts = CUTS if inputs.market.close.size < _CELLS else 2

    def answer(market: Market, panels: object) -> NDArray[np.generic]:
        return _decisions(text, inputs, market, panels)

    return cuts, strategy.changes(answer, inputs.decided, cuts, seed, panels=inputs.panels)


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

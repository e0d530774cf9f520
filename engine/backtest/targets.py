"""What rules want after each session: a weight of the equity as notional, or a number of contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.backtest.market import Floats, Market
from engine.backtest.result import Costs, Signals
from engine.backtest.rules import Rules, plan, signals, states
from engine.backtest.rules.told import reason_names, reasons


@dataclass(frozen=True, slots=True)
class Targets:
    """``counted``: the signals' targets are contracts (coins, units), not weights."""

    signals: Signals
    counted: bool = False


def targets(rules: Rules, market: Market, panels: Mapping[str, Floats] | None = None) -> Targets:
    """The rules' answer over a market of signal prices.

    Raises
    ------
    ValueError
        The rules have stops or targets: the decisions here are filled at the next open, not within a bar.
    """
    found = plan(rules, market, panels=panels)
    words = [name for name in ("stop", "trail", "take") if getattr(found, name) is not None]
    if words:
        raise ValueError(
            f"{' and '.join(words)} cannot be carried out: futures, currencies and crypto are traded at the next "
            "open, not within a bar. Say the way out as a rule: exit when close < highest(close, 20) - 3*atr(20)."
        )
    if found.shares is None:
        return Targets(signals(found))
    state = states(found)
    before = np.vstack([np.zeros((1, state.shape[1]), dtype=np.int8), state[:-1]])
    target = np.where(state != before, state * found.shares, np.nan)
    codes = reasons(found, before, state, np.zeros(state.shape, dtype=bool))
    late = min(found.delay - 1, len(state))
    if late:
        target = np.vstack([np.full((late, state.shape[1]), np.nan), target[: len(state) - late]])
        codes = np.vstack([np.zeros((late, state.shape[1]), dtype=np.int64), codes[: len(state) - late]])
    return Targets(Signals(target, codes, reason_names(rules)), counted=True)


def refuse(costs: Costs, *, impact: bool, borrow: bool = True) -> None:
    """Costs that cannot be charged here are refused, not passed over.

    Raises
    ------
    ValueError
        A participation limit; impact where volume is not in units traded; borrow fees and rebates.
    """
    if costs.participation is not None:
        raise ValueError(
            "A participation limit is not served here: orders fill whole at the open. Leave it out."
        )
    if costs.impact and not impact:
        raise ValueError(
            "Impact needs volume in the units that are traded, which these bars do not have. Give slippage instead."
        )
    if borrow and (costs.borrow_rate or costs.short_rebate):
        raise ValueError(
            "Nothing is borrowed to be short here: leave out the borrow fee and the short rebate."
        )


def opinions(signals: Signals, begin: int) -> Mapping[int, tuple[float, str]]:
    """What was wanted last before a session, by column: what a run that begins there takes up."""
    found = {}
    for column in range(signals.target.shape[1]):
        rows = np.flatnonzero(np.isfinite(signals.target[:begin, column]))
        if len(rows) and signals.target[rows[-1], column] != 0:
            row = int(rows[-1])
            found[column] = (float(signals.target[row, column]), signals.reason(row, column))
    return found

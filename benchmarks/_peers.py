"""What sides of the comparison of peers share: ours on given terms, prices that a peer can hold, who is compared.

A side is made once from a market and called for an answer: final equity of each symbol's own account, and how many
trades it made (those still open count). What a side needs of its own (frames, bars, a bundle) is made before any
call is timed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from benchmarks.backtest_crossover import CAPITAL, FEE, SLIP
from engine.backtest.inputs import Inputs, RunSpec
from engine.backtest.market import Market
from engine.backtest.result import Costs, Terms
from engine.backtest.run import run

Answer: TypeAlias = tuple[np.ndarray, int]
Side: TypeAlias = Callable[[], Answer]
RULES = "50SMA.200SMA"
COSTS = Costs(per_notional=FEE, slippage=SLIP)
PRICES = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True)
class Peer:
    """An engine beside ours: ``make`` is it, ``mine`` ours on its terms, ``market`` what both get of the walk.

    ``module``: what must be installed. ``symbols``: how many it is given.
    """

    module: str
    make: Callable[[Market], Side]
    mine: Callable[[Market], Side]
    symbols: int
    market: Callable[[Market], Market] = lambda given: given


def ours(given: Market, fractional: bool = True, costs: Costs = COSTS) -> Side:
    """Everything from the text of the rule on."""
    spec = RunSpec(RULES, costs, Terms(CAPITAL, fractional), accounts=True)

    def call() -> Answer:
        result = run(Inputs(given), spec).result
        return np.asarray(result.accounts)[-1], len(result.trades)

    return call


def whole_shares(given: Market) -> Side:
    return ours(given, fractional=False)


def rounded(given: Market, decimals: int) -> Market:
    """Prices that a side which stores so many decimals can hold."""
    return replace(given, **{name: np.round(getattr(given, name), decimals) for name in PRICES})


def frames(given: Market) -> list[Any]:
    """Bars by symbol as pandas' frames."""
    import pandas as pd

    index = pd.DatetimeIndex(given.dates.astype("M8[ns]"))
    return [
        pd.DataFrame({name: getattr(given, name)[:, at] for name in (*PRICES, "volume")}, index=index)
        for at in range(len(given.symbols))
    ]

"""What BACKTEST's run leaves had trading cost more, or its decisions come later: each cell a run of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.backtest import honesty
from engine.figures import Heatmap
from engine.functions._backtest_found import Found, traded_weights
from engine.page import Panel
from engine.quant import performance as perf

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.backtest.result import Result
    from engine.context import Context
    from engine.runs.again import Varied

_COSTS = (0.0, 5.0, 10.0, 15.0, 25.0, 50.0)  # basis points of what is traded
_DELAYS = (0, 1, 2, 5, 10)  # sessions later than it was run
_LEAST = 40  # sessions


def robust(context: Context, found: Found) -> Panel | None:
    """Sharpe ratios at other costs and later decisions; what of it cannot be told, a note says.

    Raises
    ------
    Cancelled
    """
    from engine.runs.again import varied

    if len(found.returns) < _LEAST:
        context.note(f"Costs and delays are varied of {_LEAST} sessions or more: a longer range has them.")
        return None
    ways = varied(context, found.run)
    if ways is None:
        return _approximated(context, found)
    if ways.later == (0,):
        context.note(_NEVER_LATER[found.run.asked.kind == "options"])
    elif ways.few:
        context.note(
            f"A run of {found.run.market.close.size:,} bars takes a while: only a few costs and delays were tried. "
            "A shorter range tries all."
        )
    return Panel("robust", _title(found), _grid(context, found, ways), 2)


_NEVER_LATER = {
    True: "Only what fills cost is varied: legs of options are chosen on the quotes of their day, and no later one "
    "has the same contracts to offer.",
    False: "Only costs are varied: orders given in Python answer to the account of their day, and cannot come later. "
    "Rules (delay 2) and classes that decide weights can.",
}


def _title(found: Found) -> str:
    if found.run.asked.kind == "options":
        return "Sharpe ratio had fills been further from the mid, in quoted spreads: each cell a run"
    return "Sharpe ratio had trading cost more, or come later: each cell a run"


def _grid(context: Context, found: Found, ways: Varied) -> Heatmap:
    from engine.runs.again import Variation

    rows, total = [], len(ways.later) * len(ways.costs)
    for down, later in enumerate(ways.later):
        row = []
        for across, dearer in enumerate(ways.costs):
            context.check_cancelled()
            context.progress(down * len(ways.costs) + across, total, "running at other costs, and later")
            own = not later and dearer == 0.0
            result = found.run.outcome.result if own else ways.trade(Variation(dearer, later))
            row.append(ratio(found, result))
        rows.append(row)
    grid = np.array(rows)
    step = "sessions" if not found.within else "bars"
    return Heatmap(
        tuple(f"{each} later" if each else "as run" for each in ways.later),
        ways.names,
        grid,
        "ratio",
        2,
        scale=_scale(grid),
        row_title=step,
        column_title="cost",
        formula=f"Sharpe ratio over the risk-free rate, as the report's, of {total - 1} further runs of the same "
        f"strategy: every decision carried out so many {step} later, and every fill dearer by so much. As run it "
        f"pays {ways.told or 'nothing'}; no cost leaves out commissions, spread, slippage and impact, and keeps "
        "interest, fees on shorts and taxes",
    )


def ratio(found: Found, result: Result | None) -> float:
    """The Sharpe ratio as the headline has it; NaN of what did not run, never traded or lost everything."""
    if result is None or not len(result.trades) or not (result.returns > -1.0).all():
        return float("nan")
    returns, rate = result.returns, found.rate
    if len(returns) != len(rate) or (result.dates != found.run.outcome.result.dates).any():
        place = np.searchsorted(found.dates, result.dates)
        there = found.dates[np.minimum(place, len(rate) - 1)] == result.dates
        returns, rate = returns[there], rate[place[there]]
    if len(returns) < _LEAST:
        return float("nan")
    return float(perf.sharpe_ratio(returns, rate, periods=found.run.periods))


def _scale(grid: NDArray[np.float64]) -> Literal["diverging", "sequential"]:
    known = grid[np.isfinite(grid)]
    return "diverging" if len(known) and known.min() < 0 < known.max() else "sequential"


def _approximated(context: Context, found: Found) -> Panel | None:
    """Without running again: weights held at closes and sessions' returns."""
    size = f"{found.run.market.close.size:,} bars"
    if not found.plain:
        context.note(
            f"To run {size} at other costs takes too long here: a shorter range shows what they leave.",
            "warning",
        )
        return None
    context.note(
        f"To run {size} at each cost and delay takes too long here, so they are approximated from the weights at "
        "closes, with figures of their own. A shorter range runs them."
    )
    title = "Sharpe ratio at other costs or later, approximated from weights at closes"
    return Panel("robust", title, approximated(found), 2)


def approximated(found: Found) -> Heatmap:
    """What weights at closes would have earned in sessions' returns: no run, and not the report's figures."""
    prices = found.run.market.signal_prices(dividends=True)["close"]
    moves = np.full(prices.shape, np.nan)
    with np.errstate(invalid="ignore"):
        moves[1:] = prices[1:] / prices[:-1] - 1.0
    weights = np.asarray(found.run.outcome.result.weights)
    # what is held at a close earns the next session's return: that is a delay of one
    delays = [1 + each for each in _DELAYS]
    turned = np.abs(traded_weights(found)).sum(axis=1)
    grid = honesty.cost_delay_grid(
        weights, moves, np.array(_COSTS) * 1e-4, delays, found.run.periods, traded=turned
    )
    return Heatmap(
        tuple(f"{each} later" if each else "in time" for each in _DELAYS),
        tuple(f"{each:g} bp" for each in _COSTS),
        grid.sharpe,
        "ratio",
        2,
        scale=_scale(grid.sharpe),
        row_title="sessions",
        column_title="cost of what is traded",
        formula="Approximated: Sharpe ratio of the weights held at closes, earned so many sessions later, less the "
        f"cost of what was traded for them; over {grid.sessions:,} sessions; cash earns nothing and no rate is taken "
        "off",
    )

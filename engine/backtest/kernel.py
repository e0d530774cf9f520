"""The vectorised simulation of signals: the same accounts as the event-driven one, without its orders.

Two ways, chosen by what the market and the costs ask for. ``points``: accounts by symbol over complete bars without
actions, financing, margin or limits by volume, where nothing happens between trades; work is done at trades only.
``days``: all else, a session at a time over all symbols.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from engine.backtest.costs import volatility
from engine.backtest.kernel_days import run_days
from engine.backtest.kernel_points import run_points
from engine.backtest.market import Floats, Market
from engine.backtest.result import Costs, Result, Signals, Terms


def run_fast(
    market: Market,
    signals: Signals,
    costs: Costs | None = None,
    terms: Terms | None = None,
    *,
    accounts: bool = False,
    on_change: bool | None = None,
    moved: Floats | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Result:
    """Simulates target weights decided at each close and filled at the next session's open.

    Agrees with ``run_events`` to the cent of the currency. ``days`` rounds each booking as the ledger does,
    ``points`` none.

    Parameters
    ----------
    accounts : each symbol an account of its own with the whole capital; else one account shares it.
    on_change : whether a weight trades only where it differs from the last one wanted; else each number rebalances.
        By default with ``accounts``.
    moved : a day's volatility before each session (n, k), of ``costs.volatility`` over this market where not given
    told : called with the sessions done and all of them; what it raises ends the run

    Raises
    ------
    ValueError
        Where shapes do not fit.
    """
    costs, terms = costs or Costs(), terms or Terms()
    changes = accounts if on_change is None else on_change
    if signals.target.shape != market.close.shape:
        raise ValueError(f"signals have shape {signals.target.shape}; the market's is {market.close.shape}")
    bound = any(
        each is not None for each in (terms.initial_margin, terms.maintenance_margin, costs.participation)
    )
    alone = accounts or len(market.symbols) == 1
    if alone and not bound and changes and not costs.financed and not costs.scaled and _plain(market):
        found = run_points(market, signals, costs, terms)
        if found is not None:
            if told is not None:
                told(len(market.dates), len(market.dates))
            return found if accounts else replace(found, accounts=None)
    moved = volatility(market) if costs.scaled and moved is None else moved
    return run_days(market, signals, costs, terms, accounts, changes, moved, told)


def _plain(market: Market) -> bool:
    """Bars at every session, and no action or delisting."""
    if (market.last >= 0).any() or (market.split != 1.0).any() or market.dividend.any():
        return False
    return bool(np.isfinite(market.open.sum() + market.close.sum()))

"""How much of the account a position takes, and how far its stops stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats, Market
from engine.backtest.rules.book import Distance, Rules
from engine.backtest.rules.characteristics import standing, volatility
from engine.backtest.rules.optimised import OPTIMISERS
from engine.backtest.rules.tree import Number
from engine.backtest.rules.values import Values

_KNOWN = 0.8  # of a window's returns


@dataclass(frozen=True, slots=True)
class Level:
    """How far a stop, a trailing stop or a target stands: ``fraction`` of the entry's price, or ``distance`` (n, k)
    of the session of the decision, in the price and the shares of that session (a later split divides it)."""

    fraction: float | None = None
    distance: Floats | None = None


def weights(rules: Rules, values: Values, counts: Floats | None) -> Floats | None:
    """Share of the equity of a position opened or resized after each session (n, k), NaN where it is not known (no
    bar, no volatility); None where the rules say shares, or leave it to an optimiser (``optimised``).

    ``counts``: names that the rules may hold on each session (n,), where their rankings tell; the symbols listed by
    then otherwise.
    """
    kind, given = rules.size.kind, rules.size.values
    if kind == "shares" or kind in OPTIMISERS:
        return None
    market = values.market
    there = np.isfinite(market.close)
    if kind == "weight":
        return _where(there, np.float64(given[0]))
    parts = (1.0 / np.maximum(listed(market).sum(axis=1) if counts is None else counts, 1.0))[:, None]
    if kind == "equal":
        return _where(there, parts)
    target, window, most = given[0], int(given[1]), given[2]
    moved = volatility(
        standing(market.signal_prices(dividends=True)["close"]), window, max(2, int(_KNOWN * window))
    )
    scale = np.minimum(target / np.where(moved > 0, moved, np.nan), most)
    return np.where(there, parts * scale, np.nan)


def _where(there: NDArray[np.bool_], values: Floats | np.float64) -> Floats:
    """Values where there is a bar, NaN elsewhere; of complete bars nothing is written."""
    return np.broadcast_to(values, there.shape) if there.all() else np.where(there, values, np.nan)


def listed(market: Market) -> NDArray[np.bool_]:
    """Symbols that have had a bar by each session and were not delisted before it: what is known of them that day."""
    seen = np.logical_or.accumulate(np.isfinite(market.close), axis=0)
    rows = np.arange(len(market.dates))[:, None]
    return seen & ((market.last < 0) | (rows <= market.last))


def level(distance: Distance | None, values: Values) -> Level | None:
    """What a distance is over a market. One that is unknown or not above 0 is NaN."""
    if distance is None:
        return None
    if distance.fraction and isinstance(distance.of, Number):
        return Level(fraction=distance.of.value)
    told = np.broadcast_to(values.number(distance.of), values.shape) / values.market.forward_factor()
    return Level(distance=np.where(told > 0, told, np.nan))

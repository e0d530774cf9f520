"""What a fill costs: its price after spread, slippage and impact, its commission, and what a weight buys after both.

All take numbers or arrays alike, so that both simulations use the same formulas.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.backtest.market import Floats, Market
from engine.backtest.money import WHOLE
from engine.backtest.result import Costs

WINDOW = 20  # sessions of the volatility that slippage and impact scale with
SLACK = 1e-12  # of a quotient: nearer to a whole number than that, it counts as it
NUDGE = 1.0 + SLACK


def volatility(market: Market) -> Floats:
    """Standard deviation (ddof 1) of the ``WINDOW`` daily log returns before each session (n, k); 0 until known.

    Sessions without a bar count as not having moved.
    """
    close = market.close * market.forward_factor()
    rows = np.where(np.isfinite(close), np.arange(len(close))[:, None], 0)
    close = np.take_along_axis(close, np.maximum.accumulate(rows, axis=0), axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        moves = np.diff(np.log(close), axis=0)
    found = np.zeros_like(close)
    if len(moves) >= WINDOW:
        windows = np.lib.stride_tricks.sliding_window_view(moves, WINDOW, axis=0)
        known = windows.std(axis=-1, ddof=1)
        found[WINDOW + 1 :] = np.nan_to_num(known[:-1], nan=0.0)
    return found


def rates(costs: Costs, shares: Any, volume: Any, volatility: Any) -> dict[str, Any]:
    """How far a fill lies from the price, by kind, as fractions of it.

    Impact: ``impact * volatility * sqrt(shares / volume)`` (Torre 1997; Almgren, Thum, Hauptmann and Li 2005).
    Without volume there is nothing to scale by: the order counts as the whole session's.
    """
    found: dict[str, Any] = {
        "spread": costs.spread / 2,
        "slippage": costs.slippage + costs.slippage_volatility * np.asarray(volatility),
    }
    if costs.impact:
        traded = np.nan_to_num(np.asarray(volume, float), nan=0.0)
        share = np.divide(np.abs(shares), traded, out=np.ones(np.shape(shares)), where=traded > 0)
        found["impact"] = costs.impact * np.asarray(volatility) * np.sqrt(share)
    return found


def commission(costs: Costs, shares: Any, price: Any) -> Any:
    """``max(minimum, per_share * shares + per_notional * notional)``; nothing where nothing was traded."""
    count = np.abs(shares)
    charged = costs.per_notional * count * price
    if costs.per_share:
        charged = costs.per_share * count + charged
    charged = np.maximum(costs.minimum, charged)
    return np.where(count > 0, charged, 0.0) if costs.minimum else charged


def wanted(costs: Costs, weight: Any, equity: Any, price: Any) -> Any:
    """Shares that ``weight`` of ``equity`` asks for at ``price``.

    A long's weight is a budget that pays for its costs as well, so that weight 1 spends the account and no more:
    ``weight * equity / (price (1 + spread/2 + slippage) (1 + per_notional) + per_share)``. A short's is its exposure,
    ``weight * equity / price``. An account that has lost all wants nothing.
    """
    weight, price = np.asarray(weight), np.asarray(price)
    outlay = price * (1 + costs.spread / 2 + costs.slippage) * (1 + costs.per_notional) + costs.per_share
    return weight * np.maximum(equity, 0.0) / np.where(weight > 0, outlay, price)


def in_lots(shares: Any, lots: int, lot: int = 1) -> Any:
    """Lots of it, towards nothing; whole shares but for a float's last bits count as whole.

    ``lot``: whole shares come in so many (a round lot), and what is less than one is left.
    """
    if lots != WHOLE:
        return np.trunc(np.asarray(shares) * lots)
    whole = _whole(shares)
    return whole if lot == 1 else np.trunc(whole / lot) * lot


def nearest_lots(units: Any, lots: int) -> Any:
    """Lots out of a product of lots: whole shares towards nothing, fractions of one to the nearest lot."""
    return _whole(units) if lots == WHOLE else np.rint(units)


def _whole(shares: Any) -> Any:
    """Whole shares towards nothing. Of more than 1e12 a float's last bits are shares: none are added to them."""
    given = np.asarray(shares)
    near = np.rint(given)
    return np.where(np.abs(near - given) <= np.abs(given) * SLACK, near, np.trunc(given))

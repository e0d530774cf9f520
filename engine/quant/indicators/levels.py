"""Lines over prices that TA-Lib has not: the anchored volume weighted average price, and Ichimoku's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.quant.indicators.bars import Floats
from engine.quant.indicators.indicator import Value
from engine.quant.performance._panels import ratio


def anchored_vwap(
    settings: Mapping[str, Value],
    high: Floats,
    low: Floats,
    close: Floats,
    volume: Floats,
    dates: NDArray[np.datetime64] | None = None,
) -> dict[str, Floats]:
    """Sum of typical price x volume over sum of volume, from the first bar on or after the anchor (Shannon 2008).

    NaN before the anchor, and until something was traded. Without an anchor it begins with the first bar.
    """
    typical = (high + low + close) / 3
    counted = np.ones(len(close), dtype=np.bool_)
    if settings["anchor"]:
        if dates is None:
            raise ValueError("AVWAP counts from a date: give the bars' dates too.")
        counted = dates >= np.datetime64(str(settings["anchor"]), "D")
    money = np.cumsum(np.where(counted[:, None], typical * volume, 0.0), axis=0)
    shares = np.cumsum(np.where(counted[:, None], volume, 0.0), axis=0)
    return {"avwap": np.where(shares > 0, ratio(money, np.where(shares > 0, shares, 1.0)), np.nan)}


def ichimoku(settings: Mapping[str, Value], high: Floats, low: Floats, close: Floats) -> dict[str, Floats]:
    """Hosoda's equilibrium lines (1968), each as it was known on its own bar.

    conversion = middle of the last 9 bars' range, base = of 26. The leading spans drawn at a bar were computed
    ``displacement`` bars before it: span_a = (conversion + base) / 2 and span_b = middle of 52, moved forward. The
    lagging span is by definition today's close drawn 26 bars back, which a value at its bar cannot know; ``lagging``
    is what a reader of the chart compares on that bar: the close over the close ``displacement`` bars before, less 1.
    """
    moved = int(settings["displacement"])
    conversion = _middle(high, low, int(settings["conversion"]))
    base = _middle(high, low, int(settings["base"]))
    return {
        "conversion": conversion,
        "base": base,
        "span_a": _later((conversion + base) / 2, moved),
        "span_b": _later(_middle(high, low, int(settings["span"])), moved),
        "lagging": ratio(close, _later(close, moved)) - 1.0,
    }


def _middle(high: Floats, low: Floats, length: int) -> Floats:
    """(highest high + lowest low) / 2 of the last ``length`` bars."""
    return (_extreme(high, length, np.maximum) + _extreme(low, length, np.minimum)) / 2


def _extreme(values: Floats, length: int, of: np.ufunc) -> Floats:
    """Rolling extreme by blocks: the tail's and the head's (van Herk 1992), O(n)."""
    rows, symbols = values.shape
    found = np.full_like(values, np.nan)
    if rows < length:
        return found
    padded = np.concatenate([values, np.full((-rows % length, symbols), np.nan)])
    blocks = padded.reshape(-1, length, symbols)
    head = of.accumulate(blocks, axis=1).reshape(-1, symbols)
    tail = of.accumulate(blocks[:, ::-1], axis=1)[:, ::-1].reshape(-1, symbols)
    whole = rows - length + 1
    found[length - 1 :] = of(tail[:whole], head[length - 1 : rows])
    return found


def _later(values: Floats, bars: int) -> Floats:
    """Each row's values ``bars`` rows later."""
    found = np.full_like(values, np.nan)
    if bars < len(values):
        found[bars:] = values[: len(values) - bars]
    return found

"""Every indicator of the catalogue, over one symbol's bars; the panel and gaps of a few."""

from __future__ import annotations

from functools import partial

import numpy as np

from engine.quant import indicators
from tests.quant.causal import Case, Floats, Market

_MORE: dict[str, dict[str, object]] = {"AVWAP": {"anchor": "2015-03-01"}}


def _fields(market: Market) -> dict[str, np.ndarray]:
    return {
        "open": market.open, "high": market.high, "low": market.low, "close": market.close,
        "volume": market.volume, "dates": market.dates,
        "periods": 2 + np.arange(len(market.close), dtype=float) % 20,
    }  # fmt: skip


def _lines(name: str, market: Market) -> Floats:
    lines = indicators.compute(name, _fields(market), **_MORE.get(name, {}))
    # an arc sine is of numbers from -1 to 1
    if name in ("ASIN", "ACOS"):
        lines = indicators.compute(name, {"close": np.clip(market.returns, -1, 1)})
    return np.column_stack(list(lines.values()))


def _gaps(name: str, market: Market) -> Floats:
    close = market.closes.copy()
    close[40:60, 0] = np.nan
    close[:100, 1] = np.nan
    close[::7, 2] = np.nan
    lines = indicators.compute(name, {"close": close, "high": close * 1.01, "low": close * 0.99})
    return np.column_stack(list(lines.values()))


CASES: dict[str, Case] = {
    f"indicators.compute[{name}]": partial(_lines, name) for name in indicators.CATALOGUE
} | {
    f"indicators.compute[{name}, gaps]": partial(_gaps, name)
    for name in ("RSI", "MAXINDEX", "CLOSE_VOL", "ICHIMOKU")
}
TIMELESS = {
    "indicators.indicator": "looks a name up",
    "indicators.search": "looks words up",
}

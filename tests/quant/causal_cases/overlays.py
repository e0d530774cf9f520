"""Lines over prices."""

from __future__ import annotations

from functools import partial

import numpy as np

from engine.quant.overlays import overlay, overlay_lines
from tests.quant.causal import Case, Floats, Market


def _overlay(name: str, market: Market) -> Floats:
    return np.column_stack(list(overlay(name, 20, market.close).values()))


def _below(name: str, market: Market) -> Floats:
    bars = {"high": market.high, "low": market.low, "close": market.close}
    return np.column_stack(list(overlay_lines(name, 0, bars)[1].values()))


CASES: dict[str, Case] = {
    f"overlays.overlay[{name}]": partial(_overlay, name) for name in ("SMA", "EMA", "BB")
} | {f"overlays.overlay_lines[{name}]": partial(_below, name) for name in ("MACD", "KELTNER", "ICHIMOKU")}

"""Lines over prices."""

from __future__ import annotations

from functools import partial

import numpy as np

from engine.quant.overlays import overlay
from tests.quant.causal import Case, Floats, Market


def _overlay(name: str, market: Market) -> Floats:
    return np.column_stack(list(overlay(name, 20, market.close).values()))


CASES: dict[str, Case] = {
    f"overlays.overlay[{name}]": partial(_overlay, name) for name in ("SMA", "EMA", "BB")
}

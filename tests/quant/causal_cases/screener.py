"""Screens: price fields look back; what else is public is of one day."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from engine.quant import screener
from tests.quant.causal import DAYS, Floats, Market

_NAMES = tuple(name for name, each in screener.FIELDS.items() if each.group == "price")


def _fields(market: Market) -> Floats:
    """Every price field of every 25th day, from what was there up to then."""
    found = np.full((DAYS, len(_NAMES)), np.nan)
    for day in range(300, DAYS, 25):
        rows = slice(0, day + 1)
        volumes = np.repeat(market.volume[rows, None], market.closes.shape[1], axis=1)
        panels = screener.Panels(
            market.closes[rows], market.closes[rows], market.closes[rows], volumes, market.close[rows],
            np.full(market.closes.shape[1], 1.0),
        )  # fmt: skip
        told = screener.price_fields(_NAMES, panels)
        found[day] = [told[name][3] for name in _NAMES]
    return found


CASES: Mapping[str, Callable[[Market], Floats]] = {"screener.price_fields": _fields}
_DAY = "of one day's universe: it has no time axis"
_WORDS = "of an expression: it has no time axis"
TIMELESS: Mapping[str, str] = {
    **dict.fromkeys(("screener.explain", "screener.numbers", "screener.screen", "screener.truth"), _DAY),
    **dict.fromkeys(("screener.ordering",), _DAY),
    **dict.fromkeys(
        ("screener.conjuncts", "screener.field_names", "screener.parse", "screener.search", "screener.write"),
        _WORDS,
    ),
    "screener.company_fields": "of the facts it is given, which the reader cuts at the clock",
}

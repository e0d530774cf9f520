"""The ledger's integer arithmetic over arrays: whole numbers in floats, each the one that Python's integers give."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.backtest.market import Floats
from engine.backtest.money import MINOR, TICK, amount

CLOSE = 1e-15  # of a value: nearer to a half than that, a float cannot tell which way to round


def ticks(price: Any) -> Floats:
    """Prices in ticks, as ``money.to_ticks``."""
    return np.asarray(np.rint(price * float(TICK)))


def amounts(units: Floats, lots: int, marks: Floats) -> Floats:
    """What positions are worth at prices in ticks, in minor units, as ``money.amount`` rounds it; shapes broadcast.

    Floats hold these exactly up to 2**53 minor units, 9e11 of the currency.
    """
    value = units * marks
    value *= MINOR / TICK / lots
    found: Floats = np.rint(value)
    off = value - found
    np.abs(off, out=off)
    if not off.size or off.max() < 0.5 - math.sqrt(np.vdot(value, value)) * CLOSE:
        return found  # none is doubtful, however large the largest: the root is no less
    doubtful = off >= 0.5 - np.abs(value) * CLOSE
    if doubtful.any():
        held, at_price = np.broadcast_arrays(units, marks)
        for at in zip(*(each.tolist() for each in np.nonzero(doubtful)), strict=True):
            found[at] = amount(int(held[at]), lots, int(at_price[at]))
    return found

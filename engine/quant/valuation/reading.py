"""Reading a value backwards and step by step: what a price implies, what each assumption adds, what changes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.valuation.dcf import Assumptions, Floats, value

Implied = Literal["growth", "target_margin", "discount_rate", "terminal_growth"]
_SEARCHED: dict[str, tuple[float, float]] = {
    "growth": (-0.5, 2.0),
    "target_margin": (-0.5, 0.95),
    "discount_rate": (1e-4, 0.9),
    "terminal_growth": (-0.15, 0.15),
}


@dataclass(frozen=True, slots=True)
class Rung:
    """One step from the value as things stand to the value assumed, per share."""

    label: str
    value: float
    total: bool
    formula: str


def implied(assumptions: Assumptions, price: float, which: Implied) -> float:
    """The one assumption at which the value per share is ``price``, all others standing; NaN where none is.

    By bisection within wide bounds (growth -50% to 200%, and so on) to 1e-10. The rate is searched above perpetual
    growth, that growth below the rate.
    """
    low, high = _SEARCHED[which]
    if which == "discount_rate":
        low = max(low, float(np.asarray(assumptions.terminal_growth)) + 1e-6)
    if which == "terminal_growth":
        high = min(high, float(np.asarray(assumptions.discount_rate)) - 1e-6)

    def gap(level: float) -> float:
        return float(value(assumptions.varied(**{which: level})).value_per_share) - price

    def gaps(levels: Floats) -> Floats:
        return value(assumptions.varied(**{which: levels})).value_per_share - price

    return _bisected(gap, gaps, low, high)


def _bisected(
    gap: Callable[[float], float], gaps: Callable[[Floats], Floats], low: float, high: float
) -> float:
    from scipy.optimize import brentq

    # the value may rise and fall again (growth that costs more than it earns): the first crossing of a grid counts
    grid = np.linspace(low, high, 241)
    heights = gaps(grid)
    usable = np.isfinite(heights)
    signs = np.sign(heights)
    for at in range(len(grid) - 1):
        if usable[at] and usable[at + 1] and signs[at] != signs[at + 1]:
            return float(brentq(gap, float(grid[at]), float(grid[at + 1]), xtol=1e-12))
    return float("nan")


def rungs(assumptions: Assumptions) -> tuple[Rung, ...]:
    """From today's operations for ever to the value per share: growth, its cost, margin, debt, minorities.

    Each change is the difference of two valuations that differ in that alone, in the order told; they add up exactly.
    """
    shares = float(np.asarray(assumptions.shares))
    a = assumptions
    still = replace(
        a, growth=0.0, terminal_growth=0.0, target_margin=a.margin, net_debt=0.0, minority_interest=0.0
    )
    free = replace(
        still, growth=a.growth, terminal_growth=a.terminal_growth, sales_to_capital=1e3, terminal_return=10.0
    )
    costly = replace(free, sales_to_capital=a.sales_to_capital, terminal_return=a.terminal_return)
    better = replace(costly, target_margin=a.target_margin)
    levels = [float(value(each).value_per_share) for each in (still, free, costly, better)]
    debt, minority = (float(np.asarray(each)) / shares for each in (a.net_debt, a.minority_interest))
    whole = float(value(a).value_per_share)
    found = [
        Rung(
            "operations as they stand",
            levels[0],
            True,
            "today's revenue and margin for ever, no reinvestment",
        ),
        Rung(
            "revenue growth",
            levels[1] - levels[0],
            False,
            f"growth at today's margin, were capital nearly free: {levels[1]:.6g} - {levels[0]:.6g}",
        ),
        Rung(
            "reinvestment",
            levels[2] - levels[1],
            False,
            f"what that growth costs at the assumed sales to capital: {levels[2]:.6g} - {levels[1]:.6g}",
        ),
        Rung(
            "margin",
            levels[3] - levels[2],
            False,
            f"from today's operating margin to the target: {levels[3]:.6g} - {levels[2]:.6g}",
        ),
        Rung("net debt" if debt >= 0 else "net cash", -debt, False, "(cash - debt) / shares"),
    ]
    if minority:
        found.append(Rung("minority interest", -minority, False, "minority interest / shares"))
    return (*found, Rung("value per share", whole, True, "equity value / shares"))


def sensitivity(
    assumptions: Assumptions, across: str, across_values: ArrayLike, down: str, down_values: ArrayLike
) -> Floats:
    """Values per share, (len(down), len(across)), with two assumptions varied and all others standing."""
    x, y = np.asarray(across_values, dtype=np.float64), np.asarray(down_values, dtype=np.float64)
    return value(assumptions.varied(**{across: x[None, :], down: y[:, None]})).value_per_share


def gordon_growth(price: float, next_cash: float, rate: float) -> float:
    """Perpetual growth that a price implies: rate - next year's cash / price (Gordon and Shapiro 1956)."""
    if price <= 0:
        return float("nan")
    return rate - next_cash / price

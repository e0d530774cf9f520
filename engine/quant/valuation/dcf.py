"""A company's value from its revenue, margin and reinvestment: free cash flow to the firm, discounted.

Two stages and a perpetuity (Damodaran, Investment Valuation, 3rd ed., chapters 12 and 15; Koller, Goedhart and
Wessels, Valuation, 6th ed., chapter 2): growth fades in a straight line from its first rate to the perpetual one over
the second half of the years, margin moves in a straight line to its target, reinvestment is what growth of revenue
needs at a sales-to-capital ratio, and in perpetuity growth / return on new capital.

Every assumption may be an array: values broadcast, so that a table of sensitivities is one call.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
MOST_YEARS = 30


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a value rests on. Rates and margins are fractions; money is in one currency and unit.

    ``growth`` is the first year's; ``terminal_growth`` for ever after ``years``. ``margin`` is operating income
    over revenue now, ``target_margin`` from ``margin_years`` on. ``sales_to_capital`` is revenue that a unit of
    new capital brings; ``terminal_return`` the return on new capital in perpetuity, of None the discount rate, at
    which growth for ever adds no value. ``net_debt`` is debt less cash.
    """

    revenue: ArrayLike
    growth: ArrayLike
    margin: ArrayLike
    target_margin: ArrayLike
    tax_rate: ArrayLike
    discount_rate: ArrayLike
    terminal_growth: ArrayLike
    sales_to_capital: ArrayLike
    terminal_return: ArrayLike | None
    net_debt: ArrayLike
    minority_interest: ArrayLike
    shares: ArrayLike
    years: int = 10
    margin_years: int = 5
    mid_year: bool = True

    def varied(self, **changes: ArrayLike) -> Assumptions:
        """The same with some assumptions changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Valued:
    """Arrays of the broadcast assumptions' shape; those by year have the years first, (years, ...)."""

    revenue: Floats
    growth: Floats
    margin: Floats
    operating_income: Floats
    taxes: Floats
    reinvestment: Floats
    free_cash_flow: Floats
    discount_factor: Floats
    terminal_value: Floats  # at the end of the last year
    terminal_present: Floats
    enterprise_value: Floats
    equity_value: Floats
    value_per_share: Floats

    @property
    def terminal_share(self) -> Floats:
        """Share of the enterprise value that lies after the last year."""
        with np.errstate(invalid="ignore", divide="ignore"):
            share: Floats = np.asarray(self.terminal_present / self.enterprise_value, dtype=np.float64)
        return share


def value(assumptions: Assumptions) -> Valued:
    """Discount the cash flows.

    Raises
    ------
    ValueError
        An assumption is out of its bounds; the message names it. Where some elements of an array have no value (a
        discount rate at or below perpetual growth), those are NaN instead.
    """
    a = _checked(assumptions)
    shape = np.broadcast_shapes(*(each.shape for each in a.values()))
    year = np.arange(1, assumptions.years + 1).reshape(-1, *([1] * len(shape)))
    growth = _growth(a["growth"], a["terminal_growth"], assumptions.years, year)
    revenue = a["revenue"] * np.cumprod(1.0 + growth, axis=0)
    start = np.broadcast_to(a["revenue"], (1, *shape))
    before = np.concatenate([start, np.broadcast_to(revenue, (len(year), *shape))[:-1]])
    step = np.minimum(year / assumptions.margin_years, 1.0)
    margin = a["margin"] + (a["target_margin"] - a["margin"]) * step
    income = revenue * margin
    taxes = np.maximum(income, 0.0) * a["tax_rate"]
    reinvestment = (revenue - before) / a["sales_to_capital"]
    cash = income - taxes - reinvestment
    rate = a["discount_rate"]
    factor = (1.0 + rate) ** -(year - (0.5 if assumptions.mid_year else 0.0))
    last = _perpetuity(a, income[-1] * (1.0 + a["terminal_growth"]))
    # cash of later years comes at mid-year too: the perpetuity is worth half a year's growth more
    bridge = (1.0 + rate) ** (0.5 if assumptions.mid_year else 0.0)
    present = last * bridge * (1.0 + rate) ** -float(assumptions.years)
    enterprise = (cash * factor).sum(axis=0) + present
    equity = enterprise - a["net_debt"] - a["minority_interest"]

    by_year = (revenue, growth, margin, income, taxes, reinvestment, cash, factor)
    whole = (last, present, enterprise, equity, equity / a["shares"])
    return Valued(
        *(np.broadcast_to(part, (len(year), *shape)).astype(np.float64) for part in by_year),
        *(np.broadcast_to(part, shape).astype(np.float64) for part in whole),
    )


def _growth(first: Floats, last: Floats, years: int, year: NDArray[np.int64]) -> Floats:
    """The first rate for half the years, then a straight line to the last, which the year after the end has."""
    held = (years + 1) // 2
    step = np.clip((year - held) / (years + 1 - held), 0.0, 1.0)
    path: Floats = first + (last - first) * step
    return path


def _perpetuity(a: dict[str, Floats], income: Floats) -> Floats:
    """Income after tax x (1 - g / return on new capital) / (rate - g) (Koller and others, equation 2.4)."""
    g, rate = a["terminal_growth"], a["discount_rate"]
    kept = 1.0 - np.where(g > 0, g / a["terminal_return"], 0.0)
    after_tax = income - np.maximum(income, 0.0) * a["tax_rate"]
    with np.errstate(divide="ignore", invalid="ignore"):
        worth: Floats = np.where(rate > g, after_tax * kept / (rate - g), np.nan)
    return worth


_BOUNDS = {
    "revenue": (0.0, np.inf), "growth": (-0.9, 5.0), "margin": (-10.0, 1.0), "target_margin": (-10.0, 1.0),
    "tax_rate": (0.0, 0.99), "discount_rate": (1e-6, 1.0), "terminal_growth": (-0.2, 0.2),
    "sales_to_capital": (1e-3, 1e3), "terminal_return": (1e-3, 10.0), "net_debt": (-np.inf, np.inf),
    "minority_interest": (-np.inf, np.inf), "shares": (1e-12, np.inf),
}  # fmt: skip


def _checked(assumptions: Assumptions) -> dict[str, Floats]:
    if not 1 <= assumptions.years <= MOST_YEARS:
        raise ValueError(f"years lie between 1 and {MOST_YEARS}")
    if not 1 <= assumptions.margin_years <= MOST_YEARS:
        raise ValueError(f"margin_years lie between 1 and {MOST_YEARS}")
    found: dict[str, Floats] = {}
    for field in fields(assumptions):
        if field.name not in _BOUNDS or (
            field.name == "terminal_return" and assumptions.terminal_return is None
        ):
            continue
        values: Any = np.asarray(getattr(assumptions, field.name), dtype=np.float64)
        low, high = _BOUNDS[field.name]
        if not np.isfinite(values).all() or (values < low).any() or (values > high).any():
            raise ValueError(f"{field.name.replace('_', ' ')} lies between {low:g} and {high:g}")
        found[field.name] = values
    found.setdefault("terminal_return", found["discount_rate"])
    return found

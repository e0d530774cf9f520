"""What capital costs: equity by CAPM, debt by what is paid on it, weighed by market values."""

from __future__ import annotations

from dataclasses import dataclass

EQUITY_PREMIUM = 0.05  # over the ten-year Treasury: an assumption of the page, shown and editable


@dataclass(frozen=True, slots=True)
class CapitalCost:
    """``equity``, ``debt`` (after tax) and their mean ``weighted`` by ``equity_share``; fractions a year."""

    equity: float
    debt: float
    equity_share: float
    weighted: float


def adjusted_beta(beta: float, weight: float = 2.0 / 3.0) -> float:
    """Towards one: weight x beta + (1 - weight) (Blume 1975; the usual two thirds)."""
    return weight * beta + (1.0 - weight)


def cost_of_capital(
    rate: float,
    beta: float,
    equity_value: float,
    debt: float = 0.0,
    interest: float | None = None,
    tax_rate: float = 0.21,
    premium: float = EQUITY_PREMIUM,
    most_debt_cost: float = 0.15,
    debt_cost: float | None = None,
) -> CapitalCost:
    """rate + beta x premium for equity; interest / debt x (1 - tax) for debt, at least the rate.

    ``debt_cost``, before tax, is taken as it is in place of interest / debt.

    Raises
    ------
    ValueError
        Equity is worth nothing, or debt is negative.
    """
    if equity_value <= 0 or debt < 0:
        raise ValueError("equity is worth more than nothing, and debt is not negative")
    if debt_cost is not None:
        paid = debt_cost
    elif not debt or interest is None or interest <= 0:
        paid = rate
    else:
        paid = min(max(interest / debt, rate), most_debt_cost)
    equity, after = rate + beta * premium, paid * (1.0 - tax_rate)
    share = equity_value / (equity_value + debt)
    return CapitalCost(equity, after, share, share * equity + (1.0 - share) * after)

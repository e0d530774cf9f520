"""PORT's attribution to factors: what each adds to the mean return and to the volatility, on monthly returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import DataError
from engine.frames import frame_of
from engine.page import Column, Table
from engine.period import Period
from engine.portfolios import Holdings
from engine.quant.factors import ReturnParts, RiskParts, loadings, return_contributions, risk_contributions
from engine.rates import factor_returns, risk_free
from engine.returns import returns_of

if TYPE_CHECKING:
    from engine.context import Context

MODELS = (
    ("five factors and momentum", ("MKTRF", "SMB5", "HML", "RMW", "CMA", "MOM")),
    ("five factors", ("MKTRF", "SMB5", "HML", "RMW", "CMA")),
    ("three factors and momentum", ("MKTRF", "SMB", "HML", "MOM")),
    ("three factors", ("MKTRF", "SMB", "HML")),
)  # fmt: skip
LEAST = 24  # months


@dataclass(frozen=True, slots=True)
class FactorParts:
    """A portfolio's mean return and volatility by factor, a month's. ``rate``: where the risk-free rate is from."""

    model: str
    names: tuple[str, ...]
    months: int
    last: str
    earned: ReturnParts
    risk: RiskParts
    rate: str


def factor_parts(context: Context, held: Holdings, period: Period) -> FactorParts | None:
    """On the richest model that the clock knew for two years of these months; None where it knew none."""
    try:
        months = returns_of(context, held.refs, period, frequency="monthly", least=LEAST)
    except DataError:
        return None
    held = held.only(months.refs)
    for title, names in MODELS:
        try:
            panel = factor_returns(context, names, months.dates, "monthly")
        except DataError:
            continue
        if len(panel.rows) < max(LEAST, 3 * len(names)):
            continue
        rate = risk_free(context, panel.dates, "monthly")
        excess = np.column_stack([months.column(ref) for ref in held.refs])[panel.rows] - rate.values[:, None]
        try:
            found = loadings(excess, panel.values)
        except ValueError:
            continue  # factors that depend on each other over these months
        spread = np.atleast_2d(np.cov(panel.values.T))
        own = np.atleast_2d(np.cov(found.residuals.T))
        earned = return_contributions(
            held.weights, found.alpha, found.betas, panel.values.mean(axis=0), float(rate.values.mean())
        )
        risk = risk_contributions(held.weights, found.betas, spread, own)
        return FactorParts(title, names, len(panel.rows), str(panel.dates[-1]), earned, risk, rate.source)
    return None


def title(parts: FactorParts) -> str:
    return f"by {parts.model}: {parts.months} months to {parts.last}, weights restored each month"


def table(parts: FactorParts) -> Table:
    """A row a factor, then what is the securities' own, and the whole."""
    root = float(np.sqrt(12.0))
    whole = parts.risk.volatility
    rows: list[dict[str, Any]] = [
        {
            "part": "risk-free",
            "exposure": None,
            "earned": 12 * parts.earned.risk_free,
            "risk": None,
            "share": None,
        }
    ]
    rows += [
        {
            "part": name, "exposure": float(parts.risk.exposures[at]), "earned": 12 * float(parts.earned.factors[at]),
            "risk": root * float(parts.risk.factors[at]),
            "share": float(parts.risk.factors[at]) / whole if whole else None,
        }
        for at, name in enumerate(parts.names)
    ]  # fmt: skip
    own = float(parts.risk.specific.sum())
    rows += [
        {"part": "own (alpha, residual)", "exposure": None, "earned": 12 * float(parts.earned.alpha.sum()),
         "risk": root * own, "share": own / whole if whole else None},
        {"part": "in all", "exposure": None, "earned": 12 * parts.earned.total, "risk": root * whole,
         "share": 1.0 if whole else None},
    ]  # fmt: skip
    frame = frame_of(rows, part="text", exposure="number", earned="number", risk="number", share="number")
    return Table(
        frame,
        (
            Column("part", "factor"),
            Column("exposure", "exposure", "ratio", 2, formula="sum of weight x loading of each security"),
            Column("earned", "mean return", "change", 2, "a year",
                   f"12 x exposure x mean of the factor; risk-free: {parts.rate}"),
            Column("risk", "volatility", "percent", 2, "a year",
                   "exposure x its covariance with the portfolio / volatility x sqrt(12); they add up"),
            Column("share", "share of risk", "percent", 1, formula="part / volatility"),
        ),
        key=("part",),
    )  # fmt: skip

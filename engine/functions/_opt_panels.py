"""The panels of OPT."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.figures import Field, Form, Heatmap, Mark, Scatter, ScatterLine
from engine.frames import frame_of
from engine.function import Args
from engine.functions._opt_found import AVERSION, LEVEL, Found
from engine.page import Column, Metric, Metrics, Table
from engine.quant.portfolio import diversification_ratio, effective_holdings, risk_shares

_SAID = {
    "MINVAR": "least variance", "SHARPE": "highest Sharpe ratio", "RETURN": "least variance at the return",
    "VOLATILITY": "highest return at the volatility", "PARITY": "equal shares of risk",
    "DIVERSIFY": "highest diversification", "CVAR": f"least expected shortfall ({LEVEL:.0%})",
    "HRP": "hierarchical risk parity", "BL": "highest Sharpe ratio after views", "EQUAL": "alike",
}  # fmt: skip


def aim_title(found: Found) -> str:
    return _SAID[found.aim]


def scatter(found: Found) -> Scatter:
    """Securities, the frontier, the weights given, and the best of each aim."""
    e = found.estimates
    deviations = np.sqrt(np.diag(e.covariance))
    marks = [
        Mark(
            float(deviations[at]),
            float(e.means[at]),
            ref.ticker,
            "security",
            1.0,
            f"{ref.ticker} {ref.market} GP",
        )
        for at, ref in enumerate(found.held.refs)
    ]
    for aim, weights in found.by_aim.items():
        if aim != found.aim:
            marks.append(Mark(*found.point(weights), aim, "aim"))
    marks.append(Mark(*found.point(found.held.weights), "given", "given", 1.5))
    marks.append(Mark(*found.point(found.weights), found.aim, "chosen", 2.0))
    f = found.frontier
    lines = [
        ScatterLine(
            "efficient frontier", tuple(map(float, f.volatilities)), tuple(map(float, f.returns)),
            "least variance at each expected return, under the bounds",
        )
    ]  # fmt: skip
    return Scatter(
        tuple(marks),
        "volatility",
        "expected return",
        tuple(lines),
        "percent",
        "percent",
        1,
        1,
        "a year",
        "a year",
    )


def facts(found: Found) -> Metrics:
    e = found.estimates
    volatility, expected = found.point(found.weights)
    before, given = found.point(found.held.weights)
    losses = np.sort(-(e.values @ found.weights))[::-1]
    worst = float(losses[: max(round((1 - LEVEL) * len(losses)), 1)].mean())
    shrunk = f"shrunk by {found.shrinkage:.0%}" if found.shrinkage is not None else ""
    period = {"daily": "day", "weekly": "week", "monthly": "month"}[found.returns.step]
    return Metrics(
        (
            Metric("expected return", expected, "change", 1, "a year", f"w'mu, means {found.means}",
                   note=f"given weights {given:+.1%}"),
            Metric("volatility", volatility, "percent", 1, "a year", "sqrt(w'Cw)",
                   note=f"given weights {before:.1%}"),
            Metric("Sharpe", (expected - e.rate) / volatility if volatility else None, "ratio", 2,
                   formula="(expected return - risk-free) / volatility",
                   note=f"given weights {(given - e.rate) / before:.2f}" if before else ""),
            Metric(f"shortfall, worst 5% of {period}s", worst, "percent", 2,
                   formula="mean loss over the worst twentieth of the range's returns"),
            Metric("diversification", diversification_ratio(found.weights, e.covariance), "ratio", 2,
                   formula="weighted volatilities / volatility"),
            Metric("effective holdings", effective_holdings(found.weights), "number", 1,
                   formula="1 / sum of squared shares"),
            Metric("turnover", float(np.abs(found.weights - found.held.weights).sum()), "percent", 1,
                   formula="sum of absolute changes from the weights given"),
            Metric("covariance", found.covariance.lower(), note=shrunk),
            Metric("risk-free", e.rate, "percent", 2, "a year", note=found.rate_source),
        )
    )  # fmt: skip


def weights_table(found: Found) -> Table:
    e = found.estimates
    shares = risk_shares(found.weights, e.covariance).share
    rows: list[dict[str, Any]] = [
        {
            "ticker": ref.ticker, "name": ref.name, "weight": float(found.weights[at]),
            "given": float(found.held.weights[at]), "change": float(found.weights[at] - found.held.weights[at]),
            "risk": float(shares[at]), "mean": float(e.means[at]), "volatility": float(np.sqrt(e.covariance[at, at])),
            "command": f"{ref.ticker} {ref.market} GP",
        }
        for at, ref in enumerate(found.held.refs)
    ]  # fmt: skip
    frame = frame_of(
        rows, ticker="text", name="text", weight="number", given="number", change="number", risk="number",
        mean="number", volatility="number", command="text",
    ).sort("weight", "ticker", descending=[True, False])  # fmt: skip
    return Table(
        frame,
        (
            Column("ticker", "security"), Column("name", "name", width=22, least=8),
            Column("weight", "weight", "percent", 1, formula=_SAID[found.aim]),
            Column("given", "given", "percent", 1, formula="WEIGHTS=, alike where none are given"),
            Column("change", "change", "change", 1, formula="weight - given"),
            Column("risk", "share of risk", "percent", 1, formula="w (Cw) / w'Cw"),
            Column("mean", "expected", "change", 1, "a year", f"means {found.means}"),
            Column("volatility", "volatility", "percent", 1, "a year", f"covariance {found.covariance.lower()}"),
        ),
        key=("ticker",), command="command",
    )  # fmt: skip


def aims(found: Found) -> Heatmap:
    names = tuple(found.by_aim)
    values = np.array([found.by_aim[name] for name in names])
    return Heatmap(
        names, tuple(ref.ticker for ref in found.held.refs), values, "percent", 0, scale="sequential",
        low=min(0.0, float(values.min())), row_title="aim", column_title="security",
        formula="weight that the aim chooses on the whole range",
    )  # fmt: skip


def outside_title(found: Found) -> str:
    if not found.outside:
        return "out of sample"
    dates = found.returns.dates
    return (
        f"out of sample: chosen on returns to {dates[found.learnt - 1]}, held from {dates[found.learnt]} on"
    )


def outside(found: Found) -> Table:
    rows = [
        {
            "aim": each.aim, "annual_return": each.annual_return, "volatility": each.volatility,
            "expected": each.expected_volatility, "sharpe_ratio": each.sharpe_ratio, "drawdown": each.max_drawdown,
        }
        for each in found.outside
    ]  # fmt: skip
    frame = frame_of(
        rows, aim="text", annual_return="number", volatility="number", expected="number", sharpe_ratio="number",
        drawdown="number",
    )  # fmt: skip
    return Table(
        frame,
        (
            Column("aim", "aim"),
            Column("annual_return", "return a year", "change", 1, formula="weights restored every period, no costs"),
            Column("expected", "volatility expected", "percent", 1, formula="by the covariance of the first part"),
            Column("volatility", "volatility", "percent", 1, formula="standard deviation x sqrt(periods a year)"),
            Column("sharpe_ratio", "Sharpe", "ratio", 2), Column("drawdown", "max drawdown", "change", 1),
        ),
        key=("aim",), empty="The range is too short to part: take a longer one (10Y, MAX).",
    )  # fmt: skip


def form(args: Args, found: Found) -> Form:
    def field(name: str, label: str, unit: str = "", help: str = "", choices: tuple[str, ...] = ()) -> Field:
        value = args[name]
        text = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        shown = (text if name == "period" else text.lower()) or "none"
        return Field(name, label, text, shown, unit if text else "", help, choices=choices)

    typed = ",".join(f"{100 * each:g}" for each in found.held.weights)
    return Form(
        (
            field("aim", "aim", choices=tuple(_SAID)),
            field("means", "expected returns", choices=("HISTORICAL", "SHRUNK", "IMPLIED"),
                  help=f"IMPLIED: at risk aversion {AVERSION}"),
            field("covariance", "covariance", choices=("LEDOIT", "OAS", "SAMPLE", "EWMA")),
            field("low", "least weight", "%"), field("high", "most weight", "%"),
            field("turnover", "most turnover", "%", "0: any"),
            field("target", "target", "% a year", "for RETURN, CVAR and VOLATILITY"),
            field("caps", "sector caps", help="Energy<=20%"),
            field("views", "views", help="AAPL=12%,MSFT-IBM=3%, over the risk-free rate"),
            field("confidence", "confidence", "%", "of the views; 0: as sure as the prior"),
            Field("weights", "weights given", typed, typed, "%", "in the order of the securities",
                  given=bool(args["weights"]), basis="" if args["weights"] else "alike"),
            field("period", "range", help="5Y, MAX, or two dates"),
            field("frequency", "returns", choices=("DAILY", "WEEKLY", "MONTHLY")),
        )
    )  # fmt: skip

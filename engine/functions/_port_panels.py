"""The panels of PORT."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.figures import Field, Form, Step, Tile, Treemap, Waterfall
from engine.frames import frame_of
from engine.function import Args
from engine.functions._port_found import Attributed, Found
from engine.page import Bars, Column, Lines, Metric, Metrics, Series, Table
from engine.quant import performance as perf
from engine.quant.portfolio import diversification_ratio, effective_holdings

_PERIOD = {"daily": "days", "weekly": "weeks", "monthly": "months"}


def growth_title(found: Found) -> str:
    how = {"daily": "rebalanced every period", "never": "never rebalanced"}
    told = how.get(found.rebalance, f"rebalanced {found.rebalance}")
    return f"growth of 100 from {found.returns.base_date}, {told}, beside {found.index.ticker}"


def growth(found: Found) -> Lines:
    base = np.datetime64(found.returns.base_date)
    dates = np.concatenate([[base], found.returns.dates])

    def grown(name: str, returns: np.ndarray, formula: str) -> Series:
        levels = np.concatenate([[100.0], 100.0 * np.cumprod(1.0 + returns)])
        return Series(name, dates, levels, "first = 100", formula)

    return Lines(
        (
            grown("portfolio", found.path.returns, "100 x product of (1 + weights at start x returns)"),
            grown(found.index.ticker, found.market, "100 x product of (1 + return)"),
        ),
        "first = 100",
    )


def facts(found: Found) -> Metrics:
    r, rate, periods = found.path.returns, found.rate.values, found.returns.periods_per_year
    model = perf.market_model(r, found.market, rate, periods)
    ratio = perf.sharpe_ratio(r, rate, periods)
    error = np.asarray(perf.sharpe_error_of(r, rate, "hac")) * np.sqrt(periods)
    weights = found.weights
    items = [
        Metric("return", found.total, "change", 1, formula="product of (1 + r) - 1"),
        Metric("a year", _n(perf.cagr(r, periods)), "change", 1,
               formula="(product of 1 + r) ^ (periods a year / n) - 1"),
        Metric(f"{found.index.ticker} a year", _n(perf.cagr(found.market, periods)), "change", 1,
               formula="the benchmark's, over the same dates"),
        Metric("volatility", _n(perf.realized_volatility(r, periods)), "percent", 1,
               formula="standard deviation x sqrt(periods a year)"),
        Metric("Sharpe", _n(ratio), "ratio", 2,
               formula="mean / standard deviation of r - risk-free, annualised; its error by Newey and West",
               note=f"standard error {_n(error):.2f}" if _n(error) is not None else ""),
        Metric("Sortino", _n(perf.sortino_ratio(r, rate, periods)), "ratio", 2,
               formula="mean of r - risk-free / deviation below it, annualised"),
        Metric("max drawdown", _n(perf.max_drawdown(r)), "change", 1,
               formula="lowest of value / highest value before - 1"),
        Metric("beta", _n(model.beta), "ratio", 2, formula=f"of r - rf on {found.index.ticker} - rf, least squares",
               note=f"standard error {_n(model.beta_se):.2f}" if _n(model.beta_se) is not None else ""),
        Metric("alpha a year", _n(model.alpha_annual), "change", 1, formula="the intercept, compounded over a year"),
        Metric("tracking error", _n(perf.tracking_error(r, found.market, periods)), "percent", 1,
               formula="deviation of r - benchmark, annualised"),
        Metric("information ratio", _n(perf.information_ratio(r, found.market, periods)), "ratio", 2,
               formula="mean of r - benchmark / tracking error"),
        Metric("diversification", _n(diversification_ratio(found.held.weights, found.covariance)), "ratio", 2,
               formula="weighted volatilities / volatility"),
        Metric("effective holdings", effective_holdings(weights), "number", 1,
               formula="1 / sum of squared shares"),
        Metric("turnover a year", float(found.path.turnover.sum() / len(r) * periods), "percent", 0,
               formula="sum of absolute changes of weight by rebalancing"),
        Metric("risk-free a year", found.rate.annual(found.returns.step), "percent", 2, note=found.rate.source),
    ]  # fmt: skip
    if found.held.value is not None:
        items.insert(0, Metric("value", found.held.value, "number", 2, found.held.currency,
                               "shares x last price as traded"))  # fmt: skip
    return Metrics(tuple(items))


def holdings_table(found: Found) -> Table:
    periods = found.returns.periods_per_year
    betas = perf.beta(found.values, found.market, found.rate.values)
    rows: list[dict[str, Any]] = []
    now = found.weights
    for at, ref in enumerate(found.held.refs):
        rows.append(
            {
                "ticker": ref.ticker, "name": ref.name, "weight": float(found.held.weights[at]),
                "now": float(now[at]), "own": float(found.own[at]),
                "contribution": float(found.contributions[at]),
                "volatility": _n(perf.realized_volatility(found.values[:, at], periods)),
                "beta": _n(np.atleast_1d(betas)[at]), "risk": float(found.risk.share[at]),
                "marginal": float(found.risk.marginal[at]), "command": f"{ref.ticker} {ref.market} GP",
                "shares": None if found.held.shares is None else float(found.held.shares[at]),
            }
        )  # fmt: skip
    frame = frame_of(
        rows, ticker="text", name="text", shares="number", weight="number", now="number", own="number",
        contribution="number", volatility="number", beta="number", risk="number", marginal="number", command="text",
    )  # fmt: skip
    columns = [Column("ticker", "security"), Column("name", "name", width=24, least=10)]
    if found.held.shares is not None:
        columns.append(Column("shares", "shares", "number", 0))
    columns += [
        Column("weight", "weight", "percent", 1, formula="as asked, of the whole"),
        Column("now", "drifted to", "percent", 1, formula="weight after the last period of the range"),
        Column("own", "return", "change", 1, formula="total return over the range"),
        Column("contribution", "contributed", "change", 1,
               formula="sum of weight at start x return, linked: they add up to the return (Carino 1999)"),
        Column("volatility", "volatility", "percent", 1, formula="standard deviation x sqrt(periods a year)"),
        Column("beta", f"beta to {found.index.ticker}", "ratio", 2),
        Column("risk", "share of risk", "percent", 1, formula="weight x (Cw) / w'Cw; adds up to one"),
        Column("marginal", "marginal risk", "percent", 1, formula="(Cw) / volatility: what one more of weight adds"),
    ]  # fmt: skip
    return Table(frame, tuple(columns), key=("ticker",), command="command")


def treemap(found: Found) -> Treemap:
    tiles = tuple(
        Tile(
            ref.ticker,
            abs(float(weight)),
            float(own),
            "short" if weight < 0 else "",
            f"{ref.ticker} {ref.market} GP",
        )
        for ref, weight, own in zip(found.held.refs, found.held.weights, found.own, strict=True)
        if weight
    )
    return Treemap(
        tiles, "weight", "return", formula="area: absolute weight; colour: total return over the range"
    )


def risk_bars(found: Found) -> Bars:
    order = np.argsort(-found.risk.component)[:20]
    return Bars(
        tuple(found.held.refs[at].ticker for at in order),
        tuple(100.0 * float(found.risk.component[at]) for at in order),
        "percentage points of volatility a year",
        2,
    )


def attribution(found: Attributed) -> Table:
    rows = [
        {
            "group": group, "weight": float(found.weights[at]), "other": float(found.other_weights[at]),
            "allocation": float(found.allocation[at]), "selection": float(found.selection[at]),
            "interaction": float(found.interaction[at]),
            "total": float(found.allocation[at] + found.selection[at] + found.interaction[at]),
        }
        for at, group in enumerate(found.groups)
    ]  # fmt: skip
    frame = frame_of(
        rows, group="text", weight="number", other="number", allocation="number", selection="number",
        interaction="number", total="number",
    )  # fmt: skip
    linked = ", linked over periods (Carino 1999)"
    return Table(
        frame,
        (
            Column("group", found.by), Column("weight", "weight", "percent", 1),
            Column("other", found.title, "percent", 1),
            Column("allocation", "allocation", "change", 2, formula="(w - v) x (b - B)" + linked),
            Column("selection", "selection", "change", 2, formula="v x (r - b)" + linked),
            Column("interaction", "interaction", "change", 2, formula="(w - v) x (r - b)" + linked),
            Column("total", "in all", "change", 2, formula="allocation + selection + interaction"),
        ),
        key=("group",),
    )  # fmt: skip


def steps(found: Attributed) -> Waterfall:
    parts = (
        ("allocation", found.allocation), ("selection", found.selection), ("interaction", found.interaction)
    )  # fmt: skip
    changes = [Step(name, float(values.sum())) for name, values in parts if abs(float(values.sum())) > 1e-12]
    return Waterfall(
        (Step(found.title, found.theirs, total=True), *changes, Step("portfolio", found.mine, total=True)),
        "percent",
        1,
    )


def form(args: Args, found: Found) -> Form:
    by = "weights" if found.held.shares is None else "shares"
    held = 100.0 * found.held.weights if found.held.shares is None else found.held.shares
    typed = ",".join(f"{each:g}" for each in held)
    return Form(
        (
            Field(by, by, typed, typed, "" if by == "shares" else "%", "in the order of the holdings",
                  given=bool(args[by]), basis="" if args[by] else "alike"),
            Field("rebalance", "rebalanced", args["rebalance"], args["rebalance"].lower(),
                  choices=("DAILY", "MONTHLY", "QUARTERLY", "YEARLY", "NEVER"), help="when weights go back"),
            Field("frequency", "returns", args["frequency"], args["frequency"].lower(),
                  choices=("DAILY", "WEEKLY", "MONTHLY")),
            Field("benchmark", "benchmark", found.index.ticker, found.index.label, help="a ticker"),
            Field("against", "attributed against", args["against"] or "EQUAL", (args["against"] or "EQUAL").lower(),
                  help="EQUAL or a kept portfolio"),
            Field("period", "range", str(args["period"]), str(args["period"]), help="5Y, 1M, MAX, or two dates"),
        )
    )  # fmt: skip


def _n(value: Any) -> float | None:
    """A finite number, or nothing."""
    number = float(np.asarray(value).reshape(-1)[0])
    return number if np.isfinite(number) else None

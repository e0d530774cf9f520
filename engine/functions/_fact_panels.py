"""FACT's figures."""

from __future__ import annotations

import math
from typing import Any

from engine.figures import Field, Form, Heatmap, Step, Waterfall
from engine.frames import frame_of
from engine.function import Args
from engine.functions._fact_data import WINDOWS, Study
from engine.functions._fact_found import Findings
from engine.page import Bars, Column, Lines, Metric, Metrics, Series, Table

MEANINGS = {
    "MKTRF": "market less risk-free", "SMB": "small minus big", "SMB5": "small minus big, of five factors",
    "HML": "high minus low book to market", "RMW": "robust minus weak profitability",
    "CMA": "conservative minus aggressive investment", "MOM": "winners minus losers of 12-1 months",
}  # fmt: skip


def loadings(study: Study, found: Findings) -> Table:
    """Alpha a year and each factor's loading, with both kinds of standard errors."""
    year = study.periods_per_year
    rows = []
    for place, name in enumerate(("alpha", *study.model.names)):
        scale = year if place == 0 else 1.0
        rows.append({
            "factor": name,
            "meaning": "a year, a fraction: 0.01 is 1%" if place == 0 else MEANINGS.get(name, "excess return"),
            "loading": float(found.ols.coefficients[place]) * scale,
            "decimals": 4 if place == 0 else 3,
            "ols_error": float(found.ols.standard_errors[place]) * scale,
            "ols_t": _number(found.ols.t_statistics[place]), "ols_p": _number(found.ols.p_values[place]),
            "nw_error": float(found.robust.standard_errors[place]) * scale,
            "nw_t": _number(found.robust.t_statistics[place]), "nw_p": _number(found.robust.p_values[place]),
            "premium": None if place == 0 else float(study.factors[:, place - 1].mean()) * year,
        })  # fmt: skip
    frame = frame_of(
        rows, factor="text", meaning="text", loading="number", decimals="integer", ols_error="number", ols_t="number",
        ols_p="number", nw_error="number", nw_t="number", nw_p="number", premium="number",
    )  # fmt: skip
    count, freedom = found.ols.observations, found.ols.degrees_of_freedom
    robust = f"Newey-West (1987), Bartlett weights over {study.lags} lags, x n / (n - f - 1)"
    return Table(
        frame,
        (
            Column("factor", "factor"),
            Column("loading", "loading", "number", 3, decimals_from="decimals", formula=(
                f"least squares of the excess return on the factors, {count} {study.step} returns; "
                f"alpha x {year:g}, a fraction a year")),
            Column("ols_error", "std error", "number", 4, formula="s^2 (X'X)^-1, s^2 = e'e / (n - f - 1)"),
            Column("ols_t", "t", "number", 2, formula="loading / its standard error"),
            Column("ols_p", "p", "number", 3, formula=f"two-sided, Student's t with {freedom} degrees of freedom"),
            Column("nw_error", "NW error", "number", 4, formula=robust),
            Column("nw_t", "NW t", "number", 2, formula=f"loading / its standard error by {robust}"),
            Column("nw_p", "NW p", "number", 3, formula=f"two-sided, Student's t with {freedom} degrees of freedom"),
            Column("premium", "mean a year", "percent", 2,
                   formula=f"mean of the factor over these rows x {year:g}, not compounded"),
            Column("meaning", "is"),
        ),
        key=("factor",),
    )  # fmt: skip


def fit(study: Study, found: Findings, known: str) -> Metrics:
    root, ols = math.sqrt(study.periods_per_year), found.ols
    of_year = f"x sqrt({study.periods_per_year:g})"
    return Metrics((
        Metric("R squared", ols.r_squared, "percent", 1, formula="1 - e'e / sum of (r - mean r)^2"),
        Metric("adjusted R squared", ols.adjusted_r_squared, "percent", 1,
               formula="1 - (1 - R squared) (n - 1) / (n - f - 1)"),
        Metric("residual volatility", ols.residual_deviation * root, "percent", 2, "a year",
               formula=f"sqrt(e'e / (n - f - 1)) {of_year}"),
        Metric("volatility", found.volatility * root, "percent", 2, "a year",
               formula=f"standard deviation (n - 1) of excess returns {of_year}"),
        Metric("factors' share of variance", found.risk.factor_share, "percent", 1,
               formula="sum of the factors' contributions to volatility / volatility"),
        Metric("returns", ols.observations, "integer", unit=study.step),
        Metric("first", study.first, "date"), Metric("last", study.last, "date"),
        Metric("newest factor known", known or None, formula="known_at of the newest factor row used"),
        Metric("risk-free", float(study.rate.mean()) * study.periods_per_year, "percent", 2, "a year",
               formula=f"mean x {study.periods_per_year:g}", note=study.rate_source),
        Metric("Newey-West lags", study.lags, "integer",
               formula="floor(4 (T / 100)^(2/9)) unless LAGS= says otherwise (Newey and West 1994)"),
    ))  # fmt: skip


def rolling(study: Study, found: Findings) -> Lines | None:
    if found.windows is None:
        return None
    begin = study.window - 1
    formula = f"least squares over the {study.window} {study.step} returns that end on the day"
    return Lines(
        tuple(
            Series(name, study.dates[begin:], found.windows.betas[begin:, 0, place], formula=formula)
            for place, name in enumerate(study.model.names)
        ),
        decimals=2,
    )


def intervals(study: Study, found: Findings) -> Bars:
    """Each factor's loading with its 95% interval, by Newey and West's errors and Student's t."""
    from scipy.special import stdtrit

    reach = float(stdtrit(found.robust.degrees_of_freedom, 0.975))
    return Bars(
        study.model.names, tuple(map(float, found.robust.coefficients[1:])),
        errors=tuple(reach * float(error) for error in found.robust.standard_errors[1:]),
        error="95% interval: Student's t x Newey-West error",
    )  # fmt: skip


def through_time(study: Study, found: Findings) -> Heatmap | None:
    """Loadings of the window that ends with each year's last row."""
    import numpy as np

    if found.windows is None:
        return None
    begin = study.window - 1
    dates, betas = study.dates[begin:], found.windows.betas[begin:, 0, :]
    years = dates.astype("datetime64[Y]")
    last = np.flatnonzero(np.append(years[1:] != years[:-1], True))
    return Heatmap(
        study.model.names, tuple(str(dates[at].astype("datetime64[M]")) for at in last), betas[last].T,
        row_title="factor", column_title="window's end",
        formula=f"loading over the {study.window} {study.step} returns that end with the month's last row",
    )  # fmt: skip


def rolling_fit(study: Study, found: Findings) -> Lines | None:
    if found.windows is None:
        return None
    begin, year = study.window - 1, study.periods_per_year
    over = f"over the {study.window} {study.step} returns that end on the day"
    return Lines(
        (
            Series("alpha a year", study.dates[begin:], 100 * year * found.windows.alpha[begin:, 0],
                   "percent", f"intercept x {year:g}, {over}"),
            Series("residual volatility", study.dates[begin:],
                   100 * math.sqrt(year) * found.windows.residual_deviation[begin:, 0],
                   "percent", f"sqrt(e'e / (w - f - 1)) x sqrt({year:g}), {over}"),
            Series("R squared", study.dates[begin:], 100 * found.windows.r_squared[begin:, 0], "percent",
                   f"1 - e'e / sum of (r - mean r)^2, {over}"),
        ),
        "percent", 1,
    )  # fmt: skip


def risk(study: Study, found: Findings) -> Waterfall:
    """What each factor and the residual add to the volatility."""
    root = math.sqrt(study.periods_per_year)
    told = "loading x its covariance with the fitted return / volatility"
    steps = [
        Step(name, float(value) * root, formula=f"{told}, a year", note=f"loading {exposure:.3f}")
        for name, value, exposure in zip(
            study.model.names, found.risk.factors, found.risk.exposures, strict=True
        )
    ]
    own = float(found.risk.specific.sum()) * root
    steps.append(Step("specific", own, formula="variance of the residual / volatility, a year"))
    total = found.risk.volatility * root
    steps.append(Step("volatility", total, True, "sum of the steps; standard deviation of excess returns"))
    return Waterfall(tuple(steps), "percent", 2, "a year")


def earned(study: Study, found: Findings) -> Waterfall:
    """What the rate, each factor and alpha add to the mean return."""
    year = study.periods_per_year
    steps = [
        Step("risk-free", found.earned.risk_free * year, formula=f"mean of {study.rate_source} x {year:g}")
    ]
    steps += [
        Step(name, float(value) * year, formula=f"loading x mean of the factor x {year:g}")
        for name, value in zip(study.model.names, found.earned.factors, strict=True)
    ]
    steps.append(Step("alpha", float(found.earned.alpha.sum()) * year, formula=f"intercept x {year:g}"))
    steps.append(
        Step("mean return", found.earned.total * year, True, f"sum of the steps; mean return x {year:g}")
    )
    return Waterfall(tuple(steps), "percent", 2, "a year")


def exposures(study: Study, found: Findings) -> Heatmap:
    import numpy as np

    rows = (*(ref.ticker for ref in study.held.refs), "portfolio")
    values = np.vstack([found.symbols.betas, found.risk.exposures])
    return Heatmap(
        rows, study.model.names, values, row_title="symbol", column_title="factor",
        formula="loading over all rows; the portfolio's is the weighted sum",
        commands=(*(f"{ref.label} FACT" for ref in study.held.refs), ""),
    )  # fmt: skip


def symbols(study: Study, found: Findings) -> Table:
    """A row a symbol: how it is explained, and what it adds to the portfolio."""
    year = study.periods_per_year
    root = math.sqrt(year)
    through = found.earned.by_symbol.sum(axis=1) + found.earned.alpha
    rows: list[dict[str, Any]] = [
        {
            "symbol": ref.ticker, "weight": float(study.held.weights[at]),
            "alpha": float(found.symbols.alpha[at]) * year, "alpha_t": _number(found.symbols.t_statistics[at, 0]),
            "r_squared": _number(found.symbols.r_squared[at]),
            "residual": float(found.symbols.residual_deviation[at]) * root,
            "risk": float(found.risk.symbols[at]) * root,
            "share": float(found.risk.symbols[at]) / found.risk.volatility if found.risk.volatility else None,
            "earned": float(through[at]) * year, "command": f"{ref.label} FACT",
        }
        for at, ref in enumerate(study.held.refs)
    ]  # fmt: skip
    types = dict.fromkeys(
        ("weight", "alpha", "alpha_t", "r_squared", "residual", "risk", "share", "earned"), "number"
    )
    frame = frame_of(rows, symbol="text", command="text", **types)  # type: ignore[arg-type]
    return Table(
        frame,
        (
            Column("symbol", "symbol"),
            Column("weight", "weight", "percent", 1, formula="of what the portfolio is worth"),
            Column("alpha", "alpha a year", "percent", 2, formula=f"intercept x {year:g}"),
            Column("alpha_t", "NW t", "number", 2, formula=f"by Newey-West with {study.lags} lags"),
            Column("r_squared", "R squared", "percent", 1, formula="1 - e'e / sum of (r - mean r)^2"),
            Column("residual", "residual vol", "percent", 1, formula=f"sqrt(e'e / (n - f - 1)) x sqrt({year:g})"),
            Column("risk", "adds to vol", "percent", 2, formula=(
                "weight x covariance of the symbol's fitted return and residual with the portfolio's / volatility; "
                "the column adds up to the volatility")),
            Column("share", "share", "percent", 1, formula="what it adds / the portfolio's volatility"),
            Column("earned", "adds to return", "percent", 2, formula=(
                f"weight x (alpha + loadings x factor means) x {year:g}; with the risk-free rate the column adds up "
                "to the mean return")),
        ),
        key=("symbol",), command="command",
    )  # fmt: skip


def form(args: Args, study: Study) -> Form:
    custom = bool(args["factors"])
    return Form((
        Field("model", "model", args["model"], study.model.title,
              choices=("AUTO", "CAPM", "FF3", "FF3MOM", "FF5", "FF5MOM"), given=args["model"] != "AUTO",
              basis="" if args["model"] != "AUTO" else "the richest known at the clock"),
        Field("factors", "own factors", args["factors"] or "", ", ".join(study.model.names), given=custom,
              basis="" if custom else "the model's", help="MKTRF,SMB or tickers, parted by commas"),
        Field("frequency", "returns", args["frequency"], study.step, choices=("AUTO", "DAILY", "WEEKLY", "MONTHLY"),
              given=args["frequency"] != "AUTO", basis="" if args["frequency"] != "AUTO" else "the finest known"),
        Field("period", "range", str(args["period"]), f"{study.first} to {study.last}"),
        Field("window", "rolling window", str(args["window"]), str(study.window), study.step,
              given=bool(args["window"]), help="0: by frequency",
              basis="" if args["window"] else f"{WINDOWS[study.step]} of {study.step} returns"),
        Field("lags", "Newey-West lags", "" if args["lags"] is None else str(args["lags"]), str(study.lags),
              given=args["lags"] is not None, basis="" if args["lags"] is not None else "4 (T / 100)^(2/9)"),
    ))  # fmt: skip


def _number(value: float) -> float | None:
    """A blank where it is undefined."""
    return float(value) if math.isfinite(value) else None

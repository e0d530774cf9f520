"""The panels of QUANT."""

from __future__ import annotations

import numpy as np

from engine.figures import Heatmap
from engine.frames import TypeWord, frame_of
from engine.functions._quant_found import Exposure, Span, State, Summed
from engine.page import Blank, Column, Lines, Metric, Metrics, Series, Table
from engine.quant import performance as perf

_ALONE = (
    Column("label", "range"),
    Column("annual", "return a year", "change", 1, formula="(product of 1 + r) ^ (periods a year / n) - 1"),
    Column("volatility", "volatility", "percent", 1, formula="standard deviation x sqrt(periods a year)"),
    Column("sharpe", "Sharpe", "ratio", 2, formula="mean / standard deviation of r - risk-free, annualised"),
    Column(
        "sharpe_error", "std error", "ratio", 2, formula="of the Sharpe ratio a year, robust to clustering"
    ),
    Column(
        "probability",
        "P(Sharpe>0)",
        "percent",
        1,
        formula="probabilistic Sharpe ratio: that the true one is above zero",
    ),
    Column("drawdown", "max drawdown", "change", 1, formula="lowest of value / highest value before - 1"),
    Column(
        "sortino", "Sortino", "ratio", 2, formula="mean of r - risk-free / deviation below it, annualised"
    ),
    Column("calmar", "Calmar", "ratio", 2, formula="return a year / size of the deepest drawdown"),
    Column("skewness", "skew", "ratio", 2, formula="third standardised moment"),
    Column("kurtosis", "kurtosis", "ratio", 1, formula="fourth standardised moment; 3 of a normal law"),
    Column("tail", "tail ratio", "ratio", 2, formula="95th percentile / size of the 5th"),
    Column("hit", "hit rate", "percent", 1, formula="share of periods above zero"),
    Column("best", "best", "change", 1, formula="highest return of a period"),
    Column("worst", "worst", "change", 1, formula="lowest return of a period"),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BESIDE = (
    Column("label", "range"),
    Column("beta", "beta", "ratio", 2, formula="least squares on the benchmark, over the risk-free rate"),
    Column("alpha", "alpha a year", "change", 1, formula="the intercept, compounded"),
    Column("r_squared", "R squared", "percent", 0, formula="share of variance that the benchmark explains"),
    Column("tracking", "tracking error", "percent", 1, formula="deviation of r - benchmark, annualised"),
    Column("information", "information ratio", "ratio", 2, formula="mean of r - benchmark / tracking error"),
    Column("up", "up capture", "percent", 0, formula="growth / the benchmark's, in periods in which it rose"),
    Column(
        "down", "down capture", "percent", 0, formula="growth / the benchmark's, in periods in which it fell"
    ),
)


def performance_title(found: Summed) -> str:
    r = found.returns
    return f"{r.step} returns to {r.last}; range {r.base_date} to {r.last}"


def performance(found: Summed) -> Table:
    """A row a range."""
    return _table(found, _ALONE, [span for span in found.spans if "annual" in span.numbers])


def beside(found: Summed) -> Table:
    """A row a range, against the benchmark."""
    return _table(found, _BESIDE, [span for span in found.spans if "beta" in span.numbers])


def _table(found: Summed, columns: tuple[Column, ...], spans: list[Span]) -> Table:
    types: dict[str, TypeWord] = {column.name: "number" for column in columns[1:]}
    rows = [{"label": span.label, **span.numbers} for span in spans]
    return Table(frame_of(rows, label="text", **types), columns, key=("label",), pinned="label")


def months(found: Summed) -> Heatmap:
    """Returns of calendar months, years down; the last row's months that lie ahead are blank."""
    dates, values = perf.aggregate_returns(found.own, found.returns.dates, "monthly")
    year = dates.astype("datetime64[Y]").astype(int) + 1970
    month = dates.astype("datetime64[M]").astype(int) % 12
    years = np.arange(year.min(), year.max() + 1)
    grid = np.full((len(years), 13), np.nan)
    grid[year - years[0], month] = values
    for at in range(len(years)):
        inside = values[year == years[at]]
        if len(inside):
            grid[at, 12] = np.prod(1.0 + inside) - 1.0
    return Heatmap(
        tuple(str(each) for each in years[::-1]), (*_MONTHS, "year"), grid[::-1], "percent", 1,
        formula="product of (1 + r) - 1 within the month", row_title="year", column_title="month",
        low=-0.15, high=0.15,
    )  # fmt: skip


def drawdowns(found: Summed) -> Lines:
    lines = [
        Series(found.returns.tickers[0], found.returns.dates, 100.0 * perf.drawdowns(found.own), "%",
               "100 x (value / highest value before - 1)")
    ]  # fmt: skip
    if found.other is not None:
        lines.append(
            Series(found.returns.tickers[1], found.returns.dates, 100.0 * perf.drawdowns(found.other), "%",
                   "100 x (value / highest value before - 1)")
        )  # fmt: skip
    return Lines(tuple(lines), "%", 1)


def worst(found: Summed) -> Table:
    days = np.concatenate([[np.datetime64(found.returns.base_date)], found.returns.dates])
    rows = [
        {
            "depth": each.depth, "length": each.length, "peak": days[each.peak + 1].astype(object),
            "trough": days[each.trough + 1].astype(object),
            "recovery": None if each.recovery is None else days[each.recovery + 1].astype(object),
        }
        for each in perf.drawdown_table(found.own, 6)
    ]  # fmt: skip
    frame = frame_of(rows, depth="number", peak="date", trough="date", recovery="date", length="integer")
    unit = {"daily": "days", "weekly": "weeks", "monthly": "months"}[found.returns.step]
    return Table(
        frame,
        (
            Column("depth", "depth", "change", 1, formula="lowest value / highest before - 1"),
            Column("peak", "from", "date"), Column("trough", "lowest", "date"),
            Column("recovery", "recovered", "date", default_blank=Blank.NOT_YET_KNOWN),
            Column("length", unit, "integer", formula="periods from the peak to the recovery, or to the last"),
        ),
        key=("peak",), empty="It has only risen.",
    )  # fmt: skip


def rolling_volatility(found: Summed) -> Lines:
    line = 100.0 * perf.rolling_volatility(found.own, found.window, found.returns.periods_per_year)
    told = f"100 x standard deviation of {found.window} returns x sqrt(periods a year)"
    return Lines((Series("volatility", found.returns.dates, line, "% a year", told),), "% a year", 1)


def rolling_sharpe(found: Summed) -> Lines:
    line = perf.rolling_sharpe(found.own, found.window, found.rate.values, found.returns.periods_per_year)
    told = f"mean / deviation of {found.window} returns over the risk-free rate, annualised"
    return Lines((Series("Sharpe", found.returns.dates, line, "", told),), "", 2)


def now(found: Summed, exposure: Exposure | None, regime: State | None) -> Metrics:
    items = []
    if regime is not None:
        items += [
            Metric("regime", regime.name,
                   note=f"P {regime.probability:.0%}, filtered; stays {regime.stay:.0f} periods",
                   formula="two-state hidden Markov model of the range's returns"),
        ]  # fmt: skip
    if exposure is None:
        items.append(
            Metric("factors", None, blank=Blank.NOT_YET_KNOWN, note="no model shares 24 months with it")
        )
    else:
        items.append(Metric("factors", exposure.model, note=f"{exposure.months} months"))
        items += [
            Metric(name, float(beta), "ratio", 2, note=f"t {beta / error:.1f}" if error > 0 else "",
                   formula="least squares on monthly returns over the risk-free rate; Newey-West t")
            for name, beta, error in zip(exposure.names, exposure.betas, exposure.errors, strict=True)
        ]  # fmt: skip
        items += [
            Metric("alpha a year", exposure.alpha, "change", 1, formula="12 x the intercept"),
            Metric("R squared", exposure.r_squared, "percent", 0),
        ]
    items.append(
        Metric(
            "risk-free a year", found.rate.annual(found.returns.step), "percent", 2, note=found.rate.source
        )
    )
    return Metrics(tuple(items))

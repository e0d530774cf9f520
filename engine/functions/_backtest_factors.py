"""Who made the money, beyond the symbols: sectors, and the factors that explain the run's months."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import DataError
from engine.frames import frame_of
from engine.functions._backtest_found import Found
from engine.functions._port_factors import LEAST, MODELS
from engine.page import Column, Table
from engine.quant import performance as perf
from engine.quant.factors import loadings
from engine.rates import factor_returns, risk_free

UNKNOWN = "sector not known"

if TYPE_CHECKING:
    from engine.context import Context
    from engine.quant.factors import Loadings


def traded(found: Found) -> list[str]:
    """The symbol of each trade."""
    result = found.run.outcome.result
    return [result.symbols[at] for at in result.trades.symbol.tolist()]


def sectors(context: Context, found: Found) -> list[str] | None:
    """The sector of each trade's symbol as it was at the trade's entry, or, where profiles were told later only, the
    first that became known; None where fewer than two are known, which a note tells with what brings them."""
    held = found.run.outcome.result.trades
    if not found.plain or not len(held):
        return None
    ids = [int(each) for each in found.run.market.ids]
    rows = context.reader.rows("profiles", ids, columns=("sector",)).sort("valid_from")
    told: dict[int, list[tuple[date, str]]] = {}
    for number, since, sector in rows.select("security_id", "valid_from", "sector").iter_rows():
        if sector:
            told.setdefault(number, []).append((since, sector))
    entered = found.dates[held.entry].astype("datetime64[D]").astype(object)
    labels = [
        _then(told.get(ids[symbol], []), day)
        for symbol, day in zip(held.symbol.tolist(), entered, strict=True)
    ]
    known = sorted(set(labels) - {UNKNOWN})
    if not known:
        context.note(
            "No sector of what was traded is known at this clock: there is no attribution by sector. FA PROFILE of a "
            "security fetches its profile where a source is set up; asof import --table profiles brings a file's."
        )
    elif len(set(labels)) == 1:
        context.note(f"All that was traded is of one sector, {known[0]}: there is no attribution by sector.")
    return labels if known and len(set(labels)) > 1 else None


def _then(told: list[tuple[date, str]], day: date) -> str:
    """The sector of a day; the first that was told where that came later."""
    before = [sector for since, sector in told if since <= day]
    return before[-1] if before else told[0][1] if told else UNKNOWN


def explained(context: Context, found: Found) -> tuple[str, Table] | None:
    """Months of the run on the richest model known for two years of them; None where none is.

    Whole months only. t-values are robust to clustering (Newey & West 1987).
    """
    dates, values = perf.aggregate_returns(found.returns, found.dates, "monthly")
    dates, values = dates[1:-1], values[1:-1]
    for title, names in MODELS:
        try:
            panel = factor_returns(context, names, dates, "monthly")
        except DataError:
            continue
        if len(panel.rows) < max(LEAST, 3 * len(names)):
            continue
        rate = risk_free(context, panel.dates, "monthly")
        excess = values[panel.rows] - rate.values
        try:
            fit = loadings(excess, panel.values, errors="newey-west")
        except ValueError:
            continue
        return f"by factor: {title}, {len(panel.rows)} months to {panel.dates[-1]}", _table(
            fit, names, panel.values
        )
    return None


def _table(fit: Loadings, names: tuple[str, ...], factors: Any) -> Table:
    betas = np.atleast_2d(fit.betas).reshape(-1)[: len(names)]
    errors = np.ravel(fit.standard_errors)
    rows = [
        {"factor": name, "beta": float(beta), "t": float(beta / error) if error > 0 else None,
         "mean": float(factors[:, at].mean() * 12), "part": float(beta * factors[:, at].mean() * 12)}
        for at, (name, beta, error) in enumerate(zip(names, betas, errors[1:], strict=True))
    ]  # fmt: skip
    alpha = float(np.ravel(fit.alpha)[0])
    rows.append({"factor": "alpha: what no factor explains", "part": alpha * 12,
                 "t": alpha / errors[0] if errors[0] > 0 else None, "tone": "strong"})  # fmt: skip
    frame = frame_of(
        rows, factor="text", beta="number", t="number", mean="number", part="number", tone="text"
    )
    columns = (
        Column("factor", "factor"),
        Column(
            "beta", "loading", "ratio", 2, formula="least squares of the run's months over the risk-free rate"
        ),
        Column("t", "t", "ratio", 1, formula="robust to clustering (Newey & West 1987)"),
        Column("mean", "factor a year", "change", 1, formula="mean month x 12"),
        Column("part", "earned a year", "change", 1, formula="loading x mean of the factor x 12"),
    )
    return Table(frame, columns, key=("factor",), emphasis="tone")

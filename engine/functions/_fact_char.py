"""FACT CHAR: a day's universe by its characteristics, each as known at the clock."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.errors import DataError
from engine.figures import Heatmap
from engine.frames import TypeWord, frame_of
from engine.function import Args
from engine.functions._fact_crowd import Crowd, crowd
from engine.page import Column, ColumnKind, Metric, Metrics, Page, Panel, SecurityRef, Table
from engine.period import Period

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.context import Context

    Row = NDArray[np.float64]  # (1, k): one day

# name, label, what the raw figure is, its kind
SHOWN: tuple[tuple[str, str, str, ColumnKind], ...] = (
    ("size", "size", "ln(close x shares outstanding)", "number"),
    ("value", "book/market", "shareholders' equity / market capitalisation", "number"),
    ("profitability", "profitability", "twelve months' (operating income - interest) / equity", "percent"),
    ("investment", "investment", "total assets / those a year before - 1", "percent"),
    ("momentum", "momentum 12-1", "level 21 sessions ago / level 252 sessions ago - 1", "percent"),
    ("low_volatility", "low volatility", "minus the deviation of 252 daily returns x sqrt(252)", "percent"),
    ("quality", "quality", "mean score of gross profit / assets, - debt / assets, - accruals / assets", "number"),
)  # fmt: skip
_LINES = ("equity", "assets", "debt")
_FLOWS = ("gross_profit", "operating_income", "interest_expense", "net_income", "cash_from_operations")
_HEAT = 40


def page(context: Context, args: Args) -> Page:
    import numpy as np

    from engine.quant.factors import SIGNS, composite, zscores

    found = crowd(context, args, Period("Y", 2), history=False)
    raw = _raw(context, found)
    universe = found.member[-1:]
    sectors = _sectors(context, found) if args["neutral"] == "SECTOR" else None
    scores = {
        name: SIGNS[name] * zscores(values, universe=universe, tail=args["tail"] / 100.0, sectors=sectors)
        for name, values in raw.items()
    }
    known = [values for values in scores.values() if np.isfinite(values).any()]
    if not known:
        raise DataError(
            f"No characteristic of {found.title} has three values on {found.last} to compare"
            + (" within sectors, which come with profiles (FA PROFILE)" if sectors is not None else "")
            + ". It takes a year of prices (BACKFILL fetches them) or filings (FA)."
        )
    whole = composite(known, least=min(2, len(known)))[0]
    order = [int(at) for at in np.argsort(-np.where(np.isfinite(whole), whole, -np.inf), kind="stable")]
    order = [at for at in order if universe[0, at]]
    shown = [name for name, *_ in SHOWN if np.isfinite(scores[name]).any()]
    _tell(context, found, raw, shown, sectors)
    panels = (
        Panel("universe", f"{found.title} on {found.last}", _counts(found, raw, sectors)),
        Panel("scores", "scores: deviations from the day's universe, the better the higher",
              _scores(found, scores, whole, order, shown, sectors), 3),
        Panel("heat", "the same as a map", _heat(found, scores, order[:_HEAT], shown), 2),
        Panel("raw", "what the scores are made of", _figures(found, raw, order, shown), 2),
    )  # fmt: skip
    return Page(f"{found.title}  characteristics  {found.last}", panels)


def _raw(context: Context, found: Crowd) -> dict[str, Row]:
    """Characteristics of the last day, (1, k) each."""
    import numpy as np

    from engine.quant import factors as library

    moves = found.levels[1:] / found.levels[:-1] - 1.0
    told = _reported(context, found.refs)
    interest = np.nan_to_num(told["interest_expense"])  # of a company without debt no filing tells it
    profit = told["operating_income"] - interest
    quality = library.quality(
        told["gross_profit"], told["assets"], debt=told["debt"], net_income=told["net_income"],
        cash_from_operations=told["cash_from_operations"], universe=found.member[-1:],
    )  # fmt: skip
    return {
        "size": library.size(told["market_cap"]),
        "value": library.value(told["equity"], told["market_cap"]),
        "profitability": library.profitability(profit, told["equity"]),
        "investment": library.investment(told["assets"], told["assets_before"]),
        "momentum": library.momentum(found.levels)[-1:],
        "low_volatility": library.low_volatility(moves)[-1:],
        "quality": quality,
    }


def _reported(context: Context, refs: Sequence[SecurityRef]) -> dict[str, Row]:
    """Of each company the newest balance sheet, twelve months and market value known at the clock."""
    import numpy as np

    names = (*_LINES, *_FLOWS, "assets_before", "market_cap")
    found = {name: np.full((1, len(refs)), np.nan) for name in names}
    for at, ref in enumerate(refs):
        context.check_cancelled()
        context.progress(at, len(refs), ref.ticker)
        for name, value in _company(context, ref).items():
            if value is not None:
                found[name][0, at] = value
    return found


def _company(context: Context, ref: SecurityRef) -> dict[str, float | None]:
    from datetime import timedelta

    from engine.functions._fa_data import read_figures

    if ref.asset_class != "equity":
        return {}
    try:  # what one company's page would say of it stays off this page of many
        figures = read_figures(replace(context, securities=(ref,), notes=[]))
    except DataError:
        return {}
    day = next(iter(figures.balance_days()), None)
    end = next((period.end for period in figures.periods("trailing", 1)), None)
    told: dict[str, float | None] = {}
    if day is not None:
        told |= {name: figures.value(name, "year", day) for name in _LINES}
        year = day - timedelta(days=365)
        near = [each for each in figures.balance_days() if abs((each - year).days) <= 45]
        if near:
            before = min(near, key=lambda each: abs((each - year).days))
            told["assets_before"] = figures.value("assets", "year", before)
    if end is not None:
        told |= {name: figures.value(name, "trailing", end) for name in _FLOWS}
    shares, close = figures.outstanding().value, _close(context, ref)
    told["market_cap"] = shares * close if shares and close else None
    return told


def _close(context: Context, ref: SecurityRef) -> float | None:
    """The last close as traded, in the shares of the clock."""
    from datetime import timedelta

    bars = context.reader.bars([ref.security_id], context.today - timedelta(days=15), adjust="splits")
    return float(bars["close"][-1]) if bars.height else None


def _sectors(context: Context, found: Crowd) -> NDArray[np.str_]:
    """Each company's sector by its newest profile known; by the first two digits of its SIC where none is told."""
    import numpy as np

    rows = context.reader.rows("profiles", [ref.security_id for ref in found.refs], columns=("sector", "sic"))
    told = {
        row["security_id"]: row["sector"] or (f"SIC {row['sic'][:2]}" if row["sic"] else "")
        for row in rows.sort("valid_from").iter_rows(named=True)
    }
    return np.array([told.get(ref.security_id) or "" for ref in found.refs])


def _counts(found: Crowd, raw: dict[str, Row], sectors: NDArray[np.str_] | None) -> Metrics:
    import numpy as np

    items = [
        Metric("securities", len(found.refs), "integer"),
        Metric("in the day's universe", int(found.member[-1].sum()), "integer",
               formula="members with a price in the last five sessions"),
        Metric("with filings", int(np.isfinite(raw["investment"]).sum()), "integer",
               formula="two balance sheets a year apart known at the clock"),
    ]  # fmt: skip
    if sectors is not None:
        items.append(Metric("of known sector", int((sectors != "").sum()), "integer"))
    return Metrics(tuple(items))


def _scores(
    found: Crowd, scores: dict[str, Row], whole: NDArray[np.float64], order: list[int], shown: list[str],
    sectors: NDArray[np.str_] | None,
) -> Table:  # fmt: skip
    within = "its sector's mean" if sectors is not None else "the universe's mean"
    rows: list[dict[str, Any]] = [
        {"symbol": found.refs[at].ticker, "whole": _number(whole[at]), "command": f"{found.refs[at].label} FACT",
         "sector": "" if sectors is None else str(sectors[at]),
         **{name: _number(scores[name][0, at]) for name in shown}}
        for at in order
    ]  # fmt: skip
    types: dict[str, TypeWord] = {"symbol": "text", "command": "text", "sector": "text", "whole": "number"}
    types |= dict.fromkeys(shown, "number")
    columns = [
        Column("symbol", "symbol"),
        Column("whole", "all", "number", 2, formula="mean of the scores that are known, two at least"),
    ]
    for name, label, told, _ in SHOWN:
        if name in shown:
            turned = "minus " if name in ("size", "investment") else ""
            formula = f"{turned}({told}, tails drawn in, less {within}) / the universe's deviation"
            columns.append(Column(name, label, "number", 2, formula=formula))
    if sectors is not None:
        columns.append(Column("sector", "sector", width=24))
    return Table(frame_of(rows, **types), tuple(columns), key=("symbol",), command="command")


def _heat(found: Crowd, scores: dict[str, Row], order: list[int], shown: list[str]) -> Heatmap:
    import numpy as np

    labels = {name: label for name, label, *_ in SHOWN}
    values = np.array([[scores[name][0, at] for name in shown] for at in order])
    return Heatmap(
        tuple(found.refs[at].ticker for at in order), tuple(labels[name] for name in shown), values,
        row_title="symbol", column_title="score", low=-3.0, high=3.0,
        commands=tuple(f"{found.refs[at].label} FACT" for at in order),
    )  # fmt: skip


def _figures(found: Crowd, raw: dict[str, Row], order: list[int], shown: list[str]) -> Table:
    rows: list[dict[str, Any]] = [
        {"symbol": found.refs[at].ticker, **{name: _number(raw[name][0, at]) for name in shown}}
        for at in order
    ]
    types: dict[str, TypeWord] = {"symbol": "text"}
    types |= dict.fromkeys(shown, "number")
    columns = [Column("symbol", "symbol")]
    columns += [
        Column(name, label, kind, 2, formula=told) for name, label, told, kind in SHOWN if name in shown
    ]
    return Table(frame_of(rows, **types), tuple(columns), key=("symbol",))


def _tell(
    context: Context, found: Crowd, raw: dict[str, Row], shown: list[str], sectors: NDArray[np.str_] | None
) -> None:
    import numpy as np

    missing = [label for name, label, *_ in SHOWN if name not in shown]
    if missing:
        context.note(
            f"Not enough is known at this clock for {', '.join(missing)}: they take filings (FA fetches them) and a "
            "close as traded."
        )
    if sectors is not None and (unknown := int((sectors == "").sum())):
        context.note(f"{unknown} securities of unknown sector have no sector-neutral score.", "warning")
    filed = int(np.isfinite(raw["size"]).sum())
    if "size" in shown and filed < len(found.refs):
        context.note(f"Market value is known of {filed} of {len(found.refs)} securities.")


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None

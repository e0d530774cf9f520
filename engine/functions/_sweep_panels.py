"""SWEEP's figures: the best points, the heatmap over two parameters, securities and parts side by side."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np

from engine.backtest.sweep import MEASURES, figures
from engine.frames import TypeWord, frame_of
from engine.function import Args
from engine.page import Column, Panel, Table
from engine.runs.sweep_found import Found, Place
from engine.runs.sweep_lines import line_of

WORDS = {
    "SHARPE": "Sharpe ratio", "RETURN": "total return", "CAGR": "return a year", "CALMAR": "Calmar ratio",
    "DRAWDOWN": "drawdown",
}  # fmt: skip
PER_CENT = ("RETURN", "CAGR", "DRAWDOWN")
FORMULAS = {
    "sharpe_ratio": "mean / deviation of a session's returns over the risk-free rate, x sqrt(sessions a year)",
    "cagr": "(1 + total return) ** (sessions a year / sessions) - 1",
    "total_return": "last equity / capital - 1",
    "max_drawdown": "lowest equity / highest before it - 1, at closes",
    "calmar_ratio": "return a year / -drawdown",
    "volatility": "deviation of a session's returns (ddof 1) x sqrt(sessions a year)",
}
_LEFT_OUT = 30


def points(found: Found, places: list[Place], args: Args) -> Panel:
    """The best ones: choosing a row runs it."""
    several = len(found.columns) > 1
    names = [f"p{at}" for at in range(len(found.grid.dimensions))]
    rows = [_row(found, at, place, names) for at, place in enumerate(places[: args["top"]], 1)]
    kinds: dict[str, TypeWord] = {
        "rank": "integer", "security": "text", **dict.fromkeys(names, "text"), "sharpe_ratio": "number",
        "cagr": "number", "total_return": "number", "volatility": "number", "max_drawdown": "number",
        "calmar_ratio": "number", "trades": "integer", "wins": "number", "exposure": "number", "costs": "number",
        "text": "text", "command": "text",
    }  # fmt: skip
    columns = [Column("security", "security")] if several else []
    columns += [Column(name, each.name) for name, each in zip(names, found.grid.dimensions, strict=True)]
    columns += [
        Column("sharpe_ratio", "Sharpe", "number", 2, formula=FORMULAS["sharpe_ratio"]),
        Column("cagr", "a year", "percent", 1, formula=FORMULAS["cagr"]),
        Column("total_return", "in all", "percent", 1, formula=FORMULAS["total_return"]),
        Column("volatility", "volatility", "percent", 1, formula=FORMULAS["volatility"]),
        Column("max_drawdown", "drawdown", "percent", 1, formula=FORMULAS["max_drawdown"]),
        Column("calmar_ratio", "Calmar", "number", 2, formula=FORMULAS["calmar_ratio"]),
        Column("trades", "trades", "integer"),
        Column(
            "wins", "won", "percent", 0, formula="closed trades with a profit after costs / closed trades"
        ),
        Column("exposure", "in market", "percent", 0, formula="closes with a position / sessions"),
        Column(
            "costs",
            "costs paid",
            "percent",
            1,
            formula="commissions and slippage of all trades / capital",
        ),
    ]
    frame = frame_of(rows, **kinds)
    ran = any(column.there.any() for column in found.columns)
    empty = (
        "No point has the measure: none of them ever traded."
        if ran
        else "No point could be run: see below why."
    )
    empty = empty if found.whole else "No point is done yet."
    shown = (
        f"the best {len(rows)} of {len(places):,}" if len(places) > len(rows) else f"{len(places):,} points"
    )
    title = f"{shown} by {WORDS[args['by']]}: a number runs it"
    key = ("security", *names)
    return Panel("points", title, Table(frame, tuple(columns), key, "command", empty=empty), 4)


def _row(found: Found, rank: int, place: Place, names: list[str]) -> dict[str, Any]:
    column, point = found.columns[place.subject], place.point
    text = found.text(place)
    capital = float(found.order.terms["capital"])
    told = {name: _known(getattr(column.figures, name)[point]) for name in MEASURES.values()}
    return {
        "rank": rank, "security": found.order.subjects[place.subject].label,
        **dict(zip(names, found.grid.values(point), strict=True)), **told,
        "volatility": _known(column.figures.volatility[point]),
        "trades": int(column.trades[point]), "wins": _known(column.wins[point]),
        "exposure": _known(column.exposure[point]), "costs": _known(column.costs[point] / capital), "text": text,
        "command": line_of(found.order, place.subject, text),
    }  # fmt: skip


def day_of(at: np.datetime64) -> date:
    """The day of a session, or of a bar within it."""
    day: date = at.astype("datetime64[D]").astype(object)
    return day


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def subjects(found: Found, args: Args, places: list[Place]) -> Panel:
    """The best point of each security, and where the best of all stands there."""
    best, measure = places[0], args["by"]
    rows = []
    for at, subject in enumerate(found.order.subjects):
        own = next((place for place in places if place.subject == at), None)
        rows.append(
            {
                "security": subject.label,
                "point": found.text(own) if own else None,
                "value": found.value(own, measure) if own else None,
                "same": _known(found.value(Place(at, best.point), measure)),
                "why": found.columns[at].fault,
                "command": line_of(found.order, at, found.text(own)) if own else "",
            }
        )
    kind, digits = ("percent", 1) if measure in PER_CENT else ("number", 2)
    frame = frame_of(
        rows, security="text", point="text", value="number", same="number", why="text", command="text"
    )
    columns = (
        Column("security", "security"),
        Column("point", "its best point", width=40),
        Column("value", WORDS[measure], kind, digits),  # type: ignore[arg-type]
        Column("same", f"there: {found.text(best)}"[:40], kind, digits),  # type: ignore[arg-type]
        *((Column("why", "why there is none", width=60),) if any(row["why"] for row in rows) else ()),
    )
    return Panel("securities", "by security", Table(frame, columns, ("security",), "command"), 2)


def parts(found: Found, args: Args, best: Place) -> Panel:
    """The same runs cut into parts of one length: whether the best stays good."""
    column, measure = found.columns[best.subject], args["by"]
    capital, rows = float(found.order.terms["capital"]), []
    points_there = np.flatnonzero(column.there)
    bounds = np.linspace(0, len(column.dates), args["periods"] + 1).astype(int)
    for first, last in pairwise(bounds.tolist()):
        if last - first < 2:
            continue
        before = column.equity[first - 1, points_there] if first else np.full(len(points_there), capital)
        with np.errstate(invalid="ignore", divide="ignore"):
            held = column.equity[first:last, points_there] / before
        values = getattr(figures(held, 1.0, column.periods), MEASURES[measure])
        own = float(values[int(np.searchsorted(points_there, best.point))])
        top = int(np.nanargmax(values)) if np.isfinite(values).any() else None
        rows.append(
            {
                "from": day_of(column.dates[first]), "to": day_of(column.dates[last - 1]),
                "best": found.grid.text(int(points_there[top])) if top is not None else None,
                "top": float(values[top]) if top is not None else None, "own": _known(own),
                "rank": 1 + int((values > own).sum()) if np.isfinite(own) else None,
                "of": int(np.isfinite(values).sum()),
            }
        )  # fmt: skip
    kind, digits = ("percent", 1) if measure in PER_CENT else ("number", 2)
    kinds: dict[str, TypeWord] = {
        "from": "date", "to": "date", "best": "text", "top": "number", "own": "number", "rank": "integer",
        "of": "integer",
    }  # fmt: skip
    frame = frame_of(rows, **kinds)
    columns = (
        Column("from", "from", "date"),
        Column("to", "to", "date"),
        Column("best", "best there", width=36),
        Column("top", WORDS[measure], kind, digits),  # type: ignore[arg-type]
        Column("own", "the best of all", kind, digits),  # type: ignore[arg-type]
        Column("rank", "its rank", "integer"),
        Column("of", "of", "integer"),
    )
    label = f" of {found.order.subjects[best.subject].label}" if len(found.columns) > 1 else ""
    empty = "The range is too short to be cut: give fewer PERIODS= or more years."
    return Panel("parts", f"part by part{label}: the best of all is {found.text(best)}",
                 Table(frame, columns, ("from",), empty=empty), 2)  # fmt: skip


def left_out(found: Found, args: Args) -> Panel | None:
    """Points without a number, and why."""
    rows = []
    for subject, column in enumerate(found.columns):
        rows += [(Place(subject, point), why) for point, why in column.failed]
    rows += [
        (place, "It never traded: nothing varies, and there is no ratio.")
        for place in found.unranked(args["by"])
    ]
    if not rows:
        return None
    told = [
        {"security": found.order.subjects[place.subject].label, "point": found.text(place), "why": why}
        for place, why in rows[:_LEFT_OUT]
    ]
    columns = (
        Column("security", "security"),
        Column("point", "point", width=50),
        Column("why", "why", width=90),
    )
    more = f", the first {_LEFT_OUT} shown" if len(rows) > _LEFT_OUT else ""
    frame = frame_of(told, security="text", point="text", why="text")
    return Panel("left_out", f"{len(rows):,} points without the measure{more}", Table(frame, columns), 1)

"""SWEEP's honesty: plateau or peak, what luck would show, and what came of choosing out of sample."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.backtest.honesty import Plateau, deflated_by, plateau
from engine.backtest.sweep import (
    MEASURES,
    CrossValidated,
    Judged,
    Walked,
    cross_validated,
    judge,
    sharpe,
    walked,
)
from engine.errors import CommandError
from engine.frames import TypeWord, frame_of
from engine.function import Args
from engine.functions._sweep_panels import day_of
from engine.page import Bars, Column, Lines, Metric, Metrics, Panel, Series, Table
from engine.runs.sweep_found import Found, Place
from engine.runs.trials import Counted

if TYPE_CHECKING:
    from engine.context import Context

_UNITS = {"D": 1.0, "W": 5.0, "M": 21.0, "Y": 252.0}
_LENGTH = re.compile(r"(\d{1,5})([DWMY]?)", re.IGNORECASE)
_BINS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """All points over the sessions that they share, and what their best one is worth."""

    dates: NDArray[np.datetime64]
    returns: NDArray[np.float64]
    places: list[Place]
    chosen: int
    judged: Judged
    flat: Plateau
    periods: float


def searched(context: Context, found: Found, args: Args, best: Place) -> Searched:
    """Judge the best point by all of them."""
    context.progress(0, 0, "judging the best by all points")
    dates, returns, places = found.returns()
    chosen = places.index(best)
    context.check_cancelled()
    judged = judge(returns, chosen, seed=args["seed"])
    context.check_cancelled()
    column = found.columns[best.subject]
    values = np.where(column.there, getattr(column.figures, MEASURES[args["by"]]), np.nan)
    return Searched(
        dates, returns, places, chosen, judged, plateau(values.reshape(found.grid.shape)), column.periods
    )


def honesty(found: Found, args: Args, search: Searched, counted: Counted) -> Panel:
    """The best point, and how far to believe it."""
    best, judged, flat = search.places[search.chosen], search.judged, search.flat
    raw, chosen = judged.deflation.raw, judged.deflation.chosen
    year = float(np.sqrt(search.periods))
    items = [
        Metric("the best point", found.text(best)),
        Metric("Sharpe ratio", chosen.sharpe * year, "number", 2, note=f"{len(search.dates):,} sessions"),
        Metric("plateau or peak", _standing(flat), formula="share of the cells beside the best that keep 80% of it"),
        Metric("neighbours that keep 80%", _number(flat.kept), "percent", 0),
        Metric("of all points", _number(flat.kept_of_all), "percent", 0),
        Metric("roughness", _number(flat.roughness), "number", 2,
               formula="mean |difference| of adjacent cells / deviation of all; 1.13 of noise"),
        Metric("points tried", int(raw.trials), "integer"),
        Metric("luck's best Sharpe ratio", raw.hurdle * year, "number", 2,
               formula="expected maximum of as many ratios without skill, by their variance"),
        Metric("deflated Sharpe ratio", raw.probability, "percent", 1,
               formula="P(true ratio > luck's best), Bailey and Lopez de Prado (2014)"),
    ]  # fmt: skip
    if judged.deflation.effective is not None:
        some = judged.deflation.effective
        items.append(
            Metric("of like points as one", some.probability, "percent", 1, note=f"{some.trials:.0f} groups")
        )
    items += _counted(judged, counted)
    if judged.overfitting is not None:
        over = judged.overfitting
        items += [
            Metric("PBO", over.probability, "percent", 0, note=f"{len(over.logits):,} samples",
                   formula="share of samples whose best ranks at or below the median of the rest (CSCV)"),
            Metric("best in sample loses outside", over.loss, "percent", 0),
        ]  # fmt: skip
    if judged.superior is not None:
        test = judged.superior
        items += [
            Metric("SPA p-value", test.consistent, "number", 3, note=f"{test.replications:,} bootstraps",
                   formula="Hansen (2005), consistent, against earning nothing over the risk-free rate"),
            Metric("reality check p-value", test.reality_check, "number", 3, note="against earning nothing",
                   formula="White (2000), over the risk-free rate"),
        ]  # fmt: skip
    label = found.order.subjects[best.subject].label
    return Panel("honesty", f"how far to believe it: {label} {found.text(best)}", Metrics(tuple(items)), 3)


def _standing(flat: Plateau) -> str:
    if not np.isfinite(flat.kept):
        return "no plateau: the best is not above 0"
    if flat.kept >= 0.75:
        return "plateau: most neighbours keep 80% of it"
    return (
        "slope: some neighbours keep 80% of it" if flat.kept >= 0.4 else "peak: few neighbours keep 80% of it"
    )


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _counted(judged: Judged, counted: Counted) -> list[Metric]:
    """The same, with what was tried on these data before."""
    raw, chosen = judged.deflation.raw, judged.deflation.chosen
    if counted.trials <= raw.trials:
        return []
    variance = counted.variance if np.isfinite(counted.variance) else raw.variance
    chance = deflated_by(chosen, counted.trials, variance).probability
    told = f"{counted.trials:,} runs on these data, this sweep among them"
    return [Metric("deflated by all your runs", chance, "percent", 1, note=told)]


def walk(found: Found, args: Args, search: Searched) -> list[Panel]:
    """Walk forward: the joined tests, and what was chosen when."""
    train, test = _lengths(args["walk"], search.periods)
    try:
        made = walked(search.returns, train, test)
    except ValueError as fault:
        raise CommandError(str(fault), argument="walk") from fault
    days = search.dates[made.rows]
    own = search.returns[made.rows, search.chosen]
    lines = Lines(
        (
            Series("chosen in each window", days, np.cumprod(1 + made.returns),
                   formula="product of 1 + returns of the tests, joined; changing points costs nothing here"),
            Series("the best of all, which nobody knew then", days, np.cumprod(1 + own)),
        ),
        unit="x",
    )  # fmt: skip
    year = float(np.sqrt(search.periods))
    outside = float(sharpe(made.returns[:, None])[0]) * year
    title = f"out of sample: Sharpe ratio {outside:.2f}, in sample {float(made.inside.mean()) * year:.2f} on average"
    return [
        Panel("walk", title, lines, 3),
        Panel("windows", "walk forward", _windows(found, search, made), 2),
    ]


def _windows(found: Found, search: Searched, made: Walked) -> Table:
    year = float(np.sqrt(search.periods))
    rows = []
    for at, column in enumerate(made.chosen.tolist()):
        place = search.places[column]
        first, last = made.test[at].tolist()
        rows.append(
            {
                "from": day_of(search.dates[first]), "to": day_of(search.dates[last]),
                "trained": day_of(search.dates[int(made.train[at, 0])]),
                "security": found.order.subjects[place.subject].label, "chosen": found.text(place),
                "inside": float(made.inside[at]) * year, "outside": float(made.outside[at]) * year,
                "gain": float(np.prod(1 + search.returns[first : last + 1, column]) - 1),
            }
        )  # fmt: skip
    kinds: dict[str, TypeWord] = {
        "trained": "date", "from": "date", "to": "date", "security": "text", "chosen": "text", "inside": "number",
        "outside": "number", "gain": "number",
    }  # fmt: skip
    frame = frame_of(rows, **kinds)
    columns = (
        Column("from", "tested from", "date"),
        Column("to", "to", "date"),
        Column("trained", "trained from", "date"),
        *((Column("security", "security"),) if len(found.columns) > 1 else ()),
        Column("chosen", "chosen", width=40),
        Column("inside", "Sharpe inside", "number", 2),
        Column("outside", "outside", "number", 2),
        Column("gain", "earned", "change", 1),
    )
    return Table(frame, columns, ("from",))


def cross(args: Args, search: Searched) -> Panel:
    """Combinatorial purged cross-validation: how the paths' Sharpe ratios are spread."""
    found = re.fullmatch(r"(\d{1,2})[/,](\d)", args["cpcv"])
    if found is None:
        raise CommandError("CPCV= takes groups and how many are tested at a time: CPCV=8/2.", argument="cpcv")
    try:
        made = cross_validated(search.returns, int(found[1]), int(found[2]))
    except ValueError as fault:
        raise CommandError(str(fault), argument="cpcv") from fault
    return Panel("cpcv", _spread(made, search.periods), _bars(made, search.periods), 2)


def _spread(made: CrossValidated, periods: float) -> str:
    paths = made.paths * np.sqrt(periods)
    low, middle, high = np.quantile(paths, (0.05, 0.5, 0.95))
    inside = float(made.inside.mean() * np.sqrt(periods))
    return (
        f"{len(paths)} paths out of sample: Sharpe ratio {middle:.2f} in the middle, 5% to 95% {low:.2f} to "
        f"{high:.2f}, {float((paths <= 0).mean()):.0%} at or below 0; in sample {inside:.2f}"
    )


def _bars(made: CrossValidated, periods: float) -> Bars:
    paths = made.paths * np.sqrt(periods)
    counts, edges = np.histogram(paths, bins=min(_BINS, max(3, len(paths))))
    labels = tuple(f"{low:.2f} to {high:.2f}" for low, high in pairwise(edges))
    return Bars(labels, tuple(float(each) for each in counts), "paths", 0)


def _lengths(text: str, periods: float) -> tuple[int, int]:
    """Sessions of WALK=: 756/252, or 3Y/1Y."""
    parts = [_LENGTH.fullmatch(part) for part in text.split("/")]
    if len(parts) != 2 or None in parts:
        raise CommandError("WALK= takes training/test in sessions, 756/252, or as 3Y/1Y.", argument="walk")
    scale = periods / 252.0
    found = [int(each[1]) * (_UNITS[each[2].upper()] * scale if each[2] else 1) for each in parts if each]
    return max(2, round(found[0])), max(2, round(found[1]))

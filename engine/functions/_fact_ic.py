"""FACT IC: what scores made of prices were worth afterwards: coefficients, their decay, quintiles, turnover."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from engine.errors import DataError
from engine.frames import frame_of
from engine.function import Args
from engine.functions._fact_crowd import Crowd, crowd
from engine.page import Column, Lines, Page, Panel, Series, Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.context import Context

    Floats = NDArray[np.float64]

HORIZONS = (1, 5, 21, 63)
GROUPS, _YEAR = 5, 252.0
_LEAST = 300  # sessions: a year of prices before the first score, and something after
LABELS = {"momentum": "momentum 12-1", "low_volatility": "low volatility"}


def page(context: Context, args: Args) -> Page:
    found = crowd(context, args, args["period"], history=True)
    if len(found.dates) < _LEAST:
        raise DataError(
            f"{len(found.dates)} sessions lie in {args['period']}, and {_LEAST} are needed: a score takes a year of "
            "prices, and what came after it. Take a longer range, or MAX."
        )
    scores, moves = _scores(context, found, args["tail"] / 100.0)
    sorts = {name: _sorted(found, values, moves) for name, values in scores.items()}
    context.check_cancelled()
    if not args["universe"]:
        context.note(
            "The list was made by whoever typed it: what is in it was chosen with hindsight.", "warning"
        )
    panels = (
        Panel("coefficients", "rank correlation of scores with the returns that followed", _decay(scores, moves), 2),
        Panel("series", "coefficients of 21 sessions, each on the day it became known",
              _series(found, scores, moves), 2),
        Panel("quintiles", "mean return a year of fifths formed at each month's end", _quintiles(sorts), 2),
        Panel("spread", "highest fifth less lowest, added up", _spread(found, sorts), 2),
    )  # fmt: skip
    return Page(f"{found.title}  information coefficients", panels)


def _scores(context: Context, found: Crowd, tail: float) -> tuple[dict[str, Floats], Floats]:
    import numpy as np

    from engine.quant.factors import low_volatility, momentum, zscores

    moves = np.full(found.levels.shape, np.nan)
    moves[1:] = found.levels[1:] / found.levels[:-1] - 1.0
    raw = {"momentum": momentum(found.levels), "low_volatility": low_volatility(moves, least=252)}
    scores = {name: zscores(values, universe=found.member, tail=tail) for name, values in raw.items()}
    if not any(np.isfinite(each).any() for each in scores.values()):
        raise DataError(
            f"No day has three scores among {found.title}: take a longer range, or other securities."
        )
    return scores, moves


def _sorted(found: Crowd, scores: Floats, moves: Floats) -> tuple[Floats, Floats, Floats]:
    """Returns of fifths (n, 5), their spread (n,), and the turnover of the long-short book at each formation."""
    import numpy as np

    from engine.quant import factors as library

    months = found.dates.astype("datetime64[M]")
    formed = np.append(months[1:] != months[:-1], False)  # the last session of a month that is over
    groups = library.held_groups(library.quantile_groups(scores, GROUPS), formed)
    returns = library.quantile_returns(groups, moves, GROUPS)
    weights = library.long_short_weights(groups, GROUPS)[formed]
    held = np.abs(weights).sum(axis=1) > 0
    traded = library.turnover(weights[held]) if held.sum() > 1 else np.full(1, np.nan)
    return returns.groups, returns.spread, traded


def _decay(scores: dict[str, Floats], moves: Floats) -> Table:
    from engine.quant.factors import decay

    rows: list[dict[str, Any]] = []
    for name, values in scores.items():
        for horizon, told in decay(values, moves, HORIZONS).items():
            rows.append({
                "score": LABELS[name], "horizon": horizon, "mean": _number(told.mean),
                "deviation": _number(told.deviation), "ratio": _number(told.information_ratio),
                "t": _number(told.t_statistic), "lags": told.lags, "positive": _number(told.positive),
                "days": told.observations,
            })  # fmt: skip
    frame = frame_of(
        rows, score="text", horizon="integer", mean="number", deviation="number", ratio="number", t="number",
        lags="integer", positive="number", days="integer",
    )  # fmt: skip
    return Table(
        frame,
        (
            Column("score", "score"), Column("horizon", "sessions ahead", "integer"),
            Column("mean", "mean IC", "number", 3, formula=(
                "mean over days of Spearman's correlation of a day's scores with the returns of the sessions after")),
            Column("deviation", "deviation", "number", 3, formula="standard deviation (n - 1) over days"),
            Column("ratio", "mean/dev", "number", 2, formula="mean / deviation, a day"),
            Column("t", "NW t", "number", 2, formula="mean / its Newey-West error: horizons overlap"),
            Column("lags", "lags", "integer", formula="the larger of horizon - 1 and floor(4 (T / 100)^(2/9))"),
            Column("positive", "above zero", "percent", 1, formula="share of days"),
            Column("days", "days", "integer"),
        ),
        key=("score", "horizon"),
    )  # fmt: skip


def _series(found: Crowd, scores: dict[str, Floats], moves: Floats) -> Lines:
    from engine.quant.factors import information_coefficients

    lines = []
    for name, values in scores.items():
        line = information_coefficients(values, moves, 21)
        formula = "Spearman's correlation of scores 21 sessions before with the returns since"
        lines.append(Series(LABELS[name], found.dates, line, formula=formula))
    return Lines(tuple(_begun(lines)))


def _spread(found: Crowd, sorts: dict[str, tuple[Floats, Floats, Floats]]) -> Lines:
    import numpy as np

    lines = []
    for name, (_, spread, _) in sorts.items():
        total = np.where(np.isfinite(spread), np.cumsum(np.nan_to_num(spread)), np.nan)
        formula = "sum of daily returns of the highest fifth less the lowest, equal weights, no costs"
        lines.append(Series(LABELS[name], found.dates, 100.0 * total, "percent", formula))
    return Lines(tuple(_begun(lines)), "percent", 1)


def _begun(lines: list[Series]) -> list[Series]:
    """Lines from the first day on which one of them has a value."""
    import numpy as np

    first = min(
        (int(np.isfinite(line.values).argmax()) for line in lines if np.isfinite(line.values).any()),
        default=0,
    )
    return [
        Series(line.name, line.dates[first:], line.values[first:], line.unit, line.formula) for line in lines
    ]


def _quintiles(sorts: dict[str, tuple[Floats, Floats, Floats]]) -> Table:
    from engine.quant.factors import summarized

    rows: list[dict[str, Any]] = []
    for name, (groups, spread, traded) in sorts.items():
        told = summarized(spread)
        row: dict[str, Any] = {
            "score": LABELS[name],
            "spread": _number(told.mean * _YEAR),
            "t": _number(told.t_statistic),
        }
        row |= {f"q{at + 1}": _number(summarized(groups[:, at]).mean * _YEAR) for at in range(GROUPS)}
        row["turnover"] = _number(summarized(traded).mean)
        rows.append(row)
    names = [f"q{at + 1}" for at in range(GROUPS)]
    types = dict.fromkeys((*names, "spread", "t", "turnover"), "number")
    frame = frame_of(rows, score="text", **types)  # type: ignore[arg-type]
    ends = {0: "lowest fifth", GROUPS - 1: "highest fifth"}
    columns = [Column("score", "score")]
    columns += [
        Column(
            name, ends.get(at, f"{at + 1}"), "percent", 1, formula="mean daily return x 252, equal weights"
        )
        for at, name in enumerate(names)
    ]
    columns += [
        Column("spread", "spread", "percent", 1, formula="highest less lowest, x 252, without costs"),
        Column("t", "NW t", "number", 2, formula="mean daily spread / its Newey-West error"),
        Column("turnover", "turnover a month", "percent", 0, formula=(
            "half the sum of changes of weights of the long-short book at each formation; 200% is all of it")),
    ]  # fmt: skip
    return Table(frame, tuple(columns), key=("score",))


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None

"""The panels of REGIME."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from engine.figures import Heatmap, Timeline
from engine.frames import frame_of
from engine.functions._regime_found import Regimes
from engine.page import Blank, Column, Metric, Metrics, Series, Table
from engine.quant.regimes import expected_durations, performance_by_regime
from engine.rates import risk_free

if TYPE_CHECKING:
    from engine.context import Context
    from engine.returns import Returns

_TONES: dict[int, tuple[Literal["good", "calm", "warn", "bad"], ...]] = {
    1: ("calm",), 2: ("good", "bad"), 3: ("good", "calm", "bad"), 4: ("good", "calm", "warn", "bad"),
}  # fmt: skip
_BRIEF = 3  # periods
_PERIOD = {"daily": "sessions", "weekly": "weeks", "monthly": "months"}


def chart_title(found: Regimes, returns: Returns) -> str:
    return f"{returns.refs[0].ticker}, total return, and its states by {found.method}, {returns.step}"


def timeline(found: Regimes, returns: Returns) -> Timeline:
    line = Series(
        returns.refs[0].ticker, returns.dates, returns.levels[1:, 0],
        formula="close adjusted for splits and dividends known at the clock",
    )  # fmt: skip
    return Timeline(
        returns.dates, found.names, found.states, found.probabilities, line, "log", _TONES[len(found.names)],
        found.formula,
    )  # fmt: skip


def now(found: Regimes, returns: Returns) -> Metrics:
    """The state of the last day, how sure, since when, and what comes next."""
    state = int(found.states[-1])
    if state < 0:
        return Metrics((Metric("state", None, blank=Blank.NOT_YET_KNOWN, note="too little past"),))
    changed = np.flatnonzero(found.states != state)
    since = returns.dates[changed[-1] + 1 if len(changed) else 0].astype(object)
    items = [Metric("state", found.names[state], formula=found.formula)]
    if found.probabilities is not None:
        items += [
            Metric(f"P({name})", float(found.probabilities[-1, at]), "percent", 1, formula=found.formula)
            for at, name in enumerate(found.names)
        ]
    items += [
        Metric("since", since, "date", formula="first day of the spell, by the likeliest state"),
        Metric("lasted", len(returns.dates) - (int(changed[-1]) + 1 if len(changed) else 0), "integer",
               unit=_PERIOD[returns.step]),
    ]  # fmt: skip
    if found.transition is not None:
        stays = float(expected_durations(found.transition)[state])
        items.append(
            Metric("expected stay", stays if np.isfinite(stays) else None, "number", 1, _PERIOD[returns.step],
                   "1 / (1 - probability of staying)", note="from any day in it, of a chain without memory")
        )  # fmt: skip
    if found.recent is not None and np.isfinite(found.recent[-1]):
        items.append(
            Metric("P(recent change)", float(found.recent[-1]), "percent", 1,
                   formula="P(a change within the last 20 periods | returns up to the day)")
        )  # fmt: skip
    return Metrics(tuple(items))


def short_lived(found: Regimes) -> tuple[str, ...]:
    """A word on states that hardly last: they are kinds of days, not of times."""
    if found.transition is None:
        return ()
    stays = expected_durations(found.transition)
    brief = [name for name, stay in zip(found.names, stays, strict=True) if stay < _BRIEF]
    if not brief:
        return ()
    return (
        f"{'; '.join(brief)}: left after fewer than {_BRIEF} periods on average, a kind of day more than a "
        "regime. Take fewer STATES=, or a longer range.",
    )


def performance_title(found: Regimes) -> str:
    if found.later:
        return "returns by the filtered state of the period before; its parameters use the whole range"
    if found.lag:
        return "returns by the state known when they began"
    return "returns by the state of their own period: descriptive, it was not known then"


def performance(context: Context, found: Regimes, returns: Returns) -> Table:
    rate = risk_free(context, returns.dates, returns.step)
    parts = performance_by_regime(
        returns.values[:, 0], found.states, len(found.names), risk_free=rate.values, lag=found.lag,
        periods_per_year=returns.periods_per_year,
    )  # fmt: skip
    stays = expected_durations(found.transition) if found.transition is not None else None
    rows: list[dict[str, Any]] = []
    for part in parts:
        row: dict[str, Any] = {name: getattr(part, name) for name in part.__slots__}
        row = {k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in row.items()}
        stay = float(stays[part.state]) if stays is not None else np.nan
        rows.append(row | {"name": found.names[part.state], "stay": stay if np.isfinite(stay) else None})
    frame = frame_of(
        rows, name="text", share="number", periods="integer", spells="integer", annual_return="number",
        volatility="number", sharpe_ratio="number", max_drawdown="number", hit_rate="number", worst="number",
        best="number", stay="number",
    )  # fmt: skip
    unit = _PERIOD[returns.step]
    return Table(
        frame,
        (
            Column("name", "state", formula=found.formula),
            Column("share", "share of time", "percent", 1, formula="its periods / all with a known state"),
            Column("periods", unit, "integer"),
            Column("spells", "spells", "integer", formula="unbroken runs of the state"),
            Column("annual_return", "return a year", "change", 1,
                   formula="(product of 1 + r) ^ (periods a year / n) - 1"),
            Column("volatility", "volatility", "percent", 1, formula="standard deviation x sqrt(periods a year)"),
            Column("sharpe_ratio", "Sharpe", "ratio", 2,
                   formula=f"mean / standard deviation of r - risk-free, annualised; rate: {rate.source}"),
            Column("max_drawdown", "max drawdown", "change", 1, formula="of wealth held in this state only"),
            Column("hit_rate", "hit rate", "percent", 1, formula="share of periods with r > 0"),
            Column("worst", "worst", "change", 1), Column("best", "best", "change", 1),
            Column("stay", "expected stay", "number", 1, unit, "1 / (1 - probability of staying)"),
        ),
        key=("name",),
    )  # fmt: skip


def transitions(found: Regimes) -> Heatmap:
    matrix = found.transition
    return Heatmap(
        found.names, found.names, np.asarray(matrix), "percent", 1, scale="sequential", low=0.0, high=1.0,
        row_title="state", column_title="next",
        formula="share of what followed" if found.counted else "transition probability of the model",
    )  # fmt: skip


def segments(found: Regimes, returns: Returns) -> Table:
    logs, days = np.log1p(returns.values[:, 0]), returns.dates
    edges = [*found.segments, len(logs)]
    per_year = returns.periods_per_year
    rows = [
        {
            "session_date": days[first].astype(object), "until": days[last - 1].astype(object),
            "periods": last - first,
            "name": found.names[int(found.states[first])],
            "annual_return": float(np.expm1(logs[first:last].mean() * per_year)),
            "volatility": float(logs[first:last].std(ddof=1) * np.sqrt(per_year)),
        }
        for first, last in pairwise(edges)
    ]  # fmt: skip
    frame = frame_of(
        rows[::-1], session_date="date", until="date", periods="integer", name="text", annual_return="number",
        volatility="number",
    )  # fmt: skip
    return Table(
        frame,
        (
            Column("session_date", "from", "date"), Column("until", "until", "date"),
            Column("periods", _PERIOD[returns.step], "integer"), Column("name", "state"),
            Column("annual_return", "return a year", "change", 1,
                   formula="exp(mean log return x periods a year) - 1"),
            Column("volatility", "volatility", "percent", 1, formula="standard deviation x sqrt(periods a year)"),
        ),
        key=("session_date",),
    )  # fmt: skip

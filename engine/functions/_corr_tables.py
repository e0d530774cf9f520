"""CORR's tables and lines: pairs with their significance, what is common, and how pairs moved over time."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from engine.figures import Heatmap
from engine.frames import frame_of
from engine.page import Column, Lines, Metric, Metrics, Series, Table

if TYPE_CHECKING:
    from engine.page import SecurityRef
    from engine.quant.risk import Correlations
    from engine.returns import Returns

_PAIRS = 100  # rows of the table
_LINES = 6


def heat(refs: tuple[SecurityRef, ...], found: Correlations, order: list[int], words: str) -> Heatmap:
    names = tuple(refs[i].ticker for i in order)
    return Heatmap(
        names, names, found.matrix[order][:, order], low=-1.0, high=1.0, formula=words,
        commands=tuple(f'"{refs[i].ticker}" {refs[i].market} GP' for i in order),
    )  # fmt: skip


def pairs(refs: tuple[SecurityRef, ...], found: Correlations, words: str, days: int) -> Table:
    """Every pair, strongest first, with Holm's correction for asking about so many at once."""
    every = sorted(combinations(range(len(refs)), 2), key=lambda each: -abs(float(found.matrix[each])))
    held = _holm([float(found.p_values[each]) for each in every])
    rows = [
        {
            "pair": f"{refs[i].ticker} {refs[j].ticker}", "correlation": float(found.matrix[i, j]),
            "low": float(found.low[i, j]), "high": float(found.high[i, j]), "days": days,
            "p": float(found.p_values[i, j]), "holm": held[at], "told": "yes" if held[at] < 0.05 else "no",
            "command": f'GP "{refs[i].ticker}" {refs[i].market} "{refs[j].ticker}" {refs[j].market}',
            "emphasis": "" if held[at] < 0.05 else "muted",
        }
        for at, (i, j) in enumerate(every)
    ]  # fmt: skip
    frame = frame_of(
        rows[:_PAIRS], pair="text", correlation="number", low="number", high="number", days="integer", p="number",
        holm="number", told="text", command="text", emphasis="text",
    )  # fmt: skip
    columns = (
        Column("pair", "pair", least=10),
        Column("correlation", "correlation", "number", 3, formula=words),
        Column("low", "from", "number", 3, formula="95% interval by Fisher's z"),
        Column("high", "to", "number", 3, formula="95% interval by Fisher's z"),
        Column("days", "common", "integer", formula="returns that both have"),
        Column(
            "p", "p", "number", 4, formula="chance of as strong a correlation where there is none, two-sided"
        ),
        Column("holm", "p, Holm", "number", 4, formula="Holm 1979: p corrected for the number of pairs"),
        Column("told", "significant", formula="p, Holm below 0.05: real even among so many pairs"),
    )
    return Table(frame, columns, key=("pair",), command="command", emphasis="emphasis")


def _holm(ordered: list[float]) -> list[float]:
    """Holm's step-down correction, each in its own place."""
    places = sorted(range(len(ordered)), key=lambda i: ordered[i])
    found, highest = [0.0] * len(ordered), 0.0
    for rank, place in enumerate(places):
        highest = max(highest, min(1.0, (len(ordered) - rank) * ordered[place]))
        found[place] = highest
    return found


def common(returns: Returns, found: Correlations) -> Metrics:
    """How many days they share, and how much of all moves is one move."""
    import numpy as np

    from engine.quant.risk import common_moves

    moves = common_moves(found.matrix, found.observations)
    k = len(returns.refs)
    off = found.matrix[np.triu_indices(k, 1)]
    share = "first eigenvalue / number of securities"
    noise = "(1 + sqrt(k / n))^2: what independent returns would reach (Marchenko and Pastur 1967)"
    items = [
        Metric(
            "common returns", len(returns.dates), "integer", formula=f"{returns.step} returns that all have"
        ),
        Metric("first", returns.first, "date"),
        Metric("last", returns.last, "date"),
        Metric("mean correlation", float(off.mean()), "number", 3, formula="mean over pairs"),
        Metric("first component's share", moves.share, "percent", 1, formula=share),
        Metric(
            "first eigenvalue",
            float(moves.eigenvalues[0]),
            "number",
            2,
            formula="of the correlation matrix: above the edge of noise they share a cause",
        ),
        Metric("edge of noise", moves.noise, "number", 2, formula=noise),
        Metric(
            "effective number of bets",
            moves.effective,
            "number",
            1,
            formula="exp of the entropy of the components' shares: as many as move by themselves",
        ),
    ]
    if found.measure == "ewma":
        items.insert(
            1, Metric("worth", found.observations, "number", 0, formula="1 / sum of squared weights")
        )
    return Metrics(tuple(items))


def rolling(returns: Returns, window: int) -> Lines:
    """Pearson's over a moving window: of every pair where these are few, else of the first security with others."""
    from engine.quant.risk import rolling_correlation

    k = len(returns.refs)
    shown = list(combinations(range(k), 2)) if k <= 4 else [(0, j) for j in range(1, k)]
    series = []
    for i, j in shown[:_LINES]:
        values = rolling_correlation(returns.values[:, i], returns.values[:, j], window)
        name = f"{returns.refs[i].ticker} {returns.refs[j].ticker}"
        formula = f"Pearson's correlation of the {window} returns up to the day"
        series.append(Series(name, returns.dates[window - 1 :], values[window - 1 :], "", formula))
    return Lines(tuple(series), "", 2)


# where sessions end, by calendar: those of one region close within a few hours of one another
_REGIONS: dict[str, str] = {
    **dict.fromkeys(("XNYS", "XNAS", "XTSE", "BVMF", "XMEX"), "the Americas"),
    **dict.fromkeys(
        ("XLON", "XETR", "XPAR", "XAMS", "XSWX", "XMIL", "XMAD", "XSTO", "XJSE", "XECB"), "Europe"
    ),
    **dict.fromkeys(("XTKS", "XHKG", "XSHG", "XASX", "XKRX", "XTAI", "XBOM", "XSES"), "Asia and the Pacific"),
}


def asynchronous(context: Any, refs: tuple[SecurityRef, ...]) -> dict[str, list[str]]:
    """Tickers by where their day ends, where that is more than one place."""
    found: dict[str, list[str]] = {}
    for ref in refs:
        security = context.directory.by_id(ref.security_id)
        calendar = security.current.calendar if security is not None else ""
        place = _REGIONS.get(calendar, "")
        if ref.asset_class == "currency":
            place = "currency fixings and rates"
        if ref.asset_class == "crypto":
            place = "crypto, midnight UTC"
        if place:
            found.setdefault(place, []).append(ref.ticker)
    return found if len(found) > 1 else {}

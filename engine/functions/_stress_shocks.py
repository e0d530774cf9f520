"""STRESS: shocks carried over to what is not shocked, correlations shifted, and the likeliest way to lose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import DataError
from engine.figures import Heatmap
from engine.frames import TypeWord, frame_of
from engine.functions._stress_joint import Joint, Shock
from engine.page import Column, Metric, Metrics, Panel, Table

if TYPE_CHECKING:
    from engine.context import Context
    from engine.portfolios import Holdings
    from engine.quant.risk import Propagated, ShiftedCorrelation


def whole(held: Holdings, known: Joint) -> Any:
    """Weights in the matrix's order: 0 for what is shocked and not held."""
    import numpy as np

    found = np.zeros(len(known.refs))
    found[: len(held.refs)] = held.weights
    return found


def shocked(
    context: Context, held: Holdings, known: Joint, asked: tuple[Shock, ...], horizon: int
) -> tuple[list[Panel], Any]:
    """The propagation table, what it adds up to, and the returns (k,) that it expects.

    Raises
    ------
    DataError
        Shocked assets move as one, so that their shocks contradict.
    """
    import numpy as np

    at = [known.place(shock.ref) for shock in asked]
    found = _propagated(context, known, at, [shock.size for shock in asked], horizon)
    weights = whole(held, known)
    rows = [
        {
            "ticker": ref.ticker, "weight": float(weights[i]), "expected": float(found.expected[i]),
            "deviation": float(found.deviation[i]), "part": float(weights[i] * found.expected[i]),
            "alone": float(np.sqrt(known.covariance[i, i] * horizon)),
            "basis": "shocked" if i in at else "conditional expectation",
            "emphasis": "strong" if i in at else "",
        }
        for i, ref in enumerate(known.refs)
    ]  # fmt: skip
    change = float(weights @ found.expected)
    spread = float(np.sqrt(max(float(weights @ found.covariance @ weights), 0.0)))
    unshocked = float(np.sqrt(max(float(weights @ known.covariance @ weights) * horizon, 0.0)))
    rows.append({
        "ticker": "portfolio", "weight": float(weights.sum()), "expected": change, "deviation": spread,
        "part": change, "alone": unshocked, "basis": "sum", "emphasis": "strong",
    })  # fmt: skip
    words = ", ".join(f"{shock.ref.ticker} {shock.size:+.1%}" for shock in asked)
    items = [
        Metric("portfolio", change, "change", 2, formula="sum of weight x expected return"),
        Metric("+/-", spread, "percent", 2, formula="left by the shocks: sqrt(w' (Sbb - Sba Saa^-1 Sab) w)"),
        Metric("shocks are", found.distance, "number", 2, "deviations", "Mahalanobis: sqrt(s' Saa^-1 s)"),
        Metric("as far or farther", found.plausibility, "percent", 4, formula="chi-squared, jointly normal returns"),
    ]  # fmt: skip
    if held.value is not None:
        items.insert(1, Metric("in money", change * held.value, "price", 0, held.currency))
    return [
        Panel("propagation", f"{words} over {horizon} days, carried over to the others", _table(rows), 2),
        Panel("shock", "what it adds up to", Metrics(tuple(items)), side=True),
    ], found.expected


def _propagated(
    context: Context, known: Joint, at: list[int], sizes: list[float], horizon: int
) -> Propagated:
    """Conditional expectations; what would lose more than all of it loses all, and that is said."""
    from dataclasses import replace

    import numpy as np

    from engine.quant.risk import propagate

    try:
        found = propagate(known.covariance * horizon, at, sizes)
    except ValueError as fault:
        raise DataError(f"{', '.join(known.refs[i].ticker for i in at)}: {fault}.") from fault
    lost = [known.refs[i].ticker for i in np.flatnonzero(found.expected < -1.0)]
    if lost:
        context.note(
            f"{', '.join(lost)}: so far from usual the expectation lies below -100%; a total loss is taken.",
            "warning",
        )
    return replace(found, expected=np.maximum(found.expected, -1.0))


def _table(rows: list[dict[str, Any]]) -> Table:
    frame = frame_of(
        rows, ticker="text", weight="number", expected="number", deviation="number", part="number", alone="number",
        basis="text", emphasis="text",
    )  # fmt: skip
    columns = (
        Column("ticker", "asset"),
        Column("weight", "weight", "percent", 1),
        Column(
            "expected",
            "return",
            "change",
            2,
            formula="the shock, or Sba Saa^-1 x the shocks; -100% at the least",
        ),
        Column("deviation", "+/-", "percent", 2, formula="sqrt of the diagonal of Sbb - Sba Saa^-1 Sab"),
        Column("part", "P&L", "change", 2, formula="weight x return"),
        Column("alone", "+/- unshocked", "percent", 2, formula="its own deviation over the horizon"),
        Column("basis", "basis"),
    )
    return Table(frame, columns, key=("ticker",), emphasis="emphasis")


def shifted(held: Holdings, known: Joint, shift: float, found: ShiftedCorrelation) -> list[Panel]:
    """Volatility and normal risk before and after the correlations move."""
    import numpy as np

    from engine.quant.risk import normal_components

    k = len(held.refs)
    rows = []
    for name, matrix in (("before", known.covariance), ("after", found.covariance)):
        inner = matrix[:k, :k]
        var, shortfall = (
            normal_components(np.zeros(k), inner, held.weights, 0.99, measure).total
            for measure in ("value_at_risk", "expected_shortfall")
        )
        year = float(np.sqrt(max(float(held.weights @ inner @ held.weights), 0.0) * 252))
        rows.append({"when": name, "volatility": year, "var": var, "es": shortfall})
    frame = frame_of(rows, when="text", volatility="number", var="number", es="number")
    columns = (
        Column("when", f"correlations {shift:+g}"),
        Column("volatility", "volatility a year", "percent", 2, formula="sqrt(w' S w x 252)"),
        Column("var", "99% VaR, a day", "percent", 2, formula="2.326 x sqrt(w' S w)"),
        Column("es", "99% ES, a day", "percent", 2, formula="2.665 x sqrt(w' S w)"),
    )
    names = tuple(ref.ticker for ref in known.refs)
    told = (
        f"the nearest correlation matrix was taken, {found.moved:.3f} away" if found.projected else "as asked"
    )
    heat = Heatmap(
        names, names, found.correlation, low=-1.0, high=1.0, formula=f"correlation {shift:+g}, {told}"
    )
    return [
        Panel("shift", f"every correlation {shift:+g}, {told}", Table(frame, columns, key=("when",))),
        Panel("shifted", "correlations after", heat, side=True),
    ]


def reversed_(held: Holdings, known: Joint, loss: float, horizon: int) -> Panel:
    """The likeliest returns that lose so much; an empty table that says so of a portfolio without risk."""
    from engine.quant.risk import reverse_stress

    title = f"what loses {loss * 100:g}% in {horizon} days"
    matrix = known.covariance * horizon
    try:
        found = reverse_stress(matrix, whole(held, known), loss)
    except ValueError as fault:
        return Panel("reverse", title, _reversed_table([], f"Nothing: {fault}."))
    far = f"{found.distance:.1f} deviations away, {_odds(found.probability)}"
    ruined = [ref.ticker for ref, x in zip(known.refs, found.scenario, strict=True) if x < -1]
    if ruined:
        far += f"; {', '.join(ruined)} cannot lose so much: normal returns know no floor"
    rows = _reversed_rows(held, known, found.scenario, matrix, loss)
    return Panel("reverse", f"{title}: the likeliest way, {far}", _reversed_table(rows), 2)


def _reversed_rows(
    held: Holdings, known: Joint, scenario: Any, matrix: Any, loss: float
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for i, ref in enumerate(known.refs):
        weight = float(held.weights[i]) if i < len(held.refs) else 0.0
        alone = float(matrix[i, i]) ** 0.5
        rows.append({
            "ticker": ref.ticker, "weight": weight, "return": float(scenario[i]),
            "part": weight * float(scenario[i]), "deviations": float(scenario[i]) / alone if alone else None,
            "emphasis": "",
        })  # fmt: skip
    total = float(held.weights.sum())
    return [*rows, {"ticker": "portfolio", "weight": total, "part": -loss, "emphasis": "strong"}]


def _reversed_table(rows: list[dict[str, Any]], empty: str = "") -> Table:
    returned: dict[str, TypeWord] = {"return": "number"}
    frame = frame_of(
        rows, ticker="text", weight="number", part="number", deviations="number", emphasis="text", **returned
    )
    formula = "-loss x S w / (w' S w): nearest in Mahalanobis distance"
    columns = (
        Column("ticker", "asset"),
        Column("weight", "weight", "percent", 1),
        Column("return", "return", "change", 2, formula=formula),
        Column("part", "P&L", "change", 2, formula="weight x return"),
        Column(
            "deviations", "deviations", "number", 2, formula="return / its own deviation over the horizon"
        ),
    )
    return Table(frame, columns, key=("ticker",), emphasis="emphasis", empty=empty)


def _odds(probability: float) -> str:
    """A small probability as one reads it."""
    if probability >= 0.001:
        return f"probability {probability:.1%}"
    return f"once in {1 / probability:,.0f}" if probability > 1e-9 else "hardly ever in normal returns"

"""RISK's tables: estimates, whose risk it is, and covariance by estimator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.figures import Heatmap
from engine.frames import frame_of
from engine.functions._risk_methods import FORMULAS, LABELS, OWN_HORIZON, ROOT, Asked
from engine.page import Column, Metric, Metrics, Table

if TYPE_CHECKING:
    from engine.portfolios import Holdings
    from engine.quant.risk import TailRisk
    from engine.quant.risk.covariance import Estimator

NAMES: dict[str, Estimator] = {"SAMPLE": "sample", "EWMA": "ewma", "LEDOIT": "ledoit_wolf", "OAS": "oas"}


def covariance_of(asked: Asked, word: str) -> Any:
    """The matrix of daily returns by the estimator that was asked for."""
    from engine.quant.risk import covariance

    return covariance(asked.values, NAMES[word])


def answer(found: list[tuple[str, TailRisk]], held: Holdings) -> Metrics:
    """At each level the middle of the methods, and the least and the most that one of them says."""
    from statistics import median

    items = []
    for level in sorted({risk.level for _, risk in found}):
        told = [(method, risk) for method, risk in found if risk.level == level]
        for name, label in (("value_at_risk", "VaR"), ("expected_shortfall", "ES")):
            values = {LABELS[method]: float(getattr(risk, name)) for method, risk in told}
            middle = median(values.values())
            low, high = min(values, key=lambda each: values[each]), max(values, key=lambda each: values[each])
            money = "" if held.value is None else f"{middle * held.value:,.0f} {held.currency}; "
            spread = f"{values[low]:.2%} ({low}) to {values[high]:.2%} ({high})" if len(values) > 1 else low
            formula = f"median of {len(values)} methods" if len(values) > 1 else f"by {low}"
            items.append(
                Metric(
                    f"{label} {level * 100:g}%", middle, "percent", 2, formula=formula, note=money + spread
                )
            )
    return Metrics(tuple(items))


def estimated(found: list[tuple[str, TailRisk]], held: Holdings) -> Table:
    rows = [_row(method, risk, held.value) for method, risk in found]
    frame = frame_of(
        rows, method="text", level="number", var="number", var_low="number", var_high="number", es="number",
        es_low="number", es_high="number", var_money="number", es_money="number", interval="text", detail="text",
        var_why="text", es_why="text",
    )  # fmt: skip
    unit = held.currency
    money = () if held.value is None else (
        Column("var_money", "VaR", "price", 0, unit, "value at risk x what the portfolio is worth"),
        Column("es_money", "ES", "price", 0, unit, "expected shortfall x what the portfolio is worth"),
    )  # fmt: skip
    interval = "95% interval, by the way named in the row"
    columns = (
        Column("method", "method", least=16),
        Column("level", "level", "percent", 1, formula="the loss is exceeded on 1 - level of days"),
        Column("var", "VaR", "percent", 2, formula_from="var_why"),
        Column("var_low", "from", "percent", 2, formula=interval),
        Column("var_high", "to", "percent", 2, formula=interval),
        Column("es", "ES", "percent", 2, formula_from="es_why"),
        Column("es_low", "from", "percent", 2, formula=interval),
        Column("es_high", "to", "percent", 2, formula=interval),
        *money,
        Column("interval", "interval by", width=34),
        Column("detail", "detail", width=60),
    )
    empty = "No method could be used on these returns. Take a longer range: RISK ... MAX."
    return Table(frame, columns, key=("method", "level"), empty=empty)


def _row(method: str, risk: TailRisk, value: float | None) -> dict[str, Any]:
    import math

    why = FORMULAS[method] + ("" if method in OWN_HORIZON else ROOT)
    row: dict[str, Any] = {
        "method": LABELS[method], "level": risk.level, "var": risk.value_at_risk, "es": risk.expected_shortfall,
        "var_low": risk.var_interval[0], "var_high": risk.var_interval[1], "es_low": risk.es_interval[0],
        "es_high": risk.es_interval[1], "interval": risk.interval, "detail": "; ".join(risk.notes),
        "var_why": why, "es_why": why,
    }  # fmt: skip
    if value is not None:
        row |= {"var_money": risk.value_at_risk * value, "es_money": risk.expected_shortfall * value}
    return {
        key: None if isinstance(each, float) and not math.isfinite(each) else each
        for key, each in row.items()
    }


def components(asked: Asked, held: Holdings, level: float, estimator: str) -> Table:
    """Whose risk: Euler's parts of the normal value at risk and of the historical shortfall, over one day."""
    from engine.quant.risk import historical_components, normal_components

    normal = normal_components(
        asked.values.mean(axis=0), covariance_of(asked, estimator).matrix, asked.weights, level
    )
    past = historical_components(asked.values, asked.weights, level, "expected_shortfall")
    rows = [
        {
            "ticker": ref.ticker, "weight": float(asked.weights[i]), "component": float(normal.component[i]),
            "share": float(normal.share[i]), "marginal": float(normal.marginal[i]),
            "incremental": float(normal.incremental[i]), "es": float(past.component[i]),
            "es_share": float(past.share[i]), "command": f'"{ref.ticker}" {ref.market} RISK', "emphasis": "",
        }
        for i, ref in enumerate(held.refs)
    ]  # fmt: skip
    rows.sort(key=lambda row: -abs(float(row["component"])))  # type: ignore[arg-type]
    rows.append({
        "ticker": "total", "weight": float(asked.weights.sum()), "component": normal.total, "share": 1.0,
        "es": past.total, "es_share": 1.0, "emphasis": "strong",
    })  # fmt: skip
    frame = frame_of(
        rows, ticker="text", weight="number", component="number", share="number", marginal="number",
        incremental="number", es="number", es_share="number", command="text", emphasis="text",
    )  # fmt: skip
    columns = (
        Column("ticker", "holding"),
        Column("weight", "weight", "percent", 1),
        Column(
            "component",
            "VaR part",
            "percent",
            3,
            formula="weight x marginal: adds up to the normal VaR",
        ),
        Column("share", "of VaR", "percent", 1, formula="part / total"),
        Column(
            "marginal",
            "marginal",
            "percent",
            3,
            formula="-mean + z (S w) / sqrt(w' S w)",
        ),
        Column(
            "incremental",
            "incremental",
            "percent",
            3,
            formula="VaR less that with it turned into cash",
        ),
        Column("es", "ES part", "percent", 3, formula="weight x mean loss in the portfolio's worst days"),
        Column("es_share", "of ES", "percent", 1, formula="part / total"),
    )
    return Table(frame, columns, key=("ticker",), command="command", emphasis="emphasis")


def volatilities(asked: Asked) -> Metrics:
    """The portfolio's volatility by every covariance estimator, and how well the matrix is conditioned."""
    import numpy as np

    items = []
    for word in NAMES:
        found = covariance_of(asked, word)
        deviation = float(np.sqrt(max(asked.weights @ found.matrix @ asked.weights, 0.0) * 252))
        shrunk = "" if found.shrinkage is None else f"shrunk by {found.shrinkage:.1%}; "
        note = f"{shrunk}condition {np.linalg.cond(found.matrix):,.0f}"
        formula = "sqrt(w' S w x 252), S of daily returns"
        items.append(
            Metric(f"volatility {word.lower()}", deviation, "percent", 2, formula=formula, note=note)
        )
    return Metrics(tuple(items))


def heat(asked: Asked, held: Holdings, estimator: str) -> Heatmap:
    """Correlations in the order of a clustering; what never moves has none, and stands last."""
    import numpy as np

    from engine.quant.risk import cluster_order, correlation_from

    covariance = covariance_of(asked, estimator).matrix
    moving = np.flatnonzero(np.diag(covariance) > 0)
    matrix = np.full_like(covariance, np.nan)
    inner = correlation_from(covariance[np.ix_(moving, moving)])
    matrix[np.ix_(moving, moving)] = inner
    order = [int(moving[at]) for at in cluster_order(inner)]
    order += [at for at in range(len(matrix)) if at not in order]
    names = tuple(held.refs[i].ticker for i in order)
    return Heatmap(
        names, names, matrix[order][:, order], low=-1.0, high=1.0, formula=f"correlation, {estimator.lower()}"
    )

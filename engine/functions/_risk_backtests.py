"""RISK's backtests: forecasts made every evening from the days before, against what came."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.functions._risk_methods import LABELS, Asked
from engine.page import Column, Event, Lines, Series, Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.context import Context
    from engine.quant.risk import Garch, RollingRisk
    from engine.quant.risk.rolling import Method

_ROLLING: dict[str, Method] = {
    "HISTORICAL": "historical",
    "AGE": "age_weighted",
    "SCALED": "volatility_scaled",
    "FILTERED": "filtered",
    "NORMAL": "normal",
    "T": "t",
    "CORNISHFISHER": "cornish_fisher",
    "EVT": "evt",
    "CONDITIONALEVT": "conditional_evt",
}
_DRAWN = ("HISTORICAL", "FILTERED")  # of all methods, those whose lines are drawn
REFIT = 20
LEAST_DAYS = 60  # forecasts that a test says something of


def forecasts(context: Context, asked: Asked, window: int, level: float) -> dict[str, RollingRisk]:
    """Every method's forecasts, one a day; empty where the range has too few days."""
    from engine.quant.risk import rolling_copula, rolling_risk

    if len(asked.values) < window + LEAST_DAYS:
        context.note(
            f"No backtest: {len(asked.values):,} returns are fewer than a window of {window} and {LEAST_DAYS} "
            "days to test. Take a longer range (MAX) or a shorter WINDOW=."
        )
        return {}
    found: dict[str, RollingRisk] = {}
    garch = _remembering()
    for at, method in enumerate(asked.methods):
        context.progress(len(asked.methods) + at, 2 * len(asked.methods), f"backtest {LABELS[method]}")
        try:
            if method in _ROLLING:
                found[method] = rolling_risk(
                    asked.portfolio, _ROLLING[method], level, window=window, refit=REFIT,
                    step=context.check_cancelled, garch=garch,
                )  # fmt: skip
            else:
                found[method] = rolling_copula(
                    asked.values, asked.weights, level, family="gaussian" if method == "COPULA" else "t",
                    window=window, refit=REFIT, seed=asked.seed, step=context.check_cancelled,
                )  # fmt: skip
        except ValueError as fault:
            context.note(f"No backtest of {LABELS[method]}: {fault}.", "warning")
    for method in [each for each in found if not _tells(found[each])]:
        del found[method]
        context.note(f"No backtest of {LABELS[method]}: it tells of no day of these returns.", "warning")
    return found


def _tells(made: RollingRisk) -> bool:
    """Whether any day has a forecast: of returns that never move some methods have none."""
    import numpy as np

    return bool(np.isfinite(made.value_at_risk).any())


def _remembering() -> Callable[[NDArray[Any]], Garch]:
    """A fit of GARCH(1,1) that both methods that filter share, window by window."""
    from engine.quant.risk import fit_garch

    known: dict[bytes, Garch] = {}

    def fit(values: NDArray[Any]) -> Garch:
        key = values.tobytes()
        if key not in known:
            known[key] = fit_garch(values, exact=False)
        return known[key]

    return fit


def drawn(
    dates: NDArray[np.datetime64], returns: NDArray[Any], made: dict[str, RollingRisk], level: float
) -> Lines:
    """Returns with the loss that each evening's forecast named, and the days that lost more."""
    import numpy as np

    shown = [method for method in _DRAWN if method in made] or list(made)[:2]
    known = np.isfinite(np.column_stack([made[method].value_at_risk for method in shown])).any(axis=1)
    lines = [
        Series("return", dates[known], returns[known] * 100, "percent", "portfolio return of the day"),
        *(
            Series(
                f"-VaR {LABELS[method]}", dates[known], -made[method].value_at_risk[known] * 100, "percent",
                f"loss at {level:.4g} forecast the evening before, {LABELS[method]}",
            )
            for method in shown
        ),
    ]  # fmt: skip
    hit = made[shown[0]].exceptions(returns)
    events = tuple(
        Event(day.astype(object), "loss beyond VaR", f"{value:+.2%} below -VaR {LABELS[shown[0]]}")
        for day, value in zip(dates[hit], returns[hit], strict=True)
    )
    return Lines(tuple(lines), "percent", 2, events=events)


def verdicts(returns: NDArray[Any], made: dict[str, RollingRisk], level: float, seed: int) -> Table:
    """One row a method: exceptions, whether as many and as scattered as they should be, and the shortfall."""
    from engine.frames import frame_of

    rows = [{"method": LABELS[each], **_verdict(returns, made[each], level, seed)} for each in made]
    frame = frame_of(
        rows, method="text", days="integer", expected="number", exceptions="integer", kupiec="number",
        independence="number", both="number", binomial="number", zone="text", z1="number", p1="number", z2="number",
        p2="number", average="number", emphasis="text",
    )  # fmt: skip
    percent = level * 100
    columns = (
        Column("method", "method", least=16),
        Column("days", "days", "integer", formula="days with a forecast"),
        Column("expected", "expected", "number", 1, formula="(1 - level) x days"),
        Column("exceptions", "exceptions", "integer", formula=f"days that lost more than the {percent:g}% VaR"),
        Column("zone", "zone", formula="Basel 1996: yellow from 95%, red from 99.99% of the binomial"),
        Column("kupiec", "p Kupiec", "number", 3, formula="chi-squared(1) of -2 ln L(p) / L(exceptions / days)"),
        Column("independence", "p independence", "number", 3, formula="Christoffersen 1998, by a Markov chain"),
        Column("both", "p both", "number", 3, formula="conditional coverage, chi-squared(2) of the sum"),
        Column("binomial", "p binomial", "number", 3, formula="chance of as many exceptions or more"),
        Column("z1", "Z1", "number", 2, formula="Acerbi-Szekely 2014: mean(return / ES) over exceptions, + 1"),
        Column("p1", "p Z1", "number", 3, formula="share of 5,000 simulations of a right model as low"),
        Column("z2", "Z2", "number", 2, formula="sum(return / ES over exceptions) / (days (1 - level)), + 1"),
        Column("p2", "p Z2", "number", 3, formula="share of 5,000 simulations of a right model as low"),
        Column("average", "mean VaR", "percent", 2, formula="average of the forecasts"),
    )  # fmt: skip
    empty = "No day could be tested. Take a longer range: RISK ... MAX, or a shorter WINDOW=."
    return Table(frame, columns, key=("method",), emphasis="emphasis", empty=empty)


def _verdict(returns: NDArray[Any], made: RollingRisk, level: float, seed: int) -> dict[str, Any]:
    import numpy as np

    from engine.quant import risk

    known = np.isfinite(made.value_at_risk)
    hits, days = made.exceptions(returns)[known], int(known.sum())
    count = int(hits.sum())
    coverage = risk.kupiec(count, days, 1 - level)
    apart = risk.christoffersen_independence(*risk.passages(hits))
    light = risk.traffic_light(count, days, level)
    row: dict[str, Any] = {
        "days": days, "expected": (1 - level) * days, "exceptions": count, "kupiec": coverage.p_value,
        "independence": apart.p_value, "both": risk.conditional_coverage(coverage, apart).p_value,
        "binomial": risk.binomial_tail(count, days, 1 - level), "zone": light.zone,
        "average": float(made.value_at_risk[known].mean()),
        "emphasis": {"green": "", "yellow": "strong", "red": "down"}[light.zone],
    }  # fmt: skip
    var, shortfall = made.value_at_risk[known], made.expected_shortfall[known]
    if (shortfall > 0).all() and (shortfall >= var).all():
        z1, z2 = risk.acerbi_szekely(returns[known], var, shortfall, level, seed=seed)
        for name, test in (("1", z1), ("2", z2)):
            if np.isfinite(test.statistic):
                row |= {f"z{name}": test.statistic, f"p{name}": test.p_value}
    return row

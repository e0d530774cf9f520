"""OVDV's tables: expiries, checks, parameters, quotes, and what was thrown out."""

from __future__ import annotations

from datetime import date
from math import isnan
from typing import Any

from engine.frames import TypeWord, frame_of
from engine.function import Args
from engine.functions._ovdv_data import Fitted
from engine.functions._ovdv_figures import measured
from engine.page import CellSource, Column, SecurityRef, Table

_KEYS = {
    "security_id": "security_id", "session_date": "session_date", "quoted_at": "quoted_at", "contract": "contract",
}  # fmt: skip


def expiries_of(fitted: Fitted, ref: SecurityRef, args: Args) -> Table:
    """Each expiry: forward and rate, level, skew and wings, how near the fit comes, and whether it is clean."""
    from engine.quant.surface import forward_volatility

    built = fitted.built
    years, forwards = built.surface.years, built.forwards
    m = measured(fitted, args["delta"] == "SPOT")
    again = _again(ref, args)
    between = [None, *(_number(v) for v in forward_volatility(built.surface, years[:-1], years[1:]))]
    rows = [
        {
            "expiry": expiry, "days": fitted.days[at], "forward": forwards.forward[at],
            "error": _number(forwards.forward_error[at]), "rate": forwards.rate[at], "basis": forwards.basis[at],
            "pairs": int(forwards.pairs[at]), "money": m.at_the_money[at], "between": between[at],
            "skew": m.skew[at], "rr25": _number(m.risk_reversal_25[at]), "bf25": _number(m.butterfly_25[at]),
            "rr10": _number(m.risk_reversal_10[at]), "bf10": _number(m.butterfly_10[at]),
            "quotes": int(built.quality.quotes[at]), "rmse": _number(built.quality.rmse[at]),
            "inside": _number(built.quality.inside[at]), "status": _status(fitted, at),
            "command": f"{again} EXPIRY={expiry}",
        }
        for at, expiry in enumerate(fitted.expiries)
    ]  # fmt: skip
    frame = frame_of(
        rows, expiry="date", days="integer", forward="number", error="number", rate="number", basis="text",
        pairs="integer", money="number", between="number", skew="number", rr25="number", bf25="number", rr10="number",
        bf10="number", quotes="integer", rmse="number", inside="number", status="text", command="text",
    )  # fmt: skip
    return Table(frame, _expiry_columns(fitted), ("expiry",), command="command", pinned="expiry")


def _again(ref: SecurityRef, args: Args) -> str:
    """The line that shows this page with the same assumptions."""
    words = [ref.ticker, ref.market, "OVDV", args["model"], args["axis"], f"DELTA={args['delta']}"]
    words += [
        f"{name.upper()}={args[name]:g}" for name in ("rate", "wide", "stale") if args[name] is not None
    ]
    return " ".join(words)


def _expiry_columns(fitted: Fitted) -> tuple[Column, ...]:
    free = " with the premium of early exercise taken off" if fitted.american else ""
    return (
        Column("expiry", "expiry", "date"),
        Column("days", "days", "integer", formula="expiry - session of the quotes"),
        Column("money", "ATM", "percent", 2, formula="implied volatility at strike = forward"),
        Column("rr25", "25d RR", "percent", 2, formula="volatility of the 25-delta call less the 25-delta put"),
        Column("bf25", "25d BF", "percent", 2, formula="mean volatility of the 25-delta call and put less ATM"),
        Column("status", "arbitrage", formula="what the checks found; the panel below says where"),
        Column("rmse", "RMSE", "percent", 2, formula="sqrt(mean squared (fit - mid)), in volatility"),
        Column("inside", "inside", "percent", 0, formula="share of quotes whose fit lies within bid and ask"),
        Column("quotes", "quotes", "integer", formula="out of the money and not thrown out"),
        Column("forward", "forward", "price", 2,
               formula=f"zero of call - put by strike{free}: Huber's regression of mids"),
        Column("error", "±", "number", 3, formula="standard error of the forward"),
        Column("rate", "rate", "percent", 2, formula="-ln(discount) / years; the basis says where it is from"),
        Column("basis", "basis",
               formula="parity: this expiry's own slope; pooled: of the chain; given: a curve or RATE="),
        Column("skew", "skew", "number", 3, formula="d volatility / d ln(strike) at the forward"),
        Column("between", "forward vol", "percent", 2,
               formula="sqrt((w2 - w1) / (t2 - t1)) at the money, since the expiry before"),
        Column("rr10", "10d RR", "percent", 2, formula="volatility of the 10-delta call less the 10-delta put"),
        Column("bf10", "10d BF", "percent", 2, formula="mean volatility of the 10-delta call and put less ATM"),
        Column("pairs", "pairs", "integer", formula="strikes with a call and a put that the forward rests on"),
    )  # fmt: skip


def _status(fitted: Fitted, at: int) -> str:
    report = fitted.built.report
    found = []
    if not report.butterfly_free[at]:
        found.append("butterfly")
    if not report.calendar_free[at]:
        found.append("calendar" if report.calendar_quoted[at] < -1e-10 else "calendar in the wings")
    if not report.vertical_free[at]:
        found.append("vertical")
    return ", ".join(found) or "none"


def checks_of(fitted: Fitted) -> Table:
    """The worst of each check at each expiry, and at which strike."""
    import numpy as np

    report, built = fitted.built.report, fitted.built
    rows = []
    for at, expiry in enumerate(fitted.expiries):
        forward = built.surface.forward[at]
        where = report.calendar_where[at]
        sold = min(float(report.vertical[at]), 0.0)
        rows.append(
            {
                "expiry": expiry, "status": _status(fitted, at), "g": report.butterfly[at],
                "g_strike": forward * np.exp(report.butterfly_where[at]), "calendar": _number(report.calendar[at]),
                "calendar_strike": _number(forward * np.exp(where)), "among": _number(report.calendar_quoted[at]),
                "vertical": sold, "vertical_strike": forward * np.exp(report.vertical_where[at]) if sold else None,
                "mass": report.mass[at], "wing": report.wing[at],
                "told": _told(fitted, at), "tone": "" if report.free[at] else "strong",
            }
        )  # fmt: skip
    frame = frame_of(
        rows, expiry="date", status="text", g="number", g_strike="number", calendar="number",
        calendar_strike="number", among="number", vertical="number", vertical_strike="number", mass="number",
        wing="number", told="text", tone="text",
    )  # fmt: skip
    columns = (
        Column("expiry", "expiry", "date"),
        Column("status", "arbitrage"),
        Column("g", "least g(k)", "number", 4,
               formula="(1 - k w'/(2w))^2 - w'^2/4 (1/w + 1/4) + w''/2; below 0 a butterfly costs less than nothing"),
        Column("g_strike", "at strike", "price", 2),
        Column("calendar", "least Δw", "number", 5,
               formula="total variance less that of the expiry before, at one forward moneyness; below 0 they cross"),
        Column("calendar_strike", "at strike", "price", 2),
        Column("among", "quoted Δw", "number", 5, formula="the least among strikes that both expiries are quoted at"),
        Column("vertical", "vertical", "number", 5,
               formula="by how much a digital's price is below 0, above 1, or rises with the strike; 0: nowhere"),
        Column("vertical_strike", "at strike", "price", 2),
        Column("mass", "density", "number", 6, formula="integral of the implied density: 1"),
        Column("wing", "wing", "number", 3,
               formula="b (1 + |rho|), the steeper slope of total variance; Lee: at most 2"),
        Column("told", "remark"),
    )  # fmt: skip
    return Table(frame, columns, ("expiry",), emphasis="tone")


def _told(fitted: Fitted, at: int) -> str:
    svi = fitted.built.svi
    return "fitted again without butterflies" if svi is not None and svi.constrained[at] else ""


def parameters_of(fitted: Fitted) -> Table:
    """Raw SVI of every expiry, as it may be put in elsewhere, and its jump-wings."""
    import numpy as np

    from engine.quant.surface import raw_to_jump_wings

    raw, years = fitted.built.surface.raw, fitted.built.surface.years
    wings = raw_to_jump_wings(raw, years)
    columns = {name: np.asarray(getattr(raw, name)) for name in ("a", "b", "rho", "m", "sigma")}
    columns |= {name: np.asarray(getattr(wings, name)) for name in ("v", "psi", "p", "c", "v_tilde")}
    rows = [
        {"expiry": expiry, "years": years[at]} | {name: values[at] for name, values in columns.items()}
        for at, expiry in enumerate(fitted.expiries)
    ]
    types: dict[str, TypeWord] = dict.fromkeys(columns, "number")
    formulas = dict.fromkeys(
        ("a", "b", "rho", "m", "sigma"), "w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2))"
    )
    formulas |= {
        "v": "variance at the money, a year", "psi": "skew of total deviation at the money",
        "p": "slope of the put wing", "c": "slope of the call wing", "v_tilde": "least variance, a year",
    }  # fmt: skip
    return Table(
        frame_of(rows, expiry="date", years="number", **types),
        (
            Column("expiry", "expiry", "date"),
            Column("years", "years", "number", 5, formula="to 16:00 New York of the expiry, / 365 days"),
            *(Column(name, name, "number", 5, formula=formulas[name]) for name in columns),
        ),
        ("expiry",),
    )


def quotes_of(fitted: Fitted, expiry: date) -> Table:
    """Quote by quote, how near the fit comes."""
    import numpy as np
    import polars as pl

    built, row = fitted.built, fitted.expiries.index(expiry)
    at = np.flatnonzero(built.used & (built.quotes.expiry == row))
    inside = (built.fitted >= built.quotes.bid) & (built.fitted <= built.quotes.ask)
    frame = fitted.rows[at.tolist()].select(*_KEYS.values(), "strike", "right", "bid", "ask").with_columns(
        pl.Series("bid_vol", built.quotes.bid[at]), pl.Series("mid_vol", built.quotes.mid[at]),
        pl.Series("ask_vol", built.quotes.ask[at]), pl.Series("fit_vol", built.fitted[at]),
        pl.Series("error", 100.0 * (built.fitted[at] - built.quotes.mid[at])),
        pl.Series("inside", np.where(inside[at], "yes", "no")),
        pl.Series("tone", np.where(inside[at], "", "strong")),
    )  # fmt: skip
    vols = [
        Column(f"{name}_vol", name, "percent", 2, formula=f"Black volatility of the {name} on the expiry's forward")
        for name in ("bid", "mid", "ask")
    ]  # fmt: skip
    columns = (
        Column("strike", "strike", "price", 2),
        Column("right", "right"),
        *(
            Column(name, f"{name} price", "price", 2, source=CellSource("option_quotes", name, _KEYS))
            for name in ("bid", "ask")
        ),
        *vols,
        Column("fit_vol", "fit", "percent", 2, formula="sqrt(total variance of the fit / years)"),
        Column("error", "error", "number", 2, "points", formula="(fit - mid) x 100"),
        Column("inside", "inside"),
    )  # fmt: skip
    return Table(frame.sort("strike"), columns, ("contract",), emphasis="tone")


def reasons_of(fitted: Fitted) -> Table:
    """How many quotes each reason took out, and what is left."""
    from engine.quant.surface import Reason

    counts = dict(fitted.built.cleaned.counts)
    if fitted.odd.height:
        counts[Reason.ADJUSTED] = counts.get(Reason.ADJUSTED, 0) + fitted.odd.height
    total = fitted.rows.height + fitted.odd.height
    rows: list[dict[str, Any]] = [
        {"reason": str(reason), "count": counts[reason], "share": counts[reason] / total}
        for reason in Reason
        if reason in counts
    ]
    used = int(fitted.built.used.sum())
    rows.append({"reason": "used in the fit", "count": used, "share": used / total})
    return Table(
        frame_of(rows, reason="text", count="integer", share="number"),
        (
            Column("reason", "what became of the quotes"),
            Column("count", "quotes", "integer"),
            Column("share", "share", "percent", 1, formula=f"quotes / {total:,} of the chain"),
        ),
        ("reason",),
    )


def thrown_out(fitted: Fitted) -> Table:
    """Every quote thrown out, with its reason; not those in the money, whose strike the other side stands for."""
    import polars as pl

    from engine.quant.surface import Reason

    reason = pl.Series("reason", [str(each) for each in fitted.built.cleaned.reason])
    wanted = [*_KEYS.values(), "expiry", "strike", "right", "bid", "ask", "reason"]
    rows = fitted.rows.with_columns(reason).select(wanted)
    rows = rows.filter((pl.col("reason") != "") & (pl.col("reason") != str(Reason.IN_THE_MONEY)))
    odd = fitted.odd.with_columns(reason=pl.lit(str(Reason.ADJUSTED))).select(wanted)
    columns = (
        Column("contract", "contract"),
        *(Column(name, name, "price", 2, source=CellSource("option_quotes", name, _KEYS)) for name in ("bid", "ask")),
        Column("reason", "thrown out because"),
        Column("quoted_at", "quoted", "instant"),
    )  # fmt: skip
    frame = pl.concat([rows, odd]).sort("expiry", "strike", "right")
    return Table(frame, columns, ("contract",), empty="Every quote stayed.")


def _number(value: Any) -> float | None:
    return None if isnan(value) else float(value)

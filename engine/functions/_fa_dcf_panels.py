"""FA DCF's figures: value against price, steps, years, what the price implies, cost of capital, the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from engine.figures import Field, Form, Step, Waterfall
from engine.frames import TypeWord, frame_of
from engine.function import Args
from engine.functions._fa_data import MILLION
from engine.functions._fa_dcf_found import Found
from engine.functions._fa_dcf_terms import TERMS, Term, takes, written
from engine.page import CellSource, Column, Metric, Metrics, Table

if TYPE_CHECKING:
    from engine.quant.valuation.reading import Implied

HEAVY = 0.75  # share of perpetuity in a value above which the page warns
_FLOW = "revenue x margin - taxes - reinvestment"


def summary(found: Found) -> Metrics:
    """Value per share against the last close, and what it consists of."""
    valued, millions = found.valued, f"{found.currency} m"
    enterprise, equity = float(valued.enterprise_value), float(valued.equity_value)
    items = [
        Metric("value per share", found.per_share, "price", 2, found.currency, _worth(found)),
        _close(found),
        Metric("value / price - 1", found.premium, "change", 1,
               formula="value per share / close - 1: above zero, the assumptions are worth more than the price"),
        Metric("enterprise value", enterprise / MILLION, "number", 0, millions,
               "sum of free cash flow x discount factor + present value of perpetuity"),
        Metric("equity value", equity / MILLION, "number", 0, millions,
               f"enterprise value - net debt - minority interest = {enterprise:.12g} - "
               f"{found.value_of('netdebt'):.12g} - {found.value_of('minority'):.12g}"),
        Metric("of it perpetuity", float(valued.terminal_share), "percent", 1,
               formula="present value of what comes after the years projected / enterprise value"),
        Metric("discount rate", found.value_of("rate"), "percent", 2, formula=found.assumed["rate"].basis),
        Metric("twelve months to", found.start.end, "date", formula=found.start.revenue.basis),
    ]  # fmt: skip
    return Metrics(tuple(items))


def _worth(found: Found) -> str:
    equity = float(found.valued.equity_value)
    return f"equity value / shares = {equity:.12g} / {found.value_of('shares'):.12g}"


def _close(found: Found) -> Metric:
    if found.price is None:
        return Metric("close", None, "price", formula=found.unpriced, note=found.unpriced)
    close, session = found.price
    source = CellSource("bars", "close", {}, {"security_id": found.ref.security_id, "session_date": session})
    words = f"close of {session}, adjusted for splits since"
    return Metric("close", close, "price", 2, found.currency, words, source, str(session))


def waterfall(found: Found) -> Waterfall:
    """From today's operations for ever to value per share, and on to the price."""
    from engine.quant.valuation import rungs

    steps = [Step(r.label, r.value, r.total, r.formula) for r in rungs(found.assumptions)]
    if found.price is not None:
        close, session = found.price
        gap = close - found.per_share
        steps.append(
            Step("premium paid" if gap >= 0 else "discount paid", gap, False, "close - value per share")
        )
        steps.append(Step("price", close, True, f"close of {session}"))
    return Waterfall(tuple(steps), "price", 2, found.currency)


_YEARLY: tuple[tuple[str, str, Literal["number", "percent", "change", "ratio"], int, str], ...] = (
    ("revenue", "revenue", "number", 0, "revenue of the year before x (1 + growth), millions"),
    ("growth", "growth", "change", 1, "held for half the years, then in a line to terminal growth"),
    ("margin", "margin", "percent", 1, "in a line from today's operating margin to the target"),
    ("operating_income", "op. income", "number", 0, "revenue x margin, millions"),
    ("taxes", "taxes", "number", 0, "operating income x tax rate, none on a loss, millions"),
    ("reinvestment", "reinvested", "number", 0, "growth of revenue / sales to capital, millions"),
    ("free_cash_flow", "free cash flow", "number", 0, f"{_FLOW}, millions"),
    ("discount_factor", "factor", "ratio", 4, "(1 + discount rate)^-(year - 0.5), or ^-year without mid-year"),
    ("present", "present value", "number", 0, "free cash flow x factor, millions"),
)  # fmt: skip
_NUMBERS: Mapping[str, TypeWord] = {name: "number" for name, *_ in _YEARLY}
_MONEY = ("revenue", "operating_income", "taxes", "reinvestment", "free_cash_flow", "present")


def years(found: Found) -> Table:
    """The twelve months it starts from, each year projected, and perpetuity."""
    valued = found.valued
    revenue, margin = found.value_of("revenue"), found.value_of("margin")
    rows: list[dict[str, Any]] = [
        {"year": "now", "revenue": revenue, "margin": margin, "operating_income": revenue * margin,
         "emphasis": "muted"}
    ]  # fmt: skip
    columns = {name: getattr(valued, name).tolist() for name, *_ in _YEARLY if name != "present"}
    for at in range(found.assumptions.years):
        row = {name: values[at] for name, values in columns.items()}
        row["present"] = row["free_cash_flow"] * row["discount_factor"]
        rows.append({"year": f"{at + 1}", "emphasis": "", **row})
    rows.append({
        "year": "after", "growth": found.value_of("terminal"), "free_cash_flow": float(valued.terminal_value),
        "present": float(valued.terminal_present), "emphasis": "strong",
    })  # fmt: skip
    for row in rows:
        row |= {name: row[name] / MILLION for name in _MONEY if row.get(name) is not None}
    frame = frame_of(rows, year="text", emphasis="text", **_NUMBERS)
    shown = (Column(name, label, kind, digits, formula=told) for name, label, kind, digits, told in _YEARLY)
    told = (
        f"year since the clock; after: worth at the end of year {found.assumptions.years} of all that follows"
    )
    return Table(frame, (Column("year", "year", formula=told), *shown), key=("year",), emphasis="emphasis")


def command(args: Args, found: Found, changed: Mapping[str, float]) -> str:
    """This page with some assumptions changed, and what was typed of the others."""
    return f"{found.ref.label} FA DCF {written(args, changed)}".rstrip()


_IMPLIED: tuple[tuple[Implied, str, str], ...] = (
    ("growth", "growth", "growth, first years"),
    ("target_margin", "target", "target margin"),
    ("discount_rate", "rate", "discount rate"),
    ("terminal_growth", "terminal", "terminal growth"),
)


def implied_table(args: Args, found: Found) -> Table:
    """Each assumption alone at which the value is the price, all others standing."""
    from math import isfinite

    from engine.quant.valuation import implied

    rows = []
    for which, name, label in _IMPLIED if found.price is not None else ():
        assumed, close = found.value_of(name), found.price[0]  # type: ignore[index]
        level = implied(found.assumptions, close, which)
        reached = isfinite(level)
        rows.append({
            "assumption": label, "assumed": assumed, "implied": level if reached else None,
            "apart": level - assumed if reached else None,
            "why": f"{label} at which value per share is {close:.8g}, all other assumptions standing"
            + ("" if reached else ": none within wide bounds is"),
            "command": command(args, found, {name: level}) if reached and takes(name, level) else "",
        })  # fmt: skip
    frame = frame_of(
        rows,
        assumption="text",
        assumed="number",
        implied="number",
        apart="number",
        why="text",
        command="text",
    )
    columns = (
        Column("assumption", "assumption"),
        Column("assumed", "assumed", "percent", 2, formula="as in the assumptions below"),
        Column("implied", "by the price", "percent", 2, formula_from="why"),
        Column("apart", "apart", "change", 2, formula="implied by the price - assumed, in points"),
    )
    return Table(frame, columns, key=("assumption",), command="command", empty=found.unpriced or "No close.")


def capital(found: Found) -> Metrics:
    """How the discount rate is built up."""
    built, a = found.capital, found.assumed
    items = [
        Metric("risk-free rate", a["riskfree"].value, "percent", 2, formula=a["riskfree"].basis),
        Metric("beta", a["beta"].value, "ratio", 2, formula=a["beta"].basis),
        Metric("equity premium", a["premium"].value, "percent", 2, formula=a["premium"].basis),
        Metric("cost of equity", built.equity, "percent", 2,
               formula=f"risk-free + beta x premium = {a['riskfree'].value:.6g} + {a['beta'].value:.6g} x "
                       f"{a['premium'].value:.6g} (CAPM, Sharpe 1964)"),
        Metric("cost of debt", a["debtcost"].value, "percent", 2, formula=f"before tax: {a['debtcost'].basis}"),
        Metric("after tax", built.debt, "percent", 2, formula="cost of debt x (1 - tax rate)"),
        Metric("equity of capital", built.equity_share, "percent", 1,
               formula="market value of equity / (that + book value of debt)"),
        Metric("cost of capital", built.weighted, "percent", 2,
               formula="equity share x cost of equity + (1 - equity share) x cost of debt after tax"),
    ]  # fmt: skip
    if a["rate"].given:
        items.append(
            Metric("discounted at", a["rate"].value, "percent", 2, formula="RATE= as typed, instead")
        )
    return Metrics(tuple(items))


def form(args: Args, found: Found) -> Form:
    """Every assumption, given or with where it comes from."""
    fields = [_field(term, found) for term in TERMS]
    mid = args["midyear"] or "YES"
    told = "cash comes in the middle of each year"
    fields.insert(8, Field("midyear", "mid-year", mid, mid.lower(), help=told, given=args["midyear"] is not None,
                           basis="as stated", group="operations", choices=("YES", "NO")))  # fmt: skip
    index = args["benchmark"] or "SPX"
    at = next(place for place, field in enumerate(fields) if field.name == "betayears")
    fields.insert(at + 1, Field("benchmark", "beta against", index, index, given=args["benchmark"] is not None,
                                basis="as stated", group="cost of capital"))  # fmt: skip
    return Form(tuple(fields))


def _field(term: Term, found: Found) -> Field:
    each = found.assumed[term.name]
    typed = each.value / term.scale
    text = f"{typed:.0f}" if term.whole else f"{typed:.10g}"
    decimals = 0 if term.whole else term.decimals
    unit = f"{found.currency} m" if term.unit == "m" and term.name != "shares" else term.unit
    return Field(
        term.name, term.label, text, f"{typed:,.{decimals}f}", "" if unit == "x" else unit, term.help,
        each.given, "" if each.given else each.basis, term.group,
    )  # fmt: skip

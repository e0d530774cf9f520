"""FA's first page: twelve months, the balance sheet, and what the last close says of them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

from engine.errors import DataError
from engine.functions import _fa_filings
from engine.functions._fa_data import MILLION, read_figures
from engine.functions._fa_statements import periods_panel, share_panels
from engine.history import read_history
from engine.page import CellSource, Metric, Metrics, Page, Panel
from engine.quant.fundamentals.derive import Cell
from engine.quant.fundamentals.figures import Figures, Kind
from engine.quant.fundamentals.lines import LINES
from engine.quant.fundamentals.ratios import RATIOS, read
from engine.quant.fundamentals.valuation import valuation

if TYPE_CHECKING:
    from engine.context import Context
    from engine.function import Args

_FLOWS = ("revenue", "gross_profit", "operating_income", "net_income", "eps_diluted", "cash_from_operations",
          "free_cash_flow")  # fmt: skip
_SHARES = ("revenue_growth", "income_growth", "eps_growth", "gross_margin", "operating_margin", "net_margin",
           "return_on_equity", "return_on_capital")  # fmt: skip
_BALANCE = ("cash", "liquid", "debt", "assets", "liabilities", "equity")
_STANDING = ("current_ratio", "debt_to_equity", "net_debt_to_ebitda", "interest_cover")
_OLD_CLOSE = 30  # days before the clock after which a close says nothing of today's value
_GROWN = {
    "revenue_growth": "revenue growth",
    "income_growth": "net income growth",
    "eps_growth": "EPS growth",
}


def overview(context: Context, args: Args) -> Page:
    ref = context.security
    figures = read_figures(context)
    currency = figures.books.currency
    kind, last = _newest(figures)
    span = f"twelve months to {last}" if kind == "trailing" else f"year to {last}"
    trailing = [_line(context, figures, name, kind, last) for name in _FLOWS]
    trailing += [_ratio(figures, name, kind, last) for name in _SHARES]
    panels = [
        Panel("trailing", f"{span}, {currency} millions", Metrics(tuple(trailing)), len(trailing)),
        _valuation(context, figures),
    ]
    day = next(iter(figures.balance_days()), None)
    if day is not None:
        standing = [_line(context, figures, name, kind, day) for name in _BALANCE]
        standing += [_ratio(figures, name, kind, day) for name in _STANDING]
        title = f"balance sheet of {day}, {currency} millions"
        panels.append(Panel("balance", title, Metrics(tuple(standing)), len(standing)))
    if (filed := _fa_filings.newest(context)) is not None:
        panels.append(filed)
    else:
        shown = figures.periods("quarter", 2) or figures.periods("year", 2)
        panels.append(
            periods_panel(figures, "quarter" if figures.ends("quarter") else "year", shown, "income")
        )
    years = figures.periods("year", args["periods"])
    if years:
        panels += share_panels(context, figures, "year", years)
    return Page(f"{ref.label}  {ref.name}  fundamentals", tuple(panels))


def _newest(figures: Figures) -> tuple[Kind, date]:
    """The newest twelve months, or the newest year where quarters are wanting, or the newest quarter's end."""
    for kind in ("trailing", "year", "quarter"):
        found = figures.periods(kind, 1)
        if found:
            return kind, found[0].end
    raise DataError("No period is told by the filings known at this clock.")


def _line(context: Context, figures: Figures, name: str, kind: Kind, end: date) -> Metric:
    line, cell = LINES[name], figures.cell(name, kind, end)
    per_share = line.unit == "per share"
    value = cell.value if per_share or cell.value is None else cell.value / MILLION
    label = "EPS, diluted" if name == "eps_diluted" else line.label
    unit = figures.books.currency if per_share else ""
    formula = cell.formula if per_share or value is None else f"in millions; {cell.formula}"
    note = "restated" if cell.restated else ""
    return Metric(label, value, "number", 2 if per_share else 0, unit, formula, _source(context, cell), note)


def _source(context: Context, cell: Cell) -> CellSource | None:
    fact = cell.fact
    if fact is None:
        return None
    key = {"period_end": fact.end, "concept": fact.concept, "unit": fact.unit, "period_start": fact.start,
           "accession": fact.accession}  # fmt: skip
    return CellSource("facts", "value", {}, {"security_id": context.security.security_id, **key})


def _ratio(figures: Figures, name: str, kind: Kind, end: date) -> Metric:
    ratio = next(each for each in RATIOS if each.name == name)
    reading = read(figures, ratio, kind, end)
    decimals = 1 if ratio.kind in ("percent", "change") else 2
    return Metric(_GROWN.get(name, ratio.label), reading.value, ratio.kind, decimals, formula=reading.formula)


def _valuation(context: Context, figures: Figures) -> Panel:
    """On the last close known at the clock; without one, blank with the reason."""
    found = last_close(context, figures)
    if isinstance(found, str):
        reason = Metric("close", None, "price", formula=found, note=found)
        return Panel("valuation", "valuation", Metrics((reason,)), 2, side=True)
    close, session = found
    currency = figures.books.currency
    items = [Metric("close", close, "price", 2, currency, f"close of {session}, adjusted for splits since",
                    note=str(session), source=CellSource("bars", "close", {}, {
                        "security_id": context.security.security_id, "session_date": session}))]  # fmt: skip
    outstanding = figures.outstanding()
    shares = None if outstanding.value is None else outstanding.value / MILLION
    items.append(Metric("shares, millions", shares, "number", 1, formula=outstanding.formula,
                        source=_source(context, outstanding)))  # fmt: skip
    for each in valuation(figures, close, session):
        value, amount = each.reading.value, each.kind == "integer"
        kind: Literal["number", "ratio", "percent"] = "number" if amount else each.kind  # type: ignore[assignment]
        formula = f"in millions; {each.reading.formula}" if amount else each.reading.formula
        shown = value / MILLION if amount and value is not None else value
        items.append(Metric(each.label, shown, kind, 0 if amount else 2, formula=formula))
    title = f"on the close of {session}, {currency} millions"
    return Panel("valuation", title, Metrics(tuple(items)), len(items), side=True)


def last_close(context: Context, figures: Figures) -> tuple[float, date] | str:
    """The close at the clock that filings can be set against, and its session; or why there is none, in words."""
    ref = context.security
    try:
        history = read_history(context, ref, "splits")
    except DataError as fault:
        return str(fault)
    if history.shape != "bars":
        return f"the store has no bars of {ref.ticker} at this clock, and no other close is one that was traded at"
    if ref.currency and ref.currency != figures.books.currency:
        return f"prices are in {ref.currency} and the statements in {figures.books.currency}"
    if (age := (context.today - history.last).days) > _OLD_CLOSE:
        return (
            f"the last close known is of {history.last}, {age:,} days before the clock: ASOF {history.last} looks "
            f"from there, BACKFILL {ref.ticker} brings later ones"
        )
    late = [each for each in figures.books.implied if each.day > history.last]
    if late:
        return f"the close of {history.last} may be of before the split that filing {late[0].accession} shows"
    return float(history.frame["close"][-1]), history.last

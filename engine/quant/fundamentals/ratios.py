"""Ratios of statement figures, each with its formula and where the definition is from.

A ratio is blank, with the reason, where a part is missing and where its denominator is zero or negative: a return on
negative equity is a number and means nothing. Means are of the balance at the period's end and a year before. Returns
and turnover always speak of twelve months, margins and growth of the column's own period.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

from engine.quant.fundamentals.derive import Cell
from engine.quant.fundamentals.figures import Figures, Kind
from engine.quant.fundamentals.lines import LINES
from engine.quant.fundamentals.wording import Text, spelled

Group: TypeAlias = Literal["margins", "returns", "growth", "leverage", "turnover", "share"]
Shown: TypeAlias = Literal["percent", "change", "ratio", "price"]
_PALEPU = "Palepu, Healy, Business Analysis and Valuation, 5th ed., ch. 5"
_CFA = "CFA Institute, Financial Analysis Techniques"
_PENMAN = "Penman, Financial Statement Analysis and Security Valuation, 5th ed., ch. 12"


@dataclass(frozen=True, slots=True)
class Side:
    """A signed sum of lines. ``mean``: of the period's end and a year before. ``before``: a year before."""

    terms: tuple[tuple[int, str], ...]
    mean: bool = False
    before: bool = False
    after_tax: bool = False  # times 1 - income tax / income before tax


@dataclass(frozen=True, slots=True)
class Ratio:
    """``top`` / ``bottom``, less one where ``growth``."""

    name: str
    label: str
    group: Group
    kind: Shown
    top: Side
    bottom: Side
    formula: str
    source: str
    twelve_months: bool = False
    growth: bool = False


Input: TypeAlias = tuple[str, date, Cell]  # line, last day, its cell


@dataclass(slots=True)  # made by the thousand
class Reading:
    """A ratio's value; None with the reason in ``formula``. ``says`` is the formula, or what puts it together."""

    value: float | None
    says: Text = field(compare=False)

    @property
    def formula(self) -> str:
        """The formula with its inputs, or why there is no value."""
        return spelled(self.says)


def of(*names: str, mean: bool = False, before: bool = False, after_tax: bool = False) -> Side:
    """Lines added up; one written ``-name`` is taken away."""
    terms = tuple((-1, name[1:]) if name.startswith("-") else (1, name) for name in names)
    return Side(terms, mean, before, after_tax)


def _margin(name: str, label: str, top: str) -> Ratio:
    return Ratio(
        name, label, "margins", "percent", of(top), of("revenue"), f"{LINES[top].label} / revenue", _CFA
    )


def _growth(name: str, label: str, line: str) -> Ratio:
    formula = f"{LINES[line].label} / {LINES[line].label} of the same period a year before - 1"
    return Ratio(name, label, "growth", "change", of(line), of(line, before=True), formula, _CFA, growth=True)


RATIOS: tuple[Ratio, ...] = (
    _margin("gross_margin", "gross margin", "gross_profit"),
    _margin("operating_margin", "operating margin", "operating_income"),
    _margin("pretax_margin", "pretax margin", "pretax_income"),
    _margin("net_margin", "net margin", "net_income"),
    _margin("free_cash_margin", "free cash flow margin", "free_cash_flow"),
    _margin("research_share", "research / revenue", "research"),
    Ratio("tax_rate", "effective tax rate", "margins", "percent", of("income_tax"), of("pretax_income"),
          "income tax / income before tax", _CFA),
    Ratio("return_on_equity", "return on equity", "returns", "percent", of("net_income"), of("equity", mean=True),
          "net income / mean shareholders' equity", _PALEPU, True),
    Ratio("return_on_assets", "return on assets", "returns", "percent", of("net_income"), of("assets", mean=True),
          "net income / mean total assets", _CFA, True),
    Ratio("return_on_capital", "return on invested capital", "returns", "percent",
          of("operating_income", after_tax=True), of("invested", mean=True),
          "operating income x (1 - income tax / income before tax) / mean (equity with minorities + debt - cash and "
          "marketable securities)", _PENMAN, True),
    Ratio("accruals", "accruals / assets", "returns", "percent", of("net_income", "-cash_from_operations"),
          of("assets", mean=True), "(net income - cash from operations) / mean total assets",
          "Sloan (1996) as measured by Hribar and Collins (2002)", True),
    _growth("revenue_growth", "revenue", "revenue"),
    _growth("operating_growth", "operating income", "operating_income"),
    _growth("income_growth", "net income", "net_income"),
    _growth("eps_growth", "earnings a share, diluted", "eps_diluted"),
    _growth("free_cash_growth", "free cash flow", "free_cash_flow"),
    Ratio("debt_to_equity", "debt / equity", "leverage", "ratio", of("debt"), of("equity"),
          "(short-term borrowings + long-term debt with its current part) / shareholders' equity", _CFA),
    Ratio("net_debt_to_ebitda", "net debt / EBITDA", "leverage", "ratio", of("net_debt"), of("ebitda"),
          "(debt - cash and marketable securities) / (operating income + depreciation and amortization)", _CFA, True),
    Ratio("liabilities_to_assets", "liabilities / assets", "leverage", "ratio", of("liabilities"), of("assets"),
          "total liabilities / total assets", _CFA),
    Ratio("equity_multiplier", "assets / equity", "leverage", "ratio", of("assets"), of("equity"),
          "total assets / shareholders' equity", _CFA),
    Ratio("current_ratio", "current ratio", "leverage", "ratio", of("current_assets"), of("current_liabilities"),
          "current assets / current liabilities", _CFA),
    Ratio("quick_ratio", "quick ratio", "leverage", "ratio", of("cash", "short_investments", "receivables"),
          of("current_liabilities"), "(cash + marketable securities + receivables) / current liabilities", _CFA),
    Ratio("interest_cover", "interest cover", "leverage", "ratio", of("operating_income"), of("interest_expense"),
          "operating income / interest expense", _CFA, True),
    Ratio("asset_turnover", "asset turnover", "turnover", "ratio", of("revenue"), of("assets", mean=True),
          "revenue / mean total assets", _CFA, True),
    Ratio("inventory_turnover", "inventory turnover", "turnover", "ratio", of("cost_of_revenue"),
          of("inventory", mean=True), "cost of revenue / mean inventory", _CFA, True),
    Ratio("receivables_turnover", "receivables turnover", "turnover", "ratio", of("revenue"),
          of("receivables", mean=True), "revenue / mean receivables", _CFA, True),
    Ratio("revenue_per_share", "revenue a share", "share", "price", of("revenue"), of("shares_diluted"),
          "revenue / weighted diluted shares", _CFA),
    Ratio("cash_per_share", "cash from operations a share", "share", "price", of("cash_from_operations"),
          of("shares_diluted"), "cash from operations / weighted diluted shares", _CFA),
    Ratio("free_cash_per_share", "free cash flow a share", "share", "price", of("free_cash_flow"),
          of("shares_diluted"), "free cash flow / weighted diluted shares", _CFA),
    Ratio("book_per_share", "book value a share", "share", "price", of("equity"), of("shares_at_end"),
          "shareholders' equity / shares outstanding at the period's end", _CFA),
)  # fmt: skip
GROUPS: Mapping[Group, str] = {
    "margins": "margins",
    "returns": "returns, of twelve months",
    "growth": "growth on the year before",
    "leverage": "leverage and liquidity",
    "turnover": "turnover, of twelve months",
    "share": "per share",
}


def read(figures: Figures, ratio: Ratio, kind: Kind, end: date) -> Reading:
    """The ratio for the period that ends then."""
    if ratio.twelve_months and kind == "quarter":
        kind = "trailing"
    top, inputs, missing = _side(figures, ratio.top, kind, end)
    bottom, below, gone = _side(figures, ratio.bottom, kind, end)
    if top is None or bottom is None:
        return Reading(None, lambda: f"{_meaning(ratio)}: blank, since {spelled(missing or gone)}")
    if bottom <= 0:
        return Reading(None, lambda: _no_ratio(ratio, top, bottom))
    value = top / bottom - 1 if ratio.growth else top / bottom
    return Reading(value, lambda: _as_ratio(ratio, top, bottom, (*inputs, *below)))


def _meaning(ratio: Ratio) -> str:
    return f"{ratio.formula} ({ratio.source})"


def _no_ratio(ratio: Ratio, top: float, bottom: float) -> str:
    what = "zero" if bottom == 0 else "negative, and the ratio means nothing"
    return f"{_meaning(ratio)}: blank, since the denominator is {what} ({top:.12g} / {bottom:.12g})"


def _as_ratio(ratio: Ratio, top: float, bottom: float, inputs: tuple[Input, ...]) -> str:
    values = f"{top:.12g} / {bottom:.12g}{' - 1' if ratio.growth else ''}"
    return f"{_meaning(ratio)} = {values}. {'; '.join(told(LINES[n].label, d, c) for n, d, c in inputs)}"


def _side(figures: Figures, side: Side, kind: Kind, end: date) -> tuple[float | None, list[Input], Text]:
    """The side's value, its inputs, and what is missing."""
    days: tuple[date, ...] = (end,)
    if side.mean or side.before:
        earlier = year_before(figures, kind, end, balance=side.mean)
        if earlier is None:
            what = "balance sheet" if side.mean else "period"
            return None, [], f"no {what} of a year before is known"
        days = (end, earlier) if side.mean else (earlier,)
    total, inputs = 0.0, []
    for day in days:
        for sign, name in side.terms:
            cell = figures.cell(name, kind, day)
            if cell.value is None:
                return None, [], _blank_input(name, day, cell)
            total += sign * cell.value / len(days)
            inputs.append((name, day, cell))
    if side.after_tax:
        rate, tax_inputs, missing = _tax_rate(figures, kind, end)
        if rate is None:
            return None, [], missing
        total *= 1 - rate
        inputs += tax_inputs
    return total, inputs, ""


def _blank_input(name: str, day: date, cell: Cell) -> Text:
    return lambda: f"{LINES[name].label} at {day} is blank: {cell.formula}"


def _tax_rate(figures: Figures, kind: Kind, end: date) -> tuple[float | None, list[Input], str]:
    tax, pretax = (figures.cell(name, kind, end) for name in ("income_tax", "pretax_income"))
    if tax.value is None or pretax.value is None:
        return None, [], "no tax rate can be told: income tax or income before tax is missing"
    if pretax.value <= 0:
        return None, [], "no tax rate can be told: income before tax is not positive"
    return tax.value / pretax.value, [("income_tax", end, tax), ("pretax_income", end, pretax)], ""


def told(label: str, day: date, cell: Cell) -> str:
    """An input with its value and the filing that it is from."""
    value = "blank" if cell.value is None else f"{cell.value:.12g}"
    if cell.how == "told":
        return f"{label} {day}: {value} ({cell.facts[0].concept}, {cell.facts[0].filing})"
    filings = dict.fromkeys(fact.filing for fact in cell.facts)
    return f"{label} {day}: {value} (derived; {', '.join(filings)})"


def year_before(figures: Figures, kind: Kind, end: date, *, balance: bool) -> date | None:
    """The last day of the same period a year before, 52 or 53 weeks or a calendar year."""
    return figures.year_before(kind, end, balance=balance)

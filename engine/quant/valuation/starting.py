"""Where a valuation starts: assumptions that a company's own figures suggest, each with its basis in words.

Nothing here is a forecast. What the figures do not tell is None, and the basis says why: whoever values the company
then has to say it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.quant.fundamentals.derive import Cell
from engine.quant.fundamentals.figures import Figures, Kind
from engine.quant.fundamentals.lines import LINES
from engine.quant.fundamentals.ratios import told

# a first rate is held for half the years, and few companies keep more (Chan, Karceski and Lakonishok 2003)
GROWTH_BOUNDS = (-0.10, 0.20)
TAX_BOUNDS = (0.10, 0.35)
# revenue over invested capital, from utilities to companies that need next to none
CAPITAL_BOUNDS = (0.3, 5.0)
_YEARS_BACK = (3, 2, 1)  # over which growth is measured, the most first
_OLD_BALANCE = 200  # days before the newest balance sheet that an earlier one still stands in for it
_SLACK = 20  # days that a fiscal calendar wanders
_MARGINS, _LEAST_MARGINS = 5, 3


@dataclass(frozen=True, slots=True)
class Start:
    """An assumption and where it comes from; None with the reason."""

    value: float | None
    basis: str
    doubt: str = ""  # why the value stands in for a line that the figures lack


@dataclass(frozen=True, slots=True)
class Starting:
    """Assumptions as of the books' clock: fractions, and money in the books' currency."""

    kind: Kind
    end: date  # last day of the twelve months (or of the year) that it starts from
    balance_day: date | None
    revenue: Start
    growth: Start
    margin: Start
    target_margin: Start
    tax_rate: Start
    sales_to_capital: Start
    debt: Start
    interest: Start
    net_debt: Start
    minority_interest: Start
    shares: Start


def starting(figures: Figures, statutory_tax: float = 0.21) -> Starting:
    """Read the newest twelve months (the newest year where quarters are wanting) and balance sheet.

    ``statutory_tax`` stands where the company's own rate cannot be told.

    Raises
    ------
    ValueError
        No twelve months are known.
    """
    kind, end = _newest(figures)
    day, older = _balance(figures)
    revenue = figures.cell("revenue", kind, end)
    debt = _debt(figures, day)
    margin = _margin(figures, kind, end)
    return Starting(
        kind, end, day,
        Start(revenue.value, f"{span(kind, end)}: {told('revenue', end, revenue)}" if revenue.value is not None else
              revenue.formula),
        _growth(figures, kind, end), margin, _target(figures, margin), _tax(figures, kind, end, statutory_tax),
        _capital(figures, revenue.value, day), debt, _interest(figures, kind, end),
        _net_debt(figures, debt, day, older), _minority(figures, day), _shares(figures, kind, end),
    )  # fmt: skip


def span(kind: Kind, end: date) -> str:
    """The period that flows are of, in words."""
    return f"{'twelve months' if kind == 'trailing' else 'fiscal year'} to {end}"


def _newest(figures: Figures) -> tuple[Kind, date]:
    kinds: tuple[Kind, ...] = ("trailing", "year")
    for kind in kinds:
        if ends := figures.ends(kind):
            return kind, ends[0]
    raise ValueError("no twelve months in a row are known")


def _balance(figures: Figures) -> tuple[date | None, str]:
    """The newest balance sheet that tells cash, and why that is not the newest of all."""
    days = figures.balance_days()
    for day in days:
        if (days[0] - day).days <= _OLD_BALANCE and figures.value("liquid", "year", day) is not None:
            gone = "" if day == days[0] else figures.cell("liquid", "year", days[0]).formula
            return day, gone and f". Of {day}, since that of {days[0]} does not tell all: {gone}"
    return (days[0] if days else None), ""


def _growth(figures: Figures, kind: Kind, end: date) -> Start:
    now = figures.value("revenue", kind, end)
    for years in _YEARS_BACK:
        for day in figures.ends(kind):
            before = figures.value("revenue", kind, day) if _apart(end, day, years) else None
            if now and now > 0 and before and before > 0:
                low, high = GROWTH_BOUNDS
                rate = (now / before) ** (1.0 / years) - 1.0
                kept = min(max(rate, low), high)
                limit = f", held within {low:.0%} and {high:.0%}" if kept != rate else ""
                span = f"{before:.12g} to {day}, {now:.12g} to {end}"
                return Start(kept, f"revenue grew {rate:.1%} a year over {years} year(s){limit} ({span})")
    return Start(None, "no revenue of a year or more before is known")


def _apart(end: date, day: date, years: int) -> bool:
    return abs((end - day).days - 365.25 * years) <= _SLACK


def _margin(figures: Figures, kind: Kind, end: date) -> Start:
    income, revenue = figures.cell("operating_income", kind, end), figures.value("revenue", kind, end)
    if income.value is None or not revenue or revenue <= 0:
        return Start(None, "no operating income is known" if income.value is None else "no revenue is known")
    words = f"{told('operating income', end, income)} / revenue {revenue:.12g}"
    return Start(income.value / revenue, f"{span(kind, end)}: {words}")


def _target(figures: Figures, margin: Start) -> Start:
    ends = figures.ends("year")[:_MARGINS]
    found = [(day, each) for day in ends if (each := _margin(figures, "year", day).value) is not None]
    mean = sum(each for _, each in found) / len(found) if found else 0.0
    if len(found) >= _LEAST_MARGINS and mean > 0:
        listed = ", ".join(f"{each:.1%} to {day}" for day, each in found)
        return Start(mean, f"mean of the last {len(found)} fiscal years ({listed})")
    if margin.value is not None and margin.value > 0:
        why = (
            "fewer than three years are known" if len(found) < _LEAST_MARGINS else "its mean is not positive"
        )
        return Start(margin.value, f"today's margin: {why}")
    return Start(None, "operating income has not been positive" if found else "no operating margin is known")


def _tax(figures: Figures, kind: Kind, end: date, statutory: float) -> Start:
    tax, pretax = (figures.cell(name, kind, end) for name in ("income_tax", "pretax_income"))
    if tax.value is None or pretax.value is None or pretax.value <= 0:
        return Start(statutory, f"the statutory {statutory:.0%}: no tax rate on a profit can be told")
    low, high = TAX_BOUNDS
    rate = tax.value / pretax.value
    kept = min(max(rate, low), high)
    limit = f"{rate:.1%} held within {low:.0%} and {high:.0%}, " if kept != rate else ""
    words = f"{told('income tax', end, tax)} / {told('income before tax', end, pretax)}"
    return Start(kept, f"{limit}effective, {span(kind, end)}: {words}")


def _capital(figures: Figures, revenue: float | None, day: date | None) -> Start:
    low, high = CAPITAL_BOUNDS
    invested = None if day is None else figures.cell("invested", "year", day)
    if invested is None:
        return Start(None, "no balance sheet is known")
    if invested.value is None:
        return Start(None, invested.formula)
    if not revenue or revenue <= 0:
        return Start(None, "no revenue is known")
    inputs = f"{revenue:.12g} / {invested.value:.12g}, {day}"
    told_as = f"revenue / invested capital (equity with minorities + debt - cash and securities) = {inputs}"
    if invested.value <= 0:
        doubt = f"no capital is tied up, and {high:g} is the most that is taken"
        return Start(high, f"{high:g}, since no capital is tied up: {told_as}", doubt)
    ratio = revenue / invested.value
    kept = min(max(ratio, low), high)
    limit = f", {ratio:.1f} held within {low:g} and {high:g}" if kept != ratio else ""
    return Start(kept, told_as + limit)


def _debt(figures: Figures, day: date | None) -> Start:
    if day is None:
        return Start(None, "no balance sheet is known")
    cell = figures.cell("debt", "year", day)
    if cell.value is None:
        doubt = f"the balance sheet of {day} tells no debt under a concept known here: taken as none"
        return Start(0.0, doubt, doubt)
    return Start(cell.value, told("debt", day, cell))


def _interest(figures: Figures, kind: Kind, end: date) -> Start:
    cell = figures.cell("interest_expense", kind, end)
    return Start(cell.value, cell.formula if cell.value is None else told("interest expense", end, cell))


def _net_debt(figures: Figures, debt: Start, day: date | None, older: str) -> Start:
    if day is None or debt.value is None:
        return Start(None, debt.basis)
    liquid = figures.cell("liquid", "year", day)
    if liquid.value is None:
        return Start(None, f"no cash is known: {liquid.formula}")
    parts = f"{debt.basis}; {told('cash and securities', day, liquid)}"
    words = f"balance sheet of {day}: debt - cash and securities. {parts}{older}"
    return Start(debt.value - liquid.value, words, debt.doubt or older.removeprefix(". Of ").strip())


def _minority(figures: Figures, day: date | None) -> Start:
    if day is None:
        return Start(0.0, "none: no balance sheet is known")
    whole, own = (figures.value(name, "year", day) for name in ("equity_total", "equity"))
    if whole is None or own is None or whole == own:
        return Start(0.0, f"none is told on the balance sheet of {day}")
    words = f"equity with minorities {whole:.12g} - shareholders' equity {own:.12g}, {day}, at book value"
    return Start(whole - own, words)


def _shares(figures: Figures, kind: Kind, end: date) -> Start:
    outstanding = figures.outstanding()
    if outstanding.value:
        return Start(outstanding.value, f"outstanding: {outstanding.formula}")
    weighted: Sequence[tuple[str, Cell]] = [
        (name, figures.cell(name, kind, end)) for name in ("shares_diluted", "shares_basic")
    ]
    for name, cell in weighted:
        if cell.value:
            why = f"instead of shares outstanding, since {outstanding.formula}"
            doubt = f"the mean of the period to {end} stands in for shares outstanding, which no filing tells"
            return Start(cell.value, f"{LINES[name].label}, mean of the period to {end}, {why}", doubt)
    return Start(None, outstanding.formula)

"""Fundamental fields of one company from its books, each with the formula that its inputs were put into."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from engine.quant.fundamentals.figures import Figures
from engine.quant.fundamentals.lines import LINES
from engine.quant.fundamentals.ratios import RATIOS, Reading, read
from engine.quant.fundamentals.valuation import valuation
from engine.quant.screener.fields import LINE_NAMES, MULTIPLES, RATIO_NAMES

_RATIOS = {each.name: each for each in RATIOS}
_SHARES_ONLY = ("mktcap",)
OLD = 500  # days after which a company's newest statement says nothing of the day


def company_fields(
    names: Iterable[str], figures: Figures, close: float | None, day: date, currency: str = ""
) -> dict[str, Reading]:
    """The fundamental fields that ``names`` asks for, on the newest statements known.

    Parameters
    ----------
    figures : of the facts known at the clock
    close : the last close, in the clock's shares; None where there is none
    day : the clock's
    currency : that of the close; multiples of figures in another are not made

    Returns
    -------
    A reading by name; its value None with the reason where it cannot be told.
    """
    found = company_readings(names, figures, close, day, currency)
    return {name: Reading(each.value, each.formula) for name, each in found.items()}


def company_readings(
    names: Iterable[str], figures: Figures, close: float | None, day: date, currency: str = ""
) -> dict[str, Reading]:
    """``company_fields``, with formulas that are put together where somebody reads them."""
    end, balance = figures.newest("trailing"), next(iter(figures.balance_days()), None)
    newest = max((each for each in (end, balance) if each), default=None)
    wanted = tuple(names)
    if newest is None:
        return dict.fromkeys(wanted, Reading(None, "no statement is known at the clock"))
    if (day - newest).days > OLD:
        why = f"the newest statement known is of {newest}, {(day - newest).days:,} days before the clock"
        return dict.fromkeys(wanted, Reading(None, why))
    found: dict[str, Reading] = {}
    if multiples := [name for name in wanted if name in MULTIPLES]:
        found |= _multiples(multiples, figures, close, day, currency)
    for name in wanted:
        if name not in found:
            found[name] = _figure(name, figures, end, balance)
    return found


def _multiples(
    names: list[str], figures: Figures, close: float | None, day: date, currency: str
) -> dict[str, Reading]:
    if close is None:
        return dict.fromkeys(names, Reading(None, "no close as traded is known of the last five sessions"))
    told = {each.name: each.reading for each in valuation(figures, close, day)}
    found = {name: told[MULTIPLES[name]] for name in names}
    if currency and figures.books.currency != currency:
        why = f"figures are told in {figures.books.currency} and the price in {currency}"
        found |= {name: Reading(None, why) for name in names if name not in _SHARES_ONLY}
    return found


def _figure(name: str, figures: Figures, end: date | None, balance: date | None) -> Reading:
    if name in RATIO_NAMES:
        if end is None:
            return Reading(None, "no twelve months in a row are known")
        return read(figures, _RATIOS[RATIO_NAMES[name]], "trailing", end)
    if name in LINE_NAMES:
        return _line(name, figures, end, balance)
    return _OTHERS[name](figures, end, balance)


def _line(name: str, figures: Figures, end: date | None, balance: date | None) -> Reading:
    when = balance if LINES[name].nature == "stock" else end
    if when is None:
        return Reading(None, "no such period is known")
    cell = figures.cell(name, "trailing", when)
    return Reading(cell.value, lambda: f"{LINES[name].label} {when}: {cell.formula}")


def _asset_growth(figures: Figures, _: date | None, balance: date | None) -> Reading:
    """Total assets / those a year before - 1."""
    if balance is None:
        return Reading(None, "no balance sheet is known")
    year = balance - timedelta(days=365)
    near = [each for each in figures.balance_days() if abs((each - year).days) <= 45]
    if not near:
        return Reading(None, f"no balance sheet of a year before {balance} is known")
    before = min(near, key=lambda each: abs((each - year).days))
    one, other = figures.cell("assets", "year", balance), figures.cell("assets", "year", before)
    if one.value is None or other.value is None or other.value <= 0:
        return Reading(None, "total assets of the newest balance sheet or of the year before are not told")
    said = f"total assets {balance}: {one.value:.12g}; {before}: {other.value:.12g}"
    return Reading(
        one.value / other.value - 1.0,
        lambda: f"total assets / those a year before - 1. {said}. {one.formula}",
    )


def _gross_profitability(figures: Figures, end: date | None, balance: date | None) -> Reading:
    """Gross profit of twelve months / total assets."""
    if end is None or balance is None:
        return Reading(None, "no twelve months or no balance sheet is known")
    profit, assets = figures.cell("gross_profit", "trailing", end), figures.cell("assets", "year", balance)
    if profit.value is None or assets.value is None or assets.value <= 0:
        return Reading(
            None, lambda: f"gross profit or total assets are not told: {profit.formula}; {assets.formula}"
        )
    over, under = profit.value, assets.value
    return Reading(
        over / under,
        lambda: (
            f"gross profit / total assets = {over:.12g} / {under:.12g}. {profit.formula}; {assets.formula}"
        ),
    )


_OTHERS: dict[str, Callable[[Figures, date | None, date | None], Reading]] = {
    "asset_growth": _asset_growth,
    "gross_profitability": _gross_profitability,
}

"""What a price says of a company: market value, enterprise value and multiples of trailing figures.

Price and shares are in one basis: the close and every number of shares are those of the clock's shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from engine.quant.fundamentals.figures import Figures
from engine.quant.fundamentals.ratios import Reading, told


@dataclass(frozen=True, slots=True)
class Multiple:
    """One figure of the valuation."""

    name: str
    label: str
    kind: Literal["integer", "ratio", "percent"]
    reading: Reading


def valuation(figures: Figures, close: float, session: date) -> tuple[Multiple, ...]:
    """At ``close`` of ``session``, on the newest twelve months and the newest balance sheet."""
    cap = _capital(figures, close, session)
    day = next(iter(figures.balance_days()), None)
    end = figures.newest("trailing")
    enterprise = _enterprise(figures, cap, day)
    price = Reading(close, lambda: f"close of {session}")

    def over(label: str, top: Reading, bottom: str, name: str) -> Reading:
        return _divided(label, top, _figure(figures, bottom, end, day), name)

    def earns(label: str, line: str, name: str) -> Reading:
        return _divided(label, _figure(figures, line, end, day), cap, name)

    return (
        Multiple("market_cap", "market capitalisation", "integer", cap),
        Multiple("enterprise_value", "enterprise value", "integer", enterprise),
        Multiple("price_to_earnings", "price / earnings", "ratio", over(
            "close / diluted earnings a share, trailing twelve months", price, "eps_diluted", "earnings are")),
        Multiple("price_to_book", "price / book", "ratio", over(
            "market capitalisation / shareholders' equity", cap, "equity", "equity is")),
        Multiple("price_to_sales", "price / sales", "ratio", over(
            "market capitalisation / revenue, trailing twelve months", cap, "revenue", "revenue is")),
        Multiple("ev_to_ebitda", "EV / EBITDA", "ratio", over(
            "enterprise value / (operating income + depreciation and amortization), trailing twelve months",
            enterprise, "ebitda", "EBITDA is")),
        Multiple("ev_to_sales", "EV / sales", "ratio", over(
            "enterprise value / revenue, trailing twelve months", enterprise, "revenue", "revenue is")),
        Multiple("free_cash_yield", "free cash flow yield", "percent", earns(
            "free cash flow, trailing twelve months / market capitalisation", "free_cash_flow", "value is")),
        Multiple("dividend_yield", "dividend yield", "percent", earns(
            "dividends paid, trailing twelve months / market capitalisation", "dividends_paid", "value is")),
    )  # fmt: skip


def _capital(figures: Figures, close: float, session: date) -> Reading:
    """Close x shares outstanding."""
    shares = figures.outstanding()
    if shares.value is None:
        return Reading(None, lambda: f"close x shares outstanding: blank, since {shares.formula}")

    def says() -> str:
        inputs = f"{close:.8g} (close of {session}) x {shares.value:.12g}"
        return f"close x shares outstanding = {inputs}. {shares.formula}"

    return Reading(close * shares.value, says)


def _enterprise(figures: Figures, cap: Reading, day: date | None) -> Reading:
    """Market capitalisation + debt + minorities - cash and marketable securities."""
    told_as = "market capitalisation + debt + minority interest - cash and marketable securities"
    if cap.value is None or day is None:
        return Reading(
            None, lambda: f"{told_as}: blank, since {cap.formula if day else 'no balance sheet is known'}"
        )
    debt, liquid = figures.cell("debt", "year", day), figures.cell("liquid", "year", day)
    if debt.value is None:
        return Reading(None, lambda: (
            f"{told_as}: blank, since the balance sheet of {day} tells no debt under a concept that is known here: "
            "there may be none, or it may be told under another"
        ))  # fmt: skip
    if liquid.value is None:
        return Reading(None, lambda: f"{told_as}: blank, since {liquid.formula}")
    whole, own = figures.value("equity_total", "year", day), figures.value("equity", "year", day)
    minority = (whole or 0.0) - (own or 0.0) if whole is not None and own is not None else 0.0

    def says() -> str:
        inputs = f"{cap.value:.12g} + {debt.value:.12g} + {minority:.12g} - {liquid.value:.12g}"
        parts = f"{told('debt', day, debt)}; {told('cash and securities', day, liquid)}"
        return f"{told_as} = {inputs}. {parts}"

    return Reading(cap.value + debt.value + minority - liquid.value, says)


def _figure(figures: Figures, line: str, end: date | None, day: date | None) -> Reading:
    when = day if line == "equity" else end
    if when is None:
        return Reading(None, "no twelve months in a row are known")
    cell = figures.cell(line, "trailing", when)
    if cell.value is None:
        return Reading(None, cell.says)
    return Reading(cell.value, lambda: told(line.replace("_", " "), when, cell))


def _divided(label: str, top: Reading, bottom: Reading, what: str) -> Reading:
    if top.value is None or bottom.value is None:
        missing = top if top.value is None else bottom
        return Reading(None, lambda: f"{label}: blank, since {missing.formula}")
    over, under = top.value, bottom.value
    if under <= 0:
        return Reading(
            None, lambda: f"{label}: blank, since {what} not positive ({under:.12g}). {bottom.formula}"
        )
    return Reading(
        over / under, lambda: f"{label} = {over:.12g} / {under:.12g}. {top.formula}; {bottom.formula}"
    )

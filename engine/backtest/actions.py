"""What happens to a position without a trade: splits, dividends, delistings, interest and borrow fees.

Order of a session: split, ex-date, payments, interest of the nights since the last session; then its trades; at
the close of a delisted symbol's last session, its end.
"""

from __future__ import annotations

import math

import numpy as np

from engine.backtest.costs import nearest_lots
from engine.backtest.ledger import Ledger
from engine.backtest.market import Market, Merger
from engine.backtest.money import TICK, amount, to_minor, to_ticks
from engine.backtest.result import Costs
from engine.backtest.tape import Tape

RECEIVED = "received in a merger"


def split(ledger: Ledger, market: Market, row: int, column: int, tape: Tape) -> None:
    """Units after a split; what is no whole lot is paid in cash at the open, or at the mark where there is none."""
    ratio = float(market.split[row, column])
    units, mark = ledger.units[column], ledger.marks[column] / TICK / ratio
    ledger.mark(column, mark)
    exact = units * ratio
    whole = int(nearest_lots(exact, ledger.lots))
    ledger.book("split", column, whole - units, 0.0, 0)
    fraction = exact - whole
    if abs(fraction) > 1e-9 * max(1.0, abs(exact)):
        first = float(market.open[row, column])
        price = first if math.isfinite(first) else mark
        paid = to_minor(fraction / ledger.lots * price)
        ledger.book("fraction", column, 0, price, paid)
        tape.close(row, column, -fraction / ledger.lots, price, "fraction of a split")


def dividend(ledger: Ledger, market: Market, costs: Costs, row: int, column: int, tape: Tape) -> None:
    """The right to a dividend on its ex-date: receivable until the pay date, less withholding; a short owes all."""
    gross = to_minor(ledger.shares(column) * float(market.dividend[row, column]))
    due = row + max(int(market.pay[row, column]), 0)
    ledger.accrue("dividend", column, due, gross)
    kept = round(gross * costs.withholding) if gross > 0 else 0
    if kept:
        ledger.accrue("withholding", column, due, -kept)
    tape.flow(row, column, ledger.money(gross - kept))
    tape.cost(row, "withholding", ledger.money(kept))


def delist(ledger: Ledger, market: Market, row: int, column: int, tape: Tape) -> str:
    """Closes a position at the last close and the final return; what is to be told of it."""
    last, final = ledger.marks[column] / TICK, float(market.final_return[column])
    price = last * (1 + final) if math.isfinite(final) else last
    units = ledger.units[column]
    ledger.trade(column, -units, price, 0.0, "delisting")
    tape.close(row, column, -units / ledger.lots, price, "delisted")
    return ended_text(final)


def merge(ledger: Ledger, row: int, merger: Merger, price: float, tape: Tape) -> str:
    """Shares of a successor, at its close, and cash for a position; what is no whole lot of them is paid in cash."""
    column, into, units = merger.column, merger.into, ledger.units[merger.column]
    exact = units * merger.ratio
    whole = int(nearest_lots(exact, ledger.lots))
    value = merger.ratio * price + merger.cash
    ledger.book("merger", column, -units, value, amount(units, ledger.lots, to_ticks(merger.cash)))
    ledger.book("merger", into, whole, price, 0)
    ledger.mark(into, price)
    fraction = exact - whole
    if abs(fraction) > 1e-9 * max(1.0, abs(exact)):
        ledger.book("fraction", into, 0, price, to_minor(fraction / ledger.lots * price))
    target, successor = ledger.symbols[column], ledger.symbols[into]
    tape.close(row, column, -units / ledger.lots, value, f"merged into {successor}")
    if whole:
        tape.receive(row, into, whole / ledger.lots, price, f"merger of {target}")
    return merged_text(merger, successor)


def merged_text(merger: Merger, successor: str) -> str:
    """What is told of a merger."""
    cash = f" and {merger.cash:g} in cash" if merger.cash else ""
    return f"Merged: {merger.ratio:g} shares of {successor}{cash} a share."


def ended_text(final: float) -> str:
    """What is told of a delisting."""
    if math.isfinite(final):
        return f"Delisted with a final return of {final:.2%} over the last close."
    return "Delisted; nobody told its final return: the last close was paid."


def nights(market: Market, row: int) -> int:
    """Calendar days from the session before."""
    if not row:
        return 0
    return int((market.dates[row] - market.dates[row - 1]) / np.timedelta64(1, "D"))


def finance(ledger: Ledger, costs: Costs, days: int, row: int, tape: Tape) -> None:
    """Interest of ``days``, with all that is short a short sale (``interest``)."""
    short = -sum(value for column in ledger.held if (value := ledger.value(column)) < 0)
    interest(ledger, costs, days, row, tape, short)


def interest(ledger: Ledger, costs: Costs, days: int, row: int, tape: Tape, short: int) -> None:
    """Interest on cash without the proceeds of ``short`` sales, their rebate and borrow fee, by the day count.

    All on the balances and marks of the last close: ``balance * rate * days / day_count``.
    """
    free = ledger.cash - short
    debit = costs.cash_rate if costs.debit_rate is None else costs.debit_rate
    for kind, balance, rate in (
        ("interest", free, costs.cash_rate if free >= 0 else debit),
        ("rebate", short, costs.short_rebate),
        ("borrow", -short, costs.borrow_rate),
    ):
        minor = round(balance * rate * days / costs.day_count)
        if minor:
            ledger.book(kind, -1, 0, 0.0, minor)
            tape.cost(row, kind, -ledger.money(minor))

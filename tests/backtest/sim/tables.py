"""A run as a spreadsheet: a row a session, and strategies that follow a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.backtest.ledger import Booking
from engine.backtest.market import Market
from engine.backtest.money import MINOR
from engine.backtest.orders import Order
from engine.backtest.result import Costs, Result, Terms
from engine.backtest.simulate import Strategy, View, run_events

ACCRUED = ("dividend", "withholding")
Row = tuple[float, float, float, float]  # cash, shares, owed to the account, equity


def plan(orders: Mapping[int, Sequence[Order]]) -> Strategy:
    """Gives orders after the closes of the sessions named."""

    def decide(view: View) -> Sequence[Order]:
        return orders.get(view.row, ())

    return decide


def follow(
    market: Market,
    orders: Mapping[int, Sequence[Order]],
    costs: Costs | None = None,
    capital: float = 10_000.0,
    **terms: float,
) -> Result:
    return run_events(market, plan(orders), costs, Terms(capital, **terms))


def table(result: Result) -> list[Row]:
    """Cash, shares of all symbols, what is owed and equity after each session, from the bookings."""
    rows, cash, shares, owed = [], 0, 0.0, 0
    bookings = [booking for booking in result.ledger if isinstance(booking, Booking)]
    for day, date in enumerate(result.dates):
        for booking in bookings:
            if booking.date != date:
                continue
            shares += booking.shares
            if booking.kind in ACCRUED:
                owed += booking.amount
            else:
                cash += booking.amount
                owed -= booking.amount if booking.kind == "payment" else 0
            assert booking.balance == cash
        rows.append((cash / MINOR, shares, owed / MINOR, float(result.equity[day])))
    return rows


def amounts(result: Result, kind: str) -> list[float]:
    """What was booked under a kind."""
    return [
        booking.amount / MINOR
        for booking in result.ledger
        if isinstance(booking, Booking) and booking.kind == kind
    ]


def fills(result: Result) -> list[tuple[str, float, float]]:
    """Day, shares and price of each fill."""
    return [
        (str(booking.date), booking.shares, booking.price)
        for booking in result.ledger
        if isinstance(booking, Booking) and booking.kind == "trade"
    ]

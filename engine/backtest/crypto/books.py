"""The money of an account of coins and linear perpetuals: exact, in the quote currency.

``Inverse`` keeps that of inverse ones under the same names. Money is told to the account's loop in whole units of
the quote currency.
"""

from __future__ import annotations

import numpy as np

from engine.backtest.currencies import CurrencyLedger, Entries, Holding
from engine.backtest.money import FRACTION, MINOR, TICK, to_minor

_NEAR = 1e-6  # of the positions: closer to a liquidation than that, its level is worked out


class Linear:
    """Cash of the quote currency; coins at their marks, or what margined ones gained and was not yet realised."""

    def __init__(
        self, symbols: tuple[str, ...], currency: str, capital: float, margined: bool, date: np.datetime64
    ) -> None:
        self.ledger = CurrencyLedger(currency, capital, date)
        self.held = [
            self.ledger.hold(Holding(symbol, currency, FRACTION, TICK, margined)) for symbol in symbols
        ]
        self._equity: int | None = None
        self._gross: int | None = None
        self._notional: dict[int, int] = {}

    @property
    def entries(self) -> Entries:
        return self.ledger.entries

    @property
    def equity(self) -> int:
        if self._equity is None:
            self._equity = self.ledger.equity
        return self._equity

    @property
    def cash_based(self) -> int:
        return self.ledger.cash_based

    @property
    def cash(self) -> float:
        return self.ledger.cash[self.ledger.base] / MINOR

    def begin(self, date: np.datetime64) -> None:
        """A bar."""
        self.ledger.date = date
        self._equity = self._gross = None
        self._notional.clear()

    def units(self, column: int) -> int:
        return self.held[column].units

    def price(self, column: int) -> float:
        """Its mark."""
        return self.held[column].mark / TICK

    def mark(self, column: int, price: float) -> None:
        self._changed(column)
        self.ledger.mark(self.held[column].symbol, price)

    def _changed(self, column: int) -> None:
        self._equity = self._gross = None
        self._notional.pop(column, None)

    def moved(self, column: int) -> float:  # noqa: ARG002
        """What a price move of 1 makes of a lot's whole in the account's currency."""
        return 1.0

    def value(self, price: float) -> float:  # noqa: ARG002
        """Of a price of 1 where a position is opened at a price."""
        return 1.0

    def each(self, column: int, price: float) -> float:  # noqa: ARG002
        """Notional of a lot at a price."""
        return price / FRACTION

    def notional(self, column: int) -> float:
        """At the mark, negative of a short."""
        return self._minor(column) / MINOR

    def _minor(self, column: int) -> int:
        found = self._notional.get(column)
        if found is None:
            found = self._notional[column] = self.held[column].notional
        return found

    def trade(self, column: int, units: int, price: float, kind: str) -> None:
        self._changed(column)
        self.ledger.trade(self.held[column].symbol, units, price, kind)

    def charge(self, column: int, kind: str, money: float, price: float) -> None:  # noqa: ARG002
        """Books a fee."""
        self._equity = None
        if minor := to_minor(money):
            self.ledger.book(kind, self.held[column].symbol, self.ledger.base, -minor)

    def fund(self, column: int, rate: float) -> float:
        """Longs pay (rate above zero) and shorts receive, on the notional at the mark; what it brought."""
        holding = self.held[column]
        minor = -round(self._minor(column) * rate)
        self._equity = None
        if minor:
            self.ledger.book("funding", holding.symbol, holding.currency, minor, 0.0, holding.mark / TICK)
        return minor / MINOR

    def interest(self, rate: float, debit: float, days: float) -> float:
        """On cash for some days of a year of 1; what it brought."""
        cash = self.ledger.cash[self.ledger.base]
        self._equity = None
        minor = round(cash * (rate if cash > 0 else debit) * days)
        if minor:
            self.ledger.book("interest", "", self.ledger.base, minor)
        return minor / MINOR

    def level(self, column: int, least: float) -> float:
        """The price ``p`` at which the equity is the maintenance margin: ``E + q (p - m) = M + least |q| p``, with
        ``m`` the mark, ``q`` coins, ``M`` what the other positions must maintain."""
        holding = self.held[column]
        coins, mark = holding.units / FRACTION, holding.mark / TICK
        every = sum(abs(self._minor(place)) for place, each in enumerate(self.held) if each.units)
        others = (every - abs(self._minor(column))) / MINOR
        level = (least * others - self.equity / MINOR + coins * mark) / (coins - least * abs(coins))
        return max(level, 0.0)

    def safe(self, column: int, price: float, least: float) -> bool:
        """Whether a price is far from ``level``: seen at a glance, for most bars."""
        holding = self.held[column]
        coins = holding.units / FRACTION
        if self._gross is None:
            self._gross = sum(abs(self._minor(place)) for place, each in enumerate(self.held) if each.units)
        gross, move = self._gross / MINOR, price - holding.mark / TICK
        left = self.equity / MINOR + coins * move - least * (gross + abs(coins) * move)
        return left > _NEAR * gross

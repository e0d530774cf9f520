"""An account in several currencies kept exactly: integer cash of each, positions in theirs, equity in one of them.

``equity == sum over currencies of (cash + positions at their marks) x rate``, rounded once a currency (half to even),
after every booking. What is owed is a position's: of a margined one (a future, a perpetual), what it gained over its
basis and was not yet paid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import cast, overload

import numpy as np

from engine.backtest.money import MINOR, TICK, half_even, to_minor, to_ticks


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger: ``amount`` moves the cash of ``currency`` to ``balance`` (minor units, 1e-4 of it).

    An inverse perpetual's ``currency`` is its coin, counted in 1e-8. ``kind``: deposit, trade, roll, expiry,
    commission, variation, realised, exchange, rollover, funding, interest, liquidation. ``quantity`` is the change
    of the position: contracts, coins, units of a pair's base currency.
    """

    date: np.datetime64
    kind: str
    symbol: str
    quantity: float
    price: float
    currency: str
    amount: int
    balance: int


@dataclass(slots=True)
class Holding:
    """A position: ``units`` of which ``lots`` make one, each worth ``multiplier`` ticks of money a price of 1.

    ``margined``: nothing is paid for it but what it gains and loses; ``basis`` (units x ticks) is what of its price
    was paid already.
    """

    symbol: str
    currency: str
    lots: int = 1
    multiplier: int = TICK
    margined: bool = True
    units: int = 0
    basis: int = 0
    mark: int = 0

    def worth(self, price: int, units: int, basis: int = 0) -> int:
        """``units x price - basis`` in minor units, rounded once."""
        return half_even((units * price - basis) * self.multiplier * MINOR, self.lots * TICK * TICK)

    @property
    def value(self) -> int:
        """What the account has in it: all of its mark, or of a margined one what is not yet paid."""
        return self.worth(self.mark, self.units, self.basis if self.margined else 0)

    @property
    def notional(self) -> int:
        """Units at the mark, in minor units, negative of a short."""
        return self.worth(self.mark, self.units)


class Entries(Sequence[Entry]):
    """Rows of a ledger in order; those of many sessions at once are written out when somebody reads them."""

    def __init__(self) -> None:
        self._parts: list[Entry | Callable[[], Iterable[Entry]]] = []
        self._whole = True

    def append(self, entry: Entry) -> None:
        self._parts.append(entry)

    def later(self, written: Callable[[], Iterable[Entry]]) -> None:
        """Rows that ``written`` tells."""
        self._parts.append(written)
        self._whole = False

    def _all(self) -> list[Entry]:
        if not self._whole:
            found: list[Entry] = []
            for each in self._parts:
                if isinstance(each, Entry):
                    found.append(each)
                else:
                    found.extend(each())
            self._parts[:] = found
            self._whole = True
        return cast("list[Entry]", self._parts)

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, index: int) -> Entry: ...

    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...

    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        return self._all()[index]


class CurrencyLedger:
    """Cash by currency and positions of one account; ``base`` is the currency that equity is told in."""

    def __init__(self, base: str, capital: float, date: np.datetime64) -> None:
        self.base = base
        self.date = date
        self.cash: dict[str, int] = {}
        self.rates: dict[str, int] = {base: TICK}
        self.held: dict[str, Holding] = {}
        self.entries = Entries()
        self.book("deposit", "", base, to_minor(capital))

    def book(
        self, kind: str, symbol: str, currency: str, minor: int, quantity: float = 0.0, price: float = 0.0
    ) -> None:
        """One change of cash."""
        balance = self.cash.get(currency, 0) + minor
        self.cash[currency] = balance
        self.entries.append(Entry(self.date, kind, symbol, quantity, price, currency, minor, balance))

    def rate(self, currency: str, rate: float) -> None:
        """From now on one unit of ``currency`` is ``rate`` of the base."""
        if not rate > 0:
            raise ValueError(f"A rate of {currency} in {self.base} is above zero, not {rate}")
        if currency != self.base:
            self.rates[currency] = to_ticks(rate)

    def hold(self, holding: Holding) -> Holding:
        """The position of that name; begun at nothing where there is none."""
        return self.held.setdefault(holding.symbol, holding)

    def trade(self, symbol: str, units: int, price: float, kind: str = "trade") -> int:
        """Buys (negative: sells) at a price; what it moved in cash: all of a spot position, what is realised of a
        margined one."""
        holding, ticks = self.held[symbol], to_ticks(price)
        moved = self._realise(holding, units, ticks) if holding.margined else -holding.worth(ticks, units)
        holding.units += units
        holding.mark = ticks
        self.book(kind, symbol, holding.currency, moved, units / holding.lots, price)
        return moved

    def _realise(self, holding: Holding, units: int, ticks: int) -> int:
        """What closing part of a margined position pays; the rest keeps its basis."""
        held = holding.units
        closed = 0
        if held * units < 0:
            closed = min(abs(units), abs(held)) * (1 if held > 0 else -1)
        part = half_even(holding.basis * closed, held) if closed else 0
        holding.basis += (units + closed) * ticks - part
        return holding.worth(ticks, closed, part)

    def mark(self, symbol: str, price: float) -> None:
        """Values a position at a price from now on."""
        self.held[symbol].mark = to_ticks(price)

    def settle(self, symbol: str) -> int:
        """Pays what a margined position gained (negative: lost) since it was last settled: variation margin."""
        holding = self.held[symbol]
        gained = holding.value
        holding.basis = holding.units * holding.mark
        if gained:
            self.book("variation", symbol, holding.currency, gained, 0.0, holding.mark / TICK)
        return gained

    def exchange(self, pair: str, units: int, price: float, kind: str = "trade") -> int:
        """Buys minor units of a pair's first currency for the second; what it moved of the second."""
        moved = -half_even(units * to_ticks(price), TICK)
        self.book(kind, pair, pair[:3], units, units / MINOR, price)
        self.book(kind, pair, pair[3:], moved, 0.0, price)
        return moved

    def convert(self, symbol: str, currency: str, minor: int) -> None:
        """Changes cash of a currency into the base at the rate that stands."""
        if currency == self.base or not minor:
            return
        rate = self.rates[currency]
        self.book("exchange", symbol, currency, -minor, 0.0, rate / TICK)
        self.book("exchange", symbol, self.base, half_even(minor * rate, TICK), 0.0, rate / TICK)

    def based(self, minor: int, currency: str) -> int:
        """Minor units of a currency in those of the base."""
        return minor if currency == self.base else half_even(minor * self.rates[currency], TICK)

    @property
    def cash_based(self) -> int:
        """Cash of all currencies, in the base."""
        return sum(self.based(minor, currency) for currency, minor in self.cash.items())

    @property
    def equity(self) -> int:
        """Cash and positions at their marks, in minor units of the base."""
        total = dict(self.cash)
        for holding in self.held.values():
            if holding.units or holding.basis:
                total[holding.currency] = total.get(holding.currency, 0) + holding.value
        return sum(self.based(minor, currency) for currency, minor in total.items())

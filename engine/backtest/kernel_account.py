"""The state of an account in arrays, or of one by symbol, between sessions: positions, cash, what is owed, fills.

Cash is kept in minor units, marks in ticks, and every booking is rounded as the ledger rounds it (``exact``): what
the arrays book is what orders book, to the last unit. The steps of a session and their order are those of
``simulate``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.backtest.actions import RECEIVED
from engine.backtest.assemble import assemble
from engine.backtest.broker import CALLED
from engine.backtest.costs import commission, rates
from engine.backtest.exact import amounts, ticks
from engine.backtest.happened import CUT, PARTIAL, Happened
from engine.backtest.inputs import Bools
from engine.backtest.kernel_actions import Held
from engine.backtest.kernel_margin import Margin
from engine.backtest.market import Floats, Market
from engine.backtest.money import FRACTION, MINOR, WHOLE
from engine.backtest.result import Costs, Ints, Result, Terms
from engine.backtest.tape import Tape


class Account(Held):
    """Money in minor units; ``cash`` and sums have one value an account.

    ``trading`` (n, k): which bars there are, None where all are. ``rest``: units of targets that a session's volume
    left at work, 0 where none is. ``most``: units that this session's volume still lets through. ``later``:
    marks and values are not needed between sessions and are worked out for many of them at once.
    """

    def __init__(
        self, market: Market, costs: Costs, terms: Terms, accounts: bool, moved: Floats | None
    ) -> None:
        columns = len(market.symbols)
        self.market, self.costs, self.terms, self.accounts = market, costs, terms, accounts
        self.lots, self.lot = FRACTION if terms.fractional else WHOLE, terms.lot
        self.cash = np.full(columns if accounts else 1, np.rint(terms.capital * MINOR))
        self.owed: dict[int, Floats] = {}
        self.units, self.mark, self.value, self.rest, self.most = np.zeros((5, columns))
        self.happened = Happened()
        self.volatility = moved
        self.tape = Tape()
        if not costs.scaled:
            self.tape.rates = {kind: float(rate) for kind, rate in rates(costs, 0.0, 0.0, 0.0).items()}
        self.worse = sum(self.tape.rates.values())
        self.limited = costs.participation is not None
        self.margin = Margin(terms, len(self.cash))
        trading = np.isfinite(market.open) & np.isfinite(market.close)
        self.trading: Bools | None = None if trading.all() else trading
        self.acting = ((market.split != 1.0) | (market.dividend > 0)).any(axis=1)
        self.ending = set(market.last[market.last >= 0].tolist())
        self.financed = costs.financed
        self.longs = False  # no position is ever short
        self.later = self.trading is None and not self.financed
        self.opened: Floats | None = None  # what positions are worth at the open, where it is known
        self.opens: Floats = self.mark  # of the session, in ticks: of open or, without a bar, last mark

    def named(self, names: tuple[str, ...]) -> None:
        """Reasons of fills: those of what decides, then a merger's and a margin call's."""
        self.tape.names = (*names, RECEIVED, CALLED)
        self.received, self.call = len(names), len(names) + 1

    # a session ------------------------------------------------------------------------------------------------

    def begin(self, row: int) -> None:
        """All of a session before what was decided: interest, splits, ex-dates, payments, a margin call."""
        if row and self.financed:
            self.finance(row)
        if self.acting[row]:
            self.split(row)
            self.dividend(row)
        if row in self.owed:
            self.cash += self.owed.pop(row)
        if self.limited:
            volume = self.market.volume[row]
            self.most = np.floor(self.costs.participation * np.where(volume > 0, volume, 0.0) * self.lots)
        self.opened = None
        self.opens = ticks(self.market.open[row])
        if self.trading is not None:
            self.opens = np.where(self.trading[row], self.opens, self.mark)
        if self.margin.calling:
            self.margin.reduce(self, row)

    def close(self, row: int) -> None:
        """Marks, after the end of what is delisted."""
        if self.later and row not in self.ending:
            self.margin.watch(self, row)
            return
        closes = ticks(self.market.close[row])
        self.mark = closes if self.trading is None else np.where(self.trading[row], closes, self.mark)
        if row in self.ending:
            self.end(row)
        self.value = amounts(self.units, self.lots, self.mark)
        self.margin.check(self, row)

    # sums -----------------------------------------------------------------------------------------------------

    def sums(self, values: Floats) -> Floats:
        """By account."""
        found: Floats = values if self.accounts else values.sum(keepdims=True)
        return found

    @property
    def owing(self) -> Floats | float:
        """What is owed to each account (negative: by it)."""
        return sum(self.owed.values(), np.zeros(len(self.cash))) if self.owed else 0.0

    @property
    def equity(self) -> Floats:
        return self.cash + self.owing + self.sums(self.value)

    def sized(self, at: Ints) -> Floats:
        """What sizes of some symbols are of, at the open: money owed to the account does not buy yet, what it owes is
        not its own. In the currency, one value a symbol or one of all."""
        free = self.cash + (np.minimum(self.owing, 0.0) if self.owed else 0.0)
        if self.accounts:
            free = free[at] + amounts(self.units[at], self.lots, self.opens[at])
        else:
            free = free + self.at_open().sum()
        return np.asarray(free / MINOR)

    def at_open(self) -> Floats:
        """What positions are worth at the open."""
        if self.opened is None:
            self.opened = amounts(self.units, self.lots, self.opens)
        return self.opened

    # fills ----------------------------------------------------------------------------------------------------

    def targets(self, row: int, at: Ints, want: Floats, code: Ints) -> tuple[Ints, Floats]:
        """Fills at the open towards ``want`` units more, as far as volume and margin go: of which places, at what."""
        if not self.accounts and (self.limited or self.margin.initial is not None):
            order = np.argsort(want > 0, kind="stable")  # sales first, then by symbol
            at, want, code = at[order], want[order], code[order]
        moved = self.let(at, want) if self.limited else want
        price = self.market.open[row, at]
        priced = refused = None
        if self.margin.initial is not None:
            if not self.accounts:
                priced = self.priced(row, at, moved, price, None)
            cut = self.margin.admitted(self, row, at, moved, price, priced)
            if cut is not None:
                refused = cut != moved
                want, moved, priced = np.where(refused, cut, want), cut, None
        if self.limited or refused is not None:
            self.partly(row, at, moved, want, refused)
        if self.limited:
            self.rest[at] = want - moved
        some = moved != 0
        if np.count_nonzero(some) < len(some):
            at, moved, price, code, priced = at[some], moved[some], price[some], code[some], None
        if not len(at):
            return at, price
        priced = self.priced(row, at, moved, price, None) if priced is None else priced
        self.book(row, at, moved, price, code, priced)
        return at, priced[0]

    def let(self, at: Ints, want: Floats) -> Floats:
        """Units of some wanted that the session's volume still lets through."""
        return np.copysign(np.minimum(np.abs(want), self.most[at]), want)

    def partly(self, row: int, at: Ints, moved: Floats, want: Floats, refused: Bools | None = None) -> None:
        """Tells of what was filled in part, and of what the margin ``refused`` a part of."""
        told = moved != want
        told &= moved != 0
        code: Ints | int = PARTIAL
        if refused is not None:
            told |= refused
            code = np.where(refused, CUT, PARTIAL)[told]
        if np.count_nonzero(told):
            self.happened.many(row, at[told], code, np.abs(moved[told]) / self.lots, want[told] / self.lots)

    def priced(
        self, row: int, at: Ints, moved: Floats, price: Floats, limit: Floats | None
    ) -> tuple[Floats, Floats, Mapping[str, Any] | None]:
        """Prices moved by spread, slippage and impact, not beyond limits, and commissions; the rates moved by where
        they are not the tape's."""
        shares, side, worse = moved / self.lots, np.sign(moved), None
        if self.volatility is None:
            filled = price * (1 + side * self.worse) if self.worse else price
        else:
            worse = rates(self.costs, shares, self.market.volume[row, at], self.volatility[row, at])
            filled = price * (1 + side * sum(worse.values()))
        if limit is not None and (self.worse or worse is not None):
            capped = (filled - limit) * side > 0
            if np.count_nonzero(capped):
                room = np.abs(limit - price) / np.where(capped, np.abs(filled - price), 1.0)
                part = np.where(capped, room, 1.0)
                worse = {kind: rate * part for kind, rate in (worse or self.tape.rates).items()}
                filled = np.where(capped, limit, filled)
        return filled, commission(self.costs, shares, filled), worse

    def book(
        self,
        row: int,
        at: Ints,
        moved: Floats,
        price: Floats,
        code: Ints,
        priced: tuple[Floats, Floats, Mapping[str, Any] | None],
    ) -> None:
        """Fills, into cash, positions and the tape."""
        filled, fee, worse = priced
        self.pay(at, -amounts(moved, self.lots, ticks(filled)) - np.rint(fee * MINOR))
        self.units[at] += moved
        if self.limited:
            self.most[at] -= np.abs(moved)
        self.opened = None
        self.tape.batch(row, at, (moved / self.lots, filled, price, fee), code, worse)

    # what came of it ------------------------------------------------------------------------------------------

    def result(self, values: Floats, worth: Floats, money: Floats) -> Result:
        """Of panels in minor units: positions (n, k), equity (n, accounts), cash (n,)."""
        values, worth, money = (np.divide(each, MINOR, out=each) for each in (values, worth, money))
        equity, own = worth.sum(axis=1), worth if self.accounts else None
        return assemble(
            self.market, self.terms, equity, money, values, self.tape, self.happened, accounts=own
        )

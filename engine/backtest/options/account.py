"""The account of an option strategy: its ledger, its open sets, and the bookings that fills make."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from engine.backtest.costs import commission, rates, volatility
from engine.backtest.ledger import Ledger
from engine.backtest.market import Floats, Market
from engine.backtest.money import MINOR, TICK, WHOLE
from engine.backtest.options.book import OptionRules
from engine.backtest.options.chain import ChainMarket, middle
from engine.backtest.options.margin import Position
from engine.backtest.result import Costs, Event, Terms
from engine.backtest.tape import Fill, Tape


class OptionLedger(Ledger):
    """A ledger that takes a contract in when it is first traded."""

    def add(self, symbol: str) -> int:
        """A column for a symbol; one that is called so already (a contract of before a split) keeps its own."""
        named = symbol if symbol not in self.symbols else f"{symbol} from {self.date}"
        self.symbols = (*self.symbols, named)
        self.units.append(0)
        self.marks.append(0)
        self._values.append(0)
        return len(self.symbols) - 1


@dataclass(slots=True, eq=False)
class Held:
    """One leg that is open. ``column`` is the ledger's, ``contract`` where its quotes stand now (None: nowhere);
    ``expires`` the session that settles it, -1 where that lies beyond the sample; ``units`` of the underlying."""

    column: int
    contract: int | None
    kind: int
    strike: float
    expiry: np.datetime64
    expires: int
    units: int
    multiplier: int
    american: bool
    settlement: int
    day: int = field(init=False)  # the expiry as a number

    def __post_init__(self) -> None:
        self.day = int(self.expiry.astype(np.int64))

    def intrinsic(self, spot: float) -> float:
        return max(self.kind * (spot - self.strike), 0.0)


@dataclass(slots=True, eq=False)
class Lot:
    """Sets entered together. ``premium``: what they brought (negative: cost), without commissions; ``shares`` that
    stand against them; ``closing``: why they are to be closed at the next quotes, empty while they are not."""

    legs: list[Held]
    sets: int
    premium: float
    shares: int
    secured: float = 0.0
    closing: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """The underlying by session as plain numbers, asked for one at a time; ``nights`` since the session before."""

    open: list[float]
    close: list[float]
    split: list[float]
    dividend: list[float]
    nights: list[int]

    @classmethod
    def of(cls, market: Market) -> Bars:
        days = market.dates.astype("datetime64[D]").astype(np.int64)
        return cls(
            market.open[:, 0].tolist(), market.close[:, 0].tolist(), market.split[:, 0].tolist(),
            market.dividend[:, 0].tolist(), [0, *np.diff(days).tolist()],
        )  # fmt: skip


@dataclass(slots=True)
class Account:
    """Everything that changes while a run goes on. Column 0 is the underlying; ``columns``
    says where a contract of the chain stands now, ``settlements`` how a column's settles.
    """

    chain: ChainMarket
    market: Market
    rules: OptionRules
    costs: Costs
    terms: Terms
    rates: Floats
    known: Floats  # closes as decisions know them
    announced: Floats  # dividends as their holders knew them the evening before the ex-date
    decided: ChainMarket  # quotes as decisions know them
    bars: Bars
    ledger: OptionLedger
    lots: list[Lot] = field(default_factory=list)
    columns: dict[int, int] = field(default_factory=dict)
    settlements: dict[int, int] = field(default_factory=dict)
    tape: Tape = field(default_factory=Tape)
    events: list[Event] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    adjusted: list[tuple[int, int, float]] = field(default_factory=list)  # row, column, ratio of a split
    spot: float = float("nan")
    fresh: set[int] = field(default_factory=set)  # columns with a mark of this session's
    volatility: Floats | None = None

    def tell(self, kind: str, column: int, text: str) -> None:
        symbol = self.ledger.symbols[column] if column >= 0 else ""
        self.events.append(Event(self.ledger.date, kind, symbol, text))

    def column(self, contract: int) -> int:
        """The ledger's column of a contract."""
        if contract not in self.columns:
            found = self.columns[contract] = self.ledger.add(self.chain.symbols[contract])
            self.settlements[found] = int(self.chain.settlement[contract])
        return self.columns[contract]

    @property
    def shares(self) -> int:
        return self.ledger.units[0]

    @property
    def equity(self) -> float:
        return self.ledger.equity / MINOR

    def price(self, held: Held) -> float:
        """A leg's mark."""
        return self.ledger.marks[held.column] / TICK

    def seen_price(self, held: Held, row: int) -> float:
        """A leg's mark as decisions know it."""
        if self.decided is self.chain or held.contract is None:
            return self.price(held)
        found = middle(self.decided.quote(row, held.contract))
        return self.price(held) if found is None else found

    def seen_equity(self, row: int) -> float:
        """The account's worth at the prices that decisions know."""
        found = self.equity + self.shares * (float(self.known[row]) - self.spot if self.shares else 0.0)
        if self.decided is self.chain:
            return found
        legs = [held for lot in self.lots for held in lot.legs]
        return found + sum(held.units * (self.seen_price(held, row) - self.price(held)) for held in legs)

    def positions(self, lot: Lot) -> list[Position]:
        return [Position(one.kind, one.strike, one.units, self.price(one), one.day) for one in lot.legs]

    def trade_shares(self, row: int, units: int, price: float, reason: str) -> None:
        """Shares bought (negative: sold) at a price moved by the costs of shares."""
        if not units:
            return
        side = 1 if units > 0 else -1
        moved = 0.0 if self.volatility is None else float(self.volatility[row, 0])
        found = rates(self.costs, units, float(self.market.volume[row, 0]), moved)
        worse = {kind: float(rate) for kind, rate in found.items()}
        filled = price * (1 + side * sum(worse.values()))
        charged = float(commission(self.costs, units, filled))
        self.ledger.trade(0, units, filled, charged)
        self.ledger.mark(0, price)
        self.tape.fill(Fill(row, 0, float(units), filled, price, charged, reason, reason), worse)

    def trade_option(
        self, row: int, held: Held, units: int, price: float, middle: float, reason: str
    ) -> None:
        """Units of a contract bought (negative: sold) at a price, ``middle`` that of no cost."""
        charged = self.rules.commission * abs(units) / held.multiplier
        self.ledger.trade(held.column, units, price, charged)
        self.ledger.mark(held.column, middle)
        fill = Fill(row, held.column, float(units), price, middle, charged, reason, reason)
        self.tape.fill(fill, {})
        self.tape.cost(row, "spread", abs(units) * abs(price - middle))

    def book_away(self, row: int, held: Held, kind: str, price: float, reason: str) -> None:
        """A leg that goes for cash without a trade, at ``price`` a unit."""
        self.ledger.trade(held.column, -held.units, price, 0.0, kind)
        self.tape.close(row, held.column, -float(held.units), price, reason)

    def deliver(self, row: int, held: Held, kind: str, reason: str) -> None:
        """Shares change hands at the strike.

        The ledger books what the clearing house does: the contract at nothing, the shares at the strike. Trades
        are told as the contract closed at its intrinsic value and the shares at the market, so that each has
        what it made.
        """
        moved = held.kind * held.units
        self.ledger.book(kind, held.column, -held.units, 0.0, 0)
        self.ledger.trade(0, moved, held.strike, 0.0, kind)
        self.ledger.mark(0, self.spot)
        self.tape.close(row, held.column, -float(held.units), held.intrinsic(self.spot), reason)
        told = f"{reason} of {self.ledger.symbols[held.column]}"
        self.tape.fills.append(Fill(row, 0, float(moved), self.spot, self.spot, 0.0, told, told))

    def drop(self, lot: Lot, gone: list[Held]) -> None:
        """Legs that ended; what is left of their set is closed at the next quotes."""
        if not gone:
            return
        lot.legs = [one for one in lot.legs if one not in gone]
        if lot.legs and not lot.closing:
            lot.closing = "rest of a set"
        self.lots = [each for each in self.lots if each.legs]


def opened(
    chain: ChainMarket,
    market: Market,
    rules: OptionRules,
    costs: Costs,
    terms: Terms,
    rates: Floats,
    known: Floats | None = None,
    announced: Floats | None = None,
    decided: ChainMarket | None = None,
) -> Account:
    """An account before its first session."""
    ledger = OptionLedger(market.symbols, terms.capital, WHOLE, market.dates[0])
    seen = market.close[:, 0] if known is None else known
    moved = volatility(market) if costs.scaled else None
    told = market.dividend[:, 0] if announced is None else announced
    quotes, bars = chain if decided is None else decided, Bars.of(market)
    return Account(
        chain, market, rules, costs, terms, rates, seen, told, quotes, bars, ledger, volatility=moved
    )

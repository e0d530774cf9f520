"""The event-driven simulation: sessions in turn, orders against bars, one ledger, exact to the minor unit.

A session: splits, ex-dates, payments and the interest of the nights before; forced reductions; then orders at the
open, within the bar and at the close; the end of what is delisted; marks. Then the strategy decides, on what that
close shows, and what it decides works from the next session's open. Without a bar nothing fills, and the last
close is the mark. At an open what guards positions goes first, then sales, then purchases, each by symbol; what a
session's volume left of an order for a weight takes its turn among those of the day. Orders that a strategy gives
itself go as they were given.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

from engine.backtest import actions
from engine.backtest.assemble import assemble, joined, one_symbol
from engine.backtest.broker import CALLED, Broker, Working, called_text, partial_text
from engine.backtest.costs import in_lots, volatility, wanted
from engine.backtest.ledger import Ledger
from engine.backtest.market import Floats, Market
from engine.backtest.money import FRACTION, MINOR, WHOLE
from engine.backtest.orders import PASSIVE, Bar, Order
from engine.backtest.result import Costs, Result, Signals, Terms

Strategy = Callable[["View"], Iterable[Order]]


class Seen:
    """A market as far as it has happened: memory that later sessions have not been written to."""

    NAMES = ("open", "high", "low", "close", "volume", "split", "dividend")

    def __init__(self, shape: tuple[int, int]) -> None:
        self._panels = {name: np.full(shape, np.nan) for name in self.NAMES}
        self.rows = 0

    def add(self, market: Market) -> None:
        """One session more."""
        for name, panel in self._panels.items():
            panel[self.rows] = getattr(market, name)[self.rows]
        self.rows += 1

    def panel(self, name: str) -> Floats:
        """Rows so far of a panel, closed to writing."""
        if name not in self._panels:
            raise ValueError(f"A market's history has {', '.join(self._panels)}, not {name}.")
        found: Floats = self._panels[name][: self.rows]
        found.setflags(write=False)
        return found


class View:
    """What a strategy may know when it decides: everything up to the close of the session, its own account.

    ``working``: tags of orders still at work.
    """

    def __init__(
        self, seen: Seen, ledger: Ledger, row: int, date: np.datetime64, working: frozenset[str]
    ) -> None:
        self._seen = seen
        self._ledger = ledger
        self.row = row
        self.date = date
        self.working = working

    @property
    def symbols(self) -> tuple[str, ...]:
        return self._ledger.symbols

    @property
    def cash(self) -> float:
        return self._ledger.cash / MINOR

    @property
    def equity(self) -> float:
        return self._ledger.equity / MINOR

    def shares(self, symbol: str) -> float:
        """What is held of a symbol, negative short."""
        return self._ledger.shares(self.symbols.index(symbol))

    def history(self, name: str) -> Floats:
        """Rows (row + 1, k) of a panel of the market (open, high, low, close, volume, split, dividend), as traded.

        Later rows are not hidden but absent: they have not been written to the memory it lies in.
        """
        return self._seen.panel(name)


class Simulation:
    """One account over one market."""

    def __init__(self, market: Market, costs: Costs, terms: Terms, moved: Floats | None = None) -> None:
        if costs.scaled and moved is None:
            moved = volatility(market)
        self.market = market
        self.costs = costs
        self.terms = terms
        lots = FRACTION if terms.fractional else WHOLE
        self.ledger = Ledger(market.symbols, terms.capital, lots, market.dates[0])
        self.broker = Broker(self.ledger, costs, terms, moved)
        shape = (len(market.dates), len(market.symbols))
        self.equity, self.cash = np.zeros(shape[0]), np.zeros(shape[0])
        self.values = np.zeros(shape)
        self.called = False
        self.selling = True  # what a merger brought
        self.pending: dict[int, tuple[float, str]] = {}
        self.acting = _acting(market)

    def session(self, row: int) -> None:
        """All of a session, to its marks."""
        market, ledger = self.market, self.ledger
        ledger.date = market.dates[row]
        bars = self._bars(row)
        self._actions(row)
        self.broker.begin(row, bars)
        if self.terms.initial_margin is not None:
            self._mark_open(bars)
        if self.called:
            self._reduce(bars)
        self.broker.submit(self._targets(bars), market.open[row].tolist())
        if self.selling:
            self.broker.working.sort(key=_in_turn)
        self.broker.session()
        for column in ledger.held:
            bar = bars[column]
            if bar is not None:
                ledger.mark(column, bar.close)
        for column in np.flatnonzero(market.last == row).tolist():
            self._end(row, column)
        self._record(row)

    def _bars(self, row: int) -> list[Bar | None]:
        market = self.market
        columns = (market.open, market.high, market.low, market.close, market.volume)
        rows = zip(*(column[row].tolist() for column in columns), strict=True)
        return [Bar(*each) if math.isfinite(each[0]) and math.isfinite(each[3]) else None for each in rows]

    def _actions(self, row: int) -> None:
        market, ledger, tape = self.market, self.ledger, self.broker.tape
        days = actions.nights(market, row)
        if days and self.costs.financed:
            actions.finance(ledger, self.costs, days, row, tape)
        for column in self.acting.get(row, ()):
            ratio = float(market.split[row, column])
            if ratio > 0 and ratio != 1.0:
                self.broker.split(column, ratio)
                if ledger.units[column]:
                    actions.split(ledger, market, row, column, tape)
            if market.dividend[row, column] > 0 and ledger.units[column]:
                actions.dividend(ledger, market, self.costs, row, column, tape)
        ledger.settle(row)

    def _reduce(self, bars: list[Bar | None]) -> None:
        """Cuts every position by one part, at the open, until the initial margin is met."""
        ledger, called = self.ledger, self.terms.maintenance_margin or 0.0
        initial = max(self.terms.initial_margin or called, called)
        self._mark_open(bars)
        gross = ledger.gross
        keep = max(ledger.equity, 0) / initial / gross if gross else 1.0
        self.called = False
        if keep >= 1:
            return
        for column in ledger.held:
            bar = bars[column]
            if bar is None:
                self.called = True  # cannot be cut without a bar: the call stands
                continue
            held, lots = abs(ledger.units[column]), ledger.lots
            wanted_cut = held - math.trunc(held * keep)
            cut = self.broker.volume(column, wanted_cut)
            side = -1 if ledger.units[column] > 0 else 1
            if cut < wanted_cut:
                self.called = True  # nor beyond the volume
                if cut:
                    self.broker.tell("partial", column, partial_text(cut / lots, wanted_cut / lots))
            if cut:
                order = Order(ledger.symbols[column], side * cut, reason=CALLED)
                self.broker.execute(column, side * cut, bar.open, order)

    def _mark_open(self, bars: list[Bar | None]) -> None:
        for column in self.ledger.held:
            bar = bars[column]
            if bar is not None:
                self.ledger.mark(column, bar.open)

    def _targets(self, bars: list[Bar | None]) -> list[Order]:
        """Market orders for the weights that wait for this open, sales first."""
        ready = [column for column in self.pending if bars[column] is not None]
        if not ready:
            return []
        ledger = self.ledger
        self._mark_open(bars)
        equity = ledger.sized / MINOR
        weights = np.array([self.pending[column][0] for column in ready])
        opens = np.array([bar.open for column in ready if (bar := bars[column]) is not None])
        units = in_lots(wanted(self.costs, weights, equity, opens), ledger.lots, self.terms.lot).astype(
            object
        )
        orders = []
        for column, count in zip(ready, units, strict=True):
            symbol, (_, reason) = ledger.symbols[column], self.pending.pop(column)
            change = int(count) - ledger.units[column]
            tag = f"target {symbol}"
            orders.append(Order(symbol, change / ledger.lots, tag=tag, reason=reason, units=change))
        return sorted(orders, key=lambda order: order.shares > 0)

    def _end(self, row: int, column: int) -> None:
        """A delisting, after the close: orders end, a position is paid."""
        self.pending.pop(column, None)
        self.broker.cancel(column)
        if not self.ledger.units[column]:
            return
        found = self.market.successor(column, row)
        if found is None:
            text = actions.delist(self.ledger, self.market, row, column, self.broker.tape)
            self.broker.tell("delisting", column, text)
            return
        merger, price = found
        held = self.ledger.units[merger.into]
        text = actions.merge(self.ledger, row, merger, price, self.broker.tape)
        self.broker.tell("merger", column, text)
        if not held:
            self._received(merger.into)

    def _received(self, column: int) -> None:
        """Shares of a merger that nobody asked for are sold at the next open; a strategy of orders decides itself."""
        if self.selling:
            self.pending.setdefault(column, (0.0, actions.RECEIVED))

    def _record(self, row: int) -> None:
        ledger = self.ledger
        equity = ledger.equity
        self.equity[row], self.cash[row] = equity / MINOR, ledger.cash / MINOR
        for column in ledger.held:
            self.values[row, column] = ledger.value(column) / MINOR
        least, gross = self.terms.maintenance_margin, ledger.gross
        if least is not None and gross and equity < least * gross:
            self.called = True
            self.broker.tell("margin call", -1, called_text(equity / gross, least))

    def want(self, signals: Signals, row: int, before: Floats | None) -> None:
        """Takes a session's opinions; with ``before`` (what was last wanted) only those that changed."""
        opinion = signals.target[row]
        fresh = np.isfinite(opinion)
        if before is not None:
            fresh &= opinion != before
            before[fresh] = opinion[fresh]
        for column in np.flatnonzero(fresh).tolist():
            self.broker.drop(f"target {self.market.symbols[column]}")
            self.pending[column] = (float(opinion[column]), signals.reason(row, column))

    def result(self) -> Result:
        """What came of it."""
        told, ledger = tuple(self.broker.events), tuple(self.ledger.bookings)
        tape = self.broker.tape
        return assemble(self.market, self.terms, self.equity, self.cash, self.values, tape, told, ledger)


def _in_turn(one: Working) -> tuple[int, int, int]:
    """At an open: stops before targets of a symbol, by symbol; then sales, then purchases, by symbol."""
    if one.order.closing:
        return 0, one.column, int(one.order.kind in PASSIVE)
    return 1, int(one.units > 0), one.column


def _acting(market: Market) -> dict[int, list[int]]:
    """Columns with a split or dividend, by row."""
    found: dict[int, list[int]] = {}
    for row, column in np.argwhere((market.split != 1.0) | (market.dividend > 0)).tolist():
        found.setdefault(row, []).append(column)
    return found


def run_events(
    market: Market,
    strategy: Signals | Strategy,
    costs: Costs | None = None,
    terms: Terms | None = None,
    *,
    accounts: bool = False,
    on_change: bool | None = None,
    moved: Floats | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Result:
    """Simulates signals, or a strategy that answers orders after each close.

    Parameters
    ----------
    strategy : weights by session, or a callable that takes a ``View`` and answers orders.
    accounts : each symbol an account of its own with the whole capital, as ``run_fast`` has it (signals only).
    on_change : whether a weight trades only where it differs from the last one wanted; else each number rebalances.
        By default with ``accounts``.
    moved : a day's volatility before each session (n, k), of ``costs.volatility`` over this market where not given
    told : called with the sessions done and all of them; what it raises ends the run
    """
    costs, terms = costs or Costs(), terms or Terms()
    if accounts:
        if not isinstance(strategy, Signals):
            raise ValueError("accounts by symbol take signals; a strategy that gives orders has one account")
        return _each(market, strategy, costs, terms, on_change is not False, moved, told)
    run = Simulation(market, costs, terms, moved)
    if isinstance(strategy, Signals) and strategy.target.shape != market.close.shape:
        raise ValueError(f"signals have shape {strategy.target.shape}; the market's is {market.close.shape}")
    before = np.zeros(len(market.symbols)) if on_change else None
    run.selling = isinstance(strategy, Signals)
    seen = Seen((0, 0) if isinstance(strategy, Signals) else market.close.shape)
    for row in range(len(market.dates)):
        run.session(row)
        if isinstance(strategy, Signals):
            run.want(strategy, row, before)
        else:
            tags = frozenset(one.order.tag for one in run.broker.working)
            seen.add(market)
            view = View(seen, run.ledger, row, market.dates[row], tags)
            run.broker.submit(strategy(view), market.close[row].tolist())
        if told is not None:
            told(row + 1, len(market.dates))
    return run.result()


def _each(
    market: Market,
    signals: Signals,
    costs: Costs,
    terms: Terms,
    changes: bool,
    moved: Floats | None,
    told: Callable[[int, int], None] | None,
) -> Result:
    """An account by symbol, one after the other."""
    parts, symbols = [], len(market.symbols)
    moved = volatility(market) if costs.scaled and moved is None else moved
    for column in range(symbols):
        own = None if moved is None else moved[:, column : column + 1]
        given = one_symbol(market, signals, column)
        parts.append(run_events(*given, costs, terms, on_change=changes, moved=own))
        if told is not None:
            told(column + 1, symbols)
    return joined(market, parts)

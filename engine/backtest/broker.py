"""Working orders of one account: from the open of a session to its close."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.backtest.costs import commission, nearest_lots, rates
from engine.backtest.ledger import Ledger
from engine.backtest.market import Floats
from engine.backtest.orders import PASSIVE, Bar, Order, Touch, meet, reaches
from engine.backtest.result import Costs, Event, Terms
from engine.backtest.tape import Fill, Tape

CALLED = "margin call"  # the reason of what it cuts


@dataclass(slots=True)
class Working:
    """An order at work: what is left of it, its level now. ``opened``: it works from the session's open on."""

    order: Order
    column: int
    units: int
    left: int | None
    stop: float | None
    triggered: bool = False
    opened: bool = True
    late: bool = False  # began within a bar, after prices unknown: its limit waits for the next session
    began: float | None = None  # the price at which the bar stood when it began within it
    gone: bool = False


class Broker:
    """Takes orders and fills them against bars, by the conventions of ``orders``, into the ledger and the tape."""

    def __init__(self, ledger: Ledger, costs: Costs, terms: Terms, volatility: Floats | None) -> None:
        self.ledger = ledger
        self.costs = costs
        self.terms = terms
        self.volatility = volatility
        self.tape = Tape()
        self.events: list[Event] = []
        self.working: list[Working] = []
        self.begun: list[Working] = []  # within the bar of the moment
        self.tagged: dict[str, Working] = {}
        self.groups: dict[str, list[Working]] = {}
        self.columns = {symbol: column for column, symbol in enumerate(ledger.symbols)}
        self.row = 0
        self.bars: list[Bar | None] = []
        self.taken: dict[int, int] = {}

    def submit(self, orders: Iterable[Order], close: list[float]) -> None:
        """Orders decided after a close: at work from the next session's open."""
        for order in orders:
            column = self.columns.get(order.symbol)
            if column is None:
                raise ValueError(f"an order names {order.symbol}, which this market does not hold")
            self._admit(order, close[column])

    def _admit(self, order: Order, price: float) -> Working | None:
        if order.tag:
            self.drop(order.tag)
        column = self.columns[order.symbol]
        lots = self.ledger.lots
        units = int(nearest_lots(order.shares * lots, lots)) if order.units is None else order.units
        if not units:
            return None
        stop = order.stop
        if order.kind == "trailing":
            stop = self._trailed(order, price, None)
        left = 1 if order.kind in ("open", "close") else order.sessions
        one = Working(order, column, units, left, stop)
        self.working.append(one)
        if order.tag:
            self.tagged[order.tag] = one
        if order.group:
            self.groups.setdefault(order.group, []).append(one)
        return one

    @staticmethod
    def _trailed(order: Order, price: float, level: float | None) -> float | None:
        """A trailing stop's level after a price: it only follows, a sale's up and a buy's down."""
        if not math.isfinite(price) or order.trail is None:
            return level
        if order.shares < 0:
            found = price * (1 - order.trail)
            return found if level is None else max(level, found)
        found = price * (1 + order.trail)
        return found if level is None else min(level, found)

    def drop(self, tag: str) -> None:
        """Cancels the order of a tag."""
        one = self.tagged.pop(tag, None)
        if one is not None:
            one.gone = True

    def cancel(self, column: int) -> None:
        """Cancels all orders of a symbol."""
        for one in self.working:
            one.gone = one.gone or one.column == column
        self._sweep()

    def _sweep(self) -> None:
        self.working = [one for one in self.working if not one.gone and one.units]

    def split(self, column: int, ratio: float) -> None:
        """Orders in the shares after a split."""
        for one in self.working:
            if one.column == column:
                one.order = one.order.split(ratio)
                one.units = int(nearest_lots(one.units * ratio, self.ledger.lots))
                one.stop = None if one.stop is None else one.stop / ratio
        self._sweep()

    def begin(self, row: int, bars: list[Bar | None]) -> None:
        """A session whose volume nobody has taken from yet."""
        self.row, self.bars, self.taken, self.begun = row, bars, {}, []

    def session(self) -> None:
        """A session's fills: at the open as given, then within the bar, stops before limits, then at the close."""
        self._sweep()
        later = []
        for one in list(self.working):
            touch = self._meet(one)
            if touch is not None and touch.first:
                self._fill(one, touch)
            elif touch is not None:
                later.append((one, touch))
        self._within(later + self._met())
        self._age()

    def _met(self) -> list[tuple[Working, Touch]]:
        """Orders that began within the bar and meet the rest of it."""
        begun, self.begun = self.begun, []
        return [(one, touch) for one in begun if (touch := self._meet(one)) is not None]

    def _within(self, met: list[tuple[Working, Touch]]) -> None:
        for one, touch in sorted(met, key=lambda each: (_turn(each[0].order), each[0].column)):
            if not one.gone:
                self._fill(one, touch)
                self._within(self._met())

    def _meet(self, one: Working) -> Touch | None:
        bar = self.bars[one.column]
        if one.gone or bar is None or (one.late and one.order.kind in PASSIVE):
            return None
        touch = meet(one.order, bar, one.stop, one.triggered, one.opened)
        if one.order.kind == "stop_limit" and one.stop is not None:
            one.triggered = one.triggered or reaches(one.stop, 1 if one.units > 0 else -1, bar)
        if touch is not None and one.began is not None and one.order.kind in ("stop", "trailing"):
            worse = max if one.units > 0 else min  # the price may have been beyond the stop when it began
            touch = Touch(worse(touch.price, one.began), touch.first)
        return touch

    def _age(self) -> None:
        for one in self.working:
            bar = self.bars[one.column]
            one.opened, one.late, one.began = True, False, None
            if bar is not None and one.order.kind == "trailing":
                one.stop = self._trailed(one.order, bar.high if one.order.shares < 0 else bar.low, one.stop)
            if one.left is not None:
                one.left -= 1
                one.gone = one.left <= 0
                if one.gone:
                    self.tell("lapsed", one.column, f"A {one.order.kind} order lapsed unfilled.")
        self._sweep()

    def tell(self, kind: str, column: int, text: str) -> None:
        symbol = self.ledger.symbols[column] if column >= 0 else ""
        self.events.append(Event(self.ledger.date, kind, symbol, text))

    def _fill(self, one: Working, touch: Touch) -> None:
        units = self._allowed(one, touch.price)
        if not units:
            one.gone = not one.units
            if one.order.kind in ("stop", "trailing"):
                one.order = replace(one.order, kind="market")  # it was reached: it follows the market too
            return
        if units != one.units:
            self.tell(
                "partial", one.column, partial_text(units / self.ledger.lots, one.units / self.ledger.lots)
            )
        one.units -= units
        price = self.execute(one.column, units, touch.price, one.order, capped=one.order.kind in PASSIVE)
        if one.units and one.order.kind in ("stop", "trailing"):
            one.order = replace(one.order, kind="market")  # it was reached: what is left follows the market
        one.gone = not one.units
        if one.order.group:
            for other in self.groups.pop(one.order.group, []):
                other.gone = other.gone or other is not one
        self._begin(one.order, touch, price)

    def _begin(self, order: Order, touch: Touch, price: float) -> None:
        """The orders that a fill at ``price`` sets to work, within the same bar."""
        for next_ in order.then(price) if callable(order.then) else order.then:
            one = self._admit(next_, touch.price)
            if one is not None:
                one.opened, one.late, one.began = False, not touch.first, touch.price
                self.begun.append(one)

    def _allowed(self, one: Working, price: float) -> int:
        """Units of an order that its own terms, the session's volume and the margin let through."""
        held, side = self.ledger.units[one.column], 1 if one.units > 0 else -1
        most = abs(one.units)
        if one.order.closing:
            most = min(most, abs(held)) if held * side < 0 else 0
            one.units = side * most  # done once there is nothing more to close
        most = min(most, self.volume(one.column, most))
        if self.terms.initial_margin is not None and abs(held + side * most) > abs(held):
            room = max(self._margin(one.column, side, price, self.terms.initial_margin), 0)
            if room < most:
                most, one.units = (
                    room,
                    side * room,
                )  # what the margin does not carry is refused, not kept waiting
                self.tell("margin", one.column, cut_text(room / self.ledger.lots))
        return side * max(most, 0)

    def volume(self, column: int, most: int) -> int:
        """Units, of ``most``, that the session's volume leaves to orders in a symbol."""
        bar = self.bars[column]
        if self.costs.participation is None:
            return most
        if bar is None or not bar.volume > 0:
            return 0
        limit = math.floor(self.costs.participation * bar.volume * self.ledger.lots)
        return min(most, limit - self.taken.get(column, 0))

    def _margin(self, column: int, side: int, price: float, initial: float) -> int:
        """Most units to one side, so that gross exposure stays within the equity over the initial margin."""
        ledger = self.ledger
        ledger.mark(column, price)
        others = ledger.gross - abs(ledger.value(column))
        room = ledger.money(round(ledger.equity / initial)) - ledger.money(others)
        return math.floor(max(room, 0.0) / price * ledger.lots) - side * ledger.units[column]

    def execute(self, column: int, units: int, price: float, order: Order, capped: bool = False) -> float:
        """A fill at a price moved by spread, slippage and impact (a capped one not beyond its limit): its price."""
        shares, bar = units / self.ledger.lots, self.bars[column]
        side = 1 if units > 0 else -1
        moved = 0.0 if self.volatility is None else float(self.volatility[self.row, column])
        found = rates(self.costs, shares, bar.volume if bar else 0.0, moved)
        worse = {kind: float(rate) for kind, rate in found.items()}
        filled = price * (1 + side * sum(worse.values()))
        if capped and order.limit is not None and (filled - order.limit) * side > 0:
            part = abs(order.limit - price) / abs(filled - price)
            worse, filled = {kind: rate * part for kind, rate in worse.items()}, order.limit
        charged = float(commission(self.costs, shares, filled))
        self.ledger.trade(column, units, filled, charged)
        self.ledger.mark(column, price)
        self.taken[column] = self.taken.get(column, 0) + abs(units)
        fill = Fill(self.row, column, shares, filled, price, charged, order.reason, order.reason)
        self.tape.fill(fill, worse)
        return filled


def partial_text(filled: float, wanted: float) -> str:
    """What is told of an order that the session's volume filled in part."""
    return f"Filled {abs(filled):,.6g} of {abs(wanted):,.6g} shares."


def cut_text(shares: float) -> str:
    """What is told of an order that the account's equity carries in part, or not at all."""
    return f"Cut to {shares:,.6g} shares by the initial margin."


def called_text(part: float, least: float) -> str:
    """What is told of a close at which equity is too small a part of the exposure."""
    return f"Equity is {part:.1%} of the exposure, below {least:.1%}; cut at the next open."


def _turn(order: Order) -> int:
    """Within a bar the worse comes first: stops, then limits; the close is last."""
    return 2 if order.kind == "close" else int(order.kind in PASSIVE)

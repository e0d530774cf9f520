"""One symbol of ``kernel_guarded`` in plain floats: the sessions in which anything happens to it, and when they are.

The first bar that meets a line of a position is looked for from its entry on, as far as nothing else may happen.
"""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

import numpy as np

from engine.backtest.inputs import Bools
from engine.backtest.kernel_scalar import Prices
from engine.backtest.kernel_turns import Turn, Turns, first, marked
from engine.backtest.market import Floats, Market
from engine.backtest.rules.plan import Plan
from engine.backtest.rules.sizing import Level

FEW, MANY = 64, 1024  # sessions that are searched at once, at first and at most
ENDED, DECIDED, WITHIN = range(3)  # the order of fills in a session: lines met at the open, decisions, lines
NAN = math.nan


class Common(NamedTuple):
    """What the symbols of a run share. ``trading`` (n, k): None where all bars are there; ``factor`` (n, k): None
    without splits; ``code``: of what is closed, places in the tape's names."""

    market: Market
    plan: Plan
    prices: Prices
    trading: Bools | None
    rebalance: bytes
    factor: Floats | None
    code: dict[str, int]


class Books(Protocol):
    """Takes what happens to a symbol; ``code`` is a place in the tape's names, or a decision."""

    def fill(
        self, row: int, phase: int, moved: float, price: float, limit: float | None, code: int | Turn
    ) -> float:
        """Books a fill: the price it got."""
        ...


class Symbol:
    """``side`` is 0 where nothing guards a position. ``wait``: the decision that no open has met yet, and the session
    it is sized in."""

    def __init__(self, common: Common, column: int, books: Books) -> None:
        market = common.market
        self.market, self.plan, self.prices, self.column = market, common.plan, common.prices, column
        self.factor, self.code, self.books = common.factor, common.code, books
        self.turns = Turns(common.plan, column, common.rebalance)
        self.open, self.high, self.low = (
            np.ascontiguousarray(each[:, column]) for each in (market.open, market.high, market.low)
        )
        self.worst, self.best = np.fmin(self.low, self.open), np.fmax(self.high, self.open)
        self.trades: bytes | None = None
        if common.trading is not None:
            there = common.trading[:, column]
            self.worst, self.best = (np.where(there, each, NAN) for each in (self.worst, self.best))
            self.trades = marked(there)
        self.units, self.side = 0.0, 0
        self.stop = self.trail = self.take = self.apart = self.below = self.above = NAN
        self.trails = self.closed = False
        self.pending: list[Turn] = []
        self.wait: tuple[Turn, int] | None = None

    # when ----------------------------------------------------------------------------------------------------

    def next(self, row: int, end: int) -> int:
        """The first session from ``row`` on in which anything trades, ``end`` where nothing does before it; what is
        decided before that is taken in."""
        if self.wait is not None:
            end = min(end, row if self.trades is None else first(self.trades, row))
        while True:
            decides = self.turns.next(row)
            stop = min(end, self.pending[0].due) if self.pending else end
            upto = min(decides + 1, stop)
            if self.side and (met := self.unmet(row, upto)) < upto:
                return met
            if decides >= stop:
                return stop
            turn = self.turns.step(decides, False)
            if turn is not None:
                self.pending.append(turn)
            row = decides + 1

    def unmet(self, row: int, end: int) -> int:
        """The first session that meets a line of the position, ``end`` where none before it does."""
        count = FEW
        while row < end:
            part = slice(row, min(row + count, end))
            count = min(4 * count, MANY)
            path = None if self.trail != self.trail else self._path(part)
            below, above = self._lines(path)
            met = (self.worst[part] <= below) | (self.best[part] >= above)
            at = int(met.argmax())
            found = bool(met[at])
            row = row + at if found else part.stop
            if path is not None:
                self.trail = float(path[at if found else -1])
                self._draw()
            if found:
                break
        return row

    def _path(self, part: slice) -> Floats:
        """The trailing stop before each session, and after the last (n + 1,)."""
        side, best = self.side, (self.high if self.side > 0 else self.low)[part]
        told = np.empty(len(best) + 1)
        told[0] = self.trail
        told[1:] = self._trailed(best)
        if self.trades is not None:
            told[1:][~np.frombuffer(self.trades, dtype=bool)[part]] = NAN
        return np.asarray(np.fmax.accumulate(told * side) * side)

    def _trailed(self, best: Floats) -> Floats:
        fraction = None if self.plan.trail is None else self.plan.trail.fraction
        return best - self.side * (self.apart if fraction is None else best * fraction)

    def _lines(self, path: Floats | None) -> tuple[Floats | float, Floats | float]:
        if path is None:
            return self.below, self.above
        level = np.fmax(path[:-1] * self.side, self.stop * self.side) * self.side
        return (level, self.above) if self.side > 0 else (self.below, level)

    # a session -----------------------------------------------------------------------------------------------

    def there(self, row: int) -> bool:
        """Whether there is a bar."""
        return self.trades is None or bool(self.trades[row])

    def ready(self, row: int) -> bool:
        """Takes in what was decided for this open; whether anything trades there."""
        if self.pending and self.pending[0].due <= row:
            self._take_in(self.pending.pop(0))
        return self.wait is not None and self.there(row)

    def _take_in(self, turn: Turn) -> None:
        """A change of size leaves what waits for a bar as it is, but for what it is sized by."""
        if turn.resize and self.wait is not None:
            old, sized = self.wait
            self.wait = old, (turn.row if old.side == turn.side else sized)
        else:
            self.wait = turn, turn.row

    def trade(self, row: int, equity: float) -> None:
        """The lines that the open is beyond, what was decided, and the lines that the bar reaches after it."""
        if not self.there(row):
            return
        opened = self.open.item(row)
        beyond = opened <= self.below or opened >= self.above
        if self.wait is not None:
            beyond = self._decided(row, opened, beyond, equity)
        if beyond:
            self._ended(row, opened, opened, opened, ENDED)
        low, high = self.low.item(row), self.high.item(row)
        if low <= self.below or high >= self.above:
            self._ended(row, opened, low, high, WITHIN)

    def _decided(self, row: int, opened: float, beyond: bool, equity: float) -> bool:
        """Trades what waits at an open; whether the open ends the position first."""
        if self.wait is None:
            return beyond
        (turn, sized), self.wait = self.wait, None
        stays = turn.side * self.units > 0
        if beyond if stays else turn.resize:
            return beyond
        change = self._goal(turn.side, sized, opened, equity) - self.units
        if not stays:
            self._unguard()
        if change:
            guards = not self.side
            filled = self._book(row, DECIDED, change, opened, None, turn)
            if guards and self.units * turn.side > 0:
                self._guard(row, turn, filled)
        return False

    def _goal(self, side: int, sized: int, opened: float, equity: float) -> float:
        """Units wanted."""
        weights = self.turns.weights
        if weights is None:
            return self.prices.units(side * float(self.plan.shares or 0.0))
        return self.prices.goal(side * weights.item(sized), equity, opened) if side else 0.0

    def _book(
        self, row: int, phase: int, moved: float, price: float, limit: float | None, code: int | Turn
    ) -> float:
        self.units += moved
        return self.books.fill(row, phase, moved, price, limit, code)

    def _ended(self, row: int, opened: float, low: float, high: float, phase: int) -> None:
        """Closes the position at its line, or at an open beyond it; where both lines are met, at the stop."""
        if not self.units:  # a change of size or a split has left nothing to close
            return
        long, price, limit = self.side > 0, opened, None
        stopped = low <= self.below if long else high >= self.above
        line = self.below if long == stopped else self.above
        code = self.code["trail" if self.trails else "stop"]
        if not stopped:
            code, limit = self.code["take"], line
        if phase == WITHIN:  # a stop nearer than the slippage of its entry was passed when it began
            price = line if not stopped else min(line, opened) if long else max(line, opened)
        self.left()
        self._book(row, phase, -self.units, price, limit, code)

    def after(self, row: int) -> None:
        """After the close: the trailing stop follows, and the rules decide."""
        if self.side and self.units * self.side <= 0:  # ended by a split, a delisting or a change of size
            self.left()
        if self.side and self.trail == self.trail and self.there(row):
            level = float(self._trailed((self.high if self.side > 0 else self.low)[row : row + 1])[0])
            if (level - self.trail) * self.side > 0:
                self.trail = level
                self._draw()
        turn = self.turns.step(row, self.closed)
        self.closed = False
        if turn is not None:
            self.pending.append(turn)

    # lines ---------------------------------------------------------------------------------------------------

    def left(self) -> None:
        """The position ended without a decision."""
        self._unguard()
        self.closed = True

    def _unguard(self) -> None:
        self.side = 0
        self.stop = self.trail = self.take = self.apart = self.below = self.above = NAN

    def _guard(self, row: int, turn: Turn, price: float) -> None:
        """A position opened at ``price``."""
        side, plan = turn.side, self.plan
        self.side = side
        self.stop = price - side * self._away(plan.stop, turn.row, row, price)
        self.apart = self._away(plan.trail, turn.row, row, price)
        self.trail = price - side * self.apart
        if side < 0:  # of a short sold below nothing there is none
            self.stop, self.trail = (each if each > 0 else NAN for each in (self.stop, self.trail))
        self.take = price + side * self._away(plan.take, turn.row, row, price)
        self._draw()

    def _away(self, level: Level | None, decided: int, row: int, price: float) -> float:
        """``Deciding.away`` of one position."""
        if level is None:
            return NAN
        if level.distance is None:
            return price * (level.fraction or 0.0)
        found = level.distance.item(decided, self.column)
        if self.factor is not None:
            found *= self.factor.item(decided, self.column) / self.factor.item(row, self.column)
        return found

    def _draw(self) -> None:
        """The lines; of a stop and a trailing stop the nearer one."""
        self.trails = self.trail == self.trail and not (self.trail - self.stop) * self.side <= 0
        level = self.trail if self.trails else self.stop
        self.below, self.above = (level, self.take) if self.side > 0 else (self.take, level)

    def split(self, ratio: float) -> None:
        """The lines in the shares after a split."""
        if self.side:
            self.stop, self.trail, self.take, self.apart = (
                each / ratio for each in (self.stop, self.trail, self.take, self.apart)
            )
            self._draw()

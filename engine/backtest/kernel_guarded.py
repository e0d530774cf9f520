"""Rules with stops, targets or numbers of shares, a session at a time over all symbols: ``guarded`` in arrays.

A position has two lines: the price below and the price above at which it ends (its stop and its target; NaN where
there is none). A session is then a few comparisons: the open with both lines, what was decided, the low and the high
with both lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from engine.backtest.actions import RECEIVED
from engine.backtest.assemble import assemble
from engine.backtest.costs import commission, in_lots, rates, volatility, wanted
from engine.backtest.deciding import GUARDS, Deciding, Due
from engine.backtest.exact import amounts, ticks
from engine.backtest.inputs import Bools
from engine.backtest.kernel_days import Days, Margin
from engine.backtest.market import Floats, Market
from engine.backtest.money import MINOR
from engine.backtest.result import Costs, Ints, Result, Terms
from engine.backtest.rules.plan import Plan
from engine.backtest.window import paid_out


def run_guarded_days(
    market: Market,
    plan: Plan,
    costs: Costs,
    terms: Terms,
    *,
    accounts: bool = False,
    moved: Floats | None = None,
    told: Callable[[int, int], None] | None = None,
) -> Result:
    """``guarded.run_guarded``, to the last unit, for costs and terms that do not need order by order."""
    moved = volatility(market) if costs.scaled and moved is None else moved
    market = paid_out(market) if accounts else market
    run = _Guarded(market, plan, costs, terms, accounts, moved)
    run.margin = Margin.of(terms)
    rows, columns = market.close.shape
    values, worth = np.zeros((rows, columns)), np.zeros((rows, len(run.cash)))
    money = np.zeros(rows)
    for row in range(rows):
        run.day(row)
        values[row], worth[row], money[row] = run.value, run.equity, run.cash.sum()
        run.called(values[row : row + 1], worth[row : row + 1])
        if told is not None:
            told(row + 1, rows)
    values, worth, money = values / MINOR, worth / MINOR, money / MINOR
    own = worth if accounts else None
    return assemble(
        market, terms, worth.sum(axis=1), money, values, run.tape, tuple(run.events), accounts=own
    )


class _Guarded(Days):
    """``side`` is 0 where nothing guards a position; ``wait`` and ``due_*`` are decisions that have not traded."""

    def __init__(
        self, market: Market, plan: Plan, costs: Costs, terms: Terms, accounts: bool, moved: Floats | None
    ) -> None:
        super().__init__(market, costs, terms, accounts, moved)
        columns = len(market.symbols)
        self.plan = plan
        self.deciding = Deciding(plan, market)
        self.tape.names = (*self.deciding.names, RECEIVED)
        self.received = len(self.deciding.names)  # the code of it
        self.side = np.zeros(columns)
        self.stop, self.trail, self.take, self.apart, self.below, self.above = np.full((6, columns), np.nan)
        self.trails: Bools = np.zeros(columns, dtype=bool)
        self.wait, self.resize, self.closed = np.zeros((3, columns), dtype=bool)
        self.due_side, self.sized, self.decided_at, self.code = np.zeros((4, columns), dtype=np.int64)
        trading = np.isfinite(market.open) & np.isfinite(market.close)
        self.trading = None if trading.all() else trading
        self.everywhere: Bools = np.ones(columns, dtype=bool)
        self.splitting = (market.split != 1.0).any(axis=1)

    def day(self, row: int) -> None:
        """A session, what its stops closed, and what is decided after it."""
        self.actions(row)
        if self.splitting[row]:
            self._split_lines(row)
        trading = self.everywhere if self.trading is None else self.trading[row]
        self._open(row, trading)
        self._within(row, trading)
        self.close(row)
        gone = (self.side != 0) & (self.units == 0)
        if gone.any():
            self._unguard(np.flatnonzero(gone))
            self.closed |= gone
        if self.plan.trail is not None:
            self._follow(row, trading)
        due = self.deciding.step(row, self.closed)
        self.closed[:] = False
        if due is not None:
            self._take_in(due)

    def _take_in(self, due: Due) -> None:
        at = due.columns
        self.sized[at] = due.row
        fresh = ~(due.resize & self.wait[at] & (self.due_side[at] == due.side))
        new = at[fresh]
        self.due_side[new], self.resize[new], self.code[new] = (
            due.side[fresh],
            due.resize[fresh],
            due.code[fresh],
        )
        self.decided_at[new] = due.row
        self.wait[at] = True

    def _forget(self, columns: Ints) -> None:
        self.wait[columns] = False

    def _received(self, column: int) -> None:
        if not self.wait[column]:
            self.due_side[column], self.resize[column], self.code[column] = 0, False, self.received
            self.sized[column] = self.decided_at[column] = -1
            self.wait[column] = True

    # lines ---------------------------------------------------------------------------------------------------

    def _draw(self, at: Ints) -> None:
        """The lines of positions from their stops and targets; of a stop and a trailing stop the nearer one."""
        side, stop, trail = self.side[at], self.stop[at], self.trail[at]
        trails = np.isfinite(trail) & ~((trail - stop) * side <= 0)
        level, take = np.where(trails, trail, stop), self.take[at]
        self.trails[at] = trails
        self.below[at] = np.where(side > 0, level, take)
        self.above[at] = np.where(side > 0, take, level)

    def _unguard(self, at: Ints) -> None:
        self.side[at] = 0
        for each in (self.stop, self.trail, self.take, self.below, self.above):
            each[at] = np.nan

    def _split_lines(self, row: int) -> None:
        ratio = self.market.split[row]
        at = np.flatnonzero((ratio > 0) & (ratio != 1.0) & (self.side != 0))
        for each in (self.stop, self.trail, self.take, self.apart):
            each[at] /= ratio[at]
        self._draw(at)

    def _guard(self, row: int, at: Ints, price: Floats) -> None:
        """Positions opened at ``price``."""
        side, decided = self.due_side[at], self.decided_at[at]
        stop, trail, take = (
            self.deciding.away(level, decided, at, row, price)
            for level in (self.plan.stop, self.plan.trail, self.plan.take)
        )
        self.side[at], self.apart[at] = side, trail
        self.stop[at], self.trail[at] = price - side * stop, price - side * trail
        self.take[at] = price + side * take
        self._draw(at)

    def _follow(self, row: int, trading: Bools) -> None:
        """Trailing stops after the session's extreme."""
        at = np.flatnonzero((self.side != 0) & trading)
        if not len(at) or self.plan.trail is None:
            return
        side, fraction = self.side[at], self.plan.trail.fraction
        best = np.where(side > 0, self.market.high[row, at], self.market.low[row, at])
        level = best - side * (self.apart[at] if fraction is None else best * fraction)
        better = (level - self.trail[at]) * side > 0
        if better.any():
            at = at[better]
            self.trail[at] = level[better]
            self._draw(at)

    # fills ---------------------------------------------------------------------------------------------------

    def _open(self, row: int, trading: Bools) -> None:
        """Stops and targets that the open is beyond, and what was decided; sizes are of the equity before both."""
        opens = self.market.open[row]
        beyond = ((opens <= self.below) | (opens >= self.above)) & trading
        at = np.flatnonzero(self.wait & trading)
        if not len(at):
            if beyond.any():
                self._ended(row, np.flatnonzero(beyond), opens <= self.below, opens)
            return
        goal = self._goals(row, at, trading)
        self.wait[at] = False
        stays = self.due_side[at] * self.units[at] > 0
        trades = np.where(stays, ~beyond[at], ~self.resize[at])
        leaves = at[~stays & trades]
        beyond[leaves] = False
        self._unguard(leaves)
        if beyond.any():
            self._ended(row, np.flatnonzero(beyond), opens <= self.below, opens)
        change = goal - self.units[at]
        some = trades & (change != 0)
        at, change = at[some], change[some]
        if len(at):
            filled = self._fill(row, at, change, opens[at], self.code[at])
            opened = (self.side[at] == 0) & (self.units[at] * self.due_side[at] > 0)
            self._guard(row, at[opened], filled[opened])

    def _goals(self, row: int, at: Ints, trading: Bools) -> Floats:
        """Units wanted of decisions, of the equity at the open."""
        weights, shares = self.deciding.wants(self.sized[at], at, self.due_side[at])
        if weights is not None:
            opens = self.market.open[row]
            equity = self.buying(trading, opens)
            shares = wanted(self.costs, weights, equity[at] if self.accounts else equity, opens[at])
        return np.asarray(in_lots(shares, self.lots, self.lot), dtype=np.float64)

    def _within(self, row: int, trading: Bools) -> None:
        """Stops and targets that the bar reaches after its open."""
        falls = self.market.low[row] <= self.below
        hit = (falls | (self.market.high[row] >= self.above)) & trading
        if hit.any():
            self._ended(row, np.flatnonzero(hit), falls, None)

    def _ended(self, row: int, at: Ints, falls: Bools, opens: Floats | None) -> None:
        """Closes positions at their lines, or at opens beyond them; where both lines are met, at the stop."""
        at = at[self.units[at] != 0]  # a change of size or a split may have left nothing to close
        long, first = self.side[at] > 0, self.market.open[row, at]
        top = self.market.high[row, at] if opens is None else first
        stopped = np.where(long, falls[at], top >= self.above[at])
        line = np.where(long == stopped, self.below[at], self.above[at])
        price = first
        if opens is None:  # a stop nearer than the slippage of its entry was passed when it began
            price = np.where(stopped, np.where(long, np.minimum(line, first), np.maximum(line, first)), line)
        codes = self.deciding.guard_code
        told = np.where(stopped, np.where(self.trails[at], codes["trail"], codes["stop"]), codes[GUARDS[2]])
        self._fill(row, at, -self.units[at], price, told, np.where(stopped, np.nan, line))
        self._unguard(at)
        self.closed[at] = True

    def _fill(
        self, row: int, at: Ints, moved: Floats, price: Floats, code: Ints, limit: Floats | None = None
    ) -> Floats:
        """Trades at prices moved by spread, slippage and impact, not beyond limits; the prices paid."""
        costs, shares, side = self.costs, moved / self.lots, np.sign(moved)
        scale = 0.0 if self.volatility is None else self.volatility[row, at]
        worse: Mapping[str, Any] = self.rates or rates(costs, shares, self.market.volume[row, at], scale)
        filled = price * (1 + side * sum(worse.values()))
        if limit is not None:
            capped = (filled - limit) * side > 0
            if capped.any():
                part = np.where(
                    capped, np.abs(limit - price) / np.where(capped, np.abs(filled - price), 1.0), 1.0
                )
                worse = {kind: rate * part for kind, rate in worse.items()}
                filled = np.where(capped, limit, filled)
        fee = commission(costs, shares, filled)
        self.allowed(row, at, moved, price, np.abs(shares) * np.abs(filled - price) + fee)
        self._pay(at, -amounts(moved, self.lots, ticks(filled)) - np.rint(fee * MINOR))
        self.units[at] += moved
        self.tape.batch(row, at, (shares, filled, price, fee), code, worse)
        return np.asarray(filled)

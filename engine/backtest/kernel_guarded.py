"""Rules with stops, targets or numbers of shares, a session at a time over all symbols: ``guarded`` in arrays.

A position has two lines: the price below and the price above at which it ends (its stop and its target; NaN where
there is none). A session is then a few comparisons: the open with both lines, what was decided, the low and the high
with both lines.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.backtest.costs import in_lots, volatility, wanted
from engine.backtest.deciding import GUARDS, Deciding, Due
from engine.backtest.exact import amounts, ticks
from engine.backtest.inputs import Bools
from engine.backtest.kernel_account import Account
from engine.backtest.kernel_stretches import few, run_stretches, suits
from engine.backtest.market import Floats, Market
from engine.backtest.result import Costs, Ints, Result, Terms
from engine.backtest.rules.plan import Plan
from engine.backtest.window import paid_out

BLOCK = 32  # sessions that are valued at once


def run_guarded_days(
    market: Market,
    plan: Plan,
    costs: Costs,
    terms: Terms,
    *,
    accounts: bool = False,
    moved: Floats | None = None,
    told: Callable[[int, int], None] | None = None,
    stretches: bool | None = None,
) -> Result:
    """``guarded.run_guarded``, to the last unit.

    ``stretches``: whether few symbols go from one session in which anything happens to the next; by default where
    that is the faster way.
    """
    moved = volatility(market) if costs.scaled and moved is None else moved
    market = paid_out(market) if accounts else market
    if suits(market, costs, terms) and (
        few(plan, accounts and costs.financed) if stretches is None else stretches
    ):
        return run_stretches(market, plan, costs, terms, accounts, moved, told)
    run = _Guarded(market, plan, costs, terms, accounts, moved)
    rows, columns = market.close.shape
    values, worth = np.zeros((rows, columns)), np.zeros((rows, len(run.cash)))
    money, first = np.zeros(rows), 0
    for row in range(rows):
        run.day(row)
        money[row] = run.cash.sum()
        if not run.later:
            values[row], worth[row] = run.value, run.equity
        else:
            values[row], worth[row] = run.units, run.cash + run.owing
            if row + 1 - first >= BLOCK or row + 1 == rows:
                part, first = slice(first, row + 1), row + 1
                values[part] = amounts(values[part], run.lots, ticks(market.close[part]))
                worth[part] += values[part] if accounts else values[part].sum(axis=1, keepdims=True)
        if told is not None:
            told(row + 1, rows)
    run.tape.places = np.concatenate([np.arange(len(run.tape.names)), run.deciding.codes_of(run.decisions)])
    return run.result(values, worth, money)


class _Guarded(Account):
    """``side`` is 0 where nothing guards a position; ``wait`` and ``due_*`` are decisions that have not traded.

    ``work_side``, ``work_decided``: of the last order of each symbol; ``opens_new``: whether its fills open a
    position to be guarded, ``entry``: which a decision to enter asked for. ``code``: of why; those of decisions are
    places in ``decisions``, after the names.
    """

    def __init__(
        self, market: Market, plan: Plan, costs: Costs, terms: Terms, accounts: bool, moved: Floats | None
    ) -> None:
        super().__init__(market, costs, terms, accounts, moved)
        columns = len(market.symbols)
        self.plan = plan
        self.deciding = Deciding(plan, market)
        self.named(self.deciding.names)
        self.decisions: list[Due] = []
        self.codes = len(self.tape.names)
        self.guard_code = [self.deciding.guard_code[name] for name in GUARDS]
        self.side = np.zeros(columns)
        self.apart = np.full(columns, np.nan)
        self.lines = np.full((5, columns), np.nan)
        self.stop, self.trail, self.take, self.below, self.above = self.lines
        self.trails: Bools = np.zeros(columns, dtype=bool)
        self.wait, self.resize, self.closed, self.opens_new, self.entry = np.zeros((5, columns), dtype=bool)
        (
            self.due_side,
            self.sized_at,
            self.decided_at,
            self.code,
            self.work_side,
            self.work_decided,
            self.work_code,
        ) = np.zeros((7, columns), dtype=np.int64)
        self.any_closed = False
        self.resized = bool(plan.rebalance.any())
        self.longs = not plan.short.entry.any()
        self.splitting = (market.split != 1.0).any(axis=1)

    def day(self, row: int) -> None:
        """A session, what its stops closed, and what is decided after it."""
        calling = self.margin.calling
        self.begin(row)
        if self.splitting[row]:
            self._split_lines(row)
        self._open(row)
        self._within(row)
        self.close(row)
        if calling or self.resized or self.splitting[row] or row in self.ending:
            self._gone()
        if self.plan.trail is not None:
            self._follow(row)
        due = self.deciding.step(row, self.closed if self.any_closed else None)
        if self.any_closed:
            self.closed[:] = self.any_closed = False
        if due is not None:
            self._take_in(due)

    def _gone(self) -> None:
        """Guards of positions that ended by anything but an order: a call, a split, a change of size, a delisting."""
        gone = (self.side != 0) & (self.units * self.side <= 0)
        if np.count_nonzero(gone):
            at = gone.nonzero()[0]
            self._left(at)
            for column in at[self.units[at] != 0].tolist():  # a merger's shares turned it round
                self.receive(column)

    def _take_in(self, due: Due) -> None:
        """Decisions for the next open. A change of size leaves an entry that still waits, for a bar or for volume, an
        entry, and does not undo what waits to end the position."""
        at, side, resize = due.columns, due.side, due.resize
        code = np.arange(len(at)) + self.codes
        self.codes += len(at)
        self.decisions.append(due)
        if np.count_nonzero(resize):
            waits = resize & self.wait[at]
            same = at[waits & (self.due_side[at] == side)]
            self.sized_at[same] = due.row
            starved = resize & ~waits & self._starved(at, side)
            again = at[starved]
            self.due_side[again], self.resize[again] = side[starved], False
            self.code[again], self.decided_at[again] = self.work_code[again], self.work_decided[again]
            self.sized_at[again], self.wait[again], self.rest[again] = due.row, True, 0.0
            new = ~(waits | starved)
            at, side, resize, code = at[new], side[new], resize[new], code[new]
        self.due_side[at], self.resize[at], self.code[at] = side, resize, code
        self.decided_at[at] = self.sized_at[at] = due.row
        self.wait[at] = True
        if self.limited:
            self.rest[at] = 0.0

    def _starved(self, at: Ints, side: Ints) -> Bools:
        """Entries to a side that are at work while nothing is held there."""
        works = (self.rest[at] != 0) & self.entry[at] & (self.work_side[at] == side)
        found: Bools = works & (self.units[at] * side <= 0)
        return found

    def forget(self, column: int) -> None:
        self.wait[column] = False

    def receive(self, column: int) -> None:
        if not self.wait[column]:
            self._leave(np.array([column]), self.received)

    def _leave(self, at: Ints, code: Ints | int) -> None:
        """Positions to be left at the next open."""
        self.due_side[at], self.resize[at], self.code[at] = 0, False, code
        self.sized_at[at] = self.decided_at[at] = -1
        self.wait[at] = True

    def _left(self, at: Ints) -> None:
        """Positions that ended without a decision: nothing guards them, and nothing more is bought."""
        self._unguard(at)
        self.closed[at] = True
        self.any_closed = True
        if self.limited:
            self.rest[at] = 0.0

    # lines ---------------------------------------------------------------------------------------------------

    def _draw(self, at: Ints) -> None:
        """The lines of positions from their stops and targets; of a stop and a trailing stop the nearer one."""
        side, level, take = self.side[at], self.stop[at], self.take[at]
        if self.plan.trail is not None:
            trail = self.trail[at]
            trails = np.isfinite(trail) & ~((trail - level) * side <= 0)
            level = np.where(trails, trail, level)
            self.trails[at] = trails
        long = side > 0
        self.below[at] = np.where(long, level, take)
        self.above[at] = np.where(long, take, level)

    def _unguard(self, at: Ints) -> None:
        self.side[at] = 0
        self.lines[:, at] = np.nan

    def _split_lines(self, row: int) -> None:
        ratio = self.market.split[row]
        at = ((ratio > 0) & (ratio != 1.0) & (self.side != 0)).nonzero()[0]
        for each in (self.stop, self.trail, self.take, self.apart):
            each[at] /= ratio[at]
        self._draw(at)

    def _guard(self, row: int, at: Ints, price: Floats) -> None:
        """Positions opened at ``price``."""
        side, decided, plan = self.work_side[at], self.work_decided[at], self.plan
        self.side[at] = side
        if plan.stop is not None:
            self.stop[at] = price - side * self.deciding.away(plan.stop, decided, at, row, price)
        if plan.trail is not None:
            trail = self.deciding.away(plan.trail, decided, at, row, price)
            self.apart[at], self.trail[at] = trail, price - side * trail
        if not self.longs:  # of a short sold below nothing there is no stop
            for each in (self.stop, self.trail):
                each[at] = np.where((each[at] > 0) | (side > 0), each[at], np.nan)
        if plan.take is not None:
            self.take[at] = price + side * self.deciding.away(plan.take, decided, at, row, price)
        self._draw(at)

    def _follow(self, row: int) -> None:
        """Trailing stops after the session's extreme."""
        guarded = self.side != 0
        at = (guarded if self.trading is None else guarded & self.trading[row]).nonzero()[0]
        if not len(at) or self.plan.trail is None:
            return
        side, fraction = self.side[at], self.plan.trail.fraction
        best = np.where(side > 0, self.market.high[row, at], self.market.low[row, at])
        level = best - side * (self.apart[at] if fraction is None else best * fraction)
        better = (level - self.trail[at]) * side > 0
        if np.count_nonzero(better):
            at = at[better]
            self.trail[at] = level[better]
            self._draw(at)

    # fills ---------------------------------------------------------------------------------------------------

    def _open(self, row: int) -> None:
        """Stops and targets that the open is beyond, and what was decided; sizes are of the equity before both."""
        opens = self.market.open[row]
        beyond = (opens <= self.below) | (opens >= self.above)
        wait = self.wait
        if self.trading is not None:
            beyond, wait = beyond & self.trading[row], wait & self.trading[row]
        at = wait.nonzero()[0]
        if self.limited:
            self.rest[beyond] = 0.0  # a stop before what is left of an entry
        goal = self._goals(row, at)
        if len(at):
            stays = self.due_side[at] * self.units[at] > 0
            trades = np.where(stays, ~beyond[at], ~self.resize[at])
            leaves = at[~stays & trades]
            self.wait[at] = False
            beyond[leaves] = False
            self._unguard(leaves)
            at, goal = at[trades], goal[trades]
        change = goal - self.units[at]
        ended = beyond.nonzero()[0]
        if len(ended):
            self._ended(row, ended, within=False)
        if len(at):
            self._order(at, change)
        self._work(row, at, change)

    def _order(self, at: Ints, change: Floats) -> None:
        """What was decided becomes an order, in the place of one before it."""
        some = change != 0
        at = at[some]
        self.work_side[at], self.work_decided[at] = self.due_side[at], self.decided_at[at]
        self.work_code[at] = self.code[at]
        self.opens_new[at] = self.side[at] == 0
        self.entry[at] = self.opens_new[at] & (self.due_side[at] != 0) & ~self.resize[at]
        if self.limited:
            self.rest[at] = change[some]

    def _work(self, row: int, at: Ints, change: Floats) -> None:
        """Fills orders at the open, and guards what they opened."""
        if self.limited:
            working = self.rest != 0
            at = (working if self.trading is None else working & self.trading[row]).nonzero()[0]
            change = self.rest[at]
        elif len(at) and not change.all():
            at, change = at[change != 0], change[change != 0]
        if not len(at):
            return
        at, filled = self.targets(row, at, change, self.work_code[at])
        opened = self.opens_new[at] & (self.side[at] == 0) & (self.units[at] * self.work_side[at] > 0)
        if np.count_nonzero(opened):
            self._guard(row, at[opened], filled[opened])

    def _goals(self, row: int, at: Ints) -> Floats:
        """Units wanted of decisions, of the equity at the open."""
        if not len(at):
            return np.empty(0)
        weights, shares = self.deciding.wants(self.sized_at[at], at, self.due_side[at])
        if weights is not None:
            shares = wanted(self.costs, weights, self.sized(at), self.market.open[row, at])
        return np.asarray(in_lots(shares, self.lots, self.lot), dtype=np.float64)

    def _within(self, row: int) -> None:
        """Stops and targets that the bar reaches after its open."""
        hit = (self.market.low[row] <= self.below) | (self.market.high[row] >= self.above)
        if self.trading is not None:
            hit &= self.trading[row]
        at = hit.nonzero()[0]
        if len(at):
            self._ended(row, at, within=True)

    def _ended(self, row: int, at: Ints, within: bool) -> None:
        """Closes positions at their lines, or at opens beyond them; where both lines are met, at the stop."""
        held = self.units[at]
        if np.count_nonzero(held) < len(held):  # a change of size or a split may have left nothing to close
            at, held = at[held != 0], held[held != 0]
            if not len(at):
                return
        market, limit = self.market, None
        price = first = market.open[row, at]
        if self.longs and self.plan.take is None:
            price = np.minimum(self.below[at], first) if within else first
            self._close(row, at, -held, price, self._stop_code(at), None, None)
            return
        below, above, long = self.below[at], self.above[at], self.side[at] > 0
        falls = (market.low[row, at] if within else first) <= below
        stopped = falls
        if self.plan.take is not None or not long.all():
            top = market.high[row, at] if within else first
            stopped = np.where(long, falls, top >= above)
        line = np.where(long == stopped, below, above)
        if within:  # a stop nearer than the slippage of its entry was passed when it began
            price = np.where(stopped, np.where(long, np.minimum(line, first), np.maximum(line, first)), line)
        code = self._stop_code(at)
        if np.count_nonzero(stopped) < len(stopped):
            code, limit = np.where(stopped, code, self.guard_code[2]), np.where(stopped, np.nan, line)
        turn = (
            np.argsort(~stopped, kind="stable") if within and self.limited else None
        )  # stops before targets
        self._close(row, at, -held, price, code, limit, turn)

    def _stop_code(self, at: Ints) -> Ints:
        stop, trail, _ = self.guard_code
        if self.plan.trail is None:
            return np.full(len(at), stop)
        return np.where(self.trails[at], trail, stop)

    def _close(
        self,
        row: int,
        at: Ints,
        want: Floats,
        price: Floats,
        code: Ints,
        limit: Floats | None,
        turn: Ints | None,
    ) -> None:
        """Closing fills, met in ``turn``; what volume does not let through follows at the next open."""
        self._left(at)
        if not self.limited:
            self.book(row, at, want, price, code, self.priced(row, at, want, price, limit))
            return
        moved = self.let(at, want)
        left = moved != want
        if np.count_nonzero(left):
            turned = (at, moved, want) if turn is None else (at[turn], moved[turn], want[turn])
            self.partly(row, *turned)
            self._leave(at[left], code[left])
            some = moved != 0
            at, moved, price, code = at[some], moved[some], price[some], code[some]
            limit = None if limit is None else limit[some]
        if len(at):
            self.book(row, at, moved, price, code, self.priced(row, at, moved, price, limit))

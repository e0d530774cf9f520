"""Points simulated over one set of inputs: together where they are of one symbol that nothing ranks, else one by one.

Together, the points of one symbol are columns of a market that shows it many times, each an account of its own: the
simulation is the one of a single run, and so are its numbers, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.backtest import rules as language
from engine.backtest.costs import volatility
from engine.backtest.inputs import Inputs, RunSpec
from engine.backtest.kernel import run_fast
from engine.backtest.kernel_guarded import run_guarded_days
from engine.backtest.market import Floats, Market
from engine.backtest.result import Ints, Result, Signals
from engine.backtest.ruin import owned
from engine.backtest.rules import Level, Plan, Rules, Side
from engine.backtest.rules.values import FALSE, TRUE, Values
from engine.backtest.run import run
from engine.backtest.sweep.lifted import Lifted
from engine.backtest.sweep.reading import read_texts
from engine.backtest.window import PANELS, filled_at, market_from, plan_from

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What points came to. ``equity`` (n, m), from the inputs' first session on, NaN of a point that failed,
    0 once a point lost everything.

    One value a point (m,): ``trades``; ``wins`` among the closed ones; ``exposure``, the share of closes with a
    position; ``costs`` of the trades, in money. ``failed``: place and reason of points that could not be run.
    """

    equity: Floats
    trades: Ints
    wins: Floats
    exposure: Floats
    costs: Floats
    failed: tuple[tuple[int, str], ...] = ()


def evaluate(inputs: Inputs, texts: Sequence[str], spec: RunSpec, told: Told | None = None) -> Evaluated:
    """Runs of one strategy's texts; all else is ``spec``'s.

    Parameters
    ----------
    texts : rules or short forms, one a point
    told : called with the points done and all of them; what it raises ends the sweep

    Returns
    -------
    Evaluated
        The same as ``run`` answers of each text alone. A text that is no rule, or terms that it cannot be run on,
        are told in ``failed``.
    """
    groups, refused = read_texts(tuple(texts), tuple(inputs.panels), tuple(inputs.members) or None)
    failed = list(refused)
    made = _Made.of(len(inputs.market.dates) - inputs.begin, len(texts))
    done = len(failed)
    for at, group in groups:
        if len(inputs.market.symbols) == 1 and side_by_side(group[0], spec):
            made.take(at, _together(inputs, group, spec, _part(told, done, len(at), len(texts))))
            done += len(at)
            continue
        for place in at:
            try:
                made.take([place], summed(run(inputs, replace(spec, strategy=texts[place])).result))
            except (language.RuleError, ValueError) as fault:
                failed.append((place, str(fault)))
            done += 1
            if told is not None:
                told(done, len(texts))
    return made.told(failed)


def side_by_side(rules: Rules, spec: RunSpec) -> bool:
    """Whether points of such rules are simulated together over one symbol."""
    apart = any((rules.stop, rules.trail, rules.take)) and spec.fill != "open"  # which no run takes
    ranked = rules.longs is not None or rules.shorts is not None
    return spec.accounts and not (apart or ranked)


def _part(told: Told | None, before: int, points: int, total: int) -> Told | None:
    """Sessions of points that run together, told as points."""
    return None if told is None else lambda row, rows: told(before + points * row // rows, total)


@dataclass(slots=True)
class _Made:
    """Results as they come, by place."""

    equity: Floats
    trades: Ints
    wins: Floats
    exposure: Floats
    costs: Floats

    @classmethod
    def of(cls, rows: int, points: int) -> _Made:
        blank = (np.full(points, np.nan) for _ in range(3))
        return cls(np.full((rows, points), np.nan), np.zeros(points, dtype=np.int64), *blank)

    def take(self, at: Sequence[int], found: Evaluated) -> None:
        for name in ("trades", "wins", "exposure", "costs"):
            getattr(self, name)[at] = getattr(found, name)
        self.equity[:, at] = found.equity

    def told(self, failed: list[tuple[int, str]]) -> Evaluated:
        return Evaluated(
            self.equity, self.trades, self.wins, self.exposure, self.costs, tuple(sorted(failed))
        )


def _together(inputs: Inputs, read: Sequence[Rules], spec: RunSpec, told: Told | None) -> Evaluated:
    """Rules that differ in their conditions alone, over one symbol."""
    plan = plan_from(_planned(inputs, read), inputs.begin)
    count = len(read)
    market = _repeated(market_from(filled_at(inputs.market, spec.fill), inputs.begin), count)
    moved = None
    if spec.costs.scaled:
        moved = np.broadcast_to(volatility(inputs.market)[inputs.begin :], market.close.shape)
    if plan.needs_fills:
        result = run_guarded_days(market, plan, spec.costs, spec.terms, accounts=True, moved=moved, told=told)
    else:
        signals = Signals(targets(plan))
        changes = read[0].rebalance is None
        result = run_fast(
            market, signals, spec.costs, spec.terms, accounts=True, on_change=changes, moved=moved, told=told
        )
    assert result.accounts is not None  # noqa: S101 - asked for
    return _counted(result, result.accounts, result.trades.symbol, count)


def targets(plan: Plan) -> Floats:
    """``rules.signals`` without its reasons, which nobody reads of a sweep's trades."""
    assert plan.weights is not None  # noqa: S101 - only rules that need no fills come here
    state = language.states(plan)
    changed = np.empty(state.shape, dtype=bool)
    np.not_equal(state[0], 0, out=changed[0])
    np.not_equal(state[1:], state[:-1], out=changed[1:])
    days = np.flatnonzero(plan.rebalance)
    changed[days] |= (state[days] != 0) & np.isfinite(plan.weights[days])
    found = np.full(state.shape, np.nan)
    row, column = np.nonzero(changed)
    side = state[row, column]
    found[row, column] = np.where(side == 0, 0.0, side * plan.weights[row, column])
    late = min(plan.delay - 1, len(state))
    if late:
        found = np.vstack([np.full((late, state.shape[1]), np.nan), found[: len(found) - late]])
    return found


def _planned(inputs: Inputs, read: Sequence[Rules]) -> Plan:
    """The plan of all, a column each: sizes and calendars are those of the first, conditions everyone's own."""
    lifted = Lifted(Values(inputs.decided, inputs.panels))
    base = language.plan(read[0], inputs.decided, panels=inputs.panels, members=inputs.members, alone=True)
    shape = (len(inputs.market.dates), len(read))
    free = np.isfinite(inputs.decided.close if base.weights is None else base.weights)
    stop, trail, take = (_repeated_level(each, shape) for each in (base.stop, base.trail, base.take))
    for each in (stop, trail, take):
        if each is not None and each.distance is not None:
            free = free & np.isfinite(each.distance)
    long = _side(lifted, [each.long for each in read], [each.exit for each in read], shape)
    short = _side(lifted, [each.short for each in read], [each.cover for each in read], shape)
    free = free & ~(long.entry & short.entry)
    long, short = (replace(each, entry=each.entry & free) for each in (long, short))
    weights = None if base.weights is None else np.broadcast_to(base.weights, shape)
    return replace(base, long=long, short=short, weights=weights, stop=stop, trail=trail, take=take)


def _repeated_level(level: Level | None, shape: tuple[int, int]) -> Level | None:
    if level is None or level.distance is None:
        return level
    return Level(distance=np.broadcast_to(level.distance, shape))


def _side(
    lifted: Lifted,
    entries: Sequence[language.Node | None],
    exits: Sequence[language.Node | None],
    shape: tuple[int, int],
) -> Side:
    """One side of every point (n, p)."""
    given = [each for each in entries if each is not None]
    if not given:
        nothing = np.zeros(shape, dtype=bool)
        return Side(nothing, nothing, nothing, None)
    truth = lifted.truth(given)
    ways_out = [each for each in exits if each is not None]
    leaves = lifted.truth(ways_out) == TRUE if ways_out else np.zeros((1, 1), dtype=bool)
    entry, leaves, again = (np.broadcast_to(each, shape) for each in (truth == TRUE, leaves, truth == FALSE))
    return Side(entry & ~leaves, leaves, again, None)


def _repeated(market: Market, count: int) -> Market:
    """A market of one symbol, shown ``count`` times; nothing is copied."""
    shape = (len(market.dates), count)
    given: dict[str, Any] = {name: np.broadcast_to(getattr(market, name), shape) for name in PANELS}
    given |= {name: np.repeat(getattr(market, name), count) for name in ("ids", "last", "final_return")}
    return replace(market, symbols=tuple(map(str, range(count))), **given)


def summed(result: Result) -> Evaluated:
    """One run as a sweep's only point."""
    return _counted(result, result.equity[:, None], np.zeros(len(result.trades), dtype=np.int64), 1)


def _counted(result: Result, equity: Floats, of: Ints, count: int) -> Evaluated:
    """Trades by account. ``of``: each trade's."""
    trades = result.trades
    closed = ~trades.open
    won = np.bincount(of[closed & (trades.pnl > 0)], minlength=count)
    ended = np.bincount(of[closed], minlength=count)
    held = result.weights != 0
    in_market = held.any(axis=1, keepdims=True) if count == 1 else held
    with np.errstate(invalid="ignore"):
        wins = won / ended
    return Evaluated(
        owned(equity),
        np.bincount(of, minlength=count).astype(np.int64),
        wins,
        in_market.mean(axis=0),
        np.bincount(of, trades.costs, minlength=count).astype(np.float64),
    )

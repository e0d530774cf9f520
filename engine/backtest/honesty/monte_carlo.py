"""Was it luck? The same trades in another order, and the same trades entered at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.backtest.honesty.resampling import Seed
from engine.quant.performance import max_drawdown

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
_CELLS = 1_000_000  # drawn numbers held at a time


@dataclass(frozen=True, slots=True, eq=False)
class TradeOrder:
    """Maximum drawdowns of the same trades in other orders.

    ``observed``: that of the order in which they came. ``drawdowns``: (replications,), 0 or negative. ``worse``: the
    share of orders with a drawdown at least as deep; close to 1 says that the order was lucky. ``final``: what all
    trades compound to, whatever the order.
    """

    observed: float
    drawdowns: Floats
    worse: float
    final: float

    def depth(self, level: float) -> float:
        """The drawdown that a share ``level`` of the orders does not exceed in depth; 0.95 is a bad case."""
        return float(np.quantile(self.drawdowns, 1 - level))


def trade_order(returns: ArrayLike, replications: int = 1000, seed: Seed = 0) -> TradeOrder:
    """Permute the order of trades; each is taken with the whole equity, one after another.

    Parameters
    ----------
    returns : (m,), each trade's return on the equity at its entry, in the order of their exits, none missing
    replications : orders drawn, each as likely
    seed : the same one answers the same

    Raises
    ------
    ValueError
        No trade, a missing return, one below -1, or no replication.
    """
    trades = np.asarray(returns, dtype=np.float64)
    if trades.ndim != 1 or not len(trades) or not np.isfinite(trades).all():
        raise ValueError("Trades' returns are a list of one or more numbers, none missing.")
    if (trades < -1).any():
        raise ValueError("A trade lost more than the equity it was made with: give returns on equity.")
    if replications < 1:
        raise ValueError("Give at least one replication.")
    rng = np.random.default_rng(seed)
    size = max(1, _CELLS // len(trades))
    found = []
    for done in range(0, replications, size):
        rows = np.tile(trades, (min(size, replications - done), 1))
        shuffled = rng.permuted(rows, axis=1).T
        found.append(np.atleast_1d(np.asarray(max_drawdown(shuffled))))
    drawdowns, observed = np.concatenate(found), float(max_drawdown(trades))
    worse = float(
        (drawdowns <= observed + 1e-12).mean()
    )  # an order that ends alike may differ in the last digit
    return TradeOrder(observed, drawdowns, worse, float(np.prod(1 + trades) - 1))


@dataclass(frozen=True, slots=True, eq=False)
class RandomEntry:
    """A strategy's mean trade beside that of as many trades, as long, on the same symbols, entered at random.

    ``p_value``: (1 + replications at least as good) / (1 + replications). ``apart``: whether a symbol's random trades
    kept clear of one another, as the strategy's did; else each was placed by itself.
    """

    observed: float
    samples: Floats
    p_value: float
    apart: bool


def random_entry(
    prices: ArrayLike,
    symbol: ArrayLike,
    entry: ArrayLike,
    exit: ArrayLike,
    direction: ArrayLike | None = None,
    replications: int = 1000,
    seed: Seed = 0,
) -> RandomEntry:
    """Does when to enter matter? The chance of as good a mean trade from random entries.

    A trade earns direction (p[exit] / p[entry] - 1). Where no symbol's trades overlap, neither do the random ones,
    and every such placement is as likely; a symbol's trades come in random order. Costs come as often on
    both sides and stay out; stops and targets are in the holding lengths only.

    Parameters
    ----------
    prices : (n, k), at which trades fill (opens, say), comparable through time (splits and dividends in them).
        Between a symbol's first and last price a missing one is the last known; trades are placed between these only
    symbol, entry, exit : (m,), column, row of the fill in, row of the fill out, each exit after its entry
    direction : (m,), 1 long and -1 short; all long where None
    replications, seed : of the random placements

    Raises
    ------
    ValueError
        Arrays that do not fit together, no trade, or a trade outside of its symbol's prices.
    """
    levels = np.asarray(prices, dtype=np.float64)
    trades = _trades(levels, symbol, entry, exit, direction)
    column, begin, end, side = trades
    spans = _spans(levels, column, begin, end)
    filled = _filled(levels)
    observed = float((side * (filled[end, column] / filled[begin, column] - 1)).mean())
    apart = not any(_overlap(begin[column == one], end[column == one]) for one in spans)
    if replications < 1:
        raise ValueError("Give at least one replication.")
    rng, total = np.random.default_rng(seed), np.zeros(replications)
    for one, (first, last) in sorted(spans.items()):
        mine = column == one
        lengths, sides, path = (end - begin)[mine], side[mine], filled[first : last + 1, one]
        total += _placed(path, lengths, sides, apart, replications, rng)
    samples = total / len(column)
    better = int((samples >= observed - 1e-12 * max(1.0, abs(observed))).sum())
    return RandomEntry(observed, samples, (1 + better) / (1 + replications), apart)


def _trades(
    levels: Floats, symbol: ArrayLike, entry: ArrayLike, exit: ArrayLike, direction: ArrayLike | None
) -> tuple[Ints, Ints, Ints, Floats]:
    column, begin, end = (np.asarray(each) for each in (symbol, entry, exit))
    side = np.ones(column.shape) if direction is None else np.asarray(direction, dtype=np.float64)
    if levels.ndim != 2 or column.ndim != 1 or not len(column):
        raise ValueError("Give prices (sessions, symbols) and at least one trade.")
    if not column.shape == begin.shape == end.shape == side.shape:
        raise ValueError("Each trade has one symbol, entry, exit and direction.")
    if any(each.dtype.kind not in "iu" for each in (column, begin, end)):
        raise ValueError("Symbols, entries and exits are column and row numbers.")
    if not np.isin(side, (-1.0, 1.0)).all():
        raise ValueError("A direction is 1 (long) or -1 (short).")
    inside = (column >= 0) & (column < levels.shape[1]) & (begin >= 0) & (end < len(levels))
    if not (inside & (begin < end)).all():
        raise ValueError("A trade exits after its entry, within the sessions and symbols given.")
    return column.astype(np.int64), begin.astype(np.int64), end.astype(np.int64), side


def _spans(levels: Floats, column: Ints, begin: Ints, end: Ints) -> dict[int, tuple[int, int]]:
    """First and last row with a price of each symbol traded."""
    found = {}
    for one in np.unique(column):
        there = np.flatnonzero(np.isfinite(levels[:, one]) & (levels[:, one] > 0))
        mine = column == one
        if not len(there) or begin[mine].min() < there[0] or end[mine].max() > there[-1]:
            raise ValueError(
                f"A trade of column {int(one)} lies outside of the sessions that have its price."
            )
        found[int(one)] = int(there[0]), int(there[-1])
    return found


def _filled(levels: Floats) -> Floats:
    there = np.isfinite(levels) & (levels > 0)
    rows = np.maximum.accumulate(np.where(there, np.arange(len(levels))[:, None], 0), axis=0)
    return np.asarray(np.take_along_axis(levels, rows, axis=0))


def _overlap(begin: Ints, end: Ints) -> bool:
    order = np.argsort(begin, kind="stable")
    return bool((begin[order][1:] < end[order][:-1]).any())


def _placed(
    path: Floats, lengths: Ints, sides: Floats, apart: bool, replications: int, rng: np.random.Generator
) -> Floats:
    """Sum of one symbol's trades' returns in each replication."""
    room = len(path) - 1 - (int(lengths.sum()) if apart else 0)
    size = max(1, _CELLS // (len(path) + len(lengths)))
    found = []
    for done in range(0, replications, size):
        count = min(size, replications - done)
        order = rng.permuted(np.tile(np.arange(len(lengths)), (count, 1)), axis=1)
        long, side = lengths[order], sides[order]
        if apart:
            start = _gaps(room, len(lengths), count, rng) + np.cumsum(long, axis=1) - long
        else:
            start = rng.integers(0, room - long + 1)
        found.append((side * (path[start + long] / path[start] - 1)).sum(axis=1))
    return np.concatenate(found)


def _gaps(room: int, trades: int, count: int, rng: np.random.Generator) -> Ints:
    """Free sessions before each trade, ascending, (count, trades): every way to share ``room`` out is as likely.

    As many sorted places of room + trades without repetition, less their ranks.
    """
    if trades * trades > room + trades:  # draws would mostly repeat themselves
        keys = rng.random((count, room + trades))
        chosen = np.sort(np.argpartition(keys, trades - 1, axis=1)[:, :trades], axis=1)
    else:
        chosen = np.zeros((count, trades), dtype=np.int64)
        again = np.arange(count)
        while len(again):  # draws with a repetition are thrown away whole, which leaves the others as likely
            chosen[again] = np.sort(rng.integers(0, room + trades, (len(again), trades)), axis=1)
            again = again[(np.diff(chosen[again], axis=1) == 0).any(axis=1)]
    return np.asarray(chosen - np.arange(trades), dtype=np.int64)

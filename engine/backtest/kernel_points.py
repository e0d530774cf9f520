"""Accounts by symbol where nothing happens between trades: all work at the trades, k symbols at once.

Between two trades cash and shares stand still, so an account's equity is ``cash + shares * close``. The j-th trades
of all symbols are done together: symbols lie in order of how many trades they have, so that those still trading are
the first of them. Panels are built symbol by symbol in blocks that stay in the cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.backtest.costs import commission, in_lots, rates, wanted
from engine.backtest.market import Floats, Market
from engine.backtest.money import WHOLE
from engine.backtest.result import Costs, Ints, Result, Signals, Terms, Trades
from engine.backtest.tape import Fill, Tape
from engine.backtest.trades import trades_of

BLOCK = 32  # symbols: 2,520 sessions of them are 645 kB


@dataclass(slots=True)
class _Points:
    """Fills (m,) in order of symbol, then session; ``decided``: the session before the fill's."""

    column: Ints
    row: Ints
    weight: Floats
    price: Floats
    shares: Floats  # held after
    change: Floats
    filled: Floats  # price
    charged: Floats
    cash: Floats  # after
    first: Ints  # (k + 1,) where each symbol's begin


def run_points(market: Market, signals: Signals, costs: Costs, terms: Terms) -> Result | None:
    """See ``kernel.run_fast``; None where an account loses everything, which is not told here."""
    points = _fills(_changes(market, signals.target), costs, terms)
    rows, columns = market.close.shape
    bounds = np.empty(len(points.row) + columns, dtype=np.int64)  # each symbol: flat from 0, then its fills
    starts = points.first + np.arange(columns + 1)
    cash, shares = np.empty(len(bounds)), np.zeros(len(bounds))
    inner = np.ones(len(bounds), dtype=bool)
    inner[starts[:-1]] = False
    bounds[starts[:-1]], cash[starts[:-1]] = 0, terms.capital
    bounds[inner], cash[inner], shares[inner] = points.row, points.cash, points.shares
    lengths = np.diff(bounds, append=rows)
    lengths[starts[1:] - 1] = rows - bounds[starts[1:] - 1]
    values, accounts = np.empty((columns, rows)), np.empty((columns, rows))
    net, gross = np.zeros(rows), np.zeros(rows)
    lows, highs = np.empty(len(bounds)), np.empty(len(bounds))
    short = bool((points.shares < 0).any())
    for begin in range(0, columns, BLOCK):
        end = min(begin + BLOCK, columns)
        part = slice(starts[begin], starts[end])
        close = np.ascontiguousarray(market.close[:, begin:end].T)
        value, account = values[begin:end], accounts[begin:end]
        np.multiply(close, np.repeat(shares[part], lengths[part]).reshape(close.shape), out=value)
        np.add(value, np.repeat(cash[part], lengths[part]).reshape(close.shape), out=account)
        net += value.sum(axis=0)
        if short:
            gross += np.abs(value).sum(axis=0)
        _extremes(close, lengths[part], lows[part], highs[part])
    if (short or cash.min() < 0) and (accounts <= 0).any():
        return None
    paid = np.diff(cash, prepend=0.0)
    paid[starts[:-1]] = terms.capital
    money: Floats = np.cumsum(np.bincount(bounds, paid, rows))  # what each fill moved, added up
    total = net + money
    np.divide(values, total, out=values)
    capital = terms.capital * columns
    before = np.concatenate([[capital], total[:-1]])
    traded = np.bincount(points.row, np.abs(points.change) * points.filled, rows)
    return Result(
        market.dates,
        market.symbols,
        capital,
        total,
        money,
        (gross if short else net) / total,
        net / total,
        values.T,
        traded / before,
        _trades(market, signals, points, lows[inner], highs[inner]),
        _costs(points, costs, rows),
        (),
        accounts.T,
    ).frozen()


def _changes(market: Market, target: Floats) -> tuple[Ints, Ints, Floats, Floats, Ints]:
    """Fills that opinions ask for: column, row, weight, open; where each symbol's begin."""
    fresh = np.empty(target[:-1].shape, dtype=bool)
    fresh[:1] = target[:-1][:1] != 0  # none of a market of one session
    np.not_equal(target[1:-1], target[:-2], out=fresh[1:])
    fresh &= target[:-1] == target[:-1]  # an opinion, not NaN
    decided, column = np.divmod(np.flatnonzero(fresh), target.shape[1])
    weight = target[decided, column]
    order = np.argsort(column, kind="stable")
    decided, column, weight = decided[order], column[order], weight[order]
    before = np.concatenate([[0.0], weight[:-1]])
    before[np.flatnonzero(np.diff(column, prepend=-1))] = 0.0  # the first of a symbol: flat until then
    new = weight != before
    decided, column, weight = decided[new], column[new], weight[new]
    row = decided + 1
    first = np.searchsorted(column, np.arange(target.shape[1] + 1))
    return column, row, weight, market.open[row, column], first


def _fills(found: tuple[Ints, Ints, Floats, Floats, Ints], costs: Costs, terms: Terms) -> _Points:
    """Shares, prices and cash after each fill, the j-th of every symbol together."""
    column, row, weight, price, first = found
    counts = np.diff(first)
    order = np.argsort(-counts, kind="stable")
    ordered = -counts[order]
    begins = first[:-1][order]
    shares, change, filled, charged, after = (np.empty(len(row)) for _ in range(5))
    cash, held = np.full(len(counts), float(terms.capital)), np.zeros(len(counts))
    worse = sum(rates(costs, 0.0, 0.0, 0.0).values())
    for turn in range(int(counts.max(initial=0))):
        still = int(np.searchsorted(ordered, -turn, side="left"))  # symbols with more fills than that
        at = begins[:still] + turn
        opens = price[at]
        equity = cash[:still] + held[:still] * opens
        goal = wanted(costs, weight[at], equity, opens)
        if not terms.fractional:
            goal = in_lots(goal, WHOLE, terms.lot)
        moved = goal - held[:still]
        paid = opens * (1 + np.sign(moved) * worse)
        fee = commission(costs, moved, paid)
        cash[:still] -= moved * paid + fee
        held[:still] = goal
        shares[at], change[at], filled[at], charged[at], after[at] = goal, moved, paid, fee, cash[:still]
    return _Points(column, row, weight, price, shares, change, filled, charged, after, first)


def _extremes(close: Floats, lengths: Ints, lows: Floats, highs: Floats) -> None:
    """Lowest and highest close of each stretch between fills; none of an empty one."""
    flat = close.ravel()
    places = np.cumsum(lengths) - lengths
    some = lengths > 0
    lows[:], highs[:] = np.nan, np.nan
    lows[some] = np.minimum.reduceat(flat, places[some])
    highs[some] = np.maximum.reduceat(flat, places[some])


def _costs(points: _Points, costs: Costs, rows: int) -> dict[str, Floats]:
    """Costs by kind and session."""
    notional = np.abs(points.change) * points.price
    found: dict[str, Any] = {"commission": np.bincount(points.row, points.charged, rows)}
    for kind, rate in rates(costs, 0.0, 0.0, 0.0).items():
        found[kind] = np.bincount(points.row, notional * rate, rows)
    return {kind: each for kind, each in sorted(found.items()) if each.any()}


def _trades(market: Market, signals: Signals, points: _Points, lows: Floats, highs: Floats) -> Trades:
    """A trade for each stretch with a position; where one was added to or cut, told fill by fill."""
    held, column = points.shares, points.column
    before = np.where(np.diff(column, prepend=-1) == 0, np.concatenate([[0.0], held[:-1]]), 0.0)
    if (held * before > 0).any():
        return trades_of(market, _tape(signals, points))
    size = np.abs(points.change)
    share = np.divide(np.abs(held), size, out=np.zeros(len(size)), where=size > 0)  # of the fill that opens
    cost = size * np.abs(points.filled - points.price) + points.charged
    at = np.flatnonzero(held)
    after = np.minimum(at + 1, max(len(column) - 1, 0))
    closed = (at + 1 < len(column)) & (column[after] == column[at])
    last = len(market.dates) - 1
    exit_row = np.where(closed, points.row[after], last)
    exit_price = np.where(closed, points.filled[after], market.close[last, column[at]])
    part = np.where(closed, 1.0 - share[after], 0.0)
    shares, entry = held[at], points.filled[at]
    fees = points.charged[at] * share[at] + points.charged[after] * part
    pnl = shares * (exit_price - entry) - fees
    side = np.sign(shares)
    # an open trade's last close is its exit's price; fmin and fmax pass over stretches without a close
    low, high = np.fmin(lows[at], exit_price) / entry - 1.0, np.fmax(highs[at], exit_price) / entry - 1.0
    told = _reasons(signals, points)
    return Trades(
        market.dates,
        market.symbols,
        column[at],
        points.row[at],
        exit_row,
        entry,
        exit_price,
        shares,
        pnl,
        cost[at] * share[at] + cost[after] * part,
        pnl / np.abs(shares * entry),
        np.where(side > 0, low, -high),
        np.where(side > 0, high, -low),
        ~closed,
        tuple(told[place] for place in at.tolist()) if told else (),
        tuple(
            told[place] if done else "" for place, done in zip(after.tolist(), closed.tolist(), strict=True)
        )
        if told
        else (),
    )


def _reasons(signals: Signals, points: _Points) -> list[str]:
    if signals.reasons is None:
        return []
    codes = signals.reasons[points.row - 1, points.column]  # a fill is of the session after its decision
    known = (points.row > 0) & (codes >= 0) & (codes < len(signals.names))
    return [*map((*signals.names, "").__getitem__, np.where(known, codes, len(signals.names)).tolist())]


def _tape(signals: Signals, points: _Points) -> Tape:
    tape = Tape()
    told = _reasons(signals, points) or [""] * len(points.row)
    columns = (points.row, points.column, points.change, points.filled, points.price, points.charged)
    fills = zip(*(each.tolist() for each in columns), told, told, strict=True)
    tape.fills.extend(Fill._make(fill) for fill in fills if fill[2])
    return tape

"""Trades of symbols whose fills add, cut and turn positions round, the j-th fill of every symbol at once.

What ``trades`` does fill by fill, operation by operation, so that both tell the same to the last bit; for symbols
without splits and dividends.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.backtest.inputs import Bools
from engine.backtest.market import Floats, Market
from engine.backtest.result import Ints
from engine.backtest.trades_paired import Columns, extremes, last_closes

FLAT = 1e-9  # of what was opened: less is the dust of divided shares, not a position
WORTH = 6  # fills to the step from which on steps are the faster way
ENDED = (
    "symbol",
    "entry",
    "exit",
    "reason",
    "why",
    "opened",
    "opened_for",
    "closed",
    "closed_for",
    "pnl",
    "costs",
)


def stepped(market: Market, told: Columns) -> Mapping[str, Any] | None:
    """Trades as columns, in order of symbol, then of time; None where there are too few fills to a step."""
    counts = np.bincount(told.column, minlength=len(market.symbols))
    if not len(told.column) or len(told.column) < WORTH * int(counts.max()):
        return None
    order = np.argsort(-counts, kind="stable")
    order = order[: int(np.count_nonzero(counts))]
    begins = (np.cumsum(counts) - counts)[order]
    steps = _Steps(order)
    ordered = -counts[order]
    for turn in range(int(counts.max())):
        still = int(np.searchsorted(ordered, -turn, side="left"))
        steps.fill(told, begins[:still] + turn)
    steps.value(len(market.dates) - 1, last_closes(market)[order])
    return _figures(market, told, steps.rows())


class _Steps:
    """Positions of symbols (m,), those with the most fills first; ``done``: trades ended, as columns by step."""

    def __init__(self, columns: Ints) -> None:
        self.columns = columns
        self.shares, self.opened, self.opened_for, self.closed, self.closed_for, self.pnl, self.costs = (
            np.zeros((7, len(columns)))
        )
        self.entry, self.reason = np.zeros((2, len(columns)), dtype=np.int64)
        self.held: Bools = np.zeros(len(columns), dtype=bool)
        self.done: list[tuple[Any, ...]] = []

    def fill(self, told: Columns, at: Ints) -> None:
        """The next fill of the first symbols."""
        count = len(at)
        shares, price, fee = told.shares[at], told.price[at], told.commission[at]
        worth = shares * price
        paid = -shares * price - fee
        cost = np.abs(shares) * np.abs(price - told.reference[at]) + fee
        row, reason, held = told.row[at], told.reason[at], self.shares[:count]
        against = np.flatnonzero(self.held[:count] & (shares * held < 0))
        fresh: Bools = np.ones(count, dtype=bool)
        left = (shares, worth, paid, cost)
        if len(against):
            part = np.minimum(np.abs(held[against] / shares[against]), 1.0)
            part[1 - part <= FLAT] = 1.0
            self._add(against, *(each[against] * part for each in left))
            flat = np.abs(self.shares[against]) <= FLAT * np.abs(self.opened[against])
            self._end(against[flat], row[against[flat]], reason[against[flat]])
            fresh[against] = part < 1.0
            rest = np.ones(count)
            rest[against] = 1 - part
            left = (shares * rest, worth * rest, paid * rest, cost * rest)
        if not fresh.any():
            return
        added = np.flatnonzero(fresh)
        new = added[~self.held[added]]
        self.entry[new], self.reason[new], self.held[new] = row[new], reason[new], True
        self._add(added, *(each[added] for each in left))

    def _add(self, at: Ints, shares: Floats, worth: Floats, paid: Floats, cost: Floats) -> None:
        held = self.shares[at]
        opens = shares * np.where(held == 0, shares, held) > 0
        for where, count, money in (
            (opens, self.opened, self.opened_for), (~opens, self.closed, self.closed_for)
        ):  # fmt: skip
            if where.any():
                count[at[where]] += shares[where]
                money[at[where]] += worth[where]
        self.shares[at] += shares
        self.pnl[at] += paid
        self.costs[at] += cost

    def _end(self, at: Ints, row: Ints, why: Ints) -> None:
        if not len(at):
            return
        kept = (self.opened, self.opened_for, self.closed, self.closed_for, self.pnl, self.costs)
        ended = (self.columns, self.entry)
        self.done.append(
            (*(each[at] for each in ended), row, self.reason[at], why, *(each[at] for each in kept))
        )
        for each in (self.shares, *kept):
            each[at] = 0.0
        self.held[at] = False

    def value(self, row: int, close: Floats) -> None:
        """What is still held, at its last close."""
        at = np.flatnonzero(self.held)
        shares = self.shares[at]
        worth = shares * close[at]
        self._add(at, -shares, -worth, worth, np.zeros(len(at)))
        self._end(at, np.full(len(at), row), np.full(len(at), -1))

    def rows(self) -> dict[str, Any]:
        """Trades in order of symbol, then of time."""
        joint = {
            name: np.concatenate([each[place] for each in self.done]) if self.done else np.empty(0)
            for place, name in enumerate(ENDED)
        }
        order = np.lexsort((np.arange(len(joint["symbol"])), joint["symbol"]))
        return {name: values[order] for name, values in joint.items()}


def _figures(market: Market, told: Columns, ended: Mapping[str, Any]) -> Mapping[str, Any]:
    entry, out = ended["opened_for"] / ended["opened"], ended["closed_for"] / ended["closed"]
    low, high = extremes(market, ended["symbol"], ended["entry"], ended["exit"], out)
    low, high = low / entry - 1.0, high / entry - 1.0
    long, still = ended["opened"] > 0, ended["why"] < 0
    return {
        "symbol": ended["symbol"], "entry": ended["entry"], "exit": ended["exit"], "entry_price": entry,
        "exit_price": out, "shares": ended["opened"], "pnl": ended["pnl"], "costs": ended["costs"],
        "return_": ended["pnl"] / np.abs(ended["opened_for"]), "mae": np.where(long, low, -high),
        "mfe": np.where(long, high, -low), "open": still,
        "entry_reason": [told.names[each] for each in ended["reason"].tolist()],
        "exit_reason": [told.names[each] if each >= 0 else "" for each in ended["why"].tolist()],
    }  # fmt: skip

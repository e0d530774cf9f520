"""Trades of symbols whose fills only open and close, all at once; ``trades`` follows the others fill by fill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.backtest.market import Floats, Market
from engine.backtest.result import Ints
from engine.backtest.tape import Fill, Tape


class Columns(NamedTuple):
    """Fills (m,) of several batches; ``reason``: places in ``names``, ``after``: scalar fills told before."""

    row: Ints
    column: Ints
    shares: Floats
    price: Floats
    reference: Floats
    commission: Floats
    reason: Ints
    after: Ints
    names: tuple[str, ...]

    def part(self, at: NDArray[Any]) -> Columns:
        row, column, shares, price, reference, fee, reason, after = (each[at] for each in self[:-1])
        return Columns(row, column, shares, price, reference, fee, reason, after, self.names)

    def fills(self) -> list[tuple[int, Fill]]:
        """One by one, each with the scalar fills told before it."""
        lists = (each.tolist() for each in self[:-1])
        return [
            (after, Fill(row, column, shares, price, reference, fee, self.names[reason], self.names[reason]))
            for row, column, shares, price, reference, fee, reason, after in zip(*lists, strict=True)
        ]


def columns_of(tape: Tape) -> Columns:
    """A tape's batches as columns, in order of symbol, then of time."""
    sizes = [len(each.columns) for each in tape.batches]

    def spread(values: list[int]) -> Ints:
        return np.repeat(np.array(values, dtype=np.int64), sizes)

    reasons = tape.joint("reasons")
    found = Columns(
        spread([each.row for each in tape.batches]), tape.joint("columns"), tape.joint("shares"),
        tape.joint("price"), tape.joint("reference"), tape.joint("commission"),
        reasons if tape.places is None else tape.places[reasons],
        spread([each.after for each in tape.batches]), tape.names,
    )  # fmt: skip
    return found.part(np.argsort(found.column, kind="stable"))


def paired(market: Market, told: Columns, other: NDArray[np.bool_]) -> tuple[Mapping[str, Any], Columns]:
    """Trades as columns of those symbols whose fills open and close in turn, and the fills of the rest.

    ``other`` (k,): symbols that splits, dividends or fills of another kind keep out. The figures are those of
    ``trades``, operation by operation, so that both tell the same to the last bit.
    """
    counts = np.bincount(told.column, minlength=len(market.symbols))
    first = np.cumsum(counts) - counts
    turn = np.arange(len(told.column)) - first[told.column]
    opening = turn % 2 == 0
    closes = np.append(~opening[1:], False)
    followed = opening & closes  # a closing fill comes right after it
    after = np.append(told.shares[1:], 0.0)
    odd = np.zeros(len(counts), dtype=bool)
    odd[told.column[followed & (told.shares + after != 0)]] = True
    odd |= other
    kept = ~odd[told.column]
    at = np.flatnonzero(opening & kept)
    return _figures(market, told, at, followed[at]), told.part(np.flatnonzero(~kept))


def _figures(market: Market, told: Columns, at: Ints, done: NDArray[np.bool_]) -> Mapping[str, Any]:
    last = len(market.dates) - 1
    end = np.where(done, np.minimum(at + 1, len(told.row) - 1), at)
    column, shares, entry_row = told.column[at], told.shares[at], told.row[at]
    exit_row = np.where(done, told.row[end], last)
    worth = shares * told.price[at]
    back = np.where(done, told.shares[end] * told.price[end], -shares * last_closes(market)[column])
    entry, out = worth / shares, back / -shares
    paid = -shares * told.price[at] - told.commission[at]
    cost = np.abs(told.shares) * np.abs(told.price - told.reference) + told.commission
    pnl = paid + np.where(done, -told.shares[end] * told.price[end] - told.commission[end], -back)
    low, high = (each / entry - 1.0 for each in extremes(market, column, entry_row, exit_row, out))
    long = shares > 0
    return {
        "symbol": column, "entry": entry_row, "exit": exit_row, "entry_price": entry, "exit_price": out,
        "shares": shares, "pnl": pnl, "costs": cost[at] + np.where(done, cost[end], 0.0),
        "return_": pnl / np.abs(worth), "mae": np.where(long, low, -high), "mfe": np.where(long, high, -low),
        "open": ~done, "entry_reason": [told.names[each] for each in told.reason[at].tolist()],
        "exit_reason": [
            told.names[each] if closed else ""
            for each, closed in zip(told.reason[end].tolist(), done.tolist(), strict=True)
        ],
    }  # fmt: skip


def joined(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    """Figures of different symbols, one after the other."""
    return {
        name: [*values, *other[name]] if isinstance(values, list) else np.concatenate([values, other[name]])
        for name, values in one.items()
    }


def last_closes(market: Market) -> Floats:
    """The last close of each symbol."""
    known = np.isfinite(market.close)
    rows = len(known) - 1 - np.argmax(known[::-1], axis=0)
    found: Floats = market.close[rows, np.arange(len(rows))]
    return found


def extremes(market: Market, column: Ints, entry: Ints, exit_: Ints, out: Floats) -> tuple[Floats, Floats]:
    """The lowest and the highest of the closes held over and the exit's price."""
    if not len(column):
        return np.empty(0), np.empty(0)
    rows = len(market.dates)
    across = np.append(np.ascontiguousarray(market.close.T).ravel(), np.nan)
    bounds = np.column_stack([column * rows + entry, column * rows + exit_]).ravel()
    low, high = (
        np.where(exit_ > entry, take(take.reduceat(across, bounds)[::2], out), out)
        for take in (np.fmin, np.fmax)
    )
    return low, high

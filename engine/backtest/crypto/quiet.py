"""Bars on which an account of coins only holds: funding, marks, money of many bars at once, to the last minor unit.

Nothing is wanted on them, and no price on them comes near a liquidation: the first bar on which one does is left to
the account's own loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.backtest.crypto.books import Linear
from engine.backtest.currencies import Entry, Holding
from engine.backtest.exact import amounts, ticks
from engine.backtest.market import Floats
from engine.backtest.money import FRACTION, MINOR, TICK
from engine.backtest.result import Ints

if TYPE_CHECKING:
    from engine.backtest.crypto.account import Account

_NEAR = 1e-6  # of the positions: closer to a liquidation than that, the account itself looks
_UNIT = MINOR / TICK / FRACTION
_CLOSE = 1e-15  # of a value: nearer to a half than that, a float cannot tell which way to round


class _Held(NamedTuple):
    """What is held throughout: columns (m,), lots (m,), and the bars' marks (n, m) in ticks."""

    positions: list[Holding]
    columns: Ints
    units: Floats
    opens: Floats
    closes: Floats

    def cut(self, count: int) -> _Held:
        return self._replace(opens=self.opens[:count], closes=self.closes[:count])


class _Funded(NamedTuple):
    """Fundings (p,) by row of the span, and what each brought (p, m), in minor units."""

    rows: Ints
    cash: Floats


def quiet(run: Account, row: int, last: int) -> int:
    """Carries out bars ``row`` to ``last`` (both included) as far as they are quiet; how many were."""
    books, part = run.books, slice(row, last + 1)
    if not isinstance(books, Linear):
        return 0
    held = _held(run, books, part)
    if held is None:
        run.records.equity[part] = run.records.cash[part] = books.cash_based / MINOR
        return last - row + 1
    funded = _funded(run, held, row)
    brought = np.zeros(held.closes.shape)
    np.add.at(brought, funded.rows, funded.cash)
    cash = books.ledger.cash[books.ledger.base] + np.cumsum(brought.sum(axis=1))
    if run.crypto.perpetual:
        received = np.zeros(held.closes.shape)
        np.add.at(received, funded.rows, np.maximum(funded.cash, 0.0))
        count = _safe(run, held, part, cash - received.sum(axis=1))  # at the open it is not yet there
        if not count:
            return 0
        held, brought, cash = held.cut(count), brought[:count], cash[:count]
        there = funded.rows < count
        funded = _Funded(funded.rows[there], funded.cash[there])
    _record(run, held, row, cash, brought)
    _book(run, books, held, row, funded)
    for position, mark in zip(held.positions, held.closes[-1].tolist(), strict=True):
        position.mark = int(mark)
    closes = held.closes / TICK
    run.records.rounds.marks(held.columns, closes, np.ones(closes.shape), brought.sum(axis=0) / MINOR)
    return len(cash)


def _held(run: Account, books: Linear, part: slice) -> _Held | None:
    columns = np.array([at for at in run.columns if books.units(at)], dtype=np.int64)
    if not len(columns):
        return None
    positions = [books.held[at] for at in columns.tolist()]
    marks = np.array([float(each.mark) for each in positions])
    closes = np.vstack([marks, ticks(run.market.close[part][:, columns])])
    rows = np.where(np.isfinite(closes), np.arange(len(closes))[:, None], 0)
    closes = np.take_along_axis(closes, np.maximum.accumulate(rows, axis=0), axis=0)
    opens = ticks(run.market.open[part][:, columns])
    units = np.array([float(each.units) for each in positions])
    return _Held(positions, columns, units, np.where(np.isfinite(opens), opens, closes[:-1]), closes[1:])


def _funded(run: Account, held: _Held, row: int) -> _Funded:
    """Fundings of the bars, on the notional at their opens."""
    if run.funding is None:
        return _Funded(np.zeros(0, dtype=np.int64), np.zeros((0, len(held.columns))))
    first, after = np.searchsorted(run.due_rows, [row, row + len(held.closes)])
    rows = run.due_rows[first:after] - row
    rates = run.funding.rates[run.due_places[first:after]][:, held.columns]
    rates = np.where(np.isfinite(rates), rates, 0.0)
    notional = amounts(held.units, FRACTION, held.opens)
    return _Funded(rows, -np.rint(notional[rows] * rates))


def _gains(held: _Held, marks: Floats, margined: bool) -> Floats:
    """What the account has in each position (n, m), as ``Holding.value`` rounds it."""
    if not margined:
        return amounts(held.units, FRACTION, marks)
    value, paid = held.units * marks * _UNIT, np.array([float(each.basis) for each in held.positions]) * _UNIT
    found: Floats = np.rint(value - paid)
    doubtful = np.abs(value - paid - found) >= 0.5 - (np.abs(value) + np.abs(paid)) * _CLOSE
    for row, at in zip(*(each.tolist() for each in np.nonzero(doubtful)), strict=True):
        position = held.positions[at]
        found[row, at] = position.worth(int(marks[row, at]), position.units, position.basis)
    return found


def _safe(run: Account, held: _Held, part: slice, cash: Floats) -> int:
    """Bars before the first on which a price comes near a liquidation, the other positions at their opens."""
    coins, opens = held.units / FRACTION, held.opens / TICK
    market = run.market
    worst = np.where(held.units > 0, market.low[part][:, held.columns], market.high[part][:, held.columns])
    worst = np.where(np.isfinite(market.open[part][:, held.columns]), worst, opens)
    equity = (cash + _gains(held, held.opens, True).sum(axis=1)) / MINOR
    size = np.abs(coins)
    gross = (size * opens).sum(axis=1, keepdims=True)
    left = equity[:, None] + coins * (worst - opens) - run.least * (gross + size * (worst - opens))
    near = (left < _NEAR * gross).any(axis=1)
    return int(np.argmax(near)) if near.any() else len(near)


def _record(run: Account, held: _Held, row: int, cash: Floats, brought: Floats) -> None:
    """Money, positions and margin at the closes."""
    records, part, margined = run.records, slice(row, row + len(cash)), run.crypto.perpetual
    worth = amounts(held.units, FRACTION, held.closes)
    records.cash[part] = cash / MINOR
    records.equity[part] = (cash + _gains(held, held.closes, margined).sum(axis=1)) / MINOR
    records.values[part, held.columns] = worth / MINOR
    run.positions[part, held.columns] = held.units / FRACTION
    if margined:
        gross = np.abs(records.values[part]).sum(axis=1)
        records.margin[part], records.maintenance[part] = run.initial * gross, run.least * gross
    for at, minor in enumerate(brought.sum(axis=1).tolist()):
        records.tape.cost(row + at, "funding", -minor / MINOR)


def _book(run: Account, books: Linear, held: _Held, row: int, funded: _Funded) -> None:
    """Fundings as rows of the ledger, one after another."""
    ledger = books.ledger
    cash = ledger.cash[ledger.base]
    ledger.cash[ledger.base] = cash + int(funded.cash.sum())
    if not funded.cash.any():
        return

    def written() -> Iterator[Entry]:
        balance = cash
        for at, minors in zip(funded.rows.tolist(), funded.cash.tolist(), strict=True):
            marks = (held.opens[at] / TICK).tolist()
            for position, minor, mark in zip(held.positions, minors, marks, strict=True):
                if minor:
                    balance += int(minor)
                    yield Entry(
                        run.market.dates[row + at], "funding", position.symbol, 0.0, mark, ledger.base, int(minor),
                        balance,
                    )  # fmt: skip

    ledger.entries.later(written)

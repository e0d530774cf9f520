"""Sessions on which an account of pairs only holds: rollover, marks, money of many at once, to a minor unit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.backtest.currencies import Entry
from engine.backtest.exact import amounts
from engine.backtest.market import Floats
from engine.backtest.money import MINOR
from engine.backtest.result import Ints

if TYPE_CHECKING:
    from engine.backtest.fx.account import Account


class _Quiet(NamedTuple):
    """Sessions from ``row`` on (n,), and the pairs held throughout (m,): what rolling brought in the quote currency,
    in minor units, what that is worth in the account's, the positions in it, and the equity in minor units."""

    row: int
    columns: Ints
    rolled: Floats
    values: Floats
    worth: Floats
    equity: Floats


def quiet(run: Account, row: int, last: int) -> int:
    """Carries out sessions ``row`` to ``last`` (both included), up to one that ends in a margin call; how many."""
    columns = np.array([at for at, units in enumerate(run.units) if units], dtype=np.int64)
    part, told = slice(row, last + 1), run.told
    units = np.array([float(run.units[at]) for at in columns.tolist()])
    each, charge = (panel[part][:, columns] for panel in (told.bring, told.charge))
    rolled = np.rint(units * np.where(np.isnan(each), 0.0, each) - np.abs(units) * charge)
    cash = _cash(run, columns, rolled)
    equity = np.zeros(len(rolled))
    for code, each in cash.items():
        equity += each if code == run.fx.currency else amounts(each, MINOR, told.ticks[code][part])
    values = np.ones(rolled.shape)
    for at, column in enumerate(columns.tolist()):
        values[:, at] = told.value(run.pairs[column][3:])[part]
    worth = units / MINOR * told.close[part][:, columns] * values
    gross = np.abs(worth).sum(axis=1)
    called = (gross > 0) & (equity / MINOR < run.least * gross)
    count = int(np.argmax(called)) if called.any() else len(called)
    if not count:
        return 0
    done = _Quiet(row, columns, rolled[:count], values[:count], worth[:count], equity[:count])
    _record(run, done, cash)
    _book(run, done)
    return count


def _cash(run: Account, columns: Ints, rolled: Floats) -> dict[str, Floats]:
    """Of each currency (n,), in minor units."""
    found = {code: np.full(len(rolled), float(minor)) for code, minor in run.ledger.cash.items()}
    for at, column in enumerate(columns.tolist()):
        found[run.pairs[column][3:]] += np.cumsum(rolled[:, at])
    return found


def _record(run: Account, done: _Quiet, cash: dict[str, Floats]) -> None:
    """Money, positions and margin at the closes; what was not rolled."""
    records, told, count = run.records, run.told, len(done.equity)
    part = slice(done.row, done.row + count)
    records.equity[part] = records.cash[part] = done.equity / MINOR
    for code, each in cash.items():
        run.balances[code][part] = each[:count] / MINOR
    if not len(done.columns):
        return
    records.values[part, done.columns] = done.worth
    run.positions[part, done.columns] = [run.units[at] / MINOR for at in done.columns.tolist()]
    gross = np.abs(done.worth).sum(axis=1)
    records.margin[part], records.maintenance[part] = run.initial * gross, run.least * gross
    unknown = np.isnan(told.bring[part][:, done.columns])
    run.unrolled += int((told.days[part][:, done.columns] * unknown).sum())
    brought = done.rolled / MINOR * done.values
    for at, money in enumerate(brought.sum(axis=1).tolist()):
        records.tape.cost(done.row + at, "rollover", -money)
    records.rounds.marks(done.columns, told.close[part][:, done.columns], done.values, brought.sum(axis=0))


def _book(run: Account, done: _Quiet) -> None:
    """Rollovers as rows of the ledger, one after another."""
    ledger, pairs = run.ledger, [run.pairs[column] for column in done.columns.tolist()]
    run.set_rates(done.row + len(done.equity) - 1)
    begun = dict(ledger.cash)
    for column, minors in zip(done.columns.tolist(), done.rolled.sum(axis=0).tolist(), strict=True):
        run.legs[column] += int(minors)
        ledger.cash[run.pairs[column][3:]] += int(minors)
    if not done.rolled.any():
        return
    marks = run.told.close[done.row : done.row + len(done.rolled)][:, done.columns]

    def written() -> Iterator[Entry]:
        balance = dict(begun)
        for at, (minors, prices) in enumerate(zip(done.rolled.tolist(), marks.tolist(), strict=True)):
            for pair, minor, price in zip(pairs, minors, prices, strict=True):
                if minor:
                    code, day = pair[3:], run.dates[done.row + at]
                    balance[code] += int(minor)
                    yield Entry(day, "rollover", pair, 0.0, price, code, int(minor), balance[code])

    ledger.entries.later(written)

"""Sessions on which an account only settles: nothing decided, rolled, expiring or called; many of them at once.

They book what ``Account.session`` books, to the last unit. Accounts with interest or currencies, and plans whose
decisions wait, go session by session.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.backtest.calm import unmet
from engine.backtest.currencies import Entry, Holding
from engine.backtest.futures.account import Account
from engine.backtest.futures.root import Line
from engine.backtest.guards import Guards
from engine.backtest.market import Floats
from engine.backtest.money import MINOR, TICK, half_even

_CLOSE = 1e-15  # of a value: nearer to a half than that, a float cannot tell which way to round


class _Still(NamedTuple):
    """What is held throughout: m lines, the mark before (m,) and the sessions' (n, m), in ticks."""

    lines: list[Line]
    holdings: list[Holding]
    before: Floats
    ticks: Floats


def quiet(run: Account, row: int) -> int:
    """Settles sessions from ``row`` on; the first one that is not quiet, or what follows a margin call."""
    if not row or run.called or run.follows.pending or not run.plain:
        return row
    held = [line for line in run.lines if line.count]
    until = min([len(run.dates), *(line.quiet_until(row) for line in held)])
    end = min(until, _decided(run, row) + 1)
    if end > row and run.guards is not None:
        end = min([end, *(_met(run, run.guards, line, row, until) for line in held)])
    if end <= row:
        return row
    still = _still(run, held, row, end)
    paid = _worth(run, still, still.ticks - np.vstack([still.before, still.ticks[:-1]]))
    cash = run.ledger.cash[run.currency] + np.cumsum(paid.sum(axis=1))
    needs, least = (_margin(run, still, name) for name in ("initial", "maintenance"))
    called = np.flatnonzero(cash < least)[:1] if held else np.zeros(0, dtype=np.int64)
    if len(called):
        count = int(called[0]) + 1
        end = row + count
        still = still._replace(ticks=still.ticks[:count])
        paid, cash, needs, least = paid[:count], cash[:count], needs[:count], least[:count]
    _book(run, still, row, paid)
    _record(run, still, slice(row, end), (cash, needs, least))
    if len(called):
        run.call(end - 1, held, int(least[-1]))
    for _, one in run.unmet.values():
        if one.begin < end <= one.begin + len(one.trail) - 1:
            one.guard.trail = float(one.trail[end - 1 - one.begin])
    run.decide(end - 1)
    return end


def _decided(run: Account, row: int) -> int:
    """The first session from ``row`` on after which something may be decided."""
    if run.guards is None or run.calm is None:
        return row - 1 + run.follows.quiet(row, len(run.dates))
    flat = any(not run.lines[column].units for column in run.guards.guards)
    return row - 1 if run.guards.closed or flat else run.calm.until(run.guards.deciding.machine, row)


def _met(run: Account, guards: Guards, line: Line, row: int, until: int) -> int:
    """The first session from ``row`` on whose bar meets a stop or the target, as far as ``until``."""
    guard = guards.guards.get(line.column)
    if guard is None:
        return until
    place, known = run.unmet.get(line.column, (-1, None))
    if known is None or known.guard is not guard or place != line.place:
        known = unmet(guard, row, *line.bars(row, line.quiet_until(row)))
        run.unmet[line.column] = (line.place, known)
    return known.row if known.row < until else until


def _still(run: Account, held: list[Line], row: int, end: int) -> _Still:
    books, by_name = run.ledger.held, {line.contract.name: line for line in held}
    for name in [name for name, holding in books.items() if not holding.units]:
        del books[name]
    lines, holdings = [by_name[name] for name in books], list(books.values())
    before = np.array([float(each.mark) for each in holdings])
    told = np.empty((end - row, len(lines)))
    for at, line in enumerate(lines):
        told[:, at] = line.ticks[row:end, line.place]
    ticks = np.vstack([before, told])
    if not np.isfinite(told).all():
        rows = np.where(np.isfinite(ticks), np.arange(len(ticks))[:, None], 0)
        ticks = np.take_along_axis(ticks, np.maximum.accumulate(rows, axis=0), axis=0)
    return _Still(lines, holdings, before, ticks[1:])


def _worth(run: Account, still: _Still, ticks: Floats) -> Floats:
    """What the units are worth at prices, or by moves of them (n, m), in minor units, as ``Holding.worth`` rounds."""
    below = run.lots * TICK * TICK
    above = [each.units * each.multiplier * MINOR for each in still.holdings]
    value = ticks * np.array([each / below for each in above])
    found: Floats = np.rint(value)
    doubtful = np.abs(value - found) >= 0.5 - np.abs(value) * _CLOSE
    if doubtful.any():
        for row, at in zip(*(each.tolist() for each in np.nonzero(doubtful)), strict=True):
            found[row, at] = half_even(above[at] * int(ticks[row, at]), below)
    return found


def _margin(run: Account, still: _Still, name: str) -> Floats:
    """What is required of all at the marks (n,), in minor units."""
    total: Floats = np.zeros(len(still.ticks))
    for at, line in enumerate(still.lines):
        count, margin = line.units / run.lots, line.root.margin
        value = getattr(margin, name)
        if margin.per == "contract":
            total += np.rint(margin.of(value, 0.0, count) * MINOR)
        else:
            notional = count * (still.ticks[:, at] / TICK) * line.contract.multiplier
            total += np.rint(value * np.abs(notional) * MINOR)
    return total


def _book(run: Account, still: _Still, row: int, paid: Floats) -> None:
    """Variation margin, session by session, written out when somebody reads it."""
    ledger, base, count = run.ledger, run.currency, len(paid)
    days, begun, marks = run.days[row : row + count], ledger.cash[base], still.ticks
    names = [line.contract.name for line in still.lines]

    def written() -> Iterator[Entry]:
        balance = begun
        for day, cash, prices in zip(days, paid.tolist(), marks.tolist(), strict=True):
            for name, each, price in zip(names, cash, prices, strict=True):
                if each:
                    balance += int(each)
                    yield Entry(day, "variation", name, 0.0, int(price) / TICK, base, int(each), balance)

    ledger.entries.later(written)
    ledger.cash[base] = begun + int(paid.sum())
    ledger.date = days[-1]
    for holding, mark in zip(still.holdings, marks[-1].tolist(), strict=True):
        holding.mark = int(mark)
        holding.basis = holding.units * holding.mark


def _record(run: Account, still: _Still, part: slice, money: tuple[Floats, Floats, Floats]) -> None:
    records = run.records
    records.equity[part] = records.cash[part] = money[0] / MINOR
    if not still.lines:
        return
    records.margin[part], records.maintenance[part] = money[1] / MINOR, money[2] / MINOR
    columns = [line.column for line in still.lines]
    records.values[part, columns] = _worth(run, still, still.ticks) / MINOR
    run.held[part, columns] = [line.units / run.lots for line in still.lines]
    run.places[part, columns] = [line.place for line in still.lines]
    run.unsettled += sum(line.unsettled(part.start, part.stop) for line in still.lines)
    values = np.array([line.value(part.start, line.place) for line in still.lines])
    nothing = np.zeros(len(still.lines))
    records.rounds.marks(
        np.array(columns), still.ticks / TICK, np.broadcast_to(values, still.ticks.shape), nothing
    )

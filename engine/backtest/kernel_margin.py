"""Margin in arrays: what the initial margin lets grow, what falls below the maintenance margin, what a call cuts.

Accounts by symbol are computed all at once. Of one account each fill leaves room for the next: where even the most
that a session's fills may come to is within the margin, none of them is looked at; else the room before each is
worked out from sums of those before it, and one by one only from the first on that is cut. The arithmetic is the
broker's: ``floor(max(equity / initial - others, 0) / price)``, in whole minor units.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.backtest.exact import amounts, ticks
from engine.backtest.happened import CALL
from engine.backtest.inputs import Bools
from engine.backtest.market import Floats
from engine.backtest.money import MINOR, amount, to_minor, to_ticks
from engine.backtest.result import Ints, Terms

if TYPE_CHECKING:
    from engine.backtest.kernel_account import Account

SAFE = 1.0 - 1e-9  # of what the margin allows: nearer is worked out to the unit

Priced = tuple[Floats, Floats, "Mapping[str, Any] | None"]


class Margin:
    """Equity over exposure that a position which grows needs (``initial``), and that every close needs
    (``maintenance``); None for no such rule. ``called``: accounts to be cut at the next open."""

    def __init__(self, terms: Terms, accounts: int) -> None:
        self.initial, self.maintenance = terms.initial_margin, terms.maintenance_margin
        self.called: Bools = np.zeros(accounts, dtype=bool)
        self.calling = False  # any of them

    # calls ----------------------------------------------------------------------------------------------------

    def check(self, run: Account, row: int) -> None:
        """Calls accounts whose equity at a close is below the maintenance margin."""
        if self.maintenance is not None:
            self.over(run, row, run.equity, run.sums(np.abs(run.value)))

    def watch(self, run: Account, row: int) -> None:
        """``check`` where nothing is valued yet: to the unit of those accounts only that floats find near a call."""
        if self.maintenance is None:
            return
        unit, least = MINOR / run.lots, self.maintenance * (1.0 + 1e-9)
        value = run.units * run.market.close[row]
        if not run.accounts:
            equity = run.cash + run.owing + float(value.sum()) * unit
            gross = float(np.abs(value, out=value).sum()) * unit
            if (equity <= least * gross + len(value)).any():
                run.value = amounts(run.units, run.lots, ticks(run.market.close[row]))
                self.check(run, row)
            return
        if run.longs:  # equity less what is to be kept, without the steps that tell shorts apart
            value *= unit * (1.0 - least)
            value += run.cash
            spare = value + run.owing if run.owed else value
        else:
            value *= unit
            spare = run.cash + run.owing + value
            spare -= np.abs(value, out=value) * least
        at = (spare <= 2.0).nonzero()[0]
        if len(at):
            exact = amounts(run.units[at], run.lots, ticks(run.market.close[row, at]))
            self.over(run, row, self._own(run, at) + exact, np.abs(exact), at)

    @staticmethod
    def _own(run: Account, at: Ints) -> Floats:
        """Cash of accounts by symbol, and what is owed to them."""
        return run.cash[at] + (run.owing[at] if run.owed else 0.0)  # type: ignore[index]

    def over(self, run: Account, row: int, equity: Floats, gross: Floats, at: Ints | None = None) -> bool:
        """``check``, of sums of all accounts or of some; whether there is a call."""
        least = self.maintenance or 0.0
        below = ((gross > 0) & (equity < least * gross)).nonzero()[0]
        if not len(below):
            return False
        accounts = below if at is None else at[below]
        self.called[accounts] = self.calling = True
        part = equity[below] / gross[below]
        told = accounts if run.accounts else np.array([-1])
        run.happened.many(row, told, CALL, part, np.full(len(part), least))
        return True

    def reduce(self, run: Account, row: int) -> None:
        """Cuts every position of called accounts by one part, at the open, until the initial margin is met."""
        least = self.maintenance or 0.0
        initial = max(self.initial or least, least)
        if run.accounts:
            at = (self.called & (run.units != 0)).nonzero()[0]
            value = amounts(run.units[at], run.lots, run.opens[at])
            equity, gross = self._own(run, at) + value, np.abs(value)
        else:
            at, value = run.units.nonzero()[0], run.at_open()
            equity, gross = run.cash + run.owing + value.sum(), np.abs(value).sum(keepdims=True)
        some = gross > 0
        keep = np.where(some, np.maximum(equity, 0.0) / initial / np.where(some, gross, 1.0), 1.0)
        self.called[:] = self.calling = False
        cuts = keep < 1
        if not np.count_nonzero(cuts):
            return
        if run.accounts:
            at, keep = at[cuts], keep[cuts]
        if run.trading is not None:
            there = run.trading[row, at]
            self._stand(run, at[~there])  # cannot be cut without a bar: the call stands
            at, keep = at[there], keep[there] if run.accounts else keep
        self._cut(run, row, at, keep)

    def _stand(self, run: Account, at: Ints) -> None:
        if len(at):
            self.called[at if run.accounts else 0] = self.calling = True

    def _cut(self, run: Account, row: int, at: Ints, keep: Floats) -> None:
        units = run.units[at]
        want = np.sign(units) * np.trunc(np.abs(units) * keep) - units
        some = want != 0
        if np.count_nonzero(some) < len(some):
            at, want = at[some], want[some]
        moved = want
        if run.limited:
            moved = run.let(at, want)
            self._stand(run, at[moved != want])  # nor beyond the volume
            run.partly(row, at, moved, want)
            at, moved = at[moved != 0], moved[moved != 0]
        if len(at):
            price = run.market.open[row, at]
            code = np.full(len(at), run.call, dtype=np.int64)
            run.book(row, at, moved, price, code, run.priced(row, at, moved, price, None))

    # growth ---------------------------------------------------------------------------------------------------

    def admitted(
        self, run: Account, row: int, at: Ints, moved: Floats, price: Floats, priced: Priced | None
    ) -> Floats | None:
        """Units of fills, in their order, that the initial margin lets through; None where it lets all."""
        held = run.units[at]
        grows = np.abs(held + moved) > np.abs(held)
        if not np.count_nonzero(grows):
            return None
        if run.accounts or priced is None:
            return self._alone(run, at, moved, price, grows)
        return self._together(run, row, at, moved, price, priced)

    def _alone(self, run: Account, at: Ints, moved: Floats, price: Floats, grows: Bools) -> Floats | None:
        held, side, initial = run.units[at], np.sign(moved), self.initial or 1.0
        equity = self._own(run, at) + amounts(held, run.lots, run.opens[at])
        most = np.floor(np.maximum(np.rint(equity / initial) / MINOR, 0.0) / price * run.lots)
        room = np.maximum(most - side * held, 0.0)
        cut = grows & (room < np.abs(moved))
        return np.where(cut, side * room, moved) if cut.any() else None

    def _together(
        self, run: Account, row: int, at: Ints, moved: Floats, price: Floats, priced: Priced
    ) -> Floats | None:
        filled, fee, _ = priced
        value = run.at_open()
        equity = float((run.cash + run.owing)[0]) + float(value.sum())
        gross = float(np.abs(value).sum())
        size = np.abs(moved) / run.lots * MINOR
        worth = float(size @ price)
        spent = float(size @ np.abs(filled - price)) + float(fee.sum()) * MINOR + 2.0 * len(at)
        if gross + worth + len(at) <= (equity - spent) / (self.initial or 1.0) * SAFE:
            return None
        return _one_by_one(
            run, self.initial or 1.0, row, at, moved, price, (filled, fee), value[at], (equity, gross)
        )


def _one_by_one(
    run: Account, initial: float, row: int, at: Ints, moved: Floats, price: Floats, priced: tuple[Floats, Floats],
    value: Floats, sums: tuple[float, float],
) -> Floats | None:  # fmt: skip
    """Fills in turn, each within the room that those before it leave; ``sums``: equity and gross exposure before."""
    lots, held = run.lots, run.units[at]
    after = amounts(held + moved, lots, run.opens[at])
    gained = after - value - amounts(moved, lots, ticks(priced[0])) - np.rint(priced[1] * MINOR)
    size, wider = np.abs(value), np.abs(after)
    columns = (at, moved, price, held, size, gained, wider)
    worth, exposed = sums
    found: dict[int, float] = {}
    rows = zip(*(each.tolist() for each in columns), strict=True)
    for place, (column, units, paid, own, before, gain, now) in enumerate(rows):
        if abs(own + units) > abs(own):
            way = 1 if units > 0 else -1
            left = max(round(worth / initial) / MINOR - (exposed - before) / MINOR, 0.0)
            let = max(math.floor(left / paid * lots) - way * own, 0.0)
            if let < abs(units):
                found[place] = way * let
                gain, now = _moved(run, row, column, way * let, before, own) if let else (0.0, before)  # noqa: PLW2901
        worth, exposed = worth + gain, exposed + now - before
    if not found:
        return None
    cut = moved.copy()
    cut[list(found)] = list(found.values())
    return cut


def _moved(run: Account, row: int, column: int, units: float, size: float, own: float) -> tuple[float, float]:
    """What one fill at the open does to equity, and the position's exposure after it, in minor units."""
    at, moved = np.array([column]), np.array([units])
    filled, fee, _ = run.priced(row, at, moved, run.market.open[row, at], None)
    after = amount(int(own + units), run.lots, int(run.opens[column]))
    paid = amount(int(units), run.lots, to_ticks(float(filled[0]))) + to_minor(float(fee[0]))
    return float(after - paid) - math.copysign(size, own), float(abs(after))

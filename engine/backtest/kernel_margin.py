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

from engine.backtest.broker import called_text, cut_text
from engine.backtest.exact import amounts, ticks
from engine.backtest.inputs import Bools
from engine.backtest.market import Floats
from engine.backtest.money import MINOR
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

    def near(self, run: Account, closes: Floats) -> bool:
        """Whether a close may be below the maintenance margin, as far as floats tell: ``check`` knows to the unit."""
        if self.maintenance is None:
            return False
        unit, least = MINOR / run.lots, self.maintenance * (1.0 + 1e-9)
        value = run.units * closes
        if run.accounts:
            value *= unit
            equity = run.cash + run.owing + value
            np.abs(value, out=value)
            value *= least
            value += 2.0
            return bool((equity <= value).any())
        net = float(value.sum()) * unit
        gross = float(np.abs(value, out=value).sum()) * unit
        equity = run.cash + run.owing + net
        return bool((equity <= least * gross + len(value)).any())

    def over(self, run: Account, row: int, equity: Floats, gross: Floats) -> bool:
        """``check``, of sums; whether there is a call."""
        least = self.maintenance or 0.0
        below = (gross > 0) & (equity < least * gross)
        if not below.any():
            return False
        self.called |= below
        self.calling = True
        for account in np.flatnonzero(below).tolist():
            text = called_text(float(equity[account]) / float(gross[account]), least)
            run.happened.tell(row, account if run.accounts else -1, "margin call", text)
        return True

    def reduce(self, run: Account, row: int) -> None:
        """Cuts every position of called accounts by one part, at the open, until the initial margin is met."""
        least = self.maintenance or 0.0
        initial = max(self.initial or least, least)
        value = run.at_open()
        gross = run.sums(np.abs(value))
        equity = run.cash + run.owing + run.sums(value)
        whole = np.where(gross > 0, gross, 1.0)
        keep = np.where(gross > 0, np.maximum(equity, 0.0) / initial / whole, 1.0)
        cuts = self.called & (keep < 1)
        self.called = np.zeros(len(cuts), dtype=bool)
        self.calling = False
        if not cuts.any():
            return
        held: Bools = (run.units != 0) & (cuts if run.accounts else cuts[0])
        if run.trading is not None:
            self._stand(run, held & ~run.trading[row])  # cannot be cut without a bar: the call stands
            held = held & run.trading[row]
        at = np.flatnonzero(held)
        self._cut(run, row, at, keep[at] if run.accounts else keep)

    def _stand(self, run: Account, columns: Bools) -> None:
        self.called = self.called | (columns if run.accounts else columns.any())
        self.calling = bool(self.called.any())

    def _cut(self, run: Account, row: int, at: Ints, keep: Floats) -> None:
        units = run.units[at]
        want = np.sign(units) * np.trunc(np.abs(units) * keep) - units
        some = want != 0
        at, want = at[some], want[some]
        moved = want
        if run.limited:
            moved = run.let(at, want)
            left = np.zeros(len(run.units), dtype=bool)
            left[at[moved != want]] = True
            self._stand(run, left)  # nor beyond the volume
            run.partly(row, at, moved, want)
            at, moved = at[moved != 0], moved[moved != 0]
        if len(at):
            price = run.market.open[row, at]
            code = np.full(len(at), run.call, dtype=np.int64)
            run.book(row, at, moved, price, code, run.priced(row, at, moved, price, None))

    # growth ---------------------------------------------------------------------------------------------------

    def admitted(
        self, run: Account, row: int, at: Ints, moved: Floats, price: Floats, priced: Priced
    ) -> Floats | None:
        """Units of fills, in their order, that the initial margin lets through; None where it lets all."""
        assert self.initial is not None  # noqa: S101 - who has no such margin does not ask
        held = run.units[at]
        grows = np.abs(held + moved) > np.abs(held)
        if not grows.any():
            return None
        if run.accounts:
            return self._alone(run, row, at, moved, price, grows)
        return self._together(run, row, at, moved, price, priced, grows)

    def _alone(
        self, run: Account, row: int, at: Ints, moved: Floats, price: Floats, grows: Bools
    ) -> Floats | None:
        held, side, initial = run.units[at], np.sign(moved), self.initial or 1.0
        owing = run.owing[at] if run.owed else 0.0  # type: ignore[index]
        equity = run.cash[at] + owing + amounts(held, run.lots, run.opens[at])
        most = np.floor(np.maximum(np.rint(equity / initial) / MINOR, 0.0) / price * run.lots)
        room = np.maximum(most - side * held, 0.0)
        cut = grows & (room < np.abs(moved))
        if not cut.any():
            return None
        for place in np.flatnonzero(cut).tolist():
            self.tell(run, row, int(at[place]), float(room[place]))
        return np.where(cut, side * room, moved)

    @staticmethod
    def tell(run: Account, row: int, column: int, room: float) -> None:
        """Of an order that was cut."""
        run.happened.tell(row, column, "margin", cut_text(room / run.lots))

    def _together(
        self, run: Account, row: int, at: Ints, moved: Floats, price: Floats, priced: Priced, grows: Bools
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
        return _one_by_one(self, run, row, at, moved, price, filled, fee, value[at], (equity, gross), grows)


def _one_by_one(
    margin: Margin, run: Account, row: int, at: Ints, moved: Floats, price: Floats, filled: Floats, fee: Floats,
    value: Floats, sums: tuple[float, float], grows: Bools,
) -> Floats | None:  # fmt: skip
    """Fills in turn, each within the room that those before it leave."""
    initial, lots = margin.initial or 1.0, run.lots
    held, opens = run.units[at], run.opens[at]
    after = amounts(held + moved, lots, opens)
    gained = -amounts(moved, lots, ticks(filled)) - np.rint(fee * MINOR) + after - value
    wider = np.abs(after) - np.abs(value)
    side = np.sign(moved)
    equity = sums[0] + np.concatenate([[0.0], np.cumsum(gained)[:-1]])
    others = sums[1] + np.concatenate([[0.0], np.cumsum(wider)[:-1]]) - np.abs(value)
    room = np.rint(equity / initial) / MINOR - others / MINOR
    most = np.maximum(np.floor(np.maximum(room, 0.0) / price * lots) - side * held, 0.0)
    cut = grows & (most < np.abs(moved))
    if not cut.any():
        return None
    first = int(np.argmax(cut))
    found = moved.copy()
    worth, exposed = float(equity[first]), float(others[first] + abs(value[first]))
    rows = zip(
        *(each[first:].tolist() for each in (at, moved, price, held, value, gained, wider, grows, side)), strict=True
    )  # fmt: skip
    for place, (column, units, paid, own, mine, gain, more, grow, way) in enumerate(rows, first):
        change = gain, more
        if grow:
            left = max(round(worth / initial) / MINOR - (exposed - abs(mine)) / MINOR, 0.0)
            let = max(math.floor(left / paid * lots) - way * own, 0.0)
            if let < abs(units):
                margin.tell(run, row, column, let)
                found[place] = way * let
                change = _moved(run, row, column, way * let, mine) if let else (0.0, 0.0)
        worth, exposed = worth + change[0], exposed + change[1]
    return found


def _moved(run: Account, row: int, column: int, units: float, value: float) -> tuple[float, float]:
    """What one fill at the open does to equity and gross exposure, in minor units."""
    at, moved = np.array([column]), np.array([units])
    filled, fee, _ = run.priced(row, at, moved, run.market.open[row, at], None)
    after = float(amounts(run.units[at] + moved, run.lots, run.opens[at])[0])
    paid = float(amounts(moved, run.lots, ticks(filled))[0]) + float(np.rint(fee * MINOR)[0])
    return after - value - paid, abs(after) - abs(value)

"""Books that unfold: a company's figures at one instant after another, each step taking in only what changed.

``read_books`` reads all facts known at one clock. A run asks at some forty clocks of ten years, between which a
filing tells a few hundred facts and the oldest periods fall out of sight. Here every row is read once, by the same
rules (``told``, ``shares``, ``implied``), and a period is put together again only where something was told of it,
where a split changed its shares, or where a filing's rounding is seen otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial

import numpy as np

from engine.quant.fundamentals.derive import Pool
from engine.quant.fundamentals.figures import Figures
from engine.quant.fundamentals.filed import Bools, Filed, Floats, Group
from engine.quant.fundamentals.implied import WEIGHTED, Implied, agreed, shown
from engine.quant.fundamentals.lines import LINES
from engine.quant.fundamentals.shares import Splits, in_shares
from engine.quant.fundamentals.told import (
    Books,
    Fact,
    Span,
    Versions,
    is_money,
    rounded_to,
    take_in,
    units_of,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ASSETS = frozenset(LINES["assets"].concepts)


@dataclass(slots=True)
class Unfolding:
    """One company's books. What ``at`` answers is read before it is asked again."""

    filed: Filed
    _alive: Bools = field(init=False)
    _grains: Floats = field(init=False)
    _counted: Bools = field(init=False)  # groups whose unit counts in books of the currency
    _in_shares: Bools = field(init=False)
    _weighed: Bools = field(init=False)  # groups of weighted shares
    _money: Bools = field(init=False)  # rows
    _units: list[str] = field(init=False)  # currencies
    _currency: str = ""
    _given: Splits = field(default_factory=Splits)
    _splits: Splits = field(default_factory=Splits)
    _shown: dict[int, list[Implied]] = field(default_factory=dict)  # splits that a group would show
    _facts: dict[int, Fact] = field(default_factory=dict)  # by row
    _factors: dict[date, float] = field(default_factory=dict)
    _versions: dict[int, Versions] = field(default_factory=dict)  # by group
    _told: dict[str, dict[Span, Versions]] = field(default_factory=dict)
    _pools: dict[str, Pool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        groups = self.filed.groups
        self._alive = np.zeros(len(self.filed.known), dtype=bool)
        self._grains = np.full(len(self.filed.filings_begin), np.inf)
        self._counted = np.zeros(len(groups), dtype=bool)
        self._in_shares = np.array([not is_money(each.unit) for each in groups], dtype=bool)
        self._weighed = np.array([e.concept in WEIGHTED and e.unit == "shares" for e in groups], dtype=bool)
        self._units = sorted({each.unit for each in groups if is_money(each.unit)})
        money = ~self._in_shares
        self._money = money[self.filed.group]

    def at(self, instant: int, first: date, last: date, splits: Splits) -> Figures:
        """Figures of what was in force at ``instant`` (microseconds since 1970 UTC) of periods that end from
        ``first`` to ``last``, both included, in the shares of ``splits``, those that the filings show among them."""
        alive = self.filed.alive(instant, first, last)
        changed = np.zeros(len(self.filed.groups), dtype=bool)
        changed[self.filed.group[alive != self._alive]] = True
        changed |= self._taken_currency(alive)
        changed |= self._taken_rounding(alive)
        changed |= self._taken_splits(alive, changed, splits)
        self._rebuild(changed & self._counted)
        return Figures(Books(self._currency, self._told), self._pools)

    # what changed ----------------------------------------------------------------------------------------------

    def _taken_currency(self, alive: Bools) -> Bools:
        currency = self._told_in(alive)
        nothing = np.zeros(len(self.filed.groups), dtype=bool)
        if currency == self._currency:
            return nothing
        wanted = units_of(currency)
        self._currency = currency
        self._versions.clear()
        self._told.clear()
        self._pools.clear()
        counted = [each.unit == wanted.get(each.concept, "shares") for each in self.filed.groups]
        self._counted = np.array(counted, dtype=bool)
        return ~nothing

    def _told_in(self, alive: Bools) -> str:
        """The currency of the newest balance sheet, or of the newest facts."""
        if len(self._units) < 2 or not (alive & self._money).any():
            return self._units[0] if (alive & self._money).any() else "USD"
        rows = np.flatnonzero(alive & self._money)
        told = [
            (int(self.filed.end[row]), int(self.filed.known[row]), self._of(row)) for row in rows.tolist()
        ]
        assets = [each for each in told if each[2].concept in _ASSETS]
        _, _, newest = max(assets or told, key=lambda each: (each[0], each[1], each[2].unit))
        return newest.unit

    def _of(self, row: int) -> Group:
        return self.filed.groups[int(self.filed.group[row])]

    def _taken_rounding(self, alive: Bools) -> Bools:
        grains = self.filed.rounding(alive)
        again = (grains != self._grains)[self.filed.filing]
        self._grains = grains
        for row in np.flatnonzero(again).tolist():
            self._facts.pop(row, None)
        changed = np.zeros(len(self.filed.groups), dtype=bool)
        changed[self.filed.group[again & alive]] = True
        return changed

    def _taken_splits(self, alive: Bools, changed: Bools, given: Splits) -> Bools:
        """Splits given, and those that weighted shares told again show."""
        weighed = self._weighed if given != self._given else changed & self._weighed
        self._given, self._alive = given, alive
        for number in np.flatnonzero(weighed).tolist():
            self._shown.pop(number, None)
            if found := self._shows(self._rows(number)):
                self._shown[number] = found
        implied = agreed(each for found in self._shown.values() for each in found)
        splits = Splits.of((*given.events, *((each.day, each.ratio) for each in implied)))
        if splits == self._splits:
            return np.zeros_like(changed)
        self._splits = splits
        self._factors.clear()
        self._facts = {row: fact for row, fact in self._facts.items() if is_money(fact.unit)}
        return self._in_shares

    def _shows(self, rows: list[int]) -> list[Implied]:
        filed = self.filed
        told = [
            (filed.value[row], filed.day[row], filed.accession[row]) for row in rows if filed.value[row] > 0
        ]
        return shown(told, self._given) if len(told) > 1 else []

    # what is known ---------------------------------------------------------------------------------------------

    def _rebuild(self, changed: Bools) -> None:
        """Periods that are told now and were not, those that are told otherwise, and those told no more."""
        there = np.zeros_like(changed)
        there[self.filed.group[self._alive]] = True
        for number in np.flatnonzero(changed & there).tolist():
            if number in self._versions:
                self._versions[number].changed()
            else:
                self._begin(number)
        for number in np.flatnonzero(changed & ~there).tolist():
            if number in self._versions:
                self._forget(number)

    def _begin(self, number: int) -> None:
        group = self.filed.groups[number]
        span, versions = (group.start, group.end), Versions(read=partial(self._read, number))
        self._versions[number] = versions
        self._told.setdefault(group.concept, {})[span] = versions
        self._pools.setdefault(group.concept, Pool()).put(span, versions)

    def _forget(self, number: int) -> None:
        group = self.filed.groups[number]
        del self._versions[number], self._told[group.concept][group.start, group.end]
        self._pools[group.concept].drop((group.start, group.end))
        if not self._told[group.concept]:
            del self._told[group.concept], self._pools[group.concept]

    def _read(self, number: int) -> tuple[Fact, ...]:
        """What was told of a period, oldest first."""
        unit, told, versions = self.filed.groups[number].unit, self.filed.value, list[Fact]()
        in_money = not self._in_shares[number]
        for row in self._rows(number):
            value = told[row] if in_money else in_shares(told[row], unit, self._factor(self.filed.day[row]))
            if not versions or versions[-1].value != value:  # the same number says the same
                take_in(versions, self._fact(row, number, value))
        return tuple(versions)

    def _rows(self, number: int) -> list[int]:
        """Rows in force of a group, in the order in which they became known."""
        rows = self.filed.by_group[self.filed.groups_begin[number] : self.filed.groups_begin[number + 1]]
        found: list[int] = rows[self._alive[rows]].tolist()
        return found

    def _factor(self, day: date) -> float:
        if day not in self._factors:
            self._factors[day] = self._splits.after(day)
        return self._factors[day]

    def _fact(self, row: int, number: int, value: float) -> Fact:
        if row not in self._facts:
            filed, group = self.filed, self.filed.groups[number]
            grain = float(self._grains[filed.filing[row]])
            told = filed.value[row]
            self._facts[row] = Fact(
                group.concept, group.unit, group.start, group.end, value, told, filed.accession[row], filed.form[row],
                _EPOCH + timedelta(microseconds=int(filed.known[row])), None,
                rounded_to(group.concept, group.unit, told, grain if np.isfinite(grain) else None),
            )  # fmt: skip
        return self._facts[row]

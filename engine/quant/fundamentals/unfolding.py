"""Books that unfold: a company's figures at one instant after another, each step taking in only what changed.

``read_books`` reads all facts known at one clock. A run asks at some forty clocks of ten years, between which a
filing tells a few hundred facts and the oldest periods fall out of sight. Here every row is read once, by the same
rules (``told``, ``shares``, ``implied``), and a period is put together again only where something was told of it,
where a split changed its shares, or where a filing's rounding is seen otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from math import isfinite

import numpy as np

from engine.quant.fundamentals.derive import Pool
from engine.quant.fundamentals.figures import Figures
from engine.quant.fundamentals.filed import Bools, Filed, Floats, Ints
from engine.quant.fundamentals.implied import WEIGHTED, Implied, agreed, shown
from engine.quant.fundamentals.lines import LINES
from engine.quant.fundamentals.shares import Splits, in_shares
from engine.quant.fundamentals.told import (
    Books,
    Fact,
    Span,
    Told,
    Versions,
    is_money,
    rounded_to,
    take_in,
    units_of,
)

_ASSETS = frozenset(LINES["assets"].concepts)


@dataclass(slots=True, eq=False)
class Unfolding(Mapping[str, Told]):
    """One company's books, and what they tell by concept. What ``at`` answers is read before it is asked again."""

    filed: Filed
    _alive: Bools = field(init=False)  # rows
    _money: Bools = field(init=False)  # rows told in a currency
    _units: list[str] = field(init=False)  # these currencies
    _rounding: Floats = field(init=False)  # by filing
    _counted: Bools = field(init=False)  # groups whose unit counts in books of the currency
    _in_shares: Bools = field(init=False)  # groups
    _weighed: Bools = field(init=False)  # groups of weighted shares
    _there: Bools = field(init=False)  # groups that are told
    _present: set[str] = field(default_factory=set)  # concepts that are
    _currency: str = ""
    _given: Splits = field(default_factory=Splits)
    _splits: Splits = field(default_factory=Splits)
    _shown: dict[int, list[Implied]] = field(default_factory=dict)  # splits that a group would show
    _factors: dict[date, float] = field(default_factory=dict)
    _facts: dict[int, Fact] = field(default_factory=dict)  # by row
    _versions: dict[int, Versions] = field(default_factory=dict)  # by group
    _told: dict[str, dict[Span, Versions]] = field(default_factory=dict)
    _pools: dict[str, Pool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._alive = np.zeros(len(self.filed.known), dtype=bool)
        self._rounding = np.full(len(self.filed.filings_begin), np.inf)
        self._counted = np.zeros(len(self.filed.groups), dtype=bool)
        self._there = self._counted
        self._units = sorted(filter(is_money, {unit for _, unit in self.filed.told_as}))
        self._in_shares = self._groups(lambda _, unit: unit not in self._units)
        self._weighed = self._groups(lambda concept, unit: concept in WEIGHTED and unit == "shares")
        self._money = ~self._in_shares[self.filed.group]

    def _groups(self, holds: Callable[[str, str], bool]) -> Bools:
        """Groups of whose concept and unit something holds."""
        told = np.array([holds(*each) for each in self.filed.told_as], dtype=bool)
        found: Bools = told[self.filed.told_of]
        return found

    def at(self, instant: int, first: date, last: date, splits: Splits) -> Figures:
        """Figures of what was in force at ``instant`` (microseconds since 1970 UTC) of periods that end from
        ``first`` to ``last``, both included, in the shares of ``splits``, those that the filings show among them."""
        before, self._alive = self._alive, self.filed.alive(instant, first, last)
        changed = self._take_currency()
        changed[self.filed.group[self._alive != before]] = True
        self._take_rounding(changed)
        self._take_splits(changed, splits)
        self._take_periods(changed & self._counted)
        return Figures(Books(self._currency, self), self._pools)

    def _take_currency(self) -> Bools:
        """Groups that change with the books' currency: all or none."""
        money = self._alive & self._money
        told = money.any()
        if len(self._units) < 2:
            currency = self._units[0] if told else "USD"
        else:
            currency = self._told_in(np.flatnonzero(money)) if told else "USD"
        changed = np.full(len(self.filed.groups), currency != self._currency)
        if currency != self._currency:
            self._currency, wanted = currency, units_of(currency)
            self._counted = self._groups(lambda concept, unit: unit == wanted.get(concept, "shares"))
            for kept in (self._versions, self._told, self._pools):
                kept.clear()
        return changed

    def _told_in(self, rows: Ints) -> str:
        """The currency of the newest balance sheet, or of the newest facts."""
        filed = self.filed
        told = [
            (filed.groups[number], known)
            for number, known in zip(filed.group[rows].tolist(), filed.known[rows].tolist(), strict=True)
        ]
        assets = [each for each in told if each[0].concept in _ASSETS]
        newest = max(assets or told, key=lambda each: (each[0].end, each[1], each[0].unit))
        unit: str = newest[0].unit
        return unit

    def _take_rounding(self, changed: Bools) -> None:
        rounding = self.filed.rounding(self._alive)
        again = (rounding != self._rounding)[self.filed.filing]
        self._rounding = rounding
        for row in np.flatnonzero(again).tolist():
            self._facts.pop(row, None)
        changed[self.filed.group[again & self._alive]] = True

    def _take_splits(self, changed: Bools, given: Splits) -> None:
        """Splits given, and those that weighted shares told again show."""
        weighed = self._weighed if given != self._given else changed & self._weighed
        self._given = given
        for number in np.flatnonzero(weighed).tolist():
            self._shown.pop(number, None)
            if found := self._shows(self._rows(number)):
                self._shown[number] = found
        implied = agreed(each for found in self._shown.values() for each in found)
        splits = Splits.of((*given.events, *((each.day, each.ratio) for each in implied)))
        if splits != self._splits:
            self._splits = splits
            self._factors.clear()
            self._facts = {row: fact for row, fact in self._facts.items() if is_money(fact.unit)}
            changed |= self._in_shares

    def _shows(self, rows: list[int]) -> list[Implied]:
        filed = self.filed
        told = [
            (filed.value[row], self._day(row), filed.accession[row]) for row in rows if filed.value[row] > 0
        ]
        return shown(told, self._given) if len(told) > 1 else []

    def _take_periods(self, changed: Bools) -> None:
        """Periods that are told now and were not, those that are told otherwise, and those told no more; of concepts
        that were asked for."""
        self._there = np.zeros_like(changed)
        self._there[self.filed.group[self._alive]] = True
        self._there &= self._counted
        present = np.zeros(len(self.filed.told_as), dtype=bool)
        present[self.filed.told_of[self._there]] = True
        self._present = {self.filed.told_as[at][0] for at in np.flatnonzero(present).tolist()}
        asked = changed & self._groups(lambda concept, _: concept in self._told)
        for number in np.flatnonzero(asked & self._there).tolist():
            if number in self._versions:
                self._versions[number].changed()
            else:
                self._begin(number)
        for number in np.flatnonzero(asked & ~self._there).tolist():
            if number in self._versions:
                self._forget(number)

    def _begin(self, number: int) -> None:
        concept, _, start, end = self.filed.groups[number]
        versions = Versions(read=partial(self._read, number))
        self._versions[number] = self._told[concept][start, end] = versions
        self._pools[concept].put((start, end), versions)

    def _forget(self, number: int) -> None:
        concept, _, start, end = self.filed.groups[number]
        del self._versions[number], self._told[concept][start, end]
        self._pools[concept].drop((start, end))

    def close(self) -> None:
        """Let go of what was told: it refers back to these books, and would wait for the collector of cycles."""
        for kept in (self._versions, self._told, self._pools, self._facts):
            kept.clear()

    # what was told, by concept: read where it is asked for

    def __contains__(self, concept: object) -> bool:
        return concept in self._present

    def __getitem__(self, concept: str) -> dict[Span, Versions]:
        if concept not in self._present:
            raise KeyError(concept)
        if concept not in self._told:
            self._told[concept], self._pools[concept] = {}, Pool()
            for number in np.flatnonzero(
                self._there & self._groups(lambda each, _: each == concept)
            ).tolist():
                self._begin(number)
        return self._told[concept]

    def __iter__(self) -> Iterator[str]:
        return iter(self._present)

    def __len__(self) -> int:
        return len(self._present)

    def _read(self, number: int) -> tuple[Fact, ...]:
        """What was told of a period, oldest first."""
        unit, told, versions = self.filed.groups[number].unit, self.filed.value, list[Fact]()
        shares = bool(self._in_shares[number])
        for row in self._rows(number):
            value = in_shares(told[row], unit, self._factor(self._day(row))) if shares else told[row]
            if not versions or versions[-1].value != value:  # the same number says the same
                take_in(versions, self._fact(row, number, value))
        return tuple(versions)

    def _rows(self, number: int) -> list[int]:
        """Rows in force of a group, in the order in which they became known."""
        begin = self.filed.groups_begin
        rows = self.filed.by_group[begin[number] : begin[number + 1]]
        found: list[int] = rows[self._alive[rows]].tolist()
        return found

    def _day(self, row: int) -> date:
        return self.filed.days[int(self.filed.known[row])]

    def _factor(self, day: date) -> float:
        if day not in self._factors:
            self._factors[day] = self._splits.after(day)
        return self._factors[day]

    def _fact(self, row: int, number: int, value: float) -> Fact:
        if row not in self._facts:
            filed, (concept, unit, start, end) = self.filed, self.filed.groups[number]
            told, rounding = filed.value[row], float(self._rounding[filed.filing[row]])
            self._facts[row] = Fact(
                concept, unit, start, end, value, told, filed.accession[row], filed.form[row],
                filed.instants[int(filed.known[row])], None,
                rounded_to(concept, unit, told, rounding if isfinite(rounding) else None),
            )  # fmt: skip
        return self._facts[row]

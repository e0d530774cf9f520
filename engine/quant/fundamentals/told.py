"""Facts as filings told them: every period's versions, the one in force, and whether it was restated.

A filing repeats the periods before it as comparatives. A repetition that says the same, or the same rounded (a
company that goes from thousands to millions), is no new version: the value stays with the filing that first told it.
Another value is a restatement, in force from its own filing on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from math import isclose
from typing import TYPE_CHECKING

from engine.quant.fundamentals.implied import Implied, implied_splits
from engine.quant.fundamentals.lines import CONCEPTS, LINES, OUTSTANDING, Line
from engine.quant.fundamentals.shares import Splits

if TYPE_CHECKING:
    import polars as pl

_MONEY = r"^[A-Z]{3}$"  # units that are currencies
_MILLION, _CENT = 1e6, 0.01
_NOTE = 0.005  # by how much a figure may be rounded further than its filing's others
Span = tuple[date, date]  # first and last day, both included; of a balance twice its day


@dataclass(slots=True)  # made by the thousand: freezing would take longer than reading
class Fact:
    """One fact of one filing. ``value`` is in the shares of the clock, ``told`` as the filing has it."""

    concept: str
    unit: str
    start: date
    end: date
    value: float
    told: float
    accession: str
    form: str
    known_at: datetime
    accepted_at: datetime | None = None
    grain: float = 1.0  # to what its filing rounds

    @property
    def span(self) -> Span:
        return (self.start, self.end)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def filing(self) -> str:
        """The filing in words: form, accession, when it was accepted and, where that is later, known."""
        name = f"{self.form or 'filing'} {self.accession}"
        if self.accepted_at is None:
            return f"{name}, known from {_minute(self.known_at)}"
        late = f", known from {_minute(self.known_at)}" if self.known_at > self.accepted_at else ""
        return f"{name}, accepted {_minute(self.accepted_at)}{late}"

    @property
    def rebased(self) -> bool:
        """Whether a split since its filing changed the number."""
        return self.value != self.told


class Versions:
    """What was told of one concept and period, oldest first; never empty. ``read`` tells it where it is asked for,
    and again after ``changed``."""

    __slots__ = ("_facts", "_read", "_restated")

    def __init__(
        self, facts: tuple[Fact, ...] = (), read: Callable[[], tuple[Fact, ...]] | None = None
    ) -> None:
        self._facts, self._read = facts, read
        self._restated: bool | None = None

    @property
    def facts(self) -> tuple[Fact, ...]:
        if not self._facts and self._read is not None:
            self._facts = self._read()
        return self._facts

    def changed(self) -> None:
        """What was read counts no more."""
        self._facts, self._restated = (), None

    @property
    def first(self) -> Fact:
        return (self._facts or self.facts)[0]

    @property
    def latest(self) -> Fact:
        return (self._facts or self.facts)[-1]

    @property
    def restated(self) -> bool:
        """Whether the value in force is another than the one first told; a slip put right since is not."""
        if self._restated is None:
            facts = self.facts
            self._restated = len(facts) > 1 and not same(facts[0], facts[-1])
        return self._restated

    def at(self, instant: datetime) -> Fact:
        """The version in force then; the first where none was told yet."""
        return next((fact for fact in reversed(self.facts) if fact.known_at <= instant), self.first)


def _minute(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


Told = Mapping[Span, Versions]


@dataclass(frozen=True, slots=True)
class Books:
    """All that a company has told by the clock of the concepts that lines are made of."""

    currency: str
    told: Mapping[str, Told] = field(default_factory=dict)  # by concept
    fiscal: tuple[tuple[date, int], ...] = ()  # ends of years and how their own filing numbers them
    implied: tuple[Implied, ...] = ()  # splits that filings show and those given do not hold

    def of(self, concept: str) -> Told:
        return self.told.get(concept, {})

    def concepts(self, line: Line) -> tuple[str, ...]:
        return tuple(concept for concept in line.concepts if concept in self.told)


def read_books(facts: pl.DataFrame, splits: Splits | None = None) -> Books:
    """Facts known at the clock as books.

    ``facts`` has period_start, period_end, concept, unit, value, accession, form, fiscal_year, known_at,
    and accepted_at where the filing is known; ``splits``
    are those known and effective at the clock, to which those that the filings show are added.
    """
    import polars as pl

    splits = splits or Splits()
    implied = implied_splits(facts, splits)
    splits = Splits.of((*splits.events, *((each.day, each.ratio) for each in implied)))
    facts = facts.filter(pl.col("concept").is_in(sorted(CONCEPTS))).sort("known_at", "accession")
    currency = _currency(facts)
    wanted = units_of(currency)
    grouped: dict[str, dict[Span, list[Fact]]] = {}
    years: dict[date, int] = {}
    grains = _grains(facts)
    for row in facts.iter_rows(named=True):
        concept, unit = row["concept"], row["unit"]
        if unit != wanted.get(concept, "shares"):
            continue
        fact = _fact(row, splits, grains)
        take_in(grouped.setdefault(concept, {}).setdefault(fact.span, []), fact)
        if 350 <= fact.days <= 380 and row["fiscal_year"] and fact.form.startswith(("10-K", "20-F", "40-F")):
            newest = (fact.known_at.date() - fact.end).days < 200  # the filing's own year, not a comparative
            if newest:
                years.setdefault(fact.end, int(row["fiscal_year"]))
    told = {
        concept: {span: Versions(tuple(versions)) for span, versions in spans.items()}
        for concept, spans in grouped.items()
    }
    return Books(currency, told, tuple(sorted(years.items())), implied)


def is_money(unit: str) -> bool:
    """Whether a unit is a currency, and neither shares nor an amount a share."""
    return re.match(_MONEY, unit) is not None


def units_of(currency: str) -> dict[str, str]:
    """The unit of each concept that counts in books of a currency; that of others is a number of shares."""
    units = {"money": currency, "per share": f"{currency}/shares", "shares": "shares"}
    return {c: units[line.unit] for line in LINES.values() for c in line.concepts}


def _currency(facts: pl.DataFrame) -> str:
    """The currency of the newest balance sheet, or of the newest facts."""
    import polars as pl

    money = facts.filter(pl.col("unit").str.contains(_MONEY))
    assets = money.filter(pl.col("concept").is_in(LINES["assets"].concepts))
    rows = assets if assets.height else money
    return "USD" if rows.is_empty() else str(rows.sort("period_end", "known_at", "unit")["unit"][-1])


def _grains(facts: pl.DataFrame) -> dict[tuple[str, str], float]:
    """To what each filing rounds its amounts of a unit: the largest power of ten, a million at most, that divides all
    of them. One round figure alone does not tell (5,000,000 in a filing in thousands). The cover's own count of
    shares is exact beside statements in millions, and says nothing of them."""
    found: dict[tuple[str, str], float] = {}
    for concept, unit, accession, value in facts.select("concept", "unit", "accession", "value").iter_rows():
        if value and concept not in OUTSTANDING:
            key = (accession, unit)
            found[key] = min(found.get(key, _MILLION), _grain(value))
    return found


def _fact(row: Mapping[str, object], splits: Splits, grains: Mapping[tuple[str, str], float]) -> Fact:
    concept, told, known = str(row["concept"]), float(str(row["value"])), row["known_at"]
    start, end = row["period_start"], row["period_end"]
    if not isinstance(known, datetime) or not isinstance(start, date) or not isinstance(end, date):
        raise TypeError("facts have dates for periods and instants for known_at")
    unit, accession, accepted = str(row["unit"]), str(row["accession"]), row.get("accepted_at")
    value = splits.rebased(told, unit, known)
    grain = rounded_to(concept, unit, told, grains.get((accession, unit)))
    form = str(row["form"] or "")
    accepted = accepted if isinstance(accepted, datetime) else None
    return Fact(concept, unit, start, end, value, told, accession, form, known, accepted, grain)


def rounded_to(concept: str, unit: str, told: float, filing: float | None) -> float:
    """To what a figure is rounded, in a filing that rounds amounts of its unit to ``filing``."""
    if unit.endswith("/shares"):
        return _CENT
    return _grain(told) if filing is None or concept in OUTSTANDING else filing


def take_in(versions: list[Fact], fact: Fact) -> None:
    """Append ``fact`` where it says something else than the version in force."""
    if versions and same(versions[-1], fact):
        return
    if versions and versions[-1].known_at == fact.known_at and versions[-1].accession == fact.accession:
        return  # one filing, one value
    versions.append(fact)


def same(before: Fact, after: Fact) -> bool:
    """Whether a later filing says the same, up to its own rounding."""
    if isclose(before.value, after.value, rel_tol=1e-9, abs_tol=1e-12):
        return True
    grain, apart = after.grain, abs(before.value - after.value)
    if not after.unit.endswith("/shares") and apart <= _NOTE * abs(before.value):
        grain = max(grain, _grain(after.told))  # a note in millions within a filing in thousands
    if before.rebased:  # a split multiplies the rounding of the number before it
        grain = grain * _factor(after) + before.grain * _factor(before)
    return apart <= 0.5 * grain * (1 + 1e-9)


def _grain(told: float) -> float:
    """The largest power of ten that divides a figure, a million at most."""
    grain = 1.0
    while told and grain < _MILLION and told % (grain * 10) == 0:
        grain *= 10
    return grain


def _factor(fact: Fact) -> float:
    return abs(fact.value / fact.told) if fact.told else 1.0

"""Every version of one company's facts as arrays: what books that unfold from filing to filing are read from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.quant.fundamentals.lines import OUTSTANDING
from engine.quant.fundamentals.shares import new_york_day

if TYPE_CHECKING:
    import polars as pl

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = np.iinfo(np.int64).max
_MOST_GRAIN = 6  # powers of ten: figures are rounded to a million at most


class Group(NamedTuple):
    """What filings tell again and again: one concept in one unit, of one period."""

    concept: str
    unit: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Filed:
    """Rows (n,) in the order (known_at, accession).

    ``known`` and ``until``, microseconds since 1970 UTC: from when a row counts, and when a correction of the same
    filing takes its place or it is withdrawn. ``end``: last day of its period, days since 1970. ``group`` into
    ``groups``; ``filing`` numbers filing and unit together, ``grain`` is the largest power of ten (a million at most)
    that divides the value, infinite where it says nothing of how the filing rounds. ``by_group``, ``by_filing``: rows
    in these orders, and where each begins.
    """

    known: Ints
    until: Ints
    end: Ints
    group: Ints
    filing: Ints
    grain: Floats
    value: list[float]
    accession: list[str]
    form: list[str]
    instants: dict[int, datetime]  # of ``known``
    days: dict[int, date]  # of ``known``, in New York
    groups: list[Group]
    told_as: list[tuple[str, str]]  # concept and unit
    told_of: Ints  # (groups,) into ``told_as``
    by_group: Ints
    groups_begin: list[int]  # and, last, where the last ends
    by_filing: Ints
    filings_begin: Ints

    @classmethod
    def of(cls, versions: pl.DataFrame) -> Filed:
        """``versions`` of the facts of one company, withdrawn ones too, with ``known_at``, ``seq`` and ``deleted``;
        of a key the newest by (known_at, seq) counts."""
        rows = versions.sort("known_at", "accession", "seq")
        known, end = _ints(rows, "known_at"), _ints(rows, "period_end")
        group, groups, told_as, told_of = _groups(rows, end)
        accession, value = _codes(rows, "accession"), rows["value"].cast(float).to_numpy()
        filing = np.unique(accession * len(rows) + _codes(rows, "unit"), return_inverse=True)[1]
        by_filing = np.argsort(filing, kind="stable")
        says = (value != 0) & ~rows["concept"].is_in(list(OUTSTANDING)).to_numpy()
        instants = {each: _EPOCH + timedelta(microseconds=each) for each in np.unique(known).tolist()}
        return cls(
            known, _until(rows, known, group * len(rows) + accession), end, group, filing,
            np.where(says, _grains(value), np.inf), value.tolist(), rows["accession"].to_list(),
            rows["form"].fill_null("").to_list(), instants,
            {each: new_york_day(instant) for each, instant in instants.items()}, groups, told_as, told_of,
            np.argsort(group, kind="stable"), [0, *np.cumsum(np.bincount(group)).tolist()], by_filing,
            np.flatnonzero(np.diff(filing[by_filing], prepend=-1)),
        )  # fmt: skip

    def alive(self, instant: int, first: date, last: date) -> Bools:
        """Rows in force at an instant, of periods that end from ``first`` to ``last``, both included."""
        low, high = (np.datetime64(day, "D").astype(np.int64) for day in (first, last))
        found: Bools = (self.known <= instant) & (self.until > instant)
        found &= (self.end >= low) & (self.end <= high)
        return found

    def rounding(self, alive: Bools) -> Floats:
        """To what each filing and unit rounds, by the rows in force of it: infinite where none says."""
        if not len(self.known):
            return np.empty(0)
        told = np.where(alive, self.grain, np.inf)[self.by_filing]
        found: Floats = np.minimum.reduceat(told, self.filings_begin)
        return found


def _ints(rows: pl.DataFrame, name: str) -> Ints:
    return rows[name].to_physical().to_numpy().astype(np.int64)


def _codes(rows: pl.DataFrame, name: str) -> Ints:
    """Numbers for texts, the same for the same, below the number of rows."""
    import polars as pl

    distinct = rows[name].unique(maintain_order=True)
    numbers = dict(zip(distinct.to_list(), range(len(distinct)), strict=True))
    found: Ints = rows[name].replace_strict(numbers, return_dtype=pl.Int64).to_numpy()
    return found


def _groups(rows: pl.DataFrame, end: Ints) -> tuple[Ints, list[Group], list[tuple[str, str]], Ints]:
    """Of each row the number of its group, the groups, and what they tell of."""
    if rows.is_empty():
        return np.empty(0, dtype=np.int64), [], [], np.empty(0, dtype=np.int64)
    start, concept, unit = _ints(rows, "period_start"), _codes(rows, "concept"), _codes(rows, "unit")
    low, high = min(start.min(), end.min()), max(start.max(), end.max())
    span, units = int(high - low) + 1, int(unit.max()) + 1
    one = ((concept * units + unit) * span + (start - low)) * span + (end - low)
    _, first, numbers = np.unique(one, return_index=True, return_inverse=True)
    days = np.arange(low, high + 1).astype("datetime64[D]").tolist()
    _, told, told_of = np.unique((concept * units + unit)[first], return_index=True, return_inverse=True)
    told_as: list[tuple[str, str]] = list(rows.select("concept", "unit")[first[told]].iter_rows())
    parts = zip(told_of.tolist(), (start - low)[first].tolist(), (end - low)[first].tolist(), strict=True)
    groups = [Group(told_as[at][0], told_as[at][1], days[a], days[b]) for at, a, b in parts]
    return numbers.astype(np.int64), groups, told_as, told_of.astype(np.int64)


def _until(rows: pl.DataFrame, known: Ints, key: Ints) -> Ints:
    """When each row ceases to count: at the next version of its key; at once where it is a withdrawal."""
    order = np.argsort(key, kind="stable")
    again = np.flatnonzero(key[order][1:] == key[order][:-1])
    until = np.full(len(known), _NEVER)
    until[order[again]] = known[order[again + 1]]
    until[rows["deleted"].to_numpy()] = np.iinfo(np.int64).min
    return until


def _grains(value: Floats) -> Floats:
    grain = np.ones(len(value))
    fits = np.ones(len(value), dtype=bool)
    for power in range(1, _MOST_GRAIN + 1):
        fits &= np.mod(value, 10.0**power) == 0
        grain[fits] = 10.0**power
    return grain

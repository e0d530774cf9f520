"""Every version of one company's facts as arrays: what books that unfold from filing to filing are read from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.quant.fundamentals.lines import OUTSTANDING
from engine.quant.fundamentals.shares import NEW_YORK

if TYPE_CHECKING:
    import polars as pl

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_NEVER = np.iinfo(np.int64).max
_MOST_GRAIN = 6  # powers of ten: figures are rounded to a million at most


@dataclass(frozen=True, slots=True)
class Group:
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
    that divides the value; infinite where it says nothing of how the filing rounds. ``by_group``, ``by_filing``: rows
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
    day: list[date]  # in New York, when it became known
    groups: list[Group]
    by_group: Ints
    groups_begin: Ints  # (groups + 1,)
    by_filing: Ints
    filings_begin: Ints

    @classmethod
    def of(cls, versions: pl.DataFrame) -> Filed:
        """``versions`` of the facts of one company, withdrawn ones too, with ``known_at``, ``seq`` and ``deleted``;
        of a key the newest by (known_at, seq) counts."""
        rows = versions.sort("known_at", "accession", "seq")
        known = rows["known_at"].to_physical().to_numpy().astype(np.int64)
        numbers, groups = _groups(rows)
        accession = _codes(rows, "accession")
        value = rows["value"].cast(float).to_numpy()
        filing = np.unique(np.column_stack([accession, _codes(rows, "unit")]), axis=0, return_inverse=True)[
            1
        ].ravel()
        by_filing = np.argsort(filing, kind="stable")
        says = (value != 0) & ~rows["concept"].is_in(list(OUTSTANDING)).to_numpy()
        return cls(
            known, _until(rows, known, numbers, accession),
            rows["period_end"].to_physical().to_numpy().astype(np.int64), numbers, filing,
            np.where(says, _grains(value), np.inf), value.tolist(), rows["accession"].to_list(),
            rows["form"].fill_null("").to_list(), _days(rows), groups, np.argsort(numbers, kind="stable"),
            np.concatenate([[0], np.cumsum(np.bincount(numbers, minlength=len(groups)))]), by_filing,
            np.flatnonzero(np.diff(filing[by_filing], prepend=-1)),
        )  # fmt: skip

    def alive(self, instant: int, first: date, last: date) -> Bools:
        """Rows in force at an instant, of periods that end from ``first`` to ``last``, both included."""
        low, high = (np.datetime64(day, "D").astype(np.int64) for day in (first, last))
        found: Bools = (
            (self.known <= instant) & (self.until > instant) & (self.end >= low) & (self.end <= high)
        )
        return found

    def rounding(self, alive: Bools) -> Floats:
        """To what each filing and unit rounds, by the rows in force of it: infinite where none says."""
        if not len(self.known):
            return np.empty(0)
        told = np.where(alive, self.grain, np.inf)[self.by_filing]
        found: Floats = np.minimum.reduceat(told, self.filings_begin)
        return found


def _groups(rows: pl.DataFrame) -> tuple[Ints, list[Group]]:
    """Of each row the number of its group, and the groups."""
    days = [rows[name].to_physical().to_numpy().astype(np.int64) for name in ("period_start", "period_end")]
    codes = np.column_stack([_codes(rows, "concept"), _codes(rows, "unit"), *days])
    low = codes.min(axis=0) if len(codes) else np.zeros(4, dtype=np.int64)
    span = (codes.max(axis=0) - low + 1) if len(codes) else np.ones(4, dtype=np.int64)
    one = np.ravel_multi_index(tuple((codes - low).T), tuple(span.tolist()))
    _, first, numbers = np.unique(one, return_index=True, return_inverse=True)
    told = rows.select("concept", "unit", "period_start", "period_end")[first]
    return numbers.astype(np.int64), [Group(*each) for each in told.iter_rows()]


def _codes(rows: pl.DataFrame, name: str) -> Ints:
    return rows[name].rank("dense").to_numpy().astype(np.int64)


def _until(rows: pl.DataFrame, known: Ints, group: Ints, accession: Ints) -> Ints:
    """When each row ceases to count: at the next version of its key; at once where it is a withdrawal."""
    key = group * (accession.max(initial=0) + 1) + accession
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


def _days(rows: pl.DataFrame) -> list[date]:
    import polars as pl

    found: list[date] = (
        rows.select(pl.col("known_at").dt.convert_time_zone(NEW_YORK).dt.date()).to_series().to_list()
    )
    return found

"""A concept's figure for a quarter, a year or twelve months: as told, or from longer and shorter periods told.

    quarter           = told; else year to date - the year to date of a quarter before (Q2 = 6M - 3M, Q4 = FY - 9M)
    trailing 12 months = the year told; else FY + YTD - prior YTD; else four quarters that follow one another

Only periods that begin on the same day are subtracted, and only what adds up: amounts of money do, and dividends a
share once in one basis of shares. A weighted average number of shares adds up weighted by days: exactly where basic,
and where diluted since the year to date's incremental shares are themselves the average of the quarters' (ASC
260-10-55-3). Earnings a share do not add up (ASC 260-10-45): ``figures`` divides instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import isclose
from typing import Literal, TypeAlias

from engine.quant.fundamentals.lines import Nature
from engine.quant.fundamentals.periods import QUARTER, YEAR, after, alike, before, days, is_year
from engine.quant.fundamentals.told import Fact, Span, Told, Versions
from engine.quant.fundamentals.wording import Text, spelled

_NONE: dict[date, Versions] = {}
How: TypeAlias = Literal["told", "derived", "blank"]


@dataclass(slots=True)  # made by the thousand: freezing would take longer than the sums
class Cell:
    """A value of a statement, how it came about, and the facts it was made of; blank with the reason. ``says`` is
    the formula, or what puts it together."""

    value: float | None
    how: How
    says: Text = field(compare=False)
    facts: tuple[Fact, ...] = ()
    first: Fact | None = None  # as first told, where it was restated since

    @property
    def formula(self) -> str:
        """How it came about, in words; of a blank the reason."""
        return spelled(self.says)

    @property
    def restated(self) -> bool:
        return self.first is not None

    @property
    def fact(self) -> Fact | None:
        """The row that says this very value; None where it was worked out."""
        return self.facts[0] if self.how == "told" and not self.facts[0].rebased else None


def blank(reason: Text) -> Cell:
    return Cell(None, "blank", reason)


@dataclass(frozen=True, slots=True)
class Pool:
    """Periods of one concept (or of several that mean the same), by their last day and by their first."""

    ending: dict[date, dict[date, Versions]] = field(default_factory=dict)  # by last day, then by first
    starting: dict[date, dict[date, Versions]] = field(default_factory=dict)  # by first day, then by last

    @classmethod
    def of(cls, told: Told) -> Pool:
        pool = cls()
        for span, versions in told.items():
            pool.put(span, versions)
        return pool

    def put(self, span: Span, versions: Versions) -> None:
        """Take in a period, in place of what was told of it before."""
        start, end = span
        self.ending.setdefault(end, {})[start] = versions
        self.starting.setdefault(start, {})[end] = versions

    def drop(self, span: Span) -> None:
        """Forget a period."""
        start, end = span
        del self.ending[end][start], self.starting[start][end]

    def told(self, end: date, least: int, most: int) -> Versions | None:
        """The period of so many days that ends then; of several the one told last."""
        ending = self.ending.get(end, _NONE)
        found = [versions for start, versions in ending.items() if least <= (end - start).days + 1 <= most]
        if len(found) < 2:
            return found[0] if found else None
        return max(found, key=lambda v: (v.latest.known_at, v.latest.start))

    def longer(self, end: date, least: int, most: int) -> list[Versions]:
        """Periods of so many days that end then, the longest first."""
        ending = self.ending.get(end, _NONE)
        starts = sorted(start for start in ending if least <= (end - start).days + 1 <= most)
        return [ending[start] for start in starts]

    def begun(self, start: date, first: date, last: date) -> list[Versions]:
        """Periods that begin on a day and end from ``first`` to ``last``, in the order in which they were told."""
        found = [v for end, v in self.starting.get(start, _NONE).items() if first <= end <= last]
        return sorted(found, key=lambda v: (v.first.known_at, v.latest.end)) if len(found) > 1 else found


def bridged(tolds: Iterable[Told]) -> Told | None:
    """One concept's periods with those of others that agree with it wherever both are told, and do so at least
    once: two tags of one thing, which may then be subtracted. None where there are no two such."""
    merged: dict[Span, Versions] = {}
    joined = 0
    for told in tolds:
        common = [span for span in told if span in merged]
        agree = all(
            isclose(told[s].latest.value, merged[s].latest.value, rel_tol=1e-6, abs_tol=0.5) for s in common
        )
        if merged and not (common and agree):
            continue
        merged |= {span: versions for span, versions in told.items() if span not in merged}
        joined += 1
    return merged if joined > 1 else None


def told_cell(versions: Versions) -> Cell:
    first = versions.first if versions.restated else None
    return Cell(versions.latest.value, "told", lambda: _as_told(versions), (versions.latest,), first)


def _as_told(versions: Versions) -> str:
    fact = versions.latest
    formula = f"{fact.concept}, {fact.start} to {fact.end}" if fact.start != fact.end else f"{fact.concept}"
    formula += f", as told in {fact.filing}"
    if fact.rebased:
        formula += f": {fact.told:.12g}, in the shares of the clock (splits since the filing)"
    if versions.restated:
        formula += f"; restated: first told as {versions.first.value:.12g} in {versions.first.filing}"
    return formula


def quarter(pool: Pool, end: date, nature: Nature) -> Cell | None:
    told = pool.told(end, *QUARTER)
    if told is not None:
        return told_cell(told)
    if nature == "per_share":
        return None
    first, last = (end - timedelta(days=days) for days in reversed(QUARTER))
    for whole in reversed(pool.longer(end, QUARTER[1] + 1, YEAR[1])):
        for part in pool.begun(whole.latest.start, first, last):
            return _combined((1, whole), (-1, part), nature=nature, size=(end - part.latest.end).days)
    return None


def year(pool: Pool, end: date) -> Cell | None:
    told = pool.told(end, *YEAR)
    return None if told is None else told_cell(told)


def trailing(pool: Pool, end: date, nature: Nature) -> Cell | None:
    if (whole := year(pool, end)) is not None:
        return whole
    if nature == "per_share":
        return None
    return _rolled(pool, end, nature) or _four_quarters(pool, end, nature)


def _rolled(pool: Pool, end: date, nature: Nature) -> Cell | None:
    """FY + YTD - prior YTD."""
    for ytd in pool.longer(end, QUARTER[0], YEAR[0] - 1):
        last_year = pool.told(before(ytd.latest.start), *YEAR)
        if last_year is None:
            continue
        start = last_year.latest.start
        for prior in pool.begun(start, *alike(start, ytd.latest.span)):
            size = last_year.latest.days + ytd.latest.days - prior.latest.days
            return _combined((1, last_year), (1, ytd), (-1, prior), nature=nature, size=size)
    return None


def _four_quarters(pool: Pool, end: date, nature: Nature) -> Cell | None:
    cells: list[Cell] = []
    last, total, size = end, 0.0, 0
    for _ in range(4):
        cell = quarter(pool, last, nature)
        if cell is None or cell.value is None:
            return None
        start = cell.facts[0].start if cell.how == "told" else after(cell.facts[1].end)
        total += cell.value * (days(start, last) if nature == "average" else 1)
        size += days(start, last)
        cells.append(cell)
        last = before(start)
    if not YEAR[0] <= size <= YEAR[1]:
        return None
    value = total / size if nature == "average" else total
    facts = tuple(f for cell in cells for f in cell.facts)
    return Cell(value, "derived", lambda: _as_quarters(cells, nature), facts)


def _as_quarters(cells: list[Cell], nature: Nature) -> str:
    how = "mean of four quarters, weighted by days" if nature == "average" else "sum of four quarters"
    inputs = " + ".join(f"{cell.value:.12g}" for cell in cells)
    return f"{how}: {inputs}. {'; '.join(cell.formula for cell in cells)}"


def _combined(*terms: tuple[int, Versions], nature: Nature, size: int) -> Cell:
    facts, whole = _on_one_basis([versions for _, versions in terms])
    signs, total = [sign for sign, _ in terms], 0.0
    for sign, fact in zip(signs, facts, strict=True):
        total += sign * fact.value * fact.days if nature == "average" else sign * fact.value
    value = total / size if nature == "average" else total
    first = next((v.first for _, v in terms if v.restated), None) if whole else None
    return Cell(value, "derived", lambda: _as_combined(signs, facts, nature, size, whole), facts, first)


def _as_combined(signs: list[int], facts: tuple[Fact, ...], nature: Nature, size: int, whole: bool) -> str:
    """``whole``: whether the figures are those in force, and not of before a restatement."""
    shown = " ".join(
        f"{'-' if sign < 0 else '+'} {_length(fact)} {fact.value:.12g}"
        + (f" x {fact.days} days" if nature == "average" else "")
        for sign, fact in zip(signs, facts, strict=True)
    ).removeprefix("+ ")
    formula = f"({shown}) / {size} days" if nature == "average" else shown
    formula += ". " + "; ".join(f"{_length(f)}: {f.concept}, {f.start} to {f.end}, {f.filing}" for f in facts)
    if not whole:
        formula += (
            ". Not all of these periods were restated: the figures are those of before, which belong together"
        )
    return formula


def _on_one_basis(pieces: list[Versions]) -> tuple[tuple[Fact, ...], bool]:
    """The latest versions where all were restated or none; else those in force when all were first known, since a
    restated year less nine months that were not restated is no quarter. And whether they are the latest."""
    latest = tuple([versions.latest for versions in pieces])
    if len({versions.restated for versions in pieces}) == 1:
        return latest, True
    known = max(versions.first.known_at for versions in pieces)
    found = tuple(versions.at(known) for versions in pieces)
    return found, found == latest


def _length(fact: Fact) -> str:
    if is_year(fact.start, fact.end):
        return "FY"
    return f"{round(fact.days / 30.44)}M"

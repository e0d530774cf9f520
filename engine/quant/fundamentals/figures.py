"""Lines of statements for any period, with what each was made of: the one place that ratios and pages ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, TypeAlias

from engine.quant.fundamentals import derive
from engine.quant.fundamentals.derive import Cell, Pool, blank, bridged, told_cell
from engine.quant.fundamentals.lines import LINES, OUTSTANDING, Line
from engine.quant.fundamentals.periods import Fiscal, Period
from engine.quant.fundamentals.told import Books, Fact
from engine.quant.fundamentals.wording import Text, spelled

Kind: TypeAlias = Literal["quarter", "year", "trailing"]
_ANCHORS = ("net_income", "revenue", "cash_from_operations", "pretax_income")
_SMALL = 0.01
_OLD_COUNT = 200  # days: every quarter tells the number of shares
_EPS = {"eps_basic": "shares_basic", "eps_diluted": "shares_diluted"}


@dataclass(slots=True)
class Figures:
    """Figures of one company's books. Cells are worked out once and kept; ``pools`` of concepts are made where the
    books come without."""

    books: Books
    pools: dict[str, Pool] = field(default_factory=dict)
    _bridges: dict[str, Pool] = field(default_factory=dict)
    _cells: dict[tuple[str, str, date], Cell] = field(default_factory=dict)
    _told: dict[tuple[str, date], bool] = field(default_factory=dict)
    _days: dict[str, tuple[date, ...]] = field(default_factory=dict)
    _named: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _before: dict[tuple[str, date], date | None] = field(default_factory=dict)

    def cell(self, name: str, kind: Kind, end: date) -> Cell:
        """A line's figure for the quarter, year or twelve months that end then; of a balance, on that day."""
        line = LINES[name]
        key = (name, "day" if line.nature == "stock" else kind, end)
        if key not in self._cells:
            self._cells[key] = self._made(line, kind, end)
        return self._cells[key]

    def value(self, name: str, kind: Kind, end: date) -> float | None:
        return self.cell(name, kind, end).value

    def _made(self, line: Line, kind: Kind, end: date) -> Cell:
        found = self._of_concepts(line, kind, end)
        if found is None and line.name in _EPS:
            found = self._per_share(line, kind, end)
        if found is None and line.otherwise:
            found = self._summed(line, kind, end)
        return found or blank(lambda: f"no filing known by the clock tells {line.label} for this period")

    def _of_concepts(self, line: Line, kind: Kind, end: date) -> Cell | None:
        concepts = self._concepts(line)
        read = _READERS["day" if line.nature == "stock" else kind]
        for concept in concepts:
            if (cell := read(self._pool(concept), end, line)) is not None:
                return cell
        if line.nature != "stock" and len(concepts) > 1:
            pool = self._bridge(line, concepts)
            return None if pool is None else read(pool, end, line)
        return None

    def _concepts(self, line: Line) -> tuple[str, ...]:
        if line.name not in self._named:
            self._named[line.name] = self.books.concepts(line)
        return self._named[line.name]

    def _pool(self, concept: str) -> Pool:
        if concept not in self.pools:
            told = self.books.of(concept)  # books that unfold bring the pool along
            if concept not in self.pools:
                self.pools[concept] = Pool.of(told)
        return self.pools[concept]

    def _bridge(self, line: Line, concepts: tuple[str, ...]) -> Pool | None:
        if line.name not in self._bridges:
            self._bridges[line.name] = Pool.of(bridged(self.books.of(c) for c in concepts) or {})
        return self._bridges[line.name]

    def _per_share(self, line: Line, kind: Kind, end: date) -> Cell | None:
        """Net income to common over the period's weighted shares."""
        income = self.cell("net_income_common", kind, end)
        shares = self.cell(_EPS[line.name], kind, end)
        if income.value is None or not shares.value:
            return None

        def formula() -> str:
            return (
                f"net income to common / weighted average shares (ASC 260-10-45-10): {income.value:.12g} / "
                f"{shares.value:.12g}. Net income: {income.formula}. Shares: {shares.formula}"
            )

        return Cell(income.value / shares.value, "derived", formula, (*income.facts, *shares.facts))

    def _summed(self, line: Line, kind: Kind, end: date) -> Cell | None:
        """The line as a sum of others."""
        parts: list[tuple[int, Line, Cell]] = []
        missing: list[Text] = []
        for sign, name in line.otherwise:
            part = LINES[name.removesuffix("?")]
            cell = self.cell(part.name, kind, end)
            if cell.value is not None:
                parts.append((sign, part, cell))
            elif not name.endswith("?"):
                missing.append(cell.says)
            elif gone := self._dropped(part, kind, end):
                missing.append(gone)
        if missing or not parts:
            return blank(lambda: "; ".join(spelled(each) for each in missing)) if missing else None
        value = sum(sign * (cell.value or 0.0) for sign, _, cell in parts)
        if len(parts) == 1 and parts[0][0] == 1:
            own, only = parts[0][1:]
            return Cell(value, only.how, lambda: f"{own.label}: {only.formula}", only.facts, only.first)
        facts = tuple(fact for _, _, cell in parts for fact in cell.facts)
        return Cell(value, "derived", lambda: _as_sum(parts), facts)

    def _dropped(self, part: Line, kind: Kind, end: date) -> str:
        """Why a part that may be missing may not be left out here: the last balance sheet of the year before to
        tell it had some, which is more likely told under another concept now than gone. Less than a hundredth of
        the assets may go."""
        earlier = (day for day in self.balance_days() if timedelta(0) < end - day <= timedelta(400))
        told = ((day, self.value(part.name, kind, day)) for day in earlier)
        day, before = next(((day, value) for day, value in told if value is not None), (end, 0.0))
        if not before or abs(before) < _SMALL * abs(self.value("assets", kind, day) or 0.0):
            return ""
        return f"{part.label}: {before:.12g} at {day}, and not told since under a concept known here"

    # columns -----------------------------------------------------------------------------------------------

    @property
    def fiscal(self) -> Fiscal:
        return Fiscal.of(self.ends("year"), self.books.fiscal)

    def ends(self, kind: Kind) -> tuple[date, ...]:
        """Last days of the periods for which there is an income or a cash flow statement, newest first."""
        return tuple(day for day in self._anchored() if self._stated(kind, day))

    def newest(self, kind: Kind) -> date | None:
        """The first of ``ends``."""
        return next((day for day in self._anchored() if self._stated(kind, day)), None)

    def ends_between(self, kind: Kind, first: date, last: date) -> tuple[date, ...]:
        """Those of ``ends`` from ``first`` to ``last``, both included."""
        return tuple(day for day in self._anchored() if first <= day <= last and self._stated(kind, day))

    def balance_days(self) -> tuple[date, ...]:
        """Days with a balance sheet, newest first."""
        return self._last_days("assets", "liabilities_and_equity")

    def year_before(self, kind: Kind, end: date, *, balance: bool) -> date | None:
        """The last day of the same period a year before, 52 or 53 weeks or a calendar year."""
        key = ("" if balance else kind, end)
        if key not in self._before:
            first, last = end - timedelta(days=376), end - timedelta(days=355)
            if balance:
                near = tuple(day for day in self.balance_days() if first <= day <= last)
            else:
                near = self.ends_between(kind, first, last)
            self._before[key] = min(near, key=lambda day: abs((end - day).days - 365)) if near else None
        return self._before[key]

    def _anchored(self) -> tuple[date, ...]:
        """Days that end a period, of any length, of what every income or cash flow statement tells."""
        return self._last_days(*_ANCHORS)

    def _last_days(self, *lines: str) -> tuple[date, ...]:
        if lines[0] not in self._days:
            concepts = [concept for name in lines for concept in self._concepts(LINES[name])]
            days = {end for concept in concepts for end, own in self._pool(concept).ending.items() if own}
            self._days[lines[0]] = tuple(sorted(days, reverse=True))
        return self._days[lines[0]]

    def _stated(self, kind: Kind, day: date) -> bool:
        if (kind, day) not in self._told:
            read = (self._of_concepts(LINES[name], kind, day) for name in _ANCHORS)
            self._told[kind, day] = any(cell is not None for cell in read)
        return self._told[kind, day]

    def periods(self, kind: Kind, count: int, *, balance: bool = False) -> tuple[Period, ...]:
        """The newest ``count`` columns, newest first, with names that no two share."""
        ends = self.ends(kind)
        if balance:
            years = set(self.ends("year"))
            ends = tuple(day for day in self.balance_days() if kind != "year" or day in years)
        fiscal = self.fiscal
        named = [fiscal.year(e, kind) if kind == "year" else fiscal.quarter(e, kind) for e in ends[:count]]
        names = [period.name for period in named]
        return tuple(
            period if names.count(period.name) == 1 else Period(f"{period.name}-{period.end:%m%d}", period.end, kind)
            for period in named
        )  # fmt: skip

    def outstanding(self) -> Cell:
        """Shares outstanding by the newest count told, in the shares of the clock."""
        newest: Fact | None = None
        for concept in OUTSTANDING:
            told = self.books.of(concept)
            last = max((end for _, end in told), default=None)
            for span, versions in told.items():
                fact = versions.latest if span[1] == last else None
                if fact and (newest is None or (fact.end, fact.known_at) > (newest.end, newest.known_at)):
                    newest = fact
        if newest is None:
            return blank(
                "no filing known by the clock tells the number of shares outstanding without classes"
            )
        day = next(iter(self.balance_days()), newest.end)
        if (
            age := (day - newest.end).days
        ) > _OLD_COUNT:  # told by class since, which EDGAR's facts leave out
            told_last = newest.end
            return blank(
                lambda: (
                    f"the newest number of shares told without classes is of {told_last}, {age:,} days before "
                    f"the balance sheet of {day}"
                )
            )
        versions = self.books.of(newest.concept)[newest.span]
        cell, count_of = told_cell(versions), newest.end
        return Cell(cell.value, "told", lambda: f"{cell.formula}, as of {count_of}", cell.facts, cell.first)


def _as_sum(parts: list[tuple[int, Line, Cell]]) -> str:
    names = " ".join(f"{'-' if s < 0 else '+'} {p.label}" for s, p, _ in parts).removeprefix("+ ")
    inputs = " ".join(f"{'-' if s < 0 else '+'} {c.value:.12g}" for s, _, c in parts).removeprefix("+ ")
    told = "; ".join(f"{p.label}: {c.formula}" for _, p, c in parts)
    return f"{names} = {inputs}. {told}"


_READERS: dict[str, Callable[[Pool, date, Line], Cell | None]] = {
    "quarter": lambda pool, end, line: derive.quarter(pool, end, line.nature),
    "year": lambda pool, end, _: derive.year(pool, end),
    "trailing": lambda pool, end, line: derive.trailing(pool, end, line.nature),
    "day": lambda pool, end, _: _day(pool, end),
}


def _day(pool: Pool, end: date) -> Cell | None:
    told = pool.told(end, 1, 1)
    return None if told is None else told_cell(told)

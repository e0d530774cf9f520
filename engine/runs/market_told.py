"""What gathering has to say: notes for the page, facts for the list of inputs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from engine.errors import Cancelled
from engine.runs.wanted import Fact

if TYPE_CHECKING:
    from engine.runs.market_days import Days
    from store.reads import Read

Progress: TypeAlias = Callable[[int, int, str], None]
_LEFT = 1e-6  # of a seed after so many sessions as rules.settling tells
_MATTERS = 1e-4  # of a seed, that is worth a word


def no_progress(done: int, total: int, words: str) -> None:
    """For callers that show none."""


@dataclass(slots=True)
class Telling:
    """Collected while a run's inputs are read; ``stop`` says whether the user asked to. ``since``: how many reads the
    record had before."""

    progress: Progress = no_progress
    stop: Callable[[], bool] = lambda: False
    since: int = 0
    notes: list[tuple[str, str]] = field(default_factory=list)
    facts: list[tuple[str, Fact]] = field(default_factory=list)

    def note(self, text: str, level: str = "info") -> None:
        if (text, level) not in self.notes:
            self.notes.append((text, level))

    def fact(self, name: str, value: Fact) -> None:
        self.facts.append((name, value))

    def step(self, done: int, total: int, words: str) -> None:
        """Says how far it is. Raises Cancelled where the user asked to stop."""
        if self.stop():
            raise Cancelled("Cancelled.")
        self.progress(done, total, words)

    def table(self, name: str, reads: Sequence[Read], estimated: int) -> None:
        """What was read of a table: rows, the newest known_at, how many dates are estimated, and from where."""
        own = [read for read in reads[self.since :] if read.table == name and read.rows]
        rows: dict[tuple[int, ...], int] = {}
        for read in own:  # what was read again for its versions counts once
            rows[read.ids] = max(read.rows, rows.get(read.ids, 0))
        newest: datetime | None = max((r.newest_known_at for r in own if r.newest_known_at), default=None)
        sources = sorted({source for read in own for source in read.sources})
        self.fact(f"{name}: rows", sum(rows.values()))
        if newest is not None:
            self.fact(f"{name}: newest known", f"{newest:%Y-%m-%d %H:%M} UTC")
            self.fact(f"{name}: estimated dates", estimated)
            self.fact(f"{name}: sources", ", ".join(sources))


def some(words: Collection[str], most: int = 5) -> str:
    """A few of many names."""
    ordered = list(words)
    return ", ".join(ordered[:most]) + (f" and {len(ordered) - most:,} more" if len(ordered) > most else "")


def tell_warmth(needed: int, settled: int, begin: int, dates: Days, telling: Telling) -> None:
    """What looks back further than there are sessions before the run, ``begin`` of them; else ``tell_seed``."""
    if begin < needed:
        since = "not at all" if needed >= len(dates) else f"from {dates[needed]} on"
        telling.note(
            f"Prices begin on {dates[0]}, {begin:,} sessions before the run: what looks back {needed:,} sessions is "
            f"known {since}.",
            "warning",
        )
    else:
        tell_seed(needed, settled, begin, dates, telling)


def tell_seed(needed: int, settled: int, begin: int, dates: Days, telling: Telling) -> None:
    """What still weighs on the run's first session of the values that averages were seeded with."""
    if needed <= begin < settled and (left := _LEFT ** ((begin - needed) / (settled - needed))) >= _MATTERS:
        telling.note(
            "Indicators that remember their start (as EMA, RSI and ATR do) begin with the first prices read, of "
            f"{dates[0]}: on the run's first session it still weighs up to {100 * left:.2g}%, and nothing from "
            f"{_later(dates, settled)} on."
        )


def _later(dates: Days, row: int) -> str:
    return str(dates[row]) if row < len(dates) else "a day after the last"

"""Points of a sweep that engines of their own run, one at a time: options, futures, currency pairs, coins.

Each is asked for as BACKTEST asks for it and carried out by the same functions, which read the store themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from engine.errors import CommandError, DataError
from engine.runs.sweep_order import Order, Subject, other_sessions

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.backtest.result import Result
    from engine.backtest.sweep import Evaluated
    from engine.context import Context
    from engine.desk import Desk
    from engine.runs.asked import Asked
    from engine.runs.carry import Run
    from engine.runs.sweep_work import Part
    from engine.securities import Directory
    from store.reader import AsOfReader
    from store.reads import Read


@dataclass(frozen=True, slots=True)
class Point:
    """A run, or why there is none."""

    run: Run | None
    why: str = ""


@dataclass(slots=True)
class Apart:
    """Runs points of an order; what they read is on the record of ``reads``, each read once."""

    order: Order
    reader: AsOfReader
    cancelled: Callable[[], bool] = lambda: False
    _directory: Directory | None = None
    _named: tuple[Read, ...] = ()
    _reads: dict[tuple[object, ...], Read] = field(default_factory=dict)

    def point(self, subject: Subject, text: str) -> Point:
        """One point's run.

        Raises
        ------
        Cancelled
        """
        from engine.backtest.rules import RuleError

        context = self._context(replace(self.reader, _reads=[]))
        try:
            return Point(self._run(context, subject, text))
        except (RuleError, CommandError, DataError, ValueError) as fault:
            return Point(None, str(fault))
        finally:
            for read in (*self._named, *context.reader.reads):
                self._reads.setdefault(key_of(read), read)

    def reads(self) -> Iterator[Read]:
        """Reads since this was asked before, those of the names among them: of each batch the same."""
        found, self._reads = self._reads, {}
        yield from found.values()

    def _run(self, context: Context, subject: Subject, text: str) -> Run:
        from engine.runs import others

        asked = self._asked(context, subject, text)
        start, end = self.order.bounds(subject)
        last = end or context.today
        if self.order.kind == "options":
            run = others.of_options(context, asked, start, last)
        else:
            run = others.of_derived(context, asked, self.order.kind, start, last)
        if context.notes:
            notes = (*run.notes, *((note.text, note.level) for note in context.notes))
            run = replace(run, notes=tuple(dict.fromkeys(notes)))
        return run

    def _asked(self, context: Context, subject: Subject, text: str) -> Asked:
        from engine.backtest import options, rules
        from engine.period import Period, parse_period
        from engine.runs.asked import Asked

        order = self.order
        of_options = order.kind == "options"
        written = options.write(options.parse(text)) if of_options else rules.write(order.reader(text))
        refs = tuple(each.ref for each in map(context.directory.by_id, subject.ids) if each is not None)
        period = parse_period(order.period) or Period("MAX")
        return Asked(refs, order.kind, written, order.spec(written), period, terms_of=order.more)

    def _context(self, reader: AsOfReader) -> Context:
        """A desk's view of the clock, without a desk."""
        from engine.context import Context
        from engine.securities import Directory

        if self._directory is None:
            own = replace(self.reader, _reads=[])
            self._directory = Directory(own.securities().iter_rows(named=True), own.session_date)
            self._named = own.reads
        nobody = cast("Desk", None)
        return Context(
            reader, self._directory, ZoneInfo("America/New_York"), False, {}, "", nobody, cancelled=self.cancelled
        )  # fmt: skip


def key_of(read: Read) -> tuple[object, ...]:
    """What tells reads of one clock and snapshot apart."""
    return read.table, read.ids, read.start, read.end, read.columns, read.rows


def collected(
    results: Iterable[Result | str], points: int, rows: int, told: Callable[[int, int], None] | None = None
) -> Evaluated:
    """Runs over the same sessions as points of one subject; a sentence stands for one that failed."""
    import numpy as np

    from engine.backtest.sweep import Evaluated, summed

    equity = np.full((rows, points), np.nan)
    wins, exposure, costs = (np.full(points, np.nan) for _ in range(3))
    trades, failed = np.zeros(points, dtype=np.int64), []
    for place, result in enumerate(results):
        if isinstance(result, str):
            failed.append((place, result))
        else:
            found = summed(result)
            equity[:, place] = found.equity[:, 0]
            trades[place], wins[place] = found.trades[0], found.wins[0]
            exposure[place], costs[place] = found.exposure[0], found.costs[0]
        if told is not None:
            told(place + 1, points)
    return Evaluated(equity, trades, wins, exposure, costs, tuple(failed))


def part_of(points: Sequence[Point], reads: tuple[Mapping[str, Any], ...]) -> Part:
    """Points that were run, over the sessions of the first of them; others cannot stand beside it."""
    import numpy as np

    from engine.runs.sweep_work import Part

    first = next((each.run for each in points if each.run is not None), None)
    dates = np.zeros(0, dtype="datetime64[D]") if first is None else first.outcome.result.dates
    found = collected((_result(each, dates) for each in points), len(points), len(dates))
    notes = () if first is None else first.notes
    told = {} if first is None else dict(first.facts)
    return Part(
        dates, found.equity, found.trades, found.wins, found.exposure, found.costs, found.failed, "", notes, reads,
        float(told.get("bars a year", 0.0)),
    )  # fmt: skip


def _result(point: Point, dates: NDArray[np.datetime64]) -> Result | str:
    if point.run is None:
        return point.why
    result = point.run.outcome.result
    if result.dates.shape == dates.shape and bool((result.dates == dates).all()):
        return result
    return other_sessions(dates)

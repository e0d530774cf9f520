"""One batch of a sweep worked off: read the store as of the clock, run the points, answer bytes.

The bytes hang on the order and the batch alone, whoever works it off, wherever and when.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from engine.errors import CommandError, DataError
from engine.runs.sweep_order import Batch, Order, Subject, order_of

if TYPE_CHECKING:
    import numpy as np

    from engine.backtest.inputs import Inputs
    from engine.backtest.result import Result
    from engine.backtest.sweep import Evaluated
    from engine.runs.sweep_apart import Apart
    from engine.runs.sweep_place import Place
    from engine.runs.wanted import Gathered
    from store.reader import AsOfReader
    from store.reads import Read

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Part:
    """What a batch came to: see ``sweep.Evaluated``. ``fault``: why nothing of its subject could be run.

    ``reads``: the record of what was read, ``notes`` what the page must say of it; of a subject's first batch alone,
    but of runs that read the store themselves every batch tells its reads. ``periods``: bars a year, where the runs
    tell; else 0. Dates are of days, or of minutes where bars are shorter.
    """

    dates: np.ndarray
    equity: np.ndarray
    trades: np.ndarray
    wins: np.ndarray
    exposure: np.ndarray
    costs: np.ndarray
    failed: tuple[tuple[int, str], ...] = ()
    fault: str = ""
    notes: tuple[tuple[str, str], ...] = ()
    reads: tuple[Mapping[str, Any], ...] = ()
    periods: float = 0.0


@dataclass(slots=True)
class Worker:
    """Works batches off with one reader; the inputs of the subject at hand are kept."""

    order: Order
    reader: AsOfReader
    cancelled: Callable[[], bool] = lambda: False
    _held: dict[int, tuple[Gathered | None, str, int, int]] = field(default_factory=dict)
    _apart: Apart | None = None
    _entered: set[tuple[object, ...]] = field(default_factory=set)  # reads on the reader's record

    def batch(self, number: int, told: Told | None = None) -> Part:
        """A batch of the order, worked off."""
        batch, grid = self.order.batches[number], self.order.grid
        texts = [self.order.strategy(grid.text(point)) for point in batch.points]
        if self.order.apart:
            return self._one_by_one(batch, texts, told)
        gathered, fault, first, last = self._gathered(batch.subject)
        if gathered is None:
            return _nothing(len(batch.points), fault)
        inputs = gathered.inputs
        found = self._evaluated(inputs, texts, told)
        dates = inputs.market.dates[inputs.begin :]
        part = Part(dates, found.equity, found.trades, found.wins, found.exposure, found.costs, found.failed)
        if batch.points[0]:
            return part
        reads = tuple(_plain(read) for read in self.reader.reads[first:last])
        return replace(part, notes=gathered.notes, reads=reads)

    def _evaluated(self, inputs: Inputs, texts: list[str], told: Told | None) -> Evaluated:
        from engine.backtest.sweep import evaluate

        if self.order.kind == "rules":
            return evaluate(inputs, texts, self.order.spec(), told)
        from engine.backtest.run import run
        from engine.backtest.strategy import StrategyError
        from engine.runs.sweep_apart import collected

        def one(text: str) -> Result | str:
            try:
                return run(inputs, self.order.spec(text)).result
            except (StrategyError, CommandError, ValueError) as fault:
                return str(fault)

        return collected(map(one, texts), len(texts), len(inputs.market.dates) - inputs.begin, told)

    def _one_by_one(self, batch: Batch, texts: list[str], told: Told | None) -> Part:
        """Points that read the store themselves."""
        from engine.runs.sweep_apart import key_of, part_of

        apart, subject, points = self.apart, self.order.subjects[batch.subject], []
        for text in texts:
            points.append(apart.point(subject, text))
            if told is not None:
                told(len(points), len(texts))
        found = tuple(apart.reads())
        for read in found:
            if (key := key_of(read)) not in self._entered:
                self._entered.add(key)
                self.reader.enter(read)
        reads = tuple(_plain(read) for read in found)
        part = part_of(points, reads)
        return part if not batch.points[0] else replace(part, notes=())

    @property
    def apart(self) -> Apart:
        """Who runs points that read the store themselves."""
        from engine.runs.sweep_apart import Apart

        if self._apart is None:
            self._apart = Apart(self.order, self.reader, self.cancelled)
        return self._apart

    def gathered(self, subject: int) -> Gathered:
        """A subject's inputs.

        Raises
        ------
        DataError
            There are none.
        """
        found, fault, _, _ = self._gathered(subject)
        if found is None:
            raise DataError(fault)
        return found

    def _gathered(self, subject: int) -> tuple[Gathered | None, str, int, int]:
        if subject not in self._held:
            self._held.clear()
            self._held[subject] = self._read(self.order.subjects[subject])
        return self._held[subject]

    def _read(self, subject: Subject) -> tuple[Gathered | None, str, int, int]:
        from engine.runs.market import gather

        before = len(self.reader.reads)
        try:
            found = gather(self.reader, self.order.wanted(subject), cancelled=self.cancelled)
            inputs = self._whole(found.inputs)
        except DataError as fault:
            return None, str(fault), before, before
        if len(inputs.market.dates) - inputs.begin < 2:
            why = "Fewer than two sessions have prices in this range. DATA shows what the store holds."
            return None, why, before, before
        return replace(found, inputs=inputs), "", before, len(self.reader.reads)

    def _whole(self, inputs: Inputs) -> Inputs:
        """With the universe that decisions are kept to, and the user's scores."""
        order, panels = self.order, dict(inputs.panels)
        if order.within:
            panels[order.within] = inputs.members[order.within].astype(float)
        if order.scores:
            from engine.runs.code import folder_of
            from engine.runs.scores import kept_scores
            from engine.runs.scores import panels as scored

            kept = folder_of(self.reader.layout.home, order.owner) / ".kept"
            panels |= scored(kept_scores(kept, order.scores), inputs.decided)
        return replace(inputs, panels=panels)


_working = threading.local()


def work(document: str, place: Place, number: int) -> bytes:
    """A batch of the order that ``document`` says, over the store at ``place``: what other processes call."""
    from engine.runs.pool import one_thread

    one_thread()
    held = getattr(_working, "held", None)
    if held is None or held[0] != (document, place):
        order = order_of(document)
        held = _working.held = ((document, place), Worker(order, place.reader(order)))
    return packed(held[1].batch(number))


def packed(part: Part) -> bytes:
    """The part as bytes: the same for the same part."""
    import numpy as np

    minutes = np.datetime_data(part.dates.dtype)[0] == "m"
    dates = part.dates.astype(f"datetime64[{'m' if minutes else 'D'}]")
    body = [part.failed, part.fault, part.notes, part.reads, part.periods, minutes]
    told = json.dumps(body, sort_keys=True).encode()
    out = io.BytesIO()
    np.savez(
        out, dates=dates.astype(np.int64), equity=part.equity, trades=part.trades,
        wins=part.wins, exposure=part.exposure, costs=part.costs, told=np.frombuffer(told, dtype=np.uint8),
    )  # fmt: skip
    return out.getvalue()


def unpacked(content: bytes) -> Part:
    """The part that ``packed`` wrote; ValueError, OSError or KeyError where it is none."""
    import numpy as np

    with np.load(io.BytesIO(content), allow_pickle=False) as held:
        failed, fault, notes, reads, periods, minutes = json.loads(held["told"].tobytes())
        dates = held["dates"].astype(f"datetime64[{'m' if minutes else 'D'}]")
        return Part(
            dates, held["equity"], held["trades"], held["wins"], held["exposure"], held["costs"],
            tuple((int(place), why) for place, why in failed), fault,
            tuple((text, level) for text, level in notes), tuple(reads), periods,
        )  # fmt: skip


def _nothing(points: int, fault: str) -> Part:
    import numpy as np

    blank = np.full(points, np.nan)
    none = np.zeros(0, dtype="datetime64[D]")
    return Part(none, np.zeros((0, points)), np.zeros(points, dtype=np.int64), blank, blank, blank, (), fault)


def _plain(read: Read) -> dict[str, Any]:
    """A read as JSON holds it; how long it took is nobody's business later."""
    return {
        "table": read.table, "ids": list(read.ids), "start": _day(read.start), "end": _day(read.end),
        "columns": list(read.columns), "rows": read.rows, "asof": read.asof.isoformat(),
        "newest_known_at": _day(read.newest_known_at), "bases": list(read.bases), "sources": list(read.sources),
        "files": read.files, "hash": read.hash,
    }  # fmt: skip


def read_of(body: Mapping[str, Any]) -> Read:
    """The read that ``_plain`` wrote, to be put on record again."""
    from store.reads import Digest, Read

    newest, hashed = body["newest_known_at"], str(body["hash"])
    start, end = (date.fromisoformat(body[name]) if body[name] else None for name in ("start", "end"))
    return Read(
        body["table"], tuple(body["ids"]), start, end, tuple(body["columns"]), body["rows"],
        datetime.fromisoformat(body["asof"]), datetime.fromisoformat(newest) if newest else None,
        tuple(body["bases"]), tuple(body["sources"]), body["files"], 0.0, Digest(lambda: hashed),
    )  # fmt: skip


def _day(value: date | datetime | None) -> str:
    return "" if value is None else value.isoformat()

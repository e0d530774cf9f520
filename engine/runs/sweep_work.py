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

from engine.errors import DataError
from engine.runs.sweep_order import Order, Subject, order_of

if TYPE_CHECKING:
    import numpy as np

    from engine.backtest.inputs import Inputs
    from engine.runs.wanted import Gathered
    from store.reader import AsOfReader
    from store.reads import Read

Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Part:
    """What a batch came to: see ``sweep.Evaluated``. ``fault``: why nothing of its subject could be run.

    ``reads``: the record of what was read, ``notes`` what the page must say of it; of a subject's first batch alone.
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


@dataclass(slots=True)
class Worker:
    """Works batches off with one reader; the inputs of the subject at hand are kept."""

    order: Order
    reader: AsOfReader
    cancelled: Callable[[], bool] = lambda: False
    _held: dict[int, tuple[Gathered | None, str, int, int]] = field(default_factory=dict)

    def batch(self, number: int, told: Told | None = None) -> Part:
        """A batch of the order, worked off."""
        from engine.backtest.sweep import evaluate

        batch, grid = self.order.batches[number], self.order.grid
        gathered, fault, first, last = self._gathered(batch.subject)
        if gathered is None:
            return _nothing(len(batch.points), fault)
        inputs = self._inputs(gathered)
        texts = [self.order.strategy(grid.text(point)) for point in batch.points]
        found = evaluate(inputs, texts, self.order.spec(), told)
        dates = inputs.market.dates[inputs.begin :]
        part = Part(dates, found.equity, found.trades, found.wins, found.exposure, found.costs, found.failed)
        if batch.points[0]:
            return part
        reads = tuple(_plain(read) for read in self.reader.reads[first:last])
        return replace(part, notes=gathered.notes, reads=reads)

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
        except DataError as fault:
            return None, str(fault), before, before
        if len(found.inputs.market.dates) - found.inputs.begin < 2:
            why = "Fewer than two sessions have prices in this range. DATA shows what the store holds."
            return None, why, before, before
        return found, "", before, len(self.reader.reads)

    def _inputs(self, gathered: Gathered) -> Inputs:
        inputs, within = gathered.inputs, self.order.within
        if not within:
            return inputs
        return replace(inputs, panels={**inputs.panels, within: inputs.members[within].astype(float)})


_working = threading.local()


def work(document: str, home: str, number: int) -> bytes:
    """A batch of the order that ``document`` says, over the store at ``home``: what other processes call."""
    from engine.runs.pool import one_thread

    one_thread()
    held = getattr(_working, "held", None)
    if held is None or held[0] != (document, home):
        from store import open_store

        order = order_of(document)
        asof, recorded = order.instants()
        reader = open_store(home, create=False).reader(asof, snapshot=order.snapshot, recorded=recorded)
        held = _working.held = ((document, home), Worker(order, reader))
    return packed(held[1].batch(number))


def packed(part: Part) -> bytes:
    """The part as bytes: the same for the same part."""
    import numpy as np

    told = json.dumps([part.failed, part.fault, part.notes, part.reads], sort_keys=True).encode()
    out = io.BytesIO()
    np.savez(
        out, dates=part.dates.astype("datetime64[D]").astype(np.int64), equity=part.equity, trades=part.trades,
        wins=part.wins, exposure=part.exposure, costs=part.costs, told=np.frombuffer(told, dtype=np.uint8),
    )  # fmt: skip
    return out.getvalue()


def unpacked(content: bytes) -> Part:
    """The part that ``packed`` wrote; ValueError, OSError or KeyError where it is none."""
    import numpy as np

    with np.load(io.BytesIO(content), allow_pickle=False) as held:
        failed, fault, notes, reads = json.loads(held["told"].tobytes())
        return Part(
            held["dates"].astype("datetime64[D]"), held["equity"], held["trades"], held["wins"], held["exposure"],
            held["costs"], tuple((int(place), why) for place, why in failed), fault,
            tuple((text, level) for text, level in notes), tuple(reads),
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

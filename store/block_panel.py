"""Closes as of T of many securities, out of blocks: the rows that ``AsOfReader.narrow`` answers, as matrices.

Where every file of the read has its block and none holds commits later than the snapshot, the cells that hold
are copied; those not yet known at T are blanked; versions that held then take the place of those that replaced
them; and rows of fragments, whose commits are later than all of a block, win where they became known no earlier.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from store import block as blocks
from store import lineage
from store.adjust import STALE_DAYS
from store.answers import Disk, read_again
from store.block import NEVER, Block
from store.choose import fragments_of, sorted_by_security
from store.clock import from_micros, to_days, to_micros
from store.files import LiveFile
from store.paths import Layout
from store.reads import Read
from store.scan import Request, check_files, collect_fragments, predicates
from store.schema import table

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from store.reader import AsOfReader

_COLUMN = "close"


@dataclass(frozen=True, slots=True)
class Closes:
    """Matrices (securities, sessions): ``close``, NaN where none, and ``known``, ``NEVER`` where there is no row.
    Where every row has a close ``known`` may be None."""

    ids: np.ndarray
    days: np.ndarray
    close: np.ndarray
    known: np.ndarray | None

    def matrix(self, ids: np.ndarray, days: np.ndarray) -> np.ndarray:
        """float64 (days, ids) of those asked for, in their order; NaN where there is none."""
        import numpy as np

        wanted = days.astype(np.int64)
        if np.array_equal(ids, self.ids) and np.array_equal(wanted, self.days):
            return self.close.T
        by_id = np.full((len(ids), len(wanted)), np.nan)
        if len(self.days):
            place, there = _places(self.days, wanted)
            by_id[:, there] = self.close[np.ix_(np.searchsorted(self.ids, ids), place[there])]
        return by_id.T

    def priced(self, paid: pl.DataFrame) -> pl.DataFrame:
        """Dividends with the ``close`` and the session, ``before``, of the last bar before their ex-date, where one
        is no older than what prices a dividend (see ``store.adjust``)."""
        import numpy as np
        import polars as pl

        across = np.searchsorted(self.ids, paid["security_id"].to_numpy())
        ex_days = paid["ex_date"].cast(pl.Int32).to_numpy().astype(np.int64)
        place = np.searchsorted(self.days, ex_days, side="left") - 1
        while True:
            inside = np.maximum(place, 0)
            fresh = (place >= 0) & (ex_days - self.days[inside] <= STALE_DAYS)
            if self.known is None:
                blank = fresh & np.isnan(self.close[across, inside])
            else:
                blank = fresh & (self.known[across, inside] == NEVER)
            if not blank.any():
                break
            place[blank] -= 1
        found = paid.select("security_id", "ex_date", "amount").with_columns(
            before=pl.Series(self.days[inside]).cast(pl.Int32).cast(pl.Date),
            close=pl.Series(self.close[across, inside]),
        )
        return found.filter(pl.Series(fresh) & found["close"].is_not_nan())


def closes(reader: AsOfReader, ids: tuple[int, ...], start: date, end: date | None) -> Closes | None:
    """Closes of sorted ``ids`` as of T, recorded as one read; None where the blocks cannot answer."""
    started = time.perf_counter()
    request = Request(table("bars"), ids, start, end, reader.asof, reader.snapshot)
    disk = Disk(reader.catalog, reader.layout)
    files = disk.live(request)
    compacted, fragments = sorted_by_security(files, ids), fragments_of(files, ids)
    newest = max((file.max_seq for file in compacted), default=0)
    if not compacted or newest > reader.snapshot or any(file.added_seq <= newest for file in fragments):
        return None
    held = [blocks.load(disk.layout, file.sha256) for file in compacted]
    late = _fragment_rows(disk.layout, request, fragments) if fragments else None
    settled = reader.asof >= from_micros(max(file.max_known for file in compacted))
    work = _Work.over(request, [block for block in held if block is not None], late, settled=settled)
    if len(work.parts) < len(compacted) or not work.fill(disk.layout):
        return None
    if work.known is not None:
        work.as_of(work.known, settled=settled, fragments=late is not None)
    if late is not None and work.known is not None:
        work.lay_over(work.known, late, lineage.commit_sources(disk.catalog, late["seq"].unique().to_list()))
    if not len(work.days):
        return None
    reader.enter(work.read(disk, len(compacted) + len(fragments), started))
    return Closes(work.ids, work.days, work.close, work.known)


def _fragment_rows(layout: Layout, request: Request, fragments: Sequence[LiveFile]) -> pl.DataFrame:
    """Of each key the newest version that fragments have of it by T, withdrawn or not."""
    check_files(layout, fragments)
    columns = ["security_id", "session_date", "known_at", "known_basis", "seq", "deleted", _COLUMN]
    frame = collect_fragments(layout, fragments, predicates(request, fragments), columns)
    frame = frame.sort("security_id", "session_date", "known_at", "seq")
    return frame.unique(["security_id", "session_date"], keep="last", maintain_order=True)


@dataclass(frozen=True, slots=True)
class _Part:
    """What is wanted of a block: its securities ``rows`` and sessions ``span``, and where they go."""

    block: Block
    rows: np.ndarray
    span: slice
    across: np.ndarray
    down: np.ndarray

    def copy(self, layer: int, into: np.ndarray) -> None:
        body, span, down = self.block.body, self.span, self.down
        # Sessions without gaps are copied as they lie. (``np.take`` would copy all securities of the block first.)
        even = down[-1] - down[0] + 1 == len(down)
        target = slice(int(down[0]), int(down[-1]) + 1) if even else down
        for row, across in zip(self.rows.tolist(), self.across.tolist(), strict=True):
            into[across, target] = body[row, layer, span]

    def newest(self) -> int:
        """When the last of its rows became known."""
        known = self.block.body[:, 1, self.span]
        return max((int(known[row].max()) for row in self.rows.tolist() if len(self.down)), default=NEVER)

    def others(self, instant: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows beside the matrix that hold at an instant, and where they go."""
        import numpy as np

        rows = self.block.others
        rows = rows[(rows[:, 2] <= instant) & (instant < rows[:, 3])]
        across = np.full(len(self.block.ids), -1)
        across[self.rows] = self.across
        down = np.full(len(self.block.days), -1)
        down[self.span] = self.down
        wanted = (across[rows[:, 0]] >= 0) & (down[rows[:, 1]] >= 0)
        rows = rows[wanted]
        return rows, across[rows[:, 0]], down[rows[:, 1]]


@dataclass(frozen=True, slots=True)
class _Work:
    """The matrices while they are put together; ``origin`` numbers the basis and source of each row. ``known`` is
    None where T is after all that is known, of one origin and with a close: then no cell depends on it."""

    request: Request
    ids: np.ndarray
    days: np.ndarray
    parts: list[_Part]
    origins: dict[tuple[str, str], int]
    bits: np.ndarray
    known: np.ndarray | None
    origin: np.ndarray
    withdrawn: list[tuple[np.ndarray, np.ndarray, np.ndarray]]

    @classmethod
    def over(
        cls, request: Request, held: Sequence[Block], late: pl.DataFrame | None, *, settled: bool
    ) -> _Work:
        import numpy as np
        import polars as pl

        ids = np.asarray(request.ids, dtype=np.int64)
        low = -(2**31) if request.start is None else to_days(request.start)
        high = 2**31 if request.end is None else to_days(request.end)
        spans = [slice(*np.searchsorted(block.days, (low, high + 1)).tolist()) for block in held]
        axes = [block.days[span] for block, span in zip(held, spans, strict=True)]
        if late is not None:
            axes.append(late["session_date"].unique().sort().cast(pl.Int32).to_numpy().astype(np.int64))
        days = axes[0] if axes else np.empty(0, dtype=np.int64)
        if not all(np.array_equal(axis, days) for axis in axes):
            days = np.unique(np.concatenate(axes))
        parts, every = [], np.arange(len(days))
        for block, span, axis in zip(held, spans, axes, strict=False):
            place, there = _places(ids, block.ids)
            down = every if len(axis) == len(days) else np.searchsorted(days, axis)
            parts.append(_Part(block, np.flatnonzero(there), span, place[there], down))
        origins: dict[tuple[str, str], int] = {}
        for block in held:
            for pair in block.origins:
                origins.setdefault(pair, len(origins))
        shape = (len(ids), len(days))
        origin = np.zeros(shape, dtype=np.int32)
        bits = np.empty(shape, dtype=np.int64)
        plain = settled and late is None and len(origins) < 2 and not any(block.unpriced for block in held)
        known = None if plain else np.empty(shape, dtype=np.int64)
        return cls(request, ids, days, parts, origins, bits, known, origin, [])

    @property
    def close(self) -> np.ndarray:
        import numpy as np

        return self.bits.view(np.float64)

    def fill(self, layout: Layout) -> bool:
        """Copy what holds by now; False where a block is damaged."""
        import numpy as np

        if sum(len(part.rows) * len(part.down) for part in self.parts) < self.bits.size:
            self.close[:] = np.nan
            if self.known is not None:
                self.known[:] = NEVER
        for part in self.parts:
            if not part.block.whole(layout, part.rows):
                return False
            if not len(part.rows) or not len(part.down):
                continue
            part.copy(0, self.bits)
            if self.known is not None:
                part.copy(1, self.known)
            if len(self.origins) > 1:
                own = part.block.body[part.rows, 2, part.span] if len(part.block.origins) > 1 else 0
                self.origin[np.ix_(part.across, part.down)] = self._numbers(part)[own]
        return True

    def _numbers(self, part: _Part) -> np.ndarray:
        import numpy as np

        return np.array([self.origins[pair] for pair in part.block.origins], dtype=np.int32)

    def as_of(self, known: np.ndarray, *, settled: bool, fragments: bool) -> None:
        """Blank what became known after T, and put in what held then; note what was withdrawn by then."""
        import numpy as np

        instant = to_micros(self.request.asof)
        if not settled:
            late = known > instant
            self.close[late] = np.nan
            known[late] = NEVER
        for part in self.parts:
            if instant >= part.block.replaced_until and not fragments:
                continue
            rows, across, down = part.others(instant)
            gone = rows[:, 5] != 0
            self.withdrawn.append((across[gone], down[gone], rows[gone, 2]))
            rows, across, down = rows[~gone], across[~gone], down[~gone]
            self.bits[across, down], known[across, down] = rows[:, 4], rows[:, 2]
            self.origin[across, down] = self._numbers(part)[rows[:, 6]]

    def lay_over(self, there: np.ndarray, late: pl.DataFrame, sources: dict[int, str]) -> None:
        """Put in the rows of fragments that became known no earlier than what is there."""
        import numpy as np
        import polars as pl

        across = np.searchsorted(self.ids, late["security_id"].to_numpy())
        down = np.searchsorted(self.days, late["session_date"].cast(pl.Int32).to_numpy())
        known = late["known_at"].cast(pl.Int64).to_numpy()
        newest = there.copy() if self.withdrawn else there
        for cells_across, cells_down, instants in self.withdrawn:
            newest[cells_across, cells_down] = instants
        wins = known >= newest[across, down]
        deleted = late["deleted"].to_numpy()
        close = late[_COLUMN].fill_null(float("nan")).to_numpy()
        pairs = list(zip(late["known_basis"], (sources[seq] for seq in late["seq"]), strict=True))
        numbers = np.array(
            [self.origins.setdefault(pair, len(self.origins)) for pair in pairs], dtype=np.int32
        )
        across, down = across[wins], down[wins]
        self.close[across, down] = np.where(deleted, np.nan, close)[wins]
        there[across, down] = np.where(deleted, NEVER, known)[wins]
        self.origin[across, down] = numbers[wins]

    def read(self, disk: Disk, files: int, started: float) -> Read:
        """The record, as that of a read of the same rows from the files."""
        import numpy as np

        there = ~np.isnan(self.close) if self.known is None else self.known != NEVER
        count = int(np.count_nonzero(there))
        newest = max(part.newest() for part in self.parts) if self.known is None else int(self.known.max())
        pairs = list(self.origins)
        if len(pairs) > 1:
            pairs = [pairs[number] for number in np.unique(self.origin[there]).tolist()]
        return Read(
            table=self.request.spec.name,
            ids=self.request.ids or (),
            start=self.request.start,
            end=self.request.end,
            columns=("security_id", "session_date", _COLUMN, "known_at"),
            rows=count,
            asof=self.request.asof,
            newest_known_at=from_micros(newest) if count else None,
            bases=tuple(sorted({basis for basis, _ in pairs})) if count else (),
            sources=tuple(sorted({source for _, source in pairs})) if count else (),
            files=files,
            seconds=time.perf_counter() - started,
            digest=read_again(disk, self.request, (_COLUMN,)),
        )


def _places(sorted_values: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each wanted value stands among sorted ones, and whether it does."""
    import numpy as np

    place = np.searchsorted(sorted_values, wanted)
    inside = np.minimum(place, len(sorted_values) - 1)
    return place, sorted_values[inside] == wanted

"""What a backfill came to: failures with reasons, and sessions that are still missing, by security."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from providers.backfill_plan import Task
from store.vintages import known_ids

if TYPE_CHECKING:
    from store import Store

_TOGETHER = 200  # securities whose days are read at once
_NAMED = 10  # missing sessions that are told by their dates


@dataclass(frozen=True, slots=True)
class Failed:
    """A task that brought nothing, and why."""

    ticker: str
    dataset: str
    why: str
    passing: bool = False  # another hour may bring it


@dataclass(frozen=True, slots=True)
class Gap:
    """Sessions that one security has no bar for, within its own life and what was asked."""

    ticker: str
    first: str
    last: str
    expected: int
    missing: int
    days: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """How a backfill ended."""

    job: str
    state: str
    title: str
    tasks: int
    done: int
    from_store: int
    rows: int
    seconds: float
    quarantined: int = 0
    failures: tuple[Failed, ...] = ()
    gaps: tuple[Gap, ...] = ()
    sessions: int = 0  # expected over all securities

    def lines(self) -> list[str]:
        """The report in sentences, for a shell."""
        took = f"in {self.seconds:,.1f} s"
        lines = [f"{self.title}: {self.done:,} of {self.tasks:,} done {took}, {self.rows:,} rows written"]
        if self.from_store:
            lines.append(f"{self.from_store:,} were held already")
        if self.quarantined:
            lines.append(f"{self.quarantined:,} rows failed a check and were set aside: DATA shows them")
        if self.sessions:
            missing = sum(gap.missing for gap in self.gaps)
            lines.append(f"coverage: {self.sessions - missing:,} of {self.sessions:,} sessions")
        lines += [
            f"  {gap.ticker}: {gap.missing:,} of {gap.expected:,} missing from {gap.first} to {gap.last}"
            for gap in self.gaps[:20]
        ]
        if len(self.gaps) > 20:
            lines.append(f"  and {len(self.gaps) - 20} more: JOBS {self.job}")
        if self.failures:
            lines.append(f"{len(self.failures):,} failed")
        return lines

    def body(self) -> dict[str, Any]:
        return asdict(self)


def gaps(store: Store, tasks: Iterable[Task], now: datetime) -> tuple[list[Gap], int]:
    """Sessions of the calendar without a bar, from listing to delisting within the range asked for."""
    wanted = [task for task in tasks if task.dataset == "bars" and task.subject.calendar]
    ids = known_ids(store, [task.subject.identity for task in wanted])
    found: list[Gap] = []
    expected = 0
    known = [(task, ids[task.subject.identity]) for task in wanted if task.subject.identity in ids]
    for start in range(0, len(known), _TOGETHER):
        some, count = _gaps(store, known[start : start + _TOGETHER], now)
        found += some
        expected += count
    return sorted(found, key=lambda gap: (-gap.missing, gap.ticker)), expected


def _gaps(store: Store, tasks: Sequence[tuple[Task, int]], now: datetime) -> tuple[list[Gap], int]:
    import numpy as np

    reader = store.reader(now)
    lives = _lives(store, [number for _, number in tasks], now)
    starts = [task.start for task, _ in tasks]
    earliest = None if None in starts else min(day for day in starts if day is not None)
    rows = reader.rows("bars", [number for _, number in tasks], earliest, None, columns=())
    held = {
        number: frame["session_date"].to_numpy().astype("datetime64[D]")
        for (number,), frame in rows.select("security_id", "session_date").partition_by(
            "security_id", as_dict=True
        ).items()
    }  # fmt: skip
    found, expected = [], 0
    for task, number in tasks:
        days = held.get(number)
        if days is None:
            continue
        listed, delisted = lives.get(number, (None, None))
        begins = [day for day in (task.start, listed) if day is not None]
        last = reader.last_session(task.subject.calendar)
        first = max(begins) if listed is not None else max([*begins, days.min().item()])
        end = min(day for day in (task.end, delisted, last) if day is not None)
        sessions = reader.sessions(first, end, task.subject.calendar)
        lacking = np.setdiff1d(sessions, days)
        expected += len(sessions)
        if len(lacking):
            named = tuple(str(day) for day in lacking[:_NAMED].tolist())
            found.append(Gap(task.subject.ticker, str(first), str(end), len(sessions), len(lacking), named))
    return found, expected


def _lives(store: Store, numbers: list[int], now: datetime) -> dict[int, tuple[date | None, date | None]]:
    """First and last day of each security on its exchange, where the store knows them."""
    import polars as pl

    rows = store.reader(now).securities(numbers).group_by("security_id").agg(
        pl.col("listing_date").drop_nulls().min(), pl.col("delisting_date").drop_nulls().max()
    )  # fmt: skip
    return {number: (listed, delisted) for number, listed, delisted in rows.iter_rows()}

"""One load of all embedded sources: read, check, name, and write in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, TypeAlias

from providers.base import LoadResult, Part, Shelf
from providers.embedded import arch, bokeh, ecb, reference, skfolio, statsmodels
from providers.embedded.renew import renewed
from providers.validate import check, key_of
from providers.versions import only_news
from store import Batch, Interrupted
from store.schema import TABLES

if TYPE_CHECKING:
    import polars as pl

    from store import Store
    from store.sessions import Sessions

Progress: TypeAlias = Callable[[int, int, str], None]
Step: TypeAlias = tuple[str, Callable[[], list[Part]]]

READ_SHARE = 75  # of a hundred parts of the work, what reading and checking take; the rest is writing


@dataclass(frozen=True, slots=True)
class StoreCalendars:
    """The store's kept calendars, as a provider wants them."""

    get: Callable[[str], Sessions]

    def sessions(self, calendar: str, start: date, end: date) -> pl.DataFrame:
        import polars as pl

        kept = self.get(calendar)
        instants = pl.Datetime("us", "UTC")
        return pl.DataFrame(
            {"session_date": kept.days, "open_at": kept.opens, "close_at": kept.closes}
        ).select(
            pl.col("session_date").cast(pl.Date),
            pl.col("open_at", "close_at").cast(instants),
        ).filter(pl.col("session_date").is_between(start, end))  # fmt: skip


def load(
    store: Store,
    shelf: Shelf,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> LoadResult:
    """Load what is not there yet. One transaction: killed at any point, it left all or nothing."""
    started = time.perf_counter()
    parts, missing = _read(store, shelf, progress, cancelled)
    parts = described(only_news_of([checked(part) for part in parts]))
    batches = _batches(store, parts)
    if store.snapshot():
        batches = renewed(store, batches, datetime.now(UTC))

    def writing(done: int, files: int, label: str) -> None:
        if progress is not None:
            progress(READ_SHARE + (100 - READ_SHARE) * done // max(1, files), 100, label)

    results = store.append_all(batches, writing, cancelled)
    rows: dict[str, dict[str, int]] = {}
    tables: dict[str, int] = {}
    for batch, result in zip(batches, results, strict=True):
        for table, count in result.rows.items() if not result.duplicate else ():
            of_source = rows.setdefault(batch.source, {})
            of_source[table] = of_source.get(table, 0) + count
            tables[table] = tables.get(table, 0) + count
    return LoadResult(
        seq=max(result.seq for result in results),
        duplicate=all(result.duplicate for result in results),
        rows=rows,
        quarantined=sum(
            0 if item.rows is None else item.rows.height
            for batch, result in zip(batches, results, strict=True)
            if not result.duplicate
            for item in batch.quarantined
        ),
        seconds=time.perf_counter() - started,
        missing=missing,
        tables=tables,
    )


def _read(
    store: Store, shelf: Shelf, progress: Progress | None, cancelled: Callable[[], bool] | None
) -> tuple[list[Part], tuple[str, ...]]:
    """Every source's parts, in a fixed order, and the names of what the packages do not have."""
    calendars = StoreCalendars(store.reader(datetime.now(UTC)).calendars.get)
    missing: list[str] = []

    def macro() -> list[Part]:
        parts, absent = statsmodels.read(shelf)
        missing.extend(absent)
        return parts

    steps: list[Step] = [
        ("names and tickers", lambda: [reference.read()]),
        ("US stocks", lambda: bokeh.read(shelf, calendars)),
        ("indices, oil, yields, factors", lambda: arch.read(shelf, calendars)),
        ("adjusted closes", lambda: skfolio.read(shelf, calendars)),
        ("ECB reference rates", lambda: [ecb.read(shelf)]),
        ("macro data and its vintages", macro),
    ]
    parts: list[Part] = []
    for done, (label, read) in enumerate(steps):
        if cancelled is not None and cancelled():
            raise Interrupted("cancelled; nothing was written")
        if progress is not None:
            progress(READ_SHARE * done // len(steps), 100, f"reading {label}")
        parts += read()
    return parts, tuple(missing)


def checked(part: Part) -> Part:
    """The part with only rows that pass every check, the others set aside."""
    frames, aside = {}, list(part.quarantined)
    for table, frame in part.frames.items():
        result = check(table, frame, positive=part.positive)
        frames[table] = result.good
        aside += result.quarantined
    return replace(part, frames=frames, quarantined=tuple(aside))


def only_news_of(parts: Sequence[Part]) -> list[Part]:
    """Of series and names that several parts tell, what each adds to the earlier known."""
    kept = list(parts)
    for table, ignored in (("observations", ()), ("securities", ("note",))):
        holders = [at for at, part in enumerate(kept) if table in part.frames]
        frames = [kept[at].frames[table] for at in holders]
        news = only_news(frames, key_of(TABLES[table], frames[0]), ignored) if frames else []
        for at, frame in zip(holders, news, strict=True):
            kept[at] = replace(kept[at], frames={**kept[at].frames, table: frame})
    return kept


def described(parts: Sequence[Part]) -> list[Part]:
    """The parts, with a bare row of ``securities`` for whatever none of them describes."""
    import polars as pl

    known = {
        name
        for part in parts
        if "securities" in part.frames
        for name in _identities([part.frames["securities"]])
    }
    completed = []
    for part in parts:
        spoken = {t: f for t, f in part.frames.items() if t != "securities"}
        strangers = _identities(spoken.values()) - known
        if strangers:
            mine = {t: f.filter(pl.col("identity").is_in(list(strangers))) for t, f in spoken.items()}
            rows = reference.bare(list(mine.values()), [TABLES[t].session for t in mine])
            own = part.frames.get("securities")
            joined = rows if own is None else pl.concat([own, rows], how="diagonal")
            part = replace(part, frames={**part.frames, "securities": joined})  # noqa: PLW2901
            known |= strangers
        completed.append(part)
    return completed


def _batches(store: Store, parts: Sequence[Part]) -> list[Batch]:
    """Parts with permanent ids in place of identities."""
    import polars as pl

    named = sorted(_identities(frame for part in parts for frame in part.frames.values()))
    ids = store.identify(named)
    column = pl.col("identity").replace_strict(ids, return_dtype=pl.Int64).alias("security_id")

    def numbered(table: str, frame: pl.DataFrame) -> pl.DataFrame:
        return (
            frame.with_columns(column)
            if table == "securities"
            else frame.with_columns(column).drop("identity")
        )

    return [
        Batch(
            source=part.source,
            dataset=part.dataset,
            answer_hash=part.answer_hash,
            frames={t: numbered(t, f) for t, f in part.frames.items() if f.height},
            basis="; ".join(sorted({b for f in part.frames.values() for b in f["known_basis"].unique()})),
            note=part.note,
            quarantined=part.quarantined,
        )
        for part in parts
    ]


def _identities(frames: Iterable[pl.DataFrame]) -> set[str]:
    return {name for frame in frames for name in frame["identity"].unique().to_list()}

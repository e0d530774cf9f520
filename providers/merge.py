"""An answer made into a batch: checked, named by permanent ids, and only what the store does not say yet.

The invariant of the house: a later fetch of a history that its vendor has revised never changes what was
shown as of an earlier clock. New keys keep their own clocks; a value that differs from the one held is known
from this fetch on. Tables whose rows carry vintages of their own take each version at its own clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from providers.members import with_member_ids
from providers.source import Answer, Subject
from providers.successors import with_successor_ids
from providers.tellings import bare, namings, plain, vintages
from providers.validate import check, check_jumps, conform
from store.batch import Batch, Fetched, Quarantined
from store.schema import CLOCKS, TABLES
from store.vintages import versions_of

if TYPE_CHECKING:
    import polars as pl

    from providers.clocks import Calendars
    from store import Store

# Rows of these are versions that say themselves when they were known.
VINTAGES = frozenset({"observations", "facts", "filings", "membership", "option_quotes", "listings"})
# A row of these holds until the next: one that repeats what holds already says nothing.
NAMINGS = frozenset({"securities", "profiles"})
# Of a data set asked by ranges, the table whose rows outside what was asked are left out.
RANGED = {
    "bars": "bars",
    "intraday": "bars_intraday",
    "closes": "closes",
    "curve": "yield_curves",
    "futures": "futures_bars",
}
_NEAR = timedelta(days=10)  # a bar held so shortly before an answer is the one that its first bar moves from


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a source, and what its answer settles. ``base`` is the newest commit that had answered
    this before: the same bytes told again later are another batch, told twice at once they are one."""

    source: str
    dataset: str
    subject: Subject
    start: date | None = None
    end: date | None = None
    detail: str = ""
    covered: tuple[date, date] | None = None
    base: int = 0

    def named(self, answer_hash: str) -> str:
        """Names the answer to this question: what came, what was asked, and after what."""
        subject = self.subject
        parts = (answer_hash, subject.identity, self.detail, self.start, self.end, self.base)
        return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


def merged(store: Store, answer: Answer, asked: Asked, now: datetime, calendars: Calendars) -> Batch:
    """The batch that an answer adds to the store; without frames where it says nothing new."""
    answer = with_successor_ids(store, with_member_ids(store, answer), now)
    frames, aside = _checked(answer, asked, now, calendars)
    ids = store.identify(sorted(_identities(frames.values()) | {asked.subject.identity}))
    numbered = {table: _numbered(table, frame, ids) for table, frame in frames.items() if frame.height}
    reader = store.reader(now)
    if "bars" in numbered:
        splits = versions_of(reader, "actions", [*numbered["bars"]["security_id"].unique()])
        before = _bar_before(
            numbered["bars"], lambda ids, start, end: versions_of(reader, "bars", ids, start, end)
        )
        numbered, more = _without_jumps(numbered, splits, before, ids)
        aside += more
    told: dict[str, pl.DataFrame] = {}
    for table, frame in numbered.items():
        spec = TABLES[table]
        first, last = frame[spec.session].min(), frame[spec.session].max()
        whole = table in NAMINGS
        held = versions_of(
            reader,
            table,
            frame["security_id"].unique().to_list(),
            None if whole or not isinstance(first, date) else first,
            None if whole or not isinstance(last, date) else last,
        )
        if table in NAMINGS:
            told[table] = namings(spec, frame, held)
        elif table in VINTAGES:
            told[table], contradicted = vintages(spec, frame, held, now)
            aside += contradicted
        else:
            told[table] = plain(spec, frame, held, now)
    names = versions_of(reader, "securities", [*ids.values()])
    told = _described(told, asked.subject, ids, names)
    news = {table: frame for table, frame in told.items() if frame.height}
    fetched = (
        (Fetched(asked.dataset, ids[asked.subject.identity], *asked.covered, asked.detail),)
        if asked.covered is not None
        else ()
    )
    return Batch(
        source=asked.source,
        dataset=f"{asked.dataset} {asked.detail}".strip(),
        answer_hash=asked.named(answer.answer_hash),
        frames=news,
        basis="; ".join(
            sorted({basis for frame in news.values() for basis in frame["known_basis"].unique()})
        ),
        note=answer.note,
        quarantined=tuple(aside),
        fetched=fetched,
    )


def _checked(
    answer: Answer, asked: Asked, now: datetime, calendars: Calendars
) -> tuple[dict[str, pl.DataFrame], list[Quarantined]]:
    """Rows known by ``now`` that pass every check of one row, and the others with their reasons."""
    import polars as pl

    aside, frames = list(answer.quarantined), {}
    for table, answered in answer.frames.items():
        frame = conform(TABLES[table], answered).filter(
            (pl.col("known_at") <= now) | pl.col("known_at").is_null()
        )
        if RANGED.get(asked.dataset) == table:
            frame = frame.filter(_within(TABLES[table].session, asked))
        result = check(table, frame, positive=answer.positive)
        frames[table] = result.good
        aside += result.quarantined
    for table in ("bars", "bars_intraday"):
        if asked.subject.calendar and table in frames:
            frames[table], off = _on_sessions(table, frames[table], asked.subject, calendars)
            aside += off
    return frames, aside


def _within(session: str, asked: Asked) -> pl.Expr:
    import polars as pl

    low = pl.col(session) >= (asked.start or date.min)
    return low & (pl.col(session) <= (asked.end or date.max))


def _on_sessions(
    table: str, frame: pl.DataFrame, subject: Subject, calendars: Calendars
) -> tuple[pl.DataFrame, list[Quarantined]]:
    """A bar on a day that is no session of the subject's calendar is no bar of it."""
    import polars as pl

    own = pl.col("identity") == subject.identity
    first, last = frame["session_date"].min(), frame["session_date"].max()
    if not (isinstance(first, date) and isinstance(last, date)):
        return frame, []
    days = calendars.sessions(subject.calendar, first, last)["session_date"].implode()
    off = own & ~pl.col("session_date").is_in(days)
    bad = frame.filter(off)
    if bad.is_empty():
        return frame, []
    reason = f"the day is no session of the calendar {subject.calendar}"
    return frame.filter(~off), [Quarantined(table, reason, bad)]


def _identities(frames: Iterable[pl.DataFrame]) -> set[str]:
    return {name for frame in frames for name in frame["identity"].unique().to_list()}


def _numbered(table: str, frame: pl.DataFrame, ids: dict[str, int]) -> pl.DataFrame:
    """The frame with permanent ids, in the table's columns and with its clocks."""
    import polars as pl

    names = [*TABLES[table].names, *(clock.name for clock in CLOCKS)]
    numbered = frame.with_columns(
        pl.col("identity").replace_strict(ids, return_dtype=pl.Int64).alias("security_id"),
        pl.lit(False).alias("deleted"),  # a source tells rows; it withdraws none
    )
    return numbered.select(names)


def _bar_before(bars: pl.DataFrame, read: object) -> pl.DataFrame:
    """The bars held shortly before the first of each security's in an answer: what that one moves from."""
    import polars as pl

    firsts = bars.group_by("security_id").agg(first=pl.col("session_date").min())
    start = firsts["first"].min()
    assert isinstance(start, date) and callable(read)  # noqa: S101, PT018 - there are bars
    held: pl.DataFrame = read(firsts["security_id"].to_list(), start - _NEAR, firsts["first"].max())
    return (
        held.join(firsts, on="security_id")
        .filter(
            ~pl.col("deleted"),
            pl.col("session_date") < pl.col("first"),
            pl.col("session_date") >= pl.col("first") - _NEAR,
        )
        .group_by("security_id")
        .agg(pl.all().sort_by("session_date", "known_at", "seq").last())
        .select("security_id", "session_date", "close")
    )


def _without_jumps(
    frames: dict[str, pl.DataFrame], held_actions: pl.DataFrame, before: pl.DataFrame, ids: dict[str, int]
) -> tuple[dict[str, pl.DataFrame], list[Quarantined]]:
    """Bars and splits judged by one another, with the splits that the store has and the bar before."""
    import polars as pl

    name = pl.col("security_id").replace_strict({i: n for n, i in ids.items()}, return_dtype=pl.String)
    bars, actions = frames["bars"], frames.get("actions")
    kept = held_actions.group_by("security_id", "kind", "ex_date").agg(
        pl.all().sort_by("known_at", "seq").last()
    )
    columns = ["security_id", "ex_date", "ratio"]
    is_split = (pl.col("kind") == "split") & ~pl.col("deleted")
    known = kept.filter(is_split).select(columns)
    own = actions.filter(is_split) if actions is not None else None
    if own is not None:
        known = known.join(own, on=["security_id", "ex_date"], how="anti")
    splits = known if own is None else pl.concat([own.select(columns), known])
    given = pl.concat([before, bars.select(before.columns)]).with_columns(identity=name)
    good_bars, good_splits = check_jumps(given, splits.with_columns(identity=name))
    wild = good_bars.quarantined
    aside = []
    if wild:
        bad = pl.concat([w.rows for w in wild if w.rows is not None])
        keys = ["security_id", "session_date"]
        aside.append(Quarantined("bars", wild[0].reason, bars.join(bad, on=keys, how="semi")))
        bars = bars.join(bad, on=keys, how="anti")
    unseen = [q for q in good_splits.quarantined if q.rows is not None]
    if unseen and own is not None and actions is not None:
        keys = ["security_id", "ex_date"]
        bad = pl.concat([q.rows for q in unseen if q.rows is not None])
        doubted = own.join(bad, on=keys, how="semi")
        if doubted.height:
            aside.append(Quarantined("actions", unseen[0].reason, doubted))
            whole = ["security_id", "kind", "ex_date"]
            actions = actions.join(doubted, on=whole, how="anti")
    changed = frames | {"bars": bars} | ({} if actions is None else {"actions": actions})
    return changed, aside


def _described(
    told: dict[str, pl.DataFrame], subject: Subject, ids: dict[str, int], held: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """With a bare row of ``securities`` for whatever has rows before anything names it.

    It begins no later than the names that are told: known earlier, it gives way to them where both begin.
    """
    import polars as pl

    spoken = [
        told[t].select("security_id", pl.col(TABLES[t].session).alias("valid_from"), "known_at")
        for t in told
        if t not in NAMINGS and told[t].height
    ]
    if not spoken:
        return told
    own = told.get("securities")
    named: Sequence[pl.DataFrame] = [
        f.select("security_id", "valid_from", "known_at") for f in (held, own) if f is not None
    ]
    since = (
        pl.concat(named)
        .group_by("security_id")
        .agg(named_at=pl.col("known_at").min(), named_from=pl.col("valid_from").min())
    )
    firsts = (
        pl.concat(spoken)
        .group_by("security_id")
        .agg(pl.col("valid_from").min(), pl.col("known_at").min())
        .join(since, on="security_id", how="left")
        .filter(pl.col("named_at").is_null() | (pl.col("named_at") > pl.col("known_at")))
        .with_columns(valid_from=pl.min_horizontal("valid_from", "named_from"))
        .select("security_id", "valid_from", "known_at")
    )
    if firsts.is_empty():
        return told
    rows = bare(firsts, {number: name for name, number in ids.items()}, subject)
    return told | {"securities": rows if own is None else pl.concat([own.select(rows.columns), rows])}

"""CSV and Parquet files of the user's own, into any table: mapped, checked, dated, written piece by piece.

Each piece of a file is a commit named by the file's bytes, the mapping and its place: an import that is
repeated writes nothing, and one that was stopped goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from providers.files_cells import needs_zone, read_column
from providers.files_known import dated
from providers.files_names import Names, names_of
from providers.files_read import PIECE, FileError, OwnFile, pieces
from providers.files_spec import ALLOTTED, NAMES, SPLIT, ImportSpec
from providers.files_splits import as_traded
from providers.merge import Asked, merged
from providers.source import Answer, Subject
from providers.validate import check
from store.batch import Quarantined
from store.schema import polars_type

if TYPE_CHECKING:
    import polars as pl

    from providers.clocks import Calendars
    from store import Store
    from store.columns import TypeWord

SHOWN = 20  # rows of a preview


@dataclass(frozen=True, slots=True)
class Mapped:
    """One piece of the file in canonical frames, and the rows set aside."""

    frames: dict[str, pl.DataFrame]
    aside: tuple[Quarantined, ...]
    told: tuple[str, ...] = ()  # sentences for the page


@dataclass(slots=True)
class Imported:
    """What an import did, or would do: rows by table, rows set aside by reason, the first rows."""

    rows: dict[str, int] = field(default_factory=dict)
    aside: dict[str, int] = field(default_factory=dict)
    read: int = 0
    first: pl.DataFrame | None = None
    bad: dict[str, str] = field(default_factory=dict)  # by reason, the first row of it as it came
    seqs: list[int] = field(default_factory=list)
    repeated: int = 0  # pieces that were there already
    stopped: bool = False
    told: list[str] = field(default_factory=list)

    def count(self, mapped: Mapped, table: str) -> None:
        self.told += [each for each in mapped.told if each not in self.told]
        for name, frame in mapped.frames.items():
            self.rows[name] = self.rows.get(name, 0) + frame.height
        for item in mapped.aside:
            height = 0 if item.rows is None else item.rows.height
            self.aside[item.reason] = self.aside.get(item.reason, 0) + height
            if item.rows is not None and height:
                shown = ", ".join(
                    f"{k}={v}" for k, v in item.rows.row(0, named=True).items() if v is not None
                )
                self.bad.setdefault(item.reason, shown[:200])
        if self.first is None and table in mapped.frames and mapped.frames[table].height:
            self.first = mapped.frames[table].head(SHOWN)


def preview(
    store: Store,
    file: OwnFile,
    spec: ImportSpec,
    calendars: Calendars,
    now: datetime,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Imported:
    """What an import would write and set aside. Reads the whole file, writes nothing."""
    told = Imported()
    for _, mapped, read in _mapped(store, file, spec, calendars, now):
        told.read += read
        told.count(_checked(mapped), spec.table)
        if progress is not None:
            progress(told.read, file.rows or 0, f"{told.read:,} rows read")
        if cancelled():
            told.stopped = True
            break
    return told


def run(
    store: Store,
    file: OwnFile,
    spec: ImportSpec,
    calendars: Calendars,
    now: datetime,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Imported:
    """Write the file's rows that pass, piece by piece; an audit line at the end says what came of it."""
    done = Imported()
    name = spec.named(file)
    dataset = f"import {spec.table}"
    try:
        for at, mapped, read in _mapped(store, file, spec, calendars, now):
            done.read += read
            if cancelled():
                done.stopped = True
                break
            asked = Asked(spec.source, dataset, Subject(f"file:{name[:16]}", "", calendar=""))
            answer_hash = asked.named(f"{name}:{at}")
            if store.has_ingest(spec.source, dataset, answer_hash):
                done.repeated += 1
                continue
            subject = _subject(mapped, spec)
            if subject is None and not mapped.aside:
                continue
            batch = merged(
                store,
                Answer(mapped.frames, name, quarantined=mapped.aside),
                replace(asked, subject=subject or asked.subject),
                now,
                calendars,
            )
            batch = replace(batch, answer_hash=answer_hash, note=f"{file.path.name}, piece {at + 1}")
            result = store.append(batch)
            done.seqs.append(result.seq)
            told = Mapped({t: f.drop("security_id") for t, f in batch.frames.items()}, batch.quarantined)
            done.count(told, spec.table)
            if progress is not None:
                progress(done.read, file.rows or 0, f"{done.read:,} rows read")
    finally:
        store.audit.record(
            "import",
            source=spec.source,
            dataset=dataset,
            file=file.path.name,
            file_hash=file.digest,
            rows=sum(done.rows.values()),
            quarantined=sum(done.aside.values()),
            repeated=done.repeated,
            stopped=done.stopped,
        )
    return done


def _subject(mapped: Mapped, spec: ImportSpec) -> Subject | None:
    frame = mapped.frames.get(spec.table)
    if frame is None or frame.is_empty():
        return None
    identity = str(frame["identity"][0])
    # without a calendar: sessions were checked as the rows were dated
    return Subject(identity, identity.partition(":")[2], spec.market, calendar="")


def _checked(mapped: Mapped) -> Mapped:
    frames, aside = {}, list(mapped.aside)
    for table, frame in mapped.frames.items():
        if "member" in frame.columns:  # ids are allotted when it is written; here a number stands for each
            member = frame["member"].rank("dense").cast(int).alias("member_id")
            frame = frame.drop("member").with_columns(member)  # noqa: PLW2901
        result = check(table, frame)
        frames[table] = result.good
        aside += result.quarantined
    return Mapped(frames, tuple(aside))


def _mapped(
    store: Store, file: OwnFile, spec: ImportSpec, calendars: Calendars, now: datetime
) -> Iterator[tuple[int, Mapped, int]]:
    """The file's pieces in canonical frames, each with its place and how many rows were read."""
    reader = store.reader(now)
    names = names_of(reader)
    wanted = tuple(dict.fromkeys((*spec.columns.values(), *([spec.known_at] if spec.known_at else []))))
    splits = _splits(store, file, spec, names, now) if spec.table == "bars" else None
    for at, raw in enumerate(pieces(file, wanted, PIECE)):
        frame, aside = typed(raw, spec)
        frame = names.identified(frame, spec)
        if splits is not None and spec.adjusted == "splits":
            held, own = splits
            frame = as_traded(frame, held, own["identity"].unique() if SPLIT in spec.columns else ())
            frame, more = _apart(frame, raw, "_uncovered", spec.table)
            aside += more
        frame = dated(frame, spec, calendars, now)
        frame, more = _apart(frame, raw, "_early", spec.table)
        aside += more
        kept = {c.name for c in spec.spec.columns}
        frame = frame.drop("_row", *[n for n in ("ticker", SPLIT) if n not in kept], strict=False)
        frames = {spec.table: frame}
        if spec.table != "securities":
            strangers = names.strangers(frame, spec)
            if strangers.height:
                frames["securities"] = strangers
        if at == 0 and splits is not None and splits[1].height:
            frames["actions"] = _actions(splits[1], spec, calendars, now)
        yield at, Mapped(frames, tuple(aside)), raw.height


def _actions(splits: pl.DataFrame, spec: ImportSpec, calendars: Calendars, now: datetime) -> pl.DataFrame:
    """The splits that a file of bars brings, as rows of ``actions``."""
    import polars as pl

    rows = splits.with_columns(kind=pl.lit("split"), announced_date=pl.lit(None, pl.Date))
    return dated(rows, replace(spec, table="actions", known_at=""), calendars, now).drop("_early")


def typed(raw: pl.DataFrame, spec: ImportSpec) -> tuple[pl.DataFrame, list[Quarantined]]:
    """A piece in the table's types. Rows with a cell that cannot be read are set aside, by reason."""
    import polars as pl

    words: dict[str, TypeWord] = {c.name: c.type for c in spec.spec.columns}
    words |= {"identity": "text", "ticker": "text", "member": "text", SPLIT: "number"}
    exprs, failures = [], []
    for name, column in spec.columns.items():
        if words[name] == "instant":
            needs_zone(raw[column], name, spec)
        cells = read_column(raw[column], name, words[name], spec)
        exprs.append(cells.values)
        failures.append(pl.when(cells.failed).then(pl.lit(cells.reason)))
    if spec.known_at:
        needs_zone(raw[spec.known_at], "known_at", spec)
        cells = read_column(raw[spec.known_at], "known_at", "instant", spec)
        exprs.append(cells.values)
        failures.append(pl.when(cells.failed).then(pl.lit(cells.reason)))
    for name, text in spec.constants.items():
        exprs.append(_constant(name, text, words[name], spec))
    present = {*spec.columns, *spec.constants}
    exprs += [
        pl.lit(None, polars_type(c.type)).alias(c.name)
        for c in spec.spec.columns
        if c.name not in present and c.name not in (*ALLOTTED, "ticker")
    ]
    reason = pl.coalesce(*failures) if failures else pl.lit(None, pl.String)
    made = raw.select(*exprs, "_row", reason.alias("_unread"))
    return _apart(made, raw, "_unread", spec.table)


def _constant(name: str, text: str, word: TypeWord, spec: ImportSpec) -> pl.Expr:
    import polars as pl

    one = pl.Series("constant", [text])
    cells = read_column(one, name, word, spec)
    found = one.to_frame().select(cells.values, cells.failed.alias("failed"))
    if found["failed"][0]:
        raise FileError(f"--map {name}={text}: {cells.reason}.")
    return pl.lit(found[name][0], polars_type(word)).alias(name)


def _apart(
    frame: pl.DataFrame, raw: pl.DataFrame, mark: str, table: str
) -> tuple[pl.DataFrame, list[Quarantined]]:
    """The rows without a reason in ``mark``, and the others as they stood in the file."""
    import polars as pl

    bad = frame.filter(pl.col(mark).is_not_null()).select("_row", mark)
    good = frame.filter(pl.col(mark).is_null()).drop(mark)
    groups = bad.partition_by(mark, maintain_order=True)
    return good, [
        Quarantined(
            table,
            group[mark][0],
            raw.join(group.select("_row"), on="_row", how="semi").rename({"_row": "line"}),
        )
        for group in groups
    ]


def _splits(
    store: Store, file: OwnFile, spec: ImportSpec, names: Names, now: datetime
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """All splits known, and those that the file brings: identity, ex_date, ratio. The file's are read first, in a
    pass of their own, since a split adjusts what stands before it."""
    import polars as pl

    schema = {"identity": pl.String(), "ex_date": pl.Date(), "ratio": pl.Float64()}
    reader = store.reader(now)
    ids = reader.securities().select("security_id", "identity").unique("security_id")
    held = (
        reader.actions(None, kinds=("split",))
        .join(ids, on="security_id", how="inner")
        .select("identity", "ex_date", "ratio")
    )
    if SPLIT not in spec.columns:
        return held, pl.DataFrame(schema=schema)
    found = []
    keys = tuple(dict.fromkeys(spec.columns[n] for n in (*NAMES, "session_date", SPLIT) if n in spec.columns))
    narrow = replace(
        spec, columns={n: c for n, c in spec.columns.items() if c in keys and n in (*NAMES, "session_date", SPLIT)},
        known_at="", constants={n: v for n, v in spec.constants.items() if n in NAMES},
    )  # fmt: skip
    for raw in pieces(file, keys):
        frame, _ = typed(raw, narrow)
        rows = names.identified(frame, spec).filter((pl.col(SPLIT) > 0) & (pl.col(SPLIT) != 1.0))
        found.append(rows.select("identity", ex_date="session_date", ratio=SPLIT))
    own = pl.concat([pl.DataFrame(schema=schema), *found]).unique(
        ["identity", "ex_date"], maintain_order=True
    )
    both = pl.concat([own, held.join(own, on=["identity", "ex_date"], how="anti")])
    return both, own

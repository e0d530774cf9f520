"""Importing a user's own file, from the command bar and from a shell: the words, the work, the page."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import Cancelled, CommandError, DataError
from engine.page import Column, ColumnKind, Metric, Metrics, Note, Page, Panel, Table

if TYPE_CHECKING:
    import polars as pl

    from providers.files import Imported
    from providers.files_read import OwnFile
    from providers.files_spec import ImportSpec
    from store import Store

OPTIONS = {
    "table": "which table the rows belong to",
    "map": "FileColumn=table_column, or table_column=constant; may be given again",
    "source": "whose figures they are",
    "market": "market of the tickers (US EQUITY)",
    "adjusted": "bars: none (as traded) or splits",
    "known-at": "the file's column that says when a row was known",
    "zone": "whose clocks the times show, such as America/New_York",
    "date-format": "dates that are not 2020-01-31, as %d.%m.%Y",
    "thousands": "mark between thousands",
    "decimal": "mark before decimals",
    "percent": "columns in percent, parted by commas, to become fractions",
    "calendar": "exchange calendar of the sessions, where not the market's",
    "layout": "members: ticker,start_date,end_date[,index] of any index; sp500-spells: the public list of SPX",
}
FLAGS = ("dry-run", "go")
EXAMPLE = "IMPORT ./prices.csv --table bars --map Date=session_date --source 'our desk' --adjusted none"
_KINDS: dict[str, ColumnKind] = {"Int64": "integer", "Float64": "number", "Date": "date"}


@dataclass(frozen=True, slots=True)
class Order:
    """One import as it was typed."""

    path: Path
    spec: ImportSpec
    maps: tuple[str, ...]
    go: bool


def words_of(text: str) -> list[str]:
    """The words of a typed line, quotes taken as a shell takes them."""
    try:
        return shlex.split(text)
    except ValueError as fault:
        raise CommandError(f"A quotation mark is not closed: {text}") from fault


def parse(words: Sequence[str]) -> Order:
    """The path and the options, in any order. ``GO`` at the end of a typed line writes, as ``--go`` does.

    Raises
    ------
    CommandError
        An option that there is none, one without its value, or no path.
    """
    from providers.files_spec import ImportSpec

    values: dict[str, str] = {}
    maps: list[str] = []
    paths: list[str] = []
    go = False
    rest = iter(words)
    for word in rest:
        name, equals, value = word.removeprefix("--").partition("=")
        if word in ("GO", "go", "--go"):
            go = True
        elif word == "--dry-run":
            continue
        elif not word.startswith("--"):
            paths.append(word)
        elif name not in OPTIONS:
            raise CommandError(f"There is no option --{name}; there are --{', --'.join((*OPTIONS, *FLAGS))}.")
        else:
            value = value if equals else next(rest, "")
            if not value:
                raise CommandError(f"--{name} needs a value: {OPTIONS[name]}.")
            if name == "map":
                maps.append(value)
            elif name in values:
                raise CommandError(f"--{name} is given twice.")
            else:
                values[name] = value
    if len(paths) != 1:
        raise CommandError("IMPORT takes one file and options.", suggestions=(EXAMPLE,))
    spec = ImportSpec(
        table=values.get("table", ""),
        source=values.get("source", ""),
        market=values.get("market", "US EQUITY").upper(),
        adjusted=values.get("adjusted", "").lower(),
        known_at=values.get("known-at", ""),
        zone=values.get("zone", ""),
        date_format=values.get("date-format", ""),
        thousands=values.get("thousands", ""),
        decimal=values.get("decimal", "."),
        percent=tuple(part.strip() for part in values.get("percent", "").split(",") if part.strip()),
        calendar=values.get("calendar", ""),
        layout=values.get("layout", ""),
    )
    return Order(Path(paths[0]), spec, tuple(maps), go)


def perform(
    store: Store,
    order: Order,
    progress: Callable[[int, int, str], None],
    cancelled: Callable[[], bool],
    *,
    write: bool,
) -> Page:
    """Preview or write, and the page that says what came of it."""
    from providers import files, files_layouts
    from providers.base import ProviderError
    from providers.embedded.loader import StoreCalendars
    from providers.files_known import rule
    from providers.files_members import with_index
    from providers.files_read import open_file
    from providers.files_spec import planned
    from store.clock import utc_now

    now = utc_now()
    calendars = StoreCalendars(store.reader(now).calendars.get)
    try:
        file = open_file(order.path)
        if order.spec.layout:
            spec = with_index(order.spec, order.maps)
            dating = "09:30 New York of the day on which a change took effect"
            done = files_layouts.run(store, file, spec, calendars, now, write=write)
        else:
            spec = planned(order.spec, order.maps, file)
            dating = rule(spec)
            act = files.run if write else files.preview
            done = act(store, file, spec, calendars, now, progress, cancelled)
    except (ProviderError, UnicodeDecodeError) as fault:
        raise DataError(str(fault)) from fault
    if done.stopped and not write:
        raise Cancelled("Cancelled; nothing was written.")
    return _page(file, spec, done, dating, write)


def _page(file: OwnFile, spec: ImportSpec, done: Imported, dating: str, write: bool) -> Page:
    table = spec.table or "membership"
    rows = sum(done.rows.values())
    told = ", ".join(f"{count:,} of {name}" for name, count in sorted(done.rows.items()) if count) or "none"
    aside = sum(done.aside.values())
    notes = [Note(f"Known at: {dating}.")]
    notes += [Note(each) for each in done.told]
    if done.repeated:
        notes.append(Note("Imported before with the same mapping: nothing is written twice."))
    if done.stopped:
        notes.append(Note("Stopped. What is written stays; the same import goes on from there.", "warning"))
    if not write:
        notes.append(Note("Nothing is written yet. The same line with GO at its end writes it."))
    used = ", ".join(f"{column} = {name}" for name, column in spec.columns.items())
    fixed = ", ".join(f"{name} = {value!r}" for name, value in spec.constants.items())
    unread = (
        [c for c in file.columns if c not in {*spec.columns.values(), spec.known_at}] if spec.columns else []
    )
    facts = (
        Metric("file", str(file.path)),
        Metric("table", table),
        Metric("source", spec.source or f"file {file.path.name}"),
        Metric("rows read", done.read, "integer"),
        Metric("written" if write else "would be written", told),
        Metric("set aside", aside, "integer"),
        Metric("columns", used or "as the layout has them"),
        Metric("constants", fixed or "none"),
        Metric("not used", ", ".join(unread) or "none"),
    )
    panels = [Panel("import", "what it is", Metrics(facts)), _reasons(done)]
    if done.first is not None:
        panels.append(Panel("first", f"first rows of {table}", _first(done.first)))
    verb = "Imported" if write else "Preview of"
    return Page(
        f"{verb} {file.path.name}: {rows:,} rows, {aside:,} set aside", tuple(panels), notes=tuple(notes)
    )


def _reasons(done: Imported) -> Panel:
    from engine.frames import frame_of

    rows = [
        {"reason": reason, "rows": count, "example": done.bad.get(reason, "")}
        for reason, count in sorted(done.aside.items(), key=lambda item: -item[1])
    ]
    frame = frame_of(rows, reason="text", rows="integer", example="text")
    columns = (
        Column("reason", "reason"), Column("rows", "rows", "integer"), Column("example", "first of them", width=60)
    )  # fmt: skip
    return Panel("aside", "set aside", Table(frame, columns, key=("reason",), empty="Every row passes."))


def _first(frame: pl.DataFrame) -> Table:
    shown = frame.drop("deleted", strict=False)
    full = [name for name in shown.columns if shown[name].null_count() < shown.height]
    kinds = {name: _KINDS.get(str(shown.schema[name]).split("(")[0], "text") for name in full}
    kinds |= {name: "instant" for name in full if str(shown.schema[name]).startswith("Datetime")}
    columns = tuple(Column(name, name, kinds[name], width=30) for name in full)
    return Table(shown.select(full), columns)

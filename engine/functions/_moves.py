"""Last values of many securities and their moves over the usual ranges: the rows of WEI and FXIP."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.errors import DataError
from engine.frames import TypeWord, frame_of
from engine.history import FRESH_DAYS, read_history
from engine.page import Blank, CellSource, Column, SecurityRef, Table
from engine.period import Period

if TYPE_CHECKING:
    from engine.context import Context
    from engine.history import History

_KEPT = 6  # newest closes of a row, by session
RANGES: Mapping[str, Period] = {
    "week": Period("W", 1),
    "month": Period("M", 1),
    "ytd": Period("YTD"),
    "year": Period("Y", 1),
}
_LABELS = {"week": "1W", "month": "1M", "ytd": "YTD", "year": "1Y"}
_LAST = "the last close known at the clock; where its vendor adjusted it later, rebased to 100 at the first"
_OF = "last close / close of {} - 1"
_BEFORE = {
    "week": "the same day a week before, or of the session before that day",
    "month": "the same day a month before, or of the session before that day",
    "ytd": "the last session of the year before",
    "year": "the same day a year before, or of the session before that day",
}


def rows_of(
    context: Context,
    refs: Sequence[SecurityRef],
    more: Callable[[SecurityRef], Mapping[str, Any]] = lambda _: {},
) -> list[dict[str, Any]]:
    """A row a security, in order. Staleness stands in a column; a note each would drown the page."""
    notes, rows = list(context.notes), []
    for at, ref in enumerate(refs):
        context.check_cancelled()
        context.progress(at, len(refs), ref.ticker)
        rows.append(_row(context, ref) | dict(more(ref)))
    context.stale.clear()
    context.notes[:] = notes
    return rows


def _row(context: Context, ref: SecurityRef) -> dict[str, Any]:
    row: dict[str, Any] = {
        "security_id": ref.security_id, "ticker": ref.ticker, "name": ref.name,
        "command": f"{ref.ticker} {ref.market} GP",
    }  # fmt: skip
    try:
        history = _history(context, ref)
    except DataError:
        return row | {"blank": Blank.NOT_YET_KNOWN, "tone": "muted"}
    frame, age = history.frame, (context.today - history.last).days
    row |= {
        "last": float(frame["close"][-1]), "session_date": history.last, "age": age, "table": history.shape,
        "basis": history.basis, "decimals": history.decimals,
        "closes": dict(zip(*(frame[name][-_KEPT:].to_list() for name in ("session_date", "close")), strict=True)),
    }  # fmt: skip
    if history.shape == "bars":
        row |= {name: frame[name][-1] for name in ("split_factor", "dividend_factor")}
    if frame.height > 1:
        row["day"] = _move(float(frame["close"][-2]), row["last"])
    for name, period in RANGES.items():
        row[name] = _over(history, period)
    year = history.within(RANGES["year"])
    high, low = ("high", "low") if history.shape == "bars" else ("close", "close")
    row["high"], row["low"] = float(year[high].max()), float(year[low].min())  # type: ignore[arg-type]
    tone = row.get("day") or 0.0
    row["tone"] = "muted" if age > FRESH_DAYS else "up" if tone > 0 else "down" if tone < 0 else ""
    return row


def _history(context: Context, ref: SecurityRef) -> History:
    """Bars, unless they begin too late for a year's move and closes of another source reach further back."""
    found = read_history(context, ref, "splits")
    if found.shape != "bars" or found.base(RANGES["year"]) is not None:
        return found
    try:
        closes = read_history(context, ref, "splits", "CLOSES")
    except DataError:
        return found
    reaches = closes.first < found.first and (found.last - closes.last).days <= FRESH_DAYS
    return closes if reaches else found


def _over(history: History, period: Period) -> float | None:
    begins = history.base(period)
    row = None if begins is None else history.at(begins)
    return None if row is None else _move(float(row["close"][0]), float(history.frame["close"][-1]))


def _move(before: float, after: float) -> float | None:
    return after / before - 1 if before > 0 else None


def note_old(context: Context, rows: Sequence[Mapping[str, Any]]) -> None:
    """How many rows say nothing of the clock's day: a last close years old looks like any other."""
    ages = [row["age"] for row in rows if "age" in row]
    old = [age for age in ages if age > FRESH_DAYS]
    if old:
        which = "All" if len(old) == len(ages) else f"{len(old)} of"
        context.note(
            f"{which} {len(ages)} rows are more than {FRESH_DAYS} days old, the oldest {max(old):,}: their moves "
            "are those to the session shown.",
            "warning",
        )


def table(
    rows: Sequence[Mapping[str, Any]], lead: Sequence[Column], empty: str, trail: Sequence[Column] = ()
) -> Table:
    """The rows with ``lead`` columns of text before the values, and ``trail`` behind them."""
    texts: dict[str, TypeWord] = {column.name: "text" for column in (*lead, *trail)}
    frame = frame_of(
        rows, security_id="integer", command="text", session_date="date", age="integer", last="number",
        day="number", week="number", month="number", ytd="number", year="number", low="number", high="number",
        decimals="integer", tone="text", blank="text", table="text", basis="text", split_factor="number",
        dividend_factor="number", **texts,
    )  # fmt: skip
    keys = {"security_id": "security_id", "session_date": "session_date"}
    source = CellSource("", "close", keys, table_from="table")
    day = "last close / close of the session before - 1"
    columns = (
        *lead,
        Column("last", "last", "price", formula=_LAST, source=source, blank="blank", decimals_from="decimals"),
        Column("session_date", "session", "date", blank="blank"),
        Column("day", "1D", "change", formula=day, blank="blank"),
        *(
            Column(name, _LABELS[name], "change", formula=_OF.format(_BEFORE[name]), blank="blank")
            for name in RANGES
        ),
        Column("low", "52w low", "price", formula="lowest of the year to the last session", blank="blank",
               decimals_from="decimals"),
        Column("high", "52w high", "price", formula="highest of the year to the last session", blank="blank",
               decimals_from="decimals"),
        Column("age", "days old", "integer", formula="the clock's date - session", blank="blank"),
        *trail,
    )  # fmt: skip
    return Table(frame, columns, key=("security_id",), command="command", emphasis="tone", empty=empty)

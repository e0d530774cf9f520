"""BACKTEST's page on what the run knew: every input, when decisions were made, and the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.frames import frame_of
from engine.functions._backtest_found import Found
from engine.page import Column, Table, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.backtest.result import Event
    from engine.context import Context


def times(found: Found) -> Text:
    """The conventions, in words."""
    run = found.run
    spec, sessions = run.asked.spec, len(run.market.dates)
    symbols = len(run.market.symbols) - run.market.unseen  # successors of mergers are none that were chosen
    lines = [
        f"Run over {sessions:,} sessions, {run.first} to {run.last}, "
        f"{symbols:,} {'symbol' if symbols == 1 else 'symbols'}.",
        *(run.outcome.told or (_unsaid(spec.fill),)),
        f"Simulated by {_PATHS[run.outcome.path]}.",
    ]
    return Text(tuple(dict.fromkeys(lines)))


def _unsaid(fill: str) -> str:
    """The convention of runs that say none of their own."""
    return (
        "A decision is made after a session's close, on what was known by then; it fills no earlier than the next "
        f"session, at its {_FILLS[fill]}."
    )


_PATHS = {
    "fast": "sessions in arrays, all symbols at once",
    "events": "orders against bars, one after the other",
}
_FILLS = {"open": "open", "close": "close", "vwap": "average price (mean of open, high, low and close)"}


def facts(found: Found) -> Table:
    """What was read, in numbers and words."""
    rows = [
        {"what": name, "value": _valued(name, value, found.run.currency)} for name, value in found.run.facts
    ]
    frame = frame_of(rows, what="text", value="text")
    return Table(
        frame, (Column("what", "input"), Column("value", "what was found", width=110)), key=("what",)
    )


def _valued(name: str, value: object, currency: str) -> str:
    if name in _MONEY and isinstance(value, int | float):
        return f"{value:,.2f} {currency}"
    return f"{value:,}" if isinstance(value, int | float) else str(value)


_MONEY = ("cost of rolls", "funding paid")


def reads(context: Context) -> Table:
    """Every read on record, as LEAK tells them."""
    rows = [
        {
            "table": read.table,
            "rows": read.rows,
            "first": read.start,
            "last": read.end,
            "newest": read.newest_known_at,
            "basis": ", ".join(read.bases),
            "sources": ", ".join(read.sources),
        }
        for read in context.reader.reads
        if read.table != "securities"
    ]
    frame = frame_of(
        rows,
        table="text",
        rows="integer",
        first="date",
        last="date",
        newest="instant",
        basis="text",
        sources="text",
    )
    columns = (
        Column("table", "table"),
        Column("rows", "rows", "integer"),
        Column("first", "from", "date"),
        Column("last", "to", "date"),
        Column("newest", "newest known at", "instant"),
        Column("basis", "basis"),
        Column("sources", "sources", width=40),
    )
    return Table(frame, columns, empty="Nothing was read.")


def happened(events: Sequence[Event]) -> str:
    """How often what happened, in words: ``2 margin calls, 1 roll``."""
    kinds: dict[str, int] = {}
    for event in events:
        kinds[event.kind] = kinds.get(event.kind, 0) + 1
    told = []
    for kind, number in kinds.items():
        one, many = _HAPPENED.get(kind, (kind, f"{kind}s"))
        told.append(f"{number:,} {one if number == 1 else many}")
    return ", ".join(told)


_HAPPENED = {
    "delisting": ("position ended in a delisting", "positions ended in a delisting"),
    "ruin": (
        "account lost everything: -100% there, and nothing after it counts",
        "accounts lost everything: -100% there, and nothing after it counts",
    ),
    "merger": ("position was merged into another", "positions were merged into others"),
    "partial": ("fill was partial, for want of volume", "fills were partial, for want of volume"),
    "lapsed": ("order lapsed unfilled", "orders lapsed unfilled"),
    "margin": ("order was cut by margin", "orders were cut by margin"),
    "cash": ("order was cut by cash", "orders were cut by cash"),
    "stale": (
        "stretch without bars was marked at a last close",
        "stretches without bars were marked at a last close",
    ),
    "unfilled": ("entry lapsed unfilled", "entries lapsed unfilled"),
    "model mark": ("mark was a model's", "marks were a model's"),
    "pin risk": ("expiry with pin risk", "expiries with pin risk"),
    "expiry": ("expiry", "expiries"),
    "no quotes": ("session without quotes", "sessions without quotes"),
    "adjustment": ("contract adjusted", "contracts adjusted"),
}


def events(found: Found) -> Table:
    """Delistings, margin calls, orders cut by volume, marks without a bar: the newest first."""
    rows = [
        {
            "date": event.date.astype("datetime64[D]").astype(object),
            "kind": event.kind,
            "symbol": event.symbol,
            "text": event.text,
        }
        for event in reversed(found.run.outcome.result.events)
    ]
    frame = frame_of(rows, date="date", kind="text", symbol="text", text="text")
    columns = (Column("date", "day", "date"), Column("kind", "what"), Column("symbol", "symbol"),
               Column("text", "", width=100))  # fmt: skip
    return Table(frame, columns, empty="Nothing out of the ordinary.")

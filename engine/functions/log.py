"""LOG: what this desk has done: commands, times, failures."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from engine.frames import frame_of
from engine.function import Args, Argument, Function, Kind
from engine.page import Column, Page, Panel, Table

if TYPE_CHECKING:
    from engine.context import Context

_OWN = ("timestamp", "level", "event", "command", "milliseconds")


def run(context: Context, args: Args) -> Page:
    from engine.log import events

    found = events(context.desk.store.home, context.user, int(args["lines"]))
    rows = [
        {
            "at": _instant(event.get("timestamp")),
            "level": str(event.get("level", "")),
            "event": str(event.get("event", "")),
            "command": str(event.get("command", "")) or None,
            "milliseconds": _number(event.get("milliseconds")),
            "more": " ".join(f"{k}={v}" for k, v in event.items() if k not in _OWN) or None,
            "tone": "down" if event.get("level") in ("error", "critical") else "",
        }
        for event in found
    ]
    columns = (
        Column("at", "at", "instant"),
        Column("level", "level"),
        Column("event", "event"),
        Column("command", "command", width=50),
        Column("milliseconds", "ms", "number", 1),
        Column("more", "details"),
    )
    table = Table(
        frame_of(
            rows,
            at="instant",
            level="text",
            event="text",
            command="text",
            milliseconds="number",
            more="text",
            tone="text",
        ),
        columns,
        emphasis="tone",
        empty="Nothing is logged yet.",
    )
    title = f"newest first, from {context.desk.store.home / 'logs'}"
    return Page(f"Log of {context.user}", (Panel("events", title, table),))


def _instant(text: object) -> datetime | None:
    try:
        instant = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


FUNCTIONS = (
    Function(
        "LOG",
        "what this desk has done: commands, times, failures",
        run,
        arguments=(Argument("lines", Kind.INTEGER, "how many events", 200, minimum=1, maximum=5000),),
        changes=True,
        examples=(("LOG", "the newest events"),),
        order=920,
    ),
)

"""AUDIT: what was fetched, written, set aside and kept in this store, by whom and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.frames import frame_of
from engine.function import Args, Argument, Function, Kind
from engine.page import Column, Note, Page, Panel, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.context import Context

_FIRST = ("source", "symbol", "dataset", "table", "rows", "start", "end", "outcome")


def run(context: Context, args: Args) -> Page:
    store = context.desk.store
    if args["verify"]:
        problems = store.verify_audit(context.progress)
        for problem in problems[:50]:
            context.notes.append(Note(problem, "error"))
        if not problems:
            context.note("Every line of the audit is as it was written, and none is missing.")
    found = store.audit.events(args["lines"], args["event"])
    rows = [
        {
            "seq": str(one.seq), "at": one.at, "user": one.user, "event": one.event,
            "facts": _told(one.facts),
        }
        for one in found
    ]  # fmt: skip
    columns = (
        Column("seq", "line"),
        Column("at", "at", "instant"),
        Column("user", "by"),
        Column("event", "event"),
        Column("facts", "what"),
    )
    frame = frame_of(rows, seq="text", at="instant", user="text", event="text", facts="text")
    empty = (
        "Nothing is in the audit yet."
        if args["event"] is None
        else f"No event {args['event']} is in the audit. AUDIT alone shows all of them: fetch, write, quarantine, "
        "snapshot, key, backfill, import, compact."
    )
    title = f"newest first, from {store.home / 'audit'}"
    return Page("Audit", (Panel("events", title, Table(frame, columns, ("seq",), empty=empty)),))


def _told(facts: Mapping[str, object]) -> str:
    """What a person asks first comes first, and long hashes last."""
    places = {name: place for place, name in enumerate(_FIRST)}
    names = sorted(facts, key=lambda name: (name.endswith("hash"), places.get(name, len(places))))
    return ", ".join(f"{name} {facts[name]}" for name in names if facts[name] not in (None, ""))


FUNCTIONS = (
    Function(
        "AUDIT",
        "what was fetched, written and kept in this store, by whom and when",
        run,
        arguments=(
            Argument(
                "verify",
                Kind.CHOICE,
                "also check every line against its hash",
                None,
                choices={"VERIFY": ("CHECK",)},
            ),
            Argument("lines", Kind.INTEGER, "how many lines", 200, minimum=1, maximum=5_000),
            Argument("event", Kind.WORD, "only events of this kind: fetch, write, quarantine, snapshot, key"),
        ),
        changes=True,  # the store's own history, at no clock: neither ASOF nor OPEN show it again
        examples=(
            ("AUDIT", "the newest lines"),
            ("AUDIT fetch", "what sources were asked"),
            ("AUDIT VERIFY", "check the chain"),
        ),
        about=(
            "Each line holds the hash of the line before it, and commits anchor the newest one in the catalog: a "
            "line that is changed, removed, moved or put in is found by VERIFY, and by `asof audit verify`."
        ),
        order=921,
    ),
)

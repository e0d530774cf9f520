"""ASOF: moves the clock, and the page with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import CommandError, DataError
from engine.function import Args, Argument, Function, Kind
from engine.page import Metric, Metrics, Note, Page, Panel, Text

if TYPE_CHECKING:
    from datetime import datetime

    from engine.context import Context


def run(context: Context, args: Args) -> Page:
    desk = context.desk
    if args["when"] is None and args["rec"] is None:
        return _face(context)
    asof = desk.asof if args["when"] is None else instant(context, args["when"], "when")
    recorded = None if args["rec"] is None else instant(context, args["rec"], "rec")
    if args["rec"] is None and desk.recorded is not None:
        context.note("REC is off again: whatever this store has recorded counts.", passing=True)
    page = desk.subject()
    moved = None
    if page is not None and page.lineage is not None:
        command = desk.parse(page.lineage.command)
        try:
            moved = desk.run_at(command, context, asof=asof, recorded=recorded, securities=page.securities)
        except DataError as fault:  # nothing was known there; what the store cannot read stops the move
            desk.asof, desk.recorded = asof, recorded
            return _nothing_there(context, page, fault)
    same = desk.asof == asof and desk.recorded == recorded
    desk.asof, desk.recorded = asof, recorded
    if moved is None:
        return _face(context)
    notes = [*context.notes, *([Note("The clock stood there already.", passing=True)] if same else [])]
    return replace(moved, notes=(*moved.notes, *notes))


def instant(context: Context, text: str, argument: str) -> datetime | None:
    """A typed instant at this desk; raises CommandError with the nearest valid form."""
    try:
        return context.desk.instant(text)
    except ValueError as fault:
        sentence = str(fault)
        example = ("ASOF 2008-09-15", "ASOF NOW")
        message = sentence[:1].upper() + sentence[1:] + "."
        raise CommandError(message, suggestions=example, argument=argument) from fault


def _nothing_there(context: Context, page: Page, fault: DataError) -> Page:
    """The clock has moved, though the page had nothing to show there: say so in its place."""
    desk = context.desk
    there = desk.context(desk.asof, None, desk.recorded)
    text = Text((str(fault), "Type another security or function, or move the clock: ASOF NOW."))
    context.reader, context.live, context.directory = there.reader, there.live, there.directory
    # the page's own title names its security as it was called at another clock
    return Page(page.function, (Panel("empty", "nothing known at this clock", text),))


def _face(context: Context) -> Page:
    """What the clock says, for a desk that has no page yet."""
    desk = context.desk
    there = desk.context(desk.asof, None, desk.recorded)
    context.reader, context.live, context.directory = there.reader, there.live, there.directory
    items = [
        Metric("as of", "NOW" if desk.asof is None else context.show(desk.asof)),
        Metric("instant", there.asof, "instant"),
        Metric("time zone", str(desk.zone.key), note="SET timezone changes it"),
        Metric("as recorded on", desk.recorded, "instant") if desk.recorded else
        Metric("as recorded on", "whatever is recorded"),
        Metric("snapshot of the store", there.reader.snapshot, "text"),
        Metric("securities known", len(there.directory), "integer"),
        Metric("last session, New York", there.reader.last_session("XNYS"), "date"),
    ]  # fmt: skip
    return Page(
        "Clock", (Panel("clock", "ASOF 2008-09-15 moves it, ASOF NOW brings it back", Metrics(tuple(items))),)
    )


FUNCTIONS = (
    Function(
        "ASOF",
        "moves the clock: show what was known then, and nothing later",
        run,
        arguments=(
            Argument("when", Kind.INSTANT, "the clock: a date is its evening"),
            Argument("rec", Kind.INSTANT, "only what this store had recorded by then", named_only=True),
        ),
        changes=True,
        examples=(
            ("ASOF 2008-09-15", "the evening of that day, where the desk is"),
            ("ASOF 2008-09-15T14:30", "the middle of the session: that day's bar is not known yet"),
            ("ASOF 2008-09-15 REC=2026-11-01", "and only what this store had recorded by then"),
            ("ASOF NOW", "back to the present"),
        ),
        about=(
            "Every row in the store carries when the world could know it. ASOF T filters on that, on every page, "
            "until ASOF NOW: prices, adjustments, names and tickers. A date means the end of that day in "
            "the desk's time zone (SET timezone). REC=R shows what this store itself had recorded by R, which is "
            "what makes an old result repeatable although a vendor has rewritten history since; the next ASOF "
            "without REC drops it."
        ),
        order=55,
    ),
)

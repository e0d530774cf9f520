"""SNAP keeps a page under its id; OPEN shows it again, also to a colleague."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import CommandError, DataError
from engine.frames import frame_of
from engine.function import Args, Argument, Function, Kind
from engine.lineage import record_of
from engine.page import Column, Note, Page, Panel, Table

if TYPE_CHECKING:
    from engine.context import Context


def snap(context: Context, args: Args) -> Page:
    from engine.encode import page_hash

    page = context.page
    assert page is not None  # noqa: S101 - the desk runs on_page functions only with a page
    assert page.lineage is not None  # noqa: S101 - the desk gives every page its lineage
    lineage = page.lineage
    function = context.desk.functions.get(page.function)
    if function is None or function.on_page or function.changes:
        raise CommandError(
            f"{page.function or 'This page'} cannot be kept: go back to the page it speaks of."
        )
    # made again from its id, as OPEN will: what cannot be repeated is not kept as if it could
    again = context.desk.run_at(
        context.desk.parse(lineage.command),
        context,
        asof=lineage.asof,
        snapshot=lineage.snapshot,
        recorded=lineage.recorded,
        live=lineage.live,
    )
    if page_hash(again) != page_hash(page):
        raise DataError("This page cannot be repeated as it stands. Run it again, then SNAP.")
    seen = record_of(page, lineage, context.user, context.desk.clock())
    record = replace(
        seen, page_hash=page_hash(page), note=args["note"] or "", context={**seen.context, "kept": True}
    )
    context.desk.store.keep_page(record)
    kept = f"Kept as {record.id}. OPEN {record.id} shows it again, on any desk of this store."
    return replace(page, notes=(*page.notes, Note(kept, passing=True)))


def open_page(context: Context, args: Args) -> Page:
    from engine.encode import page_hash

    store, desk = context.desk.store, context.desk
    if not args["id"]:
        return _list(context)
    record = store.find_page(args["id"].lower())
    if record is None:
        raise DataError(f"No page is kept under {args['id']!r}. OPEN alone lists those that are.")
    page = desk.run_at(
        desk.parse(record.command), context,
        asof=record.asof, snapshot=record.snapshot, recorded=record.recorded, live=record.live,
    )  # fmt: skip
    if not record.page_hash:
        told = Note(f"Shown again from {record.id} of {record.user}.", passing=True)
    elif page_hash(page) == record.page_hash:
        told = Note(
            f"{record.id} of {record.user}, kept {context.show(record.kept_at)}: the same to the bit.",
            passing=True,
        )
    else:
        why = (
            f" by version {record.version}" if page.lineage and page.lineage.version != record.version else ""
        )
        told = Note(f"{record.id} was kept{why} with other content than it has now.", "error", passing=True)
    lines = (told, Note(record.note, passing=True)) if record.note else (told,)
    return replace(page, notes=(*lines, *page.notes))


def _list(context: Context) -> Page:
    records = [r for r in context.desk.store.pages(limit=500) if r.context.get("kept")]
    frame = frame_of(
        [
            {
                "id": r.id,
                "title": str(r.context.get("title", "")),
                "asof": r.asof,
                "user": r.user,
                "kept_at": r.kept_at,
                "note": r.note,
                "command": f"OPEN {r.id}",
            }
            for r in records
        ],
        id="text",
        title="text",
        asof="instant",
        user="text",
        kept_at="instant",
        note="text",
        command="text",
    )
    columns = (
        Column("id", "id"),
        Column("title", "page"),
        Column("asof", "as of", "instant"),
        Column("user", "kept by"),
        Column("kept_at", "kept at", "instant"),
        Column("note", "note"),
    )
    empty = "No page is kept yet. SNAP keeps the page on screen: AAPL GP, then SNAP."
    table = Table(frame, columns, key=("id",), command="command", empty=empty)
    return Page("Kept pages", (Panel("pages", "type a number to open one", table),))


FUNCTIONS = (
    Function(
        "SNAP",
        "keep this page under its id",
        snap,
        arguments=(Argument("note", Kind.TEXT, "a note to keep with it"),),
        on_page=True,
        changes=True,
        examples=(("SNAP", "after AAPL GP"), ('SNAP "before the split"', "with a note")),
        about="The id is made from the store's snapshot, the clock, the code's version and the full command.",
        order=70,
    ),
    Function(
        "OPEN",
        "show a kept page again, the same to the bit",
        open_page,
        arguments=(Argument("id", Kind.WORD, "the id, or the start of one"),),
        changes=True,
        examples=(("OPEN", "all kept pages"), ("OPEN 3f9c", "the one whose id starts so")),
        about=(
            "The command runs again on the same snapshot of the store at the same clock, and the result is compared "
            "with the hash that was kept. The desk's own clock does not move."
        ),
        order=71,
    ),
)

"""SNAP keeps a page under its id, SNAP DATA a data set; OPEN shows either again, also to a colleague."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import CommandError, DataError
from engine.frames import frame_of
from engine.function import Args, Argument, Function, Kind
from engine.functions._dataset import dataset_page
from engine.lineage import record_of
from engine.page import Column, Note, Page, Panel, Table
from store.schema import TABLES

if TYPE_CHECKING:
    from engine.context import Context
    from engine.page import Lineage


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
        seen,
        page_hash=page_hash(page),
        note=args["note"] or "",
        context={**seen.context, "kept": True, "snapshot": _reads_kept(context, lineage, seen.id)},
    )
    context.desk.store.keep_page(record)
    kept = f"Kept as {record.id}. OPEN {record.id} shows it again, on any desk of this store."
    return replace(page, notes=(*page.notes, Note(kept, passing=True)))


def _reads_kept(context: Context, lineage: Lineage, page: str) -> str:
    """The snapshot of what the page read; "" where it read nothing."""
    if not lineage.reads:
        return ""
    made = context.desk.store.save_snapshot(
        f"page {page}", lineage.reads, lineage.asof, lineage.snapshot, lineage.recorded, user=context.user
    )
    return made.id


def snap_data(context: Context, args: Args) -> Page:
    from store import Selection

    loaded = context.desk.security
    if args["scope"] and {ref.security_id for ref in context.securities} - {loaded and loaded.security_id}:
        raise CommandError("ALL is every security: name none beside it.", argument="scope")
    ids = None if args["scope"] else tuple(ref.security_id for ref in context.securities)
    if ids == ():
        raise CommandError(
            "SNAP DATA needs securities, or ALL of them.",
            suggestions=("SNAP DATA BARS AAPL 5Y", "SNAP DATA BARS ALL"),
        )
    whole = args["period"] is None or args["period"].unit == "MAX"
    start, end = (None, None) if whole else args["period"].bounds(context.today)
    store, reader = context.desk.store, context.reader
    record = store.save_snapshot(
        args["name"] or "",
        [Selection(table.lower(), ids, start, end) for table in args["table"]],
        reader.asof,
        reader.snapshot,
        reader.recorded,
        args["note"] or "",
        context.user,
    )
    return dataset_page(context, store.load_snapshot(record.id), "SNAP DATA")


def open_page(context: Context, args: Args) -> Page:
    from engine.encode import page_hash

    store, desk = context.desk.store, context.desk
    if not args["id"]:
        return _list(context)
    record = store.find_page(args["id"].lower())
    if record is None:
        desk.drain()  # a page of this moment may still wait to be written
        record = store.find_page(args["id"].lower())
    if record is None:
        if store.find_snapshot(args["id"]) is None:
            raise DataError(
                f"No page is kept under {args['id']!r}, and no data set. OPEN alone lists those that are."
            )
        return dataset_page(context, store.load_snapshot(args["id"]), "OPEN")
    if record.context.get("snapshot"):
        store.load_snapshot(record.context["snapshot"])  # refuses where what the page read was tampered with
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
    pages = Panel("pages", "type a number to open one", table)
    return Page("Kept pages", (pages, *_data_sets(context, {r.context.get("snapshot") for r in records})))


def _data_sets(context: Context, of_pages: set[object]) -> tuple[Panel, ...]:
    """Kept data sets, where there are any; those that pages were made from are the pages'."""
    records = [r for r in context.desk.store.snapshots(limit=500) if r.id not in of_pages]
    if not records:
        return ()
    frame = frame_of(
        [
            {
                "id": r.id[:12],
                "name": r.name,
                "tables": ", ".join(dict.fromkeys(read.table for read in r.reads)),
                "rows": r.rows,
                "asof": r.asof,
                "user": r.user,
                "kept_at": r.made_at,
                "note": r.note,
                "command": f"OPEN {r.id[:12]}",
            }
            for r in records
        ],
        id="text",
        name="text",
        tables="text",
        rows="integer",
        asof="instant",
        user="text",
        kept_at="instant",
        note="text",
        command="text",
    )
    columns = (
        Column("id", "id"),
        Column("name", "data set"),
        Column("tables", "tables"),
        Column("rows", "rows", "integer"),
        Column("asof", "as of", "instant"),
        Column("user", "kept by"),
        Column("kept_at", "kept at", "instant"),
        Column("note", "note"),
    )
    return (Panel("data", "data sets", Table(frame, columns, key=("id",), command="command")),)


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
        "SNAP DATA",
        "keep a data set under an id",
        snap_data,
        arguments=(
            Argument(
                "table",
                Kind.CHOICE,
                "what to keep; several may be named",
                choices={name.upper(): () for name in TABLES},
                many=True,
                required=True,
            ),
            Argument("scope", Kind.CHOICE, "every security", choices={"ALL": ()}),
            Argument("period", Kind.PERIOD, "which days; all where none are named"),
            Argument("name", Kind.WORD, "what to call it", named_only=True),
            Argument("note", Kind.WORD, "a note to keep with it, in quotes", named_only=True),
            Argument("securities", Kind.SECURITY, "whose rows", many=True),
        ),
        security="optional",
        changes=True,
        examples=(
            ("SNAP DATA BARS AAPL MSFT 2005-01-01 2010-12-31", "daily bars of two"),
            ("SNAP DATA BARS ACTIONS AAPL NAME=study", "bars and actions under a name"),
            ("SNAP DATA SECURITIES ALL", "a whole table"),
        ),
        about=(
            "The id is a hash over what was read (tables, securities, days), the clock, the store's snapshot and the "
            "content of every row with the commit that brought it; docs/snapshots.md says how. The rows come back "
            "identical, for any colleague, or OPEN says what was tampered with."
        ),
        order=70,
    ),
    Function(
        "OPEN",
        "show a kept page or data set again, the same to the bit",
        open_page,
        arguments=(Argument("id", Kind.WORD, "the id, the start of one, or a data set's name"),),
        changes=True,
        examples=(("OPEN", "all that is kept"), ("OPEN 3f9c", "the one whose id starts so")),
        about=(
            "The command runs again on the same snapshot of the store at the same clock, and the result is compared "
            "with the hash that was kept; the rows behind a kept page or data set are verified first. The desk's own "
            "clock does not move."
        ),
        order=71,
    ),
)

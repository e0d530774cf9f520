"""What a page was made from, and the id that names it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.page import Lineage
from engine.version import VERSION

if TYPE_CHECKING:
    from datetime import datetime

    from engine.command import Command
    from engine.context import Context
    from engine.page import Page
    from store.pages import PageRecord
    from store.reader import AsOfReader


def lineage_of(context: Context, command: Command, store_id: str, seconds: float) -> Lineage:
    """The lineage of a run. A page made of other pages (ASOF DIFF) answers for all their reads, and stands
    at the latest of their clocks."""
    reader, canonical = context.reader, command.canonical()
    inner = [page.lineage for page in context.made_of if page.lineage is not None]
    reads = (*reader.reads, *(read for lineage in inner for read in lineage.reads))
    lineage = Lineage(
        asof=max((lineage.asof for lineage in inner), default=reader.asof),
        live=all(lineage.live for lineage in inner) if inner else context.live,
        snapshot=reader.snapshot,
        snapshot_id=page_id(store_id, reader, canonical),
        command=canonical,
        version=VERSION,
        user=context.user,
        recorded=reader.recorded,
        reads=reads,
        seconds=seconds,
    )
    sources = {source for read in lineage.figure_reads for source in read.sources}
    return replace(lineage, sources=tuple(sorted(sources)))


def page_id(store_id: str, reader: AsOfReader, canonical: str) -> str:
    """Names a page by what it was made from: store, snapshot, clock, code and command."""
    recorded = reader.recorded.isoformat() if reader.recorded else ""
    parts = (store_id, str(reader.snapshot), reader.asof.isoformat(), recorded, VERSION, canonical)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]


def record_of(page: Page, lineage: Lineage, user: str, now: datetime) -> PageRecord:
    """What OPEN needs to show the page again; a page that is kept adds its content's hash."""
    from store.pages import PageRecord

    return PageRecord(
        id=lineage.snapshot_id,
        command=lineage.command,
        asof=lineage.asof,
        live=lineage.live,
        recorded=lineage.recorded,
        snapshot=lineage.snapshot,
        version=lineage.version,
        user=user,
        kept_at=now,
        page_hash="",
        context={"title": page.title},
    )

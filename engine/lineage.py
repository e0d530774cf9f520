"""What a page was made from, and the id that names it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from engine.page import Lineage
from engine.version import VERSION

if TYPE_CHECKING:
    from engine.command import Command
    from engine.context import Context
    from store.reader import AsOfReader
    from store.reads import Read


def lineage_of(
    context: Context, command: Command, store_id: str, names: tuple[Read, ...], seconds: float
) -> Lineage:
    """The lineage of a run; ``names`` are the reads behind the directory of securities."""
    reader, canonical = context.reader, command.canonical()
    # where the names came from is among the reads; the sources are those of the figures
    figures = reader.reads or names
    return Lineage(
        asof=reader.asof,
        live=context.live,
        snapshot=reader.snapshot,
        snapshot_id=page_id(store_id, reader, canonical),
        command=canonical,
        version=VERSION,
        user=context.user,
        recorded=reader.recorded,
        reads=(*names, *reader.reads),
        sources=tuple(sorted({source for read in figures for source in read.sources})),
        seconds=seconds,
    )


def page_id(store_id: str, reader: AsOfReader, canonical: str) -> str:
    """Names a page by what it was made from: store, snapshot, clock, code and command."""
    recorded = reader.recorded.isoformat() if reader.recorded else ""
    parts = (store_id, str(reader.snapshot), reader.asof.isoformat(), recorded, VERSION, canonical)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]

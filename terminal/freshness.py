"""How fresh the page's data are, for the status line."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from terminal.clockwords import tell_age

if TYPE_CHECKING:
    from engine.page import Page


def freshness(page: Page | None, zone: tzinfo | None) -> str:
    """The newest known_at of what the page mostly shows (its largest read), and its age at the page's clock."""
    lineage = page.lineage if page is not None else None
    if lineage is None or zone is None:
        return ""
    reads = [read for read in lineage.reads if read.newest_known_at is not None]
    data = [read for read in reads if read.table not in ("securities", "actions")] or reads
    newest = max(data, key=lambda read: read.rows).newest_known_at if data else None
    if newest is None:
        return ""
    return f"known to {newest.astimezone(zone):%Y-%m-%d}, {tell_age(newest, lineage.asof)} before the clock"

"""How fresh the page's data are, for the status line."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

from terminal.clockwords import tell_age

if TYPE_CHECKING:
    from engine.page import Page


def freshness(page: Page | None, zone: tzinfo | None) -> str:
    """The newest known_at among the page's reads, and how old it was at the page's clock."""
    lineage = page.lineage if page is not None else None
    if lineage is None or zone is None:
        return ""
    newest = max((read.newest_known_at for read in lineage.reads if read.newest_known_at), default=None)
    if newest is None:
        return ""
    return f"known to {newest.astimezone(zone):%Y-%m-%d}, {tell_age(newest, lineage.asof)} before the clock"

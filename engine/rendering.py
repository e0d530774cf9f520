"""Pages as files that the engine cannot write itself: the front end hands the desk what can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

from engine.errors import DataError

if TYPE_CHECKING:
    from datetime import datetime

    from engine.desk import Desk
    from engine.page import Lineage, Page
    from store import Store

__all__ = ["Recorded", "Renderer", "recorded_of", "rendered"]

Recorded: TypeAlias = "Mapping[str, Mapping[str, datetime]]"  # by page id and source


class Renderer(Protocol):
    """Writes pages as one text, the same text for the same pages."""

    def __call__(self, pages: Sequence[Page], *, title: str = "", recorded: Recorded = ...) -> str: ...


def rendered(desk: Desk, form: str, pages: Sequence[Page], title: str = "") -> str:
    """``pages`` as the renderer of ``form`` writes them.

    Raises DataError where this desk was given none, or the renderer lacks what it needs.
    """
    render = desk.renderers.get(form)
    if render is None:
        raise DataError(f"This desk writes no {form.upper()} files; CSV and JSON it does.")
    lineages = [page.lineage for page in pages if page.lineage is not None]
    told = {lineage.snapshot_id: recorded_of(desk.store, lineage) for lineage in lineages}
    return render(pages, title=title, recorded=told)


def recorded_of(store: Store, lineage: Lineage) -> dict[str, datetime]:
    """When the store last recorded rows from each of the page's sources in the tables that it read.

    Commits after the page's snapshot, or after its REC clock, are none of its business.
    """
    tables: dict[str, set[str]] = {}
    for read in lineage.reads:
        for source in read.sources:
            tables.setdefault(source, set()).add(read.table)
    newest: dict[str, datetime] = {}
    for batch in store.batches():
        seen = batch.seq <= lineage.snapshot and (
            lineage.recorded is None or batch.recorded_at <= lineage.recorded
        )
        if seen and tables.get(batch.source, set()) & set(batch.rows):
            newest[batch.source] = max(newest.get(batch.source, batch.recorded_at), batch.recorded_at)
    return newest

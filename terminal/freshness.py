"""How fresh the page's data are, for the status line."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.page import Candles, Curve, Lines, Metrics, Table
from terminal.clockwords import tell_days

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.page import CellSource, Page
    from store.reads import Read

_DAY = ZoneInfo("America/New_York")  # whose date is the data's day, in notes on stale data too


def freshness(page: Page | None) -> str:
    """When the newest row behind the page's first chart or table was known, and how long before the clock.

    Empty where the page shows no data, or where its reads do not tell which of them that is.
    """
    lineage = page.lineage if page is not None else None
    if page is None or lineage is None:
        return ""
    data = [read for read in lineage.figure_reads if read.newest_known_at is not None]
    behind = _behind(data, next(_sources(page), None))
    newest = max((read.newest_known_at for read in behind if read.newest_known_at), default=None)
    if newest is None:
        return ""
    known, day = newest.astimezone(_DAY).date(), lineage.asof.astimezone(_DAY).date()
    return f"known to {known}, {tell_days(known, day)}"


def beside(working: str, page: Page | None) -> str:
    """What runs beside the desk, and how fresh the page is."""
    return " · ".join(filter(None, (working, freshness(page))))


def _behind(reads: Sequence[Read], source: CellSource | None) -> list[Read]:
    """The reads of one series; those of the only table read where the figure names none."""
    if source is not None:
        security = source.constants.get("security_id")
        return [
            read
            for read in reads
            if read.table == source.table and (security is None or not read.ids or security in read.ids)
        ]
    tables = {read.table for read in reads} - {"securities"}
    return [read for read in reads if tables == {read.table}]


def _sources(page: Page) -> Iterator[CellSource]:
    """Where the figures' data come from, charts and tables first, in the page's order; names are no data."""
    figures = [panel.figure for panel in page.panels]
    for figure in sorted(figures, key=lambda figure: isinstance(figure, Metrics)):
        if isinstance(figure, Candles):
            sources = [figure.source]
        elif isinstance(figure, Table):
            sources = [column.source for column in figure.columns]
        elif isinstance(figure, Lines | Curve):
            sources = [series.source for series in figure.series]
        else:
            sources = [item.source for item in figure.items] if isinstance(figure, Metrics) else []
        yield from (
            source for source in sources if source is not None and source.table not in ("", "securities")
        )

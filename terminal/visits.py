"""The pages visited, walked back and forward. Bounded: old pages keep their line, not their data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.page import Page

LONGEST = 100  # visits remembered
PAGES = 20  # of which the newest keep their page


@dataclass(slots=True)
class Visit:
    """A line that was run, the clock it ran at, and its page while it is kept."""

    line: str
    asof: str = ""  # ISO instant; empty: NOW
    title: str = ""
    panels: tuple[str, ...] = ()
    again: bool = True  # may be run again by itself: it writes nothing and speaks of no other page
    page: Page | None = None


class Visits:
    """A list with a position, as in a browser."""

    def __init__(self) -> None:
        self.items: list[Visit] = []
        self.position = -1

    @property
    def current(self) -> Visit | None:
        return self.items[self.position] if 0 <= self.position < len(self.items) else None

    def add(self, visit: Visit) -> None:
        """Go to a new page; what lay ahead is forgotten. The same line and clock again replaces the visit."""
        here = self.current
        if here is not None and (here.line, here.asof) == (visit.line, visit.asof):
            self.items[self.position] = visit
            return
        del self.items[self.position + 1 :]
        self.items.append(visit)
        del self.items[:-LONGEST]
        self.position = len(self.items) - 1
        self._drop_pages()

    def renew(self, old: Page, new: Page) -> None:
        """A page that changes by itself, as it is now."""
        for visit in self.items:
            if visit.page is old:
                visit.page, visit.title = new, new.title
                visit.panels = tuple(panel.title for panel in new.panels)

    def step(self, by: int) -> Visit | None:
        """Walk; None where there is nothing that way."""
        target = self.position + by
        if not 0 <= target < len(self.items):
            return None
        self.position = target
        return self.items[target]

    def _drop_pages(self) -> None:
        kept = [visit for visit in self.items if visit.page is not None]
        for visit in kept[:-PAGES]:
            visit.page = None
        lost = [visit for visit in self.items if visit.page is None and not visit.again]
        for visit in lost:
            self.items.remove(visit)
        self.position = min(self.position, len(self.items) - 1)

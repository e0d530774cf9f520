"""What a function is given: data as of the clock, the security it is about, and how to report progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from engine.clock import show_instant
from engine.errors import Cancelled, DataError
from engine.page import Note, Page, SecurityRef
from engine.securities import Directory

if TYPE_CHECKING:
    from engine.desk import Desk
    from engine.function import Args
    from store.reader import AsOfReader


def no_progress(done: int, total: int, label: str) -> None:
    """Nobody watches."""


@dataclass(slots=True)
class Context:
    """One run of one function. Market data comes through ``reader`` and nothing else."""

    reader: AsOfReader
    directory: Directory
    zone: ZoneInfo
    live: bool
    preferences: Mapping[str, str]
    user: str
    desk: Desk
    securities: tuple[SecurityRef, ...] = ()
    page: Page | None = None  # the page on screen, for functions that work on it
    progress: Callable[[int, int, str], None] = no_progress
    cancelled: Callable[[], bool] = lambda: False
    notes: list[Note] = field(default_factory=list)
    made_of: tuple[Page, ...] = ()  # pages at other clocks that this one is made from (ASOF DIFF)
    made_by: tuple[tuple[SecurityRef, ...], Args] | None = None  # see restate
    stale: list[tuple[str, str]] = field(default_factory=list)  # ticker and how far behind; told once a page
    unfetched: str = ""  # why no source gave what was asked for, where a page has nothing to show

    @property
    def asof(self) -> datetime:
        return self.reader.asof

    @property
    def today(self) -> date:
        """The data's day at the clock (New York's date, as the reader has it): pages are the same whatever
        time zone a desk shows them in."""
        return self.reader.session_date

    @property
    def security(self) -> SecurityRef:
        if not self.securities:
            raise DataError("No security is loaded. Type one first: AAPL")
        return self.securities[0]

    def note(
        self, text: str, level: Literal["info", "warning", "error"] = "info", *, passing: bool = False
    ) -> None:
        """Tell the reader something; said once however often it is found. ``passing`` as in ``Note``."""
        note = Note(text, level, passing)
        if note not in self.notes:
            self.notes.append(note)

    @property
    def when(self) -> str:
        """The clock in words, for sentences: ``2008-09-15 23:59 New York``, and what was recorded by when."""
        recorded = self.reader.recorded
        by = f", as recorded by {show_instant(recorded, self.zone)}" if recorded else ""
        return show_instant(self.asof, self.zone) + by

    def show(self, instant: datetime) -> str:
        return show_instant(instant, self.zone)

    def restate(self, securities: tuple[SecurityRef, ...], args: Args) -> None:
        """Say what the page is made from where the typed line does not (a change, a list by name), so that
        moving the clock or opening the page again repeats the page and not the change."""
        self.made_by = (securities, args)

    def check_cancelled(self) -> None:
        """Raises Cancelled where the user asked to stop."""
        if self.cancelled():
            raise Cancelled("Cancelled.")

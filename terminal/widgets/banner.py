"""The line that says what the world is allowed to know: impossible to overlook when the clock is set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from terminal.clockwords import tell, tell_minute, tell_place
from terminal.strips import cell_len, ink_of, strip

if TYPE_CHECKING:
    from engine.page import Lineage


@dataclass(frozen=True, slots=True)
class Clocks:
    """The desk's clock (None is NOW), and those of the page on screen, oldest first."""

    desk: datetime | None = None
    page: tuple[datetime, ...] = ()
    live: bool = True  # the page was run at NOW


def clocks_of(desk: datetime | None, lineage: Lineage | None) -> Clocks:
    """A page made of pages at several clocks (ASOF DIFF) has the first and the last of them."""
    if lineage is None:
        return Clocks(desk)
    clocks = sorted({read.asof for read in lineage.figure_reads})
    if len(clocks) > 1:
        return Clocks(desk, (clocks[0], clocks[-1]), live=False)
    return Clocks(desk, (lineage.asof,), lineage.live)


def tellings(clocks: Clocks, zone: tzinfo) -> tuple[str, ...]:
    """What the banner says, longest first; empty where the clock and the page stand at NOW.

    Each telling holds both clocks: the end of a line that is too long is never what is cut.
    """
    desk, page = clocks.desk, clocks.page
    stands = "NOW" if desk is None else tell(desk, zone)
    if len(page) == 2:
        first, last, brief = _brief(zone, *page, desk)
        both = f"{tell_minute(page[0], zone)} and {tell_minute(page[1], zone)} {tell_place(zone)}"
        return (
            f"THIS PAGE HAS TWO CLOCKS: {both} · the clock stands at {stands}",
            f"TWO CLOCKS: {both} · CLOCK: {brief}",
            f"TWO CLOCKS: {first} and {last} · CLOCK: {brief}",
        )
    if page and (clocks.live != (desk is None) or (not clocks.live and page[0] != desk)):
        known = "was run live at" if clocks.live else "is as of"
        of, brief = _brief(zone, page[0], desk)
        return (
            f"THIS PAGE {known} {tell(page[0], zone)} · the clock stands at {stands} · Ctrl+R runs it again",
            f"THIS PAGE {known} {of} · the clock stands at {brief} · Ctrl+R runs it again",
            f"PAGE: {'live ' if clocks.live else ''}{of} · CLOCK: {brief} · Ctrl+R",
        )
    if desk is not None:
        return (
            f"AS OF {stands} · nothing later is shown",
            f"AS OF {tell_minute(desk, zone)} · nothing later",
        )
    return ()


def _brief(zone: tzinfo, *instants: datetime | None) -> list[str]:
    """Each clock by its date; by its minute where two clocks share a date. None is NOW."""
    known = {instant.astimezone(zone) for instant in instants if instant is not None}
    form = "%Y-%m-%d" if len({instant.date() for instant in known}) == len(known) else "%Y-%m-%d %H:%M"
    return ["NOW" if instant is None else f"{instant.astimezone(zone):{form}}" for instant in instants]


class Banner(Widget):
    """Quiet at NOW; a full inverse line when the clock is set, or when the page has another clock."""

    DEFAULT_CSS = "Banner { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self.clocks = Clocks()
        self.zone: tzinfo | None = None

    def show(self, clocks: Clocks, zone: tzinfo | None) -> None:
        if (clocks, zone) != (self.clocks, self.zone):
            self.clocks, self.zone = clocks, zone
            self.refresh(Region(0, 0, self.size.width, 1))

    def words(self, width: int) -> str:
        """The longest telling that fits; the shortest where none does."""
        told = tellings(self.clocks, self.zone) if self.zone is not None else ()
        return next((words for words in told if cell_len(words) <= width - 2), told[-1] if told else "")

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        ink, width = ink_of(self), self.size.width
        words = self.words(width)
        if words:
            left = max(1, (width - cell_len(words)) // 2)
            return strip([(" " * left + words, ink.banner)], width, ink.banner)
        quiet = "as of NOW" if self.zone is not None else ""
        name = " asof "
        gap = " " * max(1, width - len(name) - len(quiet) - 1)
        return strip([(name, ink.title), (gap, ink.base), (quiet + " ", ink.muted)], width, ink.base)

"""The line that says what the world is allowed to know: impossible to overlook when the clock is set."""

from __future__ import annotations

from datetime import datetime, tzinfo

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from terminal.clockwords import tell
from terminal.strips import cell_len, ink_of, strip


class Banner(Widget):
    """Quiet at NOW; a full inverse line when the clock is set, or when the page has another clock."""

    DEFAULT_CSS = "Banner { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self.asof: datetime | None = None
        self.page_asof: datetime | None = None
        self.page_live = True
        self.zone: tzinfo | None = None

    def show(
        self, asof: datetime | None, zone: tzinfo | None, page_asof: datetime | None, page_live: bool
    ) -> None:
        """The desk's clock, and the clock of the page on screen."""
        new = (asof, zone, page_asof, page_live)
        if new != (self.asof, self.zone, self.page_asof, self.page_live):
            self.asof, self.zone, self.page_asof, self.page_live = new
            self.refresh(Region(0, 0, self.size.width, 1))

    @property
    def words(self) -> str:
        """What the banner says; empty where the clock and the page stand at NOW."""
        if self.zone is None:
            return ""
        page, clock = self.page_asof, self.asof
        elsewhere = page is not None and (
            self.page_live != (clock is None) or (not self.page_live and page != clock)
        )
        if elsewhere and page is not None:
            stands = "NOW" if clock is None else tell(clock, self.zone)
            known = "was run live at" if self.page_live else "is as of"
            return f"THIS PAGE {known} {tell(page, self.zone)} · the clock stands at {stands} · Ctrl+R runs it again"
        if clock is not None:
            return f"AS OF {tell(clock, self.zone)} · nothing later is shown"
        return ""

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        ink, width = ink_of(self), self.size.width
        words = self.words
        if words:
            left = max(1, (width - cell_len(words)) // 2)
            return strip([(" " * left + words, ink.banner)], width, ink.banner)
        quiet = "as of NOW" if self.zone is not None else ""
        name = " asof "
        gap = " " * max(1, width - len(name) - len(quiet) - 1)
        return strip([(name, ink.title), (gap, ink.base), (quiet + " ", ink.muted)], width, ink.base)

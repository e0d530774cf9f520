"""The lines above and below the panels: title and notes, and what the page was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from terminal.clockwords import tell
from terminal.strips import cell_len, fit, ink_of, plain, strip, wrap

if TYPE_CHECKING:
    from datetime import tzinfo

    from engine.page import Note, Page

MOST_NOTES = 4  # lines of notes, until F2 asks for all
_SPARED = (
    8  # lines of the window that notes never take: banner, line, title, foot, status, and some of the page
)
_MARKS = {"info": "·", "warning": "!", "error": "✗"}
_RANKS = {"error": 0, "warning": 1, "info": 2}


class PageHead(Widget):
    """The page's title, then every note the reader must see: the answer to what was typed, then warnings."""

    DEFAULT_CSS = "PageHead { height: auto; }"

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self.heading = title
        self.notes: tuple[Note, ...] = ()
        self.loaded = ""
        self.unfolded = False

    def show(self, title: str, notes: tuple[Note, ...], loaded: str = "") -> None:
        self.heading, self.loaded = plain(title), plain(loaded)
        self.notes = _ranked(notes)
        self.unfolded = False
        self.refresh(layout=True)

    def renew(self, title: str, notes: tuple[Note, ...]) -> None:
        """The same page's, as they are now: unfolded notes stay so."""
        said = self.heading, self.notes
        self.heading, self.notes = plain(title), _ranked(notes)
        if said != (self.heading, self.notes):
            self.refresh(layout=True)

    def toggle(self) -> None:
        """Show all notes, or the most urgent lines of them."""
        self.unfolded = not self.unfolded
        self.refresh(layout=True)

    def _note_lines(self, width: int) -> list[tuple[str, str]]:
        lines = [
            (note.level, f" {_MARKS[note.level] if number == 0 else ' '} {piece}")
            for note in self.notes
            for number, piece in enumerate(wrap(plain(note.text), width - 4))
        ]
        most = max(MOST_NOTES, self.app.size.height - _SPARED) if self.unfolded else MOST_NOTES
        if len(lines) > most:
            hidden = len(lines) - most + 1
            rest = "a taller window shows them" if self.unfolded else "F2 shows all"
            lines = [*lines[: most - 1], ("info", f"   and {hidden} more lines of notes: {rest}")]
        return lines

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return 1 + len(self._note_lines(width))

    def render_line(self, y: int) -> Strip:
        ink, width = ink_of(self), self.size.width
        if y == 0:
            room = max(8, width - cell_len(self.loaded) - 3)
            return strip(
                [(" " + fit(self.heading, room), ink.title), (self.loaded, ink.muted)], width, ink.base
            )
        lines = self._note_lines(width)
        if y - 1 >= len(lines):
            return strip((), width, ink.base)
        level, text = lines[y - 1]
        style = {"info": ink.muted, "warning": ink.warning, "error": ink.error}[level]
        return strip([(text, style)], width, ink.base)

    def on_click(self) -> None:
        if len(self.notes) > 1 or self.unfolded:
            self.toggle()


def _ranked(notes: tuple[Note, ...]) -> tuple[Note, ...]:
    """The answer to what was typed, then the most urgent."""
    return tuple(sorted(notes, key=lambda note: (not note.passing, _RANKS[note.level])))


class PageFoot(Widget):
    """Snapshot id, sources, clock and seconds: with these the page can be made again."""

    DEFAULT_CSS = "PageFoot { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self.tellings: tuple[str, ...] = ("",)

    def show(self, page: Page | None, zone: tzinfo | None) -> None:
        told = foot_tellings(page, zone)
        if told != self.tellings:
            self.tellings = told
            self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        ink, width = ink_of(self), self.size.width
        words = next((told for told in self.tellings if cell_len(told) <= width - 2), self.tellings[-1])
        return strip([(" " + fit(words, width - 2), ink.muted)], width, ink.base)


def foot_tellings(page: Page | None, zone: tzinfo | None) -> tuple[str, ...]:
    """What the footer of a page says, longest first: parts are dropped whole, the snapshot id never."""
    lineage = page.lineage if page is not None else None
    if lineage is None:
        return ("",)
    seconds = f"{lineage.seconds:.2f} s" if lineage.seconds >= 0.1 else f"{lineage.seconds * 1000:.0f} ms"
    named = ", ".join(plain(source) for source in lineage.sources) or "no data read"
    counted = f"{len(lineage.sources)} sources" if len(lineage.sources) > 1 else named
    clocks: list[str] = []
    if zone is not None:
        clocks.append(("live " if lineage.live else "as of ") + tell(lineage.asof, zone))
        if lineage.recorded is not None:
            clocks.append("recorded by " + tell(lineage.recorded, zone))
    first = [lineage.snapshot_id, *clocks]
    shorter = (
        [*first, named, seconds],
        [*first, counted, seconds],
        [*first, counted],
        first,
        first[:2],
        first[:1],
    )
    return tuple(dict.fromkeys(" · ".join(parts) for parts in shorter))

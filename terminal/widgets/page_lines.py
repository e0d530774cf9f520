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

MOST_NOTES = 4  # lines of notes; the rest is counted


class PageHead(Widget):
    """The page's title, then every note the reader must see."""

    DEFAULT_CSS = "PageHead { height: auto; }"

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self.heading = title
        self.notes: tuple[Note, ...] = ()
        self.loaded = ""

    def show(self, title: str, notes: tuple[Note, ...], loaded: str = "") -> None:
        self.heading, self.notes, self.loaded = plain(title), notes, plain(loaded)
        self.refresh(layout=True)

    def _note_lines(self, width: int) -> list[tuple[str, str]]:
        marks = {"info": "·", "warning": "!", "error": "✗"}
        lines = [
            (note.level, f" {marks[note.level] if number == 0 else ' '} {piece}")
            for note in self.notes
            for number, piece in enumerate(wrap(plain(note.text), width - 4))
        ]
        if len(lines) > MOST_NOTES:
            hidden = len(lines) - MOST_NOTES + 1
            lines = [*lines[: MOST_NOTES - 1], ("info", f"   and {hidden} more lines of notes")]
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


class PageFoot(Widget):
    """Snapshot id, sources, clock and seconds: with these the page can be made again."""

    DEFAULT_CSS = "PageFoot { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self.words = ("", "")

    def show(self, page: Page | None, zone: tzinfo | None) -> None:
        words = page_words(page, zone), page_words(page, zone, brief=True)
        if words != self.words:
            self.words = words
            self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        ink, width = ink_of(self), self.size.width
        words = self.words[0] if cell_len(self.words[0]) <= width - 2 else self.words[1]
        return strip([(" " + fit(words, width - 2), ink.muted)], width, ink.base)


def page_words(page: Page | None, zone: tzinfo | None, *, brief: bool = False) -> str:
    """What the footer of a page says; ``brief`` counts the sources instead of naming them."""
    lineage = page.lineage if page is not None else None
    if lineage is None:
        return ""
    parts = [lineage.snapshot_id]
    if zone is not None:
        parts.append(("live " if lineage.live else "as of ") + tell(lineage.asof, zone))
        if lineage.recorded is not None:
            parts.append("recorded by " + tell(lineage.recorded, zone))
    if brief and len(lineage.sources) > 1:
        parts.append(f"{len(lineage.sources)} sources")
    else:
        parts.append(", ".join(plain(source) for source in lineage.sources) or "no data read")
    parts.append(f"{lineage.seconds:.2f} s" if lineage.seconds >= 0.1 else f"{lineage.seconds * 1000:.0f} ms")
    return " · ".join(parts)

"""A scrollable sheet of styled lines: the base of the text, metrics and message panels."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from terminal.strips import ink_of, strip

Line = tuple[tuple[str, Style], ...]


class Sheet(ScrollView, can_focus=True):
    """Draws ``layout_lines(width)``; lays out again when its width or the theme changes."""

    DEFAULT_CSS = "Sheet { overflow-x: hidden; scrollbar-size-vertical: 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", show=False),
        Binding("down", "scroll_down", show=False),
        Binding("home", "scroll_home", show=False),
        Binding("end", "scroll_end", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Line] = []
        self._laid_out: tuple[int, bool] | None = None

    def layout_lines(self, width: int) -> list[Line]:
        """The sheet's lines for a width. Subclasses say what they hold."""
        raise NotImplementedError

    def natural_height(self, width: int) -> int | None:
        """How many lines the sheet wants at ``width``."""
        return len(self.layout_lines(max(1, width)))

    def relayout(self) -> None:
        """Lay the lines out again: what they say has changed."""
        self._laid_out = None
        self._lay_out()
        self.refresh()

    def on_mount(self) -> None:
        self._lay_out()

    def on_resize(self, _event: Resize) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width or self.size.width
        wanted = (width, self.app.current_theme.dark)
        if not width or wanted == self._laid_out:
            return
        self._laid_out = wanted
        self._lines = self.layout_lines(width)
        self.virtual_size = Size(width, len(self._lines))

    def render_line(self, y: int) -> Strip:
        self._lay_out()
        ink = ink_of(self)
        number = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if number >= len(self._lines):
            return strip((), width, ink.base)
        drawn = strip(self._lines[number], width, ink.base)
        if (selection := self.text_selection) is not None and (
            span := selection.get_span(number)
        ) is not None:
            drawn = self._mark(drawn, span, width)
        return drawn.apply_offsets(0, number)

    def _mark(self, drawn: Strip, span: tuple[int, int], width: int) -> Strip:
        start, end = span
        end = width if end < 0 else min(end, width)
        if start >= end:
            return drawn
        style = self.screen.get_component_rich_style("screen--selection", partial=True)
        before, middle, after = drawn.crop(0, start), drawn.crop(start, end), drawn.crop(end, width)
        marked = Strip([Segment(text, (old or Style()) + style) for text, old, _ in middle])
        return Strip.join([before, marked, after])

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        text = "\n".join("".join(part for part, _ in line) for line in self._lines)
        return selection.extract(text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002
        self.refresh()

"""Plain paragraphs. A line that starts with "# " is a heading; nothing else is interpreted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal.strips import ink_of, plain, wrap
from terminal.widgets.sheet import Line, Sheet

if TYPE_CHECKING:
    from engine.page import Text

_BESIDE = 44


class TextPanel(Sheet):
    """A Text figure, wrapped to the window."""

    def __init__(self, figure: Text) -> None:
        super().__init__()
        self.figure = figure

    def show(self, figure: Text) -> None:
        self.figure = figure
        self.relayout()

    def least_width(self) -> int:
        """Cells below which paragraphs are not set beside another panel."""
        return _BESIDE

    def layout_lines(self, width: int) -> list[Line]:
        ink = ink_of(self)
        lines: list[Line] = []
        for paragraph in self.figure.lines:
            for raw in paragraph.split("\n"):
                heading = raw.startswith("# ")
                style = ink.title if heading else ink.text
                text = plain(raw[2:] if heading else raw)
                lines += [((" " + piece, style),) for piece in wrap(text, width - 2)]
        return lines

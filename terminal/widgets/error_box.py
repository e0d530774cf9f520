"""What was wrong with the line, below it: carets under the word at fault and what would be valid."""

from __future__ import annotations

from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from terminal.strips import ink_of, plain, strip, wrap


class ErrorBox(Widget):
    """Stands between the command bar and the page while a line is at fault."""

    DEFAULT_CSS = "ErrorBox { height: auto; display: none; }"

    def __init__(self) -> None:
        super().__init__()
        self.lines: tuple[str, ...] = ()

    def show(self, text: str) -> None:
        """Lines are kept apart, for the carets must stay under their word."""
        self.lines = tuple(plain(line) for line in text.split("\n"))
        self.display = True
        self.refresh(layout=True)

    def close(self) -> None:
        if self.display:
            self.lines = ()
            self.display = False

    def _wrapped(self, width: int) -> list[tuple[bool, str]]:
        message, *rest = self.lines or ("",)
        head = [(True, " " + piece) for piece in wrap(message, width - 2)]
        return head + [(False, " " + line) for line in rest]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        return len(self._wrapped(width))

    def render_line(self, y: int) -> Strip:
        ink, width = ink_of(self), self.size.width
        lines = self._wrapped(width)
        if y >= len(lines):
            return strip((), width, ink.base)
        first, text = lines[y]
        style = ink.error if first or set(text.strip()) == {"^"} else ink.text
        return strip([(text, style)], width, ink.base)

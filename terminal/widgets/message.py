"""What went wrong, why, and what to do next: a panel instead of a crash."""

from __future__ import annotations

from terminal.strips import ink_of, plain, wrap
from terminal.widgets.sheet import Line, Sheet


class MessagePanel(Sheet):
    """A failure told in three parts, or any message in words."""

    def __init__(self, what: str, why: str = "", next_step: str = "") -> None:
        super().__init__()
        self.what, self.why, self.next_step = what, why, next_step

    def layout_lines(self, width: int) -> list[Line]:
        ink = ink_of(self)
        lines: list[Line] = [
            ((" " + piece, ink.error),) for piece in wrap("✗ " + plain(self.what), width - 2)
        ]
        for text, style in ((self.why, ink.text), (self.next_step, ink.label)):
            if text:
                lines.append(())
                for paragraph in text.split("\n"):
                    lines += [((" " + piece, style),) for piece in wrap(plain(paragraph), width - 2)]
        return lines

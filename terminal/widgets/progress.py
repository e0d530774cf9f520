"""Long work on an empty page: what is being done, how far it is, and how long it will still take."""

from __future__ import annotations

from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from terminal.eta import Eta
from terminal.strips import ink_of, plain, strip

_BAR = 40


class ProgressPanel(Widget):
    """Three lines: what, the bar with its share, and the time left."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why
        self.what, self.done, self.total = "", 0, 0
        self._eta, self._left = Eta(), ""

    def show(self, what: str, done: int, total: int) -> None:
        self.what, self.done, self.total = plain(what), done, total
        self._left = self._eta.told(done, total)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        ink, width = ink_of(self), self.size.width
        lines: dict[int, list[tuple[str, Style]]] = {
            0: [(" " + self.why, ink.text)],
            2: [(" " + self.what, ink.label)],
        }
        if self.total:
            full = min(_BAR, _BAR * self.done // self.total)
            share = f" {min(100, self.done * 100 // self.total):3d}%  {self._left}"
            lines[3] = [(" " + "█" * full, ink.label), ("░" * (_BAR - full), ink.rule), (share, ink.muted)]
        return strip(lines.get(y, []), width, ink.base)

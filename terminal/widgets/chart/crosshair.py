"""The crosshair: a line laid over finished strips, tags on both axes, and the message it posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.message import Message
from textual.strip import Strip

if TYPE_CHECKING:
    from datetime import date

    from rich.style import Style
    from textual.widget import Widget

LINE = "┊"


class CrosshairMoved(Message):
    """The crosshair stands on another bar, or (``date`` and ``row`` None) has gone. Not to be changed."""

    def __init__(self, chart: Widget, date: date | None, row: int | None) -> None:
        super().__init__()
        self._chart, self._date, self._row = chart, date, row

    @property
    def chart(self) -> Widget:
        return self._chart

    @property
    def control(self) -> Widget:
        return self._chart

    @property
    def date(self) -> date | None:
        """The (last) session of the bar under the crosshair."""
        return self._date

    @property
    def row(self) -> int | None:
        """That session's row in the figure's frame (its place among the dates, for lines)."""
        return self._row

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, CrosshairMoved) and message._chart is self._chart


def lay_over(strip: Strip, x: int, text: str, style: Style) -> Strip:
    """``strip`` with one-cell characters written over it from column ``x`` on."""
    width = strip.cell_length
    if x >= width or x + len(text) <= 0:
        return strip
    text = text[max(0, -x) : width - x]
    x = max(0, x)
    middle = Strip([Segment(text, style)], len(text))
    return Strip.join([strip.crop(0, x), middle, strip.crop(x + len(text), width)])

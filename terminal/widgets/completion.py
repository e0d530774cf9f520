"""What could be typed next, below the command bar. A key repaints only the rows that changed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from textual.events import Click
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from terminal.strips import cell_len, fit, ink_of, plain, strip

if TYPE_CHECKING:
    from terminal.seams import CompletionLike

ROWS = 8
_WIDEST = 56
_CALM = 0.2  # seconds without a key
_MARKS = {"security": "sec", "function": "fn", "argument": "arg", "history": "was"}


class Completion(Widget):
    """An overlay of rows; the command bar keeps the focus and moves the cursor through it."""

    DEFAULT_CSS = f"""
    Completion {{ overlay: screen; height: {ROWS}; width: {_WIDEST}; display: none; constrain: inside inside; }}
    """

    class Picked(Message):
        """A row was clicked."""

        def __init__(self, row: CompletionLike) -> None:
            super().__init__()
            self.row = row

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[CompletionLike, ...] = ()
        self.cursor: int | None = None
        self._drawn: list[tuple[str, str, bool]] = []
        self._place = (0, 0)
        self._pause: Timer | None = None

    @property
    def is_open(self) -> bool:
        return bool(self.rows) and self.display

    @property
    def chosen(self) -> CompletionLike | None:
        """The row under the cursor."""
        return None if self.cursor is None or self.cursor >= len(self.rows) else self.rows[self.cursor]

    def show(self, rows: Sequence[CompletionLike], left: int = 0) -> None:
        """Other rows: the height follows, and only rows that differ are drawn again."""
        self.rows = tuple(rows[:ROWS])
        self.cursor = None
        if not self.rows:
            self.close()
            return
        tall = max(
            len(self.rows), self._place[0] if self.display else 0
        )  # never shrinks while open: no new layout
        place = (tall, left)
        if not self.display or place != self._place:
            self._place = place
            self.styles.height = tall
            self.styles.offset = (left, 0)
            self.display = True
            self._drawn = self._wanted()
            return
        self._repaint()
        if tall > len(self.rows):
            self._shrink()

    def _shrink(self) -> None:
        """Once typing pauses, give back the rows that are not needed: a new layout a key would be felt."""
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(_CALM, self._fit)

    def _fit(self) -> None:
        if self.is_open and self._place[0] != len(self.rows):
            self._place = (len(self.rows), self._place[1])
            self.styles.height = len(self.rows)

    def close(self) -> None:
        self.rows, self.cursor = (), None
        if self.display:
            self.display = False

    def move(self, step: int) -> None:
        """Move the cursor; above the first row it leaves the list."""
        if not self.rows:
            return
        at = -1 if self.cursor is None else self.cursor
        at = max(-1, min(len(self.rows) - 1, at + step))
        self.cursor = None if at < 0 else at
        self._repaint()

    def _wanted(self) -> list[tuple[str, str, bool]]:
        return [(row.label, row.detail + row.kind, i == self.cursor) for i, row in enumerate(self.rows)]

    def _repaint(self) -> None:
        wanted = self._wanted()
        for number, (old, new) in enumerate(zip_longest(self._drawn, wanted)):
            if old != new:
                self.refresh(Region(0, number, self.size.width, 1))
        self._drawn = wanted

    def render_line(self, y: int) -> Strip:
        ink, width = ink_of(self), self.size.width
        if y >= len(self.rows):
            return strip([("▌", ink.popup)], width, ink.popup)
        row = self.rows[y]
        under = y == self.cursor
        style = ink.popup_cursor if under else ink.popup
        detail = ink.popup_cursor if under else ink.popup_detail
        label = plain(row.label)
        room = max(12, min(cell_len(label), 30))
        tail = width - room - 9
        return strip(
            [
                ("▌", style),  # an edge for terminals of 16 colours, where the ground is the page's
                (" " + fit(label, room) + " ", style),
                (fit(plain(row.detail), tail) + " " + fit(_MARKS.get(row.kind, ""), 3) + " ", detail),
            ],
            width,
            style,
        )

    def on_click(self, event: Click) -> None:
        if event.y < len(self.rows):
            self.post_message(self.Picked(self.rows[event.y]))

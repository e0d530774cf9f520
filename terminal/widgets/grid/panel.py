"""What grids share: a cursor over rows and columns, a window that follows it, and little to repaint."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.events import MouseScrollDown, MouseScrollUp, Resize
from textual.geometry import Region
from textual.widget import Widget

from terminal.strips import ink_of, strip, wrap
from terminal.widgets.colours import Depth, depth_of

if TYPE_CHECKING:
    from textual.strip import Strip

    from terminal.theme import Ink

_FAR = 1_000_000_000


class GridPanel(Widget, can_focus=True):
    """Arrows move a cell; subclasses say how many rows and columns there are and draw the lines."""

    DEFAULT_CSS = "GridPanel { width: 1fr; }"
    scrolls_itself = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(0, -1)", "Cell"),
        Binding("right", "move(0, 1)", "Cell"),
        Binding("up", "move(-1, 0)", "Row"),
        Binding("down", "move(1, 0)", "Row"),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", f"move(0, -{_FAR})", show=False),
        Binding("end", f"move(0, {_FAR})", show=False),
        Binding("ctrl+home", f"move(-{_FAR}, -{_FAR})", show=False),
        Binding("ctrl+end", f"move({_FAR}, {_FAR})", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.row = self.column = 0  # the cursor
        self.top = self.left = 0  # first row and column shown
        self.visited = 0.0  # when it last had the focus; 0 never

    # -- what a subclass says ------------------------------------------------------------------------

    def extent(self) -> tuple[int, int]:
        """How many rows and columns there are."""
        raise NotImplementedError

    def seen(self) -> tuple[int, int]:
        """How many rows and columns the window shows."""
        raise NotImplementedError

    def moved(self, row: int, column: int) -> None:
        """The cursor was on another cell: repaint what this changes."""
        raise NotImplementedError

    # -- drawing -------------------------------------------------------------------------------------

    @property
    def ink(self) -> Ink:
        return ink_of(self)

    @property
    def dark(self) -> bool:
        return self.app.current_theme.dark

    @property
    def depth(self) -> Depth:
        return depth_of(self)

    def sentence(self, y: int, text: str) -> Strip:
        """A line of a panel that has nothing to draw and says so."""
        width, ink = self.size.width, self.ink
        lines = wrap(text, max(8, width - 2))
        at = y - max(0, (self.size.height - len(lines)) // 2)
        told = [(" " + lines[at], ink.muted)] if 0 <= at < len(lines) else []
        return strip(told, width, ink.base)

    # -- moving --------------------------------------------------------------------------------------

    def on_resize(self, _event: Resize) -> None:
        self.keep_in_view()

    def on_focus(self) -> None:
        self.visited = monotonic()
        self.moved(self.row, self.column)

    def on_blur(self) -> None:
        self.moved(self.row, self.column)

    def keep_in_view(self) -> bool:
        """Scroll so that the cursor is seen; True where that moved anything."""
        before = self.top, self.left
        rows, columns = self.extent()
        body, shown = self.seen()
        self.top = max(0, min(max(self.row - body + 1, min(self.top, self.row)), rows - body))
        self.left = max(0, min(max(self.column - shown + 1, min(self.left, self.column)), columns - shown))
        return (self.top, self.left) != before

    def action_move(self, rows: int, columns: int) -> None:
        height, width = self.extent()
        if not (height and width):
            raise SkipAction
        self.place(max(0, min(height - 1, self.row + rows)), max(0, min(width - 1, self.column + columns)))

    def place(self, row: int, column: int) -> None:
        """Put the cursor on a cell."""
        old = self.row, self.column
        if (row, column) == old:
            return
        self.row, self.column = row, column
        if self.keep_in_view():
            self.refresh()
            self.refresh_heading()
        else:
            self.moved(*old)

    def action_page(self, direction: int) -> None:
        body = self.seen()[0]
        if self.extent()[0] <= body and self.has_focus:
            raise SkipAction  # all rows are shown: the page may have more
        self.action_move(direction * max(1, body - 1), 0)

    def refresh_heading(self) -> None:
        """The panel's title line says which rows are shown."""
        refresh = getattr(self.parent, "refresh_heading", None)
        if refresh is not None:
            refresh()

    def refresh_lines(self, *lines: int) -> None:
        """Draw some lines of the panel again."""
        self.refresh(*(Region(0, y, self.size.width, 1) for y in sorted(set(lines))))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self._wheel(event, 3)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self._wheel(event, -3)

    def _wheel(self, event: MouseScrollDown | MouseScrollUp, lines: int) -> None:
        """Move through the rows; the page scrolls where all of them are shown."""
        if self.extent()[0] > self.seen()[0]:
            event.stop()
            event.prevent_default()
            self.action_move(lines, 0)

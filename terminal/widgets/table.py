"""A table over a frame, drawn line by line: virtual rows, a fixed header, a cursor on row and cell."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp, Resize
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from terminal.messages import WhyAsked
from terminal.strips import cell_len, fit, ink_of, plain, strip, wrap
from terminal.widgets.column_fit import GAP
from terminal.widgets.table_view import TableView

if TYPE_CHECKING:
    from datetime import tzinfo

    from engine.page import Table
    from terminal.theme import Ink

_HEAD = 1
_BESIDE = 112  # cells that a table asks for at most beside another panel
_ARROWS = {False: "↑", True: "↓"}
_MOVES = {"up": "▲", "down": "▼"}  # before a row told up or down whose columns do not tell it


class TablePanel(Widget, can_focus=True):
    """Arrows move, Enter runs the row's command, s sorts by the cursor's column, w asks WHY of the cell."""

    DEFAULT_CSS = "TablePanel { width: 1fr; }"
    scrolls_itself = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1, 0)", show=False),
        Binding("down", "move(1, 0)", show=False),
        Binding("left", "move(0, -1)", show=False),
        Binding("right", "move(0, 1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "move(-1000000000, 0)", show=False),
        Binding("end", "move(1000000000, 0)", show=False),
        Binding("enter", "choose", "run row", show=False),
        Binding("s", "sort", "sort", show=False),
        Binding("w", "why", "why", show=False),
    ]

    class Chosen(Message):
        """The row's command is to be run."""

        def __init__(self, line: str) -> None:
            super().__init__()
            self.line = line

    def __init__(self, figure: Table, zone: tzinfo | None = None) -> None:
        super().__init__()
        self.view = TableView(figure, zone)
        self.zone = zone
        self.top = 0  # first line shown
        self.row = 0  # cursor
        self.column = 0
        self.left = 0  # first column shown after the fixed one
        self.visited = 0.0  # when it last had the focus; 0 never

    def show(self, figure: Table) -> None:
        self.view = TableView(figure, self.zone)
        self.top = self.row = self.column = self.left = 0
        self.refresh()

    def renew(self, figure: Table) -> None:
        """Newer rows of the same table: the cursor stays with its row, window and order stay as they are."""
        old, held, above = self.view, None, self.row - self.top
        if old.height:
            held = old.key_of(old.row_of(self.row))
        self.view = TableView(figure, self.zone)
        if [column.name for column in old.columns] != [column.name for column in self.view.columns]:
            self.column = self.left = 0
        else:
            self.view.sort_as(old)
        found = None if held is None else self.view.row_with(held)
        if found is not None:
            self.row = self.view.line_of(found)
            self.top = self.row - above if self.top else 0
        self.row = max(0, min(self.row, self.view.height - 1))
        self._keep_in_view()
        self.refresh()

    # -- size --------------------------------------------------------------------------------------

    def natural_height(self, width: int) -> int | None:
        return (self.view.height or len(self._told_empty(width))) + _HEAD

    def _told_empty(self, width: int) -> list[str]:
        """What a table without rows says, in lines of the panel's width."""
        return [f" {text}" for text in wrap(plain(self.view.figure.empty), width - 2)]

    def least_width(self) -> int:
        """Cells in which all its columns stand as they like, where that is not the whole window anyway."""
        return min(_BESIDE, self._number_width + 1 + sum(self.view.naturals) + GAP * len(self.view.naturals))

    @property
    def heading_detail(self) -> str:
        """What the panel's title line says at its right end."""
        height, body = self.view.height, self._body
        if not height:
            return ""
        if height <= body:
            return f"{height:,} row{'s' if height != 1 else ''}"
        return f"{self.top + 1:,}-{min(height, self.top + body):,} of {height:,}"

    @property
    def _body(self) -> int:
        return max(1, self.size.height - _HEAD)

    @property
    def _number_width(self) -> int:
        return max(2, len(str(self.view.height))) + 1

    def _columns(self) -> tuple[list[int], list[int]]:
        """The columns that the window shows, first one fixed, and the widths of all."""
        return self.view.fit(self.size.width - self._number_width - 1, self.left)

    # -- drawing -----------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        ink, width = ink_of(self), self.size.width
        if y < _HEAD:
            return self._head_strip(ink, width)
        line = self.top + y - _HEAD
        if not self.view.height:
            told = self._told_empty(width)
            return strip([(told[line], ink.muted)] if line < len(told) else (), width, ink.base)
        if line >= self.view.height:
            return strip((), width, ink.base)
        return self._row_strip(line, ink, width)

    def _head_strip(self, ink: Ink, width: int) -> Strip:
        shown, widths = self._columns()
        parts: list[tuple[str, Style]] = [(fit("#", self._number_width, right=True) + " ", ink.muted)]
        for column in shown:
            label, arrow = self.view.label(column), ""
            if self.view.sorted_by == column:
                arrow = " " + _ARROWS[self.view.descending]
                label = fit(label, min(cell_len(label), widths[column] - len(arrow)))
            style = ink.title + _UNDERLINE if self.has_focus and column == self.column else ink.label
            parts.append((fit(label + arrow, widths[column], right=self.view.flush_right(column)), style))
            before = self.left and column == shown[0]
            after = column == shown[-1] < len(widths) - 1
            parts.append((" ›" if after else "‹ " if before else " " * GAP, ink.muted))
        return strip(parts, width, ink.base)

    def _row_strip(self, line: int, ink: Ink, width: int) -> Strip:
        shown, widths = self._columns()
        cells, emphasis = self.view.line(line)
        mark = _MOVES.get(emphasis, " ")
        if emphasis in _MOVES and self.view.has_change:
            # the change column says it, by arrow, sign and colour: a row coloured from end to end is heavy
            emphasis = ""
            if any(self.view.columns[column].kind == "change" for column in shown):
                mark = " "
        under = self.has_focus and line == self.row
        fill = ink.cursor if under else ink.base
        style = ink.cursor if under else ink.emphasis(emphasis)
        numbers = ink.cursor if under else ink.label if self.view.figure.command else ink.muted
        parts: list[tuple[str, Style]] = [
            (fit(str(self.view.row_of(line) + 1), self._number_width, right=True), numbers),
            (mark, style),
        ]
        for column in shown:
            text = cells[column]
            own = style if under or emphasis else self._tint(column, text, ink)
            if under and column == self.column:
                own = ink.cell
            parts.append((fit(text, widths[column], right=self.view.flush_right(column)), own))
            parts.append((" " * GAP, fill))
        return strip(parts, width, fill)

    def _tint(self, column: int, text: str, ink: Ink) -> Style:
        if text in ("…", "—", "✗"):
            return ink.muted
        if self.view.columns[column].kind == "change":
            return ink.up if "▲" in text else ink.down if "▼" in text else ink.text
        return ink.text

    def _refresh_line(self, line: int) -> None:
        self.refresh(Region(0, line - self.top + _HEAD, self.size.width, 1))

    # -- moving ------------------------------------------------------------------------------------

    def on_resize(self, _event: Resize) -> None:
        self._keep_in_view()

    def on_focus(self) -> None:
        self.visited = monotonic()
        self._refresh_cursor()

    def on_blur(self) -> None:
        self._refresh_cursor()

    def _refresh_cursor(self) -> None:
        self.refresh(Region(0, 0, self.size.width, _HEAD))
        self._refresh_line(self.row)

    def _keep_in_view(self) -> bool:
        """Scroll so that the cursor is seen; True where that moved anything."""
        before = self.top, self.left
        body = self._body
        if self.row < self.top:
            self.top = self.row
        elif self.row >= self.top + body:
            self.top = self.row - body + 1
        self.top = max(0, min(self.top, self.view.height - body))
        if self.column != self.view.pinned and self.column <= self.left:
            self.left = max(0, self.column - 1)
        while self.column and self.column not in self._columns()[0] and self.left < self.column:
            self.left += 1
        return (self.top, self.left) != before

    def action_move(self, rows: int, columns: int) -> None:
        if not self.view.height:
            return
        old_row, old_column = self.row, self.column
        self.row = max(0, min(self.view.height - 1, self.row + rows))
        self.column = max(0, min(len(self.view.columns) - 1, self.column + columns))
        if (self.row, self.column) == (old_row, old_column):
            return
        if self._keep_in_view():
            self.refresh()
            self._refresh_frame()
            return
        self._refresh_line(old_row)
        self._refresh_line(self.row)
        if self.column != old_column:
            self.refresh(Region(0, 0, self.size.width, _HEAD))

    def action_page(self, direction: int) -> None:
        if self.view.height <= self._body and self.has_focus:
            raise SkipAction  # all rows are shown: the page may have more
        self.scroll_lines(direction * max(1, self._body - 1))

    def scroll_lines(self, lines: int) -> None:
        """Move the window, and the cursor with it."""
        top = max(0, min(self.view.height - self._body, self.top + lines))
        moved = top - self.top
        if not moved:
            self.action_move(lines, 0)
            return
        self.top = top
        self.row = max(0, min(self.view.height - 1, self.row + moved))
        self.refresh()
        self._refresh_frame()

    def _refresh_frame(self) -> None:
        refresh = getattr(self.parent, "refresh_heading", None)
        if refresh is not None:
            refresh()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        self._wheel(event, 3)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        self._wheel(event, -3)

    def _wheel(self, event: MouseScrollDown | MouseScrollUp, lines: int) -> None:
        """Scroll the rows; the page where all of them are shown."""
        if self.view.height > self._body:
            event.stop()
            event.prevent_default()
            self.scroll_lines(lines)

    def on_click(self, event: Click) -> None:
        line = self.top + event.y - _HEAD
        column = self._column_at(event.x)
        if event.y < _HEAD:
            self.column = self.column if column is None else column
            self.action_sort()
        elif 0 <= line < self.view.height:
            if line == self.row and event.chain == 2:
                self.action_choose()
            else:
                self.action_move(line - self.row, 0 if column is None else column - self.column)

    def _column_at(self, x: int) -> int | None:
        shown, widths = self._columns()
        left = self._number_width + 1
        for column in shown:
            if x < left + widths[column] + GAP:
                return column
            left += widths[column] + GAP
        return None

    # -- doing -------------------------------------------------------------------------------------

    def action_sort(self) -> None:
        if not self.view.height:
            return
        row = self.view.row_of(self.row)
        self.view.sort(self.column)
        self.row = self.view.line_of(row)
        self._keep_in_view()
        self.refresh()
        self._refresh_frame()

    def action_choose(self) -> None:
        if self.view.height and (line := self.view.command(self.view.row_of(self.row))):
            self.post_message(self.Chosen(line))

    def choose_number(self, number: int) -> str | None:
        """The command of a row by the number that stands before it."""
        return self.view.command(number - 1) if 1 <= number <= self.view.height else None

    def action_why(self) -> None:
        if self.view.height:
            name = self.view.columns[self.column].name
            self.post_message(WhyAsked(self, str(self.view.row_of(self.row) + 1), name))

    def copied_text(self) -> str:
        """What Ctrl+C copies where nothing is selected: the cell under the cursor."""
        return self.view.line(self.row)[0][self.column] if self.view.height else ""


_UNDERLINE = Style(underline=True)

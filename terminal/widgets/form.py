"""A page's assumptions as fields that are edited where they stand; changing one runs the page's command again."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.events import Click, Key, Paste
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from terminal.strips import fit, ink_of, strip
from terminal.widgets.form_draw import slot_parts, told_below
from terminal.widgets.form_state import FormState
from terminal.widgets.form_view import GAP, MARKS, Slot, flow, measure
from terminal.widgets.sheet import Line, Sheet

if TYPE_CHECKING:
    from engine.page import Form

_ENDS = {"enter": 0, "ctrl+j": 0, "tab": 1, "down": 1, "shift+tab": -1, "up": -1}  # and where they lead
_NOT_BEGUN_WITH = " /?"  # the command line's and HELP's keys, and a blank


class FormPanel(Sheet):
    """Tab visits the fields, Enter or typing changes one, Enter applies it and Esc restores it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "change", "change", show=False),
        Binding("tab", "step(1)", show=False),
        Binding("shift+tab", "step(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("left", "choose(-1)", "choose", show=False),
        Binding("right", "choose(1)", "choose", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
        Binding("backspace,delete", "empty", show=False),
    ]

    class Edited(Message):
        """A field's value is to be ``text``; the app answers with ``applied``, ``refuse`` or ``restore``."""

        def __init__(self, form: FormPanel, name: str, text: str) -> None:
            super().__init__()
            self.form, self.name, self.text = form, name, text

    def __init__(self, figure: Form) -> None:
        super().__init__()
        self.state = FormState(figure)
        self._told = 1  # lines below the fields
        self._places: dict[int, tuple[int, int]] = {}  # column and line of each field

    # -- what the app tells ------------------------------------------------------------------------------

    def show(self, figure: Form) -> None:
        """The assumptions as another run had them."""
        self.state.show(figure)
        self.relayout()

    def applied(self, name: str, text: str) -> None:
        self.state.applied(name, text)
        self.relayout()

    def refuse(self, name: str, text: str, why: str) -> None:
        self.state.refuse(name, text, why)
        self.relayout()

    def restore(self, name: str) -> None:
        self.state.restore(name)
        self.relayout()

    def entered(self, step: int) -> None:
        """The focus comes by Tab (1), to the first field, or by Shift+Tab (-1), to the last."""
        self.state.go(0 if step > 0 else len(self.state.figure.fields) - 1)

    def copied_text(self) -> str:
        """The value under the cursor, for Ctrl+C."""
        field = self.state.field
        return field.text if field is not None else ""

    # -- keys --------------------------------------------------------------------------------------------

    def on_key(self, event: Key) -> None:
        state = self.state
        if state.field is None:
            return
        if state.edit is not None:
            taken = self._typed(event)
        else:
            taken = bool(event.is_printable and event.character and event.character not in _NOT_BEGUN_WITH)
            if taken:
                state.insert(event.character or "")
        if taken:
            event.stop()
            event.prevent_default()
            self.relayout()

    def _typed(self, event: Key) -> bool:
        """A key while a value is being typed; False where it means nothing there."""
        state, edit = self.state, self.state.edit
        assert edit is not None  # noqa: S101 - asked while one is typed
        if event.key in _ENDS:
            self._end(_ENDS[event.key])
        elif event.key == "escape":
            state.leave()
        elif event.key in ("left", "right") and state.choose(1 if event.key == "right" else -1):
            pass
        elif not edit.press(event.key):
            if not (event.is_printable and event.character):
                return False
            state.insert(event.character)
        return True

    def _end(self, step: int) -> None:
        run = self.state.end(step)
        if run is not None:
            self.post_message(self.Edited(self, *run))
        self._moved()

    def on_paste(self, event: Paste) -> None:
        event.stop()
        if self.state.field is not None:
            self.state.insert(event.text)
            self.relayout()

    def action_change(self) -> None:
        """Enter: the value as one would type it, marked, so that typing replaces it."""
        self.state.change()
        self.relayout()

    def action_empty(self) -> None:
        if self.state.field is not None:
            self.state.begin()
            self.relayout()

    def action_choose(self, step: int) -> None:
        if not self.state.choose(step):
            raise SkipAction
        self.relayout()

    def action_move(self, by: int) -> None:
        """Up, Down, Home, End; at an end of the form the page scrolls."""
        if abs(by) == 1 and not self.state.has(self.state.at + by):
            raise SkipAction
        self.state.go(self.state.at + by)
        self._moved()

    def action_step(self, by: int) -> None:
        """Tab: the next field, and after the last the next panel."""
        if not self.state.has(self.state.at + by):
            raise SkipAction
        self.state.go(self.state.at + by)
        self._moved()

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self.relayout()
        if has_focus:
            self.call_after_refresh(self._reveal)

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        _, measured = measure(self.state.figure.fields, self._across - 1)
        place = offset.x // (measured.width + GAP), offset.y + self.scroll_offset.y
        at = next((number for number, where in self._places.items() if where == place), None)
        if at is None or (at == self.state.at and self.state.edit is not None):
            return
        if self.state.edit is not None:
            self._end(0)
        self.state.go(at)
        self._moved()

    # -- drawing -----------------------------------------------------------------------------------------

    @property
    def _across(self) -> int:
        return self.scrollable_content_region.width or self.size.width

    @property
    def _below(self) -> list[str]:
        return told_below(self.state, self.size.width, focused=self.has_focus)

    def least_width(self) -> int:
        """Cells in which a field stands whole beside another panel."""
        _, measured = measure(self.state.figure.fields, 1_000)
        return MARKS + measured.label + 3 + measured.value + 1 + measured.unit + 14

    def natural_height(self, width: int) -> int | None:
        count, _ = measure(self.state.figure.fields, max(1, width - 1))
        told = told_below(self.state, width, focused=self.has_focus)
        return max(map(len, flow(self.state.figure.fields, count))) + max(1, len(told))

    def layout_lines(self, width: int) -> list[Line]:
        ink, fields = ink_of(self), self.state.figure.fields
        if not fields:
            return [((" This page makes no assumptions.", ink.muted),)]
        count, measured = measure(fields, width - 1)
        columns = flow(fields, count)
        self._places = {
            slot.field: (column, line)
            for column, slots in enumerate(columns)
            for line, slot in enumerate(slots)
            if slot.field >= 0
        }
        lines: list[Line] = []
        for row in range(max(map(len, columns))):
            parts: Line = ()
            for number, slots in enumerate(columns):
                slot = slots[row] if row < len(slots) else Slot()
                between: Line = ((" " * GAP, ink.base),) if number else ()
                parts += (*between, *slot_parts(self.state, slot, measured, ink, focused=self.has_focus))
            lines.append(parts)
        return lines

    def _lay_out(self) -> None:
        """The sheet's lines, and room below them for what is told there: a reason takes lines of the page."""
        super()._lay_out()
        told = len(self._below)
        if self._lines:
            self.virtual_size = Size(self.virtual_size.width, len(self._lines) + told)
        if told != self._told:
            self._told = told
            for panel in self.ancestors[:1]:  # the frame: what its page arranges is its height
                panel.refresh(layout=True)

    def render_line(self, y: int) -> Strip:
        told, width = self._below, self.size.width
        below = y - (self.size.height - len(told))
        if below < 0:
            return super().render_line(y)
        ink, field = ink_of(self), self.state.field
        faulty = field is not None and field.name in self.state.refused
        mark = " " if not faulty else "✗ " if below == 0 else "  "
        return strip([(fit(mark + told[below], width), ink.error if faulty else ink.muted)], width, ink.base)

    def _moved(self) -> None:
        self.relayout()
        self._reveal()

    def _reveal(self) -> None:
        """Scroll the sheet, and the page around it, to the field under the cursor."""
        from terminal.widgets.frame import HEADING, Frame
        from terminal.widgets.page_view import PageView

        place = self._places.get(self.state.at)
        if place is None or not self.is_attached:
            return
        line, top = place[1], self.scroll_offset.y
        room = max(1, self.size.height - len(self._below))
        if not top <= line < top + room:
            top = line if line < top else line - room + 1
            self.scroll_to(y=top, animate=False, immediate=True)
        frame = next((a for a in self.ancestors if isinstance(a, Frame)), None)
        view = next((a for a in self.ancestors if isinstance(a, PageView)), None)
        if frame is None or view is None or not view.max_scroll_y:
            return
        first, last = frame.virtual_region.y + HEADING + line - top, frame.virtual_region.bottom
        tall = last - first if last - first <= view.size.height else 1
        view.scroll_to_region(Region(0, first, 1, tall), animate=False, immediate=True)

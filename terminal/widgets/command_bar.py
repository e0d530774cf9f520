"""Where commands are typed. Lean on purpose: a key repaints the cells that it changed, nothing more."""

from __future__ import annotations

from collections.abc import Callable

from textual.events import Click, Key, Paste
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from terminal.line_edit import LineEdit
from terminal.strips import cell_len, ink_of, plain, strip

LONGEST = 2000  # characters a line may have


class CommandBar(Widget, can_focus=True):
    """The line, its cursor and its prompt. What keys mean beyond editing is the screen's affair."""

    DEFAULT_CSS = "CommandBar { height: 1; }"

    class Pressed(Message):
        """A key that edits nothing: Enter, Tab, Up, Down."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__()
        self._tell = changed  # called, not posted: line and completion are then one paint
        self.seen: Key | None = None  # the last key that came here, wherever it goes next
        self.edit = LineEdit()
        self.prompt = ""
        self.hint = "type a command, e.g. AAPL GP"
        self._drawn = 0  # cells of the last drawing that are not blank

    @property
    def text(self) -> str:
        return self.edit.text

    def set_prompt(self, prompt: str) -> None:
        """Show what is loaded before the line."""
        if plain(prompt) != self.prompt:
            self.prompt = plain(prompt)
            self.repaint()

    def set_line(self, text: str, cursor: int | None = None, *, selected: bool = False) -> None:
        self.edit.set(plain(text)[:LONGEST], cursor, selected=selected)
        self.repaint()

    def select(self) -> None:
        """Mark the line: what is typed next replaces it."""
        self.edit.selected = bool(self.text)
        self.repaint()

    def repaint(self) -> None:
        """Draw as many cells as the old and the new line take."""
        taken = self.lead + cell_len(self.edit.text or self.hint) + 2
        width = min(self.size.width, max(taken, self._drawn))
        self._drawn = taken
        self.refresh(Region(0, 0, width, 1))

    # -- keys --------------------------------------------------------------------------------------

    def on_key(self, event: Key) -> None:
        self.seen = event
        key = "enter" if event.key == "ctrl+j" else event.key
        if key in ("enter", "tab", "up", "down") or (event.character == "?" and self.vacant):
            event.stop()
            event.prevent_default()
            self.post_message(self.Pressed("question_mark" if event.character == "?" else key))
            return
        if event.character == "/" and self.vacant:
            event.stop()
            return
        if self.edit.press(event.key):
            pass
        elif event.is_printable and event.character and self._room:
            self.edit.insert(plain(event.character))
        else:
            return
        event.stop()
        event.prevent_default()
        self._changed()

    def on_paste(self, event: Paste) -> None:
        event.stop()
        self.insert(event.text)

    def insert(self, text: str) -> None:
        """Put text in at the cursor, as if typed."""
        self.edit.insert(plain(text)[: self._room])
        self._changed()

    @property
    def vacant(self) -> bool:
        """Whether the next letter begins a line."""
        return not self.text or self.edit.selected

    @property
    def _room(self) -> int:
        return LONGEST if self.edit.selected else LONGEST - len(self.text)

    def on_click(self, event: Click) -> None:
        self.edit.selected = False
        self.edit.cursor = max(0, min(len(self.text), event.x - self.lead + self._scrolled()))
        self._changed()

    def _changed(self) -> None:
        self.repaint()
        self._tell()

    # -- drawing -----------------------------------------------------------------------------------

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()

    @property
    def lead(self) -> int:
        """Cells before the line: what opens below it stands under its first letter."""
        return cell_len(self.prompt) + (4 if self.prompt else 3)

    def _scrolled(self) -> int:
        """Characters scrolled out on the left so that the cursor is seen."""
        room = max(4, self.size.width - self.lead - 1)
        return max(0, self.edit.cursor - room + 1)

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        ink, width = ink_of(self), self.size.width
        text, cursor = self.edit.text, self.edit.cursor
        lead = [(" " + self.prompt + " ", ink.key)] if self.prompt else [(" ", ink.bar)]
        lead.append(("> ", ink.key))
        start = self._scrolled()
        if not text:
            rest = self.hint
            first = (rest[:1] or " ", ink.caret if self.has_focus else ink.status)
            return strip([*lead, first, (rest[1:], ink.status)], width, ink.bar)
        under = text[cursor : cursor + 1] or " "
        caret = ink.caret if self.has_focus else ink.bar
        if self.edit.selected:
            parts = [*lead, (text[start:], ink.popup_cursor), (" ", caret)]
            return strip(parts, width, ink.bar)
        parts = [*lead, (text[start:cursor], ink.bar), (under, caret), (text[cursor + 1 :], ink.bar)]
        return strip(parts, width, ink.bar)

"""One line being typed: text and cursor, and what each editing key does to them. Knows no widget."""

from __future__ import annotations

from collections.abc import Callable


class LineEdit:
    """A line of text with a cursor, edited as a shell's line is.

    A line that was given back (at fault, or left by a session that was cut short) is ``selected``: typing replaces
    it, and any editing key edits it.
    """

    def __init__(self, text: str = "") -> None:
        self.text = text
        self.cursor = len(text)
        self.selected = False

    def set(self, text: str, cursor: int | None = None, *, selected: bool = False) -> None:
        self.text = text
        self.cursor = len(text) if cursor is None else max(0, min(cursor, len(text)))
        self.selected = selected and bool(text)

    def insert(self, text: str) -> None:
        if self.selected:
            self.set("")
        self.text = self.text[: self.cursor] + text + self.text[self.cursor :]
        self.cursor += len(text)

    def press(self, key: str) -> bool:
        """Apply an editing key; False where the key edits nothing."""
        act = _KEYS.get(key)
        if act is None:
            return False
        self.selected = False
        act(self)
        return True

    # -- moves and cuts --------------------------------------------------------------------------------

    def left(self) -> None:
        self.cursor = max(0, self.cursor - 1)

    def right(self) -> None:
        self.cursor = min(len(self.text), self.cursor + 1)

    def home(self) -> None:
        self.cursor = 0

    def end(self) -> None:
        self.cursor = len(self.text)

    def word_left(self) -> None:
        head = self.text[: self.cursor].rstrip()
        self.cursor = head.rfind(" ") + 1

    def word_right(self) -> None:
        tail = self.text[self.cursor :]
        skipped = len(tail) - len(tail.lstrip())
        gap = tail.find(" ", skipped)
        self.cursor = len(self.text) if gap < 0 else self.cursor + gap

    def backspace(self) -> None:
        if self.cursor:
            self.text = self.text[: self.cursor - 1] + self.text[self.cursor :]
            self.cursor -= 1

    def delete(self) -> None:
        self.text = self.text[: self.cursor] + self.text[self.cursor + 1 :]

    def cut_word(self) -> None:
        end = self.cursor
        self.word_left()
        self.text = self.text[: self.cursor] + self.text[end:]

    def cut_start(self) -> None:
        self.text = self.text[self.cursor :]
        self.cursor = 0

    def cut_end(self) -> None:
        self.text = self.text[: self.cursor]


_KEYS: dict[str, Callable[[LineEdit], None]] = {
    "left": LineEdit.left,
    "ctrl+b": LineEdit.left,
    "right": LineEdit.right,
    "ctrl+f": LineEdit.right,
    "home": LineEdit.home,
    "ctrl+a": LineEdit.home,
    "end": LineEdit.end,
    "ctrl+e": LineEdit.end,
    "ctrl+left": LineEdit.word_left,
    "alt+b": LineEdit.word_left,
    "ctrl+right": LineEdit.word_right,
    "alt+f": LineEdit.word_right,
    "backspace": LineEdit.backspace,
    "ctrl+h": LineEdit.backspace,
    "delete": LineEdit.delete,
    "ctrl+d": LineEdit.delete,
    "ctrl+w": LineEdit.cut_word,
    "alt+backspace": LineEdit.cut_word,
    "ctrl+u": LineEdit.cut_start,
    "ctrl+k": LineEdit.cut_end,
}

"""A form being worked in: the field under the cursor, what is typed, what runs, what was refused. Knows no widget."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from terminal.line_edit import LineEdit
from terminal.strips import plain
from terminal.widgets.form_view import choice_after, completed

if TYPE_CHECKING:
    from engine.page import Field, Form

LONGEST = 1000  # characters a value may have


@dataclass
class FormState:
    """What keys do to a form. ``end`` answers what is to be run."""

    figure: Form
    at: int = 0  # the field under the cursor
    edit: LineEdit | None = None  # what is being typed into it
    pending: dict[str, str] = field(default_factory=dict)  # applied, until the page is there
    refused: dict[str, tuple[str, str]] = field(default_factory=dict)  # typed, and why it cannot be

    @property
    def field(self) -> Field | None:
        """The field under the cursor."""
        fields = self.figure.fields
        return fields[self.at] if self.at < len(fields) else None

    def show(self, figure: Form) -> None:
        """The assumptions as another run had them: the cursor stays with its field, typing goes on."""
        name = self.field.name if self.field is not None else ""
        self.figure = figure
        names = [each.name for each in figure.fields]
        if name not in names:
            self.edit = None
        self.at = names.index(name) if name in names else min(self.at, max(0, len(names) - 1))

    def applied(self, name: str, text: str) -> None:
        """The page was made with it."""
        if self.pending.get(name) == text:
            del self.pending[name]
        self.refused.pop(name, None)

    def refuse(self, name: str, text: str, why: str) -> None:
        """It cannot be: what was typed stays, to be put right or restored."""
        self.pending.pop(name, None)
        self.refused[name] = text, plain(why)
        if self.field is not None and self.field.name == name and self.edit is None:
            self.edit = LineEdit(plain(text))

    def restore(self, name: str) -> None:
        """The field shows its value again."""
        self.pending.pop(name, None)
        self.refused.pop(name, None)

    def go(self, at: int) -> None:
        self.at = max(0, min(at, len(self.figure.fields) - 1))

    def has(self, at: int) -> bool:
        return 0 <= at < len(self.figure.fields)

    # -- typing ------------------------------------------------------------------------------------------

    def begin(self, text: str = "", *, selected: bool = False) -> LineEdit:
        """Type into the field, from ``text`` on."""
        self.edit = LineEdit()
        self.edit.set(plain(text)[:LONGEST], selected=selected)
        return self.edit

    def change(self) -> None:
        """Type over what the field holds: what was refused, what runs, or its value."""
        if (own := self.field) is not None:
            runs = self.pending.get(own.name, own.text)
            self.begin(self.refused.get(own.name, (runs, ""))[0], selected=True)

    def insert(self, text: str) -> None:
        """Put text in at the cursor, as if typed; the first letter replaces the value."""
        edit = self.edit or self.begin()
        room = LONGEST - (0 if edit.selected else len(edit.text))
        if typed := plain(text)[: max(0, room)]:
            edit.insert(typed)

    def choose(self, step: int) -> bool:
        """The next choice; False where the field has none."""
        own = self.field
        if own is None or not own.choices:
            return False
        held = self.edit.text if self.edit is not None else self.pending.get(own.name, own.text)
        self.begin(choice_after(own.choices, held, step), selected=True)
        return True

    def leave(self) -> None:
        """Esc: nothing was typed."""
        self.edit = None
        if self.field is not None:
            self.restore(self.field.name)

    def end(self, step: int) -> tuple[str, str] | None:
        """Take what was typed and go on by ``step``; the field's name and text where they are to be run."""
        own, edit, run = self.field, self.edit, None
        if own is not None and edit is not None:
            text = completed(own.choices, edit.text) if own.choices else edit.text
            held = self.pending.get(own.name, own.text)
            if text.strip() != held.strip() or own.name in self.refused:
                self.refused.pop(own.name, None)
                self.pending[own.name] = text
                run = own.name, text
        self.edit = None
        self.go(self.at + step)
        return run

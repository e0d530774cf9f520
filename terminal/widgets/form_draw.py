"""A form's fields as styled parts, and the line below them that says what the keys do or why a value cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal.strips import cell_len, fit, plain, wrap
from terminal.widgets.form_view import Measure, Slot, origin

if TYPE_CHECKING:
    from engine.page import Field
    from terminal.line_edit import LineEdit
    from terminal.theme import Ink
    from terminal.widgets.form_state import FormState
    from terminal.widgets.sheet import Line

GIVEN = "●"  # before a value that the reader gave
_SENTENCES = 3  # lines of a fault


def slot_parts(state: FormState, slot: Slot, measured: Measure, ink: Ink, *, focused: bool) -> Line:
    """A field, a group's heading or a blank, in exactly the column's width."""
    if slot.field < 0:
        return ((fit(" " + slot.heading if slot.heading else "", measured.width), ink.title),)
    field = state.figure.fields[slot.field]
    here = slot.field == state.at and focused
    typed = state.edit if slot.field == state.at else None
    lead: Line = (
        ("› " if here else "  ", ink.label),
        (fit(plain(field.label), measured.label), ink.label),
        (f" {GIVEN if field.given else ' '} ", ink.label),
    )
    if typed is not None:
        return lead + _typing(typed, bool(field.choices), measured.box, ink)
    return lead + _value(state, field, measured, ink, here)


def _value(state: FormState, field: Field, measured: Measure, ink: Ink, here: bool) -> Line:
    """Value, unit and where it comes from; what runs or was refused stands in the value's place."""
    value, unit, basis = plain(field.shown), plain(field.unit), origin(field)
    style = ink.strong if field.given else ink.text
    if field.name in state.refused:
        value, basis, style = plain(state.refused[field.name][0]), "✗ refused", ink.error
    elif field.name in state.pending:
        value, basis, style = plain(state.pending[field.name]) or "default", "… running", ink.info
    return (
        (fit(value, measured.value, right=True), ink.cell if here else style),
        (" ", ink.base),
        (fit(unit, measured.unit) + " " * bool(measured.unit), ink.muted),
        (fit(basis, measured.basis), ink.label if field.given else ink.muted),
    )


def _typing(edit: LineEdit, choosing: bool, box: int, ink: Ink) -> Line:
    """A value being typed, with its caret, in exactly ``box`` cells; scrolled where it is longer."""
    left, right = ("‹", "›") if choosing else ("[", "]")
    room = max(1, box - 2)
    if edit.selected:
        shown = fit(edit.text, min(room, cell_len(edit.text)))
        body: Line = ((shown, ink.popup_cursor), (" " * (room - cell_len(shown)), ink.bar))
        return ((left, ink.label), *body, (right, ink.label))
    start = 0
    while start < edit.cursor and cell_len(edit.text[start : edit.cursor]) > room - 2:
        start += 1
    before, under = edit.text[start : edit.cursor], edit.text[edit.cursor : edit.cursor + 1] or " "
    rest = max(0, room - cell_len(before) - cell_len(under))
    return (
        (left, ink.label),
        (before, ink.bar),
        (under, ink.caret),
        (fit(edit.text[edit.cursor + 1 :], rest), ink.bar),
        (right, ink.label),
    )


def told_below(state: FormState, width: int, *, focused: bool) -> list[str]:
    """What stands below the fields: the reason of a refusal, else what the keys do."""
    field = state.field
    if field is None:
        return []
    if field.name in state.refused:
        return wrap(state.refused[field.name][1], width - 4)[:_SENTENCES]
    if state.edit is not None:
        if field.choices:
            return [f"←→ {' | '.join(map(plain, field.choices))} · Enter applies · Esc restores"]
        return ["Enter applies · Esc restores · empty: the default"]
    legend = f" · {GIVEN} given" if any(each.given for each in state.figure.fields) else ""
    if not focused:
        return [f"Tab visits the fields, Enter changes one{legend}"]
    basis = f" · {origin(field)}" if origin(field) and not field.given else ""
    return [f"{plain(field.name).upper()}: {plain(field.help) or plain(field.label)}{basis}{legend}"]

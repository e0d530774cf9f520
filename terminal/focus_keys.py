"""The keys that the status line tells: those of the panel worked in, as its bindings describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

from terminal.widgets.status import Keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.widget import Widget

GENERAL: Keys = (
    ("Enter", "run"),
    ("Tab", "panel"),
    ("?", "help"),
    ("Alt+←", "back"),
    ("Esc", "cancel"),
    ("Ctrl+Q", "quit"),
)
_IN_A_PANEL: Keys = (("Tab", "next"), ("Esc", "line"), ("Ctrl+Q", "quit"))
_FACES = {
    "left": "←", "right": "→", "up": "↑", "down": "↓", "left_square_bracket": "[", "right_square_bracket": "]",
    "plus": "+", "minus": "-", "enter": "Enter", "home": "Home", "end": "End", "pageup": "PgUp", "pagedown": "PgDn",
    "escape": "Esc", "comma": ",", "full_stop": ".", "space": "Space", "delete": "Del",
}  # fmt: skip


def status_keys(focused: Widget | None) -> Keys:
    """What the status line tells while ``focused`` has the focus."""
    own = panel_keys(focused) if focused is not None else ()
    return (*own, *_IN_A_PANEL) if own else GENERAL


def panel_keys(panel: Widget) -> Keys:
    """The described bindings of a panel: pairs of one action together, those meant to be shown first."""
    groups: dict[str, list[Binding]] = {}
    for binding in _declared(type(panel)):
        if binding.description:
            groups.setdefault(binding.action.partition("(")[0], []).append(binding)
    ordered = sorted(groups.values(), key=lambda group: not group[0].show)
    return tuple((_faces(group[:2]), _what(group[:2])) for group in ordered)


def _declared(kind: type) -> Iterator[Binding]:
    """Bindings of our own classes: everybody knows what arrows do in Textual's."""
    for base in kind.__mro__:
        if base.__module__.startswith("terminal."):
            yield from (binding for binding in vars(base).get("BINDINGS", ()) if isinstance(binding, Binding))


def _faces(pair: list[Binding]) -> str:
    """The first key of each: ←→, Home/End, [ ]."""
    faces = [_face(binding.key.partition(",")[0]) for binding in pair]
    return ("" if all(len(face) == 1 for face in faces) else "/").join(faces)


def _face(key: str) -> str:
    *modifiers, last = key.split("+")
    return "+".join([*(word.title() for word in modifiers), _FACES.get(last, last)])


def _what(pair: list[Binding]) -> str:
    """What both descriptions begin with; both where they have no beginning in common."""
    first, *others = (binding.description.lower().split() for binding in pair)
    shared = first
    for words in others:
        length = next((i for i, (a, b) in enumerate(zip(first, words, strict=False)) if a != b), len(first))
        shared = first[:length]
    return " ".join(shared) or " / ".join(binding.description.lower() for binding in pair)

"""The bottom line: the store, how fresh the page is, who works here, what runs, which keys help."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from terminal.strips import cell_len, fit, ink_of, plain, strip


@dataclass(frozen=True, slots=True)
class Status:
    """What the status line says."""

    place: str = ""
    fresh: str = ""
    user: str = ""
    work: str = ""
    keys: tuple[tuple[str, str], ...] = ()


class StatusLine(Widget):
    """One line, drawn again only where it says something new."""

    DEFAULT_CSS = "StatusLine { height: 1; }"

    def __init__(self, status: Status) -> None:
        super().__init__()
        self.status = status

    def change(self, **parts: object) -> None:
        """Say something else about some parts."""
        new = replace(self.status, **parts)  # type: ignore[arg-type]
        if new != self.status:
            self.status = new
            self.refresh(Region(0, 0, self.size.width, 1))

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        ink, width, status = ink_of(self), self.size.width, self.status
        keys = list(status.keys)
        words = _words(status, width - 2)
        while keys and _keys_width(keys) + 2 > width - min(cell_len(words), width * 3 // 5):
            keys.pop()
        room = width - _keys_width(keys) - 2
        words = _words(status, room)
        style = ink.banner if status.work else ink.status
        parts = [(" " + fit(words, max(0, room)) + " ", style)]
        for key, what in keys:
            parts += [(key + " ", ink.key), (what + "  ", ink.status)]
        return strip(parts, width, ink.status)


def _words(status: Status, room: int) -> str:
    """As many parts as fit whole: what runs, then freshness, then the store, then the user."""
    kept: list[str] = []
    shown = (status.work, status.place, status.fresh, status.user)
    for part in (status.work, status.fresh, status.place, status.user):
        if part and cell_len(" · ".join([*kept, plain(part)])) <= max(room, 0):
            kept.append(plain(part))
        elif part and not kept:
            kept.append(fit(plain(part), max(0, room)))
    return " · ".join(sorted(kept, key=[plain(part) for part in shown].index) if len(kept) > 1 else kept)


def _keys_width(keys: list[tuple[str, str]]) -> int:
    return sum(len(key) + len(what) + 3 for key, what in keys)

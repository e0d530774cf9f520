"""The bottom line: the store, how fresh the page is, who works here, what runs, which keys help."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from terminal.strips import cell_len, fit, ink_of, plain, strip

Keys: TypeAlias = tuple[tuple[str, str], ...]  # a key and what it does; the last one is told at any width


@dataclass(frozen=True, slots=True)
class Status:
    """What the status line says."""

    place: str = ""
    fresh: str = ""
    user: str = ""
    work: str = ""
    fault: str = ""  # what cannot be saved, until it can
    keys: Keys = ()
    keys_first: bool = False  # in a panel its keys matter more than the store's folder


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
        told = status.work or status.fault
        most = width * (2 if status.keys_first and not told else 3) // 5
        words = cell_len(_words(status, width - 2))
        while len(keys) > 1 and _keys_width(keys) + 2 > width - min(words, most):
            keys.pop(-2)
        room = width - _keys_width(keys) - 2
        style = ink.banner if told else ink.status
        parts = [(" " + fit(_words(status, room), max(0, room)) + " ", style)]
        for key, what in keys:
            parts += [(key + " ", ink.key), (what + "  ", ink.status)]
        return strip(parts, width, ink.status)


def _words(status: Status, room: int) -> str:
    """As many parts as fit whole: what runs, what is not saved, then freshness, the store, the user.

    Freshness is the date alone where no more fits. What runs or is not saved is cut rather than left out.
    """
    kept: dict[int, str] = {}
    date_alone = status.fresh.partition(",")[0]
    ranks = (
        (0, (status.work,)),
        (1, (status.fault,)),
        (3, (status.fresh, date_alone)),
        (2, (status.place,)),
        (4, (status.user,)),
    )
    for place, tellings in ranks:
        texts = [plain(telling) for telling in tellings if telling]
        fitting = (text for text in texts if cell_len(" · ".join([*kept.values(), text])) <= room)
        if text := next(fitting, ""):
            kept[place] = text
        elif texts and place < 2 and not kept:
            kept[place] = fit(texts[0], max(0, room))
    return " · ".join(kept[place] for place in sorted(kept))


def _keys_width(keys: list[tuple[str, str]]) -> int:
    return sum(cell_len(key) + cell_len(what) + 3 for key, what in keys)

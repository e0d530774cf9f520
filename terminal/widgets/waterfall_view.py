"""How a waterfall stands in a window: cells with roles, tested without a screen.

A total is ``█``, a rise ``▓``, a fall ``░``, and values carry arrow and sign: nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Literal, TypeAlias

from engine.waterfall import Span, share, spans, told
from terminal.strips import cell_len, fit, plain, wrap

if TYPE_CHECKING:
    from engine.page import Waterfall

Role: TypeAlias = Literal["base", "label", "text", "total", "up", "down", "muted", "cursor"]
Parts: TypeAlias = list[tuple[str, Role]]

LEAST_HEIGHT = 8  # lines below which bars lie rather than stand
_LABELS = 3  # lines that labels below standing bars may take
_WIDEST, _NARROWEST = 20, 8  # cells of a standing bar and its gap
_CAPTION = 30  # cells of a label beside a lying bar, at most


@dataclass(frozen=True, slots=True)
class Stand:
    """Standing bars: cells a step, and the lines of its label."""

    slot: int
    labels: tuple[tuple[str, ...], ...]

    @property
    def depth(self) -> int:
        return max(map(len, self.labels), default=1)


def standing(figure: Waterfall, width: int) -> Stand | None:
    """How bars stand in ``width`` cells; None where a label or a value would be cut."""
    steps = figure.steps
    if not steps or width // len(steps) < _NARROWEST:
        return None
    slot = min(_WIDEST, width // len(steps))
    room = slot - 1
    labels = tuple(tuple(wrap(plain(step.label), room)) for step in steps)
    whole = all(
        cell_len(word) <= room for step in steps for word in (*plain(step.label).split(), told(step, figure))
    )
    return Stand(slot, labels) if whole and max(map(len, labels)) <= _LABELS else None


def role_of(span: Span) -> Role:
    if span.step.total:
        return "total"
    return "up" if span.end >= span.start else "down"


_GLYPHS = {"total": "█", "up": "▓", "down": "░"}


def _scope(made: Sequence[Span]) -> tuple[float, float]:
    """The lowest and the highest level, zero among them."""
    known = [level for span in made if isfinite(span.start) for level in (span.start, span.end)]
    low, high = min([0.0, *known]), max([0.0, *known])
    return low, high if high > low else 1.0


def stand(figure: Waterfall, form: Stand, height: int, cursor: int | None) -> list[Parts]:
    """``height`` lines: values over bars, bars, and labels below."""
    made = spans(figure.steps)
    low, high = _scope(made)
    area = max(2, height - form.depth - 1)
    width = form.slot * len(made)
    cells: list[list[tuple[str, Role]]] = [[(" ", "base")] * width for _ in range(area + 1)]
    if low < 0:
        _put(cells, min(area, 1 + round(area - share(0.0, low, high) * area)), 0, "┈" * width, "muted")
    ends: list[int | None] = []
    for at, span in enumerate(made):
        left, role = at * form.slot, role_of(span)
        shown = told(span.step, figure)
        if not isfinite(span.start):
            _put(cells, area, left, fit(shown, form.slot - 1), "muted")
            ends.append(ends[-1] if ends else None)
            continue
        top, bottom = (1 + round(area - share(level, low, high) * area) for level in (span.high, span.low))
        top = min(top, area)
        bottom = min(area + 1, max(bottom, top + 1))
        for y in range(top, bottom):
            _put(cells, y, left, _GLYPHS[role] * (form.slot - 1), role)
        pad = max(0, (form.slot - 1 - cell_len(shown)) // 2)
        _put(cells, top - 1, left + pad, shown, "cursor" if at == cursor else role)
        ends.append(bottom if span.end < span.start else top)
    for at, row in enumerate(ends[:-1]):  # the level that the next step begins at, at the edge of its row
        if row is not None:
            below = row > area
            _put(cells, min(row, area), (at + 1) * form.slot - 1, "▁" if below else "▔", "muted")
    lines: list[Parts] = [_joined(row) for row in cells]
    for number in range(form.depth):
        parts: Parts = []
        for at, label in enumerate(form.labels):
            piece = label[number] if number < len(label) else ""
            pad = max(0, (form.slot - 1 - cell_len(piece)) // 2)
            style: Role = "cursor" if at == cursor and piece else "total" if made[at].step.total else "label"
            parts += [(" " * pad, "base"), (piece, style)]
            parts.append((" " * (form.slot - pad - cell_len(piece)), "base"))
        lines.append(parts)
    return lines


def lie(figure: Waterfall, width: int, cursor: int | None) -> list[Parts]:
    """A line a step: label, value, and a bar from the level before it to its own."""
    made = spans(figure.steps)
    low, high = _scope(made)
    values = [told(step, figure) for step in figure.steps]
    room = max(map(cell_len, values), default=0)
    names = [plain(step.label) for step in figure.steps]
    caption = min(_CAPTION, max(map(cell_len, names), default=0), max(8, width - room - 10))
    length = max(4, width - caption - room - 5)
    lines: list[Parts] = []
    for at, (name, value, span) in enumerate(zip(names, values, made, strict=True)):
        role = role_of(span) if isfinite(span.start) else "muted"
        start, end = _stretch(span, low, high, length)
        lines.append(
            [
                ("› " if at == cursor else "  ", "label"),
                (fit(name, caption), "cursor" if at == cursor else "total" if span.step.total else "label"),
                (" ", "base"),
                (fit(value, room, right=True), role),
                (" " * (1 + start), "base"),
                (_GLYPHS.get(role, "") * (end - start), role),
            ]
        )
    return lines


def _stretch(span: Span, low: float, high: float, length: int) -> tuple[int, int]:
    if not isfinite(span.start):
        return 0, 0
    start = min(length - 1, round(share(span.low, low, high) * length))
    return start, max(start + 1, round(share(span.high, low, high) * length))


def _put(cells: list[list[tuple[str, Role]]], y: int, x: int, text: str, role: Role) -> None:
    for offset, char in enumerate(text):
        if 0 <= y < len(cells) and 0 <= x + offset < len(cells[y]):
            cells[y][x + offset] = char, role


def _joined(row: list[tuple[str, Role]]) -> Parts:
    """Runs of one role together."""
    parts: Parts = []
    for char, role in row:
        if parts and parts[-1][1] == role:
            parts[-1] = parts[-1][0] + char, role
        else:
            parts.append((char, role))
    return parts

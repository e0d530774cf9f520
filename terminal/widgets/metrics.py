"""Labelled values, in as many columns as the panel is wide."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from engine.format import format_cell
from terminal.strips import cell_len, fit, ink_of, plain, wrap
from terminal.widgets.sheet import Line, Sheet

if TYPE_CHECKING:
    from rich.style import Style

    from engine.page import Metric, Metrics
    from terminal.theme import Ink

_GAP = 3  # between columns
_LEAST, _MOST = 34, 56  # cells a column


class MetricsPanel(Sheet):
    """A Metrics figure. Labels are amber, values white; a change shows its arrow and its colour."""

    def __init__(self, figure: Metrics) -> None:
        super().__init__()
        self.figure = figure

    def show(self, figure: Metrics) -> None:
        self.figure = figure
        self.relayout()

    def layout_lines(self, width: int) -> list[Line]:
        ink = ink_of(self)
        items = self.figure.items
        if not items:
            return []
        columns = max(1, min(len(items), (width + _GAP) // (_LEAST + _GAP)))
        each = min(_MOST, (width - 1 - _GAP * (columns - 1)) // columns)
        labels = min(max(cell_len(plain(item.label)) for item in items), max(8, each * 6 // 10))
        blocks = [_block(item, each, labels, ink) for item in items]
        depth = ceil(len(blocks) / columns)
        stacks = [blocks[start : start + depth] for start in range(0, len(blocks), depth)]
        return _beside([[line for block in stack for line in block] for stack in stacks], each, ink)


def _beside(stacks: list[list[Line]], each: int, ink: Ink) -> list[Line]:
    """Columns of lines set side by side; reading order runs down, then across."""
    lines: list[Line] = []
    for row in range(max(len(stack) for stack in stacks)):
        line: list[tuple[str, Style]] = [(" ", ink.base)]
        for stack in stacks:
            line += stack[row] if row < len(stack) else ((" " * each, ink.base),)
            line.append((" " * _GAP, ink.base))
        lines.append(tuple(line))
    return lines


def _block(item: Metric, width: int, labels: int, ink: Ink) -> list[Line]:
    """One value as a line of exactly ``width`` cells, and further lines where a text does not fit."""
    value = plain(format_cell(item.value, item.kind, item.decimals, item.unit, item.blank))
    style = _style(item, value, ink)
    room = max(4, width - labels - 1)
    pieces = wrap(value, room)
    lines: list[Line] = [
        (
            (fit(plain(item.label), labels) + " ", ink.label),
            (fit(pieces[0], room), style),
        )
    ]
    lines += [((" " * (labels + 1), ink.base), (fit(piece, room), style)) for piece in pieces[1:]]
    if item.note:
        lines += [
            ((" " * (labels + 1), ink.base), (fit(piece, room), ink.muted))
            for piece in wrap(plain(item.note), room)
        ]
    return lines


def _style(item: Metric, shown: str, ink: Ink) -> Style:
    if item.value is None:
        return ink.muted
    if item.kind == "change":
        return ink.up if "▲" in shown else ink.down if "▼" in shown else ink.text
    return ink.text

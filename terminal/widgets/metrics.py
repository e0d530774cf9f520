"""Labelled values, in as many columns as the panel has room for whole ones."""

from __future__ import annotations

from datetime import tzinfo
from math import ceil
from typing import TYPE_CHECKING

from engine.format import format_cell
from terminal.strips import cell_len, fit, ink_of, plain, wrap
from terminal.widgets.sheet import Line, Sheet
from terminal.widgets.stacks import GAP, Size, Stack, best_stacks

if TYPE_CHECKING:
    from rich.style import Style

    from engine.page import Metric, Metrics
    from terminal.theme import Ink

_WRAPS = 36  # cells from which a value may be broken at its spaces
_NOTE = 24  # cells that a note asks for, and a value in a panel beside another


class MetricsPanel(Sheet):
    """A Metrics figure. Labels are amber, values white; a change shows its arrow and its colour."""

    def __init__(self, figure: Metrics, zone: tzinfo | None = None) -> None:
        super().__init__()
        self.figure = figure
        self.zone = zone

    def show(self, figure: Metrics) -> None:
        self.figure = figure
        self.relayout()

    def least_width(self) -> int:
        """Cells in which labels and short values stand whole, one below another."""
        sizes = self._sizes(_NOTE)
        labels = max((label for label, _, _ in sizes), default=0)
        return labels + max((need for _, need, _ in sizes), default=0) + 3

    def layout_lines(self, width: int) -> list[Line]:
        ink = ink_of(self)
        if not self.figure.items:
            return []
        stacks = best_stacks(self._sizes(), width - 2)  # a cell is left blank at either side
        depth = ceil(len(self.figure.items) / len(stacks))
        columns: list[list[Line]] = []
        for place, stack in enumerate(stacks):
            items = self.figure.items[place * depth : (place + 1) * depth]
            columns.append([line for item in items for line in self._block(item, stack, ink)])
        return _beside(columns, [stack.width for stack in stacks], ink)

    def _sizes(self, wraps: int = _WRAPS) -> list[Size]:
        """Of each item: cells of its label, those its value needs (it may break from ``wraps`` on), and likes."""
        sizes = []
        for item in self.figure.items:
            value, note = self._value(item), plain(item.note)
            longest = max(cell_len(word) for word in f"{value} {note}".split(" "))
            need = max(longest, min(cell_len(value), wraps), min(cell_len(note), _NOTE))
            sizes.append((cell_len(plain(item.label)), need, max(cell_len(value), cell_len(note))))
        return sizes

    def _value(self, item: Metric) -> str:
        return plain(format_cell(item.value, item.kind, item.decimals, item.unit, item.blank, tz=self.zone))

    def _block(self, item: Metric, stack: Stack, ink: Ink) -> list[Line]:
        """One value as a line of exactly the stack's width, and further lines where a text does not fit."""
        value = self._value(item)
        room = stack.width - stack.labels - 1
        blank = (" " * (stack.labels + 1), ink.base)
        first, *more = wrap(value, room)
        style = _style(item, value, ink)
        lines: list[Line] = [
            ((fit(plain(item.label), stack.labels) + " ", ink.label), (fit(first, room), style))
        ]
        lines += [(blank, (fit(piece, room), style)) for piece in more]
        if item.note:
            lines += [(blank, (fit(piece, room), ink.muted)) for piece in wrap(plain(item.note), room)]
        return lines


def _beside(stacks: list[list[Line]], widths: list[int], ink: Ink) -> list[Line]:
    """Columns of lines set side by side; reading order runs down, then across."""
    lines: list[Line] = []
    for row in range(max(len(stack) for stack in stacks)):
        line: list[tuple[str, Style]] = [(" ", ink.base)]
        for stack, width in zip(stacks, widths, strict=True):
            line += stack[row] if row < len(stack) else ((" " * width, ink.base),)
            line.append((" " * GAP, ink.base))
        lines.append(tuple(line))
    return lines


def _style(item: Metric, shown: str, ink: Ink) -> Style:
    if item.value is None:
        return ink.muted
    if item.kind == "change":
        return ink.up if "▲" in shown else ink.down if "▼" in shown else ink.text
    return ink.text

"""Aligned text: widths counted in terminal cells, columns that fit, sparklines."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import tzinfo
from math import isfinite

from engine.encode.tabular import GridColumn
from engine.format import NUMERIC_KINDS, format_cell
from engine.sanitize import clean

__all__ = ["align", "cell_width", "fit", "sparkline"]

_GAP = 2
_NARROWEST_TEXT = 8
_TOLD = 24  # cells that a text keeps where it names the row, or where columns are to follow below in any case
_TICKS = "▁▂▃▄▅▆▇█"


def cell_width(text: str) -> int:
    """Terminal cells that ``text`` takes: wide East Asian characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def fit(text: str, width: int, *, right: bool = False) -> str:
    """``text`` in exactly ``width`` cells, padded, or cut with an ellipsis."""
    if (size := cell_width(text)) > width:
        while text and size > width - 1:
            size -= cell_width(text[-1])
            text = text[:-1]
        text, size = text + "…", size + 1
    padding = " " * (width - size)
    return padding + text if right else text + padding


def align(
    columns: Sequence[GridColumn],
    *,
    width: int | None = None,
    rows: slice = slice(None),
    repeat: int = 1,
    tz: tzinfo | None = None,
) -> list[str]:
    """The columns side by side under a header and a rule.

    Text columns give way first where ``width`` is too narrow; what still does not fit follows below,
    the first ``repeat`` columns repeated: no column and no digit is ever dropped.
    """
    rendered = [_render(column, rows, tz) for column in columns]
    widths = [max(map(cell_width, cells)) for cells in rendered]
    for index, column in enumerate(columns):
        if column.width is not None and column.kind not in NUMERIC_KINDS:
            widths[index] = min(widths[index], max(column.width, cell_width(rendered[index][0])))
    if width is not None:
        widths = _narrowed(columns, widths, width)
    lines: list[str] = []
    for block in _blocks(widths, width, repeat):
        if lines:
            lines.append("")
        lines += _block(columns, rendered, widths, block)
    return lines


def _block(
    columns: Sequence[GridColumn], rendered: list[list[str]], widths: list[int], block: list[int]
) -> list[str]:
    def line(row: int) -> str:
        cells = (
            fit(rendered[index][row], widths[index], right=columns[index].kind in NUMERIC_KINDS)
            for index in block
        )
        return (" " * _GAP).join(cells).rstrip()

    rule = (" " * _GAP).join("─" * widths[index] for index in block)
    return [line(0), rule, *(line(row) for row in range(1, len(rendered[0])))]


def _render(column: GridColumn, rows: slice, tz: tzinfo | None) -> list[str]:
    """Header and cells of a column as text."""
    header = clean(column.label)
    if column.unit and column.unit not in header:
        header = f"{header} {clean(column.unit)}"
    values = column.values[rows]
    numbers = range(*rows.indices(len(column.values)))
    cells = (
        format_cell(value, column.kind, column.places(row), blank=column.blank(row), tz=tz)
        for row, value in zip(numbers, values, strict=True)
    )
    return [header, *cells]


def _narrowed(columns: Sequence[GridColumn], widths: list[int], width: int) -> list[int]:
    """Take what is too much from the widest text column, again and again; the first, which names the row, gives
    less. Where that does not make them fit, texts stay readable and columns follow below."""
    loose = [index for index, column in enumerate(columns) if column.kind in ("text", "mark")]
    told = max(_NARROWEST_TEXT, min(_TOLD, width // 3))
    for floor in (_NARROWEST_TEXT, told):
        least = [max(floor, told if not index else 0) for index in range(len(widths))]
        narrow = list(widths)
        excess = sum(widths) + _GAP * (len(widths) - 1) - width
        while excess > 0 and (giving := [index for index in loose if narrow[index] > least[index]]):
            narrow[max(giving, key=narrow.__getitem__)] -= 1
            excess -= 1
        if excess <= 0:
            break
    return narrow


def _blocks(widths: list[int], width: int | None, repeat: int) -> list[list[int]]:
    """Column numbers a block of at most ``width`` cells."""
    every = list(range(len(widths)))
    if width is None or sum(widths) + _GAP * (len(widths) - 1) <= width:
        return [every]
    head, rest = every[:repeat], every[repeat:]
    blocks: list[list[int]] = []
    block = list(head)
    for index in rest:
        if len(block) > len(head) and sum(widths[i] + _GAP for i in (*block, index)) - _GAP > width:
            blocks.append(block)
            block = list(head)
        block.append(index)
    blocks.append(block)
    return blocks


def sparkline(values: Sequence[float | None], width: int = 48) -> str:
    """The course of ``values`` in at most ``width`` cells; the last value of each bin, a gap where none."""
    if not values:
        return ""
    bins = min(width, len(values))
    picked: list[float | None] = []
    for number in range(bins):
        members = values[number * len(values) // bins : (number + 1) * len(values) // bins]
        known = [value for value in members if value is not None and isfinite(value)]
        picked.append(known[-1] if known else None)
    shown = [value for value in picked if value is not None]
    if not shown:
        return ""
    low, high = min(shown), max(shown)
    # halved before subtracting, so that two finite values of opposite sign cannot overflow
    span = high / 2 - low / 2
    return "".join(
        " " if value is None else _TICKS[round((value / 2 - low / 2) / span * 7) if span else 3]
        for value in picked
    )

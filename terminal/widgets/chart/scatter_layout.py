"""Where the marks of a scatter stand in its plot, and where their labels do: pure arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal.strips import cell_len

if TYPE_CHECKING:
    from collections.abc import Sequence

GLYPHS = "●▲■◆○△□◇+×"  # of the groups, first to last: told apart without colour
MOST_LABELS = 600  # labels that are tried: more than these no plot has room for


def place_labels(
    points: Sequence[tuple[int, int]],
    labels: Sequence[str],
    width: int,
    height: int,
    *,
    order: Sequence[int] | None = None,
) -> dict[int, tuple[int, int]]:
    """Column and row at which each label begins that has room beside its point; labels come in the order given.

    Tried are the right, the left, the line above and the line below. No label covers a mark or another label, and
    a blank is left between any two on one line.
    """
    taken: dict[int, list[tuple[int, int]]] = {}
    for column, row in points:
        taken.setdefault(row, []).append((column - 1, column + 2))
    placed: dict[int, tuple[int, int]] = {}
    for index in (range(len(points)) if order is None else order)[:MOST_LABELS]:
        size = cell_len(labels[index])
        if not size:
            continue
        column, row = points[index]
        for x, y in _spots(column, row, size):
            inside = x >= 0 and x + size <= width and 0 <= y < height
            if inside and _free(taken.get(y, []), x, x + size):
                taken.setdefault(y, []).append((x - 1, x + size + 1))
                placed[index] = (x, y)
                break
    return placed


def _spots(column: int, row: int, size: int) -> tuple[tuple[int, int], ...]:
    middle = column - size // 2
    return (column + 2, row), (column - size - 1, row), (middle, row - 1), (middle, row + 1)


def _free(taken: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether nothing stands between two cells of a line."""
    return all(end <= a or start >= b for a, b in taken)

"""Areas in proportion to sizes, as nearly square as may be: pure arithmetic over a rectangle of cells.

Bruls, Huizing and van Wijk, "Squarified Treemaps", 2000: sizes in falling order are laid along the shorter side of
what is left, row by row, for as long as a further one makes the worst shape of the row no worse. Edges are then put
on whole cells, each by itself, so that areas neither overlap nor leave a gap. A cell is twice as tall as wide.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from terminal.widgets.nearest import TALL, Box

if TYPE_CHECKING:
    from collections.abc import Sequence


_SMALLEST = 1e-12  # of the whole: what is smaller has no cell anyway, and would not survive being squared


def squarify(sizes: Sequence[float], box: Box) -> list[Box]:
    """A box on whole cells for each size (positive, in falling order); together they are ``box``."""
    scale = TALL
    floor = sum(sizes) * _SMALLEST
    sizes = [max(size, floor) for size in sizes]
    rest = Box(box.left, box.top * scale, box.right, box.bottom * scale)
    left_over, placed, start = float(sum(sizes)), [], 0
    while start < len(sizes):
        end = _row_end(sizes, start, rest, left_over)
        row = sizes[start:end]
        boxes, rest = _laid(row, rest, left_over, last=end == len(sizes))
        placed += boxes
        left_over -= sum(row)
        start = end
    return [Box(round(b.left), round(b.top / scale), round(b.right), round(b.bottom / scale)) for b in placed]


def _row_end(sizes: Sequence[float], start: int, rest: Box, left_over: float) -> int:
    """One past the last size of the row that begins at ``start``."""
    width, height = rest.right - rest.left, rest.bottom - rest.top
    if min(width, height) <= 0 or left_over <= 0:
        return len(sizes)
    area, side = width * height / left_over, min(width, height)
    total, best = 0.0, float("inf")
    for end in range(start, len(sizes)):
        total += sizes[end] * area
        worst = max(side**2 * sizes[start] * area / total**2, total**2 / (side**2 * sizes[end] * area))
        if worst > best:
            return end
        best = worst
    return len(sizes)


def _laid(row: Sequence[float], rest: Box, left_over: float, *, last: bool) -> tuple[list[Box], Box]:
    """The boxes of a row along the shorter side, and what is left beside it."""
    width, height = rest.right - rest.left, rest.bottom - rest.top
    total = float(sum(row))
    share = 1.0 if last or left_over <= 0 else total / left_over
    upright = width >= height
    edge = rest.left + width * share if upright else rest.top + height * share
    edge = (rest.right if upright else rest.bottom) if last else edge
    near, far = (rest.top, rest.bottom) if upright else (rest.left, rest.right)
    cuts, run = [near], 0.0
    for size in row:
        run += size
        cuts.append(near + (far - near) * (run / total if total > 0 else 1.0))
    cuts[-1] = far
    if upright:
        boxes = [Box(rest.left, a, edge, b) for a, b in pairwise(cuts)]
        return boxes, Box(edge, rest.top, rest.right, rest.bottom)
    boxes = [Box(a, rest.top, b, edge) for a, b in pairwise(cuts)]
    return boxes, Box(rest.left, edge, rest.right, rest.bottom)

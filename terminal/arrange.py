"""Where the panels of a page stand in a window: pure arithmetic, tested without a screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

BESIDE = 110  # columns from which a side panel may stand beside the panel before it
LEAST = 6  # lines below which a panel that takes what it is given (a chart) is not worth looking at
LEAST_TABLE = 4


@dataclass(frozen=True, slots=True)
class Spec:
    """What a panel asks for. ``natural`` gives the lines it wants at a width; None: whatever there is."""

    weight: int = 1
    side: bool = False
    natural: Callable[[int], int | None] = lambda _width: None


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a panel stands."""

    x: int
    y: int
    width: int
    height: int


def arrange(specs: Sequence[Spec], width: int, height: int) -> list[Slot]:
    """A slot for every panel, in order. The page scrolls where they do not fit into ``height``."""
    rows = _rows(specs, width)
    if not rows or width <= 0:
        return []
    widths = [_widths([specs[i] for i in row], width) for row in rows]
    wants = [_want([specs[i] for i in row], across) for row, across in zip(rows, widths, strict=True)]
    weights = [max(specs[i].weight for i in row) for row in rows]
    heights = _share(wants, weights, height)
    slots: dict[int, Slot] = {}
    y = 0
    for row, across, tall in zip(rows, widths, heights, strict=True):
        x = 0
        for i, wide in zip(row, across, strict=True):
            slots[i] = Slot(x, y, wide, tall)
            x += wide + 1
        y += tall
    return [slots[i] for i in range(len(specs))]


def _rows(specs: Sequence[Spec], width: int) -> list[list[int]]:
    rows: list[list[int]] = []
    for i, spec in enumerate(specs):
        beside = spec.side and rows and width >= BESIDE
        most = 3 if width >= 170 else 2
        if beside and len(rows[-1]) < most:
            rows[-1].append(i)
        else:
            rows.append([i])
    return rows


def _widths(row: Sequence[Spec], width: int) -> list[int]:
    """The width shared by weight, one column between neighbours; a side panel never under a third."""
    free = width - (len(row) - 1)
    if len(row) == 1:
        return [free]
    least = min(free // len(row), max(36, free // 4))
    total = sum(spec.weight for spec in row)
    shares = [max(least, free * spec.weight // total) for spec in row]
    shares[0] += free - sum(shares)
    return shares


def _want(row: Sequence[Spec], across: Sequence[int]) -> int | None:
    """Lines that a row wants: the most of its panels, None where one of them takes whatever there is."""
    wants = [spec.natural(wide) for spec, wide in zip(row, across, strict=True)]
    return None if any(want is None for want in wants) else max(want for want in wants if want is not None)


def _share(wants: Sequence[int | None], weights: Sequence[int], height: int) -> list[int]:
    """Heights by weight; a row that wants less gives the rest away, and none falls below what is legible."""
    least = [LEAST + 1 if want is None else min(want, LEAST_TABLE + 1) for want in wants]
    heights: list[int] = [0] * len(wants)
    open_rows = set(range(len(wants)))
    free = height
    while open_rows:
        total = sum(weights[i] for i in open_rows)
        fair = {i: free * weights[i] // total for i in open_rows}
        sated = [i for i in open_rows if (want := wants[i]) is not None and want <= fair[i]]
        if sated:
            for i in sated:
                heights[i] = wants[i] or 0
        else:
            sated = [i for i in open_rows if fair[i] < least[i]]
            for i in sated:
                heights[i] = least[i]
        if not sated:
            for i in open_rows:
                heights[i] = fair[i]
            spare = free - sum(fair.values())
            heights[max(open_rows, key=lambda i: weights[i])] += spare
            break
        open_rows -= set(sated)
        free = max(0, free - sum(heights[i] for i in sated))
    return heights

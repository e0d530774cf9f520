"""Where the panels of a page stand in a window: pure arithmetic, tested without a screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

LEAST = 9  # lines below which a panel that takes what it is given (a chart) is not worth looking at
LEAST_TABLE = 10  # lines of a table, its title and header among them, below which the page scrolls instead
CHART = 16  # lines that a chart takes on a page that scrolls
THREE = 170  # columns from which three panels may stand in a row


@dataclass(frozen=True, slots=True)
class Spec:
    """What a panel asks for. ``natural`` gives the lines it wants at a width; None: whatever there is."""

    weight: int = 1
    side: bool = False
    natural: Callable[[int], int | None] = lambda _width: None
    long: bool = (
        False  # scrolls by itself (a table): may be given fewer lines where it wants most of the window
    )
    least: int = 36  # columns that it needs for standing beside another panel


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
    wishes = [
        _wish([specs[i] for i in row], across, height) for row, across in zip(rows, widths, strict=True)
    ]
    slots: dict[int, Slot] = {}
    y = 0
    for row, across, tall in zip(rows, widths, _share(wishes, height), strict=True):
        x = 0
        for i, wide in zip(row, across, strict=True):
            slots[i] = Slot(x, y, wide, tall)
            x += wide + 1
        y += tall
    return [slots[i] for i in range(len(specs))]


def _rows(specs: Sequence[Spec], width: int) -> list[list[int]]:
    """Panels row by row: a side panel stands beside the one before it where both keep what they need."""
    rows: list[list[int]] = []
    most = 3 if width >= THREE else 2
    for i, spec in enumerate(specs):
        last = rows[-1] if rows else []
        needed = sum(specs[k].least for k in last) + spec.least + len(last)
        if spec.side and last and len(last) < most and needed <= width:
            last.append(i)
        else:
            rows.append([i])
    return rows


def _widths(row: Sequence[Spec], width: int) -> list[int]:
    """The width shared by weight, one column between neighbours; none gets less than it needs."""
    free = width - (len(row) - 1)
    if len(row) == 1:
        return [free]
    shares = [0] * len(row)
    open_panels = set(range(len(row)))
    while open_panels:
        total = sum(row[i].weight for i in open_panels)
        tight = [i for i in open_panels if free * row[i].weight // total < row[i].least]
        if not tight or len(tight) == len(open_panels):
            for i in open_panels:
                shares[i] = free * row[i].weight // total
            break
        for i in tight:
            shares[i] = row[i].least
        open_panels -= set(tight)
        free -= sum(shares[i] for i in tight)
    shares[0] += width - (len(row) - 1) - sum(shares)
    return shares


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a row of panels asks for: the lines it wants (None: whatever there is), the fewest it takes."""

    want: int | None
    least: int
    weight: int


def _wish(row: Sequence[Spec], across: Sequence[int], height: int) -> _Wish:
    wants = [spec.natural(wide) for spec, wide in zip(row, across, strict=True)]
    leasts = [
        LEAST + 1
        if want is None
        else LEAST_TABLE
        if spec.long and want > max(LEAST_TABLE, height * 2 // 3)
        else want
        for spec, want in zip(row, wants, strict=True)
    ]
    want = None if None in wants else max(want for want in wants if want is not None)
    return _Wish(want, max(leasts), max(spec.weight for spec in row))


def _share(wishes: Sequence[_Wish], height: int) -> list[int]:
    """Heights of the rows.

    Where even the fewest lines of each do not fit the page scrolls, once: every row has what it wants, a long
    table as much as the window. Else rows are given their fewest, and then line by line what is left: the next
    line to the row that has least for its weight and wants more.
    """
    if sum(wish.least for wish in wishes) > height:
        return [max(wish.least, min(CHART if wish.want is None else wish.want, height)) for wish in wishes]
    heights = [wish.least for wish in wishes]
    for _ in range(height - sum(heights)):
        hungry = [i for i, wish in enumerate(wishes) if wish.want is None or heights[i] < wish.want]
        if not hungry:
            break
        heights[min(hungry, key=lambda i: (heights[i] + 1) / wishes[i].weight)] += 1
    return heights

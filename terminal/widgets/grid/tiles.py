"""Which areas a treemap has in a window: groups, tiles within them, and what is too small put together."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from terminal.strips import cell_len, fit, plain
from terminal.widgets.grid.squarify import squarify
from terminal.widgets.nearest import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.figures import Tile

LEAST_WIDTH, LEAST_HEIGHT = 4, 1  # cells below which a tile cannot be told from its edge
_HEADED = (10, 3)  # cells, lines from which a group has a title of its own


@dataclass(frozen=True, slots=True)
class Area:
    """A box of the picture. One of several ``members`` (places in the figure's tiles) stands for those too small."""

    box: Box
    label: str
    size: float
    value: float | None
    members: tuple[int, ...]
    group: str = ""

    @property
    def single(self) -> bool:
        return len(self.members) == 1


@dataclass(frozen=True, slots=True)
class Heading:
    """A group's title line."""

    box: Box
    group: str
    size: float


def drawable(tiles: Sequence[Tile]) -> list[int]:
    """Places of the tiles that have a size, the largest first."""
    known = [place for place, tile in enumerate(tiles) if isfinite(tile.size) and tile.size > 0]
    return sorted(known, key=lambda place: -tiles[place].size)


def lay_tiles(tiles: Sequence[Tile], width: int, height: int) -> tuple[list[Area], list[Heading]]:
    """The areas and titles that fill a window. Sizes add up: what is too small is one area, "others (n)"."""
    places = drawable(tiles)
    whole = Box(0, 0, width, height)
    if not places or width < 1 or height < 1:
        return [], []
    groups: dict[str, list[int]] = {}
    for place in places:
        groups.setdefault(tiles[place].group, []).append(place)
    if len(groups) < 2:
        return _areas(tiles, places, whole, plain(next(iter(groups)))), []
    ordered = sorted(groups.items(), key=lambda item: -_total(tiles, item[1]))
    kept, boxes = _placed([_total(tiles, members) for _, members in ordered], whole)
    areas: list[Area] = []
    headings: list[Heading] = []
    for (name, members), box in zip(ordered[:kept], boxes[:kept], strict=True):
        group, inner = plain(name) or "no group", box
        if box.width >= _HEADED[0] and box.height >= _HEADED[1]:
            headings.append(
                Heading(Box(box.left, box.top, box.right, box.top + 1), group, _total(tiles, members))
            )
            inner = Box(box.left, box.top + 1, box.right, box.bottom)
        areas += _areas(tiles, members, inner, group)
    if kept < len(ordered):
        rest = tuple(place for _, members in ordered[kept:] for place in members)
        areas.append(_others(tiles, rest, boxes[-1], ""))
    return areas, headings


def _total(tiles: Sequence[Tile], places: Sequence[int]) -> float:
    return sum(tiles[place].size for place in places)


def _areas(tiles: Sequence[Tile], places: Sequence[int], box: Box, group: str) -> list[Area]:
    kept, boxes = _placed([tiles[place].size for place in places], box)
    areas = []
    for place, own in zip(places[:kept], boxes[:kept], strict=True):
        tile = tiles[place]
        value = tile.value if tile.value is not None and isfinite(tile.value) else None
        areas.append(Area(own, plain(tile.label), tile.size, value, (place,), group))
    if kept < len(places):
        areas.append(_others(tiles, tuple(places[kept:]), boxes[-1], group))
    return areas


def _others(tiles: Sequence[Tile], places: tuple[int, ...], box: Box, group: str) -> Area:
    """What is too small by itself; its value is the mean of theirs by size, where they have any."""
    known = [(tiles[p].size, float(tiles[p].value or 0.0)) for p in places if _has_value(tiles[p])]
    weight = sum(size for size, _ in known)
    value = sum(size * value for size, value in known) / weight if weight > 0 else None
    whole = f"{group} ({len(places)})" if group and len(places) == 1 else f"others ({len(places)})"
    return Area(box, whole, _total(tiles, places), value, places, group)


def _has_value(tile: Tile) -> bool:
    return tile.value is not None and isfinite(tile.value)


def _placed(sizes: Sequence[float], box: Box) -> tuple[int, list[Box]]:
    """How many sizes have a box that is large enough, and their boxes; what is left over has the last box."""
    count, total = len(sizes), sum(sizes)
    per_cell = total / max(1, box.width * box.height)
    kept = sum(size >= per_cell * LEAST_WIDTH * LEAST_HEIGHT * 0.6 for size in sizes)
    least = per_cell * min(
        2 * box.height, box.width
    )  # what is left over has a line or two columns at any rate
    while kept:
        rest = sum(sizes[kept:])
        boxes = _with_rest(sizes, kept, box, rest)
        if not _seen(boxes, kept) and kept == 1 < count:
            boxes = _with_rest(sizes, kept, box, max(rest, least))
        if _seen(boxes, kept):
            break
        kept = min(kept - 1, int(kept * 0.95))
    if kept == count - 1:  # one tile is no others
        whole = _with_rest(sizes, count, box, 0.0)
        if all(b.width > 0 and b.height > 0 for b in whole):
            return count, whole
    return (kept, boxes) if kept else (0, [box])


def _seen(boxes: Sequence[Box], kept: int) -> bool:
    """Whether the kept ones can be told apart, and what is left over has a cell."""
    told = all(box.width >= LEAST_WIDTH and box.height >= LEAST_HEIGHT for box in boxes[:kept])
    return told and all(box.width > 0 and box.height > 0 for box in boxes[kept:])


def _with_rest(sizes: Sequence[float], kept: int, box: Box, rest: float) -> list[Box]:
    """Boxes of the first sizes and of all others together; squarify takes them by size."""
    asked = [*sizes[:kept], *([rest] if kept < len(sizes) else [])]
    order = sorted(range(len(asked)), key=lambda place: -asked[place])
    boxes: list[Box] = [box] * len(asked)
    for place, own in zip(order, squarify([asked[place] for place in order], box), strict=True):
        boxes[place] = own
    return boxes


def words(label: str, value: str, size: str, width: int, height: int) -> list[str]:
    """What is written in an area of so many cells and lines: as much as stands whole, the label before all."""
    if width < 2 or height < 1:
        return []
    named = label if cell_len(label) <= width else fit(label, width) if width >= 3 else ""
    if named != label and label.startswith("others ("):
        named = label.removeprefix("others ") if cell_len(label) - 7 <= width else ""
    if height == 1:
        both = f"{label} {value}" if value else label
        return [both] if cell_len(both) <= width else [named] if named else []
    lines = [named] if named else []
    if value and cell_len(value) <= width:
        lines.append(value)
    if height >= 5 and size and cell_len(size) <= width and len(lines) == 2:
        lines.append(size)
    return lines

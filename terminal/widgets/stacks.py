"""How labelled values stand in columns: pure arithmetic, tested without a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

GAP = 3  # between columns
_NARROW = 30  # cells below which a column beside others is hard to read down
_WIDE = 56  # cells beyond which a column is not spread
_SHORTEST = 8  # cells that values keep in the narrowest window

Size = tuple[int, int, int]  # of an item: cells of its label, cells its value needs, cells it would like


@dataclass(frozen=True, slots=True)
class Stack:
    """One column: its labels' cells, the cells below which something would break, those it would like."""

    labels: int
    least: int
    wish: int
    width: int


def best_stacks(sizes: Sequence[Size], room: int) -> list[Stack]:
    """The most columns in which every label and value stands whole; one column where none are."""
    for count in range(len(sizes), 0, -1):
        stacks = _stacks(sizes, count)
        asked = sum(max(stack.least, _NARROW) for stack in stacks) + GAP * (len(stacks) - 1)
        if asked <= room or (count == 1 and stacks[0].least <= room):
            return _widened(stacks, room)
    only = _stacks(sizes, 1)[0]
    labels = min(only.labels, max(_SHORTEST, room - _SHORTEST - 1, room * 6 // 10))
    return [replace(only, labels=min(labels, only.labels), width=max(labels + 1 + _SHORTEST, room))]


def _stacks(sizes: Sequence[Size], count: int) -> list[Stack]:
    """The items in reading order, at most ``count`` columns of like depth."""
    depth = ceil(len(sizes) / count)
    stacks = []
    for start in range(0, len(sizes), depth):
        part = sizes[start : start + depth]
        labels = max(label for label, _, _ in part)
        least = labels + 1 + max(need for _, need, _ in part)
        stacks.append(Stack(labels, least, labels + 1 + max(wish for _, _, wish in part), least))
    return stacks


def _widened(stacks: list[Stack], room: int) -> list[Stack]:
    """Room left over: first to columns whose values would break at their spaces, then to all alike."""
    free = room - GAP * (len(stacks) - 1) - sum(stack.least for stack in stacks)
    widths = [stack.least for stack in stacks]
    for i, stack in enumerate(stacks):
        give = min(free, stack.wish - widths[i])
        widths[i] += give
        free -= give
    even = min(_WIDE, (room - GAP * (len(stacks) - 1)) // len(stacks))
    if all(width <= even for width in widths):
        widths = [even] * len(stacks)
    return [replace(stack, width=width) for stack, width in zip(stacks, widths, strict=True)]

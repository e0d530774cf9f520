"""The neighbour that an arrow key goes to, among areas or points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

TALL = 2.0  # a cell's height by its width
_ASIDE = 2.0  # how much farther a step aside counts than one ahead


@dataclass(frozen=True, slots=True)
class Box:
    """Cells from ``left`` to ``right`` and ``top`` to ``bottom``, the ends exclusive."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> int:
        return int(self.right - self.left)

    @property
    def height(self) -> int:
        return int(self.bottom - self.top)

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def nearest(boxes: Sequence[Box], at: int, x: int, y: int) -> int:
    """The box to the left (``x`` -1), right, above (``y`` -1) or below another; itself where none lies there.

    Boxes are compared by the way ahead from edge to edge and the way aside from the middle. Of boxes at one and
    the same place the next counts as lying ahead of the one before.
    """
    here = boxes[at]
    best, found = float("inf"), at
    for place, box in enumerate(boxes):
        if place == at:
            continue
        ahead, aside = _ways(here, box, x, y)
        if box == here:
            ahead = 0.0 if (place > at) == (x + y > 0) else -1.0
        elif ahead <= 0 and (box.width == box.height == 0 or ahead < 0):
            continue
        if ahead < 0:
            continue
        far = ahead + _ASIDE * aside + abs(place - at) * 1e-9
        if far < best:
            best, found = far, place
    return found


def _ways(here: Box, box: Box, x: int, y: int) -> tuple[float, float]:
    """How far ahead a box begins, and how far aside of the middle it lies; a line counts as two columns."""
    middle = here.middle
    if x:
        ahead = box.left - here.right if x > 0 else here.left - box.right
        aside = max(box.top - middle[1], middle[1] - box.bottom, 0.0) * TALL
        return ahead, aside
    ahead = box.top - here.bottom if y > 0 else here.top - box.bottom
    return ahead * TALL, max(box.left - middle[0], middle[0] - box.right, 0.0)

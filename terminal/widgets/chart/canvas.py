"""A grid of characters and style numbers, and its strips: runs of one style become one segment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from rich.style import Style

SPACE = 32


@dataclass(frozen=True, slots=True)
class Canvas:
    """``chars`` code points (uint32) and ``styles`` numbers (uint8), both shape (height, width)."""

    chars: np.ndarray
    styles: np.ndarray

    @classmethod
    def blank(cls, width: int, height: int) -> Canvas:
        import numpy as np

        return cls(np.full((height, width), SPACE, np.uint32), np.zeros((height, width), np.uint8))

    @property
    def width(self) -> int:
        return int(self.chars.shape[1])

    def put(self, x: int, y: int, text: str, style: int) -> None:
        """Write one-cell characters; what would stand outside is cut off."""
        if not 0 <= y < len(self.chars):
            return
        for offset, char in enumerate(text):
            if 0 <= x + offset < self.width:
                self.chars[y, x + offset] = ord(char)
                self.styles[y, x + offset] = style

    def strips(self, palette: Sequence[Style]) -> list[Strip]:
        """One strip a row. A blank takes the style to its left, so that it never breaks a run."""
        import numpy as np

        height, width = self.chars.shape
        if not width:
            return [Strip.blank(0) for _ in range(height)]
        ground = palette[0].bgcolor
        plain = np.array(
            [not style.reverse and not style.underline and style.bgcolor == ground for style in palette]
        )
        follows = (self.chars == SPACE) & plain[self.styles]
        source = np.where(follows, -1, np.arange(width))
        source = np.maximum.accumulate(source, axis=1)
        rows = np.arange(height)[:, None]
        styles = np.where(source >= 0, self.styles[rows, np.maximum(source, 0)], 0)
        # a blank after a reversed cell must not be reversed as well
        styles = np.where(follows & ~plain[styles], 0, styles)
        breaks = np.ones((height, width), bool)
        breaks[:, 1:] = styles[:, 1:] != styles[:, :-1]
        texts = self.chars.astype("<u4", copy=False)
        strips: list[Strip] = []
        for y in range(height):
            text = texts[y].tobytes().decode("utf-32-le")
            starts = np.flatnonzero(breaks[y])
            edges = [*starts.tolist(), width]
            numbers = styles[y, starts].tolist()
            segments = [
                Segment(text[edges[i] : edges[i + 1]], palette[number]) for i, number in enumerate(numbers)
            ]
            strips.append(Strip(segments, width))
        return strips

"""A painted chart: finished strips, and what is needed to find a bar's place in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style

    from terminal.widgets.chart.canvas import Canvas
    from terminal.widgets.chart.layout import Layout
    from terminal.widgets.chart.price_axis import PriceAxis


NEAR = 6  # cells


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything of a chart but its readout and crosshair."""

    strips: tuple[Strip, ...]
    canvas: Canvas
    layout: Layout
    axis: PriceAxis

    def changes(self, before: Picture) -> list[Region] | None:
        """The cells that differ from an earlier picture of the same size; None where all may."""
        import numpy as np

        old, new = before.canvas, self.canvas
        if old.chars.shape != new.chars.shape:
            return None
        differs = (old.chars != new.chars) | (old.styles != new.styles)
        regions: list[Region] = []
        for y in np.flatnonzero(differs.any(axis=1)).tolist():
            columns = np.flatnonzero(differs[y])
            # a stretch of unchanged cells is skipped where it is longer than what moving over it costs
            breaks = np.flatnonzero(np.diff(columns) > NEAR)
            starts = [int(columns[0]), *columns[breaks + 1].tolist()]
            ends = [*columns[breaks].tolist(), int(columns[-1])]
            regions += [Region(a, y, b - a + 1, 1) for a, b in zip(starts, ends, strict=True)]
        return regions


Part = tuple[str, int]  # a piece of text and the ink it is written in


def line_of_text(parts: Sequence[Part], width: int, palette: Sequence[Style]) -> Strip:
    """One line of text pieces in ``width`` cells (text may be two cells a character); a cut is marked with "›"."""
    strip = Strip([Segment(text, palette[ink]) for text, ink in parts if text])
    if cell_len("".join(text for text, _ in parts).rstrip()) > width > 1:
        cut = strip.crop(0, width - 1).adjust_cell_length(width - 1, palette[0])
        return Strip([*cut, Segment("›", palette[0])])
    return strip.adjust_cell_length(width, palette[0])

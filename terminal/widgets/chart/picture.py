"""A painted chart: finished strips, and what is needed to find a bar's place in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style

    from terminal.widgets.chart.canvas import Canvas
    from terminal.widgets.chart.layout import Layout
    from terminal.widgets.chart.price_axis import PriceAxis


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything of a chart but its readout and crosshair."""

    strips: tuple[Strip, ...]
    canvas: Canvas
    layout: Layout
    axis: PriceAxis


Part = tuple[str, int]  # a piece of text and the ink it is written in


def line_of_text(parts: Sequence[Part], width: int, palette: Sequence[Style]) -> Strip:
    """One line of text pieces, cut or filled up to ``width`` cells (text may be two cells a character)."""
    strip = Strip([Segment(text, palette[ink]) for text, ink in parts if text])
    return strip.adjust_cell_length(width, palette[0])

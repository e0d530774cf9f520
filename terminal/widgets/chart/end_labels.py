"""What each line is called, at its right end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal.widgets.chart.palette import SERIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from terminal.widgets.chart.canvas import Canvas
    from terminal.widgets.chart.layout import Layout


def paint_end_labels(canvas: Canvas, layout: Layout, ends: Iterable[tuple[float, int, str]]) -> None:
    """Labels beside the ends of lines, each given as row, place of its series and text; moved apart where they
    would meet."""
    used: set[int] = set()
    for row, place, text in sorted(ends):
        free = [y for y in range(layout.plot_rows) if y not in used]
        if not free:
            return
        y = min(free, key=lambda candidate: abs(candidate - row))
        used.add(y)
        label = text.ljust(layout.axis_width - 1)[: layout.axis_width - 1]
        canvas.put(layout.plot_width, layout.plot_top + y, "◄", SERIES[place % len(SERIES)])
        canvas.put(layout.plot_width + 1, layout.plot_top + y, label, SERIES[place % len(SERIES)])

"""What surrounds a plot: the price axis with its grid, the rule with events, the date labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal.widgets.chart.canvas import SPACE
from terminal.widgets.chart.date_axis import date_ticks, left_edge
from terminal.widgets.chart.palette import Ink
from terminal.widgets.chart.ticks import compact_tick, price, step_decimals

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from terminal.widgets.chart.canvas import Canvas
    from terminal.widgets.chart.layout import Layout
    from terminal.widgets.chart.price_axis import PriceAxis

GRID = "┈"


def paint_price_axis(canvas: Canvas, layout: Layout, axis: PriceAxis) -> None:
    """Grid lines across the plot and labels at its right."""
    ticks = axis.ticks()
    decimals = step_decimals(ticks)
    for row in range(layout.plot_rows):
        canvas.put(layout.plot_width, layout.plot_top + row, "│", Ink.GRID)
    for tick in ticks:
        y = layout.plot_top + axis.row(tick)
        if layout.plot_rows >= 6:
            canvas.chars[y, : layout.plot_width] = ord(GRID)
            canvas.styles[y, : layout.plot_width] = Ink.GRID
        if layout.axis_width:
            canvas.put(layout.plot_width, y, "├", Ink.GRID)
            canvas.put(layout.plot_width + 2, y, price(tick, decimals), Ink.AXIS)


def trim_grid(canvas: Canvas, layout: Layout, shortest: int = 5) -> None:
    """Take away bits of grid between candles: a few dots say nothing, and each costs a change of colour."""
    import numpy as np

    plot = slice(layout.plot_top, layout.plot_top + layout.plot_rows)
    chars = canvas.chars[plot, : layout.plot_width]
    styles = canvas.styles[plot, : layout.plot_width]
    for y in np.flatnonzero((chars == ord(GRID)).any(axis=1)).tolist():
        edges = np.diff(np.concatenate(([0], (chars[y] == ord(GRID)).view(np.int8), [0])))
        starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            if end - start < shortest:
                chars[y, start:end] = SPACE
                styles[y, start:end] = Ink.TEXT


def paint_volume_axis(canvas: Canvas, layout: Layout, axis: PriceAxis) -> None:
    """The volume's own axis: a rule above it, its scale at the right in k, M or B."""
    width = layout.plot_width
    if layout.divider:
        canvas.put(0, layout.volume_top - 1, "─" * width + ("┤" if layout.axis_width else ""), Ink.GRID)
    if not layout.axis_width:
        return
    if layout.divider:
        canvas.put(width + 2, layout.volume_top - 1, "Volume"[: layout.axis_width - 2], Ink.AXIS)
    for row in range(layout.volume_rows):
        canvas.put(width, layout.volume_top + row, "│", Ink.GRID)
    for tick in axis.ticks(2):
        if tick > 0:
            y = layout.volume_top + axis.row(tick)
            canvas.put(width, y, "├", Ink.GRID)
            canvas.put(width + 2, y, compact_tick(tick), Ink.AXIS)


def paint_dates(
    canvas: Canvas,
    layout: Layout,
    dates: np.ndarray,
    columns: np.ndarray,
    marks: Sequence[tuple[int, str]] = (),
) -> None:
    """Ticks and labels of the dates (each standing at its column); events as letters on the rule."""
    ticks = date_ticks(dates, columns, layout.plot_width) if layout.dates else []
    if layout.rule:
        canvas.put(0, layout.rule_row, "─" * layout.plot_width, Ink.GRID)
        if layout.axis_width:
            canvas.put(layout.plot_width, layout.rule_row, "┘", Ink.GRID)
        for tick in ticks:
            canvas.put(tick.column, layout.rule_row, "┬", Ink.AXIS)
        for column, letter in marks:
            canvas.put(column, layout.rule_row, letter, Ink.EVENT)
    for tick in ticks:
        ink = Ink.TEXT if tick.rank == 2 else Ink.AXIS
        canvas.put(left_edge(tick, layout.plot_width), layout.dates_row, tick.label, ink)


def paint_last_price(
    canvas: Canvas, layout: Layout, axis: PriceAxis, value: float, decimals: int, *, up: bool
) -> None:
    """The last price as a tag on the axis, pointing at its row."""
    if layout.axis_width and axis.low <= value <= axis.high:
        tag = "◄" + price(value, decimals).ljust(layout.axis_width - 1)
        y = layout.plot_top + axis.row(value)
        canvas.put(layout.plot_width, y, tag, Ink.TAG_UP if up else Ink.TAG_DOWN)

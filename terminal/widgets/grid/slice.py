"""A cut through a surface: its values along one axis, with the quotes it was fitted to.

Nothing in between is made up: the line joins the surface's own points.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, log
from typing import TYPE_CHECKING

from terminal.widgets.chart.canvas import Canvas
from terminal.widgets.chart.crosshair import LINE
from terminal.widgets.chart.frame import paint_price_axis
from terminal.widgets.chart.layout import lay_out
from terminal.widgets.chart.palette import SERIES, Ink
from terminal.widgets.chart.price_axis import PriceAxis
from terminal.widgets.chart.ticks import price

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminal.widgets.chart.layout import Layout

NODE, USED, UNUSED = "•", "◆", "×"
_FAR = 12.0  # how often the last place must exceed the first for a logarithmic axis to serve better


@dataclass(frozen=True, slots=True)
class Dot:
    """A quote on the cut, at its place along it."""

    place: float
    value: float
    used: bool


@dataclass(frozen=True, slots=True)
class Slice:
    """``places`` ascend; ``values`` (as they are written, percents times 100) may hold NaN."""

    places: Sequence[float]
    values: Sequence[float]
    labels: Sequence[str]
    dots: Sequence[Dot] = ()
    decimals: int = 2

    @property
    def log(self) -> bool:
        """Whether places are better told apart by their ratios (days beside years)."""
        return len(self.places) > 3 and self.places[0] > 0 and self.places[-1] > _FAR * self.places[0]

    def columns(self, places: Sequence[float], count: int) -> list[float]:
        """Where places stand among ``count`` columns."""
        scaled = [self._scaled(place) for place in places]
        low, high = self._scaled(self.places[0]), self._scaled(self.places[-1])
        if high <= low:
            return [(count - 1) / 2 for _ in scaled]
        return [(place - low) / (high - low) * (count - 1) for place in scaled]

    def _scaled(self, place: float) -> float:
        if not self.log:
            return float(place)
        return log(place) if place > 0 else float("nan")


def paint_slice(cut: Slice, width: int, height: int, cursor: int, *, dash: tuple[int, int]) -> Canvas:
    """The cut in a chart's frame, the place under the cursor marked; the two lines on top are left to the reader."""
    canvas = Canvas.blank(width, height)
    shown = [value for value in (*cut.values, *(dot.value for dot in cut.dots)) if isfinite(value)]
    low, high = (min(shown), max(shown)) if shown else (0.0, 1.0)
    label = max(len(price(low, cut.decimals)), len(price(high, cut.decimals)))
    layout = lay_out(width, height, max(6, label), volume=False)
    axis = PriceAxis.fit(low, high, layout.plot_rows, pad=0.05)
    paint_price_axis(canvas, layout, axis)
    at = cut.columns(cut.places, layout.plot_width)
    _paint_crosshair(canvas, layout, round(at[cursor]))
    _paint_line(canvas, layout, axis, cut, dash)
    for dot in cut.dots:
        (column,) = cut.columns([dot.place], layout.plot_width)
        if isfinite(column) and 0 <= round(column) < layout.plot_width:
            glyph, ink = (USED, SERIES[1]) if dot.used else (UNUSED, Ink.DOWN)
            canvas.put(round(column), layout.plot_top + axis.row(dot.value), glyph, ink)
    value = cut.values[cursor]
    if isfinite(value):
        row = layout.plot_top + axis.row(value)
        canvas.put(round(at[cursor]), row, NODE, Ink.TEXT)
        if layout.axis_width:
            tag = "◄" + price(value, cut.decimals)
            canvas.put(layout.plot_width, row, tag.ljust(layout.axis_width), Ink.EVENT)
    _paint_labels(canvas, layout, at, cut.labels, cursor)
    return canvas


def _paint_crosshair(canvas: Canvas, layout: Layout, column: int) -> None:
    for y in range(layout.plot_top, layout.plot_top + layout.plot_rows):
        canvas.put(column, y, LINE, Ink.AXIS)


def _paint_line(canvas: Canvas, layout: Layout, axis: PriceAxis, cut: Slice, dash: tuple[int, int]) -> None:
    import numpy as np

    from terminal.widgets.chart.braille import cells, dot_columns, paint_line, rasterise

    dots = layout.plot_width * 2
    x, values = np.array(cut.columns(cut.places, dots)), np.array(cut.values, dtype=float)
    if np.isfinite(values).sum() > 1:
        low, high = dot_columns(x, values, dots)
        paint_line(
            canvas, layout.plot_top, layout.plot_width, cells(rasterise(low, high, axis, dash)), SERIES[0]
        )


def _paint_labels(
    canvas: Canvas, layout: Layout, at: Sequence[float], labels: Sequence[str], cursor: int
) -> None:
    """The axis below: the cursor's label first, then those that have room."""
    if layout.rule:
        canvas.put(0, layout.rule_row, "─" * layout.plot_width, Ink.GRID)
    if not layout.dates:
        return
    taken: list[tuple[int, int]] = []
    for place in (cursor, *range(len(labels))):
        text = labels[place]
        start = max(0, min(round(at[place]) - len(text) // 2, layout.plot_width - len(text)))
        end = start + len(text)
        if any(start <= b and end >= a for a, b in taken):
            continue
        taken.append((start, end))
        canvas.put(start, layout.dates_row, text, Ink.EVENT if place == cursor else Ink.AXIS)
        if layout.rule:
            canvas.put(round(at[place]), layout.rule_row, "┬", Ink.AXIS)

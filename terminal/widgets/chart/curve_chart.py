"""Curves over a number that is no date: yields over tenors, each labelled at its right end."""

from __future__ import annotations

from math import isfinite, log
from typing import TYPE_CHECKING, ClassVar

from textual.strip import Strip
from textual.widget import Widget

from engine.sanitize import clean
from terminal.widgets.chart import palette
from terminal.widgets.chart.base import BESIDE
from terminal.widgets.chart.canvas import Canvas
from terminal.widgets.chart.end_labels import paint_end_labels
from terminal.widgets.chart.frame import paint_price_axis
from terminal.widgets.chart.layout import lay_out
from terminal.widgets.chart.palette import SERIES, Ink
from terminal.widgets.chart.picture import line_of_text
from terminal.widgets.chart.price_axis import PriceAxis
from terminal.widgets.chart.ticks import price

if TYPE_CHECKING:
    import numpy as np
    from rich.style import Style

    from engine.page import Curve, CurveSeries
    from terminal.widgets.chart.layout import Layout
    from terminal.widgets.chart.picture import Part

LONGEST_NAME = 12
POINT = "•"


class CurveChart(Widget):
    """Curves in braille, the first one's points marked; labels of the axis below where they have room."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(palette.CLASSES.values())
    DEFAULT_CSS = "CurveChart { padding: 0 0 0 1;" + palette.CSS + "}"

    def __init__(
        self, figure: Curve, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ):
        super().__init__(name=name, id=id, classes=classes)
        self.figure = figure
        self._strips: list[Strip] = []
        self._made_for: tuple[int, int] | None = None

    def least_width(self) -> int:
        """Cells below which a chart is not set beside another panel."""
        return BESIDE

    def show(self, figure: Curve) -> None:
        """Draw another figure."""
        self.figure = figure
        self._made_for = None
        self.refresh()

    def notify_style_update(self) -> None:
        self._made_for = None
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if self._made_for != (width, height):
            self._strips = self._paint(width, height, palette.styles(self))
            self._made_for = (width, height)
        return self._strips[y] if y < len(self._strips) else Strip.blank(width, self.rich_style)

    @property
    def _factor(self) -> float:
        return 100.0 if self.figure.kind == "percent" else 1.0

    def _paint(self, width: int, height: int, ink: list[Style]) -> list[Strip]:
        points = [v for s in self.figure.series for v in s.values if isfinite(v)]
        if not points or width < 4 or height < 2:
            text = "" if points else "No curve to draw."
            pad = " " * max(0, (width - len(text)) // 2)
            lines = [[(pad + text, Ink.AXIS)] if y == height // 2 else [] for y in range(height)]
            return [line_of_text(line, width, ink) for line in lines]
        low, high = min(points) * self._factor, max(points) * self._factor
        number = max(len(price(low, self.figure.decimals)), len(price(high, self.figure.decimals)))
        name = max(len(clean(series.name)[:LONGEST_NAME]) for series in self.figure.series)
        layout = lay_out(width, height, max(6, number + 1 + name), volume=False)
        axis = PriceAxis.fit(low, high, layout.plot_rows)
        canvas = Canvas.blank(width, height)
        paint_price_axis(canvas, layout, axis)
        for place in reversed(range(len(self.figure.series))):
            self._paint_curve(canvas, layout, axis, place)
        self._paint_points(canvas, layout, axis)
        self._paint_ends(canvas, layout, axis)
        self._paint_labels(canvas, layout)
        strips = canvas.strips(ink)
        if layout.plot_top:
            strips[0] = line_of_text(self._heading(names=not layout.axis_width), width, ink)
        return strips

    def _heading(self, *, names: bool) -> list[Part]:
        """Unit, and where no labels stand at their ends the names of the curves in their colours."""
        percent = "%" if self.figure.kind == "percent" and "%" not in self.figure.unit else ""
        unit = " ".join(part for part in (percent, clean(self.figure.unit), self._scale_words()) if part)
        parts: list[Part] = [(f"{unit}  ", Ink.AXIS)] if unit else []
        for place, series in enumerate(self.figure.series if names else ()):
            parts.append((f"{clean(series.name)}  ", SERIES[place % len(SERIES)]))
        return parts

    def _scale_words(self) -> str:
        if not self.figure.x_unit:
            return ""
        scale = " (log)" if self.figure.scale == "log" else ""
        return f"over {clean(self.figure.x_unit)}{scale}"

    def _span(self) -> tuple[float, float]:
        places = [self._scaled(x) for series in self.figure.series for x in series.x]
        places = [place for place in places if isfinite(place)]
        return (min(places), max(places)) if places else (0.0, 1.0)

    def _scaled(self, x: float) -> float:
        if self.figure.scale == "log":
            return log(x) if x > 0 else float("nan")
        return float(x)

    def _columns(self, series: CurveSeries, count: int) -> np.ndarray:
        """Where a curve's points stand among ``count`` columns, as floats."""
        import numpy as np

        low, high = self._span()
        places = np.array([self._scaled(x) for x in series.x])
        return (places - low) / (high - low or 1.0) * (count - 1)

    def _paint_curve(self, canvas: Canvas, layout: Layout, axis: PriceAxis, place: int) -> None:
        import numpy as np

        from terminal.widgets.chart.braille import cells, dash, dot_columns, paint_line, rasterise

        series = self.figure.series[place]
        dots = layout.plot_width * 2
        x, values = self._columns(series, dots), np.array(series.values, dtype=float) * self._factor
        known = np.isfinite(x) & np.isfinite(values)  # a tenor that is not quoted is passed over
        if known.sum() < 2:
            return
        low, high = dot_columns(x[known], values[known], dots)
        bits = cells(rasterise(low, high, axis, dash(place, self.app)))
        paint_line(canvas, layout.plot_top, layout.plot_width, bits, SERIES[place % len(SERIES)])

    def _paint_points(self, canvas: Canvas, layout: Layout, axis: PriceAxis) -> None:
        series = self.figure.series[0]
        columns = self._columns(series, layout.plot_width)
        for column, value in zip(columns.tolist(), series.values, strict=True):
            if isfinite(column) and isfinite(value):
                y = layout.plot_top + axis.row(value * self._factor)
                canvas.put(round(column), y, POINT, SERIES[0])

    def _paint_ends(self, canvas: Canvas, layout: Layout, axis: PriceAxis) -> None:
        if not layout.axis_width:
            return
        ends = []
        for place, series in enumerate(self.figure.series):
            known = [value for value in series.values if isfinite(value)]
            if known:
                value = known[-1] * self._factor
                text = f"{clean(series.name)[:LONGEST_NAME]} {price(value, self.figure.decimals)}"
                ends.append((axis.row(value), place, text))
        paint_end_labels(canvas, layout, ends)

    def _paint_labels(self, canvas: Canvas, layout: Layout) -> None:
        """The axis below: labels of every curve's places, those left out that would touch the one before."""
        if layout.rule:
            canvas.put(0, layout.rule_row, "─" * layout.plot_width, Ink.GRID)
            if layout.axis_width:
                canvas.put(layout.plot_width, layout.rule_row, "┘", Ink.GRID)
        if not layout.dates:
            return
        found: dict[float, str] = {}
        for series in self.figure.series:
            for column, label in zip(
                self._columns(series, layout.plot_width).tolist(), series.labels, strict=True
            ):
                if isfinite(column):
                    found.setdefault(column, clean(label))
        free = 0
        for column, label in sorted(found.items()):
            start = max(0, min(round(column) - len(label) // 2, layout.plot_width - len(label)))
            if start < free:
                continue
            canvas.put(start, layout.dates_row, label, Ink.AXIS)
            if layout.rule:
                canvas.put(round(column), layout.rule_row, "┬", Ink.AXIS)
            free = start + len(label) + 1

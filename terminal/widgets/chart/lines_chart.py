"""The line widget: several series over shared dates, each labelled at its right end."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from engine.sanitize import clean
from terminal.widgets.chart import readout
from terminal.widgets.chart.align import event_rows, legend, levels, marks, on_rows, paint_levels, union
from terminal.widgets.chart.base import Chart
from terminal.widgets.chart.canvas import Canvas
from terminal.widgets.chart.end_labels import paint_end_labels
from terminal.widgets.chart.frame import paint_dates, paint_price_axis, trim_grid
from terminal.widgets.chart.layout import lay_out
from terminal.widgets.chart.palette import SERIES, Ink
from terminal.widgets.chart.picture import Part, Picture
from terminal.widgets.chart.price_axis import PriceAxis
from terminal.widgets.chart.ticks import price
from terminal.widgets.chart.window import Window

if TYPE_CHECKING:
    import numpy as np

    from engine.page import Lines
    from terminal.widgets.chart.layout import Layout

LONGEST_NAME = 12


class LineData:
    """A Lines figure on the union of its dates; a date that one series lacks is bridged, NaN is a gap."""

    def __init__(self, figure: Lines) -> None:
        self.figure = figure
        self.names = [clean(series.name) for series in figure.series]

    @cached_property
    def dates(self) -> np.ndarray:
        return union(self.figure.series)

    @cached_property
    def rows(self) -> list[np.ndarray]:
        """Rows of the shared dates that each series has a point on (its own NaN among them)."""
        import numpy as np

        dates = [np.asarray(series.dates).astype("datetime64[D]") for series in self.figure.series]
        return [np.searchsorted(self.dates, own) for own in dates]

    @cached_property
    def values(self) -> list[np.ndarray]:
        """Each series at every shared date, NaN where it has no point."""
        return [on_rows(series, self.dates) for series in self.figure.series]

    @cached_property
    def events(self) -> list[tuple[int, str]]:
        return event_rows(self.figure.events, self.dates)

    @cached_property
    def levels(self) -> list[tuple[int, str, float]]:
        return levels(self.figure.events, self.dates)


class LinesChart(Chart):
    """Lines in braille; keys and crosshair as in the candlestick widget."""

    def __init__(
        self, figure: Lines, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ):
        super().__init__(name=name, id=id, classes=classes)
        self._data = LineData(figure)
        self.log_scale = figure.scale == "log"

    @property
    def figure(self) -> Lines:
        return self._data.figure

    def show(self, figure: Lines) -> None:
        """Draw another figure from scratch."""
        self._data = LineData(figure)
        self._view = self._bar = None
        self.log_scale = figure.scale == "log"
        self._repaint()

    def _length(self) -> int:
        return len(self._data.dates)

    def _date(self, bar: int) -> np.datetime64:
        return self._data.dates[bar]

    def _fit(self, width: int) -> Window:
        return Window.fit(self._length(), width)

    def _empty(self) -> str:
        return "No values in this range."

    def _value(self, bar: int) -> tuple[float, int]:
        return float(self._data.values[0][bar]), self.figure.decimals

    def _why_column(self) -> str:
        return self.figure.series[0].name

    def _axis_label(self) -> int:
        import numpy as np

        highest = max((float(np.nanmax(np.abs(v), initial=0.0)) for v in self._data.values), default=0.0)
        number = len(price(-highest if self._has_negative() else highest, self.figure.decimals))
        several = len(self._data.names) > 1
        name = max((len(name) for name in self._data.names), default=0) if several else 0
        return max(6, number + (min(LONGEST_NAME, name) + 1 if name else 0))

    def _has_negative(self) -> bool:
        import numpy as np

        return any(bool(np.any(values < 0)) for values in self._data.values)

    def _readout(self, bar: int | None) -> list[Part]:
        bar = self._length() - 1 if bar is None else bar
        parts: list[Part] = [(readout.day(self._date(bar)) + "  ", Ink.TEXT)]
        now = [float(values[bar]) for values in self._data.values]
        figures = readout.lines(self._data.names, now, self.figure.decimals)
        if len(now) > 1:
            return parts + figures
        before = float(self._data.values[0][bar - 1]) if bar else float("nan")
        return [*parts, *figures, *readout.change(before, now[0], self.figure.decimals)]

    def _legend(self, bar: int | None) -> list[Part]:  # noqa: ARG002 - values stand in the readout
        unit = clean(self.figure.unit)
        parts: list[Part] = [(f"{unit}  ", Ink.AXIS)] if unit else []
        parts += [("log  ", Ink.AXIS)] if self.picture().axis.log else []
        return parts + legend(self._data.events)

    def _paint(self, width: int, height: int) -> Picture:
        import numpy as np

        layout = lay_out(width, height, self._axis_label(), volume=False)
        view = self.view(layout.plot_width)
        axis = self._axis(view, layout)
        canvas = Canvas.blank(width, height)
        paint_price_axis(canvas, layout, axis)
        self._paint_lines(canvas, layout, view, axis)
        trim_grid(canvas, layout)
        paint_levels(canvas, layout, axis, view.column_of, self._data.levels)
        self._paint_labels(canvas, layout, view, axis)
        bars = np.arange(view.first, view.last)
        columns = np.round((bars - view.first) * view.scale).astype(int)
        letters = marks(self._data.events, view.column_of, layout.plot_width)
        paint_dates(canvas, layout, self._data.dates[view.first : view.last], columns, letters)
        return Picture(tuple(canvas.strips(self.ink)), canvas, layout, axis)

    def _axis(self, view: Window, layout: Layout) -> PriceAxis:
        import numpy as np

        shown = np.concatenate([values[view.first : view.last] for values in self._data.values])
        shown = shown[np.isfinite(shown)]
        low, high = (float(shown.min()), float(shown.max())) if len(shown) else (float("nan"),) * 2
        return PriceAxis.fit(low, high, layout.plot_rows, log_scale=self.log_scale)

    def _paint_lines(self, canvas: Canvas, layout: Layout, view: Window, axis: PriceAxis) -> None:
        from terminal.widgets.chart.braille import cells, dash, dot_columns, paint_line, rasterise

        dots = layout.plot_width * 2
        # the first series is painted last: it lies above those it is compared with
        for place in reversed(range(len(self._data.values))):
            rows = self._data.rows[place]
            x = (rows - view.first) * (dots - 1) / max(1, view.count - 1)
            low, high = dot_columns(x, self._data.values[place][rows], dots)
            bits = cells(rasterise(low, high, axis, dash(place, self.app)))
            paint_line(canvas, layout.plot_top, layout.plot_width, bits, SERIES[place % len(SERIES)])

    def _paint_labels(self, canvas: Canvas, layout: Layout, view: Window, axis: PriceAxis) -> None:
        """Name and last value of each line at its right end, moved apart where they would meet."""
        if not layout.axis_width:
            return
        import numpy as np

        ends: list[tuple[float, int, str]] = []
        for place, values in enumerate(self._data.values):
            shown = values[view.first : view.last]
            known = np.flatnonzero(np.isfinite(shown))
            if len(known):
                value = float(shown[known[-1]])
                name = self._data.names[place][:LONGEST_NAME] if len(self._data.values) > 1 else ""
                ends.append((axis.row(value), place, f"{name} {price(value, self.figure.decimals)}".strip()))
        paint_end_labels(canvas, layout, ends)

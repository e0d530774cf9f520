"""The candlestick widget: candles, volume, overlays, events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.sanitize import clean
from terminal.widgets.chart import readout
from terminal.widgets.chart.align import bar_word, legend, marks, paint_levels
from terminal.widgets.chart.base import Chart
from terminal.widgets.chart.candle_data import CandleData
from terminal.widgets.chart.candles import body_width, paint_candles, paint_columns
from terminal.widgets.chart.canvas import SPACE, Canvas
from terminal.widgets.chart.frame import (
    GRID,
    paint_dates,
    paint_last_price,
    paint_price_axis,
    paint_volume_axis,
    trim_grid,
)
from terminal.widgets.chart.layout import lay_out
from terminal.widgets.chart.palette import SERIES, Ink
from terminal.widgets.chart.picture import Part, Picture
from terminal.widgets.chart.price_axis import PriceAxis
from terminal.widgets.chart.ticks import price
from terminal.widgets.chart.viewport import Viewport

if TYPE_CHECKING:
    import numpy as np

    from engine.page import Candles
    from engine.quant.resample import Ohlcv
    from terminal.widgets.chart.layout import Layout

CLOSE = 1.5  # columns from candle to candle below which a gap in the volume would look like no volume
BODIES, WICKS = "╻╹┃╽╿▊▄▀█", "╷╵│"


class CandlesChart(Chart):
    """Open, high, low, close over sessions; resampled, never thinned out, where bars outnumber columns."""

    def __init__(
        self, figure: Candles, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._data = CandleData(figure)
        self.log_scale = figure.scale == "log"

    @property
    def figure(self) -> Candles:
        return self._data.figure

    def show(self, figure: Candles) -> None:
        """Draw another figure from scratch."""
        self._data = CandleData(figure)
        self._view = self._bar = None
        self.log_scale = figure.scale == "log"
        self._repaint()

    def _length(self) -> int:
        return self.figure.frame.height

    def _date(self, bar: int) -> np.datetime64:
        return self._data.bars.dates[bar]

    def _fit(self, width: int) -> Viewport:
        return Viewport.fit(self._length(), width)

    def _empty(self) -> str:
        name = clean(self.figure.name)
        return f"No prices of {name} in this range." if name else "No prices in this range."

    def _value(self, bar: int) -> tuple[float, int]:
        view = self._current()
        bars, _ = self._data.at(view.level.bars)
        return float(bars.close[view.bucket(bar)]), self.figure.decimals

    def _why_bar(self, bar: int) -> int:
        """A candle of several bars closes where the last of them that has a close did."""
        import numpy as np

        first, last = self._current().bar_range(bar)
        known = np.flatnonzero(np.isfinite(self._data.bars.close[first : last + 1]))
        return first + int(known[-1]) if len(known) else last

    def _why_place(self, bar: int) -> str:
        """Within sessions a day names many bars: the row names one."""
        return str(bar + 1) if self.figure.zone else super()._why_place(bar)

    def _axis_label(self) -> int:
        import numpy as np

        high = float(np.nanmax(self._data.bars.high, initial=0.0))
        return max(6, len(price(high, self.figure.decimals)))

    def _readout(self, bar: int | None) -> list[Part]:
        view = self._current()
        bars, _ = self._data.at(view.level.bars)
        index = view.bucket(self._length() - 1 if bar is None else bar)
        title = f"{clean(self.figure.name)} {clean(self.figure.unit)}".strip()
        if self.figure.zone and "phase" in self.figure.frame.columns:
            title = f"{title} {clean(self.figure.frame['phase'][self._why_bar(index * view.level.bars)])}"
        return readout.candle(bars, index, self.figure.decimals, self.size.width, title)

    def _legend(self, bar: int | None) -> list[Part]:
        view = self._current()
        _, overlays = self._data.at(view.level.bars)
        index = view.bucket(self._length() - 1 if bar is None else bar)
        merged = view.level.bars
        word = bar_word(self._data.bars.dates, merged)
        parts: list[Part] = [(f"1 candle = {merged} {word}  ", Ink.AXIS)]
        if merged > 1 and bar is not None:
            parts.append(
                (f"w: why the close of {readout.moment(self._date(self._why_bar(bar)))}  ", Ink.AXIS)
            )
        parts += [("log  ", Ink.AXIS)] if self.picture().axis.log else []
        names = [clean(series.name) for series in self.figure.overlays]
        parts += readout.lines(names, [float(values[index]) for values in overlays], self.figure.decimals)
        return parts + legend(self._data.events)

    def _paint(self, width: int, height: int) -> Picture:
        import numpy as np

        layout = lay_out(width, height, self._axis_label(), volume=self._data.has_volume)
        view = self.view(layout.plot_width)
        bars, overlays = self._data.at(view.level.bars)
        shown = _slice(bars, view.first, view.last)
        middles, columns = view.middles(view.first, view.last), int(view.pitch)
        axis = self._price_axis(shown, [values[view.first : view.last] for values in overlays], layout)
        canvas = Canvas.blank(width, height)
        paint_price_axis(canvas, layout, axis)
        paint_candles(canvas, layout.plot_top, shown, middles, columns, axis)
        self._paint_overlays(canvas, layout, view, axis, overlays)
        trim_grid(canvas, layout)
        paint_levels(canvas, layout, axis, view.column_of, self._data.levels)
        if layout.volume_rows:
            top = float(np.nanmax(shown.volume, initial=0.0)) or 1.0
            volume_axis = PriceAxis(0.0, top, layout.volume_rows)
            reach = body_width(columns) // 2
            paint_volume_axis(canvas, layout, volume_axis)
            top_row, volume = layout.volume_top, shown.volume
            if view.pitch < CLOSE:
                paint_columns(canvas, top_row, volume[:-1], middles[1:] - 1, 0, volume_axis, Ink.VOLUME)
            paint_columns(canvas, top_row, volume, middles, reach, volume_axis, Ink.VOLUME)
        letters = marks(self._data.events, view.column_of, layout.plot_width)
        paint_dates(canvas, layout, shown.dates, middles, letters)
        close = self._data.bars.close
        last = close[np.isfinite(close)]
        if len(last):
            up = len(last) < 2 or bool(last[-1] >= last[-2])
            paint_last_price(canvas, layout, axis, float(last[-1]), self.figure.decimals, up=up)
        return Picture(tuple(canvas.strips(self.ink)), canvas, layout, axis)

    def _price_axis(self, shown: Ohlcv, overlays: list[np.ndarray], layout: Layout) -> PriceAxis:
        import numpy as np

        def reach(pick: np.ufunc, arrays: list[np.ndarray]) -> float:
            values = [float(pick.reduce(array)) for array in arrays if len(array)]
            return float(pick.reduce(values)) if values else float("nan")

        low = reach(np.fmin, [shown.low, shown.close, *overlays])
        high = reach(np.fmax, [shown.high, shown.close, *overlays])
        return PriceAxis.fit(low, high, layout.plot_rows, log_scale=self.log_scale)

    def _paint_overlays(
        self, canvas: Canvas, layout: Layout, view: Viewport, axis: PriceAxis, overlays: list[np.ndarray]
    ) -> None:
        from terminal.widgets.chart.braille import cells, dash, dot_columns, paint_line, rasterise

        # one candle more at either side, so that lines run on to the edges
        first, last = max(0, view.first - 1), min(view.buckets, view.last + 1)
        x = view.middles(first, last) * 2.0
        for place, values in enumerate(overlays):
            low, high = dot_columns(x, values[first:last], layout.plot_width * 2)
            bits = cells(rasterise(low, high, axis, dash(place, self.app)))
            chars = canvas.chars[layout.plot_top : layout.plot_top + len(bits), : layout.plot_width]
            free = _crossable(chars, bits, dense=view.pitch < 2)
            paint_line(canvas, layout.plot_top, layout.plot_width, bits, SERIES[place % len(SERIES)], free)


def _crossable(chars: np.ndarray, bits: np.ndarray, *, dense: bool) -> np.ndarray:
    """Where a line may be drawn over what is there: never bodies, but for candles so close that they would
    hide it for good: of those it crosses each that keeps a cell of its body."""
    import numpy as np

    from terminal.widgets.chart.braille import BRAILLE

    candle = ~(np.isin(chars, [SPACE, ord(GRID)]) | (chars >= BRAILLE))
    free = ~candle | np.isin(chars, [ord(wick) for wick in WICKS])
    if dense:
        body = np.isin(chars, [ord(cell) for cell in BODIES])
        free |= candle & (np.sum(body & (bits == 0), axis=0) > 0)
    return free


def _slice(bars: Ohlcv, first: int, last: int) -> Ohlcv:
    from dataclasses import fields, replace

    return replace(bars, **{field.name: getattr(bars, field.name)[first:last] for field in fields(bars)})

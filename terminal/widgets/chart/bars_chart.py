"""A small bar chart: one value a label, drawn in columns to an eighth of a cell."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, ClassVar

from textual.strip import Strip
from textual.widget import Widget

from engine.sanitize import clean
from terminal.widgets.chart import palette
from terminal.widgets.chart.candles import EIGHTHS
from terminal.widgets.chart.canvas import Canvas
from terminal.widgets.chart.palette import Ink
from terminal.widgets.chart.picture import line_of_text
from terminal.widgets.chart.ticks import linear_ticks, price, step_decimals

if TYPE_CHECKING:
    from rich.style import Style

    from engine.page import Bars


class BarsChart(Widget):
    """Columns over their labels; values above them where there is room, negative ones below the line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(palette.CLASSES.values())
    DEFAULT_CSS = "BarsChart { padding: 0 0 0 1;" + palette.CSS + "}"

    def __init__(
        self, figure: Bars, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ):
        super().__init__(name=name, id=id, classes=classes)
        self.figure = figure
        self._strips: list[Strip] = []
        self._made_for: tuple[int, int] | None = None

    def show(self, figure: Bars) -> None:
        """Draw another figure."""
        self.figure = figure
        self._forget()

    def notify_style_update(self) -> None:
        self._made_for = None
        super().notify_style_update()

    def _forget(self) -> None:
        self._made_for = None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if self._made_for != (width, height):
            ink = palette.styles(self)
            self._strips = self._paint(width, height, ink)
            self._made_for = (width, height)
        return self._strips[y] if y < len(self._strips) else Strip.blank(width, self.rich_style)

    def _paint(self, width: int, height: int, ink: list[Style]) -> list[Strip]:
        pairs = zip(self.figure.labels, self.figure.values, strict=False)
        bars = [(clean(label), float(value)) for label, value in pairs]
        if not bars or width < 4 or height < 2:
            text = "Nothing to draw." if not bars else ""
            blank = [line_of_text([], width, ink) for _ in range(height)]
            if blank:
                pad = " " * max(0, (width - len(text)) // 2)
                blank[height // 2] = line_of_text([(pad + text, Ink.AXIS)], width, ink)
            return blank
        canvas = Canvas.blank(width, height)
        unit = clean(self.figure.unit)
        heading = 1 if unit and height >= 6 else 0
        paint_bars(canvas, bars, self.figure.decimals, heading, self.figure.errors)
        strips = canvas.strips(ink)
        if heading:
            strips[0] = line_of_text([(unit, Ink.AXIS)], width, ink)
        return strips


def paint_bars(
    canvas: Canvas, bars: list[tuple[str, float]], decimals: int, top: int, errors: tuple[float, ...] = ()
) -> None:
    """Axis at the left, columns, labels in the last row; errors are written behind their values."""
    rows = canvas.chars.shape[0] - top - 1
    finite = [value for _, value in bars if isfinite(value)]
    low, high = min([0.0, *finite]), max([0.0, *finite])
    high = high if high > low else low + 1.0
    ticks = linear_ticks(low, high, max(1, rows // 3))
    digits = step_decimals(ticks)
    gutter = max(len(price(tick, digits)) for tick in ticks) + 1 if canvas.width >= 30 and rows >= 3 else 0
    head = 1 if rows >= 4 else 0  # room for the value above the highest column
    area = rows - head
    scale = area / (high - low)
    zero = top + head + round(high * scale)  # the row below the baseline
    for tick in ticks if gutter else []:
        y = min(top + rows - 1, max(top, zero - round(tick * scale) - (tick >= 0)))
        canvas.put(gutter - 1 - len(price(tick, digits)), y, price(tick, digits), Ink.AXIS)
        for x in range(gutter, canvas.width):
            canvas.put(x, y, "┈", Ink.GRID)
    _paint_columns(canvas, bars, decimals, gutter, top, zero, scale, errors)


def _paint_columns(
    canvas: Canvas,
    bars: list[tuple[str, float]],
    decimals: int,
    left: int,
    top: int,
    zero: int,
    scale: float,
    errors: tuple[float, ...] = (),
) -> None:
    space = canvas.width - left
    if len(bars) > space:  # the newest are worth most
        bars, errors = bars[-space:], errors[-space:]
    slot = min(14, space // len(bars))
    body = max(1, slot - (2 if slot >= 5 else 1 if slot >= 2 else 0))
    longest = max(len(label) for label, _ in bars)
    stride = -(-(longest + 1) // slot)
    for index, (label, value) in enumerate(bars):
        x = left + index * slot
        if isfinite(value):
            _paint_column(canvas, x, body, value, top, zero, scale)
            text = next((t for t in _tellings(value, decimals, errors[index:]) if len(t) < slot), "")
            y = zero - 1 - -(-int(abs(value) * scale * 8 + 0.5) // 8) if value >= 0 else zero - 1
            if text and top <= y < canvas.chars.shape[0] - 1:
                canvas.put(x + (body - len(text)) // 2, y, text, Ink.TEXT)
        if (len(bars) - 1 - index) % stride == 0:
            start = max(left, min(x + (body - len(label)) // 2, canvas.width - len(label)))
            canvas.put(start, canvas.chars.shape[0] - 1, label, Ink.AXIS)


def _tellings(value: float, decimals: int, errors: tuple[float, ...]) -> list[str]:
    """How a value may be written, the fullest first: with its error where there is one, then with fewer decimals."""
    plain = [price(value, places) for places in range(decimals, min(decimals, 1) - 1, -1)]
    if not errors or not isfinite(errors[0]):
        return plain
    return [f"{price(value, decimals)} ±{price(errors[0], decimals)}", *plain]


def _paint_column(canvas: Canvas, x: int, body: int, value: float, top: int, zero: int, scale: float) -> None:
    """Upwards from the baseline in eighths; downwards in whole and half cells."""
    if value >= 0:
        eighths = max(1, round(value * scale * 8)) if value > 0 else 0
        for step in range(-(-eighths // 8)):
            glyph = EIGHTHS[min(8, eighths - step * 8)]
            if zero - 1 - step >= top:
                canvas.put(x, zero - 1 - step, glyph * body, Ink.SERIES_1)
        return
    halves = max(1, round(-value * scale * 2))
    for step in range(-(-halves // 2)):
        if zero + step < canvas.chars.shape[0] - 1:
            canvas.put(x, zero + step, ("█" if halves - step * 2 >= 2 else "▀") * body, Ink.DOWN)

"""The scatter widget: points over two numbers, groups told by glyph, a cursor that steps from mark to mark."""

from __future__ import annotations

from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from engine.format import format_cell
from engine.sanitize import clean
from terminal.strips import cell_len
from terminal.widgets.chart import palette
from terminal.widgets.chart.base import BESIDE
from terminal.widgets.chart.canvas import Canvas
from terminal.widgets.chart.frame import paint_price_axis
from terminal.widgets.chart.layout import Layout, lay_out
from terminal.widgets.chart.palette import SERIES, Ink
from terminal.widgets.chart.picture import line_of_text
from terminal.widgets.chart.price_axis import PriceAxis
from terminal.widgets.chart.scatter_layout import GLYPHS, place_labels
from terminal.widgets.chart.ticks import linear_ticks, price, step_decimals
from terminal.widgets.grid.nearest import nearest
from terminal.widgets.grid.squarify import Box
from terminal.widgets.table import TablePanel

if TYPE_CHECKING:
    import numpy as np
    from textual import events

    from engine.figures import Mark, Scatter
    from terminal.widgets.chart.picture import Part

LONGEST = 14  # cells of a label in the plot
CROWD = 6  # cells of the plot a mark below which marks are dots
REVERSED = Style(reverse=True)
# what the next group is told by, where colours repeat too
INKS = (*SERIES, Ink.TEXT, Ink.UP, Ink.DOWN, Ink.AXIS)


class ScatterChart(Widget, can_focus=True):
    """Arrows step to the nearest mark on that side, Enter runs the mark's command."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(palette.CLASSES.values())
    DEFAULT_CSS = "ScatterChart { padding: 0 0 0 1;" + palette.CSS + "}"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1, 0)", "Mark"),
        Binding("right", "step(1, 0)", "Mark"),
        Binding("up", "step(0, -1)", "Mark"),
        Binding("down", "step(0, 1)", "Mark"),
        Binding("home", "end(-1)", show=False),
        Binding("end", "end(1)", show=False),
        Binding("enter", "choose", "Run mark"),
        Binding("c,escape", "hide", show=False),
    ]

    def __init__(
        self, figure: Scatter, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.figure = figure
        self.at: int | None = None  # the mark under the cursor, among those drawn
        self._made: tuple[tuple[int, int], list[Strip], Layout, list[tuple[int, int]]] | None = None

    def renew(self, figure: Scatter) -> None:
        """A newer state of the figure; the cursor stays on the mark of the same label."""
        held = None if self.at is None else self.marks[self.at].label
        self.figure, self._made = figure, None
        for name in ("marks", "groups"):
            self.__dict__.pop(name, None)
        same = (place for place, mark in enumerate(self.marks) if mark.label == held)
        self.at = None if held is None else next(same, None)
        self.refresh()

    def least_width(self) -> int:
        """Cells below which a chart is not set beside another panel."""
        return BESIDE

    def notify_style_update(self) -> None:
        self._made = None
        super().notify_style_update()

    # -- data ----------------------------------------------------------------------------------------

    @cached_property
    def marks(self) -> list[Mark]:
        """The marks that have a place."""
        return [mark for mark in self.figure.marks if isfinite(mark.x) and isfinite(mark.y)]

    @cached_property
    def groups(self) -> list[str]:
        return list(dict.fromkeys(clean(mark.group) for mark in self.marks))

    def _factor(self, kind: str) -> float:
        return 100.0 if kind in ("percent", "change") else 1.0

    @property
    def _factors(self) -> tuple[float, float]:
        return self._factor(self.figure.x_kind), self._factor(self.figure.y_kind)

    def _spans(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Lowest and highest place on both axes, in the units written there."""
        kx, ky = self._factors
        xs = [mark.x * kx for mark in self.marks]
        ys = [mark.y * ky for mark in self.marks]
        for line in self.figure.lines:
            xs += [x * kx for x in line.x if isfinite(x)]
            ys += [y * ky for y in line.y if isfinite(y)]
        return (min(xs), max(xs)), (min(ys), max(ys))

    # -- drawing -------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if not width or y >= height:
            return Strip.blank(width)
        ink = palette.styles(self)
        if not self.marks or width < 8 or height < 2:
            text = "" if self.marks else "No points to draw."
            pad = " " * max(0, (width - len(text)) // 2)
            return line_of_text([(pad + text, Ink.AXIS)] if y == height // 2 else [], width, ink)
        strips, layout, places = self._picture(ink)
        if y == 0 and layout.plot_top:
            return line_of_text(self._readout(), width, ink)
        return strips[y] if self.at is None else self._with_cursor(strips[y], y, layout, places[self.at], ink)

    def _with_cursor(
        self, strip: Strip, y: int, layout: Layout, place: tuple[int, int], ink: list[Style]
    ) -> Strip:
        """The mark under the cursor reversed, its label beside it, its values on both axes."""
        assert self.at is not None  # noqa: S101 - asked for only then
        mark, (column, row) = self.marks[self.at], place
        kx, ky = self._factors
        style = ink[Ink.CROSSHAIR] + REVERSED
        if y == layout.plot_top + row:
            label = clean(mark.label) or "mark"
            text = f"{GLYPHS[self._group(mark)]} {label[:LONGEST]}"
            start = max(0, min(column, layout.plot_width - cell_len(text)))
            strip = _over(strip, start, text, style)
            if layout.axis_width:
                tag = "◄" + price(mark.y * ky, self.figure.y_decimals)
                strip = _over(
                    strip, layout.plot_width, tag.ljust(layout.axis_width)[: layout.axis_width], style
                )
        elif layout.dates and y == layout.dates_row:
            text = f" {price(mark.x * kx, self.figure.x_decimals)} "
            strip = _over(
                strip, max(0, min(column - len(text) // 2, layout.plot_width - len(text))), text, style
            )
        return strip

    def _picture(self, ink: list[Style]) -> tuple[list[Strip], Layout, list[tuple[int, int]]]:
        width, height = self.size
        if self._made is None or self._made[0] != (width, height):
            self._made = ((width, height), *self._paint(width, height, ink))
        return self._made[1:]

    def _paint(
        self, width: int, height: int, ink: list[Style]
    ) -> tuple[list[Strip], Layout, list[tuple[int, int]]]:
        figure, (kx, ky) = self.figure, self._factors
        (x_low, x_high), (y_low, y_high) = self._spans()
        number = max(len(price(value, figure.y_decimals)) for value in (y_low, y_high))
        layout = lay_out(width, height, max(6, number), volume=False)
        axis = PriceAxis.fit(y_low, y_high, layout.plot_rows, pad=0.06)
        across = PriceAxis.fit(x_low, x_high, layout.plot_width, pad=0.04)
        canvas = Canvas.blank(width, height)
        paint_price_axis(canvas, layout, axis)
        self._paint_below(canvas, layout, across)
        self._paint_lines(canvas, layout, axis, across)
        columns = [_column(across, mark.x * kx) for mark in self.marks]
        places = [(column, axis.row(mark.y * ky)) for column, mark in zip(columns, self.marks, strict=True)]
        labels: list[tuple[int, int, str]] = []
        if len(self.groups) < 2 and len(places) * CROWD > layout.plot_width * layout.plot_rows:
            self._paint_dots(canvas, layout, axis, across)
        else:
            labels = self._paint_marks(canvas, layout, places)
        strips = canvas.strips(ink)
        for x, y, text in labels:
            strips[y] = _over(strips[y], x, text, ink[Ink.AXIS])
        if layout.legend:
            strips[1] = line_of_text(self._legend(), width, ink)
        return strips, layout, places

    def _paint_below(self, canvas: Canvas, layout: Layout, across: PriceAxis) -> None:
        """Ticks and numbers of the axis below, and what it is at its right end."""
        if layout.rule:
            canvas.put(0, layout.rule_row, "─" * layout.plot_width, Ink.GRID)
            if layout.axis_width:
                canvas.put(layout.plot_width, layout.rule_row, "┘", Ink.GRID)
        ticks = linear_ticks(across.low, across.high, max(2, layout.plot_width // 14))
        decimals = step_decimals(ticks)
        for tick in ticks if layout.dates else []:
            column, text = _column(across, tick), price(tick, decimals)
            start = max(0, min(column - len(text) // 2, layout.plot_width - len(text)))
            canvas.put(start, layout.dates_row, text, Ink.AXIS)
            if layout.rule:
                canvas.put(column, layout.rule_row, "┬", Ink.AXIS)

    def _paint_lines(self, canvas: Canvas, layout: Layout, axis: PriceAxis, across: PriceAxis) -> None:
        import numpy as np

        from terminal.widgets.chart.braille import cells, dash, dot_columns, paint_line, rasterise

        kx, ky = self._factors
        dots = layout.plot_width * 2
        for place, line in enumerate(self.figure.lines):
            x = _fractions(across, np.array(line.x, dtype=float) * kx) * dots - 0.5
            values = np.array(line.y, dtype=float) * ky
            if len(x) > 1:
                low, high = dot_columns(x, values, dots)
                bits = cells(rasterise(low, high, axis, dash(place + 1, self.app)))
                paint_line(canvas, layout.plot_top, layout.plot_width, bits, self._line_ink(place))

    def _line_ink(self, place: int) -> int:
        return (Ink.TEXT, Ink.VOLUME, Ink.EVENT)[place % 3]

    def _paint_dots(self, canvas: Canvas, layout: Layout, axis: PriceAxis, across: PriceAxis) -> None:
        """Marks as braille dots, where there are too many for a cell each."""
        import numpy as np

        from terminal.widgets.chart.braille import cells, paint_line

        kx, ky = self._factors
        dots = np.zeros((layout.plot_rows * 4, layout.plot_width * 2), bool)
        xs = _fractions(across, np.array([mark.x for mark in self.marks]) * kx) * dots.shape[1]
        rows = axis.slot(np.array([mark.y for mark in self.marks]) * ky, 4).astype(int)
        dots[rows, np.clip(xs.astype(int), 0, dots.shape[1] - 1)] = True
        paint_line(canvas, layout.plot_top, layout.plot_width, cells(dots), SERIES[0])

    def _paint_marks(
        self, canvas: Canvas, layout: Layout, places: list[tuple[int, int]]
    ) -> list[tuple[int, int, str]]:
        """A glyph a mark; the labels that have room are handed back, since letters may be two cells wide."""
        for mark, (column, row) in zip(self.marks, places, strict=True):
            group = self._group(mark)
            canvas.put(column, layout.plot_top + row, GLYPHS[group], INKS[group])
        labels = [clean(mark.label) for mark in self.marks]
        labels = [label if cell_len(label) <= LONGEST else "" for label in labels]
        order = sorted(range(len(labels)), key=lambda index: -self.marks[index].size)
        found = place_labels(places, labels, layout.plot_width, layout.plot_rows, order=order)
        return [(x, layout.plot_top + y, labels[index]) for index, (x, y) in found.items()]

    def _group(self, mark: Mark) -> int:
        return self.groups.index(clean(mark.group)) % len(GLYPHS)

    # -- words ---------------------------------------------------------------------------------------

    def _readout(self) -> list[Part]:
        """The mark under the cursor: its label, its group, both its values."""
        figure = self.figure
        if self.at is None:
            named = f"{len(self.marks)} points"
            lost = len(figure.marks) - len(self.marks)
            parts: list[Part] = [(named + (f", {lost} without a value left out" if lost else ""), Ink.AXIS)]
            return [*parts, (f"  {self._y_name} over {self._x_name}", Ink.AXIS)]
        mark = self.marks[self.at]
        group = clean(mark.group)
        parts = [(clean(mark.label) + "  ", Ink.TEXT)]
        parts += [(f"{GLYPHS[self._group(mark)]} {group}  ", INKS[self._group(mark)])] if group else []
        x = format_cell(mark.x, figure.x_kind, figure.x_decimals, figure.x_unit)
        y = format_cell(mark.y, figure.y_kind, figure.y_decimals, figure.y_unit)
        for title, value in ((figure.x_title, x), (figure.y_title, y)):
            parts += [(clean(title) + " ", Ink.AXIS), (clean(value) + "  ", Ink.TEXT)]
        return parts

    @property
    def _x_name(self) -> str:
        return _named(self.figure.x_title, self.figure.x_kind, self.figure.x_unit)

    @property
    def _y_name(self) -> str:
        return _named(self.figure.y_title, self.figure.y_kind, self.figure.y_unit)

    def _legend(self) -> list[Part]:
        """What the axes are, what the glyphs stand for, what the lines are called."""
        parts: list[Part] = [(f"↑ {self._y_name}  → {self._x_name}  ", Ink.AXIS)]
        for place, line in enumerate(self.figure.lines):
            parts += [("━ ", self._line_ink(place)), (clean(line.name) + "  ", Ink.AXIS)]
        for place, group in enumerate(self.groups[: len(GLYPHS)]):
            if group:
                parts += [(GLYPHS[place] + " ", INKS[place]), (group + "  ", Ink.AXIS)]
        return parts

    # -- keys ----------------------------------------------------------------------------------------

    def action_step(self, x: int, y: int) -> None:
        if not self.marks:
            raise SkipAction
        if self.at is None:
            self._go(0)
            return
        boxes = [self._spot(mark) for mark in self.marks]
        self._go(nearest(boxes, self.at, x, y))

    def _spot(self, mark: Mark) -> Box:
        """A mark's place, in columns and lines of the plot, not rounded."""
        (x_low, x_high), (y_low, y_high) = self._spans()
        kx, ky = self._factors
        layout = self._picture(palette.styles(self))[1]
        x = (mark.x * kx - x_low) / ((x_high - x_low) or 1.0) * layout.plot_width
        y = (y_high - mark.y * ky) / ((y_high - y_low) or 1.0) * layout.plot_rows
        return Box(x, y, x, y)

    def action_end(self, side: int) -> None:
        """The first or the last mark from the left."""
        if self.marks:
            order = sorted(range(len(self.marks)), key=lambda place: self.marks[place].x)
            self._go(order[0 if side < 0 else -1])

    def action_hide(self) -> None:
        if self.at is None:
            raise SkipAction
        self._go(None)

    def _go(self, at: int | None) -> None:
        before, self.at = self.at, at
        if before != at and self.size.width:
            self.refresh(*self._touched(before), *self._touched(at))

    def _touched(self, at: int | None) -> list[Region]:
        """The lines that the cursor on a mark changes."""
        _, layout, places = self._picture(palette.styles(self))
        width = self.size.width
        lines = [0] if at is None else [0, layout.plot_top + places[at][1], layout.dates_row]
        return [Region(0, y, width, 1) for y in lines]

    def action_choose(self) -> None:
        if self.at is not None and self.marks[self.at].command:
            self.post_message(TablePanel.Chosen(self.marks[self.at].command))

    def copied_text(self) -> str:
        """What Ctrl+C copies where nothing is selected: the mark under the cursor."""
        return "" if self.at is None else "".join(text for text, _ in self._readout()).rstrip()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or not self.marks:
            return
        _, layout, places = self._picture(palette.styles(self))
        far = [abs(x - offset.x) + 2 * abs(layout.plot_top + y - offset.y) for x, y in places]
        found = min(range(len(far)), key=far.__getitem__)
        if event.chain == 2 and found == self.at:
            self.action_choose()
        self._go(found)


def _named(title: str, kind: str, unit: str) -> str:
    percent = "%" if kind in ("percent", "change") else ""
    return " ".join(part for part in (clean(title), percent, clean(unit)) if part)


def _column(axis: PriceAxis, value: float) -> int:
    """The column a value stands in: the axis is the one for rows, run from the left."""
    return axis.rows - 1 - axis.row(value)


def _fractions(axis: PriceAxis, values: np.ndarray) -> np.ndarray:
    return 1.0 - axis.fraction(values)


def _over(strip: Strip, x: int, text: str, style: Style) -> Strip:
    """``strip`` with text over it from column ``x`` on; letters may be two cells wide."""
    size, width = cell_len(text), strip.cell_length
    if x >= width or x + size > width:
        return strip
    middle = Strip([Segment(text, style)], size)
    return Strip.join([strip.crop(0, x), middle, strip.crop(x + size, width)])

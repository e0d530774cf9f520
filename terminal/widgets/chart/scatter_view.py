"""A scatter painted: axes, lines, marks with the labels that have room, and its lines of text."""

from __future__ import annotations

from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.strip import Strip

from engine.format import format_cell
from engine.sanitize import clean
from terminal.strips import cell_len, fit
from terminal.widgets.chart.braille import DASHES
from terminal.widgets.chart.canvas import Canvas
from terminal.widgets.chart.frame import paint_price_axis
from terminal.widgets.chart.layout import Layout, lay_out
from terminal.widgets.chart.palette import SERIES, Ink
from terminal.widgets.chart.picture import line_of_text
from terminal.widgets.chart.price_axis import PriceAxis
from terminal.widgets.chart.scatter_layout import GLYPHS, place_labels
from terminal.widgets.chart.ticks import linear_ticks, price, step_decimals
from terminal.widgets.nearest import Box

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from rich.style import Style

    from engine.figures import Mark, Scatter
    from terminal.widgets.chart.picture import Part

LONGEST = 14  # cells of a label in the plot
DOTS = "·•●"  # of one group, by size
CROWD = 6  # cells of the plot a mark below which marks are dots
INKS = (*SERIES, Ink.TEXT, Ink.UP, Ink.DOWN, Ink.AXIS)  # of the groups, first to last

Drawn = tuple[list[Strip], Layout, list[tuple[int, int]]]  # strips, layout, column and row of each mark


class ScatterView:
    """A Scatter figure, its texts made inert."""

    def __init__(self, figure: Scatter) -> None:
        self.figure = figure

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
    def factors(self) -> tuple[float, float]:
        return self._factor(self.figure.x_kind), self._factor(self.figure.y_kind)

    @cached_property
    def spans(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Lowest and highest place on both axes, in the units written there."""
        kx, ky = self.factors
        xs = [mark.x * kx for mark in self.marks]
        ys = [mark.y * ky for mark in self.marks]
        for line in self.figure.lines:
            xs += [x * kx for x in line.x if isfinite(x)]
            ys += [y * ky for y in line.y if isfinite(y)]
        return (min(xs), max(xs)), (min(ys), max(ys))

    def paint(self, width: int, height: int, ink: Sequence[Style], *, dashed: bool) -> Drawn:
        """Everything but the readout and the cursor; lines are dashed where colours cannot tell them apart."""
        figure, (kx, ky) = self.figure, self.factors
        (x_low, x_high), (y_low, y_high) = self.spans
        number = max(len(price(value, figure.y_decimals)) for value in (y_low, y_high))
        layout = lay_out(width, height, max(6, number), volume=False)
        axis = PriceAxis.fit(y_low, y_high, layout.plot_rows, pad=0.06)
        across = PriceAxis.fit(x_low, x_high, layout.plot_width, pad=0.04)
        canvas = Canvas.blank(width, height)
        paint_price_axis(canvas, layout, axis)
        self._paint_below(canvas, layout, across)
        self._paint_lines(canvas, layout, axis, across, dashed=dashed)
        columns = [_column(across, mark.x * kx) for mark in self.marks]
        places = [(column, axis.row(mark.y * ky)) for column, mark in zip(columns, self.marks, strict=True)]
        labels: list[tuple[int, int, str]] = []
        if len(self.groups) < 2 and len(places) * CROWD > layout.plot_width * layout.plot_rows:
            self._paint_dots(canvas, layout, axis, across)
        else:
            labels = self._paint_marks(canvas, layout, places)
        strips = canvas.strips(ink)
        for x, y, text in labels:
            blank = " " if x else ""  # no line of the grid runs into a name
            strips[y] = over(strips[y], x - len(blank), f"{blank}{text} ", ink[Ink.AXIS])
        if layout.legend:
            strips[1] = line_of_text(self.legend(width), width, ink)
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

    def _paint_lines(
        self, canvas: Canvas, layout: Layout, axis: PriceAxis, across: PriceAxis, *, dashed: bool
    ) -> None:
        import numpy as np

        from terminal.widgets.chart.braille import cells, dot_columns, paint_line, rasterise

        kx, ky = self.factors
        dots = layout.plot_width * 2
        for place, line in enumerate(self.figure.lines):
            x = _fractions(across, np.array(line.x, dtype=float) * kx) * dots - 0.5
            values = np.array(line.y, dtype=float) * ky
            if len(x) > 1:
                low, high = dot_columns(x, values, dots)
                bits = cells(
                    rasterise(low, high, axis, DASHES[(place + 1) % len(DASHES)] if dashed else DASHES[0])
                )
                paint_line(canvas, layout.plot_top, layout.plot_width, bits, self._line_ink(place))

    def _line_ink(self, place: int) -> int:
        return (Ink.TEXT, Ink.VOLUME, Ink.EVENT)[place % 3]

    def _paint_dots(self, canvas: Canvas, layout: Layout, axis: PriceAxis, across: PriceAxis) -> None:
        """Marks as braille dots, where there are too many for a cell each."""
        import numpy as np

        from terminal.widgets.chart.braille import cells, paint_line

        kx, ky = self.factors
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
            group = self.group(mark)
            canvas.put(column, layout.plot_top + row, self.glyph(mark), INKS[group])
        labels = [clean(mark.label) for mark in self.marks]
        labels = [label if cell_len(label) <= LONGEST else "" for label in labels]
        order = sorted(range(len(labels)), key=lambda index: (-self.marks[index].size, -self._far(index)))
        found = place_labels(places, labels, layout.plot_width, layout.plot_rows, order=order)
        return [(x, layout.plot_top + y, labels[index]) for index, (x, y) in found.items()]

    def _far(self, index: int) -> float:
        """How far a mark stands from the middle of the plot: of marks alike those at the rim are named first."""
        box = self.boxes[index]
        return abs(box.left - 1.0) + abs(2 * box.top - 1.0)

    def group(self, mark: Mark) -> int:
        return self.groups.index(clean(mark.group)) % len(GLYPHS)

    def glyph(self, mark: Mark) -> str:
        """The glyph of the mark's group; where there is one group, a dot that grows with the mark's size."""
        if len(self.groups) > 1 or self._largest <= 0:
            return GLYPHS[self.group(mark)]
        return DOTS[min(len(DOTS) - 1, int(mark.size / self._largest * len(DOTS)))]

    @cached_property
    def _largest(self) -> float:
        """The largest size where sizes differ, else 0."""
        sizes = [mark.size for mark in self.marks if isfinite(mark.size) and mark.size >= 0]
        return max(sizes) if len(sizes) == len(self.marks) and len(set(sizes)) > 1 else 0.0

    @cached_property
    def boxes(self) -> list[Box]:
        """Where the marks stand in a plot of two columns by one line: what arrows compare."""
        (x_low, x_high), (y_low, y_high) = self.spans
        kx, ky = self.factors
        wide, tall = (x_high - x_low) or 1.0, (y_high - y_low) or 1.0
        found = []
        for mark in self.marks:
            x, y = (mark.x * kx - x_low) / wide * 2, (y_high - mark.y * ky) / tall
            found.append(Box(x, y, x, y))
        return found

    def readout(self, at: int | None) -> list[Part]:
        """The mark under the cursor: its label, its group, both its values; else what the axes are."""
        figure = self.figure
        if at is None:
            lost = len(figure.marks) - len(self.marks)
            told = f"{len(self.marks)} points" + (f", {lost} without a value left out" if lost else "")
            return [(f"{told}  ↑ {self._y_name}  → {self._x_name}", Ink.AXIS)]
        mark = self.marks[at]
        group = clean(mark.group)
        parts: list[Part] = [(clean(mark.label) + "  ", Ink.TEXT)]
        parts += [(f"{self.glyph(mark)} {group}  ", INKS[self.group(mark)])] if group else []
        x = format_cell(mark.x, figure.x_kind, figure.x_decimals, figure.x_unit)
        y = format_cell(mark.y, figure.y_kind, figure.y_decimals, figure.y_unit)
        for arrow, title, value in (("↑", figure.y_title, y), ("→", figure.x_title, x)):
            parts += [(f"{arrow} {clean(title)} ", Ink.AXIS), (clean(value) + "  ", Ink.TEXT)]
        return parts

    @property
    def _x_name(self) -> str:
        return _named(self.figure.x_title, self.figure.x_kind, self.figure.x_unit)

    @property
    def _y_name(self) -> str:
        return _named(self.figure.y_title, self.figure.y_kind, self.figure.y_unit)

    def legend(self, width: int) -> list[Part]:
        """What the lines are called and the glyphs stand for; names are cut alike where they do not fit."""
        entries = [
            ("━", self._line_ink(place), clean(line.name)) for place, line in enumerate(self.figure.lines)
        ]
        for place, group in enumerate(self.groups[: len(GLYPHS)]):
            entries += [(GLYPHS[place], INKS[place], group)] if group else []
        room = next((n for n in range(40, 3, -1) if _told(entries, n) <= width), 3)
        parts: list[Part] = []
        for glyph, ink, name in entries:
            parts += [(glyph + " ", ink), (fit(name, min(room, cell_len(name))) + "  ", Ink.AXIS)]
        return parts


def _told(entries: Sequence[tuple[str, int, str]], room: int) -> int:
    """Cells that a legend takes whose names have at most so many."""
    return sum(min(room, cell_len(name)) + 4 for _, _, name in entries)


def _named(title: str, kind: str, unit: str) -> str:
    percent = "%" if kind in ("percent", "change") else ""
    return " ".join(part for part in (clean(title), percent, clean(unit)) if part)


def _column(axis: PriceAxis, value: float) -> int:
    """The column a value stands in: the axis is the one for rows, run from the left."""
    return axis.rows - 1 - axis.row(value)


def _fractions(axis: PriceAxis, values: np.ndarray) -> np.ndarray:
    return 1.0 - axis.fraction(values)


def over(strip: Strip, x: int, text: str, style: Style) -> Strip:
    """``strip`` with text over it from column ``x`` on; letters may be two cells wide."""
    size, width = cell_len(text), strip.cell_length
    if x >= width or x + size > width:
        return strip
    middle = Strip([Segment(text, style)], size)
    return Strip.join([strip.crop(0, x), middle, strip.crop(x + size, width)])

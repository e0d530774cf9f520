"""The scatter widget: points over two numbers, groups told by glyph, a cursor that steps from mark to mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from engine.sanitize import clean
from terminal.messages import WhyAsked
from terminal.strips import cell_len, fit
from terminal.widgets.chart import palette
from terminal.widgets.chart.base import BESIDE
from terminal.widgets.chart.palette import Ink
from terminal.widgets.chart.picture import line_of_text
from terminal.widgets.chart.scatter_view import LONGEST, Drawn, ScatterView, over
from terminal.widgets.chart.ticks import price
from terminal.widgets.nearest import nearest
from terminal.widgets.table import TablePanel

if TYPE_CHECKING:
    from textual import events

    from engine.figures import Scatter

REVERSED = Style(reverse=True)


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
        Binding("w", "why", "Why", show=False),
        Binding("c,escape", "hide", show=False),
    ]

    def __init__(
        self, figure: Scatter, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.picture = ScatterView(figure)
        self.at: int | None = None  # the mark under the cursor, among those drawn
        self._made: tuple[tuple[int, int], Drawn] | None = None

    @property
    def figure(self) -> Scatter:
        return self.picture.figure

    def renew(self, figure: Scatter) -> None:
        """A newer state of the figure; the cursor stays on the mark of the same label."""
        held = None if self.at is None else self.picture.marks[self.at].label
        self.picture, self._made = ScatterView(figure), None
        same = (place for place, mark in enumerate(self.picture.marks) if mark.label == held)
        self.at = None if held is None else next(same, None)
        self.refresh()

    def natural_height(self, _width: int) -> int | None:
        """Whatever there is; a line where there is nothing to draw."""
        return None if self.picture.marks else 1

    def least_width(self) -> int:
        """Cells below which a chart is not set beside another panel."""
        return BESIDE

    def notify_style_update(self) -> None:
        self._made = None
        super().notify_style_update()

    # -- drawing -------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if not width or y >= height:
            return Strip.blank(width)
        ink = palette.styles(self)
        if not self.picture.marks or width < 8 or height < 2:
            text = "" if self.picture.marks else "No points to draw."
            pad = " " * max(0, (width - len(text)) // 2)
            return line_of_text([(pad + text, Ink.AXIS)] if y == height // 2 else [], width, ink)
        strips, layout, _ = self._drawn(ink)
        if y == 0 and layout.plot_top:
            return line_of_text(self.picture.readout(self.at), width, ink)
        return strips[y] if self.at is None else self._with_cursor(strips[y], y, self.at, ink)

    def _with_cursor(self, strip: Strip, y: int, at: int, ink: list[Style]) -> Strip:
        """The mark under the cursor reversed, its label beside it, its values on both axes."""
        picture, style = self.picture, ink[Ink.CROSSHAIR] + REVERSED
        _, layout, places = self._drawn(ink)
        mark, (column, row), (kx, ky) = picture.marks[at], places[at], picture.factors
        if y == layout.plot_top + row:
            text = f"{picture.glyph(mark)} {_cut(clean(mark.label))}".rstrip()
            strip = over(strip, max(0, min(column, layout.plot_width - cell_len(text))), text, style)
            if layout.axis_width:
                tag = fit("◄" + price(mark.y * ky, self.figure.y_decimals), layout.axis_width)
                strip = over(strip, layout.plot_width, tag, style)
        elif layout.dates and y == layout.dates_row:
            text = f" {price(mark.x * kx, self.figure.x_decimals)} "
            start = max(0, min(column - len(text) // 2, layout.plot_width - len(text)))
            strip = over(strip, start, text, style)
        return strip

    def _drawn(self, ink: list[Style]) -> Drawn:
        size = self.size.width, self.size.height
        if self._made is None or self._made[0] != size:
            self._made = size, self.picture.paint(*size, ink, dashed=self.app.no_color)
        return self._made[1]

    # -- keys ----------------------------------------------------------------------------------------

    def action_step(self, x: int, y: int) -> None:
        if not self.picture.marks:
            raise SkipAction
        if self.at is None:
            self._go(0)
            return
        self._go(nearest(self.picture.boxes, self.at, x, y))

    def action_end(self, side: int) -> None:
        """The first or the last mark from the left."""
        if self.picture.marks:
            order = sorted(range(len(self.picture.marks)), key=lambda place: self.picture.marks[place].x)
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
        _, layout, places = self._drawn(palette.styles(self))
        width = self.size.width
        lines = [0] if at is None else [0, layout.plot_top + places[at][1], layout.dates_row]
        return [Region(0, y, width, 1) for y in lines]

    def action_choose(self) -> None:
        if self.at is not None and self.picture.marks[self.at].command:
            self.post_message(TablePanel.Chosen(self.picture.marks[self.at].command))

    def action_why(self) -> None:
        """Ask where the value of the mark under the cursor comes from."""
        if self.at is not None:
            row = next(
                n for n, mark in enumerate(self.figure.marks, 1) if mark is self.picture.marks[self.at]
            )
            self.post_message(WhyAsked(self, str(row), self.figure.y_title))

    def copied_text(self) -> str:
        """What Ctrl+C copies where nothing is selected: the mark under the cursor."""
        return "" if self.at is None else "".join(text for text, _ in self.picture.readout(self.at)).rstrip()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or not self.picture.marks:
            return
        _, layout, places = self._drawn(palette.styles(self))
        far = [abs(x - offset.x) + 2 * abs(layout.plot_top + y - offset.y) for x, y in places]
        found = min(range(len(far)), key=far.__getitem__)
        if event.chain == 2 and found == self.at:
            self.action_choose()
        self._go(found)


def _cut(label: str) -> str:
    return label if cell_len(label) <= LONGEST else fit(label, LONGEST)

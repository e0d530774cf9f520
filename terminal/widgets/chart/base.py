"""What candles and lines share: viewport, crosshair, keys, and repainting only what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from terminal.messages import WhyAsked
from terminal.widgets.chart import palette
from terminal.widgets.chart.crosshair import LINE, CrosshairMoved, lay_over
from terminal.widgets.chart.frame import GRID
from terminal.widgets.chart.palette import Ink
from terminal.widgets.chart.picture import Part, Picture, line_of_text
from terminal.widgets.chart.readout import moment
from terminal.widgets.chart.ticks import price

if TYPE_CHECKING:
    import numpy as np
    from textual import events

    from terminal.widgets.chart.viewport import Viewport
    from terminal.widgets.chart.window import Window

REVERSED = Style(reverse=True)
BESIDE = 72


class Chart(Widget, can_focus=True):
    """A chart over dates. Subclasses say what is drawn; this class moves the window and the crosshair."""

    CrosshairMoved = CrosshairMoved
    COMPONENT_CLASSES: ClassVar[set[str]] = set(palette.CLASSES.values())
    DEFAULT_CSS = "Chart { padding: 0 0 0 1;" + palette.CSS + "}"  # its lines begin where texts do
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "crosshair(-1)", "Crosshair back"),
        Binding("right", "crosshair(1)", "Crosshair on"),
        Binding("ctrl+left", "crosshair(-10)", "Crosshair back ten", show=False),
        Binding("ctrl+right", "crosshair(10)", "Crosshair on ten", show=False),
        Binding("home", "crosshair_end(-1)", "First bar", show=False),
        Binding("end", "crosshair_end(1)", "Last bar", show=False),
        Binding("up,plus,equals_sign", "zoom(True)", "Zoom in"),
        Binding("down,minus", "zoom(False)", "Zoom out"),
        Binding("left_square_bracket,shift+left", "pan(-1)", "Pan back"),
        Binding("right_square_bracket,shift+right", "pan(1)", "Pan on"),
        Binding("0", "reset", "Whole range"),
        Binding("l", "toggle_log", "Log / linear"),
        Binding("w", "why", "Why this bar", show=False),
        Binding("c,escape", "hide_crosshair", "Hide crosshair", show=False),
    ]

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.log_scale = False
        self._view: Viewport | Window | None = None
        self._bar: int | None = None  # the bar under the crosshair
        self._picture: Picture | None = None
        self._palette: list[Style] | None = None

    def least_width(self) -> int:
        """Cells below which a chart is not set beside another panel."""
        return BESIDE

    # What a subclass draws.

    def _length(self) -> int:
        """How many bars there are."""
        raise NotImplementedError

    def _date(self, bar: int) -> np.datetime64:
        raise NotImplementedError

    def _fit(self, width: int) -> Viewport | Window:
        """A view of everything, in a plot so wide."""
        raise NotImplementedError

    def _axis_label(self) -> int:
        """Width of the longest label right of the plot."""
        raise NotImplementedError

    def _paint(self, width: int, height: int) -> Picture:
        raise NotImplementedError

    def _readout(self, bar: int | None) -> list[Part]:
        """The line on top: the bar under the crosshair, or the last one."""
        raise NotImplementedError

    def _legend(self, bar: int | None) -> list[Part]:
        """The second line: what a candle is, the lines and their values, what letters mean."""
        raise NotImplementedError

    def _value(self, bar: int) -> tuple[float, int]:
        """The value the crosshair's tag on the price axis tells, and its decimals."""
        raise NotImplementedError

    def _empty(self) -> str:
        """What stands in the middle where there is nothing to draw."""
        raise NotImplementedError

    # Painting.

    @property
    def ink(self) -> list[Style]:
        if self._palette is None:
            self._palette = palette.styles(self)
        return self._palette

    @property
    def crosshair(self) -> int | None:
        """The row under the crosshair, None while it is hidden."""
        return self._bar

    def picture(self) -> Picture:
        """The painted chart, made once for each viewport, size, scale and theme."""
        width, height = self.size
        made = self._picture
        if made is None or (made.layout.width, made.layout.height) != (width, height):
            made = self._picture = self._paint(width, height)
        return made

    def view(self, width: int) -> Viewport | Window:
        """The viewport, fitted to a plot so wide."""
        self._view = self._fit(width) if self._view is None else self._view.resized(width)
        return self._view

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if y >= height or not width:
            return Strip.blank(width, self.ink[Ink.TEXT])
        if not self._length():
            return self._sentence(y)
        picture = self.picture()
        if y == 0 and height >= 3:
            return line_of_text(self._readout(self._bar), width, self.ink)
        if y == 1 and picture.layout.legend:
            return line_of_text(self._legend(self._bar), width, self.ink)
        strip = picture.strips[y]
        return strip if self._bar is None else self._with_crosshair(strip, y, picture, self._bar)

    def _sentence(self, y: int) -> Strip:
        width, height = self.size
        text = self._empty() if y == height // 2 else ""
        pad = " " * max(0, (width - len(text)) // 2)
        return line_of_text([(pad + text, Ink.AXIS)], width, self.ink)

    def _with_crosshair(self, strip: Strip, y: int, picture: Picture, bar: int) -> Strip:
        layout, style = picture.layout, self.ink[Ink.CROSSHAIR]
        column = self.view(layout.plot_width).column_of(bar)
        if not 0 <= column < layout.plot_width:
            return strip
        if layout.plot_top <= y < layout.line_end:
            if chr(picture.canvas.chars[y, column]) in f" {GRID}─":
                strip = lay_over(strip, column, LINE, style)
            value, decimals = self._value(bar)
            if layout.axis_width and y == layout.plot_top + picture.axis.row(value):
                tag = "◄" + price(value, decimals)
                strip = lay_over(strip, layout.plot_width, tag.ljust(layout.axis_width), style + REVERSED)
        elif layout.dates and y == layout.dates_row:
            text = self._tag(bar)
            start = max(0, min(column - len(text) // 2, layout.plot_width - len(text)))
            strip = lay_over(strip, start, text, style + REVERSED)
        return strip

    def _repaint(self, *left: Region) -> None:
        """Paint anew what differs from the picture before, the lines of text, what the crosshair covers
        and what it has ``left``."""
        before, self._picture = self._picture, None
        changes = None
        if before is not None and self._drawn and self.is_mounted:
            changes = self.picture().changes(before)
        if changes is None:
            self.refresh()
        else:
            self.refresh(*self._touched(self._bar), *changes, *left)

    def notify_style_update(self) -> None:
        self._palette = None
        self._picture = None
        super().notify_style_update()

    def on_resize(self) -> None:
        self._repaint()

    # Keys.

    @property
    def _drawn(self) -> bool:
        """Whether there is anything to draw, and room for it."""
        return bool(self._length() and self.size.width)

    def _current(self) -> Viewport | Window:
        return self.view(self.picture().layout.plot_width)

    def _move_to(self, bar: int | None) -> None:
        """Put the crosshair on a bar, panning where it is off screen; None hides it."""
        if not self._drawn:
            return
        view = self._current()
        self._look(view if bar is None else view.reveal(bar), bar)

    def _look(self, view: Viewport | Window, bar: int | None) -> None:
        """Show a view with the crosshair on a bar; repaint what this changes."""
        left = self._touched(self._bar)
        moved, self._bar = bar != self._bar, bar
        if view != self._view:
            self._view = view
            self._repaint(*left)
        elif moved:
            self.refresh(*left, *self._touched(bar))
        if moved:
            day = None if bar is None else self._date(bar).astype("datetime64[D]").item()
            self.post_message(CrosshairMoved(self, day, bar))

    def action_why(self) -> None:
        """Ask where the value under the crosshair comes from, or the last one where it is hidden."""
        if self._drawn:
            bar = self._why_bar(self._length() - 1 if self._bar is None else self._bar)
            self.post_message(WhyAsked(self, self._why_place(bar), self._why_column()))

    def _why_place(self, bar: int) -> str:
        """What WHY calls the bar: its day."""
        return str(self._date(bar).astype("datetime64[D]"))

    def _tag(self, bar: int) -> str:
        """What the crosshair's tag on the date axis says."""
        return f" {moment(self._date(bar))} "

    def _why_bar(self, bar: int) -> int:
        """The bar whose row holds the value that the crosshair reads on ``bar``."""
        return bar

    def _why_column(self) -> str:
        """What WHY calls the value that the crosshair reads."""
        return "close"

    def _touched(self, bar: int | None) -> list[Region]:
        """What the crosshair covers on a bar."""
        layout = self.picture().layout
        regions = [Region(0, 0, layout.width, layout.plot_top)]
        if bar is None:
            return regions
        column = self._current().column_of(bar)
        regions.append(Region(column, layout.plot_top, 1, layout.line_end - layout.plot_top))
        if layout.dates:
            length = len(self._tag(bar))
            start = max(0, min(column - length // 2, layout.plot_width - length))
            regions.append(Region(start, layout.dates_row, min(length, layout.width - start), 1))
        if layout.axis_width:
            row = layout.plot_top + self.picture().axis.row(self._value(bar)[0])
            regions.append(Region(layout.plot_width, row, layout.axis_width, 1))
        return regions

    def _anchor(self) -> int:
        """The bar that zoom keeps in place: under the crosshair, else the last on screen."""
        view = self._current()
        return view.bar_at(view.width - 1) if self._bar is None else self._bar

    def action_crosshair(self, steps: int) -> None:
        if self._drawn:
            view = self._current()
            start = view.bar_at(view.width - 1)
            self._move_to(start if self._bar is None else view.step(self._bar, steps))

    def action_crosshair_end(self, side: int) -> None:
        if self._drawn:
            self._move_to(self._current().step(0, 0) if side < 0 else self._length() - 1)

    def action_hide_crosshair(self) -> None:
        if self._bar is None:
            raise SkipAction
        self._move_to(None)

    def action_zoom(self, inward: bool) -> None:
        if self._drawn:
            self._show_view(self._current().zoom(inward, self._anchor()))

    def action_pan(self, side: int) -> None:
        if self._drawn:
            view = self._current()
            self._show_view(view.pan(side * max(1, view.room // 10)))

    def action_reset(self) -> None:
        if self._drawn:
            self._show_view(self._fit(self.picture().layout.plot_width))

    def action_toggle_log(self) -> None:
        left = self._touched(self._bar) if self._drawn else []
        self.log_scale = not self.log_scale
        self._repaint(*left)

    def _show_view(self, view: Viewport | Window) -> None:
        """Show a view; a crosshair that would be off screen stays at the edge it went over."""
        bar = self._bar
        if bar is not None and not 0 <= view.column_of(bar) < view.width:
            bar = view.bar_at(0 if view.column_of(bar) < 0 else view.width - 1)
        self._look(view, bar)

    # Mouse.

    def on_click(self, event: events.Click) -> None:
        self._point_at(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._bar is not None:
            self._point_at(event)

    def _point_at(self, event: events.MouseEvent) -> None:
        offset = event.get_content_offset(self)
        if offset is None or not self._drawn:
            return
        layout = self.picture().layout
        if offset.x < layout.plot_width and layout.plot_top <= offset.y:
            self._move_to(self._current().bar_at(offset.x))

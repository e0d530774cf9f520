"""The timeline widget: a price over the states it went through, named, with the probability of each below."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType

from engine.sanitize import clean
from terminal.strips import cell_len, fit
from terminal.widgets.chart import readout
from terminal.widgets.chart.align import bar_word
from terminal.widgets.chart.base import Chart
from terminal.widgets.chart.canvas import SPACE, Canvas
from terminal.widgets.chart.frame import paint_dates, paint_price_axis
from terminal.widgets.chart.layout import Layout
from terminal.widgets.chart.palette import SERIES, Ink
from terminal.widgets.chart.picture import Part, Picture
from terminal.widgets.chart.price_axis import PriceAxis
from terminal.widgets.chart.state_inks import grounds, pattern, strong
from terminal.widgets.chart.ticks import price
from terminal.widgets.chart.timeline_data import (
    MOST,
    TimelineData,
    column_means,
    column_states,
    runs,
    stacked,
)
from terminal.widgets.chart.window import Window
from terminal.widgets.colours import PAPER, WRITING, depth_of

if TYPE_CHECKING:
    import numpy as np

    from engine.figures import Timeline

EIGHTHS = " ▁▂▃▄▅▆▇█"
_NONE = "no state"


class TimelineChart(Chart):
    """Keys and crosshair as in the other charts; the crosshair also stands on states where there is no price."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("comma", "spell(-1)", "Spell back"),
        Binding("full_stop", "spell(1)", "Spell on"),
    ]

    def __init__(
        self, figure: Timeline, *, name: str | None = None, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._data = TimelineData(figure)
        self.log_scale = figure.line_scale == "log"

    @property
    def figure(self) -> Timeline:
        return self._data.figure

    def show(self, figure: Timeline) -> None:
        """Draw another figure from scratch."""
        self._data = TimelineData(figure)
        self._view = self._bar = self._palette = None
        self.log_scale = figure.line_scale == "log"
        self._repaint()

    def natural_height(self, _width: int) -> int | None:
        """Whatever there is; a line where there is nothing to draw."""
        return None if self._length() else 1

    # -- what the base asks --------------------------------------------------------------------------

    def _length(self) -> int:
        return len(self._data.dates)

    def _date(self, bar: int) -> np.datetime64:
        return self._data.dates[bar]

    def _fit(self, width: int) -> Window:
        return Window.fit(self._length(), width)

    def _empty(self) -> str:
        return "No states in this range."

    def _value(self, bar: int) -> tuple[float, int]:
        if self._data.line is not None:
            return float(self._data.line[bar]), 2
        shares = self._data.probabilities
        state = int(self._data.states[bar])
        return (float(shares[bar, state]) * 100 if shares is not None and state >= 0 else float("nan")), 0

    def _why_bar(self, bar: int) -> int:
        """The date whose state holds on ``bar``."""
        return self._data.told_on(bar)

    def _why_column(self) -> str:
        return "state"

    def _axis_label(self) -> int:
        import numpy as np

        line = self._data.line
        highest = float(np.nanmax(np.abs(line), initial=0.0)) if line is not None else 100.0
        return max(6, len(price(highest, 2 if line is not None else 0)))

    @property
    def ink(self) -> list[Style]:
        """The charts' palette, and after it those of the states: strong, then faint under text, grid and line,
        then every pair of two of them (the one below written, the one above the ground)."""
        if self._palette is None:
            base = super().ink
            found, depth, dark = self._grounds(), depth_of(self), self.app.current_theme.dark
            styles = [strong(ground, dark=dark, depth=depth) for ground, _ in found]
            for _, faint in found:
                styles += [base[ink] + Style(bgcolor=faint) for ink in (Ink.TEXT, Ink.GRID, SERIES[0])]
            styles += [Style(color=below, bgcolor=above) for below, _ in found for above, _ in found]
            if depth == "none":
                plain = Style(color=WRITING[dark], bgcolor=PAPER[dark])
                styles[len(found) * 4 :] = [plain] * len(found) ** 2
            self._palette = [*base, *styles]
        return self._palette

    def _grounds(self) -> list[tuple[str, str]]:
        dark = self.app.current_theme.dark
        return grounds(self._count, self.figure.tones, dark=dark, depth=depth_of(self))

    @property
    def _count(self) -> int:
        return min(len(self._data.names), MOST)

    # -- words ---------------------------------------------------------------------------------------

    def _readout(self, bar: int | None) -> list[Part]:
        """Date, state, the price, and each state's probability."""
        bar = self._length() - 1 if bar is None else bar
        data, state = self._data, int(self._data.states[bar])
        named = data.names[state] if state >= 0 else _NONE
        parts: list[Part] = [(readout.day(self._date(bar)) + "  ", Ink.TEXT)]
        parts.append((f" {self._mark(state)}{named} ", self._strong(state)))
        parts.append(("  ", Ink.TEXT))
        if data.line is not None and self.figure.line is not None:
            value = price(float(data.line[bar]), 2)
            parts += [(clean(self.figure.line.name) + " ", Ink.AXIS), (value + "  ", Ink.TEXT)]
        if data.probabilities is None:
            return parts
        shares: list[Part] = []
        for place, name in enumerate(data.names):
            share = float(data.probabilities[bar, place])
            shares += [(name + " ", Ink.AXIS), (f"{share:.1%}  " if isfinite(share) else "—  ", Ink.TEXT)]
        if readout.cells(parts + shares) <= self.size.width or state < 0:
            return parts + shares
        return [*parts, ("P ", Ink.AXIS), shares[2 * state + 1]]  # of the state named, where all have no room

    def _legend(self, bar: int | None) -> list[Part]:
        """How long the spell under the crosshair lasted, the states in their colours, the scale."""
        bar = self._length() - 1 if bar is None else bar
        first, last = self._spell(bar)
        count = last - first + 1
        told = f"{readout.span(self._date(first), self._date(last))}, {count} {bar_word(self._data.dates, count)}  "
        parts: list[Part] = []
        for place in range(self._count):
            parts += [
                (f" {self._mark(place)}{self._data.names[place]} ", self._strong(place)),
                (" ", Ink.TEXT),
            ]
        if self._data.line is not None:
            unit = clean(self.figure.line.unit) if self.figure.line is not None else ""
            scale = "log" if self.picture().axis.log else "linear"
            parts.append((f" {unit} {scale}", Ink.AXIS))
        spell: list[Part] = [(told, Ink.AXIS)]
        return spell + parts if readout.cells(spell + parts) <= self.size.width else parts

    def _mark(self, state: int) -> str:
        """Without colours a name carries its pattern."""
        return pattern(state) + " " if state >= 0 and depth_of(self) == "none" else ""

    def _strong(self, state: int) -> int:
        return len(Ink) + state if 0 <= state < self._count else Ink.AXIS

    def _spell(self, bar: int) -> tuple[int, int]:
        """First and last date of the stretch of one state around a date."""
        import numpy as np

        breaks = np.flatnonzero(np.diff(self._data.states))
        at = int(np.searchsorted(breaks, bar))
        first = int(breaks[at - 1]) + 1 if at else 0
        return first, int(breaks[at]) if at < len(breaks) else self._length() - 1

    def action_spell(self, side: int) -> None:
        """To where the next spell begins, or this one (then the one before)."""
        if not self._drawn:
            return
        bar = self._length() - 1 if self._bar is None else self._bar
        first, last = self._spell(bar)
        if side > 0:
            self._move_to(min(last + 1, self._length() - 1))
        else:
            self._move_to(first if bar > first else self._spell(max(0, first - 1))[0])

    # -- painting ------------------------------------------------------------------------------------

    def _paint(self, width: int, height: int) -> Picture:
        import numpy as np

        layout = self._lay_out(width, height)
        view = self.view(layout.plot_width)
        shown = slice(view.first, view.last)
        columns = np.round((np.arange(view.first, view.last) - view.first) * view.scale).astype(int)
        states = column_states(self._data.states[shown], columns, layout.plot_width, len(self._data.names))
        canvas = Canvas.blank(width, height)
        axis = self._axis(view, layout)
        if self._data.line is not None:
            paint_price_axis(canvas, layout, axis)
            self._paint_line(canvas, layout, view, axis)
            self._shade(canvas, layout, states)
        self._paint_strip(canvas, layout, states)
        self._paint_shares(canvas, layout, columns, shown)
        paint_dates(canvas, layout, self._data.dates[shown], columns)
        return Picture(tuple(canvas.strips(self.ink)), canvas, layout, axis)

    def _lay_out(self, width: int, height: int) -> Layout:
        """Price above, the strip of states, probabilities below it; without a price these have its room."""
        top, rule, dates = (height >= 3) + (height >= 9), int(height >= 7), int(height >= 4)
        rest = max(1, height - top - rule - dates)
        strip, divider, shares = (2 if rest >= 16 else 1), 0, 0
        if self._data.line is None:
            strip = strip if self._data.probabilities is not None else rest
        elif self._data.probabilities is not None and rest >= 8:
            divider, shares = int(rest >= 16), max(3, min(10, rest // 4))
        label = self._axis_label() if strip < rest else 0
        axis = label + 2 if label and width >= label + 12 else 0
        below = min(rest, strip + divider + shares)
        return Layout(
            width=width,
            height=height,
            plot_width=max(1, width - axis),
            axis_width=axis,
            legend=int(height >= 9),
            plot_top=top,
            plot_rows=rest - below,
            divider=0,
            volume_rows=below,
            rule=rule,
            dates=dates,
        )

    def _strip_rows(self, layout: Layout) -> tuple[int, int]:
        """Where the strip of states begins, and how many lines it has."""
        rest = layout.plot_rows + layout.volume_rows
        alone = self._data.line is None and self._data.probabilities is None
        return layout.volume_top, rest if alone else min(layout.volume_rows, 2 if rest >= 16 else 1)

    def _share_rows(self, layout: Layout) -> tuple[int, int]:
        """Where the stacked probabilities begin, and how many lines they have."""
        if self._data.probabilities is None:
            return layout.plot_top, 0
        if self._data.line is None:
            return layout.plot_top, layout.plot_rows
        rest, (_, tall) = layout.plot_rows + layout.volume_rows, self._strip_rows(layout)
        rows = layout.volume_rows - tall - int(rest >= 16)
        return layout.rule_row - max(0, rows), max(0, rows)

    def _axis(self, view: Window, layout: Layout) -> PriceAxis:
        import numpy as np

        line = self._data.line
        if line is None:
            return PriceAxis(0.0, 100.0, max(1, layout.plot_rows), False)
        shown = line[view.first : view.last]
        shown = shown[np.isfinite(shown)]
        low, high = (float(shown.min()), float(shown.max())) if len(shown) else (float("nan"),) * 2
        return PriceAxis.fit(low, high, max(1, layout.plot_rows), log_scale=self.log_scale)

    def _paint_line(self, canvas: Canvas, layout: Layout, view: Window, axis: PriceAxis) -> None:
        import numpy as np

        from terminal.widgets.chart.braille import cells, dot_columns, paint_line, rasterise

        line = self._data.line
        if line is None or not layout.plot_rows:
            return
        rows = np.flatnonzero(np.isfinite(line))
        dots = layout.plot_width * 2
        x = (rows - view.first) * (dots - 1) / max(1, view.count - 1)
        low, high = dot_columns(x, line[rows], dots)
        paint_line(canvas, layout.plot_top, layout.plot_width, cells(rasterise(low, high, axis)), SERIES[0])

    def _shade(self, canvas: Canvas, layout: Layout, states: np.ndarray) -> None:
        """The faint ground of each column's state behind price and grid."""
        import numpy as np

        if depth_of(self) != "many":
            return
        plot = (slice(layout.plot_top, layout.plot_top + layout.plot_rows), slice(0, layout.plot_width))
        inks = canvas.styles[plot]
        slot = np.select([inks == Ink.GRID, inks == SERIES[0]], [1, 2], 0)
        shaded = len(Ink) + self._count + states[None, :] * 3 + slot
        inside = (states[None, :] >= 0) & (states[None, :] < self._count)
        canvas.styles[plot] = np.where(inside, shaded, inks)

    def _paint_strip(self, canvas: Canvas, layout: Layout, states: np.ndarray) -> None:
        """A line (two where there is room) of the states, each one's name written in its spells where it fits."""
        top, tall = self._strip_rows(layout)
        bare = depth_of(self) == "none"
        for state, start, end in runs(states):
            for y in range(top, top + tall):
                if state < 0 or state >= self._count:
                    canvas.put(start, y, "·" * (end - start), Ink.AXIS)
                    continue
                canvas.put(start, y, (pattern(state) if bare else " ") * (end - start), len(Ink) + state)
            name = self._data.names[state] if 0 <= state < self._count else ""
            if name and cell_len(name) == len(name) and len(name) + 2 <= end - start:
                x = start + (end - start - len(name) - 2) // 2
                canvas.put(x, top + (tall - 1) // 2, f" {name} ", len(Ink) + state)
        if layout.axis_width:
            canvas.put(layout.plot_width + 2, top, fit("State", layout.axis_width - 2), Ink.AXIS)

    def _paint_shares(self, canvas: Canvas, layout: Layout, columns: np.ndarray, shown: slice) -> None:
        """Probabilities stacked to the whole of their rows, the first state at the bottom."""
        (top, rows), shares = self._share_rows(layout), self._data.probabilities
        if shares is None or not rows:
            return
        import numpy as np

        count = self._count
        lower, upper, part = stacked(column_means(shares[shown], columns, layout.plot_width), rows)
        known = (lower >= 0) & (lower < count) & (upper < count)
        area = (slice(top, top + rows), slice(0, layout.plot_width))
        if depth_of(self) == "none":
            marks = np.array([ord(pattern(state)) for state in range(max(1, count))])
            most = np.where(part >= 4, lower, upper)
            canvas.chars[area] = np.where(known, marks[np.clip(most, 0, count - 1)], SPACE)
        else:
            glyphs = np.array([ord(glyph) for glyph in EIGHTHS[:8]] + [SPACE])
            # a cell of one state is a blank on its ground: runs of it are one piece
            canvas.chars[area] = np.where(known, glyphs[part], SPACE)
            pairs = len(Ink) + count * 4 + lower * count + np.where(part == 8, lower, upper)
            canvas.styles[area] = np.where(known, pairs, Ink.TEXT)
        if top > layout.volume_top + self._strip_rows(layout)[1]:
            canvas.put(0, top - 1, fit("Probability", 12) + "─" * (layout.plot_width - 12), Ink.AXIS)
        for y, text in ((top, "100%"), (top + rows - 1, "0%")):
            if layout.axis_width:
                canvas.put(layout.plot_width + 2, y, text, Ink.AXIS)

"""The surface widget: a heatmap over two numbers, and cuts through it along either. No third dimension is faked."""

from __future__ import annotations

from math import isclose
from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.strip import Strip

from engine.cells import axis_labels
from engine.figures import Heatmap
from engine.format import format_cell
from terminal.strips import plain, strip
from terminal.widgets.chart import palette
from terminal.widgets.chart.braille import dash
from terminal.widgets.grid.heatmap import HeatmapPanel
from terminal.widgets.grid.slice import NODE, UNUSED, USED, Dot, Slice, paint_slice

if TYPE_CHECKING:
    from engine.figures import Surface, SurfacePoint

Mode: TypeAlias = Literal["heat", "smile", "term"]
_MODES: tuple[Mode, ...] = ("heat", "smile", "term")


class SurfacePanel(HeatmapPanel):
    """Arrows move over the grid; v goes from the heatmap to the cut over x, to the cut over y, and round."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(palette.CLASSES.values())
    DEFAULT_CSS = "SurfacePanel { width: 1fr; " + palette.CSS + "}"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("v", "view", "Heatmap / cuts")]

    def __init__(self, surface: Surface) -> None:
        super().__init__(_as_heatmap(surface), ordered=True)
        self.surface = surface
        self.mode: Mode = "heat"
        self._drawn: dict[tuple[object, ...], list[Strip]] = {}

    def renew(self, figure: Surface) -> None:
        """A newer state of the surface; cursor and cut stay where they are."""
        self.surface = figure
        self._drawn.clear()
        super().renew(_as_heatmap(figure))

    def notify_style_update(self) -> None:
        self._drawn.clear()
        super().notify_style_update()

    # -- size ----------------------------------------------------------------------------------------

    def natural_height(self, width: int) -> int | None:
        """Whatever there is: its rows grow tall, and the cuts are charts."""
        return super().natural_height(width) if self.heat.empty else None

    def seen(self) -> tuple[int, int]:
        return super().seen() if self.mode == "heat" else self.extent()

    @property
    def heading_detail(self) -> str:
        return super().heading_detail if self.mode == "heat" else ""

    # -- drawing -------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if self.mode == "heat" or self.heat.empty or not width or y >= height:
            return super().render_line(y)
        return self._cut_lines()[y]

    def _cut_lines(self) -> list[Strip]:
        width, height = self.size
        key = (self.mode, self.row, self.column, width, height, self.dark)
        if key not in self._drawn:
            if len(self._drawn) > 64:
                self._drawn.clear()
            cursor = self.column if self.mode == "smile" else self.row
            # a blank at the left edge, as charts have
            canvas = paint_slice(self.cut(), max(1, width - 1), height, cursor, dash=dash(0, self.app))
            lines = canvas.strips(palette.styles(self))
            blank = strip((), 1, self.ink.base)
            made = [Strip.join([blank, line]).crop(0, width) for line in lines]
            if height >= 3:
                made[0] = self._cut_readout()
            if height >= 9:
                made[1] = self._cut_legend()
            self._drawn[key] = made
        return self._drawn[key]

    def cut(self) -> Slice:
        """The values along the axis that the mode follows, through the cursor."""
        surface, factor = self.surface, 100.0 if self.surface.kind in ("percent", "change") else 1.0
        smile = self.mode == "smile"
        values = self.heat.values[self.row] if smile else self.heat.values[:, self.column]
        dots = [
            Dot(point.x if smile else point.y, point.value * factor, point.used) for point in self.quotes()
        ]
        return Slice(
            [float(place) for place in (surface.x if smile else surface.y)],
            [float(value) * factor for value in values],
            self.heat.columns if smile else self.heat.rows,
            dots,
            surface.decimals,
        )

    def quotes(self) -> list[SurfacePoint]:
        """The quotes that stand on the cut itself; those between the grid's own places stand on none."""
        surface = self.surface
        if self.mode == "smile":
            here = float(surface.y[self.row])
            return [point for point in surface.points if isclose(point.y, here, rel_tol=1e-6, abs_tol=1e-9)]
        here = float(surface.x[self.column])
        return [point for point in surface.points if isclose(point.x, here, rel_tol=1e-6, abs_tol=1e-9)]

    def _cut_readout(self) -> Strip:
        heat, ink = self.heat, self.ink
        parts = [(" ", ink.base)]
        for title, name in (
            (heat.corner, heat.rows[self.row]),
            (heat.columns_title, heat.columns[self.column]),
        ):
            parts += [(title + " ", ink.label), (name + "  ", ink.strong)]
        parts.append((heat.exact(self.row, self.column) + "  ", ink.strong))
        if point := self._nearest_quote():
            value = format_cell(point.value, self.surface.kind, self.surface.decimals + 2, self.surface.unit)
            told = "" if point.used else " (not used)"
            parts += [("quote ", ink.label), (f"{plain(point.label)} {value}{told}", ink.text)]
        return strip(parts, self.size.width, ink.base)

    def _nearest_quote(self) -> SurfacePoint | None:
        """The quote nearest to the cursor along the cut."""
        smile = self.mode == "smile"
        here = float(self.surface.x[self.column] if smile else self.surface.y[self.row])
        return min(self.quotes(), key=lambda point: abs((point.x if smile else point.y) - here), default=None)

    def _cut_legend(self) -> Strip:
        heat, ink, quotes = self.heat, self.ink, self.quotes()
        over, at = (
            (heat.columns_title, heat.corner) if self.mode == "smile" else (heat.corner, heat.columns_title)
        )
        scale = " (log)" if self.cut().log else ""
        unit = plain(self.surface.unit) or ("%" if self.surface.kind in ("percent", "change") else "")
        parts = [(f" {unit + ' ' if unit else ''}over {over}{scale}  ", ink.muted)]
        used = sum(point.used for point in quotes)
        inks = palette.styles(self)
        parts += [("━", inks[palette.SERIES[0]]), (" fitted  ", ink.muted)]
        if quotes:
            parts += [(USED, inks[palette.SERIES[1]]), (f" {used} quotes used  ", ink.muted)]
            parts += [(UNUSED, inks[palette.Ink.DOWN]), (f" {len(quotes) - used} not used  ", ink.muted)]
        elif self.surface.points:
            parts.append((f"no quotes at this {at}  ", ink.muted))
        parts += [(NODE, ink.strong), (" cursor", ink.muted)]
        return strip(parts, self.size.width, ink.base)

    def moved(self, row: int, column: int) -> None:
        if self.mode == "heat" or self.heat.empty:
            super().moved(row, column)
        elif (row, column) != (self.row, self.column):
            self.refresh()

    # -- keys ----------------------------------------------------------------------------------------

    def action_view(self) -> None:
        if not self.heat.empty:
            self.mode = _MODES[(_MODES.index(self.mode) + 1) % len(_MODES)]
            self.keep_in_view()
            self.refresh()
            self.refresh_heading()

    def action_move(self, rows: int, columns: int) -> None:
        """Left and right follow the axis drawn; up and down go to the next cut."""
        super().action_move(*((columns, rows) if self.mode == "term" else (rows, columns)))

    def on_click(self, event: Click) -> None:
        if self.mode == "heat":
            super().on_click(event)


def _as_heatmap(surface: Surface) -> Heatmap:
    """The surface's grid, y down and x across, each place by its label or its number."""
    rows = axis_labels(surface.y_labels, surface.y.tolist())
    columns = axis_labels(surface.x_labels, surface.x.tolist())
    return Heatmap(
        rows,
        columns,
        surface.values,
        surface.kind,
        surface.decimals,
        surface.unit,
        scale="sequential",
        row_title=surface.y_title,
        column_title=surface.x_title,
        formula=surface.formula,
    )

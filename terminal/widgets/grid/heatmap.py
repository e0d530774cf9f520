"""The heatmap widget: a cursor over coloured numbers, read out in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.strip import Strip

from terminal.messages import WhyAsked
from terminal.strips import strip
from terminal.widgets.colours import ramp
from terminal.widgets.grid.heat_view import HeatView
from terminal.widgets.grid.panel import GridPanel
from terminal.widgets.table import TablePanel

if TYPE_CHECKING:
    from engine.figures import Heatmap
    from terminal.widgets.grid.heat_layout import HeatLayout, Wish

_NEXT: dict[Wish, Wish] = {"fitting": "numbers", "numbers": "colours", "colours": "fitting"}
_BESIDE = 56


class HeatmapPanel(GridPanel):
    """Arrows move, Enter runs the row's command, n goes from what fits to numbers to colours alone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", show=False),
        Binding("n", "numbers", "Numbers / colours"),
        Binding("w", "why", "Why", show=False),
    ]

    def __init__(self, figure: Heatmap, *, ordered: bool = False) -> None:
        super().__init__()
        self._ordered = ordered  # columns are places on an axis
        self.heat = HeatView(figure, ordered=ordered)
        self.wish: Wish = "fitting"

    @property
    def figure(self) -> Heatmap:
        return self.heat.figure

    def renew(self, figure: Heatmap) -> None:
        """A newer state of the figure; the cursor stays on its row and column where these are still there."""
        before = self.heat
        self.heat = HeatView(figure, ordered=self._ordered)
        self.row = _found(before.rows, self.row, self.heat.rows)
        self.column = _found(before.columns, self.column, self.heat.columns)
        self.keep_in_view()
        self.refresh()
        self.refresh_heading()

    # -- size ----------------------------------------------------------------------------------------

    def natural_height(self, width: int) -> int | None:
        if self.heat.empty:
            return 1
        tall = self.heat.layout(width, 1_000, self.wish, self.depth)
        return tall.body_top + len(self.heat.rows) + tall.legend

    def least_width(self) -> int:
        """Cells in which titles and numbers stand as they like, where that is not most of a window."""
        if self.heat.empty:
            return _BESIDE // 2
        wide = self.heat.layout(10_000, 40, "numbers", self.depth)
        return min(_BESIDE, wide.cells_left + len(self.heat.columns) * (self.heat.forms[0].width + 2))

    @property
    def heading_detail(self) -> str:
        """What the panel's title line says at its right end."""
        if self.heat.empty:
            return ""
        (rows, columns), (body, shown) = self.extent(), self.seen()
        across = f" · columns {self.left + 1}-{min(columns, self.left + shown)} of {columns}"
        down = f"{self.top + 1}-{min(rows, self.top + body)} of {rows}" if rows > body else ""
        return (down + (across if columns > shown else "")).removeprefix(" · ")

    @property
    def laid_out(self) -> HeatLayout:
        return self.heat.layout(self.size.width, self.size.height, self.wish, self.depth)

    def extent(self) -> tuple[int, int]:
        return (0, 0) if self.heat.empty else (len(self.heat.rows), len(self.heat.columns))

    def seen(self) -> tuple[int, int]:
        return self.laid_out.body, self.laid_out.shown

    # -- drawing -------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if not width or y >= height:
            return Strip.blank(width)
        return self.sentence(y, "No values to show.") if self.heat.empty else self._line(y, self.laid_out)

    def _line(self, y: int, layout: HeatLayout) -> Strip:
        ink, focused = self.ink, self.has_focus
        if y < layout.top_lines:
            heat = self.heat
            return (
                heat.readout(self.row, self.column, layout.width, ink)
                if focused
                else heat.summary(layout.width, ink)
            )
        if y < layout.body_top:
            at = self.column if focused else None
            return self.heat.head(y - layout.top_lines, layout, self.left, at, ink)
        line, within = divmod(y - layout.body_top, layout.tall)
        if line < layout.body and self.top + line < len(self.heat.rows):
            at = self.column if focused and self.top + line == self.row else None
            written = within == (layout.tall - 1) // 2
            return self.heat.row(
                self.top + line, layout, self.left, at, ink, self.depth, dark=self.dark, written=written
            )
        if line == layout.body and within == 0 and layout.legend:
            chooses = "Enter runs a row" if self.figure.commands else ""
            return self.heat.legend(layout, ink, ramp(self.figure.scale, self.dark, self.depth), chooses)
        return strip((), layout.width, ink.base)

    def moved(self, row: int, column: int) -> None:
        if self.heat.empty:
            return
        layout = self.laid_out
        starts = [layout.body_top + (at - self.top) * layout.tall for at in (row, self.row)]
        lines = [start + within for start in starts for within in range(layout.tall)]
        heads = range(layout.top_lines, layout.body_top) if column != self.column or row == self.row else ()
        self.refresh_lines(*range(layout.top_lines), *heads, *lines)

    # -- doing ---------------------------------------------------------------------------------------

    def action_numbers(self) -> None:
        self.wish = _NEXT[self.wish]
        self.keep_in_view()
        self.refresh(layout=True)

    def action_choose(self) -> None:
        if line := self.choose_number(self.row + 1):
            self.post_message(TablePanel.Chosen(line))

    def action_why(self) -> None:
        """Ask where the cell under the cursor comes from."""
        if not self.heat.empty:
            self.post_message(WhyAsked(self, str(self.row + 1), self.heat.columns[self.column]))

    def choose_number(self, number: int) -> str | None:
        """The command of a row by the number that stands before it."""
        commands = self.figure.commands
        return commands[number - 1] or None if 1 <= number <= len(commands) else None

    def copied_text(self) -> str:
        """What Ctrl+C copies where nothing is selected: the cell under the cursor."""
        return "" if self.heat.empty else self.heat.exact(self.row, self.column)

    def on_click(self, event: Click) -> None:
        layout = self.laid_out
        row = self.top + (event.y - layout.body_top) // layout.tall
        column = self.left + (event.x - layout.cells_left) // layout.cell
        inside = 0 <= event.y - layout.body_top < layout.body * layout.tall and row < self.extent()[0]
        if not inside:
            return
        column = (
            column if self.left <= column < min(self.extent()[1], self.left + layout.shown) else self.column
        )
        if event.chain == 2 and row == self.row:
            self.action_choose()
        else:
            self.place(row, column)


def _found(before: list[str], at: int, now: list[str]) -> int:
    """Where the title that the cursor stood on is now; as near as there are any otherwise."""
    if at < len(before) and before[at] in now:
        return now.index(before[at])
    return max(0, min(at, len(now) - 1))

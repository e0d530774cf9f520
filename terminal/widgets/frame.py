"""A titled place on the page, holding one figure's widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from terminal.strips import fit, ink_of, plain, strip

if TYPE_CHECKING:
    from engine.page import Figure

HEADING = 1  # lines above the figure
BESIDE = 36  # cells that a figure needs beside another where it does not say


class Frame(Widget):
    """Draws the title line; its only child, the figure, stands below it."""

    DEFAULT_CSS = "Frame { layout: vertical; } Frame > * { margin: 1 0 0 0; height: 1fr; }"

    def __init__(
        self, name: str, title: str, figure: Widget | None = None, *, weight: int = 1, side: bool = False
    ) -> None:
        super().__init__(*(() if figure is None else (figure,)), name=name)
        self.heading = plain(title)
        self.figure = figure
        self.weight = max(1, weight)
        self.side = side

    def natural_height(self, width: int) -> int | None:
        """Lines that the frame wants at ``width``; None where it takes what it is given (charts)."""
        wanted = getattr(self.figure, "natural_height", None)
        lines = wanted(width) if wanted is not None else None
        return None if lines is None else lines + HEADING

    @property
    def least_width(self) -> int:
        """Cells that the figure needs for standing beside another."""
        least = getattr(self.figure, "least_width", None)
        return least() if least is not None else BESIDE

    @property
    def scrolls_itself(self) -> bool:
        return bool(getattr(self.figure, "scrolls_itself", False))

    def renew(self, title: str, figure: Figure) -> bool:
        """Another state of the same figure; False where the widget cannot take it."""
        from terminal.widgets.figures import renewed

        if self.figure is None or not renewed(self.figure, figure):
            return False
        self.heading = plain(title)
        self.refresh_heading()
        return True

    def on_descendant_focus(self) -> None:
        self.refresh_heading()

    def on_descendant_blur(self) -> None:
        self.refresh_heading()

    def refresh_heading(self) -> None:
        """Draw the title line again, and nothing else."""
        self.refresh(Region(0, 0, self.size.width, HEADING))

    def render_line(self, y: int) -> Strip:
        ink = ink_of(self)
        width = self.size.width
        if y != 0:
            return strip((), width, ink.base)
        style = ink.banner if self.has_focus_within else ink.head
        detail = getattr(self.figure, "heading_detail", "")
        room = width - len(detail) - 2
        return strip([(" " + fit(self.heading, max(1, room)) + detail + " ", style)], width, style)

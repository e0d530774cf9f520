"""What leans on the inside of textual 8.2.8 to paint less and sooner, with the reason.

Two other files do too, each for one subject: ``driver.py`` (a terminal that goes away) and ``paint.py`` (rich's
SGR parameters of a style).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import screen as screen_module
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate

from terminal.paint import Painting

if TYPE_CHECKING:
    from rich.console import Console
    from textual.app import App


def lean(app: App[Any]) -> None:
    """Fewer widgets and shorter waits.

    The tooltip and the toast rack are two widgets and 60 lines of CSS at the first paint, and never used. A change
    waits for the next of 60 ticks a second: with 120 a key that opens the completion is answered 8 ms sooner, and
    the ticks only run while there is something to paint.
    """
    screen_module.UPDATE_PERIOD = 1 / 120
    app._disable_tooltips = True
    app._disable_notifications = True


class Difference(CompositorUpdate):
    """A compositor's update, reduced to what the terminal does not show yet."""

    def __init__(self, update: ChopsUpdate | LayoutUpdate, painting: Painting, console: Console) -> None:
        parts: list[str] = []
        system = console._color_system
        if isinstance(update, LayoutUpdate):
            left, top = update.region.x, update.region.y
            for y, line in enumerate(update.strips, top):
                parts.append(
                    painting.update(y, left, [segment for piece in line for segment in piece], system)
                )
        else:
            for y, start, stop in update.spans:
                for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                    if strip is not None and x < stop and end > start:
                        parts.append(painting.update(y, x, strip, system))
        parts.append(painting.lift())
        self.sequence = "".join(parts)

    def render_segments(self, console: Console) -> str:  # noqa: ARG002 - made already
        return self.sequence


def difference(renderable: object, painting: Painting, app: App[Any]) -> object:
    """What to display in place of ``renderable``: None where the terminal shows it already."""
    if not isinstance(renderable, ChopsUpdate | LayoutUpdate):
        return renderable
    painting.resize(*app.size)
    update = Difference(renderable, painting, app.console)
    return update if update.sequence else None

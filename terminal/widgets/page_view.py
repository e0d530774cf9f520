"""The panels of a page, laid out by the size of the window."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.strip import Strip
from textual.widget import Widget

from terminal.arrange import Spec, arrange
from terminal.strips import ink_of, strip
from terminal.widgets.frame import Frame

if TYPE_CHECKING:
    from engine.page import Panel


def framed(panel: Panel, zone: tzinfo | None) -> Frame:
    """A panel of a page as a widget."""
    from terminal.widgets.figures import figure_widget

    figure = figure_widget(panel.figure, zone)
    return Frame(panel.name, panel.title, figure, weight=panel.weight, side=panel.side)


class PageLayout(Layout):
    """Textual's way of asking :func:`terminal.arrange.arrange`."""

    name = "page"

    def arrange(
        self,
        parent: Widget,
        children: list[Widget],
        size: Size,
        greedy: bool = True,  # noqa: ARG002
    ) -> ArrangeResult:
        frames = [child for child in children if isinstance(child, Frame)]
        specs = [
            Spec(frame.weight, frame.side, frame.natural_height, frame.scrolls_itself, frame.least_width)
            for frame in frames
        ]
        # the height is that of the view itself: with a scroll bar's worth of content Textual asks with its own
        slots = arrange(specs, size.width, parent.size.height or size.height)
        return [
            WidgetPlacement(Region(slot.x, slot.y, slot.width, slot.height), NULL_OFFSET, NULL_SPACING, frame)
            for slot, frame in zip(slots, frames, strict=True)
        ]


class PageView(Widget):
    """Holds a frame a panel; scrolls where the panels do not fit."""

    DEFAULT_CSS = (
        "PageView { height: 1fr; overflow-y: auto; overflow-x: hidden; scrollbar-size-vertical: 1; }"
    )

    BINDINGS: ClassVar[list[BindingType]] = [  # keys that the panel with the focus had no use for
        Binding("up", "scroll_up", show=False),
        Binding("down", "scroll_down", show=False),
        Binding("home", "scroll_home", show=False),
        Binding("end", "scroll_end", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._page_layout = PageLayout()
        self.placeholder: tuple[str, ...] = ()  # titles of the last page, until it is there again

    @property
    def layout(self) -> Layout:
        return self._page_layout

    @property
    def frames(self) -> list[Frame]:
        return [child for child in self.children if isinstance(child, Frame)]

    def render_line(self, y: int) -> Strip:
        ink, width = ink_of(self), self.size.width
        if self.children or not self.placeholder:
            return strip((), width, ink.base)
        each = max(2, self.size.height // len(self.placeholder))
        index, within = divmod(y, each)
        if within == 0 and index < len(self.placeholder):
            return strip([(" " + self.placeholder[index], ink.head)], width, ink.head)
        return strip((), width, ink.base)

    async def renew(self, panels: Sequence[Panel], zone: tzinfo | None) -> None:
        """A newer state of the page shown: panels that are still there stay where they are, with their focus."""
        held = {frame.name: frame for frame in self.frames}
        with self.app.batch_update():
            last: Frame | None = None
            for panel in panels:
                frame = held.get(panel.name)
                if frame is not None and frame.renew(panel.title, panel.figure):
                    del held[panel.name]
                else:
                    frame = framed(panel, zone)
                    await self.mount(frame, after=last)
                last = frame
            for gone in held.values():
                await gone.remove()
            for frame in self.frames[:1]:  # a child's asking is what makes Textual arrange this widget anew
                frame.refresh(layout=True)

    async def show(self, frames: list[Frame]) -> None:
        """Other panels in place of those shown."""
        with self.app.batch_update():
            await self.remove_children()
            self.placeholder = ()
            self.scroll_to(0, 0, animate=False, immediate=True, force=True)
            await self.mount_all(frames)

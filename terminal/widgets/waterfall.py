"""From one number to another by what adds and takes away: bars that stand where there is room, else lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.strip import Strip
from textual.widget import Widget

from engine.format import format_cell
from engine.waterfall import spans, told
from terminal.messages import WhyAsked
from terminal.strips import cell_len, fit, ink_of, plain, strip
from terminal.widgets.waterfall_view import LEAST_HEIGHT, Parts, Role, lie, stand, standing

if TYPE_CHECKING:
    from rich.style import Style

    from engine.page import Waterfall
    from terminal.theme import Ink

_LEAST_WIDTH = 44
_EMPTY = "Nothing to show."


class WaterfallPanel(Widget, can_focus=True):
    """Arrows choose a step, which is told in full on the first line; w asks WHY of it."""

    DEFAULT_CSS = "WaterfallPanel { width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "move(-1)", "step", show=False),
        Binding("right,down", "move(1)", "step", show=False),
        Binding("home", "move(-1000000)", show=False),
        Binding("end", "move(1000000)", show=False),
        Binding("w", "why", "why", show=False),
    ]

    def __init__(self, figure: Waterfall) -> None:
        super().__init__()
        self.figure = figure
        self.at: int | None = None  # the step under the cursor
        self.top = 0  # first step shown where bars lie and the window is short

    def show(self, figure: Waterfall) -> None:
        """Newer numbers: the cursor stays on its step."""
        self.figure = figure
        if self.at is not None:
            self.at = min(self.at, len(figure.steps) - 1) if figure.steps else None
        self.refresh(layout=True)

    def least_width(self) -> int:
        """Cells below which it is not set beside another panel."""
        return _LEAST_WIDTH

    def natural_height(self, width: int) -> int | None:
        """A line a step and the readout where bars lie; standing bars take what they are given."""
        if standing(self.figure, max(1, width - 2)) is not None:
            return None
        return max(1, len(self.figure.steps)) + 1

    def copied_text(self) -> str:
        """The step in words, for Ctrl+C."""
        return self._readout()[0][0] if self.at is not None else ""

    # -- keys --------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        count = len(self.figure.steps)
        if not count:
            return
        before = self.at if self.at is not None else (-1 if by > 0 else count)
        self.at = max(0, min(count - 1, before + by))
        room = max(1, self.size.height - 1)
        self.top = min(max(self.top, self.at - room + 1), self.at)
        self.refresh()

    def action_why(self) -> None:
        """Ask where the step comes from; the last where none is chosen."""
        if self.figure.steps:
            at = len(self.figure.steps) - 1 if self.at is None else self.at
            self.post_message(WhyAsked(self, str(at + 1), "value"))

    def on_click(self, event: Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or not self.figure.steps:
            return
        form = standing(self.figure, self.size.width - 2)
        lies = form is None or self.size.height < LEAST_HEIGHT
        at = offset.y - 1 + self.top if lies or form is None else (offset.x - 1) // form.slot
        if 0 <= at < len(self.figure.steps) and offset.y:
            self.at = at
            self.refresh()

    # -- drawing -----------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        ink, width = ink_of(self), self.size.width
        if not self.figure.steps:
            return strip([(" " + _EMPTY if y == 0 else "", ink.muted)], width, ink.base)
        if y == 0:
            return strip([(" ", ink.base), *self._readout_inked(ink)], width, ink.base)
        lines = self._drawn(width - 2)
        parts: Parts = lines[y - 1] if y - 1 < len(lines) else []
        return strip([(" ", ink.base), *((text, _style(role, ink)) for text, role in parts)], width, ink.base)

    def _drawn(self, width: int) -> list[Parts]:
        form = standing(self.figure, width)
        if form is None or self.size.height < LEAST_HEIGHT:
            return lie(self.figure, width, self.at)[self.top :]
        return stand(self.figure, form, self.size.height - 1, self.at)

    def _readout(self) -> Parts:
        """The chosen step with the level it leads to and what is said of it; else from where to where."""
        figure, made = self.figure, spans(self.figure.steps)
        if self.at is None:
            ends = [span for span in made if span.step.total] or list(made)
            first, last = ends[0], ends[-1]
            route = [f"{plain(span.step.label)} {self._level(span.end)}" for span in (first, last)]
            return [(" → ".join(dict.fromkeys(route)), "text")]
        span = made[self.at]
        words = f"{plain(span.step.label)}  {told(span.step, figure, unit=True)}"
        if not span.step.total:
            words += f"  → {self._level(span.end)}"
        said = plain(span.step.note or span.step.formula)
        return [(words, "text"), (f"  {said}" if said else "", "muted")]

    def _level(self, value: float) -> str:
        return plain(format_cell(value, self.figure.kind, self.figure.decimals, self.figure.unit))

    def _readout_inked(self, ink: Ink) -> list[tuple[str, Style]]:
        room, parts = self.size.width - 2, []
        for text, role in self._readout():
            shown = text if cell_len(text) <= room else fit(text, max(0, room))
            room -= cell_len(shown)
            parts.append((shown, _style(role, ink)))
        return parts


def _style(role: Role, ink: Ink) -> Style:
    styles: dict[Role, Style] = {
        "base": ink.base,
        "label": ink.text,
        "text": ink.text,
        "total": ink.label,
        "up": ink.up,
        "down": ink.down,
        "muted": ink.muted,
        "cursor": ink.cell,
    }
    return styles[role]

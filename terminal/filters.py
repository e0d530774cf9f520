"""The last walls before the terminal: no control character passes, and NO_COLOR means no colour."""

from __future__ import annotations

import re
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

# C0, DEL, C1, bidi controls, line and paragraph separators. Each takes no cell of its own (or breaks the line), so
# that leaving it out moves nothing.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class Inert(LineFilter):
    """Strips control characters from every segment, whichever widget drew it."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [Segment(_CONTROL.sub("", text), style) for text, style, _control in segments]


@lru_cache(4096)
def _colourless(style: Style, ground: float) -> Style:
    inverse = bool(style.reverse)
    if style.bgcolor is not None and style.bgcolor.triplet is not None:
        brightness = Color.from_rich_color(style.bgcolor).brightness
        inverse = inverse or abs(brightness - ground) > 0.35  # a ground that stands out was meant to be seen
    return Style(
        bold=style.bold,
        italic=style.italic,
        underline=style.underline,
        strike=style.strike,
        reverse=inverse or None,
    )


class NoColour(LineFilter):
    """Bold, underline and inverse only: what NO_COLOR asks for. Emphatic grounds become inverse."""

    def __init__(self, *, dark: bool = True) -> None:
        super().__init__()
        self.ground = 0.05 if dark else 0.95

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        ground = self.ground
        return [
            Segment(text, None if style is None else _colourless(style, ground))
            for text, style, _ in segments
        ]

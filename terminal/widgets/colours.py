"""Grounds that tell a value, and the text that stays readable on them.

Every ground is one of the 256 terminal colours, so that a terminal of 256 shows what one of 24 bits shows.
Diverging runs from vermilion over the page's own ground to blue, sequential along viridis: both keep their order
for readers who do not tell red from green, and in print. Sixteen colours have fewer steps; without colours a glyph
tells the step where no number does.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from rich.color import Color
from rich.style import Style

if TYPE_CHECKING:
    from textual.widget import Widget

Depth: TypeAlias = Literal["many", "sixteen", "none"]
Kind: TypeAlias = Literal["diverging", "sequential"]

PAPER = {True: "#0b0a08", False: "#fbf7ec"}  # the themes' grounds, by whether they are dark
WRITING = {True: "#eee8d5", False: "#1c1810"}

_BELOW = {
    True: ("#ff8700", "#d75f00", "#af0000", "#870000", "#5f0000"),
    False: ("#870000", "#d75f00", "#ff8700", "#ffaf5f", "#ffd7af"),
}
_ABOVE = {
    True: ("#00005f", "#000087", "#005faf", "#0087d7", "#00afff"),
    False: ("#afd7ff", "#87afff", "#5f87d7", "#005faf", "#00005f"),
}
_RISING = (
    "#5f005f", "#5f0087", "#005f87", "#008787", "#00af87", "#5fd75f", "#afd700", "#ffd700", "#ffff5f",
)  # fmt: skip
# of sixteen colours: ground and text, None for the page's own
_SIXTEEN: dict[tuple[Kind, bool], tuple[tuple[str | None, str | None], ...]] = {
    ("diverging", True): (
        ("#aa0000", "#ffffff"), (None, "#ff5555"), (None, None), (None, "#55ffff"), ("#0000aa", "#ffffff"),
    ),
    ("diverging", False): (
        ("#aa0000", "#ffffff"), (None, "#aa0000"), (None, None), (None, "#0000aa"), ("#0000aa", "#ffffff"),
    ),
    ("sequential", True): (
        (None, None), ("#0000aa", "#ffffff"), ("#00aaaa", "#000000"), ("#ffff55", "#000000"),
    ),
    ("sequential", False): (
        (None, None), ("#ffff55", "#000000"), ("#00aaaa", "#000000"), ("#0000aa", "#ffffff"),
    ),
}  # fmt: skip
_GLYPHS: dict[Kind, str] = {"diverging": "▼-·+▲", "sequential": "·░▒▓█"}


@dataclass(frozen=True, slots=True)
class Ramp:
    """The steps of a scale, lowest first: how each is painted, and its glyph where no number tells it."""

    styles: tuple[Style, ...]
    glyphs: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.styles)


def depth_of(widget: Widget) -> Depth:
    """How many colours the terminal has: many, sixteen, or (NO_COLOR) none."""
    app = widget.app
    if app.no_color:
        return "none"
    return "sixteen" if app.console.color_system in ("standard", "windows") else "many"


@cache
def ramp(kind: Kind, dark: bool, depth: Depth) -> Ramp:
    """The steps of a kind of scale in a theme, in as many colours as there are."""
    if depth == "none":
        marks = tuple(_GLYPHS[kind])
        bold = {0, len(marks) - 1} if kind == "diverging" else {len(marks) - 1}
        base = Style(color=WRITING[dark], bgcolor=PAPER[dark])
        return Ramp(tuple(base + Style(bold=True) if i in bold else base for i in range(len(marks))), marks)
    if depth == "sixteen":
        pairs = _SIXTEEN[kind, dark]
        styles = tuple(Style(color=t or WRITING[dark], bgcolor=g or PAPER[dark]) for g, t in pairs)
        marks = tuple(_GLYPHS[kind]) if kind == "diverging" else tuple("·░▒█")
        return Ramp(styles, marks)
    if kind == "diverging":
        grounds = (*_BELOW[dark], PAPER[dark], *_ABOVE[dark])
        marks = ("-",) * len(_BELOW[dark]) + ("·",) + (" ",) * len(_ABOVE[dark])
    else:
        grounds = _RISING if dark else _RISING[::-1]
        marks = (" ",) * len(grounds)
    return Ramp(tuple(Style(color=on(ground), bgcolor=ground) for ground in grounds), marks)


@cache
def on(ground: str) -> str:
    """The text, warm white or near-black, that reads best on a ground."""
    return max("#eee8d5", "#0b0a08", key=lambda text: contrast(text, ground))


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, 1 to 21 (WCAG 2.1, relative luminance)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour, 0 to 1."""
    triplet = Color.parse(colour).get_truecolor()
    red, green, blue = (_linear(part / 255) for part in triplet)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

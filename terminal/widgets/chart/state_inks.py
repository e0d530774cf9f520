"""What the states of a timeline are painted with: a strong ground, a faint one behind the price, a pattern.

Tones go from blue over grey and amber to vermilion, which readers who do not tell red from green keep apart. Where
two states share a tone the second is another shade of it; without colours a pattern tells them, and everywhere
the name does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from rich.style import Style

from terminal.widgets.colours import PAPER, WRITING, on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from terminal.widgets.colours import Depth

Tone: TypeAlias = Literal["good", "calm", "warn", "bad"]

PATTERNS = "░▒▓█▚╱╲╳"
_STRONG: dict[bool, dict[Tone, tuple[str, ...]]] = {
    True: {
        "good": ("#0087d7", "#5fafff", "#005faf"),
        "calm": ("#878787", "#bcbcbc", "#5f8787"),
        "warn": ("#ffaf00", "#d7af5f", "#af8700"),
        "bad": ("#ff5f00", "#d70000", "#ff8787"),
    },
    False: {
        "good": ("#005faf", "#0087d7", "#00005f"),
        "calm": ("#878787", "#5f5f5f", "#5f8787"),
        "warn": ("#d78700", "#af8700", "#875f00"),
        "bad": ("#d70000", "#870000", "#ff5f00"),
    },
}
# behind a price only what is out of the ordinary is shaded, and so that the price stays what is seen first
_FAINT: dict[bool, dict[Tone, str]] = {
    True: {"good": PAPER[True], "calm": PAPER[True], "warn": "#303030", "bad": "#5f0000"},
    False: {"good": PAPER[False], "calm": PAPER[False], "warn": "#e4e4e4", "bad": "#ffd7d7"},
}
_SIXTEEN: dict[Tone, tuple[str, ...]] = {
    "good": ("#0000aa", "#00aaaa"),
    "calm": ("#aaaaaa", "#555555"),
    "warn": ("#ffff55", "#aa5500"),
    "bad": ("#aa0000", "#ff5555"),
}
_NO_TONES: tuple[Tone, ...] = ("good", "warn", "calm", "bad")


def tones_of(count: int, given: Sequence[Tone]) -> list[tuple[Tone, int]]:
    """A tone for each state and how many before it have the same."""
    tones = [given[place] if place < len(given) else _NO_TONES[place % 4] for place in range(count)]
    return [(tone, tones[:place].count(tone)) for place, tone in enumerate(tones)]


def grounds(count: int, given: Sequence[Tone], *, dark: bool, depth: Depth) -> list[tuple[str, str]]:
    """Of each state its strong ground and the faint one behind the price (the page's own where colours are few)."""
    found = []
    for tone, before in tones_of(count, given):
        if depth == "none":
            found.append((PAPER[dark], PAPER[dark]))
        elif depth == "sixteen":
            shades = _SIXTEEN[tone]
            found.append((shades[before % len(shades)], PAPER[dark]))
        else:
            shades = _STRONG[dark][tone]
            found.append((shades[before % len(shades)], _FAINT[dark][tone]))
    return found


def strong(ground: str, *, dark: bool, depth: Depth) -> Style:
    """Text on a state's strong ground."""
    return Style(color=WRITING[dark] if depth == "none" else on(ground), bgcolor=ground, bold=True)


def pattern(state: int) -> str:
    """What fills a state's stretch where there are no colours."""
    return PATTERNS[state % len(PATTERNS)]

"""Text fitted to cells, and lines of styled text as strips: what every widget of ours draws with."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from engine.sanitize import clean
from terminal.theme import Ink, ink

if TYPE_CHECKING:
    from textual.widget import Widget

__all__ = ["cell_len", "fit", "ink_of", "plain", "strip", "wrap"]

_JOINTS = "/=,"  # characters after which a long word may be broken


def ink_of(widget: Widget) -> Ink:
    """The inks of the theme that is set."""
    return ink(widget.app.current_theme.dark)


def plain(text: object) -> str:
    """Any outside text, inert and on one line."""
    return clean(str(text))


@lru_cache(8192)
def fit(text: str, width: int, *, right: bool = False) -> str:
    """``text`` in exactly ``width`` cells; what does not fit is cut and marked with "›"."""
    if width <= 0:
        return ""
    size = cell_len(text)
    if size > width:
        return set_cell_size(text, width - 1) + "›"
    blank = " " * (width - size)
    return blank + text if right else text + blank


def strip(parts: Iterable[tuple[str, Style]], width: int, fill: Style) -> Strip:
    """A strip of exactly ``width`` cells; neighbours of one style are merged, which is what saves bytes."""
    segments: list[Segment] = []
    used = 0
    for part, style in parts:
        if not part:
            continue
        text, size = part, cell_len(part)
        if used + size > width:
            text, size = set_cell_size(part, width - used), width - used
        if size <= 0:
            break
        if segments and segments[-1].style == style:
            segments[-1] = Segment(segments[-1].text + text, style)
        else:
            segments.append(Segment(text, style))
        used += size
    if used < width:
        blank = " " * (width - used)
        if segments and segments[-1].style == fill:
            segments[-1] = Segment(segments[-1].text + blank, fill)
        else:
            segments.append(Segment(blank, fill))
    return Strip(segments, width)


def wrap(text: str, width: int) -> list[str]:
    """``text`` broken at spaces into lines of at most ``width`` cells, its indent kept.

    A word longer than a line is broken after a ``/``, ``=`` or ``,`` where it has one.
    """
    width = max(8, width)
    if cell_len(text) <= width:
        return [text]
    body = text.lstrip(" ")
    indent = " " * min(len(text) - len(body), width // 2)
    lines: list[str] = []
    line = indent
    for whole in body.split(" "):
        word = whole
        candidate = f"{line} {word}" if line.strip() else indent + word
        if cell_len(candidate) <= width:
            line = candidate
            continue
        if line.strip():
            lines.append(line)
        while cell_len(indent + word) > width:
            piece = set_cell_size(word, width - len(indent))
            joint = max(piece.rfind(mark) for mark in _JOINTS)
            piece = piece[: joint + 1] if joint > 0 else piece
            lines.append(indent + piece)
            word = word[len(piece.rstrip(" ")) or len(piece) :]
        line = indent + word
    lines.append(line)
    return lines

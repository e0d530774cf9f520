"""What is on the terminal already is not written again.

Textual paints a start-up three times over and repaints whole widgets where one cell changed. Here the screen's
cells are remembered, and an update becomes the runs of cells that differ: fewer bytes over SSH, and no flicker.
Knows nothing of Textual but strips; :mod:`terminal.compat` puts it in the way of the app's updates.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

_GAP = 6  # unchanged cells that cost less to write again than to move past


class Painting:
    """The cells as the terminal shows them: text and style each; the right half of a wide one is empty."""

    def __init__(self) -> None:
        self._width = 0
        self._texts: list[list[str]] = []
        self._styles: list[list[Style | None]] = []
        self._pen = ""  # the SGR parameters in force while an update is written

    def lift(self) -> str:
        """The sequence that ends an update: no style is left in force."""
        was, self._pen = self._pen, ""
        return "\x1b[0m" if was else ""

    def forget(self) -> None:
        """The terminal may show anything: paint everything next time."""
        self._width, self._texts, self._styles = 0, [], []

    def resize(self, width: int, height: int) -> None:
        if width != self._width or height != len(self._texts):
            self._width = width
            self._texts = [["\0"] * width for _ in range(height)]
            self._styles = [[None] * width for _ in range(height)]

    def update(self, y: int, x: int, segments: Iterable[Segment], system: ColorSystem | None) -> str:
        """The sequence that brings a stretch of line ``y`` to ``segments``; empty where it shows them."""
        if not 0 <= y < len(self._texts):
            return ""
        texts, styles = _cells(segments)
        end = min(x + len(texts), self._width)
        if end <= x:
            return ""
        del texts[end - x :], styles[end - x :]
        old_texts, old_styles = self._texts[y], self._styles[y]
        if old_texts[x:end] == texts and old_styles[x:end] == styles:
            return ""
        parts: list[str] = []
        for start, stop in _runs(texts, styles, old_texts[x:end], old_styles[x:end]):
            parts.append(f"\x1b[{y + 1};{x + start + 1}H")
            self._write(parts, texts[start:stop], styles[start:stop], system)
        old_texts[x:end] = texts
        old_styles[x:end] = styles
        return "".join(parts)

    def _write(
        self, parts: list[str], texts: list[str], styles: list[Style | None], system: ColorSystem | None
    ) -> None:
        """Append a run of cells; a style is written where it differs from the one in force."""
        at = 0
        for i in range(1, len(texts) + 1):
            if i < len(texts) and (
                styles[i] is styles[at] or styles[i] == styles[at] or _blank(texts[i], styles[i], styles[at])
            ):
                continue
            codes = _codes(styles[at], system)
            if codes != self._pen:
                parts.append(f"\x1b[{'0;' if self._pen and codes else ''}{codes}m")
                self._pen = codes
            parts.append("".join(texts[at:i]))
            at = i


def _cells(segments: Iterable[Segment]) -> tuple[list[str], list[Style | None]]:
    texts: list[str] = []
    styles: list[Style | None] = []
    for text, style, control in segments:
        if control or not text:
            continue
        if text.isascii() or (cell_len(text) == len(text) and not _has_wide(text)):
            texts += text
            styles += [style] * len(text)
            continue
        for character in text:
            size = cell_len(character)
            if size:
                texts += [character, *[""] * (size - 1)]
                styles += [style] * size
            elif texts:
                texts[-1] += character  # a combining mark belongs to the cell before it
    return texts, styles


@lru_cache(4096)
def _has_wide(text: str) -> bool:
    """True where wide and zero-width characters cancel out in the count."""
    return any(cell_len(character) != 1 for character in text)


def _runs(
    texts: list[str], styles: list[Style | None], old_texts: list[str], old_styles: list[Style | None]
) -> list[tuple[int, int]]:
    """Stretches that differ; neighbours closer than a cursor move are taken together."""
    runs: list[tuple[int, int]] = []
    start = stop = -1
    for i, (text, style) in enumerate(zip(texts, styles, strict=True)):
        if text == old_texts[i] and (
            style is old_styles[i] or style == old_styles[i] or _blank(text, style, old_styles[i])
        ):
            continue
        if start < 0:
            start = i
        elif i - stop > _GAP:
            runs.append((start, stop))
            start = i
        stop = i + 1
    runs.append((start, stop))
    return [_whole(texts, start, stop) for start, stop in runs]


def _whole(texts: list[str], start: int, stop: int) -> tuple[int, int]:
    """The run widened so that it neither begins nor ends inside a wide character."""
    while start and texts[start] == "":
        start -= 1
    while stop < len(texts) and texts[stop] == "":
        stop += 1
    return start, stop


def _blank(text: str, style: Style | None, other: Style | None) -> bool:
    """True for a space that looks the same in both styles: only their grounds show."""
    return text == " " and _ground(style) == _ground(other)


@lru_cache(8192)
def _ground(style: Style | None) -> object:
    if style is None:
        return None
    inverse = bool(style.reverse)
    return style.bgcolor, bool(style.underline), bool(style.strike), inverse, style.color if inverse else None


@lru_cache(8192)
def _codes(style: Style | None, system: ColorSystem | None) -> str:
    """The SGR parameters of a style; links and metadata never reach the terminal."""
    if style is None or system is None:
        return "" if style is None else _attributes(style)
    return style._make_ansi_codes(system)


def _attributes(style: Style) -> str:
    pairs = (
        (style.bold, "1"),
        (style.dim, "2"),
        (style.italic, "3"),
        (style.underline, "4"),
        (style.reverse, "7"),
    )
    return ";".join(code for on, code in pairs if on)

"""Functions that take the rest of their line as it stands, quotes and all (SQL)."""

from __future__ import annotations

from engine.function import Function
from engine.registry import Registry
from engine.words import usable


def raw_text(line: str, functions: Registry) -> tuple[Function, str, int] | None:
    """The function that begins the line and takes its rest raw, that rest, and where it stands.

    None where the line is none of these, or names its argument or quotes it whole, which the grammar reads.
    """
    stripped = line.lstrip()
    word, _, rest = stripped.partition(" ")
    function = functions.get(word)
    text = rest.strip()
    if function is None or not function.raw or not text or not usable(line):
        return None
    if text.upper().startswith(f"{function.raw.upper()}=") or _one_quotation(text):
        return None
    return function, text, len(line) - len(line.lstrip()) + len(word) + 1 + (len(rest) - len(rest.lstrip()))


def _one_quotation(text: str) -> bool:
    mark = text[0]
    return mark in "\"'" and len(text) > 1 and text.endswith(mark)

"""An expression cut into words that remember where they stood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite
from typing import Literal, TypeAlias

from engine.quant.screener.errors import ScreenError

MOST_CHARACTERS, MOST_WORDS = 2_000, 400
KEYWORDS = ("and", "or", "not", "between", "in", "top", "bottom", "by", "within")
SCALES = {"": 1.0, "%": 0.01, "k": 1e3, "m": 1e6, "mm": 1e6, "b": 1e9, "bn": 1e9, "t": 1e12, "tn": 1e12}
_SAME = {"==": "=", "<>": "!=", "≤": "<=", "≥": ">=", "≠": "!=", "×": "*", "−": "-"}
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TAIL = re.compile(r"%|\w+", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MARK = re.compile(r"<=|>=|==|!=|<>|[-+*/()<>=,≤≥≠×−]")
_QUOTES = "\"'"

Kind: TypeAlias = Literal["number", "text", "name", "keyword", "mark", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """One word. ``text`` is lower case but for texts, which are without their quotes; ``percent``: of a number, that
    it was written with %."""

    kind: Kind
    text: str
    start: int
    end: int
    value: float = 0.0
    percent: bool = False


def tokens(text: str) -> tuple[Token, ...]:
    """The words of ``text``, with one of kind "end" after them.

    Raises
    ------
    ScreenError
        What is no word, a quotation that never closes, or too long a text.
    """
    if len(text) > MOST_CHARACTERS:
        raise ScreenError(
            f"The expression is longer than {MOST_CHARACTERS:,} characters.", MOST_CHARACTERS, len(text)
        )
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = _token(text, at)
        if len(found) == MOST_WORDS:
            raise ScreenError(f"The expression has more than {MOST_WORDS} words.", at, len(text))
        found.append(token)
        at = token.end
    return (*found, Token("end", "", len(text), len(text)))


def _token(text: str, at: int) -> Token:
    if text[at] in _QUOTES:
        return _quotation(text, at)
    if number := _NUMBER.match(text, at):
        return _number(text, number)
    if name := _NAME.match(text, at):
        word = name[0].lower()
        return Token("keyword" if word in KEYWORDS else "name", word, at, name.end())
    if mark := _MARK.match(text, at):
        return Token("mark", _SAME.get(mark[0], mark[0]), at, mark.end())
    raise ScreenError(
        f"U+{ord(text[at]):04X} is no part of an expression. Conditions are joined by and, or, not; text "
        "goes in straight quotes.", at, at + 1,
    )  # fmt: skip


def _number(text: str, number: re.Match[str]) -> Token:
    tail = _TAIL.match(text, number.end())
    suffix, end = (tail[0], tail.end()) if tail else ("", number.end())
    scale = SCALES.get(suffix.lower())
    start = number.start()
    if scale is None:
        raise ScreenError(
            f"{text[start:end]} is no number: a number ends with K, M, B or T for thousands to trillions, or %.",
            start, end, (number[0],),
        )  # fmt: skip
    percent = suffix == "%"
    value = float(number[0]) / 100.0 if percent else float(number[0]) * scale
    if not isfinite(value):
        raise ScreenError(f"{text[start:end]} is too large a number.", start, end)
    return Token("number", text[start:end].lower(), start, end, value, percent)


def _quotation(text: str, at: int) -> Token:
    """The text in quotes; a doubled mark is a mark."""
    mark, parts, place = text[at], [], at + 1
    while (close := text.find(mark, place)) >= 0:
        parts.append(text[place:close])
        if text[close + 1 : close + 2] != mark:
            return Token("text", "".join(parts), at, close + 1)
        parts.append(mark)
        place = close + 2
    raise ScreenError(f"The quotation that opens here never closes: add {mark}.", at, len(text))

"""A text cut into words that remember where they stood."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Literal, TypeAlias

from engine.quant.expressions.errors import ExpressionError

SCALES = {"": 1.0, "%": 0.01, "k": 1e3, "m": 1e6, "mm": 1e6, "b": 1e9, "bn": 1e9, "t": 1e12, "tn": 1e12}
_SAME = {"==": "=", "<>": "!=", "≤": "<=", "≥": ">=", "≠": "!=", "×": "*", "−": "-"}
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TAIL = re.compile(r"%|\w+", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
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


@dataclass(frozen=True)
class Vocabulary:
    """What a language is cut by.

    ``marks`` are as they read in the end; other ways to write them (==, ≤, ×) are known. ``comments``: a word may be
    followed by # and anything up to the end of the line. ``fault`` is what is raised; ``hint`` ends the sentence
    about a character that is none of the language's.
    """

    keywords: frozenset[str]
    marks: tuple[str, ...]
    fault: type[ExpressionError] = ExpressionError
    noun: str = "expression"
    one: str = "an expression"
    hint: str = "Conditions are joined by and, or, not."
    most_characters: int = 2_000
    most_words: int = 400
    comments: bool = False

    @cached_property
    def mark(self) -> re.Pattern[str]:
        """Every way to write a mark, the longest first."""
        written = {*self.marks, *(other for other, one in _SAME.items() if one in self.marks)}
        return re.compile("|".join(re.escape(each) for each in sorted(written, key=len, reverse=True)))


def words(text: str, vocabulary: Vocabulary) -> tuple[Token, ...]:
    """The words of ``text``, with one of kind "end" after them.

    Raises
    ------
    ExpressionError
        The vocabulary's own: what is no word, a quotation that never closes, or too long a text.
    """
    most = vocabulary.most_characters
    if len(text) > most:
        raise vocabulary.fault(f"The {vocabulary.noun} is longer than {most:,} characters.", most, len(text))
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        if vocabulary.comments and text[at] == "#":
            at = (text.find("\n", at) + 1) or len(text)
            continue
        token = _token(text, at, vocabulary)
        if len(found) == vocabulary.most_words:
            raise vocabulary.fault(
                f"The {vocabulary.noun} has more than {vocabulary.most_words} words.", at, len(text)
            )
        found.append(token)
        at = token.end
    return (*found, Token("end", "", len(text), len(text)))


def _token(text: str, at: int, vocabulary: Vocabulary) -> Token:
    if text[at] in _QUOTES:
        return _quotation(text, at, vocabulary)
    if number := _NUMBER.match(text, at):
        return _number(text, number, vocabulary)
    if name := _NAME.match(text, at):
        word = name[0].lower()
        return Token("keyword" if word in vocabulary.keywords else "name", word, at, name.end())
    if mark := vocabulary.mark.match(text, at):
        return Token("mark", _SAME.get(mark[0], mark[0]), at, mark.end())
    shown = text[at] if " " < text[at] <= "~" else f"U+{ord(text[at]):04X}"
    told = f"{shown} is no part of {vocabulary.one}. {vocabulary.hint}"
    raise vocabulary.fault(told, at, at + 1)


def _number(text: str, number: re.Match[str], vocabulary: Vocabulary) -> Token:
    tail = _TAIL.match(text, number.end())
    suffix, end = (tail[0], tail.end()) if tail else ("", number.end())
    scale = SCALES.get(suffix.lower())
    start = number.start()
    if scale is None:
        raise vocabulary.fault(
            f"{text[start:end]} is no number: a number ends with K, M, B or T for thousands to trillions, or %.",
            start, end, (number[0],),
        )  # fmt: skip
    percent = suffix == "%"
    value = _hundredth(number[0]) if percent else float(number[0]) * scale
    if not isfinite(value):
        raise vocabulary.fault(f"{text[start:end]} is too large a number.", start, end)
    return Token("number", text[start:end].lower(), start, end, value, percent)


def _hundredth(number: str) -> float:
    """The number nearest to a hundredth of what is written: 48.1% is 0.481, which 48.1 / 100 is not."""
    digits, _, power = number.lower().partition("e")
    return float(f"{digits}e{int(power or 0) - 2}") if len(power) < 6 else float(number) / 100.0


def _quotation(text: str, at: int, vocabulary: Vocabulary) -> Token:
    """The text in quotes; a doubled mark is a mark."""
    mark, parts, place = text[at], [], at + 1
    while (close := text.find(mark, place)) >= 0:
        parts.append(text[place:close])
        if text[close + 1 : close + 2] != mark:
            return Token("text", "".join(parts), at, close + 1)
        parts.append(mark)
        place = close + 2
    raise vocabulary.fault(f"The quotation that opens here never closes: add {mark}.", at, len(text))

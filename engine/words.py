"""A typed line cut into words that remember where they stood, so that an error can point at one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.errors import CommandError

MAX_LINE = 4096
_QUOTES = "\"'"
_UNUSABLE = re.compile(r"[\x00\ud800-\udfff]")  # NUL, and halves of a character, which UTF-8 cannot write


@dataclass(frozen=True, slots=True)
class Word:
    """One word. ``text`` is without its quotes; ``start``/``end`` are offsets in the line."""

    text: str
    start: int
    end: int
    quoted: bool = False

    @property
    def upper(self) -> str:
        return self.text.upper()


def usable(line: str) -> bool:
    """Whether the line is short enough and text: what ``split_words`` refuses, it refuses with the reason."""
    return len(line) <= MAX_LINE and _UNUSABLE.search(line) is None


def split_words(line: str) -> tuple[Word, ...]:
    """Cut ``line`` at white space; quotes keep words together, ``NAME="two words"`` stays one word, and a
    doubled mark inside a quotation is a mark.

    A quote opens only at the start of a word or after ``=``: an apostrophe inside a name is a letter.

    Raises
    ------
    CommandError
        A quote that never closes, what is not text, or a line longer than ``MAX_LINE``.
    """
    # shown with a mark in its place, since no terminal or file takes such a line as it is
    shown = _UNUSABLE.sub("\N{REPLACEMENT CHARACTER}", line)
    if len(line) > MAX_LINE:
        raise CommandError(f"The line is longer than {MAX_LINE} characters.", shown[:80], 0, 80)
    if unusable := _UNUSABLE.search(line):
        raise CommandError(
            f"The character marked here (U+{ord(unusable[0]):04X}) is no text: type the line without it.",
            shown, unusable.start(), unusable.end(), (_UNUSABLE.sub("", line),),
        )  # fmt: skip
    words: list[Word] = []
    at, size = 0, len(line)
    while at < size:
        if line[at].isspace():
            at += 1
            continue
        start, text, quoted = at, [], False
        while at < size and not line[at].isspace():
            opens = line[at] in _QUOTES and (at == start or line[at - 1] == "=")
            if not opens:
                text.append(line[at])
                at += 1
                continue
            inside, close = _quotation(line, at)
            if close < 0:
                mark = line[at]
                raise CommandError(
                    f"The quotation that opens here never closes: add {mark}.",
                    line,
                    at,
                    size,
                    (line.rstrip() + mark, (line[:at] + line[at + 1 :]).strip()),
                )
            quoted = quoted or at == start
            text.append(inside)
            at = close + 1
        words.append(Word("".join(text), start, at, quoted))
    return tuple(words)


def _quotation(line: str, opening: int) -> tuple[str, int]:
    """The text quoted from ``opening`` on, and where it closes (-1: nowhere); a doubled mark is a mark."""
    mark, parts, at = line[opening], [], opening + 1
    while (close := line.find(mark, at)) >= 0:
        parts.append(line[at:close])
        if line[close + 1 : close + 2] != mark:
            return "".join(parts), close
        parts.append(mark)
        at = close + 2
    return "", -1


def quote(text: str, *, always: bool = False) -> str:
    """``text`` as one word of a line that ``split_words`` reads back unchanged.

    ``always`` quotes even what needs none, so that it cannot be taken for another kind of word.
    """
    plain = bool(text) and not any(c.isspace() or c in _QUOTES or c == "=" for c in text)
    if plain and not always:
        return text
    if '"' in text and "'" not in text:
        return f"'{text}'"
    return '"' + text.replace('"', '""') + '"'

"""A typed line cut into words that remember where they stood, so that an error can point at one."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import CommandError

MAX_LINE = 4096
_QUOTES = "\"'"


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


def split_words(line: str) -> tuple[Word, ...]:
    """Cut ``line`` at white space; quotes keep words together, ``NAME="two words"`` stays one word.

    A quote opens only at the start of a word or after ``=``: an apostrophe inside a name is a letter.

    Raises
    ------
    CommandError
        A quote that never closes, or a line longer than ``MAX_LINE``.
    """
    if len(line) > MAX_LINE:
        raise CommandError(f"The line is longer than {MAX_LINE} characters.", line[:80], 0, 80)
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
            close = line.find(line[at], at + 1)
            if close < 0:
                mark = line[at]
                raise CommandError(
                    f"The quotation that opens here never closes: add {mark}.",
                    line, at, size, (line.rstrip() + mark,),
                )  # fmt: skip
            quoted = quoted or at == start
            text.append(line[at + 1 : close])
            at = close + 1
        words.append(Word("".join(text), start, at, quoted))
    return tuple(words)


def quote(text: str) -> str:
    """``text`` as one word of a line that ``split_words`` reads back unchanged.

    A text with both kinds of quotes cannot be written as one word: its double quotes become single.
    """
    plain = bool(text) and not any(c.isspace() or c in _QUOTES or c == "=" for c in text)
    if plain:
        return text
    if '"' not in text:
        return f'"{text}"'
    if "'" not in text:
        return f"'{text}'"
    return '"' + text.replace('"', "'") + '"'

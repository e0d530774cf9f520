"""Functions that take a phrase of a language of their own (rules) among securities and options, without quotes."""

from __future__ import annotations

from collections.abc import Sequence

from engine.function import Function, Kind
from engine.values import match
from engine.words import Word


def with_phrase(function: Function, words: Sequence[Word], line: str) -> tuple[Word, ...]:
    """``words`` with those of the function's phrase as one word that names its argument.

    The phrase begins at the first word that the function says begins one, and ends before the first ``NAME=`` of an
    argument; a period or a choice that stands at its end belongs to the line, not to it. Where a ; follows a
    ``NAME=`` the phrase goes on behind it.
    """
    if function.phrase is None:
        return tuple(words)
    name, begins = function.phrase
    ends = {word.start for word in words if _named(function, word) and line[word.end - 1] == ";"}
    words = [Word(w.text[:-1], w.start, w.end - 1) if w.start in ends else w for w in words]
    first = next((at for at, word in enumerate(words) if begins(word.text)), None)
    if first is None or _named(function, words[first]):
        return tuple(words)
    if words[first].quoted:
        whole = Word(f"{name.upper()}={words[first].text}", words[first].start, words[first].end)
        return (*words[:first], whole, *words[first + 1 :])
    after = next(
        (
            at
            for at in range(first, len(words))
            if _named(function, words[at]) and words[at].start not in ends
        ),
        len(words),
    )
    within = [word for word in words[first:after] if word.start in ends]
    while after - 1 > first and (words[after - 1] in within or _option(function, words[after - 1])):
        after -= 1
    start, end = words[first].start, words[after - 1].end
    text = line[start:end]
    inside = [word for word in within if word.end <= end]
    for word in inside:  # blanks stand for it, so that places in the phrase stay those of the line
        text = text[: word.start - start] + " " * (word.end - word.start) + text[word.end - start :]
    whole = Word(f"{name.upper()}={text}", start, end)
    return (*words[:first], *inside, whole, *words[after:])


def _named(function: Function, word: Word) -> bool:
    name, equals, _ = word.text.partition("=")
    return bool(equals) and not word.quoted and any(each.name == name.lower() for each in function.arguments)


def _option(function: Function, word: Word) -> bool:
    for argument in function.arguments:
        if argument.kind in (Kind.PERIOD, Kind.CHOICE) and not argument.named_only:
            try:
                if match(argument, word.text, quoted=word.quoted) is not None:
                    return True
            except ValueError:
                return True
    return False

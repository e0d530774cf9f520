"""Functions that take a phrase of a language of their own (rules) among securities and options, without quotes."""

from __future__ import annotations

from collections.abc import Sequence

from engine.function import Function, Kind
from engine.values import match
from engine.words import Word


def with_phrase(function: Function, words: Sequence[Word], line: str) -> tuple[Word, ...]:
    """``words`` with those of the function's phrase as one word that names its argument.

    The phrase begins at the first word that the function says begins one, and ends before the first ``NAME=`` of an
    argument; a period or a choice that stands at its end belongs to the line, not to it.
    """
    if function.phrase is None:
        return tuple(words)
    name, begins = function.phrase
    first = next((at for at, word in enumerate(words) if begins(word.text)), None)
    if first is None or _named(function, words[first]):
        return tuple(words)
    if words[first].quoted:
        whole = Word(f"{name.upper()}={words[first].text}", words[first].start, words[first].end)
        return (*words[:first], whole, *words[first + 1 :])
    after = next((at for at in range(first, len(words)) if _named(function, words[at])), len(words))
    while after - 1 > first and _option(function, words[after - 1]):
        after -= 1
    start, end = words[first].start, words[after - 1].end
    whole = Word(f"{name.upper()}={line[start:end]}", start, end)
    return (*words[:first], whole, *words[after:])


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

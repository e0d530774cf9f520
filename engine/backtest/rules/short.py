"""The short form: ``50SMA.200EMA``, ``CLOSE>200SMA``, ``RSI14<30``."""

from __future__ import annotations

import re

from engine.backtest.rules.book import Rules
from engine.backtest.rules.clauses import read
from engine.backtest.rules.errors import RuleError
from engine.backtest.rules.vocabulary import found_indicator, nearest
from engine.quant.indicators import CATALOGUE, Indicator

_WORD = r"(?:[0-9]{1,5}[A-Za-z][A-Za-z0-9_]*|[A-Za-z][A-Za-z0-9_]*?[0-9]{0,5})"
_SHORT = re.compile(rf"\s*({_WORD})\s*([.<>])\s*({_WORD}|-?[0-9]+(?:\.[0-9]+)?)\s*")
_SIDE = re.compile(r"(?:([0-9]{1,5})([A-Za-z_][A-Za-z0-9_]*)|([A-Za-z_][A-Za-z0-9_]*?)([0-9]{0,5}))")
_PRICES = ("OPEN", "HIGH", "LOW", "CLOSE", "VOLUME")


def short_form(text: str) -> str | None:
    """The rules that a short form stands for, None where ``text`` is none.

    ``a.b`` and ``a>b`` are long while a is above b, ``a<b`` while it is below; a side is a field, a number, or an
    indicator that takes a length (50SMA, SMA50), with the catalogue's own settings otherwise.

    Raises
    ------
    RuleError
        An indicator that there is not, or one that no length tells.
    """
    found = _SHORT.fullmatch(text)
    if found is None:
        return None
    left = _side(found[1], found.start(1))
    right = _side(found[3], found.start(3))
    return f"long when {left} {'<' if found[2] == '<' else '>'} {right}"


def parse_short(text: str) -> Rules | None:
    """The rules of a short form, None where ``text`` is none."""
    rules = short_form(text)
    return None if rules is None else read(rules)


def _side(word: str, at: int) -> str:
    if word.upper() in _PRICES or not any(each.isalpha() for each in word):
        return word.lower()
    found = _SIDE.fullmatch(word)
    name, length = (found[2] or found[3], found[1] or found[4]) if found else (word, "")
    entry = found_indicator(name)
    if entry is None or not length:
        near = nearest(
            name.lower(), [*(each.lower() for each in _PRICES), *(each.lower() for each in CATALOGUE)]
        )
        told = f"{name} needs a length: 50{name}" if entry else f"{name} is no indicator or price"
        meant = f" Nearest: {', '.join(near)}." if near and not entry else ""
        raise RuleError(f"{told}, as in 50SMA.200EMA.{meant}", at, at + len(word), near)
    _lengthy(entry, int(length), at, word)
    return f"{entry.name.lower()}({length})"


def _lengthy(entry: Indicator, length: int, at: int, word: str) -> None:
    """Refuses what a length alone does not tell."""
    first = entry.parameters[0] if entry.parameters else None
    one = len(entry.outputs) == 1 or entry.name.lower() in [each.name for each in entry.outputs]
    if first is None or first.name != "timeperiod" or not one:
        raise RuleError(
            f"{entry.name} is not told by a length: write it out, long when {entry.name.lower()}(...) > ...",
            at, at + len(word),
        )  # fmt: skip
    try:
        first.check(length, entry.name)
    except ValueError as fault:
        raise RuleError(str(fault), at, at + len(word)) from None

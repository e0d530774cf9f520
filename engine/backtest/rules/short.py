"""The short form: ``50SMA.200EMA``, ``CLOSE>200SMA``, ``RSI14<30``; clauses may follow it after a ;."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from engine.backtest.rules.book import Rules
from engine.backtest.rules.clauses import read
from engine.backtest.rules.errors import RuleError
from engine.backtest.rules.tree import Not
from engine.backtest.rules.vocabulary import CLAUSES, found_indicator, nearest
from engine.quant.indicators import CATALOGUE, Indicator

_WORD = r"(?:[0-9]{1,5}[A-Za-z][A-Za-z0-9_]*|[A-Za-z][A-Za-z0-9_]*?[0-9]{0,5})"
_SHORT = re.compile(rf"\s*({_WORD})\s*([.<>])\s*({_WORD}|-?[0-9]+(?:\.[0-9]+)?)\s*")
_SIDE = re.compile(r"(?:([0-9]{1,5})([A-Za-z_][A-Za-z0-9_]*)|([A-Za-z_][A-Za-z0-9_]*?)([0-9]{0,5}))")
_HEAD = re.compile(r"[^;\n#]*")  # all before the second clause
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


def parse_short(
    text: str, *, panels: Collection[str] = (), universes: Collection[str] | None = None
) -> Rules | None:
    """The rules of a short form and of the clauses after it, None where ``text`` begins with none.

    What it says is held while it holds: also beside a stop or ``hold``, unless an ``exit`` is said.

    Raises
    ------
    RuleError
        As of ``short_form``, what stands behind a short form without a ; before it, clauses that cannot be read.
    """
    found = _HEAD.match(text)
    head = found[0] if found else ""
    long = short_form(head)
    if long is None:
        _parted(head)
        return None
    moved = len(head) - len(long)
    try:
        rules = read(long + text[len(head) :], panels=panels, universes=universes)
    except RuleError as fault:
        start, end = (max(each + moved, 0) for each in (fault.start, fault.end))
        raise RuleError(fault.message, start, end, fault.nearest) from fault
    if rules.exit is None and rules.long is not None:
        return replace(rules, exit=Not(rules.long, rules.long.at))
    return rules


def _parted(head: str) -> None:
    """Refuses a short form that goes on without a ; before what follows."""
    words = head.split(maxsplit=2)
    if len(words) < 2 or re.search(r"[.<>]", words[0]) is None:
        return
    clause = words[1].lower() in CLAUSES
    try:
        long = short_form(words[0]) if clause or "." in words[0] else None
    except RuleError:  # of longer conditions their own reader tells more
        return
    if long is None:
        return
    at = head.index(words[1], head.index(words[0]) + len(words[0]))
    if words[1].lower() in ("and", "or"):
        told = (
            f"A short form is a whole condition: written out it can be joined, {long} {words[1].lower()} ..."
        )
        raise RuleError(told, at, at + len(words[1]))
    if clause:
        told = f"A clause is parted from a short form by ;, as in {words[0]}; {' '.join(words[1:])}."
        raise RuleError(told, at, at + len(words[1]), (f"; {words[1]}",))
    raise RuleError(
        f"A short form is followed by clauses after a ;, as in {words[0]}; stop 5%, and securities stand before it: "
        f"{words[1]} is neither.", at, at + len(words[1]),
    )  # fmt: skip


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

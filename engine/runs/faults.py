"""Faults of rules as faults of the line that they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from engine.errors import CommandError
from engine.runs.phrase import lone, of_options

_HOLDS = re.compile(r"buy\s*(?:and|&|n)\s*hold\b|hold\b", re.IGNORECASE)
_OPTION = re.compile(r"(?<![^\s;])([A-Za-z_]+)=(?!=)[^\s;]+")

if TYPE_CHECKING:
    from engine.backtest.rules import RuleError
    from engine.page import SecurityRef


def as_command(fault: RuleError, text: str, refs: Sequence[SecurityRef] = ()) -> CommandError:
    """A fault of rules as one of the line: it points at the word, and offers lines that can be read."""
    named = "".join(f"{ref.ticker} " for ref in refs)
    if unknown := no_option("BACKTEST", text, fault.start):
        return unknown
    head = text.partition(";")[0]
    if lone(head):
        return _half(head.strip(), named, len(head))
    if "{" in text:
        return _grid(text, named)
    message = fault.message
    if text.count("(") > text.count(")"):
        message = f"{message.rstrip('.')}: a bracket is opened and not closed."
    fixed = tuple(f'BACKTEST {named}"{each}"' for each in _mended(fault, text))
    return CommandError(message, "", fault.start, max(fault.end, fault.start + 1), fixed, argument="strategy")


def no_option(mnemonic: str, text: str, place: int) -> CommandError | None:
    """What is told where the word at ``place`` is a ``NAME=value`` that neither the function nor rules have."""
    from engine.named import names_told
    from engine.registry import registry

    found = next((each for each in _OPTION.finditer(text) if each.start() <= place < each.end()), None)
    function = registry().get(mnemonic)
    if found is None or function is None or _reads(f"long when {found[1]} = 1"):
        return None
    return CommandError(
        f"{mnemonic} does not take {found[0]}{names_told(function, found[0])}.", "", found.start(), found.end(),
        argument="strategy",
    )  # fmt: skip


def _grid(text: str, named: str) -> CommandError:
    """Braces, which one run does not take."""
    start = text.index("{")
    end = text.find("}", start) + 1 or len(text)
    line = f"SWEEP {named}{text if ' ' not in text else repr(text)}".replace("'", '"')
    return CommandError(
        f"{text[start:end]} is several values: one run has one. SWEEP tries them all.",
        "", start, end, (line,), argument="strategy",
    )  # fmt: skip


def _half(word: str, named: str, length: int) -> CommandError:
    whole = f"50SMA.{word}" if int("".join(filter(str.isdigit, word))) >= 100 else f"{word}.200EMA"
    return CommandError(
        alone(word), "", 0, length,
        (f"BACKTEST {named}CLOSE.{word}", f"BACKTEST {named}{whole}"), argument="strategy",
    )  # fmt: skip


def alone(word: str) -> str:
    """What is told of half a short form."""
    return (
        f"{word} alone is no rule: a short form puts one thing against another, as in 50SMA.200EMA, long while the "
        "first is above the second."
    )


def _mended(fault: RuleError, text: str) -> Iterator[str]:
    """The rules with each of the words that could stand there, or as a condition; where they can be read then."""
    if '"' in text:
        return
    wholes = [_put(text, fault, near) for near in fault.nearest]
    if fault.start == 0:
        held = _HOLDS.match(text)
        wholes = ["long when close > 0"] if held else [f"long when {text}", *wholes]
    yield from filter(_reads, wholes)


def _put(text: str, fault: RuleError, word: str) -> str:
    glued = 0 < fault.start == fault.end and text[fault.start - 1].isalnum()
    before = text[: fault.start].rstrip() if word.startswith(";") else text[: fault.start]
    return f"{before}{' ' if glued else ''}{word}{text[fault.end :]}"


def _reads(text: str) -> bool:
    from engine.backtest import options, rules
    from engine.runs.states import STATES

    try:
        options.parse(text) if of_options(text) else rules.parse(text, panels=STATES)
    except rules.RuleError:
        return False
    return True

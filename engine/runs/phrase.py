"""Where the rules of a strategy begin in a typed line. Light: the grammar asks for every word."""

from __future__ import annotations

import re

CLAUSES = ("long", "short", "top", "bottom", "exit", "cover", "size", "rebalance")
OPTIONS = ("buy", "sell")
_WORD = r"[A-Za-z0-9_{},./-]+"
_SHORT = re.compile(
    rf"{_WORD}[<>]{_WORD}|[0-9{{][A-Za-z0-9_{{}},/.-]*[A-Za-z}}][.][A-Za-z0-9_{{}},/.-]+"
    r"|[A-Za-z_]+[0-9]+[.][A-Za-z_]+[0-9]+|[A-Za-z_]+[.][0-9]+[A-Za-z]+"
)
# an average or an oscillator with its length, and nothing against it: half a short form
_LONE = re.compile(
    r"[0-9]{1,4}(?:[A-Za-z]{0,5}MA|RSI|ATR|ROC|CCI)|(?:[A-Za-z]{0,5}MA|RSI|ATR|ROC|CCI)[0-9]{1,4}", re.I
)
_CALL = re.compile(r"[a-z_][a-z0-9_]*\(", re.IGNORECASE)


def begins(word: str) -> bool:
    """Whether ``word`` (a quotation counts as one) begins rules: a clause, a leg of options, a short form (clauses
    may follow it after a ;)."""
    text = word.strip()
    first, _, rest = text.partition(" ")
    if "=" in first:
        return False
    if first.lower() in (*CLAUSES, *OPTIONS):
        return True
    if _CALL.match(first):  # a condition whose long when was left out: the rules say so
        return True
    head = first.partition(";")[0]
    if _SHORT.fullmatch(head) is not None:  # what stands behind it without a ; the rules refuse
        return True
    return (not rest or ";" in first) and lone(head)


def lone(text: str) -> bool:
    """Whether ``text`` is half a short form: ``50SMA``."""
    return _LONE.fullmatch(text.strip()) is not None


def of_options(text: str) -> bool:
    """Whether rules are about options: their first word buys or sells. To buy and hold is none of that."""
    if re.match(r"buy\s+(?:and|&)\s", text, re.IGNORECASE):
        return False
    return text.split(maxsplit=1)[:1] != [] and text.split(maxsplit=1)[0].lower() in OPTIONS

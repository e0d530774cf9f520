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


def begins(word: str) -> bool:
    """Whether ``word`` (a quotation counts as one) begins rules: a clause, a leg of options, a short form."""
    text = word.strip()
    first, _, rest = text.partition(" ")
    if "=" in first:
        return False
    if first.lower() in (*CLAUSES, *OPTIONS):
        return True
    return not rest and _SHORT.fullmatch(text) is not None


def of_options(text: str) -> bool:
    """Whether rules are about options: their first word buys or sells."""
    return text.split(maxsplit=1)[:1] != [] and text.split(maxsplit=1)[0].lower() in OPTIONS

"""``NAME=value`` words that a function has no argument for: told from tickers, and told what it has instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from engine.function import Function, Kind

_TOLD = 8


def of_another(text: str, functions: Iterable[Function]) -> bool:
    """Whether NAME= is an argument of any function: no ticker, though tickers may have such a sign."""
    name, equals, _ = text.partition("=")
    return bool(equals) and any(a.name == name.lower() for f in functions for a in f.arguments)


def names_told(function: Function, text: str) -> str:
    """After a NAME= that the function has not: the nearest it has, or the first of them."""
    name, equals, _ = text.partition("=")
    names = [a.name for a in function.arguments if a.kind is not Kind.SECURITY and a.name != "refresh"]
    if not equals or not names:
        return ""
    near = get_close_matches(name.lower(), names, n=3, cutoff=0.75)
    near = near or _of_that_sense(function, name.lower()) or names[:_TOLD]
    more = f" (HELP {function.mnemonic} lists all)" if len(near) < len(names) else ""
    return f"; it takes {', '.join(f'{each.upper()}=' for each in near)}{more}"


def _of_that_sense(function: Function, name: str) -> list[str]:
    """Arguments whose help has the name among its words: COMMISSION= is COST= here."""
    if len(name) < 4:
        return []
    told = [a for a in function.arguments if a.kind is not Kind.SECURITY and a.name != "refresh"]
    words = {a.name: re.findall(r"[a-z]{4,}", a.help.lower()) for a in told}
    meant = get_close_matches(name, [each for one in words.values() for each in one], n=1, cutoff=0.8)
    return [each for each, said in words.items() if meant and meant[0] in said][:_TOLD]

"""What could be typed next: functions, securities, arguments, past lines. Plain Python, one key's time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal

from engine.command import Command, SecurityWord, parses
from engine.function import Argument, Function, Kind, PhraseWords
from engine.page import SecurityRef
from engine.registry import Registry
from engine.securities import Directory
from engine.values import MARKETS, expected, match


@dataclass(frozen=True, slots=True)
class Completion:
    """One offer. ``insert`` is the whole line once it is taken, ``label`` what it adds."""

    insert: str
    label: str
    detail: str
    kind: Literal["security", "function", "argument", "history"]


_LOOKED_AT = 40  # past lines, each parsed once, so that the first key is as quick as the others
# words of a kind that are worth offering although it takes more
_OFFERED = {
    Kind.PERIOD: ("1M", "6M", "YTD", "1Y", "5Y", "10Y", "MAX"),
    Kind.OVERLAY: ("20SMA", "50SMA", "200SMA", "20EMA", "50EMA", "20BB", "14RSI", "14ATR", "MACD"),
    Kind.INSTANT: ("NOW", "YESTERDAY"),
}


def complete(
    line: str,
    cursor: int,
    functions: Registry,
    directory: Directory | None,
    recent: Sequence[SecurityRef] = (),
    history: Sequence[str] = (),
    limit: int = 8,
) -> list[Completion]:
    """Offers for the word that ends at ``cursor``, best first, each insert once.

    ``directory`` is the one of the desk's clock. ``recent`` and ``history`` may be of another: a security is
    offered as this directory calls it, and one that it does not know is not named, nor a line that names it.
    Nothing is offered inside quotes or after a word that is already whole and followed by no space.
    """
    before, after = line[:cursor], line[cursor:]
    if after[:1].strip() or before.count('"') % 2:
        return []
    cut = len(before) - len(before.split(" ")[-1])
    head, prefix = before[:cut], before[cut:].upper()
    typed = before[:cut].upper().split()
    function = _function_in(typed, functions)
    offers: dict[str, Completion] = {}

    def offer(word: str, detail: str, kind: Literal["security", "function", "argument", "history"]) -> None:
        insert = head + word + after
        offers.setdefault(insert, Completion(insert, word, detail, kind))

    if not typed and not prefix:
        for past in islice(_known_lines("", history, functions, directory), limit):
            offers.setdefault(past, Completion(past, past, "typed before", "history"))
        return list(offers.values())
    rules = _rules(function, head)
    if rules is not None:  # within rules no security stands
        inner = re.split(r"[(,]", before[cut:])[-1]
        for word, detail in rules(inner):
            insert = before[: len(before) - len(inner)] + word + after
            offers.setdefault(insert, Completion(insert, word, detail, "argument"))
    securities = rules is None and _securities(function, head, functions)
    arguments = list(_arguments(function, prefix, typed, functions)) if function else []
    first = len(arguments) if prefix or not securities else limit // 2  # room for recent securities too
    for word, detail in arguments[:first]:
        offer(word, detail, "argument")
    if function is None:
        for name, title in _functions(functions, prefix, of_security=bool(typed)):
            offer(name, title, "function")
    elif typed:
        for name, title in _second_words(functions, typed[-1], prefix):
            offer(name, title, "function")
    if securities and directory is not None:
        exact_first = _ranked(prefix, directory, recent, limit)
        served = _served(function)
        fitting = (ref for ref in exact_first if not served or ref.asset_class in served)
        # how each is written takes time; one more than is shown, since one may be the line as it stands
        for ref in islice(fitting, limit + 1):
            offer(_word(ref, directory, function, functions), f"{ref.market} · {ref.name}", "security")
    for word, detail in arguments[first:]:
        offer(word, detail, "argument")
    if not typed:
        for past in islice(_known_lines(prefix, history, functions, directory), limit):
            offers.setdefault(past, Completion(past, past, "typed before", "history"))
    whole = list(offers.values())
    if not typed and prefix:
        whole.sort(key=lambda o: o.label.upper() != prefix)
        whole = _share(whole, limit)
    return [o for o in whole if o.insert.upper() != line.upper()][:limit]


def _known_lines(
    prefix: str, history: Sequence[str], functions: Registry, directory: Directory | None
) -> Iterator[str]:
    """Lines typed before that go on from ``prefix``, newest first, whose securities this clock knows."""
    fitting = (
        past for past in reversed(history) if past.upper().startswith(prefix) and past.upper() != prefix
    )
    for past in islice(fitting, _LOOKED_AT):
        words = _securities_of(past, functions)
        if words is None or (words and directory is None):
            continue
        if directory is None or all(
            directory.knows(word.text, word.market, quoted=word.quoted) for word in words
        ):
            yield past


@lru_cache(maxsize=1024)
def _securities_of(line: str, functions: Registry) -> tuple[SecurityWord, ...] | None:
    """The securities that a line names; None where it does not parse, so that nobody knows what it names."""
    found = parses(line, functions)
    if found is None:
        return None
    return found.securities if isinstance(found, Command) else ()


def _share(offers: list[Completion], limit: int) -> list[Completion]:
    """Functions, securities and past lines each get a place where all have something to say."""
    kinds = ("function", "security", "history")
    groups = {kind: [o for o in offers if o.kind == kind] for kind in kinds}
    quota = {"function": limit // 2, "security": limit // 2, "history": 2}
    taken = [o for kind in kinds for o in groups[kind][: quota[kind]]]
    taken += [o for o in offers if o not in taken]
    exact = [o for o in taken if offers and o is offers[0]]
    return [*exact, *(o for o in taken if o not in exact)]


def offered_words(function: Function) -> tuple[str, ...]:
    """Every word that the function's arguments would be offered."""
    return tuple(
        word
        for argument in function.arguments
        for word in (*(argument.choices or ()), *_OFFERED.get(argument.kind, ()))
    )


def _function_in(typed: Sequence[str], functions: Registry) -> Function | None:
    for at, word in enumerate(typed):
        if at + 1 < len(typed) and typed[at + 1] in MARKETS:
            continue
        pair = functions.get(f"{word} {typed[at + 1]}") if at + 1 < len(typed) else None
        if found := pair or functions.get(word):
            return found
    return None


def _functions(functions: Registry, prefix: str, *, of_security: bool = False) -> Iterator[tuple[str, str]]:
    """Mnemonics, shortest first once a letter is typed, else in HELP's order, which is that of first use.

    ``of_security``: a security stands before them, so that only functions about one have a place.
    """
    fitting = [f for f in functions if f.security != "none" or not of_security]
    named = [(f.mnemonic, f.title) for f in fitting if f.mnemonic.startswith(prefix)]
    yield from sorted(named, key=lambda pair: (len(pair[0]), pair[0]) if prefix else ("", ""))
    for function in fitting:
        for alias in function.aliases:
            if prefix and alias.startswith(prefix) and not function.mnemonic.startswith(prefix):
                yield alias, f"{function.mnemonic}: {function.title}"


def _second_words(functions: Registry, first: str, prefix: str) -> Iterator[tuple[str, str]]:
    """The second words of mnemonics of two: ``DIFF`` after ``ASOF``."""
    for function in functions:
        one, _, two = function.mnemonic.partition(" ")
        if two and one == first and two.startswith(prefix):
            yield two, function.title


def _rules(function: Function | None, head: str) -> PhraseWords | None:
    """The words of a function's language, where a phrase of it has begun before the word that is typed."""
    if function is None or function.phrase is None:
        return None
    begins = function.phrase[1]
    return function.phrase_words if any(map(begins, head.split())) else None


def _securities(function: Function | None, head: str, functions: Registry) -> bool:
    """Whether the line has room for a security at its end."""
    if function is None:
        return not head.strip()
    if any(a.kind is Kind.SECURITY for a in function.arguments):
        return True
    if function.security == "none":
        return False
    parsed = parses(head, functions)
    return not (isinstance(parsed, Command) and parsed.securities)


def _served(function: Function | None) -> frozenset[str]:
    """Asset classes of the securities that a function takes; empty for all."""
    if function is None or any(a.kind is Kind.SECURITY for a in function.arguments):
        return frozenset()
    return function.asset_classes or frozenset()


def _arguments(
    function: Function, prefix: str, typed: Sequence[str], functions: Registry
) -> Iterator[tuple[str, str]]:
    for argument in function.arguments:
        if argument.kind is Kind.SECURITY:
            continue
        if argument.kind is Kind.FUNCTION:
            if len(typed) == 1:  # HELP takes one
                yield from _functions(functions, prefix)
            continue
        words = tuple(argument.choices or ()) or _OFFERED.get(argument.kind, ())
        if not argument.many and any(word in typed for word in words):
            continue
        for word in words:
            if word.startswith(prefix) and word not in typed:
                yield word, _explain(argument, word)
        name = f"{argument.name.upper()}="
        if prefix and name.startswith(prefix) and not words:
            yield name, f"{argument.help}: {expected(argument)}"


def _explain(argument: Argument, word: str) -> str:
    synonyms = (argument.choices or {}).get(word, ())
    return f"{argument.help}" + (f" ({', '.join(synonyms).lower()})" if synonyms else "")


def _ranked(
    prefix: str, directory: Directory, recent: Sequence[SecurityRef], limit: int
) -> list[SecurityRef]:
    """Recent securities first, but an exact ticker before all; all as this directory calls them."""
    known = [security.ref for ref in recent if (security := directory.by_id(ref.security_id)) is not None]
    matching = [r for r in known if r.ticker.startswith(prefix) or r.name.upper().startswith(prefix)]
    found = directory.search(prefix, limit * 8) if prefix else []
    exact = [ref for ref in found if ref.ticker == prefix]
    # what is traded before macro series, whose tickers are long and many
    found.sort(key=lambda ref: (ref.asset_class in ("macro", "factor"), not ref.ticker.startswith(prefix)))
    return list({ref.security_id: ref for ref in (*exact, *matching, *found)}.values())


def _word(ref: SecurityRef, directory: Directory, function: Function | None, functions: Registry) -> str:
    """The ticker, qualified only where it would not be understood alone: several securities have it, or it
    is a mnemonic, or a word of the function's own (W, D)."""
    if directory.unambiguous(ref.ticker):
        if function is None:
            word = parses(ref.ticker, functions)
            if isinstance(word, Command) and word.bare:
                return ref.ticker
        elif not _taken(ref.ticker, function):
            return ref.ticker
    return str(SecurityWord(ref.ticker, ref.market))


def _taken(word: str, function: Function) -> bool:
    """Whether an argument of ``function`` takes ``word`` by its look."""
    if " " in word or word in MARKETS:
        return True
    for argument in function.arguments:
        if argument.kind is Kind.SECURITY or argument.named_only:
            continue
        try:
            if match(argument, word) is not None:
                return True
        except ValueError:
            return True
    return False

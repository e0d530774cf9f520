"""A parsed command made whole: securities looked up at the clock, every default written out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from engine.command import Command, SecurityWord, fitting, parses
from engine.context import Context
from engine.errors import CommandError, DataError, NotKnownThen
from engine.named import names_told
from engine.page import SecurityRef
from engine.registry import Registry, registry
from engine.securities import UnknownSecurity
from engine.values import MARKETS
from engine.words import quote


def settle(command: Command, context: Context, loaded: SecurityRef | None, functions: Registry) -> Command:
    """Look the securities up and write every default out."""
    function = command.function
    words = command.securities
    refs = tuple(_resolve(word, command, context, loaded, functions) for word in words)
    if not refs and function.unnamed is not None:
        known = None if loaded is None else context.directory.by_id(loaded.security_id)
        chosen = function.unnamed(context, None if known is None else known.ref)
        refs = () if chosen is None else (chosen,)
    if not refs and function.security != "none" and loaded is not None:
        known = context.directory.by_id(loaded.security_id)
        if known is not None:
            refs = (known.ref,)
        elif function.security == "required":
            raise DataError(
                f"{loaded.label} is not known as of {context.show(context.asof)}. "
                "Type another security, or ASOF NOW."
            )
    if not refs and function.security == "required":
        line = command.line or function.mnemonic
        raise CommandError(
            f"{function.mnemonic} needs a security, and none is loaded.",
            command.line, len(command.line), len(command.line) + 1,
            fitting(line, _with_a_security(line, context), lambda each: _runs(each, context, loaded, functions), 1),
        )  # fmt: skip
    served = function.asset_classes
    if served is not None and refs and refs[0].asset_class not in served:
        raise DataError(
            f"{function.mnemonic} serves {', '.join(sorted(served))}; {refs[0].label} is of class "
            f"{refs[0].asset_class}."
        )
    args: dict[str, Any] = {}
    for argument in function.arguments:
        value = command.args.get(
            argument.name, _default(context.preferences, argument.preference, argument.default)
        )
        args[argument.name] = value
    context.securities = refs
    securities = tuple(SecurityWord(ref.ticker, ref.market) for ref in refs)
    return replace(command, securities=securities, args=args)


def _default(preferences: Mapping[str, str], preference: str | None, default: Any) -> Any:
    if preference is None:
        return default
    from engine.period import parse_period

    value = preferences[preference]
    return parse_period(value) if preference == "period" else value.upper()


def _with_a_security(line: str, context: Context) -> Iterator[str]:
    """The line with a security before it: the usual example, or whatever the directory knows."""
    yield f"AAPL {line}"
    for security in islice(context.directory, 50):
        yield f"{SecurityWord(security.ref.ticker, security.ref.market)} {line}"


def _resolve(
    word: SecurityWord, command: Command, context: Context, loaded: SecurityRef | None, functions: Registry
) -> SecurityRef:
    try:
        found = context.directory.resolve(word.text, word.market, quoted=word.quoted)
    except UnknownSecurity as fault:
        raise _unknown(word, command, context, loaded, functions, fault) from fault
    if found.note:
        context.note(found.note, passing=True)
    return found.security.ref


def _unknown(
    word: SecurityWord,
    command: Command,
    context: Context,
    loaded: SecurityRef | None,
    functions: Registry,
    fault: UnknownSecurity,
) -> CommandError:
    mnemonic = not (word.quoted or word.market or fault.ties) and functions.get(word.text) is not None
    message = str(fault)
    if mnemonic and not command.bare:
        has = command.function.mnemonic
        message = f"{word.text.upper()} is a function of its own, and this line has {has} already."
    elif not fault.ties:
        if not word.quoted:
            message += names_told(command.function, word.text).replace(
                "it takes", f"{command.function.mnemonic} takes"
            )
        message += "." if context.live else f" known as of {context.show(context.asof)}. ASOF NOW sees all."
        key = word.text.upper()
        if not word.quoted and any(ref.name.upper().startswith(key) for ref in fault.near):
            message += " Names go in quotes."
    line, start, end = command.line, word.start, word.end
    candidates = _mended(word, command, context, functions, fault, mnemonic) if end > start else ()
    suggestions = fitting(line, candidates, lambda each: _runs(each, context, loaded, functions))
    strange = not (mnemonic or fault.ties or word.quoted or word.market)
    named = any(ref.ticker.upper() == word.text.upper() for ref in fault.near)
    if strange and not named and context.live and context.desk.router is not None:
        suggestions = (*suggestions[:3], f"BACKFILL {word.text.upper()}")
    kind = CommandError if context.live or fault.ties or mnemonic else NotKnownThen
    return kind(message, line, start, end, suggestions)


def _mended(
    word: SecurityWord,
    command: Command,
    context: Context,
    functions: Registry,
    fault: UnknownSecurity,
    mnemonic: bool,
) -> Iterator[str]:
    """Lines that may have been meant, best first: not all of them can be run."""
    from difflib import get_close_matches

    from engine.completion import offered_words

    line, start, end = command.line, word.start, word.end
    before, after = line[:start], line[end:]
    key = word.text.upper()
    if mnemonic:
        yield f"{line[start:end]} {before}{after.lstrip()}"  # AAPL W GP: GP AAPL W
        yield line[start:]
        yield before + after.lstrip()
    if not word.quoted and command.securities[0] != word:
        for market in get_close_matches(key, MARKETS, n=1, cutoff=0.75):
            yield f"{before}{market}{after}"
    for ref in fault.ties:
        yield f"{before}{SecurityWord(ref.ticker, ref.market)}{after}"
        yield f"{before}{quote(ref.name, always=True)}{after}"
    for ref in fault.near:
        alone = f"{before}{ref.ticker}{after}"
        plain = not word.market and context.directory.unambiguous(ref.ticker)
        if plain and _stands_alone(alone, ref, start, functions):
            yield alone
        else:
            yield f"{before}{SecurityWord(ref.ticker, ref.market)}{after}"
    if not word.quoted:
        words = [*offered_words(command.function), *(functions.names() if command.bare else ())]
        for near in get_close_matches(key, words, n=3, cutoff=0.6):
            yield f"{before}{near}{after}"


def _stands_alone(line: str, ref: SecurityRef, start: int, functions: Registry) -> bool:
    """Whether the ticker at ``start`` of ``line`` is read as a security."""
    found = parses(line, functions)
    return isinstance(found, Command) and any(
        each.start == start and each.text == ref.ticker for each in found.securities
    )


def _runs(line: str, context: Context, loaded: SecurityRef | None, functions: Registry) -> bool:
    """Whether a line parses, and names securities of this clock that its function serves."""
    command = parses(line, functions)
    if not isinstance(command, Command):
        return False
    function, directory = command.function, context.directory
    if not all(directory.knows(word.text, word.market, quoted=word.quoted) for word in command.securities):
        return False
    if function.security == "none" or not (function.security == "required" or command.securities):
        return True
    first = command.securities[0] if command.securities else None
    if first is not None:
        ref = directory.resolve(first.text, first.market, quoted=first.quoted).security.ref
    else:
        known = directory.by_id(loaded.security_id) if loaded is not None else None
        if known is None:
            return False
        ref = known.ref
    return function.asset_classes is None or ref.asset_class in function.asset_classes


def _without(fault: CommandError, command: Command) -> tuple[str, ...]:
    """The line without the option that the fault is about, where it says that this has no place here."""
    span = command.spans.get(fault.argument)
    if span is None or not re.search(r"\bonly\.$|\bleave\b.*\bout\b", fault.message, re.IGNORECASE):
        return ()
    line = " ".join(f"{command.line[: span[0]]} {command.line[span[1] :]}".split())
    return (line,) if isinstance(parses(line, registry()), Command) else ()


def pointing(fault: CommandError, command: Command) -> CommandError:
    """An error that a function found, pointing at the word it is about (or at the whole line)."""
    functions = registry()
    suggestions = fitting(command.line, fault.suggestions, lambda each: parses(each, functions) is not None)
    if not fault.suggestions:
        suggestions = _without(fault, command) or tuple(line for line, _ in command.function.examples[:2])
    if fault.line or not command.line:
        fault.suggestions = suggestions
        return fault
    start, end = command.spans.get(fault.argument, (0, len(command.line)))
    if fault.end > fault.start:  # a word within the argument's text
        value = str(command.args.get(fault.argument))
        place = command.line.find(value, start)
        if place < 0 and end - start == len(value):  # a phrase with an option in it
            place = start
        if place >= 0:
            start, end = place + fault.start, place + fault.end
    return CommandError(fault.message, command.line, start, end, suggestions, fault.argument)

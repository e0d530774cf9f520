"""A parsed command made whole: securities looked up at the clock, every default written out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.command import Command, SecurityWord
from engine.context import Context
from engine.errors import CommandError, DataError, NotKnownThen
from engine.page import SecurityRef
from engine.registry import Registry
from engine.securities import UnknownSecurity


def settle(command: Command, context: Context, loaded: SecurityRef | None, functions: Registry) -> Command:
    """Look the securities up and write every default out."""
    function = command.function
    words = command.securities
    refs = tuple(_resolve(word, command, context, functions) for word in words)
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
        example = f"AAPL {function.mnemonic}"
        raise CommandError(
            f"{function.mnemonic} needs a security, and none is loaded.",
            command.line, len(command.line), len(command.line) + 1, (example,),
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


def _resolve(word: SecurityWord, command: Command, context: Context, functions: Registry) -> SecurityRef:
    try:
        found = context.directory.resolve(word.text, word.market)
    except UnknownSecurity as fault:
        raise _unknown(word, command, context, functions, fault) from fault
    if found.note:
        context.note(found.note)
    return found.security.ref


def _unknown(
    word: SecurityWord, command: Command, context: Context, functions: Registry, fault: UnknownSecurity
) -> CommandError:
    from difflib import get_close_matches

    from engine.completion import offered_words

    line, start, end = command.line, word.start, word.end
    names = [ref.label for ref in fault.ties] or list(fault.near)
    words = [*offered_words(command.function), *functions.names()]
    names += get_close_matches(word.text.upper(), words, n=2, cutoff=0.5)
    suggestions = tuple((line[:start] + name + line[end:]).strip() for name in names[:4])
    message = str(fault)
    if not fault.ties:
        message += "." if context.live else f" known as of {context.show(context.asof)}. ASOF NOW sees all."
    fits = context.live or fault.ties
    return (CommandError if fits else NotKnownThen)(message, line, start, end, suggestions)


def pointing(fault: CommandError, command: Command) -> CommandError:
    """An error that a function found, pointing at the word it is about (or at the whole line)."""
    if fault.line or not command.line:
        return fault
    start, end = command.spans.get(fault.argument, (0, len(command.line)))
    return CommandError(fault.message, command.line, start, end, fault.suggestions, fault.argument)

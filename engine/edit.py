"""One argument of a page's command changed: what editing a field on the screen comes to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from engine.command import Choice, Command, parse
from engine.errors import CommandError
from engine.function import Argument, Kind
from engine.registry import Registry
from engine.words import quote, split_words

__all__ = ["with_argument"]


def with_argument(line: str, name: str, text: str, functions: Registry) -> str:
    """The canonical line of the command ``line`` with argument ``name`` as ``text`` says.

    ``text`` is data: it may hold quotes, blanks and ``=``. Of a number it may end in ``%`` (8.5% is 0.085)
    and hold commas; of an argument that takes many words, each is one. Nothing typed takes the argument out
    of the line, so that its default holds.

    Raises
    ------
    CommandError
        The line is no command, has no such argument, or the argument does not take ``text``.
    """
    command = parse(line, functions)
    if isinstance(command, Choice):
        raise CommandError("A number typed alone has no arguments.", line)
    argument = next((a for a in command.function.arguments if a.name == name.lower()), None)
    if argument is None:
        raise CommandError(f"{command.function.mnemonic} has no argument {name!r}.", line)
    if not text.strip():
        return _parsed(_without(command, argument), functions)
    words = [word.text for word in split_words(text)] if argument.many else [_as_typed(argument, text)]
    if argument.kind is Kind.SECURITY:
        raise CommandError(f"{argument.name} takes securities, which stand in the line without a name.", line)
    given = " ".join(f"{argument.name.upper()}={quote(word)}" for word in words)
    return _parsed(f"{_without(command, argument)} {given}", functions)


def _without(command: Command, argument: Argument) -> str:
    """The command's canonical line without ``argument``."""
    args: Mapping[str, object] = {
        name: value for name, value in command.args.items() if name != argument.name
    }
    return replace(command, args=args).canonical()


def _parsed(line: str, functions: Registry) -> str:
    """The canonical line of ``line``; raises what parsing it does."""
    command = parse(line, functions)
    assert isinstance(command, Command)  # noqa: S101 - a line that names a function is no number
    return command.canonical()


def _as_typed(argument: Argument, text: str) -> str:
    """``text`` as the grammar takes it: a percentage as a fraction, unless the argument counts in per cent;
    without commas between thousands."""
    if argument.kind not in (Kind.NUMBER, Kind.INTEGER):
        return text if argument.kind in (Kind.TEXT, Kind.WORD) else text.strip()
    bare = text.strip().replace(",", "")
    if not bare.endswith("%") or argument.percent:
        return bare.removesuffix("%").rstrip()
    try:
        return str(Decimal(bare[:-1].strip()) / 100)
    except InvalidOperation:
        return text.strip()

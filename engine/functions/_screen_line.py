"""What a SCREEN line says: its expression, options typed behind it, and where an error points."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from engine.errors import CommandError
from engine.function import Args, Argument, Kind
from engine.values import expected, match
from engine.words import quote, split_words

if TYPE_CHECKING:
    from engine.quant.screener import Node, ScreenError

MOST_ROWS, MOST_COLUMNS = 2_000, 24
OPTIONS: tuple[Argument, ...] = (
    Argument("universe", Kind.TEXT, "SP500, another index, a watchlist, a file (./mine.txt), AAPL,MSFT,IBM, or ALL; "
             "members of the S&P 500 where they are known, else ALL", None, named_only=True),
    Argument("columns", Kind.TEXT, "fields to show, parted by commas: pe,roe", None, named_only=True),
    Argument("sort", Kind.TEXT, "lowest first by a field or an expression; -mktcap is highest first", None,
             named_only=True),
    Argument("score", Kind.TEXT, "a number to rank by, highest first: 0.5*z(mom_12_1) - 0.5*z(pe)", None,
             named_only=True),
    Argument("limit", Kind.INTEGER, "rows to show", 50, minimum=1, maximum=MOST_ROWS, named_only=True),
    Argument("xy", Kind.TEXT, "the two fields or expressions of the scatter: pe,roe", None, named_only=True),
    Argument("save", Kind.TEXT, "keep the screen under this name", None, named_only=True),
)  # fmt: skip
_NAMES = {each.name: each for each in OPTIONS}
_OPTION = re.compile(r"(?<!\S)(" + "|".join(_NAMES) + r")=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """``args`` with the options that stood behind the expression; ``places``: where these begin in what was typed."""

    args: Mapping[str, Any]
    places: Mapping[str, int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return str(self.args["expression"] or "")

    def fault(self, fault: ScreenError, argument: str, text: str) -> CommandError:
        """The error as one of the line, with lines that put the nearest words in."""
        fixed = tuple(text[: fault.start] + near + text[fault.end :] for near in fault.nearest)
        lines = tuple(_written({**self.args, argument: each, "save": None}) for each in fixed)
        start, end = fault.start, max(fault.end, fault.start + 1)
        if argument in self.places:
            start, end, argument = start + self.places[argument], end + self.places[argument], "expression"
        return CommandError(fault.message, "", start, end, lines, argument)

    def parsed(self, argument: str, want: Literal["condition", "number"]) -> Node:
        """The tree of an argument's text."""
        return self.read(argument, str(self.args[argument]), want)

    def read(self, argument: str, text: str, want: Literal["condition", "number"], at: int = 0) -> Node:
        """The tree of ``text``, which stands at ``at`` of an argument's."""
        from engine.quant.screener import ALIASES, KINDS, ScreenError, parse

        whole = str(self.args[argument])
        try:
            return parse(text, KINDS, want=want, aliases=ALIASES)
        except ScreenError as fault:
            moved = ScreenError(fault.message, fault.start + at, fault.end + at, fault.nearest)
            raise self.fault(moved, argument, whole) from fault


def _written(args: Mapping[str, Any]) -> str:
    words = ["SCREEN", quote(str(args["expression"]), always=True)]
    words += [
        f"{name.upper()}={quote(str(args[name]))}" for name in _NAMES if args.get(name) not in (None, 50)
    ]
    return " ".join(words)


def split(args: Args) -> Line:
    """The line's arguments, those behind an unquoted expression among them.

    Raises
    ------
    CommandError
        What stands there is no option, or is given twice.
    """
    text = str(args["expression"] or "")
    at = _options_at(text)
    if at < 0:
        return Line(args)
    found: dict[str, Any] = {"expression": text[:at].rstrip()}
    places: dict[str, int] = {}
    for word in split_words(text[at:]):
        name, equals, value = word.text.partition("=")
        option = _NAMES.get(name.lower())
        start, end = at + word.start, at + word.end
        if option is None or not equals or word.quoted:
            raise CommandError(
                f"After the expression come options, {', '.join(each.upper() + '=' for each in _NAMES)}: "
                f"{word.text} is none.", "", start, end, argument="expression",
            )  # fmt: skip
        if option.name in found or args[option.name] != option.default:
            raise CommandError(f"{option.name} is given twice.", "", start, end, argument="expression")
        try:
            found[option.name] = match(option, value, named=True)
        except ValueError as fault:
            raise CommandError(f"{fault}.", "", start, end, argument="expression") from fault
        if found[option.name] is None:
            raise CommandError(
                f"{option.name.upper()}= takes {expected(option)}.", "", start, end, argument="expression"
            )
        typed = text[start:end].find(value)
        places[option.name] = start + max(typed, 0)
    return Line({**args, **found}, places)


def _options_at(text: str) -> int:
    """Where the first option stands outside quotes; -1 where none does."""
    quoted = [(m.start(), m.end()) for m in re.finditer(r'"[^"]*"|\'[^\']*\'', text)]
    for option in _OPTION.finditer(text):
        if not any(start <= option.start() < end for start, end in quoted):
            return option.start()
    return -1


def parts(text: str) -> list[tuple[str, int]]:
    """The parts of ``text`` between commas outside parentheses and quotes, with where each begins."""
    found, depth, start, mark = [], 0, 0, ""
    for at, letter in enumerate(text):
        if mark or letter in "\"'":
            mark = "" if letter == mark else mark or letter
        elif letter == "," and depth == 0:
            found.append((text[start:at], start))
            start = at + 1
        else:
            depth += (letter == "(") - (letter == ")")
    found.append((text[start:], start))
    return [(each.strip(), at + len(each) - len(each.lstrip())) for each, at in found if each.strip()]

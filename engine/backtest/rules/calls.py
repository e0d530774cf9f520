"""Calls in rules: an indicator's inputs and settings, told apart and checked by the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from engine.backtest.rules.errors import RuleError
from engine.backtest.rules.tree import Line, Name, Negative, Node, Number, Place, Setting
from engine.backtest.rules.vocabulary import FIELDS
from engine.quant.expressions import Token
from engine.quant.indicators import Indicator, Parameter


@dataclass(frozen=True, slots=True)
class Word:
    """An argument that is a word: a kind of average (ema), or a date in quotes."""

    text: str
    at: Place


def line_of(
    entry: Indicator, name: Token, args: Sequence[Node | Word], line: Token | None, panels: Collection[str]
) -> Line:
    """The line that a call means: inputs first (all or none), then settings by place.

    Raises
    ------
    RuleError
        Too many or too few inputs, a setting out of bounds, a line that the indicator has not.
    """
    lead = next((i for i, each in enumerate(args) if _constant(each) is not None), len(args))
    inputs, rest = args[:lead], args[lead:]
    if lead not in (0, len(entry.inputs)):
        need = ", ".join(entry.inputs)
        raise RuleError(
            f"{name.text} takes {len(entry.inputs)} inputs ({need}) or none, then its settings, not {lead}.",
            *_spread(inputs),
        )
    nodes = tuple(each for each in inputs if not isinstance(each, Word)) or _defaults(entry, name, panels)
    if len(rest) > len(entry.parameters):
        told = ", ".join(f"{each.name}={each.default}" for each in entry.parameters) or "none"
        raise RuleError(f"{name.text} has fewer settings: {told}.", *_spread(rest[len(entry.parameters) :]))
    given = [_setting(entry, *each) for each in zip(entry.parameters, rest, strict=False)]
    settings = (*given, *(_said(each, each.default) for each in entry.parameters[len(given) :]))
    return Line(entry.name, nodes, settings, _line(entry, name, line), (name.start, name.end))


def _constant(arg: Node | Word) -> Setting | None:
    match arg:
        case Word(text):
            return text
        case Number(value):
            return value
        case Negative(Number(value)):
            return -value
        case _:
            return None


def _setting(entry: Indicator, parameter: Parameter, arg: Node | Word) -> Setting:
    value = _constant(arg)
    if value is None:
        raise RuleError(
            f"{entry.name} takes {parameter.name} as {parameter.takes}; inputs stand before settings.",
            *arg.at,
        )
    if isinstance(value, str) and parameter.kind not in ("average", "date"):
        raise RuleError(f"{entry.name} takes {parameter.name} as {parameter.takes}.", *arg.at)
    if not isinstance(value, str) and parameter.kind in ("average", "date"):
        raise RuleError(f"{entry.name} takes {parameter.name} as {parameter.takes}.", *arg.at)
    try:
        if parameter.kind == "date" and value:
            date.fromisoformat(str(value))
        checked = parameter.check(value, entry.name)
    except ValueError as fault:
        if parameter.kind == "date":
            told = f'{entry.name} takes {parameter.name} as a date in quotes: "2020-01-31".'
            raise RuleError(told, *arg.at) from None
        raise RuleError(str(fault), *arg.at) from None
    return _said(parameter, checked)


def _said(parameter: Parameter, value: Setting) -> Setting:
    """A setting as rules say it: averages in lower case."""
    return value.lower() if isinstance(value, str) and parameter.kind == "average" else value


def _defaults(entry: Indicator, name: Token, panels: Collection[str]) -> tuple[Node, ...]:
    missing = [each for each in entry.inputs if each not in FIELDS and each not in panels]
    if missing:
        raise RuleError(
            f"{name.text} needs its inputs first ({', '.join(entry.inputs)}): bars have no {missing[0]}.",
            name.start, name.end,
        )  # fmt: skip
    return tuple(Name(each) for each in entry.inputs)


def _line(entry: Indicator, name: Token, line: Token | None) -> str:
    lines = tuple(each.name for each in entry.outputs)
    if line is not None:
        if line.text in lines:
            return line.text
        raise RuleError(
            f"{name.text} has no line {line.text}: it has {', '.join(lines)}.", line.start, line.end, lines
        )
    if len(lines) == 1 or entry.name.lower() in lines:
        return lines[0] if len(lines) == 1 else entry.name.lower()
    raise RuleError(
        f"{name.text} has several lines: add .{lines[0]}, or another of {', '.join(lines)}.",
        name.start, name.end, tuple(f".{each}" for each in lines),
    )  # fmt: skip


def _spread(args: Sequence[Node | Word]) -> Place:
    return args[0].at[0], args[-1].at[1]

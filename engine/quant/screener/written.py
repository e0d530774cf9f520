"""A tree as text that reads back as the same tree."""

from __future__ import annotations

from engine.quant.screener.tree import (
    And,
    Arithmetic,
    Between,
    Call,
    Comparison,
    Extreme,
    In,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Or,
    Text,
)  # fmt: skip

_POWERS: dict[type, int] = {Or: 1, And: 2, Not: 3, Comparison: 4, Between: 4, In: 4, Extreme: 4, Negative: 7}


def write(node: Node) -> str:
    """The expression in words: spaces and parentheses only where they are needed."""
    match node:
        case Number(value, written):
            return written or repr(value)
        case Text(value):
            return '"' + value.replace('"', '""') + '"'
        case Name(name):
            return name
        case Negative(of):
            return f"-{_in(of, 8)}"
        case Arithmetic(left, sign, right):
            power = _power(node)
            return f"{_in(left, power)} {sign} {_in(right, power + 1)}"
        case Call(name, args, within):
            return f"{name}({', '.join(_in(each, 1) for each in args)}){_within(within)}"
        case _:
            return _condition(node)


def _condition(node: Node) -> str:
    match node:
        case Comparison(left, sign, right):
            return f"{_in(left, 5)} {sign} {_in(right, 5)}"
        case Between(of, low, high):
            return f"{_in(of, 5)} between {_in(low, 5)} and {_in(high, 5)}"
        case In(of, items):
            return f"{_in(of, 5)} in ({', '.join(_in(each, 5) for each in items)})"
        case Extreme(of, side, count, percent, within):
            return f"{_in(of, 5)} {side} {_count(count)}{'%' * percent}{_within(within)}"
        case Not(of):
            return f"not {_in(of, 3)}"
        case And(parts):
            return " and ".join(_in(each, 3) for each in parts)
        case Or(parts):
            return " or ".join(_in(each, 2) for each in parts)
        case _:
            raise TypeError(f"{type(node).__name__} is no condition")


def _in(node: Node, least: int) -> str:
    text = write(node)
    return f"({text})" if _power(node) < least else text


def _power(node: Node) -> int:
    if isinstance(node, Arithmetic):
        return 5 if node.sign in "+-" else 6
    return _POWERS.get(type(node), 9)


def _within(name: str) -> str:
    return f" within {name}" if name else ""


def _count(count: float) -> str:
    return str(int(count)) if count == int(count) else repr(count)

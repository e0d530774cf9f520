"""The expression tree: frozen nodes that remember where they stood. Equality is of meaning, not of place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Place: TypeAlias = tuple[int, int]  # offsets in the text


@dataclass(frozen=True, slots=True)
class Number:
    """A constant; ``written`` is how it was typed (10B)."""

    value: float
    written: str = field(default="", compare=False)
    at: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    value: str
    at: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A field."""

    name: str
    at: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    of: Node
    at: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    left: Node
    sign: Literal["+", "-", "*", "/"]
    right: Node
    at: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of ``FUNCTIONS``; ``within`` names the text field whose groups it compares in."""

    name: str
    args: tuple[Node, ...]
    within: str = ""
    at: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    left: Node
    sign: Literal["<", "<=", ">", ">=", "=", "!="]
    right: Node
    at: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Between:
    """Both ends included."""

    of: Node
    low: Node
    high: Node
    at: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class In:
    of: Node
    items: tuple[Node, ...]
    at: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Extreme:
    """Whether a value is among the ``count`` highest or lowest (of 100 where ``percent``) of the day's universe."""

    of: Node
    side: Literal["top", "bottom"]
    count: float
    percent: bool = False
    within: str = ""
    at: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    of: Node
    at: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]
    at: Place = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]
    at: Place = field(default=(0, 0), compare=False)


Node: TypeAlias = (
    Number | Text | Name | Negative | Arithmetic | Call | Comparison | Between | In | Extreme | Not | And | Or
)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below."""
    match node:
        case Negative(of) | Not(of) | Extreme(of):
            return (of,)
        case Arithmetic(left, _, right) | Comparison(left, _, right):
            return (left, right)
        case Between(of, low, high):
            return (of, low, high)
        case In(of, items):
            return (of, *items)
        case Call(_, args):
            return args
        case And(parts) | Or(parts):
            return parts
        case _:
            return ()


def field_names(node: Node) -> tuple[str, ...]:
    """The fields that an expression reads, in the order of the text, each once."""
    found: dict[str, None] = {}
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Name):
            found[one.name] = None
        waiting += reversed(children(one))
        if isinstance(one, Call | Extreme) and one.within:
            found.setdefault(one.within, None)
    return tuple(found)


def conjuncts(node: Node) -> tuple[Node, ...]:
    """The conditions that are joined by ``and`` at the top, those in parentheses too."""
    if not isinstance(node, And):
        return (node,)
    return tuple(each for part in node.parts for each in conjuncts(part))

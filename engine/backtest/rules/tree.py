"""Rules as a tree: frozen nodes that remember where they stood. Equality is of meaning, not of place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Place: TypeAlias = tuple[int, int]  # offsets in the text
Setting: TypeAlias = int | float | str
_NOWHERE: Place = (0, 0)


@dataclass(frozen=True, slots=True)
class Number:
    """A constant; ``written`` is how it was typed (5%)."""

    value: float
    written: str = field(default="", compare=False)
    at: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A field of the bars, a characteristic, or a panel of the caller's."""

    name: str
    at: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Negative:
    of: Node
    at: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    left: Node
    sign: Literal["+", "-", "*", "/"]
    right: Node
    at: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Function:
    """abs, larger, smaller: of the values of one bar."""

    name: str
    args: tuple[Node, ...]
    at: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an indicator of the catalogue: its inputs and all its settings, in the catalogue's order."""

    indicator: str
    inputs: tuple[Node, ...]
    settings: tuple[Setting, ...]
    line: str
    at: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Previous:
    """The value ``bars`` of the symbol's own bars ago."""

    of: Node
    bars: int
    at: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    left: Node
    sign: Literal["<", "<=", ">", ">=", "=", "!="]
    right: Node
    at: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Cross:
    """True on the bar on which ``left`` is first on that side of ``right``, and was not on the bar before."""

    left: Node
    side: Literal["above", "below"]
    right: Node
    at: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Between:
    """Both ends included."""

    of: Node
    low: Node
    high: Node
    at: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Known:
    of: Node
    at: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    of: Node
    at: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]
    at: Place = field(default=_NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]
    at: Place = field(default=_NOWHERE, compare=False)


Node: TypeAlias = (
    Number | Name | Negative | Arithmetic | Function | Line | Previous
    | Comparison | Cross | Between | Known | Not | And | Or
)  # fmt: skip
CONDITIONS = (Comparison, Cross, Between, Known, Not, And, Or)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below."""
    match node:
        case Negative(of) | Not(of) | Known(of) | Previous(of):
            return (of,)
        case Arithmetic(left, _, right) | Comparison(left, _, right) | Cross(left, _, right):
            return (left, right)
        case Between(of, low, high):
            return (of, low, high)
        case Function(_, parts) | Line(_, parts) | And(parts) | Or(parts):
            return parts
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order of the text."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += reversed(children(one))


def height(node: Node) -> int:
    """Levels of the tree, counted without Python's stack."""
    level, found = [node], 0
    while level:
        found += 1
        level = [below for one in level for below in children(one)]
    return found

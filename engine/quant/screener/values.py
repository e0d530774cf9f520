"""What an expression says of each security of a day, over arrays.

Three-valued logic (Kleene 1938, "On notation for ordinal numbers", the strong tables; SQL's): a comparison with an
unknown value is unknown; false and anything is false, true or anything is true; what else has an unknown part is
unknown, and an unknown condition is not passed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from engine.quant.factors import ranks, winsorize, zscores
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

Floats: TypeAlias = NDArray[np.float64]
Words: TypeAlias = NDArray[np.object_]  # str; "" is unknown
Truth: TypeAlias = NDArray[np.int8]
Columns: TypeAlias = Mapping[str, NDArray[Any]]

FALSE: Final = np.int8(-1)
UNKNOWN: Final = np.int8(0)
TRUE: Final = np.int8(1)


def numbers(node: Node, columns: Columns) -> Floats:
    """A checked number of each security, float64 (n,); NaN is unknown, and so is what is not finite (a division by
    zero, the logarithm of a negative number)."""
    with np.errstate(all="ignore"):
        found = _numbers(node, columns)
    return np.where(np.isfinite(found), found, np.nan)


def truth(node: Node, columns: Columns) -> Truth:
    """A checked condition of each security, int8 (n,): 1 true, -1 false, 0 unknown."""
    match node:
        case Not(of):
            return -truth(of, columns)
        case And(parts):
            return cast(Truth, np.minimum.reduce([truth(each, columns) for each in parts]))
        case Or(parts):
            return cast(Truth, np.maximum.reduce([truth(each, columns) for each in parts]))
        case Comparison(left, sign, right):
            return _compared(left, sign, right, columns)
        case Between(of, low, high):
            return np.minimum(_compared(of, ">=", low, columns), _compared(of, "<=", high, columns))
        case In(of, items):
            return cast(Truth, np.maximum.reduce([_compared(of, "=", each, columns) for each in items]))
        case Extreme():
            return _extreme(node, columns)
        case Call("known", (of,)):
            known = _words(of, columns) != "" if _is_text(of, columns) else np.isfinite(numbers(of, columns))
            return _told(known, np.ones(len(known), dtype=bool))
        case _:
            raise TypeError(f"{type(node).__name__} is no condition")


def size(columns: Columns) -> int:
    """How many securities the columns hold."""
    return len(next(iter(columns.values()))) if columns else 0


def _numbers(node: Node, columns: Columns) -> Floats:
    match node:
        case Number(value):
            return np.full(size(columns), value)
        case Name(name):
            return np.asarray(columns[name], dtype=np.float64)
        case Negative(of):
            return -numbers(of, columns)
        case Arithmetic(left, sign, right):
            one, other = numbers(left, columns), numbers(right, columns)
            if sign == "+":
                return one + other
            if sign == "-":
                return one - other
            return one * other if sign == "*" else one / other
        case Call():
            return _called(node, columns)
        case _:
            raise TypeError(f"{type(node).__name__} is no number")


def _called(node: Call, columns: Columns) -> Floats:
    args = [numbers(each, columns) for each in node.args]
    one = args[0]
    match node.name:
        case "abs":
            return np.abs(one)
        case "log":
            return np.log(one)
        case "sqrt":
            return np.sqrt(one)
        case "min":
            return cast(Floats, np.minimum.reduce(args))
        case "max":
            return cast(Floats, np.maximum.reduce(args))
    groups = _groups(node.within, columns)
    if node.name == "zscore" and len(one):
        sectors = None if groups is None else groups[None, :]
        scored: Floats = zscores(one[None, :], tail=_constant(node, 0.01), sectors=sectors)[0]
        return scored
    found = np.full(len(one), np.nan)
    for member in _members(one, groups):
        found[member] = _across(node.name, one[member], _constant(node, 0.01))
    return found


def _across(name: str, values: Floats, tail: float) -> Floats:
    """``values`` are known and finite."""
    if name == "winsorize":
        drawn: Floats = winsorize(values[None, :], tail)[0]
        return drawn
    ranked: Floats = ranks(values[None, :])[0]
    return ranked if name == "rank" else (ranked - 0.5) / len(values)


def _constant(node: Call, otherwise: float) -> float:
    second = node.args[1] if len(node.args) > 1 else None
    return second.value if isinstance(second, Number) else otherwise


def _groups(name: str, columns: Columns) -> Words | None:
    return np.asarray(columns[name], dtype=object) if name else None


def _members(values: Floats, groups: Words | None) -> list[NDArray[np.intp]]:
    """Places of the known values, by group; those of an unknown group are in none."""
    known = np.isfinite(values)
    if groups is None:
        return [np.flatnonzero(known)] if known.any() else []
    labels = sorted({label for label in groups[known] if label})
    return [np.flatnonzero(known & (groups == label)) for label in labels]


def _extreme(node: Extreme, columns: Columns) -> Truth:
    """Among the highest or lowest: at least as far out as the last that the count lets in, ties included."""
    values = numbers(node.of, columns)
    if node.side == "bottom":
        values = -values
    groups = _groups(node.within, columns)
    found = np.zeros(len(values), dtype=np.int8)
    for member in _members(values, groups):
        inside = values[member]
        share = node.count / 100.0 * len(inside)
        count = int(np.ceil(share - 1e-9)) if node.percent else int(min(node.count, len(inside)))
        last = np.partition(inside, len(inside) - count)[len(inside) - count] if count else np.inf
        found[member] = np.where(inside >= last, TRUE, FALSE)
    return found


def _compared(left: Node, sign: str, right: Node, columns: Columns) -> Truth:
    if _is_text(left, columns):
        one, other = _words(left, columns), _words(right, columns)
        known = (one != "") & (other != "")
        return _told((one == other) == (sign == "="), known)
    x, y = numbers(left, columns), numbers(right, columns)
    known = np.isfinite(x) & np.isfinite(y)
    held = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
            "=": np.equal, "!=": np.not_equal}[sign](x, y)  # fmt: skip
    return _told(held, known)


def _told(held: NDArray[np.bool_], known: NDArray[np.bool_]) -> Truth:
    return np.where(known, np.where(held, TRUE, FALSE), UNKNOWN).astype(np.int8)


def _is_text(node: Node, columns: Columns) -> bool:
    if isinstance(node, Text):
        return True
    return isinstance(node, Name) and np.asarray(columns[node.name]).dtype.kind in "OUT"


def _words(node: Node, columns: Columns) -> Words:
    """Texts, in one case: "energy" is "Energy"."""
    if isinstance(node, Text):
        return np.full(size(columns), " ".join(node.value.split()).casefold(), dtype=object)
    if not isinstance(node, Name):
        raise TypeError(f"{type(node).__name__} is no text")
    texts = ["" if each is None else " ".join(str(each).split()).casefold() for each in columns[node.name]]
    return np.array(texts, dtype=object)

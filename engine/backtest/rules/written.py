"""Rules as text that reads back as the same rules, with nothing left unsaid."""

from __future__ import annotations

from decimal import Decimal

from engine.backtest.rules.book import Distance, Ranking, Rules, Size
from engine.backtest.rules.tree import (
    And,
    Arithmetic,
    Between,
    Comparison,
    Cross,
    Function,
    Known,
    Line,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Or,
    Previous,
    Setting,
)  # fmt: skip
from engine.quant.indicators import indicator

_POWERS: dict[type, int] = {
    Or: 1,
    And: 2,
    Not: 3,
    Comparison: 4,
    Between: 4,
    Cross: 4,
    Negative: 7,
    Previous: 8,
}


def write(rules: Rules) -> str:
    """The rules on one line; every default stands there as if it had been typed."""
    clauses = [
        f"{name} when {expression(node)}"
        for name, node in (
            ("long", rules.long),
            ("exit", rules.exit),
            ("short", rules.short),
            ("cover", rules.cover),
        )
        if node is not None
    ]
    clauses += [
        f"{leg} {ranked(each)}" for leg, each in (("long", rules.longs), ("short", rules.shorts)) if each
    ]
    clauses.append(f"size {_size(rules.size)}")
    clauses += [
        f"{name} {distance(each)}"
        for name, each in (("stop", rules.stop), ("trail", rules.trail), ("take", rules.take))
        if each is not None
    ]
    for name, value in (("hold", rules.hold), ("rebalance", rules.rebalance), ("delay", rules.delay)):
        clauses += [f"{name} {value}"] if value is not None else []
    return "; ".join(clauses)


def expression(node: Node) -> str:
    """One expression: spaces and parentheses only where they are needed."""
    match node:
        case Number(value, written):
            return written or repr(value)
        case Name(name):
            return name
        case Negative(of):
            return f"-{_in(of, 8)}"
        case Arithmetic(left, sign, right):
            power = _power(node)
            return f"{_in(left, power)} {sign} {_in(right, power + 1)}"
        case Function(name, args):
            return f"{name}({', '.join(_in(each, 1) for each in args)})"
        case Known(of):
            return f"known({expression(of)})"
        case Line():
            return _line(node)
        case Previous(of, bars):
            inside = f"({expression(of)})" if isinstance(of, Number) else _in(of, 8)
            return f"{inside}[{bars}]"
        case _:
            return _condition(node)


def _condition(node: Node) -> str:
    match node:
        case Comparison(left, sign, right):
            return f"{_in(left, 5)} {sign} {_in(right, 5)}"
        case Cross(left, side, right):
            return f"{_in(left, 5)} crosses {side} {_in(right, 5)}"
        case Between(of, low, high):
            return f"{_in(of, 5)} between {_in(low, 5)} and {_in(high, 5)}"
        case Not(of):
            return f"not {_in(of, 3)}"
        case And(parts):
            return " and ".join(_in(each, 3) for each in parts)
        case Or(parts):
            return " or ".join(_in(each, 2) for each in parts)
        case _:
            raise TypeError(f"{type(node).__name__} is no condition")


def _in(node: Node, least: int) -> str:
    text = expression(node)
    return f"({text})" if _power(node) < least else text


def _power(node: Node) -> int:
    if isinstance(node, Arithmetic):
        return 5 if node.sign in "+-" else 6
    return _POWERS.get(type(node), 9)


def _line(node: Line) -> str:
    """The call; several inputs go without saying where they are the indicator's own."""
    entry = indicator(node.indicator)
    own = node.inputs == tuple(Name(each) for each in entry.inputs) and "periods" not in entry.inputs
    inputs = [] if own and len(node.inputs) > 1 else [expression(each) for each in node.inputs]
    kinds = [each.kind for each in entry.parameters]
    settings = [_setting(value, kind) for value, kind in zip(node.settings, kinds, strict=True)]
    line = f".{node.line}" if len(entry.outputs) > 1 else ""
    return f"{entry.name.lower()}({', '.join(inputs + settings)}){line}"


def _setting(value: Setting, kind: str) -> str:
    if kind == "date":
        return '"' + str(value).replace('"', '""') + '"'
    return value.lower() if isinstance(value, str) else repr(value).removesuffix(".0")


def ranked(ranking: Ranking) -> str:
    """A ranking in words: top 20 by mom_12_1 in sp500."""
    count = repr(ranking.count).removesuffix(".0") + "%" * ranking.percent
    within = f" in {ranking.universe}" if ranking.universe else ""
    return f"{ranking.side} {count} by {_in(ranking.of, 5)}{within}"


def _size(size: Size) -> str:
    if not size.values:
        return size.kind
    return f"{size.kind}({', '.join(repr(each).removesuffix('.0') for each in size.values)})"


def distance(given: Distance) -> str:
    """A distance as it is typed: 5%, 3 * atr(20)."""
    of = given.of
    if not given.fraction or not isinstance(of, Number) or of.written:
        return expression(of)
    return f"{Decimal(repr(of.value)).scaleb(2):f}%"

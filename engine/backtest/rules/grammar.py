"""From words to expressions: a Pratt parser (Pratt 1973, "Top down operator precedence").

    or < and < not < comparisons, between, crosses < + - < * / < - of one < [bars ago] < calls, names, parentheses

Names and kinds are checked as they are read: every node that leaves here can be answered.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Literal, cast

from engine.backtest.rules.calls import Word, line_of
from engine.backtest.rules.errors import RuleError
from engine.backtest.rules.tree import (
    CONDITIONS,
    And,
    Arithmetic,
    Between,
    Comparison,
    Cross,
    Function,
    Known,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Or,
    Previous,
    height,
)  # fmt: skip
from engine.backtest.rules.vocabulary import FUNCTIONS, found_indicator, no_function, value_name
from engine.quant.expressions import Cursor, Token
from engine.quant.expressions.cursor import told
from engine.quant.indicators import AVERAGES

TALLEST, FURTHEST = 80, 10_000
_OR, _AND, _NOT, _RELATION, _SUM, _PRODUCT, _UNARY = range(1, 8)
_POWERS = {
    "or": _OR, "and": _AND, "not": _RELATION, "between": _RELATION, "cross": _RELATION, "crosses": _RELATION,
    "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT,
    **dict.fromkeys(("<", "<=", ">", ">=", "=", "!="), _RELATION),
}  # fmt: skip


class ExpressionReader(Cursor):
    """Reads expressions from where it stands; ``panels`` are names that the caller has values for."""

    error = RuleError

    def __init__(self, words: tuple[Token, ...], panels: Collection[str] = ()) -> None:
        super().__init__(words)
        self.panels = panels

    def condition(self) -> Node:
        node = self.low(self.expression(_OR))
        return self.checked(node, condition=True)

    def number(self) -> Node:
        node = self.low(self.expression(_SUM))
        return self.checked(node, condition=False)

    def low(self, node: Node) -> Node:
        """The node, if it is no taller than what walks it can go."""
        if height(node) > TALLEST:
            raise RuleError(f"The expression has more than {TALLEST} levels: take it apart.", *node.at)
        return node

    def checked(self, node: Node, *, condition: bool) -> Node:
        if isinstance(node, CONDITIONS) == condition:
            return node
        if condition:
            raise RuleError("This is a number, and a condition is needed: rsi(14) < 30.", *node.at)
        raise RuleError("This is a condition, and a number is needed.", *node.at)

    def operand(self, power: int) -> Node:
        return self.checked(self.expression(power), condition=False)

    def expression(self, least: int) -> Node:
        with self.deeper():
            left = self.prefix()
            while (power := self.power()) >= least:
                left = self.infix(left, power)
                if power == _RELATION and self.power() == _RELATION:
                    raise self.fault(
                        self.next,
                        "Comparisons do not chain: say rsi(14) between 30 and 70, or join two with and.",
                    )
        return left

    def power(self) -> int:
        return _POWERS.get(self.next.text, 0) if self.next.kind in ("mark", "keyword") else 0

    # what an expression begins with -------------------------------------------------------------------------

    def prefix(self) -> Node:
        token = self.take()
        place = (token.start, token.end)
        if token.kind == "number":
            return Number(token.value, token.text, place)
        if token.kind == "name":
            found = self.call(token) if self.takes("(") else Name(value_name(token, self.panels), place)
            return self.ago(found)
        if token.kind == "mark" and token.text == "(":
            inside = self.expression(_OR)
            self.expect(")", "A parenthesis that opens here should close")
            return self.ago(inside)
        if token.kind == "mark" and token.text == "-":
            of = self.operand(_UNARY)
            return Negative(of, (token.start, of.at[1]))
        if token.kind == "keyword" and token.text == "not":
            of = self.checked(self.expression(_NOT), condition=True)
            return Not(of, (token.start, of.at[1]))
        raise self.fault(
            token, f"A value should stand here, such as close or sma(close, 50), not {told(token)}."
        )

    def ago(self, node: Node) -> Node:
        """Bars ago, as often as it is said: ``close[1]``."""
        while self.ahead("["):
            self.checked(node, condition=False)
            self.take()
            token = self.take()
            whole = token.kind == "number" and not token.percent and token.value == int(token.value)
            if not whole or not 1 <= token.value <= FURTHEST:
                raise self.fault(
                    token, "Bars ago are a whole number from 1: close[1] is the bar before.", ("1",)
                )
            end = self.expect("]", "Bars ago should close here with ]").end
            node = Previous(node, int(token.value), (node.at[0], end))
        return node

    def call(self, name: Token) -> Node:
        args: list[Node | Word] = [] if self.ahead(")") else [self.argument()]
        while args and self.takes(","):
            args.append(self.argument())
        end = self.expect(")", f"The arguments of {name.text} should close here with )").end
        if name.text in FUNCTIONS:
            return self.function(name, args, end)
        entry = found_indicator(name.text)
        if entry is None:
            raise no_function(name)
        line = None
        if self.takes("."):
            line = self.take()
            end = line.end
        made = line_of(entry, name, args, line, self.panels)
        return replace(made, at=(name.start, end))

    def argument(self) -> Node | Word:
        token, after = self.next, self.words[min(self.at + 1, len(self.words) - 1)]
        average = token.kind == "name" and token.text.upper() in AVERAGES and after.text in (",", ")")
        if token.kind == "text" or (average and token.text not in self.panels):
            self.take()
            return Word(token.text, (token.start, token.end))
        return self.operand(_OR)

    def function(self, name: Token, args: list[Node | Word], end: int) -> Node:
        least, most = FUNCTIONS[name.text]
        nodes = tuple(each for each in args if not isinstance(each, Word))
        if not least <= len(args) <= most or len(nodes) < len(args):
            takes = f"{least} value{'s' * (least > 1)}" + (" or more" if most > least else "")
            raise RuleError(f"{name.text} takes {takes}.", name.start, end)
        place = (name.start, end)
        return Known(nodes[0], place) if name.text == "known" else Function(name.text, nodes, place)

    # what goes on from a value ------------------------------------------------------------------------------

    def infix(self, left: Node, power: int) -> Node:
        token = self.take()
        word = token.text
        if word in ("and", "or"):
            return self.joined(left, word, power)
        self.checked(left, condition=False)
        if word in "+-*/":
            right = self.operand(power + 1)
            sign = cast(Literal["+", "-", "*", "/"], word)
            return Arithmetic(left, sign, right, (left.at[0], right.at[1]))
        if word == "not":
            self.expect("between", "After a value, not is followed by between")
            inside = self.between(left)
            return Not(inside, inside.at)
        if word == "between":
            return self.between(left)
        if word in ("cross", "crosses"):
            return self.crossed(left)
        right = self.operand(_SUM)
        relation = cast(Literal["<", "<=", ">", ">=", "=", "!="], word)
        return Comparison(left, relation, right, (left.at[0], right.at[1]))

    def joined(self, left: Node, word: str, power: int) -> Node:
        parts = [self.checked(left, condition=True)]
        while True:
            parts.append(self.checked(self.expression(power + 1), condition=True))
            if not self.takes(word):
                break
        made = And if word == "and" else Or
        return made(tuple(parts), (left.at[0], parts[-1].at[1]))

    def between(self, left: Node) -> Node:
        low = self.operand(_SUM)
        self.expect("and", "between takes two ends joined by and")
        high = self.operand(_SUM)
        return Between(left, low, high, (left.at[0], high.at[1]))

    def crossed(self, left: Node) -> Node:
        if not self.ahead("above", "below"):
            raise self.fault(self.next, "crosses is followed by above or below.", ("above", "below"))
        side = cast(Literal["above", "below"], self.take().text)
        right = self.operand(_SUM)
        return Cross(left, side, right, (left.at[0], right.at[1]))

"""From words to a tree: a Pratt parser (Pratt 1973, "Top down operator precedence").

    or < and < not < comparisons, between, in, top, bottom < + - < * / < - of one < calls, names, parentheses

Comparisons do not chain: ``5 < pe < 15`` is refused with ``between`` as the way to say it.
"""

from __future__ import annotations

from typing import Literal, cast

from engine.quant.expressions import Cursor, Token
from engine.quant.expressions.cursor import told
from engine.quant.screener.errors import ScreenError
from engine.quant.screener.tokens import tokens
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
    Place,
    Text,
)  # fmt: skip

_OR, _AND, _NOT, _RELATION, _SUM, _PRODUCT, _UNARY = range(1, 8)
_POWERS = {
    "or": _OR, "and": _AND, "not": _RELATION, "between": _RELATION, "in": _RELATION, "top": _RELATION,
    "bottom": _RELATION, "+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT,
    **dict.fromkeys(("<", "<=", ">", ">=", "=", "!="), _RELATION),
}  # fmt: skip


def read(text: str) -> Node:
    """The tree of ``text``, its names and types unchecked.

    Raises
    ------
    ScreenError
        Where it is no expression, or nested too deep.
    """
    return _Reader(tokens(text)).whole()


class _Reader(Cursor):
    error = ScreenError

    def whole(self) -> Node:
        if len(self.words) == 1:
            raise ScreenError("There is no expression: type a condition, such as pe < 15.", 0, 0)
        node = self.expression(_OR)
        if self.next.kind != "end":
            raise self.fault(
                self.next,
                f"The expression should end before {told(self.next)}, or go on with and, or.",
                ("and", "or"),
            )
        return node

    def expression(self, least: int) -> Node:
        with self.deeper():
            left = self.prefix()
            while (power := self.power()) >= least:
                left = self.infix(left, power)
                if power == _RELATION and self.power() == _RELATION:
                    raise self.fault(
                        self.next, "Comparisons do not chain: say pe between 5 and 15, or join two with and."
                    )
        return left

    def power(self) -> int:
        return _POWERS.get(self.next.text, 0) if self.next.kind in ("mark", "keyword") else 0

    # what an expression begins with -------------------------------------------------------------------------

    def prefix(self) -> Node:
        token = self.take()
        if token.kind == "number":
            return Number(token.value, token.text, _place(token))
        if token.kind == "text":
            return Text(token.text, _place(token))
        if token.kind == "name":
            return self.call(token) if self.takes("(") else Name(token.text, _place(token))
        if token.text == "(" and token.kind == "mark":
            inside = self.expression(_OR)
            self.expect(")", "A parenthesis that opens here should close")
            return inside
        if token.text == "-" and token.kind == "mark":
            of = self.expression(_UNARY)
            return Negative(of, (token.start, of.at[1]))
        if token.text == "not" and token.kind == "keyword":
            of = self.expression(_NOT)
            return Not(of, (token.start, of.at[1]))
        if token.text in ("top", "bottom") and token.kind == "keyword":
            return self.extreme_by(token)
        raise self.fault(token, f"A field, a number or a parenthesis should stand here, not {told(token)}.")

    def call(self, name: Token) -> Node:
        args = [] if self.next.text == ")" and self.next.kind == "mark" else [self.expression(_OR)]
        while args and self.takes(","):
            args.append(self.expression(_OR))
        end = self.expect(")", f"The arguments of {name.text} should close here with )").end
        within, end = self.within(end)
        return Call(name.text, tuple(args), within, (name.start, end))

    # what goes on from a value ------------------------------------------------------------------------------

    def infix(self, left: Node, power: int) -> Node:
        token = self.take()
        word = token.text
        if word in ("and", "or"):
            return self.joined(left, word, power)
        if word in ("+", "-", "*", "/"):
            right = self.expression(power + 1)
            sign = cast(Literal["+", "-", "*", "/"], word)
            return Arithmetic(left, sign, right, (left.at[0], right.at[1]))
        if word == "not":
            return self.negated(left)
        if word == "between":
            return self.between(left)
        if word == "in":
            return self.contained(left)
        if word in ("top", "bottom"):
            return self.extreme(left, token, left.at[0])
        right = self.expression(_SUM)
        relation = cast(Literal["<", "<=", ">", ">=", "=", "!="], word)
        return Comparison(left, relation, right, (left.at[0], right.at[1]))

    def joined(self, left: Node, word: str, power: int) -> Node:
        parts = [left, self.expression(power + 1)]
        while self.takes(word):
            parts.append(self.expression(power + 1))
        made = And if word == "and" else Or
        return made(tuple(parts), (left.at[0], parts[-1].at[1]))

    def negated(self, left: Node) -> Node:
        if self.takes("in"):
            inside = self.contained(left)
        elif self.takes("between"):
            inside = self.between(left)
        else:
            raise self.fault(self.next, "After a value, not is followed by in or between.", ("in", "between"))
        return Not(inside, inside.at)

    def between(self, left: Node) -> Node:
        low = self.expression(_SUM)
        self.expect("and", "between takes two ends joined by and")
        high = self.expression(_SUM)
        return Between(left, low, high, (left.at[0], high.at[1]))

    def contained(self, left: Node) -> Node:
        self.expect("(", 'in takes a list in parentheses, ("Energy", "Technology")')
        items = [self.expression(_SUM)]
        while self.takes(","):
            items.append(self.expression(_SUM))
        end = self.expect(")", "The list should close here with )").end
        return In(left, tuple(items), (left.at[0], end))

    def extreme_by(self, token: Token) -> Node:
        """``top 10 by mktcap``."""
        count = self.count(token)
        self.expect("by", f"{token.text} {count.text} of what: write mktcap {token.text} {count.text}, or by")
        of = self.expression(_SUM)
        return self.made_extreme(of, token, count, token.start)

    def extreme(self, left: Node, token: Token, start: int) -> Node:
        return self.made_extreme(left, token, self.count(token), start)

    def made_extreme(self, of: Node, token: Token, count: Token, start: int) -> Node:
        within, end = self.within(max(count.end, of.at[1]))
        side = cast(Literal["top", "bottom"], token.text)
        amount = float(count.text[:-1]) if count.percent else count.value
        return Extreme(of, side, amount, count.percent, within, (start, end))

    def count(self, side: Token) -> Token:
        token = self.take()
        if token.kind != "number":
            raise self.fault(
                token, f"{side.text} takes a number or a share: {side.text} 50, {side.text} 20%."
            )
        good = 0 < token.value <= 1 if token.percent else token.value >= 1 and token.value == int(token.value)
        if not good:
            raise self.fault(token, f"{side.text} takes a whole number from 1, or a share up to 100%.")
        return token

    def within(self, end: int) -> tuple[str, int]:
        if not self.takes("within"):
            return "", end
        token = self.take()
        if token.kind != "name":
            raise self.fault(token, "within takes a field of words: within sector.", ("sector",))
        return token.text, token.end


def _place(token: Token) -> Place:
    return (token.start, token.end)
